// SPDX-License-Identifier: MIT
// A whole input as text: batches to the caller's sink, the reports between their pieces of output.
#ifndef EVX_FLOW_CONVERSION_H
#define EVX_FLOW_CONVERSION_H

#include "emit/count.h"
#include "filter/filter.h"
#include "flow/ring.h"
#include "ledger/keeper.h"
#include "rows/rows.h"

struct conversion {
    struct job job;                 // but for its chain
    struct input_recovery recovery; // that the job's options lead to, if they do
    struct filter_consumer filter;  // without a query: every record
    struct text_consumer text;
    bool only_counts;               // the records that the text would show
    struct plans *shapes;           // for that
    const struct consumer *instead; // takes the events in the place of that count; NULL: nobody
    struct rows_consumer rows;      // without columns: whole records, as text
    bool has_header;                // rows: the names of the columns come first
    const char *source;             // the log's name for people; NULL: not known
    const evx_sink *sink;
    const evx_ledger_sink *ledger; // NULL: nobody keeps one
    bool stop_after_error;
    bool reverse;         // newest record first
    uint64_t max_records; // 0: all
    size_t first_skips;   // bytes of the output: the first record's separator from none
};

// Fills *ret_result and *ret_counts whatever the status.
evx_status convert_run(struct conversion *conversion, evx_convert_result *ret_result,
                       struct worker_counts *ret_counts, evx_error *error);

#endif
