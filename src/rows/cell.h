// SPDX-License-Identifier: MIT
// One cell of a row: values put one behind the other, then made what the format wants of them.
// Knows no events.
#ifndef EVX_ROWS_CELL_H
#define EVX_ROWS_CELL_H

#include "base/outbuf.h"
#include "decode/node.h"
#include "filter/subject.h"
#include "kernels/text_mode.h"

enum row_format { ROW_CSV, ROW_TSV, ROW_JSON };

struct cell_style {
    uint8_t format;   // enum row_format
    bool has_escapes; // CSV, TSV: what begins like a formula gets an apostrophe in front
};

// What is being written. A failure of the output is seen when its row ends.
struct cell {
    const struct cell_style *style;
    struct outbuf *out;
    size_t start;
    uint32_t count; // values so far
    bool is_plain;  // of characters that numbers have, and nothing else
};

EVX_INLINE struct cell cell_start(const struct cell_style *style, struct outbuf *out)
{
    return (struct cell){style, out, out->length, 0, true};
}

// What most cells are, as a whole: a string or a number that needs no quotes, no escapes, and no
// look at its characters. Returns the end, or NULL when the value is something else. `out` has room
// for CELL_SIMPLE_BYTES.
enum {
    CELL_SIMPLE_UNITS_MAX = 255,
    CELL_SIMPLE_BYTES = TEXT_EXPANSION_MAX * CELL_SIMPLE_UNITS_MAX + TEXT_SLACK_BYTES + 2,
};
uint8_t *cell_put_simple(const struct cell_style *style, uint8_t *out, struct value_view view);

void cell_clear(struct cell *cell); // no values
void cell_put_subject(struct cell *cell, const struct subject *subject,
                      const struct ansi_codec *codec, struct scratch_text *scratch);
void cell_put_text(struct cell *cell, const char *text, size_t size); // UTF-8
void cell_put_number(struct cell *cell, uint64_t number);
void cell_put_truth(struct cell *cell, bool truth);
void cell_put_json(struct cell *cell, const uint8_t *json, size_t size); // a whole value
void cell_end_slow(struct cell *cell);
EVX_INLINE void cell_end(struct cell *cell)
{
    const bool is_done = cell->style->format == ROW_JSON
                             ? cell->count == 1
                             : cell->is_plain && !cell->style->has_escapes;
    if (!is_done)
        cell_end_slow(cell);
}

// UTF-8 in quotes, as JSON has it; returns the end. There is room for CELL_JSON_BYTES(size).
#define CELL_JSON_BYTES(size) (TEXT_EXPANSION_MAX * (size) + TEXT_SLACK_BYTES + 2)
uint8_t *cell_json_string(uint8_t *out, const char *text, size_t size);

#endif
