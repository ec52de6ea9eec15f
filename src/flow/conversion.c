// SPDX-License-Identifier: MIT
#include "flow/conversion.h"

#include "base/check.h"
#include "base/error.h"
#include "base/outbuf.h"
#include "compat/describe.h"
#include "container/file_header.h"

struct writing {
    const evx_sink *sink;
    bool stop_after_error;
    evx_convert_result result;
};

static evx_status write_piece(const evx_sink *sink, const struct outbuf *out, size_t from,
                              size_t to)
{
    EVX_CHECK(from <= to && to <= out->length);
    if (from == to)
        return EVX_OK;
    return sink->write(sink->context, out->data + from, to - from) ? EVX_ERR_SINK : EVX_OK;
}

static evx_status give_error(struct writing *writing, const evx_error *error)
{
    const evx_sink *sink = writing->sink;
    writing->result.errors++;
    if (sink->report && sink->report(sink->context, error))
        return EVX_ERR_SINK;
    return error->status < 0 && writing->stop_after_error ? EVX_ERR_STOPPED : EVX_OK;
}

static evx_status give_note(struct writing *writing, const struct note *note)
{
    evx_error error;
    describe_note(note, &error);
    return give_error(writing, &error);
}

static evx_status give_report(struct writing *writing, const struct report *report)
{
    return report->is_note ? give_note(writing, &report->note)
                           : give_error(writing, &report->error);
}

// Writes what the batch holds.
static evx_status write_batch(struct writing *writing, const struct batch *batch)
{
    const unsigned text = batch->chain->count - 1; // what stands in front of it leaves nothing
    const struct outbuf *out = &((const struct text_payload *)batch->payloads[text])->out;
    const evx_convert_result before = writing->result;
    size_t done = 0;
    for (uint32_t i = 0; i < batch->report_count; i++) {
        const struct report *report = &batch->reports[i];
        evx_status status = write_piece(writing->sink, out, done, report->marks[text]);
        done = report->marks[text];
        if (status)
            return status;
        writing->result.records = before.records + report->records;
        writing->result.recovered = before.recovered + report->recovered;
        status = give_report(writing, report);
        if (status)
            return status;
    }
    evx_status status = write_piece(writing->sink, out, done, out->length);
    if (status)
        return status;
    writing->result.records = before.records + batch->records;
    writing->result.recovered = before.recovered + batch->recovered;
    return EVX_OK;
}

static evx_status pull_all(struct ring *ring, struct writing *writing)
{
    const evx_sink *sink = writing->sink;
    for (;;) {
        const struct batch *batch;
        struct ring_progress progress;
        evx_status status = ring_next(ring, &batch);
        if (status == EVX_OK)
            status = write_batch(writing, batch);
        if (status != EVX_OK)
            return status == EVX_END ? EVX_OK : status;
        if (ring_give_back(ring, &progress) && sink->progress)
            sink->progress(sink->context, progress.done_bytes, progress.size_bytes);
    }
}

static evx_status write_header(const struct conversion *conversion, struct memory *memory)
{
    const struct rows_consumer *rows = &conversion->rows;
    struct outbuf out;
    if (!rows->columns || !conversion->has_header)
        return EVX_OK;
    outbuf_init(&out, memory);
    evx_status status = EVX_ERR_MEMORY;
    if (outbuf_begin_record(&out)) {
        rows_put_header(rows->columns, &rows->style, &out);
        if (!out.failed)
            status = write_piece(conversion->sink, &out, 0, out.length);
    }
    outbuf_destroy(&out);
    return status;
}

evx_status convert_run(struct conversion *conversion, evx_convert_result *ret_result,
                       struct worker_counts *ret_counts, evx_error *error)
{
    struct writing writing = {.sink = conversion->sink,
                              .stop_after_error = conversion->stop_after_error};
    struct job *job = &conversion->job;
    evx_status status = EVX_ERR_MEMORY;
    job->chain = (struct chain){0};
    if (conversion->filter.query)
        job->chain.consumers[job->chain.count++] = &conversion->filter.consumer;
    job->chain.consumers[job->chain.count++] =
        conversion->rows.columns ? &conversion->rows.consumer : &conversion->text.consumer;
    *ret_counts = (struct worker_counts){0};
    struct ring *ring = ring_create(job);
    if (ring) {
        status = write_header(conversion, job->memory);
        if (status == EVX_OK)
            status = pull_all(ring, &writing);
        ring_destroy(ring, ret_counts);
    }
    struct note note;
    if (status == EVX_OK && file_promises_more(job->info, job->source->size, &note))
        status = give_note(&writing, &note);
    *ret_result = writing.result;
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}
