// SPDX-License-Identifier: MIT
// What is asked for here has been checked by crim_open().
#include "packs/crim.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/crim_layout.h"

void crim_describe(const struct crim_fault *fault, char *text, size_t size)
{
    const unsigned long long offset = fault->offset, needed = fault->needed, had = fault->had;
    const uint8_t *e = fault->expected, *f = fault->found;
    switch (fault->kind) {
    case CRIM_SIGNATURE:
        snprintf(
            text, size,
            "invalid signature at offset %llu: expected [%u, %u, %u, %u], got [%u, %u, %u, %u]",
            offset, e[0], e[1], e[2], e[3], f[0], f[1], f[2], f[3]);
        break;
    case CRIM_SHORT:
        snprintf(text, size, "buffer too small for %s at offset %llu (need %llu bytes, have %llu)",
                 fault->what, offset, needed, had);
        break;
    case CRIM_OFFSET:
        snprintf(text, size, "offset %llu out of bounds for %s (len=%llu)", offset, fault->what,
                 had);
        break;
    case CRIM_SIZE:
        snprintf(text, size, "size %llu out of bounds for %s at offset %llu", had, fault->what,
                 offset);
        break;
    case CRIM_COUNT:
        snprintf(text, size, "invalid count %llu for %s at offset %llu", had, fault->what, offset);
        break;
    case CRIM_TEXT:
        snprintf(text, size, "invalid utf-16 string for %s at offset %llu", fault->what, offset);
        break;
    }
}

static const uint8_t *at(const struct crim *crim, uint32_t offset, uint32_t size)
{
    EVX_CHECK((uint64_t)offset + size <= crim->size);
    return crim->data + offset;
}

struct wevt_provider crim_provider(const struct crim *crim, uint32_t index)
{
    EVX_CHECK(index < crim->provider_count);
    const uint8_t *row =
        at(crim, CRIM_HEADER_BYTES + index * CRIM_PROVIDER_BYTES, CRIM_PROVIDER_BYTES);
    struct wevt_provider provider = {.guid = row, .offset = load_u32(row + 16)};
    const uint8_t *wevt = at(crim, provider.offset, WEVT_HEADER_BYTES);
    provider.message_id = load_u32(wevt + 8);
    provider.element_count = load_u32(wevt + 12);
    return provider;
}

struct wevt_element crim_element(const struct crim *crim, const struct wevt_provider *provider,
                                 uint32_t index)
{
    EVX_CHECK(index < provider->element_count);
    uint32_t pair = provider->offset + WEVT_HEADER_BYTES + WEVT_PAIR_BYTES * index;
    uint32_t offset = load_u32(at(crim, pair, WEVT_PAIR_BYTES) + 4);
    const uint8_t *head = at(crim, offset, ELEMENT_HEADER_BYTES);
    const struct element_layout *layout = element_layout(head);
    struct wevt_element element = {.kind = WEVT_OTHER, .offset = offset};
    if (!layout)
        return element;
    element.kind = layout->kind;
    element.count = load_u32(head + 8);
    if (layout->kind == WEVT_NAMES) { // which nobody needs, so that nobody has checked them
        uint32_t room = (crim->size - offset - layout->header_bytes) / layout->row_bytes;
        element.count = element.count < room ? element.count : room;
    }
    return element;
}

static struct wevt_text text_in(const uint8_t *units, uint32_t limit)
{
    uint32_t count = 0;
    while (count < limit && load_u16(units + 2 * count) != 0)
        count++;
    return (struct wevt_text){units, count};
}

// One with its size in front of it; its offset 0 says that there is none.
static struct wevt_text sized_text(const struct crim *crim, uint32_t offset)
{
    if (offset == 0 || (uint64_t)offset + 4 > crim->size)
        return (struct wevt_text){0};
    uint32_t size = load_u32(crim->data + offset);
    if (size < 4 || size > crim->size - offset)
        return (struct wevt_text){0};
    return text_in(crim->data + offset + 4, (size - 4) / 2);
}

// One that nothing but its NUL ends.
static struct wevt_text plain_text(const struct crim *crim, uint32_t offset)
{
    if (offset == 0 || offset > crim->size)
        return (struct wevt_text){0};
    return text_in(crim->data + offset, (crim->size - offset) / 2);
}

static const uint8_t *row_at(const struct crim *crim, const struct wevt_element *element,
                             uint32_t index)
{
    const struct element_layout *layout = element_layout(at(crim, element->offset, 4));
    EVX_CHECK(layout && layout->row_bytes && index < element->count);
    return at(crim, element->offset + layout->header_bytes + index * layout->row_bytes,
              layout->row_bytes);
}

struct wevt_row crim_row(const struct crim *crim, const struct wevt_element *element,
                         uint32_t index)
{
    const uint8_t *row = row_at(crim, element, index);
    switch (element->kind) {
    case WEVT_CHANNELS:
        return (struct wevt_row){load_u32(row + 8), load_u32(row + 12), load_u32(row),
                                 sized_text(crim, load_u32(row + 4))};
    case WEVT_KEYWORDS:
        return (struct wevt_row){load_u64(row), load_u32(row + 8), 0,
                                 sized_text(crim, load_u32(row + 12))};
    case WEVT_TASKS:
        return (struct wevt_row){load_u32(row), load_u32(row + 4), 0,
                                 sized_text(crim, load_u32(row + 24))};
    case WEVT_NAMES:
        return (struct wevt_row){load_u32(row), UINT32_MAX, 0, plain_text(crim, load_u32(row + 4))};
    default:
        EVX_CHECK(element->kind == WEVT_LEVELS || element->kind == WEVT_OPCODES);
        return (struct wevt_row){load_u32(row), load_u32(row + 4), 0,
                                 sized_text(crim, load_u32(row + 8))};
    }
}

struct wevt_event crim_event(const struct crim *crim, const struct wevt_element *element,
                             uint32_t index)
{
    EVX_CHECK(element->kind == WEVT_EVENTS);
    const uint8_t *row = row_at(crim, element, index);
    return (struct wevt_event){
        .id = load_u16(row),
        .version = row[2],
        .channel = row[3],
        .level = row[4],
        .opcode = row[5],
        .task = load_u16(row + 6),
        .keywords = load_u64(row + 8),
        .message_id = load_u32(row + 16),
        .template_offset = load_u32(row + 20),
    };
}

bool crim_map_at(const struct crim *crim, uint32_t offset, struct wevt_map *ret)
{
    if ((uint64_t)offset + MAP_HEADER_BYTES > crim->size)
        return false;
    const uint8_t *map = crim->data + offset;
    bool is_bits = memcmp(map, "BMAP", 4) == 0;
    uint32_t count = load_u32(map + 16);
    if ((!is_bits && memcmp(map, "VMAP", 4) != 0) ||
        count > (crim->size - offset - MAP_HEADER_BYTES) / 8)
        return false;
    *ret = (struct wevt_map){sized_text(crim, load_u32(map + 8)), is_bits, count,
                             map + MAP_HEADER_BYTES};
    return true;
}

bool crim_map_offset(const struct crim *crim, const struct wevt_element *element, uint32_t index,
                     uint32_t *ret_offset)
{
    EVX_CHECK(element->kind == WEVT_MAPS && index < element->count);
    uint64_t place = (uint64_t)element->offset + ELEMENT_HEADER_BYTES + 4 * (uint64_t)index;
    if (place + 4 > crim->size)
        return false;
    *ret_offset = load_u32(crim->data + place);
    return true;
}

bool crim_map(const struct crim *crim, const struct wevt_element *element, uint32_t index,
              struct wevt_map *ret)
{
    uint32_t offset;
    return crim_map_offset(crim, element, index, &offset) && crim_map_at(crim, offset, ret);
}

struct wevt_walk crim_templates(const struct wevt_element *element)
{
    EVX_CHECK(element->kind == WEVT_TEMPLATES);
    return (struct wevt_walk){element->offset + ELEMENT_HEADER_BYTES, element->count};
}

bool crim_next_template(const struct crim *crim, struct wevt_walk *walk, struct wevt_template *ret)
{
    if (walk->left == 0)
        return false;
    const uint8_t *temp = at(crim, walk->offset, TEMP_HEADER_BYTES);
    uint32_t size = load_u32(temp + 4);
    EVX_CHECK(size >= TEMP_HEADER_BYTES && size <= crim->size - walk->offset);
    *ret = (struct wevt_template){
        .guid = temp + 24,
        .offset = walk->offset,
        .size = size,
        .item_count = load_u32(temp + 8),
        .items_offset = load_u32(temp + 16),
        .body = temp + TEMP_HEADER_BYTES,
        .body_size = size - TEMP_HEADER_BYTES,
    };
    if (ret->item_count > 0) // they are described behind the fragment
        ret->body_size = ret->items_offset - ret->offset - TEMP_HEADER_BYTES;
    EVX_CHECK(ret->body_size <= size - TEMP_HEADER_BYTES);
    walk->offset += size;
    walk->left--;
    return true;
}

struct wevt_item crim_item(const struct crim *crim, const struct wevt_template *template,
                           uint32_t index)
{
    EVX_CHECK(index < template->item_count);
    const uint8_t *item =
        at(crim, template->items_offset + index * TEMP_ITEM_BYTES, TEMP_ITEM_BYTES);
    return (struct wevt_item){
        .flags = load_u32(item),
        .in_type = item[4],
        .out_type = item[5],
        .map_offset = load_u32(item + 8),
        .count = load_u16(item + 12),
        .length = load_u16(item + 14),
        .name = sized_text(crim, load_u32(item + 16)),
    };
}
