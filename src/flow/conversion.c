// SPDX-License-Identifier: MIT
#include "flow/conversion.h"

#include "base/check.h"
#include "base/error.h"
#include "base/outbuf.h"
#include "compat/describe.h"
#include "container/file_header.h"
#include "flow/verification.h"

struct writing {
    const evx_sink *sink;
    bool stop_after_error;
    bool only_counts;
    bool reverse;
    uint64_t max_records;  // 0: all
    size_t first_skips;    // bytes that are still to be left out
    struct ledger *ledger; // NULL: nobody keeps one
    evx_convert_result result;
};

static evx_status write_piece(struct writing *writing, const struct outbuf *out, size_t from,
                              size_t to)
{
    const evx_sink *sink = writing->sink;
    EVX_CHECK(from <= to && to <= out->length);
    if (from == to)
        return EVX_OK;
    from += writing->first_skips;
    writing->first_skips = 0;
    EVX_CHECK(from <= to);
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

// Its text: what stands in front of it in the chain leaves nothing.
static unsigned text_of(const struct batch *batch)
{
    return batch->chain->count - 1;
}

static const struct outbuf *out_of(const struct writing *writing, const struct batch *batch)
{
    static const struct outbuf nothing = {0};
    if (writing->only_counts)
        return &nothing;
    return &((const struct text_payload *)batch->payloads[text_of(batch)])->out;
}

// Whether nothing more is wanted.
static bool is_done(const struct writing *writing)
{
    return writing->max_records && writing->result.records == writing->max_records;
}

// How many of the batch's records are wanted.
static uint64_t wanted_records(const struct writing *writing, const struct batch *batch)
{
    const uint64_t wanted = writing->max_records - writing->result.records;
    EVX_CHECK(!is_done(writing));
    return writing->max_records && wanted < batch->records ? wanted : batch->records;
}

// Writes what the batch holds, up to the reports behind the last record that is wanted: they may be
// about it.
static evx_status write_batch(struct writing *writing, const struct batch *batch)
{
    const struct outbuf *out = out_of(writing, batch);
    const evx_convert_result before = writing->result;
    const uint64_t wanted = wanted_records(writing, batch);
    size_t done = 0, end = out->length;
    uint64_t recovered = batch->recovered;
    if (wanted < batch->records) {
        end = batch->ends[wanted - 1].mark;
        recovered = batch->ends[wanted - 1].recovered;
    }
    for (uint32_t i = 0; i < batch->report_count; i++) {
        const struct report *report = &batch->reports[i];
        if (report->records > wanted)
            break;
        evx_status status = write_piece(writing, out, done, report->marks[text_of(batch)]);
        done = report->marks[text_of(batch)];
        if (status)
            return status;
        writing->result.records = before.records + report->records;
        writing->result.recovered = before.recovered + report->recovered;
        status = give_report(writing, report);
        if (status)
            return status;
    }
    evx_status status = write_piece(writing, out, done, end);
    if (status)
        return status;
    writing->result.records = before.records + wanted;
    writing->result.recovered = before.recovered + recovered;
    return EVX_OK;
}

// Writes one record of a batch, counted from 1.
static evx_status write_record(struct writing *writing, const struct batch *batch, uint64_t number)
{
    static const struct record_end start = {0};
    const struct record_end *end = &batch->ends[number - 1];
    const struct record_end *before = number > 1 ? end - 1 : &start;
    evx_status status = write_piece(writing, out_of(writing, batch), before->mark, end->mark);
    if (status)
        return status;
    writing->result.records++;
    writing->result.recovered += end->recovered - before->recovered;
    return EVX_OK;
}

// The reports that stand behind so many records of the batch, in their order. Those behind them
// have been given: *report_count says how many are left.
static evx_status give_reports_behind(struct writing *writing, const struct batch *batch,
                                      uint64_t records, uint32_t *report_count)
{
    const uint32_t end = *report_count;
    while (*report_count > 0 && batch->reports[*report_count - 1].records == records)
        --*report_count;
    evx_status status = EVX_OK;
    for (uint32_t i = *report_count; i < end && !status; i++)
        status = give_report(writing, &batch->reports[i]);
    return status;
}

// Writes the records of the batch from the last one on, each with the reports behind it: they may
// be about it. What stands in front of the first record comes last.
static evx_status write_batch_backwards(struct writing *writing, const struct batch *batch)
{
    uint32_t report_count = batch->report_count;
    for (uint64_t number = batch->records; number > 0; number--) {
        evx_status status = write_record(writing, batch, number);
        if (!status)
            status = give_reports_behind(writing, batch, number, &report_count);
        if (status || is_done(writing))
            return status;
    }
    return give_reports_behind(writing, batch, 0, &report_count);
}

// Writes what a unit holds, and what comes of it to the ledger.
static evx_status write_unit(struct writing *writing, const struct batch *batch)
{
    const uint64_t before = writing->result.records;
    evx_status status =
        writing->reverse ? write_batch_backwards(writing, batch) : write_batch(writing, batch);
    if (EVX_LIKELY(!writing->ledger) || (status != EVX_OK && status != EVX_ERR_STOPPED))
        return status;
    const uint64_t written = writing->result.records - before;
    const struct shown_range shown = {writing->reverse ? batch->records - written : 0,
                                      writing->reverse ? batch->records : written};
    evx_status told = ledger_take(writing->ledger, &batch->tile, shown);
    return told == EVX_OK ? status : told;
}

static evx_status pull_all(struct ring *ring, struct writing *writing)
{
    const evx_sink *sink = writing->sink;
    for (;;) {
        const struct batch *batch;
        struct ring_progress progress;
        evx_status status = ring_next(ring, &batch);
        if (status == EVX_OK)
            status = write_unit(writing, batch);
        if (status != EVX_OK)
            return status == EVX_END ? EVX_OK : status;
        if (is_done(writing)) // before the next batch, which may be long in coming
            return EVX_OK;
        if (ring_give_back(ring, &progress) && sink->progress)
            sink->progress(sink->context, progress.done_bytes, progress.size_bytes);
    }
}

static evx_status write_header(const struct conversion *conversion, struct writing *writing)
{
    const struct rows_consumer *rows = &conversion->rows;
    struct outbuf out;
    if (!rows->columns || !conversion->has_header || conversion->only_counts)
        return EVX_OK;
    outbuf_init(&out, conversion->job.memory);
    evx_status status = EVX_ERR_MEMORY;
    if (outbuf_begin_record(&out)) {
        rows_put_header(rows->columns, &rows->style, &out);
        if (!out.failed)
            status = write_piece(writing, &out, 0, out.length);
    }
    outbuf_destroy(&out);
    return status;
}

// What the file header promises behind the last chunk.
static evx_status tell_missing_end(struct writing *writing, const struct job *job)
{
    struct note note;
    return file_promises_more(job->info, job->source->size, &note) ? give_note(writing, &note)
                                                                   : EVX_OK;
}

static evx_status run_ring(const struct job *job, struct writing *writing,
                           struct worker_counts *ret_counts)
{
    struct ring *ring = ring_create(job);
    if (!ring)
        return EVX_ERR_MEMORY;
    evx_status status = pull_all(ring, writing);
    ring_destroy(ring, ret_counts);
    return status;
}

static evx_status start_ledger(struct writing *writing, struct job *job, struct ledger *ledger,
                               const evx_ledger_sink *sink)
{
    job->keeps_tiles = job->options.whole_chunks = sink != NULL;
    if (!sink)
        return EVX_OK;
    writing->ledger = ledger;
    return ledger_start(ledger, sink, job->info);
}

// Whatever is left of the input was not read.
static evx_status end_ledger(struct writing *writing, const struct job *job, evx_status status)
{
    struct ledger *ledger = writing->ledger;
    if (!ledger || (status != EVX_OK && status != EVX_ERR_STOPPED))
        return status;
    evx_status told = EVX_OK;
    if (status == EVX_ERR_STOPPED || is_done(writing))
        told = tell_unread(ledger, job);
    if (told == EVX_OK)
        ledger_close(ledger, job->source->size);
    return told == EVX_OK ? status : told;
}

evx_status convert_run(struct conversion *conversion, evx_convert_result *ret_result,
                       struct worker_counts *ret_counts, evx_error *error)
{
    struct writing writing = {
        .sink = conversion->sink,
        .stop_after_error = conversion->stop_after_error,
        .only_counts = conversion->only_counts,
        .reverse = conversion->reverse,
        .max_records = conversion->max_records,
        .first_skips = conversion->first_skips,
    };
    struct job *job = &conversion->job;
    job->is_reverse = conversion->reverse;
    job->keeps_ends = conversion->reverse || conversion->max_records;
    job->chain = (struct chain){0};
    if (conversion->filter.query)
        job->chain.consumers[job->chain.count++] = &conversion->filter.consumer;
    const struct count_consumer count = count_consumer(&conversion->text, conversion->shapes);
    job->chain.consumers[job->chain.count++] = conversion->instead       ? conversion->instead
                                               : conversion->only_counts ? &count.consumer
                                               : conversion->rows.columns
                                                   ? &conversion->rows.consumer
                                                   : &conversion->text.consumer;
    *ret_counts = (struct worker_counts){0};
    struct ledger ledger;
    evx_status status = start_ledger(&writing, job, &ledger, conversion->ledger);
    if (status == EVX_OK)
        status = write_header(conversion, &writing);
    if (status == EVX_OK && writing.reverse)
        status = tell_missing_end(&writing, job);
    if (status == EVX_OK)
        status = run_ring(job, &writing, ret_counts);
    status = end_ledger(&writing, job, status);
    if (status == EVX_OK && !writing.reverse && !is_done(&writing))
        status = tell_missing_end(&writing, job);
    *ret_result = writing.result;
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}
