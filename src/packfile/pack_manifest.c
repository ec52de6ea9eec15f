// SPDX-License-Identifier: MIT
// WEVT_TEMPLATE resources as models.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "bytes/source.h"
#include "packfile/pack_binary.h"
#include "system/file.h"

enum {
    // Providers may share their tables, but not without end.
    SHARED_TIMES_MAX = 16,
    ROW_COST = 8, // bytes that a row has at least
};

// Where a template or a map lies in the resource, to find which one a row means.
struct place {
    uint32_t offset, index;
};

struct reading {
    struct memory *memory;
    const struct crim *crim;
    struct pack_model model;
    struct list templates, maps; // struct place, of the provider that is read
    uint64_t left;               // bytes that may still be made of the resource
    bool no_memory;
};

static bool spend(struct reading *reading, uint64_t bytes)
{
    bytes += ROW_COST;
    bool fine = bytes <= reading->left;
    reading->left -= fine ? bytes : reading->left;
    return fine;
}

static bool lack_memory(struct reading *reading)
{
    reading->no_memory = true;
    return false;
}

static bool copy(struct reading *reading, struct wevt_text text, struct slice *ret)
{
    return spend(reading, 2 * (uint64_t)text.count) &&
           (pack_model_copy_units(&reading->model, text, ret) || lack_memory(reading));
}

static bool add_place(struct reading *reading, struct list *places, uint32_t offset, size_t index)
{
    struct place *place = list_add(places, reading->memory, sizeof *place);
    if (!place)
        return lack_memory(reading);
    *place = (struct place){offset, (uint32_t)index};
    return true;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

static void sort_places(struct list *places)
{
    if (places->count > 0)
        qsort(places->items, places->count, sizeof(struct place), compare_places);
}

static uint32_t find_place(const struct list *places, uint32_t offset)
{
    const struct place key = {.offset = offset};
    const struct place *found = NULL;
    if (offset != 0 && places->count > 0)
        found = bsearch(&key, places->items, places->count, sizeof key, compare_places);
    return found ? found->index : NO_INDEX;
}

static bool add_maps(struct reading *reading, const struct wevt_element *element)
{
    struct pack_model *model = &reading->model;
    for (uint32_t i = 0; i < element->count; i++) {
        struct wevt_map from;
        uint64_t at = (uint64_t)element->offset + 12 + 4 * (uint64_t)i; // of the map's offset
        if (!spend(reading, 0))
            return false;
        if (!crim_map(reading->crim, element, i, &from))
            continue;
        EVX_CHECK(at + 4 <= reading->crim->size);
        uint32_t index = (uint32_t)model->maps.count;
        struct model_map *map = list_add(&model->maps, model->memory, sizeof *map);
        if (!map)
            return lack_memory(reading);
        map->is_bits = from.is_bits;
        if (!copy(reading, from.name, &map->name) ||
            !add_place(reading, &reading->maps, load_u32(reading->crim->data + at), index))
            return false;
        for (uint32_t k = 0; k < from.count; k++) {
            struct model_map_row *row = NULL;
            if (!spend(reading, 0))
                return false;
            row = list_add(&model->map_rows, model->memory, sizeof *row);
            if (!row)
                return lack_memory(reading);
            *row = (struct model_map_row){index, load_u32(from.rows + 8 * (size_t)k),
                                          load_u32(from.rows + 8 * (size_t)k + 4)};
        }
    }
    return true;
}

static bool add_items(struct reading *reading, const struct wevt_template *template, uint32_t index)
{
    struct pack_model *model = &reading->model;
    for (uint32_t i = 0; i < template->item_count; i++) {
        struct wevt_item from = crim_item(reading->crim, template, i);
        struct model_item *item = list_add(&model->items, model->memory, sizeof *item);
        if (!item)
            return lack_memory(reading);
        *item = (struct model_item){.template_index = index,
                                    .flags = from.flags,
                                    .map_index = find_place(&reading->maps, from.map_offset),
                                    .in_type = from.in_type,
                                    .out_type = from.out_type,
                                    .count = from.count,
                                    .length = from.length};
        if (!copy(reading, from.name, &item->name))
            return false;
    }
    return true;
}

static bool add_templates(struct reading *reading, const struct wevt_element *element)
{
    struct pack_model *model = &reading->model;
    struct wevt_walk walk = crim_templates(element);
    struct wevt_template from;
    while (crim_next_template(reading->crim, &walk, &from)) {
        uint32_t index = (uint32_t)model->templates.count;
        if (!spend(reading, from.body_size))
            return false;
        struct model_template *template =
            list_add(&model->templates, model->memory, sizeof *template);
        if (!template)
            return lack_memory(reading);
        memcpy(template->guid, from.guid, sizeof template->guid);
        template->body = (struct slice){(const char *)from.body, from.body_size};
        if (!add_place(reading, &reading->templates, from.offset, index) ||
            !add_items(reading, &from, index))
            return false;
    }
    return true;
}

static bool add_events(struct reading *reading, const struct wevt_element *element)
{
    struct pack_model *model = &reading->model;
    for (uint32_t i = 0; i < element->count; i++) {
        struct wevt_event from = crim_event(reading->crim, element, i);
        if (!spend(reading, 0))
            return false;
        struct provider_event *event = list_add(&model->events, model->memory, sizeof *event);
        if (!event)
            return lack_memory(reading);
        *event = provider_event_of(&from, find_place(&reading->templates, from.template_offset));
        event->order = i;
    }
    return true;
}

static bool add_names(struct reading *reading, const struct wevt_element *element)
{
    struct pack_model *model = &reading->model;
    for (uint32_t i = 0; i < element->count; i++) {
        struct wevt_row from = crim_row(reading->crim, element, i);
        if (element->kind == WEVT_NAMES) { // the provider's own
            if (!model->name.bytes && !copy(reading, from.name, &model->name))
                return false;
            continue;
        }
        struct model_name *name = list_add(&model->names, model->memory, sizeof *name);
        if (!name)
            return lack_memory(reading);
        *name = (struct model_name){element->kind, from.value, from.message_id, {0}};
        if (!copy(reading, from.name, &name->name))
            return false;
    }
    return true;
}

// Maps come first, since items lead to them, and events last, since they lead to templates.
static bool add_elements(struct reading *reading, const struct wevt_provider *provider, int turn)
{
    for (uint32_t i = 0; i < provider->element_count; i++) {
        struct wevt_element element = crim_element(reading->crim, provider, i);
        bool fine = true;
        if (!spend(reading, 0))
            return false;
        if (element.kind == WEVT_MAPS)
            fine = turn != 0 || add_maps(reading, &element);
        else if (element.kind == WEVT_TEMPLATES)
            fine = turn != 1 || add_templates(reading, &element);
        else if (element.kind == WEVT_EVENTS)
            fine = turn != 2 || add_events(reading, &element);
        else if (element.kind != WEVT_OTHER)
            fine = turn != 2 || add_names(reading, &element);
        if (!fine)
            return false;
    }
    return true;
}

static bool read_provider(struct reading *reading, uint32_t index)
{
    struct wevt_provider provider = crim_provider(reading->crim, index);
    struct pack_model *model = &reading->model;
    EVX_CHECK(index < reading->crim->provider_count);
    pack_model_clear(model);
    reading->templates.count = reading->maps.count = 0;
    model->has_guid = true;
    memcpy(model->guid, provider.guid, sizeof model->guid);
    model->message_id = provider.message_id;
    for (int turn = 0; turn < 3; turn++) {
        if (!add_elements(reading, &provider, turn))
            return false;
        sort_places(&reading->maps);
        sort_places(&reading->templates);
    }
    return true;
}

static enum binary_outcome say(char why[BINARY_WHY_BYTES], const char *text)
{
    snprintf(why, BINARY_WHY_BYTES, "%s", text);
    return BINARY_DAMAGED;
}

enum binary_outcome manifest_visit(struct memory *memory, const uint8_t *bytes, size_t size,
                                   bool (*visit)(void *context, struct pack_model *model),
                                   void *context, char why[BINARY_WHY_BYTES])
{
    struct crim crim;
    struct crim_fault fault;
    enum binary_outcome outcome = BINARY_FINE;
    if (!crim_open(bytes, size, &crim, &fault)) {
        crim_describe(&fault, why, BINARY_WHY_BYTES);
        return BINARY_DAMAGED;
    }
    struct reading reading = {
        .memory = memory, .crim = &crim, .left = SHARED_TIMES_MAX * (uint64_t)size};
    pack_model_init(&reading.model, memory);
    for (uint32_t i = 0; i < crim.provider_count && outcome == BINARY_FINE; i++) {
        if (read_provider(&reading, i))
            outcome = visit(context, &reading.model) ? BINARY_FINE : BINARY_PACK_FAULT;
        else if (reading.no_memory)
            outcome = say(why, "not enough memory");
        else
            outcome = say(why, "its providers share more than there is");
    }
    list_destroy(&reading.templates, memory, sizeof(struct place));
    list_destroy(&reading.maps, memory, sizeof(struct place));
    pack_model_destroy(&reading.model);
    return outcome;
}

enum binary_outcome binary_read_manifest(struct memory *memory, int fd,
                                         const struct binary_manifest *manifest,
                                         bool (*visit)(void *context, struct pack_model *model),
                                         void *context, int *ret_errno, char why[BINARY_WHY_BYTES])
{
    EVX_CHECK(manifest->size > 0);
    uint8_t *bytes = memory_allocate(memory, manifest->size);
    if (!bytes)
        return say(why, "not enough memory");
    errno = 0;
    int64_t n = file_read_at(fd, bytes, manifest->size, manifest->offset);
    enum binary_outcome outcome = BINARY_REFUSED;
    *ret_errno = errno ? errno : EIO;
    if (n == manifest->size)
        outcome = manifest_visit(memory, bytes, manifest->size, visit, context, why);
    memory_release(memory, bytes, manifest->size);
    return outcome;
}
