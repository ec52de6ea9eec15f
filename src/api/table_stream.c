// SPDX-License-Identifier: MIT
// Streams of tables.
#include "api/table_options.h"
#include "base/error.h"

evx_status evx_table_open(evx_reader *reader, const evx_table_options *options,
                          struct ArrowArrayStream *ret_stream, evx_error *error)
{
    (void)reader, (void)options, (void)ret_stream;
    return error_argument(error, "tables cannot be read yet");
}

evx_status evx_table_open_paths(evx_engine *engine, const char *const *paths, size_t path_count,
                                const evx_table_options *options,
                                struct ArrowArrayStream *ret_stream, evx_error *error)
{
    (void)engine, (void)paths, (void)path_count, (void)options, (void)ret_stream;
    return error_argument(error, "tables cannot be read yet");
}

evx_status evx_table_result(const struct ArrowArrayStream *stream, evx_table_totals *ret_totals)
{
    (void)stream, (void)ret_totals;
    return EVX_ERR_ARGUMENT;
}

evx_status evx_table_conversions(const struct ArrowArrayStream *stream, size_t column,
                                 evx_table_conversion *ret_conversion)
{
    (void)stream, (void)column, (void)ret_conversion;
    return EVX_ERR_ARGUMENT;
}

evx_status evx_table_infer(evx_reader *reader, evx_table_infer_mode mode,
                           int (*visit)(void *context, const evx_table_field_info *info),
                           void *context, evx_error *error)
{
    (void)reader, (void)mode, (void)visit, (void)context;
    return error_argument(error, "tables cannot be read yet");
}
