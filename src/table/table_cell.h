// SPDX-License-Identifier: MIT
// One cell: a value of a record made what its column holds, or null. What does not fit is noted.
#ifndef EVX_TABLE_TABLE_CELL_H
#define EVX_TABLE_TABLE_CELL_H

#include "decode/node.h"
#include "filter/evaluate.h"
#include "filter/field_plan.h"
#include "table/lanes.h"

enum cell_result {
    CELL_PUT,
    CELL_NULL,  // there is no value: the cell is to be cleared
    CELL_UNFIT, // and neither is this one
    CELL_SLOW,  // it takes more than a look
    CELL_FAULT, // no memory, or too large: which of them tells the decoder's fault
};

struct cell_place {
    struct lanes *lanes;
    struct lane *lane;
    const struct table_column *column;
    uint32_t row, index;
    bool is_micro;
};

EVX_INLINE void cell_set_null(const struct cell_place *cell)
{
    const struct table_column *column = cell->column;
    struct lane *lane = cell->lane;
    lane->valid[cell->row] = 0;
    if (layout_is_fixed(column->layout))
        memset(lane->fixed + (size_t)cell->row * column->width, 0, column->width);
    else
        lane_ends(lane)[cell->row] = lane->items   ? lane->items->count
                                     : lane->names ? 0
                                                   : lane->bytes.length;
}

// A value of any type that is neither in need of a walk nor of scratch memory.
enum cell_result cell_put_view(const struct cell_place *cell, struct value_view view);

// The value of this type does not fit: the cell is null, and that is noted.
void cell_refuse(const struct cell_place *cell, uint8_t type);

// A number that is the record's own; the time as a FILETIME.
void cell_put_own(const struct cell_place *cell, uint64_t number);
enum cell_result cell_put_time(const struct cell_place *cell, int64_t ticks);

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
