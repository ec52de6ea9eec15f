// SPDX-License-Identifier: MIT
#include "path_set.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct entry {
    char *path;
    size_t order; // in which it was added
};

void path_set_add(struct path_set *set, const char *path)
{
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? 2 * set->capacity : 64;
        char **paths = realloc(set->paths, capacity * sizeof *paths);
        if (!paths)
            report_no_memory();
        set->paths = paths;
        set->capacity = capacity;
    }
    set->paths[set->count] = strdup(path);
    if (!set->paths[set->count++])
        report_no_memory();
}

// Kinds of components, in their order.
enum component_kind { END, ROOT, CURRENT, PARENT, NORMAL };

struct component {
    enum component_kind kind;
    const char *text;
    size_t size;
};

static struct component next_component(const char *path, const char **at)
{
    const char *p = *at;
    if (p == path && *p == '/') {
        *at = p + 1;
        return (struct component){.kind = ROOT};
    }
    for (;;) {
        bool is_first = p == path;
        p += strspn(p, "/");
        size_t size = strcspn(p, "/");
        *at = p + size;
        struct component component = {NORMAL, p, size};
        if (size == 0)
            return (struct component){.kind = END};
        if (size == 2 && memcmp(p, "..", 2) == 0)
            component.kind = PARENT;
        if (size == 1 && *p == '.')
            component.kind = CURRENT;
        if (component.kind != CURRENT || is_first)
            return component;
        p += size;
    }
}

static int compare_paths(const char *a, const char *b)
{
    const char *at_a = a, *at_b = b;
    for (;;) {
        struct component left = next_component(a, &at_a), right = next_component(b, &at_b);
        if (left.kind != right.kind)
            return left.kind < right.kind ? -1 : 1;
        if (left.kind == END)
            return 0;
        size_t size = left.size < right.size ? left.size : right.size;
        int order = left.kind == NORMAL ? memcmp(left.text, right.text, size) : 0;
        if (order || left.size != right.size)
            return order ? order : left.size < right.size ? -1 : 1;
    }
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_paths(left->path, right->path);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

void path_set_sort(struct path_set *set)
{
    struct entry *entries = malloc((set->count + 1) * sizeof *entries);
    size_t kept = 0;
    if (!entries)
        report_no_memory();
    for (size_t i = 0; i < set->count; i++)
        entries[i] = (struct entry){set->paths[i], i};
    qsort(entries, set->count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < set->count; i++) {
        if (kept > 0 && compare_paths(set->paths[kept - 1], entries[i].path) == 0)
            free(entries[i].path);
        else
            set->paths[kept++] = entries[i].path;
    }
    set->count = kept;
    free(entries);
}

void path_set_free(struct path_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->paths[i]);
    free(set->paths);
    *set = (struct path_set){0};
}

char *path_join(const char *folder, const char *name)
{
    char *path;
    size_t size = strlen(folder);
    const char *slash = size > 0 && folder[size - 1] != '/' ? "/" : "";
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
        report_no_memory();
    return path;
}

const char *path_extension(const char *path, size_t *ret_size)
{
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    for (size_t dot = end; dot-- > start + 1;)
        if (path[dot] == '.') {
            *ret_size = end - dot - 1;
            // ".." has no extension.
            return end - start == 2 && path[start] == '.' ? NULL : path + dot + 1;
        }
    return NULL;
}
