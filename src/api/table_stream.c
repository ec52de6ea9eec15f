// SPDX-License-Identifier: MIT
// Streams of tables as others see them.
#include "api/table_stream.h"

#include <errno.h>
#include <string.h>

#include "api/table_infer.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "container/file_header.h"
#include "table/arrow_schema.h"

enum { BATCH_ROWS = 1 << 16, BATCH_BYTES = 32 << 20 };

// ---- making and ending --------------------------------------------------------------------------

static void release_text(struct memory *memory, char *text)
{
    if (text)
        memory_release(memory, text, strlen(text) + 1);
}

static void destroy(struct table_stream *stream)
{
    struct evx_engine *engine = stream->engine;
    struct memory *memory = &engine->memory;
    EVX_CHECK(engine->holders > 0);
    table_stream_close_input(stream);
    table_batch_destroy(&stream->batch);
    for (size_t i = 0; stream->paths && i < stream->path_count; i++)
        release_text(memory, stream->paths[i]);
    memory_release(memory, stream->paths, (stream->path_count + 1) * sizeof *stream->paths);
    release_text(memory, stream->source_path);
    memory_release(memory, stream->path, stream->path_bytes);
    if (stream->ids)
        memory_release(memory, stream->ids, stream->options.id_count * sizeof *stream->ids);
    if (stream->has_columns)
        memory_release(memory, stream->misfits, stream->columns.count * sizeof *stream->misfits);
    if (stream->has_field_plans)
        query_plans_destroy(&stream->field_plans, &stream->columns.tree);
    if (stream->has_data_plans)
        plans_destroy(&stream->data_plans);
    if (stream->has_columns)
        table_columns_destroy(&stream->columns);
    memory_release(memory, stream, sizeof *stream);
    engine->lifeline.let_go(&engine->lifeline);
}

static char *copy_text(struct memory *memory, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = memory_allocate(memory, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static bool copy_paths(struct table_stream *stream, const char *const *paths, size_t count)
{
    struct memory *memory = &stream->engine->memory;
    stream->paths = memory_allocate_zeroed(memory, (count + 1) * sizeof *stream->paths);
    if (!stream->paths)
        return false;
    stream->path_count = count;
    for (size_t i = 0; i < count; i++) {
        stream->paths[i] = copy_text(memory, paths[i]);
        if (!stream->paths[i])
            return false;
    }
    return true;
}

// What is of the options, once the columns are known.
static bool make_parts(struct table_stream *stream)
{
    struct evx_engine *engine = stream->engine;
    struct memory *memory = &engine->memory;
    const evx_table_options *known = &stream->options;
    struct table_columns *columns = &stream->columns;
    stream->misfits = memory_allocate_zeroed(memory, columns->count * sizeof *stream->misfits);
    stream->has_field_plans = query_plans_init(&stream->field_plans, &columns->tree, memory);
    stream->has_data_plans = plans_init(&stream->data_plans, memory);
    if (!stream->misfits || !stream->has_field_plans || !stream->has_data_plans)
        return false;
    stream->field_plans.plans.full = stream->data_plans.full = engine->no_plans;
    stream->table = table_consumer(columns, &stream->field_plans, &stream->data_plans,
                                   &engine->plans[FORMAT_JSON], &engine->plans[FORMAT_XML_COMPACT],
                                   engine->codec);
    size_t rows = known->batch_rows ? known->batch_rows : BATCH_ROWS;
    size_t bytes = known->batch_bytes ? known->batch_bytes : BATCH_BYTES;
    return table_batch_init(&stream->batch, columns, &engine->lifeline,
                            rows < STRIP_VALUES_MAX / 16 ? rows : STRIP_VALUES_MAX / 16,
                            bytes < STRIP_BYTES_MAX / 4 ? bytes : STRIP_BYTES_MAX / 4);
}

static bool copy_options(struct table_stream *stream)
{
    struct memory *memory = &stream->engine->memory;
    evx_table_options *known = &stream->options;
    if (known->id_count > 0) {
        stream->ids = memory_allocate(memory, known->id_count * sizeof *stream->ids);
        if (!stream->ids)
            return false;
        memcpy(stream->ids, known->ids, known->id_count * sizeof *stream->ids);
    }
    known->ids = stream->ids;
    if (known->source_path) {
        stream->source_path = copy_text(memory, known->source_path);
        if (!stream->source_path)
            return false;
    }
    return true;
}

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

static evx_status fill(struct table_stream *stream, evx_reader *reader, const char *const *paths,
                       size_t path_count, evx_error *error)
{
    const evx_table_options *known = &stream->options;
    struct evx_engine *engine = stream->engine;
    evx_table_type *types = NULL;
    evx_status status = table_infer_types(engine, reader, paths, path_count, known, &types, error);
    if (status == EVX_OK)
        status = table_options_columns(engine, known, types, &stream->columns, error);
    table_types_release(engine, known, types);
    if (status != EVX_OK)
        return status;
    stream->has_columns = true;
    if (!make_parts(stream) || !copy_options(stream) ||
        (paths && !copy_paths(stream, paths, path_count)))
        return no_memory(error);
    return EVX_OK;
}

static evx_status make(struct evx_engine *engine, evx_reader *reader, const char *const *paths,
                       size_t path_count, const evx_table_options *options,
                       struct table_stream **ret_stream, evx_error *error)
{
    evx_table_options known;
    evx_status status = table_options_read(options, &known, error);
    if (status != EVX_OK)
        return status;
    if (reader && reader->source->sequential && (known.first_chunk || known.chunk_count))
        return error_argument(error, "a stream has no parts");
    struct table_stream *stream = memory_allocate_zeroed(&engine->memory, sizeof *stream);
    if (!stream)
        return no_memory(error);
    engine->lifeline.hold(&engine->lifeline);
    stream->engine = engine;
    stream->options = known;
    status = fill(stream, reader, paths, path_count, error);
    if (status == EVX_OK)
        *ret_stream = stream;
    else
        destroy(stream);
    return status;
}

// ---- as Arrow has it ----------------------------------------------------------------------------

static int errno_of(evx_status status)
{
    switch (status) {
    case EVX_ERR_MEMORY:
        return ENOMEM;
    case EVX_ERR_ARGUMENT:
    case EVX_VALUE_REFUSED: // strict
        return EINVAL;
    default:
        return EIO;
    }
}

static int get_schema(struct ArrowArrayStream *arrow, struct ArrowSchema *out)
{
    struct table_stream *stream = arrow->private_data;
    return arrow_schema_make(&stream->columns, &stream->engine->lifeline, out) ? 0 : ENOMEM;
}

static int get_next(struct ArrowArrayStream *arrow, struct ArrowArray *out)
{
    struct table_stream *stream = arrow->private_data;
    const evx_status status = table_stream_pull(stream, out);
    if (status == EVX_OK)
        return 0;
    if (status != EVX_END)
        return errno_of(status);
    out->release = NULL;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *arrow)
{
    const struct table_stream *stream = arrow->private_data;
    return stream->error[0] ? stream->error : NULL;
}

static void release(struct ArrowArrayStream *arrow)
{
    if (!arrow->private_data)
        return;
    destroy(arrow->private_data);
    arrow->private_data = NULL;
    arrow->release = NULL;
}

static void give(struct table_stream *stream, struct ArrowArrayStream *ret_stream)
{
    *ret_stream = (struct ArrowArrayStream){
        .get_schema = get_schema,
        .get_next = get_next,
        .get_last_error = get_last_error,
        .release = release,
        .private_data = stream,
    };
}

evx_status evx_table_open(evx_reader *reader, const evx_table_options *options,
                          struct ArrowArrayStream *ret_stream, evx_error *error)
{
    struct table_stream *stream;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = make(reader->engine, reader, NULL, 0, options, &stream, error);
    if (status != EVX_OK)
        return status;
    stream->reader = reader;
    give(stream, ret_stream);
    return EVX_OK;
}

evx_status evx_table_open_paths(evx_engine *engine, const char *const *paths, size_t path_count,
                                const evx_table_options *options,
                                struct ArrowArrayStream *ret_stream, evx_error *error)
{
    struct table_stream *stream;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = make(engine, NULL, paths, path_count, options, &stream, error);
    if (status == EVX_OK)
        give(stream, ret_stream);
    return status;
}

// NULL: it is none of ours.
static const struct table_stream *stream_of(const struct ArrowArrayStream *arrow)
{
    return arrow->release == release ? arrow->private_data : NULL;
}

evx_status evx_table_result(const struct ArrowArrayStream *arrow, evx_table_totals *ret_totals)
{
    const struct table_stream *stream = stream_of(arrow);
    const size_t size = ret_totals->size;
    if (!stream || size < FIRST_SIZE(evx_table_totals, conversions))
        return EVX_ERR_ARGUMENT;
    evx_table_totals totals = stream->totals;
    totals.size = size;
    memcpy(ret_totals, &totals, size < sizeof totals ? size : sizeof totals);
    return EVX_OK;
}

evx_status evx_table_conversions(const struct ArrowArrayStream *arrow, size_t column,
                                 evx_table_conversion *ret_conversion)
{
    const struct table_stream *stream = stream_of(arrow);
    const size_t size = ret_conversion->size;
    if (!stream || size < FIRST_SIZE(evx_table_conversion, offset))
        return EVX_ERR_ARGUMENT;
    if (column >= stream->columns.count)
        return EVX_END;
    const struct table_misfits *misfits = &stream->misfits[column];
    const struct unfit *first = &misfits->first;
    const char *type = value_type_name(first->type & (TYPE_ARRAY - 1));
    const evx_table_conversion conversion = {
        .size = size,
        .column = stream->columns.list[column].name,
        .count = misfits->count,
        .type = type ? type : "unknown",
        .input = misfits->input,
        .chunk = first->chunk,
        .record_id = first->record.id,
        .offset = misfits->count ? slot_offset(first->chunk) + first->record.offset : 0,
    };
    memcpy(ret_conversion, &conversion, size < sizeof conversion ? size : sizeof conversion);
    return EVX_OK;
}
