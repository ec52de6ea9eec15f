// SPDX-License-Identifier: MIT
// Rows as a consumer: of each event the columns that were asked for, as CSV, TSV or JSON lines.
//
// A column finds what a condition with the same name looks at: filter/field_plan.h says how.
#ifndef EVX_ROWS_ROWS_H
#define EVX_ROWS_ROWS_H

#include "decode/consumer.h"
#include "emit/text.h"
#include "rows/cell.h"
#include "rows/columns.h"
#include "rows/info_cells.h"

// What its payload is: a struct text_payload, as that of whole records. Columns, plans, codec and
// the source's name live as long as the run.
struct rows_consumer {
    struct consumer consumer;
    const struct columns *columns;
    struct query_plans *plans; // of the columns' tree; NULL: all is walked
    struct cell_style style;
    struct plans *json_plans; // of FORMAT_JSON, for the content of EventData
    const struct ansi_codec *codec;
    const char *source_file; // NULL: not known
    struct info_source texts;
};

struct rows_consumer rows_consumer(const struct columns *columns, struct query_plans *plans,
                                   struct cell_style style, struct plans *json_plans,
                                   const struct ansi_codec *codec, const char *source_file);

// The names of the columns as a line, for formats that have one. The output may fail as a record
// does.
void rows_put_header(const struct columns *columns, const struct cell_style *style,
                     struct outbuf *out);

#endif
