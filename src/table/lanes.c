// SPDX-License-Identifier: MIT
#include "table/lanes.h"

#include <string.h>

enum {
    ROWS_FIRST = 256,
    ITEMS_FIRST = 1024,
    BYTES_FIRST = 4096,
    SLOTS_FIRST = 32,
    UNIT_ROWS_MAX = 8192, // a unit with so many rows is handed on
};

void lanes_init(struct payload *payload, struct memory *memory)
{
    *(struct lanes *)payload = (struct lanes){.memory = memory};
}

static void bytes_destroy(struct byte_lane *bytes, struct memory *memory)
{
    memory_release(memory, bytes->data, bytes->capacity);
}

static size_t item_bytes(uint32_t capacity)
{
    return (size_t)capacity * (2 * sizeof(uint32_t) + 1);
}

void items_destroy(struct item_lane *items, struct memory *memory)
{
    bytes_destroy(&items->keys, memory);
    bytes_destroy(&items->texts, memory);
    memory_release(memory, items->key_ends, item_bytes(items->capacity));
}

static void names_destroy(struct name_lane *names, struct memory *memory)
{
    memory_release(memory, names->list, names->capacity * sizeof *names->list);
    memory_release(memory, names->slots, names->slot_count * sizeof *names->slots);
    memory_release(memory, names, sizeof *names);
}

void lanes_destroy(struct payload *payload)
{
    struct lanes *lanes = (struct lanes *)payload;
    struct memory *memory = lanes->memory;
    for (uint32_t i = 0; lanes->list && i < lanes->columns->count; i++) {
        struct lane *lane = &lanes->list[i];
        bytes_destroy(&lane->bytes, memory);
        if (lane->items) {
            items_destroy(lane->items, memory);
            memory_release(memory, lane->items, sizeof *lane->items);
        }
        if (lane->names)
            names_destroy(lane->names, memory);
    }
    if (lanes->list)
        memory_release(memory, lanes->list, lanes->columns->count * sizeof *lanes->list);
    memory_release(memory, lanes->rows, lanes->rows_bytes);
    list_destroy(&lanes->unfit, memory, sizeof(struct unfit));
}

void lanes_clear(struct payload *payload)
{
    struct lanes *lanes = (struct lanes *)payload;
    lanes_rewind(payload, 0);
    for (uint32_t i = 0; lanes->list && i < lanes->columns->count; i++) {
        struct lane *lane = &lanes->list[i];
        lane->bytes.length = 0;
        if (lane->names && lane->names->count > 0) {
            memset(lane->names->slots, 0, lane->names->slot_count * sizeof *lane->names->slots);
            lane->names->count = lane->names->last = 0;
        }
    }
    *payload = (struct payload){0};
}

// What a lane's rows in front of a row end with; 0 for the first.
static uint32_t end_before(const struct lane *lane, size_t row)
{
    return row > 0 ? lane_ends(lane)[row - 1] : 0;
}

void lanes_rewind(struct payload *payload, size_t mark)
{
    struct lanes *lanes = (struct lanes *)payload;
    EVX_CHECK(mark <= payload->mark);
    for (uint32_t i = 0; lanes->list && i < lanes->columns->count; i++) {
        struct lane *lane = &lanes->list[i];
        const uint8_t layout = lanes->columns->list[i].layout;
        if (layout_is_fixed(layout) || lane->names) // names may stay
            continue;
        const uint32_t end = end_before(lane, mark);
        if (!lane->items) {
            lane->bytes.length = end;
            continue;
        }
        struct item_lane *items = lane->items;
        items->count = end;
        items->keys.length = end > 0 && layout != LAYOUT_TEXTS ? items->key_ends[end - 1] : 0;
        items->texts.length = end > 0 ? items->text_ends[end - 1] : 0;
    }
    const struct unfit *unfit = lanes->unfit.items;
    while (lanes->unfit.count > 0 && unfit[lanes->unfit.count - 1].row >= mark)
        lanes->unfit.count--;
    *payload = (struct payload){mark, false};
}

// ---- rows ---------------------------------------------------------------------------------------

static uint32_t row_width(const struct table_column *column)
{
    return layout_is_fixed(column->layout) && !column->is_dictionary ? column->width
                                                                     : sizeof(uint32_t);
}

static bool make_lanes(struct lanes *lanes, const struct table_columns *columns)
{
    lanes->list = memory_allocate_zeroed(lanes->memory, columns->count * sizeof *lanes->list);
    lanes->columns = columns;
    bool fine = lanes->list != NULL;
    for (uint32_t i = 0; fine && i < columns->count; i++) {
        struct lane *lane = &lanes->list[i];
        const struct table_column *column = &columns->list[i];
        if (layout_is_nested(column->layout)) {
            lane->items = memory_allocate_zeroed(lanes->memory, sizeof *lane->items);
            fine = lane->items != NULL;
        }
        if (column->is_dictionary) {
            lane->names = memory_allocate_zeroed(lanes->memory, sizeof *lane->names);
            fine = fine && lane->names != NULL;
        }
    }
    return fine;
}

// Where the rows of a lane begin in a block for so many rows, whose widest values come first.
static size_t place_rows(const struct table_columns *columns, uint32_t capacity, uint8_t *block,
                         struct lane *lanes)
{
    static const uint8_t widths[] = {16, 8, 4, 2, 1};
    size_t at = 0;
    for (size_t w = 0; w < sizeof widths; w++)
        for (uint32_t i = 0; i < columns->count; i++) {
            if (row_width(&columns->list[i]) != widths[w])
                continue;
            if (block)
                lanes[i].fixed = block + at;
            at += (size_t)capacity * widths[w] + LANE_SLACK_BYTES;
        }
    for (uint32_t i = 0; i < columns->count; i++, at += capacity)
        if (block)
            lanes[i].valid = block + at;
    return at;
}

static bool grow_rows(struct lanes *lanes)
{
    const struct table_columns *columns = lanes->columns;
    const uint32_t capacity = lanes->capacity ? 2 * lanes->capacity : ROWS_FIRST;
    const size_t bytes = place_rows(columns, capacity, NULL, NULL);
    uint8_t *block = memory_allocate(lanes->memory, bytes);
    if (!block)
        return false;
    const size_t old_bytes = columns->count * sizeof(struct lane);
    struct lane *old = memory_allocate(lanes->memory, old_bytes);
    if (!old) {
        memory_release(lanes->memory, block, bytes);
        return false;
    }
    memcpy(old, lanes->list, old_bytes);
    place_rows(columns, capacity, block, lanes->list);
    for (uint32_t i = 0; lanes->capacity > 0 && i < columns->count; i++) {
        memcpy(lanes->list[i].valid, old[i].valid, lanes->capacity);
        memcpy(lanes->list[i].fixed, old[i].fixed,
               (size_t)lanes->capacity * row_width(&columns->list[i]));
    }
    memory_release(lanes->memory, old, old_bytes);
    memory_release(lanes->memory, lanes->rows, lanes->rows_bytes);
    lanes->rows = block;
    lanes->rows_bytes = bytes;
    lanes->capacity = capacity;
    return true;
}

bool lanes_open_slow(struct lanes *lanes, const struct table_columns *columns)
{
    if (!lanes->columns && !make_lanes(lanes, columns))
        return false;
    return lanes->list && grow_rows(lanes);
}

size_t lanes_bytes(const struct lanes *lanes)
{
    size_t bytes = 0;
    for (uint32_t i = 0; lanes->list && i < lanes->columns->count; i++) {
        const struct lane *lane = &lanes->list[i];
        if (lane->items)
            bytes += lane->items->keys.length + lane->items->texts.length +
                     item_bytes(lane->items->count);
        else
            bytes += lane->bytes.length;
    }
    return bytes;
}

void lanes_close_row(struct lanes *lanes)
{
    const size_t rows = ++lanes->payload.mark;
    EVX_CHECK(rows <= lanes->capacity);
    lanes->payload.is_full =
        rows >= UNIT_ROWS_MAX || (rows % 32 == 0 && lanes_bytes(lanes) >= OUTPUT_FLUSH_BYTES);
}

// ---- bytes and items ----------------------------------------------------------------------------

uint8_t *bytes_reserve_slow(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                            size_t size)
{
    const size_t needed = bytes->length + size;
    EVX_CHECK(start <= bytes->length);
    if (needed - start > RECORD_OUTPUT_BYTES_MAX)
        return NULL;
    if (needed <= bytes->capacity)
        return bytes->data + bytes->length;
    const size_t doubled = 2 * (size_t)bytes->capacity;
    size_t capacity = needed < doubled ? doubled : needed;
    if (capacity < BYTES_FIRST)
        capacity = BYTES_FIRST;
    if (capacity > UINT32_MAX)
        return NULL;
    uint8_t *data = memory_reallocate(memory, bytes->data, bytes->capacity, capacity);
    if (!data)
        return NULL;
    bytes->data = data;
    bytes->capacity = (uint32_t)capacity;
    return data + bytes->length;
}

bool items_reserve(struct item_lane *items, struct memory *memory, uint32_t count)
{
    if (EVX_LIKELY(count <= items->capacity - items->count))
        return true;
    uint64_t capacity = items->capacity ? 2 * (uint64_t)items->capacity : ITEMS_FIRST;
    if (capacity < (uint64_t)items->count + count)
        capacity = (uint64_t)items->count + count;
    if (capacity > UINT32_MAX / 16)
        return false;
    uint32_t *ends = memory_allocate(memory, item_bytes((uint32_t)capacity));
    if (!ends)
        return false;
    uint32_t *text_ends = ends + capacity;
    uint8_t *valid = (uint8_t *)(text_ends + capacity);
    if (items->count > 0) {
        memcpy(ends, items->key_ends, items->count * sizeof *ends);
        memcpy(text_ends, items->text_ends, items->count * sizeof *ends);
        memcpy(valid, items->valid, items->count);
    }
    memory_release(memory, items->key_ends, item_bytes(items->capacity));
    items->key_ends = ends;
    items->text_ends = text_ends;
    items->valid = valid;
    items->capacity = (uint32_t)capacity;
    return true;
}

// ---- names --------------------------------------------------------------------------------------

static uint32_t hash_of(const uint8_t *raw, uint32_t size, uint8_t type)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = size * UINT64_C(257) + type;
    for (; size >= 8; raw += 8, size -= 8) {
        hash = (hash ^ load_u64(raw)) * factor;
        hash ^= hash >> 32;
    }
    for (; size > 0; raw++, size--)
        hash = (hash ^ *raw) * factor;
    return (uint32_t)(hash ^ hash >> 32);
}

static const uint8_t *raw_of(const struct lane *lane, const struct unit_name *name)
{
    return name->raw ? name->raw : lane->bytes.data + name->start;
}

uint32_t names_find_slow(const struct lane *lane, const uint8_t *raw, uint32_t size, uint8_t type,
                         uint32_t *ret_hash)
{
    struct name_lane *names = lane->names;
    const uint32_t hash = hash_of(raw, size, type), mask = names->slot_count - 1;
    *ret_hash = hash;
    for (uint32_t at = hash & mask; names->slot_count > 0; at = (at + 1) & mask) {
        if (names->slots[at] == 0)
            break;
        const uint32_t index = names->slots[at] - 1;
        const struct unit_name *name = &names->list[index];
        if (name->hash == hash && name->type == type && name->raw_size == size &&
            memcmp(raw_of(lane, name), raw, size) == 0) {
            names->last = index;
            return index;
        }
    }
    return NAME_UNKNOWN;
}

static void put_slot(struct name_lane *names, uint32_t index)
{
    const uint32_t mask = names->slot_count - 1;
    uint32_t at = names->list[index].hash & mask;
    while (names->slots[at] != 0)
        at = (at + 1) & mask;
    names->slots[at] = index + 1;
}

// Half of the slots are free.
static bool grow_names(struct name_lane *names, struct memory *memory)
{
    const uint32_t slot_count = names->slot_count ? 2 * names->slot_count : SLOTS_FIRST;
    uint32_t *slots = memory_allocate_zeroed(memory, slot_count * sizeof *slots);
    if (!slots)
        return false;
    struct unit_name *list = memory_reallocate(memory, names->list, names->capacity * sizeof *list,
                                               slot_count / 2 * sizeof *list);
    if (!list) {
        memory_release(memory, slots, slot_count * sizeof *slots);
        return false;
    }
    memory_release(memory, names->slots, names->slot_count * sizeof *slots);
    names->list = list;
    names->capacity = slot_count / 2;
    names->slots = slots;
    names->slot_count = slot_count;
    for (uint32_t i = 0; i < names->count; i++)
        put_slot(names, i);
    return true;
}

uint32_t names_add(struct lane *lane, struct memory *memory, const struct unit_name *name)
{
    struct name_lane *names = lane->names;
    if (names->count == names->capacity && !grow_names(names, memory))
        return NAME_UNKNOWN;
    EVX_CHECK(names->count < names->capacity && name->start + name->size <= lane->bytes.length);
    names->last = names->count;
    names->list[names->count] = *name;
    put_slot(names, names->count);
    return names->count++;
}
