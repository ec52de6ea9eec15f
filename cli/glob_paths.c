// SPDX-License-Identifier: MIT
#include "glob_paths.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "system/folder.h"
#include "utf8.h"

enum { FOLDERS_DEEP_MAX = 256 }; // below one **

static char *syntax_error(size_t position, const char *text)
{
    char *message;
    if (asprintf(&message, "Pattern syntax error near position %zu: %s", position, text) < 0)
        report_no_memory();
    return message;
}

// Bytes of the class at "[", or 0 when it does not end. A ] in front belongs to it.
static size_t class_size(const char *pattern)
{
    const char *first = pattern + 1 + (pattern[1] == '!');
    const char *end = *first ? strchr(first + 1, ']') : NULL;
    return end ? (size_t)(end - pattern) + 1 : 0;
}

static size_t count_characters(const char *from, const char *to)
{
    size_t count = 0;
    uint32_t code;
    for (; from < to; from += utf8_next(from, &code))
        count++;
    return count;
}

char *glob_check(const char *pattern)
{
    const char *p = pattern;
    while (*p) {
        size_t at = count_characters(pattern, p);
        if (*p == '[') {
            size_t size = class_size(p);
            if (size == 0)
                return syntax_error(at, "invalid range pattern");
            p += size;
            continue;
        }
        size_t stars = strspn(p, "*");
        if (stars > 2)
            return syntax_error(at + 2, "wildcards are either regular `*` or recursive `**`");
        if (stars == 2 && p > pattern && p[-1] != '/')
            return syntax_error(at - 1, "recursive wildcards must form a single path component");
        if (stars == 2 && p[2] && p[2] != '/')
            return syntax_error(at + 2, "recursive wildcards must form a single path component");
        p += stars ? stars : 1;
    }
    return NULL;
}

// Whether the class of this size at "[" holds the character.
static bool class_has(const char *pattern, size_t size, uint32_t code)
{
    bool is_negated = pattern[1] == '!', is_in = false;
    const char *p = pattern + 1 + is_negated, *end = pattern + size - 1;
    while (p < end) {
        uint32_t low, high;
        p += utf8_next(p, &low);
        high = low;
        if (p + 1 < end && *p == '-')
            p += 1 + utf8_next(p + 1, &high);
        is_in |= code >= low && code <= high;
    }
    return is_in != is_negated;
}

// Whether a name fits a component of a pattern. Goes back to the last * only: time is their
// product.
static bool fits(const char *pattern, const char *name)
{
    const char *star = NULL, *star_name = NULL;
    while (*name) {
        uint32_t code;
        size_t size = utf8_next(name, &code), class = *pattern == '[' ? class_size(pattern) : 0;
        if (*pattern == '*') {
            star = ++pattern;
            star_name = name;
        } else if (class ? class_has(pattern, class, code)
                         : *pattern && (*pattern == '?' || memcmp(pattern, name, 1) == 0)) {
            pattern += class ? class : 1;
            name += class || pattern[-1] == '?' ? size : 1;
        } else if (star) {
            pattern = star;
            star_name += utf8_next(star_name, &code);
            name = star_name;
        } else {
            return false;
        }
    }
    pattern += strspn(pattern, "*");
    return !*pattern;
}

static bool has_wildcards(const char *component)
{
    return strpbrk(component, "?*[") != NULL;
}

static bool is_folder(const char *path)
{
    struct file_status status;
    return file_find_status(path, &status) && status.kind == FILE_KIND_FOLDER;
}

struct expansion {
    char **components; // of the pattern
    size_t count;
    bool wants_folder; // a slash ends the pattern
    struct path_set *set;
};

// Paths that are reached, each with the component that comes next: a list instead of recursion.
struct place {
    char *path; // "": the current folder
    size_t next;
    unsigned depth; // below the last **
};

struct places {
    struct place *list;
    size_t count, capacity;
};

static void push(struct places *places, char *path, size_t next, unsigned depth)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity ? 2 * places->capacity : 64;
        struct place *list = realloc(places->list, capacity * sizeof *list);
        if (!list)
            report_no_memory();
        places->list = list;
        places->capacity = capacity;
    }
    places->list[places->count++] = (struct place){path, next, depth};
}

static char *copy(const char *text)
{
    char *path = strdup(text);
    if (!path)
        report_no_memory();
    return path;
}

static void report_folder(const char *folder)
{
    char text[256];
    report_os_text(errno, text, sizeof text);
    report_line("glob entry error: attempting to read `%s` resulted in an error: %s", folder, text);
}

// What is in the folder and fits the component; below ** everything, and its folders once more.
static void push_entries(struct places *places, const struct place *place, const char *component)
{
    bool is_recursive = strcmp(component, "**") == 0;
    const char *folder = *place->path ? place->path : ".";
    const char *name;
    enum file_kind kind;
    if (!is_folder(folder))
        return;
    struct folder_reader *entries = folder_open(folder);
    if (!entries) {
        report_folder(folder);
        return;
    }
    while ((name = folder_next(entries, &kind)) != NULL) {
        if (!is_recursive && !fits(component, name))
            continue;
        char *path = *place->path ? path_join(place->path, name) : copy(name);
        if (!is_recursive)
            push(places, path, place->next + 1, 0);
        else if (kind == FILE_KIND_FOLDER && place->depth < FOLDERS_DEEP_MAX)
            push(places, path, place->next, place->depth + 1); // links are not followed: no cycles
        else
            free(path);
    }
    folder_close(entries);
}

static void visit(struct places *places, const struct expansion *expansion,
                  const struct place *place)
{
    if (place->next == expansion->count) {
        if (*place->path && (!expansion->wants_folder || is_folder(place->path)))
            path_set_add(expansion->set, place->path);
        return;
    }
    const char *component = expansion->components[place->next];
    if (strcmp(component, "**") == 0) {
        // No folder at all is a number of folders, too; at the end of a pattern only folders fit.
        if (place->next + 1 < expansion->count || place->depth > 0)
            push(places, copy(place->path), place->next + 1, 0);
        push_entries(places, place, component);
    } else if (has_wildcards(component)) {
        push_entries(places, place, component);
    } else {
        struct file_status status;
        char *path = *place->path ? path_join(place->path, component) : copy(component);
        if (file_find_status(path, &status))
            push(places, path, place->next + 1, 0);
        else
            free(path);
    }
}

void glob_expand(const char *pattern, struct path_set *set)
{
    size_t size = strlen(pattern);
    struct expansion expansion = {.set = set, .wants_folder = size && pattern[size - 1] == '/'};
    char *text = copy(pattern), *rest = text, *component;
    expansion.components = malloc((size + 1) * sizeof *expansion.components);
    if (!expansion.components)
        report_no_memory();
    while ((component = strsep(&rest, "/")) != NULL)
        if (*component)
            expansion.components[expansion.count++] = component;
    struct places places = {0};
    if (size > 0)
        push(&places, copy(*pattern == '/' ? "/" : ""), 0, 0);
    while (places.count > 0) {
        struct place place = places.list[--places.count];
        visit(&places, &expansion, &place);
        free(place.path);
    }
    free(places.list);
    free(expansion.components);
    free(text);
}
