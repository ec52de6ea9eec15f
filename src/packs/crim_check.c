// SPDX-License-Identifier: MIT
// Whether a WEVT_TEMPLATE resource is what it should be, as strict as the reference. The work is
// bounded by the size of the resource: its parts do not overlap unless somebody wants to waste
// time.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/crim_layout.h"

const struct element_layout *element_layout(const uint8_t *signature)
{
#define ELEMENT(sign, kind, header, row, name)                                                     \
    {                                                                                              \
        sign, kind, header, row, name, sign " header", sign ".size", sign " definitions array",    \
            sign " name"                                                                           \
    }
    static const struct element_layout layouts[] = {
        ELEMENT("CHAN", WEVT_CHANNELS, 12, 16, 4), ELEMENT("KEYW", WEVT_KEYWORDS, 12, 16, 12),
        ELEMENT("LEVL", WEVT_LEVELS, 12, 12, 8),   ELEMENT("OPCO", WEVT_OPCODES, 12, 12, 8),
        ELEMENT("TASK", WEVT_TASKS, 12, 28, 24),   ELEMENT("EVNT", WEVT_EVENTS, 16, 48, 0),
        ELEMENT("PRVA", WEVT_NAMES, 12, 8, 0),     ELEMENT("MAPS", WEVT_MAPS, 12, 0, 0),
        ELEMENT("TTBL", WEVT_TEMPLATES, 12, 0, 0),
    };
#undef ELEMENT
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (memcmp(layouts[i].signature, signature, 4) == 0)
            return &layouts[i];
    return NULL;
}

struct check {
    const uint8_t *data;
    uint64_t size;
    uint64_t steps_left; // rows, templates and items
    uint64_t text_left;  // bytes of texts that are read
    struct crim_fault fault;
};

static bool fault_of(struct check *check, struct crim_fault fault)
{
    check->fault = fault;
    return false;
}

static bool need(struct check *check, uint64_t offset, uint64_t size, const char *what)
{
    uint64_t had = offset < check->size ? check->size - offset : 0;
    return size <= had || fault_of(check, (struct crim_fault){.kind = CRIM_SHORT,
                                                              .what = what,
                                                              .offset = offset,
                                                              .needed = size,
                                                              .had = had});
}

static bool bad_size(struct check *check, const char *what, uint64_t offset, uint64_t size)
{
    return fault_of(
        check, (struct crim_fault){.kind = CRIM_SIZE, .what = what, .offset = offset, .had = size});
}

static bool bad_count(struct check *check, const char *what, uint64_t offset, uint64_t count)
{
    return fault_of(check, (struct crim_fault){
                               .kind = CRIM_COUNT, .what = what, .offset = offset, .had = count});
}

static bool bad_offset(struct check *check, const char *what, uint64_t offset)
{
    return fault_of(check,
                    (struct crim_fault){
                        .kind = CRIM_OFFSET, .what = what, .offset = offset, .had = check->size});
}

// Honest resources have more bytes than rows.
static bool step(struct check *check, uint64_t count, uint64_t offset, const char *what)
{
    if (count > check->steps_left)
        return bad_count(check, what, offset, count);
    check->steps_left -= count;
    return true;
}

static bool is_signed(struct check *check, uint64_t offset, const char *signature)
{
    EVX_CHECK(offset + 4 <= check->size);
    if (memcmp(check->data + offset, signature, 4) == 0)
        return true;
    struct crim_fault fault = {.kind = CRIM_SIGNATURE, .offset = offset};
    memcpy(fault.expected, signature, 4);
    memcpy(fault.found, check->data + offset, 4);
    return fault_of(check, fault);
}

// Of `count` units up to the first NUL.
static bool is_utf16(const uint8_t *units, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint16_t unit = load_u16(units + 2 * i);
        if (unit == 0)
            return true;
        if (unit < 0xD800 || unit > 0xDFFF)
            continue;
        if (unit > 0xDBFF || i + 1 >= count || (load_u16(units + 2 * i + 2) & 0xFC00) != 0xDC00)
            return false;
        i++;
    }
    return true;
}

// A text with its size in front of it, in front of `end`. Rows may share texts; those who let them
// overlap a thousand times are believed at last.
static bool check_text(struct check *check, uint64_t offset, uint64_t end, const char *what)
{
    EVX_CHECK(end <= check->size);
    if (offset >= end)
        return bad_offset(check, what, offset);
    if (end - offset < 4)
        return need(check, offset, 4, what);
    uint64_t size = load_u32(check->data + offset);
    if (size < 4 || size > end - offset)
        return bad_size(check, what, offset, size);
    if (size > check->text_left)
        return true;
    check->text_left -= size;
    if (size % 2 != 0 || !is_utf16(check->data + offset + 4, (size - 4) / 2))
        return fault_of(check,
                        (struct crim_fault){.kind = CRIM_TEXT, .what = what, .offset = offset});
    return true;
}

// Where a table ends by its header, or by its count of rows where the header has no size.
static bool check_table_end(struct check *check, uint64_t offset,
                            const struct element_layout *layout, uint64_t *ret_end)
{
    uint64_t size = load_u32(check->data + offset + 4);
    uint64_t count = load_u32(check->data + offset + 8);
    uint64_t rows = count * layout->row_bytes;
    if (size == 0)
        size = layout->header_bytes + rows;
    else if (size < layout->header_bytes)
        return bad_size(check, layout->what_size, offset + 4, size);
    if (size > check->size - offset)
        return bad_size(check, layout->what_size, offset + 4, size);
    if (rows > size - layout->header_bytes)
        return bad_count(check, layout->what_rows, offset + 8, count);
    *ret_end = offset + size;
    return true;
}

static bool check_rows(struct check *check, uint64_t offset, const struct element_layout *layout)
{
    uint64_t end, count = load_u32(check->data + offset + 8);
    if (!check_table_end(check, offset, layout, &end) ||
        !step(check, count, offset + 8, layout->what_rows))
        return false;
    uint64_t row = offset + layout->header_bytes;
    for (uint64_t i = 0; i < count && layout->name_offset; i++, row += layout->row_bytes) {
        uint32_t name = load_u32(check->data + row + layout->name_offset);
        if (name != 0 && !check_text(check, name, check->size, layout->what_name))
            return false;
    }
    return true;
}

static bool check_items(struct check *check, uint64_t temp, uint64_t end)
{
    const uint8_t *head = check->data + temp;
    uint64_t items = load_u32(head + 8), names = load_u32(head + 12), at = load_u32(head + 16);
    if (items == 0) {
        if (names != 0)
            return bad_count(check, "TEMP.item_name_count", temp + 12, names);
        return at == 0 || at == end || bad_offset(check, "TEMP.template_items_offset", at);
    }
    if (at < temp + TEMP_HEADER_BYTES || at > end)
        return bad_offset(check, "TEMP.template_items_offset (relative)",
                          at < temp ? at : at - temp);
    uint64_t had = end - at;
    if (items * TEMP_ITEM_BYTES > had)
        return fault_of(check, (struct crim_fault){.kind = CRIM_SHORT,
                                                   .what = "template item descriptors",
                                                   .offset = at,
                                                   .needed = items * TEMP_ITEM_BYTES,
                                                   .had = had});
    if (!step(check, items, temp + 8, "template item descriptors"))
        return false;
    uint64_t behind = at + items * TEMP_ITEM_BYTES;
    for (uint64_t i = 0; i < items; i++) {
        uint32_t name = load_u32(check->data + at + i * TEMP_ITEM_BYTES + 16);
        if (name == 0)
            continue;
        if (name < behind)
            return bad_offset(check, "template item name", name);
        if (!check_text(check, name, end, "template item name"))
            return false;
    }
    return true;
}

static bool check_templates(struct check *check, uint64_t offset)
{
    uint64_t size = load_u32(check->data + offset + 4);
    uint64_t count = load_u32(check->data + offset + 8);
    uint64_t end = size ? offset + size : check->size;
    if ((size && size < ELEMENT_HEADER_BYTES) || end > check->size)
        return bad_size(check, "TTBL.size", offset + 4, size);
    uint64_t temp = offset + ELEMENT_HEADER_BYTES;
    for (uint64_t i = 0; i < count; i++) {
        if (!step(check, 1, offset + 8, "TTBL templates"))
            return false;
        if (end - temp < TEMP_HEADER_BYTES)
            return fault_of(check, (struct crim_fault){.kind = CRIM_SHORT,
                                                       .what = "TEMP header",
                                                       .offset = temp,
                                                       .needed = TEMP_HEADER_BYTES,
                                                       .had = end - temp});
        uint64_t temp_size = load_u32(check->data + temp + 4);
        if (!is_signed(check, temp, "TEMP"))
            return false;
        if (temp_size < TEMP_HEADER_BYTES || temp_size > end - temp)
            return bad_size(check, "TEMP.size", temp + 4, temp_size);
        if (!check_items(check, temp, temp + temp_size))
            return false;
        temp += temp_size;
    }
    return true;
}

static bool check_maps(struct check *check, uint64_t offset)
{
    uint64_t size = load_u32(check->data + offset + 4);
    uint64_t count = load_u32(check->data + offset + 8);
    if (size == 0)
        size = ELEMENT_HEADER_BYTES + 4 * count;
    if (size < ELEMENT_HEADER_BYTES || size > check->size - offset)
        return bad_size(check, "MAPS.size", offset + 4, size);
    if (count * 4 > size - ELEMENT_HEADER_BYTES)
        return bad_count(check, "MAPS definitions array", offset + 8, count);
    if (!step(check, count, offset + 8, "MAPS definitions array"))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t map = load_u32(check->data + offset + ELEMENT_HEADER_BYTES + 4 * i);
        if (map >= check->size || check->size - map < 8)
            return bad_offset(check, "MAPS map offset", map);
        uint64_t map_size = load_u32(check->data + map + 4);
        if (memcmp(check->data + map, "VMAP", 4) == 0 &&
            (map_size < MAP_HEADER_BYTES - 4 || map_size > check->size - map))
            return bad_size(check, "VMAP.size", map + 4, map_size);
    }
    return true;
}

static bool check_element(struct check *check, uint64_t offset)
{
    if (offset >= check->size || check->size - offset < 8)
        return bad_offset(check, "WEVT element offset", offset);
    const struct element_layout *layout = element_layout(check->data + offset);
    uint64_t size = load_u32(check->data + offset + 4);
    if (!need(check, offset, layout ? layout->header_bytes : ELEMENT_HEADER_BYTES,
              layout ? layout->what_header : "WEVT element"))
        return false;
    if (!layout || layout->kind == WEVT_NAMES)
        return size <= check->size - offset || bad_size(check, "WEVT element", offset + 4, size);
    if (layout->kind == WEVT_TEMPLATES)
        return check_templates(check, offset);
    if (layout->kind == WEVT_MAPS)
        return check_maps(check, offset);
    return check_rows(check, offset, layout);
}

static bool check_provider(struct check *check, uint64_t offset)
{
    if (offset >= check->size)
        return bad_offset(check, "provider WEVT offset", offset);
    if (!need(check, offset, WEVT_HEADER_BYTES, "WEVT header") || !is_signed(check, offset, "WEVT"))
        return false;
    uint64_t count = load_u32(check->data + offset + 12);
    uint64_t pairs = offset + WEVT_HEADER_BYTES;
    if (!need(check, pairs, count * WEVT_PAIR_BYTES, "WEVT descriptor array") ||
        !step(check, count + 1, offset + 12, "WEVT descriptor array"))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!check_element(check, load_u32(check->data + pairs + i * WEVT_PAIR_BYTES + 4)))
            return false;
    return true;
}

static bool check_all(struct check *check, struct crim *ret)
{
    if (!need(check, 0, CRIM_HEADER_BYTES, "CRIM header") || !is_signed(check, 0, "CRIM"))
        return false;
    uint64_t size = load_u32(check->data + 4), count = load_u32(check->data + 12);
    if (size < CRIM_HEADER_BYTES || size > check->size)
        return bad_size(check, "CRIM.size", 4, size);
    check->size = size;
    check->steps_left = 4 * size;
    check->text_left = 16 * size;
    if (!need(check, CRIM_HEADER_BYTES, count * CRIM_PROVIDER_BYTES,
              "CRIM provider descriptor array"))
        return false;
    *ret = (struct crim){check->data, (uint32_t)size, load_u16(check->data + 8),
                         load_u16(check->data + 10), (uint32_t)count};
    for (uint64_t i = 0; i < count; i++) {
        uint64_t row = CRIM_HEADER_BYTES + i * CRIM_PROVIDER_BYTES;
        if (!check_provider(check, load_u32(check->data + row + 16)))
            return false;
    }
    return true;
}

bool crim_open(const uint8_t *data, size_t size, struct crim *ret, struct crim_fault *ret_fault)
{
    struct check check = {.data = data, .size = size};
    if (check_all(&check, ret))
        return true;
    *ret_fault = check.fault;
    return false;
}
