// SPDX-License-Identifier: MIT
// One cell of a row: values put one behind the other, then made what the format wants of them.
// Knows no events.
#ifndef EVX_ROWS_CELL_H
#define EVX_ROWS_CELL_H

#include "base/outbuf.h"
#include "filter/subject.h"

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
};

struct cell cell_start(const struct cell_style *style, struct outbuf *out);
void cell_put_subject(struct cell *cell, struct subject subject, const struct ansi_codec *codec,
                      struct scratch_text *scratch);
void cell_put_text(struct cell *cell, const char *text, size_t size); // UTF-8
void cell_put_number(struct cell *cell, uint64_t number);
void cell_put_truth(struct cell *cell, bool truth);
void cell_put_json(struct cell *cell, const uint8_t *json, size_t size); // a whole value
void cell_end(struct cell *cell);

// UTF-8 in quotes, as JSON has it.
void cell_put_json_string(struct outbuf *out, const char *text, size_t size);

#endif
