// SPDX-License-Identifier: MIT
// Guards .wevtcache files and the resources in them: all that is read of them, and every template decoded. Bytes
// that are no cache are taken for a resource.
#include <stdlib.h>
#include <string.h>

#include "packs/definitions.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint64_t sum_text(struct wevt_text text)
{
    return text.count ? text.units[0] + text.units[2 * text.count - 1] : 0;
}

static uint64_t sum_template(const struct crim *crim, const struct wevt_template *template)
{
    uint64_t sum = template->guid[15];
    for (uint32_t i = 0; i < template->item_count; i++) {
        struct wevt_item item = crim_item(crim, template, i);
        sum += item.flags + sum_text(item.name);
    }
    return sum + (template->body_size ? template->body[template->body_size - 1] : 0);
}

static uint64_t sum_element(const struct crim *crim, const struct wevt_element *element)
{
    uint64_t sum = 0;
    if (element->kind == WEVT_TEMPLATES) {
        struct wevt_walk walk = crim_templates(element);
        struct wevt_template template;
        while (crim_next_template(crim, &walk, &template))
            sum += sum_template(crim, &template);
        return sum;
    }
    for (uint32_t i = 0; element->kind != WEVT_OTHER && i < element->count && i < 1000; i++) {
        struct wevt_map map;
        if (element->kind == WEVT_EVENTS)
            sum += crim_event(crim, element, i).keywords;
        else if (element->kind != WEVT_MAPS)
            sum += sum_text(crim_row(crim, element, i).name);
        else if (crim_map(crim, element, i, &map))
            sum += sum_text(map.name) + (map.count ? map.rows[8 * map.count - 1] : 0);
    }
    return sum;
}

static uint64_t sum_blob(const struct crim *crim)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < crim->provider_count && i < 1000; i++) {
        struct wevt_provider provider = crim_provider(crim, i);
        for (uint32_t k = 0; k < provider.element_count && k < 1000; k++) {
            struct wevt_element element = crim_element(crim, &provider, k);
            sum += sum_element(crim, &element);
        }
    }
    return sum;
}

static void decode_all(const struct pack *pack, struct memory *memory)
{
    struct store numbers;
    struct definitions definitions;
    if (!store_init(&numbers, memory))
        abort();
    if (!definitions_init(&definitions, pack, memory, &numbers))
        abort();
    for (size_t i = 0; i < pack->template_count && i < 1000; i++) {
        const struct template *template =
            definitions.outside.find(&definitions.outside, pack->templates[i].guid);
        if (template && (!template->is_outside || template->node_count == 0))
            abort();
    }
    definitions_destroy(&definitions);
    store_destroy(&numbers);
}

static bool read_as_resource(struct pack *pack, const uint8_t *bytes, size_t size)
{
    struct pack_fault fault;
    uint8_t *cache = malloc(size + 25);
    if (!cache)
        abort();
    memcpy(cache, "WEVTCACH\1\0\0\0\1\0\0\0\1", 17);
    memcpy(cache + 17, &(uint64_t){size}, 8);
    memcpy(cache + 25, bytes, size);
    bool fine = pack_parse_wevtcache(pack, cache, size + 25, &fault);
    free(cache);
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static volatile uint64_t sum;
    struct memory memory;
    struct pack pack;
    struct pack_fault fault;
    memory_init(&memory, NULL);
    pack_init(&pack, &memory);
    bool is_cache = size >= 8 && memcmp(bytes, WEVTCACHE_MAGIC, 8) == 0;
    bool fine = is_cache ? pack_parse_wevtcache(&pack, bytes, size, &fault)
                         : size > 0 && read_as_resource(&pack, bytes, size);
    if (fine) {
        for (size_t i = 0; i < pack.blob_count; i++)
            if (pack.blobs[i].is_usable)
                sum += sum_blob(&pack.blobs[i].crim);
        decode_all(&pack, &memory);
    }
    pack_destroy(&pack);
    return 0;
}
