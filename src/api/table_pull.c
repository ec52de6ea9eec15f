// SPDX-License-Identifier: MIT
// Rows of units to batches, with the reports in their places.
#include <string.h>

#include "api/table_stream.h"
#include "base/check.h"
#include "base/error.h"
#include "compat/describe.h"
#include "container/file_header.h"
#include "fields/unicode.h"

static evx_status fail_memory(struct table_stream *stream)
{
    evx_error error;
    error_set(&error, EVX_ERR_MEMORY);
    error_add_cause(&error, "there is no memory");
    return table_stream_fail(stream, &error);
}

evx_status table_stream_fail(struct table_stream *stream, const evx_error *error)
{
    size_t size = 0;
    for (unsigned i = 0; i < error->cause_count; i++) {
        const char *text = error->cause[i];
        const size_t bytes = strlen(text);
        if (i > 0) {
            memcpy(stream->error + size, ": ", 2);
            size += 2;
        }
        memcpy(stream->error + size, text, bytes);
        size += bytes;
        EVX_CHECK(size < TABLE_ERROR_BYTES);
    }
    stream->error[size] = '\0';
    return stream->status = error->status;
}

static evx_status give_error(struct table_stream *stream, evx_error *error)
{
    const evx_table_options *options = &stream->options;
    stream->totals.errors++;
    error->input = (uint32_t)stream->input;
    if (!options->report || options->report(options->context, error) == 0)
        return EVX_OK;
    table_stream_fail(stream, error);
    return stream->status = EVX_ERR_SINK;
}

static evx_status give_note(struct table_stream *stream, const struct note *note)
{
    evx_error error;
    describe_note(note, &error);
    return give_error(stream, &error);
}

// ---- inputs -------------------------------------------------------------------------------------

// The path as UTF-8, whatever it is. False without memory.
static bool keep_path(struct table_stream *stream, const char *path)
{
    struct memory *memory = &stream->engine->memory;
    const size_t left = strlen(path);
    const uint8_t *from = (const uint8_t *)path, *end = from + left;
    char *kept = memory_allocate(memory, 3 * left + 1);
    if (!kept)
        return false;
    memory_release(memory, stream->path, stream->path_bytes);
    stream->path = kept;
    stream->path_bytes = 3 * left + 1;
    size_t size = 0;
    for (size_t taken; from < end; from += taken ? taken : 1) {
        uint32_t character;
        taken = utf8_take(from, (size_t)(end - from), &character);
        memcpy(kept + size, taken ? (const char *)from : "\xEF\xBF\xBD", taken ? taken : 3);
        size += taken ? taken : 3;
    }
    stream->batch.path = kept;
    stream->batch.path_size = size;
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The part of the input that was asked for.
static void select_part(const struct table_stream *stream, struct job *job)
{
    const uint64_t first = stream->options.first_chunk, count = stream->options.chunk_count;
    if (first == 0 && count == 0)
        return;
    EVX_CHECK(job->slot_count != EVX_NONE);
    const uint64_t rest = first < job->slot_count ? job->slot_count - first : 0;
    job->first_slot = first;
    job->start_slot = 0;
    job->slot_count = count > 0 && count < rest ? count : rest;
}

static evx_status start_ring(struct table_stream *stream, evx_error *error)
{
    const evx_table_options *known = &stream->options;
    const char *path = stream->paths ? stream->paths[stream->input] : stream->source_path;
    struct conversion *conversion = &stream->conversion;
    const evx_convert_options options = {
        .size = sizeof options,
        .format = EVX_FORMAT_JSONL,
        .threads = known->threads,
        .recover = known->recover,
        .validate_checksums = known->validate_checksums,
        .ids = known->ids,
        .id_count = known->id_count,
        .query = known->query,
        .file_name = path && *path ? base_name(path) : NULL,
    };
    struct job *job = &conversion->job;
    *conversion = (struct conversion){0};
    evx_status status = reader_start_pass(stream->reader, false, error);
    if (status == EVX_OK)
        status = options_read(stream->engine, &options, conversion, error);
    if (status != EVX_OK)
        return status;
    reader_describe_job(stream->reader, job);
    select_part(stream, job);
    if (conversion->filter.query)
        job->chain.consumers[job->chain.count++] = &conversion->filter.consumer;
    job->chain.consumers[job->chain.count++] = &stream->table.consumer;
    stream->units_done = 0;
    stream->ring = keep_path(stream, path ? path : "") ? ring_create(job) : NULL;
    return stream->ring ? EVX_OK : fail_memory(stream);
}

void table_stream_close_input(struct table_stream *stream)
{
    struct worker_counts counts = {0};
    if (stream->ring) {
        ring_destroy(stream->ring, &counts);
        engine_count_records(stream->engine, &counts);
    }
    stream->ring = NULL;
    stream->unit = NULL;
    evx_close(&stream->reader);
}

// Opens the next input. One that cannot be is reported and left out.
static evx_status open_input(struct table_stream *stream)
{
    evx_error error;
    evx_status status = EVX_OK;
    if (stream->paths && stream->input == stream->path_count)
        return stream->status = EVX_END;
    if (!stream->paths && !stream->reader)
        return stream->status = EVX_END;
    if (stream->paths)
        status =
            evx_open_file(stream->engine, stream->paths[stream->input], &stream->reader, &error);
    if (status == EVX_OK)
        status = start_ring(stream, &error);
    if (status == EVX_OK || stream->status != EVX_OK)
        return stream->status;
    evx_close(&stream->reader);
    error.input = (uint32_t)stream->input;
    if (status == EVX_ERR_MEMORY || status == EVX_ERR_ARGUMENT || !stream->options.report)
        return table_stream_fail(stream, &error);
    status = give_error(stream, &error);
    stream->input++;
    return status;
}

static evx_status end_input(struct table_stream *stream)
{
    const struct job *job = &stream->conversion.job;
    const struct evx_reader *reader = stream->reader;
    const bool to_the_end =
        job->first_slot + job->slot_count >= reader->slot_count || job->slot_count == EVX_NONE;
    struct note note;
    evx_status status = EVX_OK;
    if (to_the_end && file_promises_more(job->info, job->source->size, &note))
        status = give_note(stream, &note);
    table_stream_close_input(stream);
    stream->input++;
    return status;
}

// ---- units --------------------------------------------------------------------------------------

static const struct lanes *lanes_of(const struct batch *unit)
{
    return (const struct lanes *)unit->payloads[unit->chain->count - 1];
}

// The name of the column behind what is said of the record.
static evx_status give_misfit(struct table_stream *stream, const struct unfit *unfit)
{
    const struct note note = {
        .kind = NOTE_COLUMN_REFUSED,
        .type = unfit->type,
        .recovered = unfit->record.recovered,
        .chunk = unfit->chunk,
        .record_id = unfit->record.id,
        .offset = slot_offset(unfit->chunk) + unfit->record.offset,
    };
    evx_error error;
    describe_note(&note, &error);
    error_add_cause(&error, "column %s", stream->columns.list[unfit->column].name);
    if (stream->options.strict) {
        table_stream_fail(stream, &error);
        return stream->status = EVX_VALUE_REFUSED;
    }
    return give_error(stream, &error);
}

// Those of the rows that have been taken.
static evx_status count_misfits(struct table_stream *stream, const struct lanes *lanes)
{
    const struct unfit *list = lanes->unfit.items;
    evx_status status = EVX_OK;
    while (status == EVX_OK && stream->unit_misfits < lanes->unfit.count &&
           list[stream->unit_misfits].row < stream->unit_rows) {
        const struct unfit *unfit = &list[stream->unit_misfits++];
        struct table_misfits *misfits = &stream->misfits[unfit->column];
        stream->totals.conversions++;
        if (misfits->count++ > 0)
            continue;
        misfits->first = *unfit;
        misfits->input = (uint32_t)stream->input;
        status = give_misfit(stream, unfit);
    }
    return status;
}

static bool has_all_rows(const struct table_stream *stream)
{
    return stream->options.row_limit && stream->rows_taken == stream->options.row_limit;
}

// Takes rows of the unit up to a row; fewer when the batch is full, or all that were asked for are
// there.
static evx_status take_rows(struct table_stream *stream, uint32_t to)
{
    struct table_batch *batch = &stream->batch;
    const struct lanes *lanes = lanes_of(stream->unit);
    const uint64_t wanted = stream->options.row_limit;
    uint64_t count = to - stream->unit_rows;
    if (count > batch->rows_max - batch->rows)
        count = batch->rows_max - batch->rows;
    if (wanted && count > wanted - stream->rows_taken)
        count = wanted - stream->rows_taken;
    if (count == 0)
        return EVX_OK;
    if (!table_batch_add(batch, lanes, stream->unit_rows, stream->unit_rows + (uint32_t)count))
        return fail_memory(stream);
    stream->unit_rows += (uint32_t)count;
    stream->rows_taken += count;
    return count_misfits(stream, lanes);
}

static evx_status give_report(struct table_stream *stream, struct report *report)
{
    return report->is_note ? give_note(stream, &report->note) : give_error(stream, &report->error);
}

// What is left of the unit, as far as the batch has room: rows, and behind each its reports.
static evx_status take_unit(struct table_stream *stream)
{
    const struct batch *unit = stream->unit;
    const unsigned last = unit->chain->count - 1;
    const uint32_t rows = (uint32_t)lanes_of(unit)->payload.mark;
    EVX_CHECK(stream->unit_rows <= rows && stream->unit_reports <= unit->report_count);
    for (;;) {
        const bool has_report = stream->unit_reports < unit->report_count;
        struct report *report = &unit->reports[stream->unit_reports];
        const uint32_t to = has_report ? (uint32_t)report->marks[last] : rows;
        evx_status status = take_rows(stream, to);
        if (status != EVX_OK || stream->unit_rows < to || !has_report)
            return status;
        stream->unit_reports++;
        status = give_report(stream, report);
        if (status != EVX_OK)
            return status;
    }
}

static bool unit_is_done(const struct table_stream *stream)
{
    return stream->unit_rows == lanes_of(stream->unit)->payload.mark &&
           stream->unit_reports == stream->unit->report_count;
}

static void give_back(struct table_stream *stream)
{
    const evx_table_options *options = &stream->options;
    struct ring_progress progress;
    EVX_CHECK(stream->ring && stream->unit);
    stream->totals.recovered += stream->unit->recovered;
    stream->unit = NULL;
    const bool is_whole = ring_give_back(stream->ring, &progress);
    stream->units_done += is_whole;
    if (is_whole && options->progress)
        options->progress(options->context, (uint32_t)stream->input, progress.done_bytes,
                          progress.size_bytes);
}

// What is to come for each row of the batch, were the rest of the input like what is done.
static void foresee(struct table_stream *stream)
{
    const uint64_t units = stream->conversion.job.slot_count;
    const double done = (double)stream->units_done + 1;
    struct table_batch *batch = &stream->batch;
    batch->growth = units != EVX_NONE && units > done ? 1.05 * (double)units / done : 1;
    if (batch->rows > 0 && batch->growth * batch->rows > (double)batch->rows_max)
        batch->growth = 1.05 * (double)batch->rows_max / batch->rows;
    if (batch->growth < 1)
        batch->growth = 1;
}

// One step towards a full batch.
static evx_status step(struct table_stream *stream)
{
    if (!stream->ring)
        return open_input(stream);
    if (!stream->unit) {
        evx_status status = ring_next(stream->ring, &stream->unit);
        if (status == EVX_END)
            return end_input(stream);
        if (status != EVX_OK)
            return fail_memory(stream);
        stream->unit_rows = stream->unit_reports = stream->unit_misfits = 0;
        foresee(stream);
    }
    evx_status status = take_unit(stream);
    if (status != EVX_OK)
        return status;
    if (has_all_rows(stream)) {
        table_stream_close_input(stream);
        return stream->status = EVX_END;
    }
    if (unit_is_done(stream))
        give_back(stream);
    return EVX_OK;
}

evx_status table_stream_pull(struct table_stream *stream, struct ArrowArray *ret_array)
{
    struct table_batch *batch = &stream->batch;
    while (stream->status == EVX_OK && !table_batch_is_full(batch))
        step(stream);
    if (stream->status != EVX_OK && stream->status != EVX_END)
        return stream->status;
    if (batch->rows == 0)
        return EVX_END;
    const uint32_t rows = batch->rows;
    if (!table_batch_take(batch, ret_array))
        return fail_memory(stream);
    stream->totals.rows += rows;
    return EVX_OK;
}
