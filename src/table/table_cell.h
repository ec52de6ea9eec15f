// SPDX-License-Identifier: MIT
// One cell: a value of a record made what its column holds, or null. What does not fit is noted.
#ifndef EVX_TABLE_TABLE_CELL_H
#define EVX_TABLE_TABLE_CELL_H

#include "decode/node.h"
#include "filter/evaluate.h"
#include "filter/field_plan.h"
#include "kernels/utf16_plain.h"
#include "table/lanes.h"

enum cell_result {
    CELL_PUT,
    CELL_NULL,  // there is no value: the cell is to be cleared
    CELL_UNFIT, // and neither is this one
    CELL_SLOW,  // it takes more than a look
    CELL_FAULT, // no memory, or too large: which of them tells the decoder's fault
};

enum { SHORT_STRING_BYTES = UTF16_PLAIN_UNITS_MAX + 1 + TEXT_SLACK_BYTES };

struct cell_place {
    struct lanes *lanes;
    struct lane *lane;
    const struct table_column *column;
    uint32_t row;
    bool is_micro;
};

// Where nothing was written of the cell. What is behind it in its lane comes later.
EVX_INLINE void cell_set_null(const struct cell_place *cell)
{
    const struct table_column *column = cell->column;
    struct lane *lane = cell->lane;
    lane->valid[cell->row] = 0;
    if (EVX_LIKELY(layout_is_fixed(column->layout))) {
        uint8_t *to = lane->fixed + (size_t)cell->row * column->width;
        store_u64(to, 0);
        store_u64(to + 8, 0);
    } else {
        lane_ends(lane)[cell->row] = lane->items   ? lane->items->count
                                     : lane->names ? 0
                                                   : lane->bytes.length;
    }
}

// FILETIME of 1970-01-01, and of the first and the last time that nanoseconds since then can say.
#define EPOCH    INT64_C(116444736000000000)
#define NS_FIRST INT64_C(24211015631452242)
#define NS_LAST  INT64_C(208678456368547758)

// A FILETIME; CELL_UNFIT: it is none that nanoseconds can say.
EVX_INLINE enum cell_result cell_put_time(const struct cell_place *cell, int64_t ticks)
{
    uint8_t *to = cell->lane->fixed + (size_t)cell->row * 8;
    EVX_CHECK(cell->column->layout == LAYOUT_TIME && cell->column->width == 8);
    if (!cell->is_micro && (ticks < NS_FIRST || ticks > NS_LAST))
        return CELL_UNFIT;
    const int64_t floor = ticks / 10 - (ticks % 10 < 0);
    store_u64(to, (uint64_t)(cell->is_micro ? floor - EPOCH / 10 : (ticks - EPOCH) * 100));
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

// A value of any type that is neither in need of a walk nor of scratch memory.
enum cell_result cell_put_view(const struct cell_place *cell, struct value_view view);

// Width of unsigned integers by type; 0: no such type.
EVX_INLINE unsigned unsigned_width(uint32_t type)
{
    static const uint8_t widths[] = {[TYPE_U8] = 1,  [TYPE_U16] = 2,   [TYPE_U32] = 4,
                                     [TYPE_U64] = 8, [TYPE_HEX32] = 4, [TYPE_HEX64] = 8};
    return type < sizeof widths ? widths[type] : 0;
}

EVX_INLINE bool put_unsigned(const struct cell_place *cell, struct value_view view)
{
    const uint8_t *data = view.data;
    uint64_t bits;
    if (EVX_UNLIKELY(view.size == 0 || view.size != unsigned_width(view.type)))
        return false;
    bits = view.size == 8   ? load_u64(data)
           : view.size == 4 ? load_u32(data)
           : view.size == 2 ? load_u16(data)
                            : *data;
    if (EVX_UNLIKELY((bits & cell->column->too_large) != 0))
        return false;
    // Little-endian, as Arrow has it here; what is written behind it comes later.
    store_u64(cell->lane->fixed + (size_t)cell->row * cell->column->width, bits);
    cell->lane->valid[cell->row] = 1;
    return true;
}

EVX_INLINE bool put_known_name(const struct cell_place *cell, struct value_view view)
{
    const struct name_lane *names = cell->lane->names;
    if (EVX_UNLIKELY(names->count == 0))
        return false;
    const struct unit_name *last = &names->list[names->last];
    if (last->raw != view.data && (last->raw_size != view.size || !last->raw || view.size < 8 ||
                                   load_u64(last->raw) != load_u64(view.data) ||
                                   memcmp(last->raw, view.data, view.size) != 0))
        return false;
    if (EVX_UNLIKELY(last->type != view.type || last->raw_size != view.size))
        return false;
    lane_ends(cell->lane)[cell->row] = names->last;
    cell->lane->valid[cell->row] = 1;
    return true;
}

// A string that is short and plain, as most are; NULL: it is none, and nothing counts.
EVX_INLINE uint8_t *put_short_string(uint8_t *p, struct value_view view, const uint8_t *chunk)
{
    // Where it is not in the chunk, the difference is too large.
    const uintptr_t offset = (uintptr_t)view.data - (uintptr_t)chunk;
    const uint32_t count = view.size / 2;
    if (view.type != TYPE_STRING || view.size % 2 != 0 || count - 1 >= UTF16_PLAIN_UNITS_MAX ||
        offset > CHUNK_BYTES - UTF16_PLAIN_READ_BYTES)
        return NULL;
    return utf16_put_plain(p, view.data, count, TEXT_RAW);
}

EVX_INLINE bool put_short_text(const struct cell_place *cell, struct value_view view)
{
    struct byte_lane *bytes = &cell->lane->bytes;
    if (cell->column->is_guid)
        return false;
    uint8_t *p = bytes_reserve(bytes, cell->lanes->memory, bytes->length, SHORT_STRING_BYTES);
    uint8_t *end = p ? put_short_string(p, view, cell->lanes->event->decoder->chunk->data) : NULL;
    if (!end || end == p)
        return false;
    bytes_commit(bytes, end);
    lane_ends(cell->lane)[cell->row] = bytes->length;
    cell->lane->valid[cell->row] = 1;
    return true;
}

// What most cells are, without a call. False: nothing is put, and cell_put_view is to be asked.
EVX_INLINE bool cell_put_usual(const struct cell_place *cell, struct value_view view)
{
    if (cell->column->layout == LAYOUT_INT)
        return put_unsigned(cell, view);
    if (cell->column->layout == LAYOUT_TIME)
        return view.type == TYPE_FILETIME && view.size == 8 && filetime_is_time(view.data) &&
               cell_put_time(cell, (int64_t)load_u64(view.data)) == CELL_PUT;
    if (cell->column->layout != LAYOUT_TEXT)
        return false;
    return cell->column->is_dictionary ? put_known_name(cell, view) : put_short_text(cell, view);
}

// The value of this type does not fit: the cell is null, and that is noted.
void cell_refuse(const struct cell_place *cell, uint8_t type);

// A number that is the record's own; the time as a FILETIME.
void cell_put_own(const struct cell_place *cell, uint64_t number);

// The values of a field, looked at or walked to. False with the decoder's fault set.
EVX_MUST_USE bool cell_put_field(const struct cell_place *cell, struct field_reader *reader);

// Text behind what a lane of bytes has. False without memory, or when it is too large.
EVX_MUST_USE bool bytes_put_units(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                                  const uint8_t *units, size_t count);
EVX_MUST_USE bool bytes_put_subject(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                                    const struct subject *subject, struct matcher *matcher);
// The same of a view that is a string or a fixed value; false: it is neither, or as above, and
// nothing is written.
EVX_MUST_USE bool bytes_put_view(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                                 struct value_view view);

// Bytes that do not fit their type are told where they are shown.
void note_refused_value(struct decoder *decoder, const struct subject *subject);

// What a lane that takes nothing more means for its record; false.
bool lane_fault(struct decoder *decoder, uint64_t refusals);

#endif
