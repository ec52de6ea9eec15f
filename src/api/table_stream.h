// SPDX-License-Identifier: MIT
// A stream of batches: its inputs one after the other, each read by a ring.
#ifndef EVX_API_TABLE_STREAM_H
#define EVX_API_TABLE_STREAM_H

#include "api/table_options.h"
#include "flow/conversion.h"
#include "table/table.h"
#include "table/table_batch.h"

// What did not fit a column.
struct table_misfits {
    uint64_t count;
    struct unfit first;
    uint32_t input; // of the first
};

enum { TABLE_ERROR_BYTES = EVX_CAUSES_MAX * (EVX_CAUSE_SIZE + 2) };

struct table_stream {
    struct evx_engine *engine; // held
    evx_table_options options; // their arrays are gone, but for ids
    evx_id_range *ids;
    struct table_columns columns;
    struct query_plans field_plans;
    struct plans data_plans;
    struct table_consumer table;
    struct table_batch batch;
    struct table_misfits *misfits; // by column
    bool has_columns, has_field_plans, has_data_plans;

    char **paths; // NULL: one reader, from the caller
    size_t path_count;
    char *source_path; // of the caller's reader; NULL: none
    size_t input;      // that is read, or comes next
    char *path;        // of it, as UTF-8
    size_t path_bytes;

    // Of the input; no ring: none is open.
    evx_reader *reader;
    struct conversion conversion;
    struct ring *ring;
    const struct batch *unit;                       // NULL: none
    uint32_t unit_rows, unit_reports, unit_misfits; // that are done
    uint64_t recovered_before;                      // its unit
    uint64_t units_done;

    evx_table_totals totals;
    uint64_t rows_taken; // into batches
    evx_status status;   // EVX_END: nothing more comes
    char error[TABLE_ERROR_BYTES];
};

// Keeps what went wrong, for every later call. Returns its status.
evx_status table_stream_fail(struct table_stream *stream, const evx_error *error);
// The next batch, or EVX_END.
evx_status table_stream_pull(struct table_stream *stream, struct ArrowArray *ret_array);
// Stops what is under way.
void table_stream_close_input(struct table_stream *stream);

#endif
