// SPDX-License-Identifier: MIT
// The index of a pack.
#include "packs/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/pack_build.h"

void pack_init(struct pack *pack, struct memory *memory)
{
    *pack = (struct pack){.memory = memory};
}

// Nothing is no block of memory.
static size_t block_bytes(size_t size)
{
    return size ? size : 1;
}

void pack_destroy(struct pack *pack)
{
    struct memory *memory = pack->memory;
    for (size_t i = 0; i < pack->blob_count; i++)
        memory_release(memory, pack->blobs[i].data, block_bytes(pack->blobs[i].size));
    memory_release(memory, pack->blobs, pack->blob_capacity * sizeof *pack->blobs);
    memory_release(memory, pack->templates, pack->template_capacity * sizeof *pack->templates);
    memory_release(memory, pack->events, pack->event_capacity * sizeof *pack->events);
    pack_init(pack, memory);
}

// Room for one more of `count` objects; NULL without memory, else where they are now.
static void *grow(struct memory *memory, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    EVX_CHECK(count == *capacity);
    size_t more = *capacity ? 2 * *capacity : 16;
    void *grown = memory_reallocate(memory, list, *capacity * size, more * size);
    if (grown)
        *capacity = more;
    return grown;
}

uint8_t *pack_add_blob(struct pack *pack, size_t size)
{
    struct pack_blob *blobs = grow(pack->memory, pack->blobs, pack->blob_count,
                                   &pack->blob_capacity, sizeof *pack->blobs);
    if (!blobs)
        return NULL;
    pack->blobs = blobs;
    struct pack_blob *blob = &pack->blobs[pack->blob_count];
    *blob = (struct pack_blob){.size = size};
    blob->data = memory_allocate(pack->memory, block_bytes(size));
    if (!blob->data)
        return NULL;
    pack->blob_count++;
    return blob->data;
}

bool pack_put_template(struct pack *pack, const uint8_t *guid, const uint8_t *body,
                       uint32_t body_size)
{
    struct pack_template *templates = grow(pack->memory, pack->templates, pack->template_count,
                                           &pack->template_capacity, sizeof *pack->templates);
    if (!templates)
        return false;
    pack->templates = templates;
    pack->templates[pack->template_count] =
        (struct pack_template){guid, body, body_size, (uint32_t)pack->template_count};
    pack->template_count++;
    return true;
}

bool pack_put_event(struct pack *pack, const uint8_t *provider, uint16_t id, uint8_t version,
                    const uint8_t *template_guid)
{
    struct pack_event *events = grow(pack->memory, pack->events, pack->event_count,
                                     &pack->event_capacity, sizeof *pack->events);
    if (!events)
        return false;
    pack->events = events;
    pack->events[pack->event_count] =
        (struct pack_event){provider, template_guid, id, version, (uint32_t)pack->event_count};
    pack->event_count++;
    return true;
}

// The templates of one provider are read as one run of the list; a template lies in front of the
// next one in memory as long as they are of one table.
struct template_run {
    const struct pack_template *first;
    size_t count;
};

static int compare_places(const void *a, const void *b)
{
    const uint8_t *left = ((const struct pack_template *)a)->guid;
    const uint8_t *right = ((const struct pack_template *)b)->guid;
    return left < right ? -1 : left > right;
}

static const struct pack_template *find_place(const struct template_run *run, const uint8_t *guid)
{
    const struct pack_template key = {.guid = guid};
    return run->count ? bsearch(&key, run->first, run->count, sizeof key, compare_places) : NULL;
}

static bool add_templates_of(struct pack *pack, const struct crim *crim,
                             const struct wevt_provider *provider)
{
    for (uint32_t i = 0; i < provider->element_count; i++) {
        struct wevt_element element = crim_element(crim, provider, i);
        struct wevt_template template;
        if (element.kind != WEVT_TEMPLATES)
            continue;
        struct wevt_walk walk = crim_templates(&element);
        while (crim_next_template(crim, &walk, &template))
            if (!pack_put_template(pack, template.guid, template.body, template.body_size))
                return false;
    }
    return true;
}

static bool add_events_of(struct pack *pack, const struct crim *crim,
                          const struct wevt_provider *provider, const struct template_run *run)
{
    enum { GUID_OFFSET = 24 }; // of a template
    for (uint32_t i = 0; i < provider->element_count; i++) {
        struct wevt_element element = crim_element(crim, provider, i);
        for (uint32_t k = 0; element.kind == WEVT_EVENTS && k < element.count; k++) {
            struct wevt_event event = crim_event(crim, &element, k);
            uint64_t guid = (uint64_t)event.template_offset + GUID_OFFSET;
            if (event.template_offset == 0 || guid + 16 > crim->size)
                continue;
            if (find_place(run, crim->data + guid) &&
                !pack_put_event(pack, provider->guid, event.id, event.version, crim->data + guid))
                return false;
        }
    }
    return true;
}

static bool add_provider(struct pack *pack, const struct crim *crim, uint32_t index)
{
    struct wevt_provider provider = crim_provider(crim, index);
    size_t first = pack->template_count;
    if (!add_templates_of(pack, crim, &provider))
        return false;
    struct template_run run = {NULL, pack->template_count - first};
    if (run.count > 0) {
        run.first = pack->templates + first;
        qsort(pack->templates + first, run.count, sizeof *run.first, compare_places);
    }
    return add_events_of(pack, crim, &provider, &run);
}

static int compare_guids(const void *a, const void *b)
{
    return memcmp(((const struct pack_template *)a)->guid, ((const struct pack_template *)b)->guid,
                  16);
}

static int compare_templates(const void *a, const void *b)
{
    const struct pack_template *left = a, *right = b;
    int order = compare_guids(left, right);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

static int compare_keys(const void *a, const void *b)
{
    const struct pack_event *left = a, *right = b;
    int order = memcmp(left->provider, right->provider, 16);
    if (order)
        return order;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->version < right->version ? -1 : left->version > right->version;
}

static int compare_events(const void *a, const void *b)
{
    const struct pack_event *left = a, *right = b;
    int order = compare_keys(left, right);
    return order ? order : left->order > right->order ? -1 : left->order < right->order;
}

void pack_sort(struct pack *pack)
{
    size_t kept = 0;
    if (pack->template_count > 0)
        qsort(pack->templates, pack->template_count, sizeof *pack->templates, compare_templates);
    for (size_t i = 0; i < pack->template_count; i++)
        if (kept == 0 || compare_guids(&pack->templates[kept - 1], &pack->templates[i]) != 0)
            pack->templates[kept++] = pack->templates[i];
    pack->template_count = kept;
    kept = 0;
    if (pack->event_count > 0)
        qsort(pack->events, pack->event_count, sizeof *pack->events, compare_events);
    for (size_t i = 0; i < pack->event_count; i++)
        if (kept == 0 || compare_keys(&pack->events[kept - 1], &pack->events[i]) != 0)
            pack->events[kept++] = pack->events[i];
    pack->event_count = kept;
}

bool pack_index(struct pack *pack, struct pack_fault *ret_fault)
{
    *ret_fault = (struct pack_fault){.kind = PACK_NO_MEMORY};
    for (size_t i = 0; i < pack->blob_count; i++) {
        struct pack_blob *blob = &pack->blobs[i];
        struct crim_fault fault;
        blob->is_usable = crim_open(blob->data, blob->size, &blob->crim, &fault);
        if (!blob->is_usable && pack->refused_count++ == 0)
            pack->first_fault = fault;
        for (uint32_t k = 0; blob->is_usable && k < blob->crim.provider_count; k++)
            if (!add_provider(pack, &blob->crim, k))
                return false;
    }
    pack_sort(pack);
    *ret_fault = (struct pack_fault){.kind = PACK_BLOB};
    return pack->refused_count == 0 || pack->refused_count < pack->blob_count;
}

const struct pack_template *pack_find_template(const struct pack *pack, const uint8_t guid[16])
{
    const struct pack_template key = {.guid = guid};
    if (pack->template_count == 0)
        return NULL;
    return bsearch(&key, pack->templates, pack->template_count, sizeof key, compare_guids);
}

const struct pack_template *pack_find_id(const struct pack *pack, uint32_t id, size_t index)
{
    uint8_t lowest[16] = {0};
    store_u32(lowest, id);
    size_t from = 0, end = pack->template_count;
    while (from < end) {
        const size_t middle = from + (end - from) / 2;
        if (memcmp(pack->templates[middle].guid, lowest, 16) < 0)
            from = middle + 1;
        else
            end = middle;
    }
    if (index >= pack->template_count - from)
        return NULL;
    const struct pack_template *found = &pack->templates[from + index];
    return load_u32(found->guid) == id ? found : NULL;
}

const struct pack_event *pack_find_event(const struct pack *pack, const uint8_t provider[16],
                                         uint16_t id, uint8_t version)
{
    const struct pack_event key = {.provider = provider, .id = id, .version = version};
    if (pack->event_count == 0)
        return NULL;
    return bsearch(&key, pack->events, pack->event_count, sizeof key, compare_keys);
}
