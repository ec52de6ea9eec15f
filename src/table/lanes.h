// SPDX-License-Identifier: MIT
// The cells of a unit's rows, column by column, as a worker fills them: the payload of a table.
// Rows end in the order in which they began, and those at the end can be taken back. Rooms grow and
// are used again from unit to unit. Knows no events.
#ifndef EVX_TABLE_LANES_H
#define EVX_TABLE_LANES_H

#include "base/check.h"
#include "base/limits.h"
#include "base/list.h"
#include "decode/consumer.h"
#include "table/table_columns.h"

// Bytes that stand one behind the other. They never pass 4 GiB: a unit is handed on long before.
struct byte_lane {
    uint8_t *data;
    uint32_t length, capacity;
};

// The items of nested cells, as a map has them: keys, and values that may be null.
struct item_lane {
    struct byte_lane keys, texts;
    uint32_t *key_ends, *text_ends; // of each item
    uint8_t *valid;
    uint32_t count, capacity;
};

// One of the names that a dictionary column has in the unit, in the order of their first use.
struct unit_name {
    const uint8_t *raw; // what it was made of: in the chunk or a template; NULL: of the text itself
    uint32_t raw_size;
    uint32_t hash;
    uint8_t type;         // of the value
    uint32_t start, size; // of the text, in the lane's bytes
};

struct name_lane {
    struct unit_name *list;
    uint32_t count, capacity;
    uint32_t *slots; // 1 + index; 0: free
    uint32_t slot_count;
    uint32_t last; // the one used last
};

enum { LANE_SLACK_BYTES = 16 }; // which may be written behind the last fixed value

struct lane {
    uint8_t *valid; // of each row: 1, or 0 for null
    uint8_t *fixed; // fixed layouts: the values; else a uint32_t of each row: where its bytes or
                    // items end, or which of the names it has
    struct byte_lane bytes;
    struct item_lane *items; // NULL: the layout has none
    struct name_lane *names; // NULL: it is no dictionary
};

// A value that does not fit.
struct unfit {
    uint32_t row, column;
    uint8_t type; // enum value_type
    uint64_t chunk;
    struct record record;
};

struct lanes {
    struct payload payload; // its mark: rows
    struct memory *memory;
    const struct table_columns *columns; // NULL: not known yet
    struct lane *list;
    uint32_t capacity; // rows
    void *rows;        // of all lanes: validity and fixed values
    size_t rows_bytes;
    struct list unfit;
    const struct event *event; // of the row that is being filled
};

void lanes_init(struct payload *payload, struct memory *memory);
void lanes_clear(struct payload *payload);
void lanes_destroy(struct payload *payload);
void lanes_rewind(struct payload *payload, size_t mark);

// Room for one more row. False without memory.
EVX_MUST_USE bool lanes_open_slow(struct lanes *lanes, const struct table_columns *columns);
EVX_INLINE EVX_MUST_USE bool lanes_open_row(struct lanes *lanes,
                                            const struct table_columns *columns)
{
    return EVX_LIKELY(lanes->payload.mark < lanes->capacity) || lanes_open_slow(lanes, columns);
}
// All cells of the row are filled.
void lanes_close_row(struct lanes *lanes);

// What the lanes hold so far, about, in bytes.
size_t lanes_bytes(const struct lanes *lanes);

EVX_INLINE uint32_t *lane_ends(const struct lane *lane)
{
    return (uint32_t *)(void *)lane->fixed;
}

// Room for so many bytes, of which at most RECORD_OUTPUT_BYTES_MAX stand behind `start`: NULL when
// they would be more, or without memory.
uint8_t *bytes_reserve_slow(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                            size_t size);
EVX_INLINE uint8_t *bytes_reserve(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                                  size_t size)
{
    if (EVX_UNLIKELY(size > bytes->capacity - bytes->length))
        return bytes_reserve_slow(bytes, memory, start, size);
    return bytes->data + bytes->length;
}
EVX_INLINE void bytes_commit(struct byte_lane *bytes, const uint8_t *end)
{
    EVX_CHECK(end >= bytes->data + bytes->length && end <= bytes->data + bytes->capacity);
    bytes->length = (uint32_t)(end - bytes->data);
}

void items_destroy(struct item_lane *items, struct memory *memory);
// Room for so many more items. False without memory.
EVX_MUST_USE bool items_reserve(struct item_lane *items, struct memory *memory, uint32_t count);

// The name with these bytes as a value of a type, or NAME_UNKNOWN: then its text may be put behind
// the lane's bytes, and added.
enum { NAME_UNKNOWN = UINT32_MAX };
enum { NAME_TYPE_TEXT = 0xFF }; // of no value: the text is all that is known
uint32_t names_find_slow(const struct lane *lane, const uint8_t *raw, uint32_t size, uint8_t type,
                         uint32_t *ret_hash);
EVX_INLINE uint32_t names_find(const struct lane *lane, const uint8_t *raw, uint32_t size,
                               uint8_t type, uint32_t *ret_hash)
{
    const struct name_lane *names = lane->names;
    if (EVX_LIKELY(names->count > 0)) {
        const struct unit_name *last = &names->list[names->last];
        if (last->type == type && last->raw_size == size && last->raw &&
            (last->raw == raw || memcmp(last->raw, raw, size) == 0))
            return names->last;
    }
    return names_find_slow(lane, raw, size, type, ret_hash);
}
// The text stands behind `start` in the lane's bytes. NAME_UNKNOWN without memory.
uint32_t names_add(struct lane *lane, struct memory *memory, const struct unit_name *name);

#endif
