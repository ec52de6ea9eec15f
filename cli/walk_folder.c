// SPDX-License-Identifier: MIT
#include "walk_folder.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "system/folder.h"

struct place {
    char *path;
    size_t name_at; // where its last part begins
    enum file_kind kind;
};

// What is still to be visited, the next one last: a list instead of recursion.
struct places {
    struct place *items;
    size_t count, capacity;
};

static void push(struct places *places, const char *folder, const char *name, enum file_kind kind)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity ? 2 * places->capacity : 64;
        struct place *items = realloc(places->items, capacity * sizeof *items);
        if (!items)
            report_no_memory();
        places->items = items;
        places->capacity = capacity;
    }
    struct place *place = &places->items[places->count++];
    size_t size = strlen(folder);
    const char *between = size > 0 && name && !file_is_separator(folder[size - 1]) ? "/" : "";
    place->name_at = size + strlen(between);
    place->kind = kind;
    if (asprintf(&place->path, "%s%s%s", folder, between, name ? name : "") < 0)
        report_no_memory();
}

static int compare_backwards(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    return strcmp(right->path + right->name_at, left->path + left->name_at);
}

static void read_folder(struct places *places, const char *path,
                        const struct folder_visitor *visitor)
{
    const size_t first = places->count;
    struct folder_reader *reader = folder_open(path);
    const char *name;
    enum file_kind kind;
    while (reader && (name = folder_next(reader, &kind)) != NULL)
        push(places, path, name, kind);
    if (errno || !reader)
        visitor->refused(visitor->context, path, errno);
    if (reader)
        folder_close(reader);
    if (places->count > first)
        qsort(places->items + first, places->count - first, sizeof *places->items,
              compare_backwards);
}

void walk_folder(const char *root, const struct folder_visitor *visitor)
{
    struct places places = {0};
    push(&places, root, NULL, FILE_KIND_FOLDER);
    while (places.count > 0) {
        struct place place = places.items[--places.count];
        if (place.kind == FILE_KIND_FOLDER)
            read_folder(&places, place.path, visitor);
        else
            visitor->file(visitor->context, place.path, place.path + place.name_at, place.kind);
        free(place.path);
    }
    free(places.items);
}
