// SPDX-License-Identifier: MIT
#include "flow/verification.h"

#include "base/check.h"
#include "base/error.h"
#include "compat/describe.h"
#include "container/file_header.h"

// What a finding says as well, and more of it.
static bool is_finding(evx_damage kind)
{
    return kind == EVX_DAMAGE_RECORD_TAIL || kind == EVX_DAMAGE_FILE_CHUNKS;
}

static evx_status give_report(struct ledger *ledger, const struct report *report)
{
    const evx_ledger_sink *sink = ledger->sink;
    evx_error described;
    const evx_error *error = &described;
    if (report->is_note)
        describe_note(&report->note, &described);
    else
        error = &report->error;
    if (is_finding(error->kind))
        return EVX_OK;
    ledger_judge(ledger, error);
    return sink && sink->report && sink->report(sink->context, error) ? EVX_ERR_SINK : EVX_OK;
}

static evx_status take_batch(struct ledger *ledger, const struct batch *batch)
{
    evx_status status = EVX_OK;
    for (uint32_t i = 0; i < batch->report_count && status == EVX_OK; i++)
        status = give_report(ledger, &batch->reports[i]);
    return status == EVX_OK ? ledger_take(ledger, &batch->tile, LEDGER_ALL_SHOWN) : status;
}

static evx_status pull_all(struct ring *ring, struct ledger *ledger)
{
    const evx_ledger_sink *sink = ledger->sink;
    for (;;) {
        const struct batch *batch;
        struct ring_progress progress;
        evx_status status = ring_next(ring, &batch);
        if (status == EVX_OK)
            status = take_batch(ledger, batch);
        if (status != EVX_OK)
            return status == EVX_END ? EVX_OK : status;
        if (ring_give_back(ring, &progress) && sink && sink->progress)
            sink->progress(sink->context, progress.done_bytes, progress.size_bytes);
    }
}

static evx_status run_ring(const struct job *job, struct ledger *ledger)
{
    struct worker_counts ignored = {0};
    struct ring *ring = ring_create(job);
    if (!ring)
        return EVX_ERR_MEMORY;
    evx_status status = pull_all(ring, ledger);
    ring_destroy(ring, &ignored);
    return status;
}

evx_status verify_run(struct verification *verification, evx_verify_result *ret_result,
                      evx_error *error)
{
    struct job *job = &verification->job;
    struct ledger ledger;
    job->keeps_tiles = job->options.whole_chunks = true;
    job->chain = (struct chain){
        .consumers = {&verification->witness.consumer, &verification->check.consumer}, .count = 2};
    evx_status status = ledger_start(&ledger, verification->sink, job->info);
    if (status == EVX_OK)
        status = run_ring(job, &ledger);
    if (status == EVX_OK)
        status = ledger_end(&ledger, job->source->size);
    if (status == EVX_OK) {
        ledger_close(&ledger, job->source->size);
        *ret_result = ledger.result;
    } else {
        error_set(error, status);
    }
    return status;
}

evx_status tell_unread(struct ledger *ledger, const struct job *job)
{
    const uint64_t count = job->slot_count, done = ledger->slots, start = job->start_slot;
    if (count == EVX_NONE) {
        ledger->is_short = true;
        return EVX_OK;
    }
    EVX_CHECK(job->first_slot == 0 && done <= count && (start < count || start == 0));
    // Places in reading order that are left; slots go round at the end.
    const uint64_t left = count - done;
    if (left == 0)
        return EVX_OK;
    const uint64_t first = slot_in_order(start, count, job->is_reverse ? 0 : done);
    const uint64_t before_end = count - first < left ? count - first : left;
    evx_status status = ledger_leave(ledger, first, first + before_end, job->source->size);
    return status == EVX_OK ? ledger_leave(ledger, 0, left - before_end, job->source->size)
                            : status;
}
