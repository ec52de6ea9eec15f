// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "flow/convert.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "compat/describe.h"
#include "container/file_header.h"

enum { BATCHES_PER_THREAD = 3 };

struct ring {
    const struct conversion *conversion;
    pthread_mutex_t lock;
    pthread_cond_t changed; // head, draining, stop
    struct batch *batches;
    bool *complete; // by batch; of a claimed chunk
    unsigned batch_count;
    uint64_t claimed;  // next chunk to claim, in reading order
    uint64_t head;     // oldest chunk that is not written
    uint64_t end;      // chunks in all; EVX_NONE until a stream ends
    uint64_t size;     // bytes of the input; EVX_NONE until a stream ends
    bool draining;     // someone is writing
    bool loading;      // someone is reading the stream
    _Atomic bool stop; // set under the lock, looked at without it
    evx_status status;
    evx_convert_result result;
    struct worker_counts counts;
};

struct ring_thread {
    struct ring *ring;
    struct worker worker;
    pthread_t thread;
};

static uint64_t slot_of(const struct conversion *conversion, uint64_t index)
{
    return slot_in_order(conversion->start_slot, conversion->slot_count, index);
}

static void stop_with(struct ring *ring, evx_status status)
{
    struct source *source = ring->conversion->source;
    if (!ring->stop) {
        ring->stop = true;
        ring->status = status;
        if (source->sequential) // someone may wait for its writer
            source_stream_interrupt(source);
    }
    pthread_cond_broadcast(&ring->changed);
}

static evx_status write_piece(const evx_sink *sink, const struct batch *batch, size_t from,
                              size_t to)
{
    EVX_CHECK(from <= to && to <= batch->out.length);
    if (from == to)
        return EVX_OK;
    return sink->write(sink->context, batch->out.data + from, to - from) ? EVX_ERR_SINK : EVX_OK;
}

static evx_status give_report(struct ring *ring, const evx_error *error)
{
    const evx_sink *sink = ring->conversion->sink;
    ring->result.errors++;
    if (sink->report && sink->report(sink->context, error))
        return EVX_ERR_SINK;
    return error->status < 0 && ring->conversion->stop_after_error ? EVX_ERR_STOPPED : EVX_OK;
}

static evx_status give_note(struct ring *ring, const struct note *note)
{
    evx_error error;
    describe_note(note, &error);
    return give_report(ring, &error);
}

// Writes what the batch holds. Called by one thread at a time, without the lock.
static evx_status write_batch(struct ring *ring, const struct batch *batch)
{
    const evx_sink *sink = ring->conversion->sink;
    EVX_CHECK(ring->draining);
    const evx_convert_result before = ring->result;
    size_t done = 0;
    for (uint32_t i = 0; i < batch->report_count; i++) {
        const struct report *report = &batch->reports[i];
        evx_status status = write_piece(sink, batch, done, report->out_length);
        done = report->out_length;
        if (status)
            return status;
        ring->result.records = before.records + report->records;
        ring->result.recovered = before.recovered + report->recovered;
        status =
            report->is_note ? give_note(ring, &report->note) : give_report(ring, &report->error);
        if (status)
            return status;
    }
    evx_status status = write_piece(sink, batch, done, batch->out.length);
    if (status)
        return status;
    ring->result.records = before.records + batch->records;
    ring->result.recovered = before.recovered + batch->recovered;
    return EVX_OK;
}

// The sink is called without the lock, by one thread at a time: these two begin and end that, with
// the lock held and nobody else draining.
static void begin_draining(struct ring *ring)
{
    EVX_CHECK(!ring->draining);
    ring->draining = true;
    pthread_mutex_unlock(&ring->lock);
}

static void end_draining(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    EVX_CHECK(ring->draining);
    ring->draining = false;
    pthread_cond_broadcast(&ring->changed);
}

static void write_unlocked(struct ring *ring, struct batch *batch)
{
    begin_draining(ring);
    evx_status status = write_batch(ring, batch);
    batch_clear(batch);
    end_draining(ring);
    if (status)
        stop_with(ring, status);
}

static void report_progress(struct ring *ring)
{
    const evx_sink *sink = ring->conversion->sink;
    EVX_CHECK(ring->head <= ring->claimed);
    uint64_t done = slot_offset(ring->head), size = ring->size;
    if (!sink->progress)
        return;
    begin_draining(ring);
    sink->progress(sink->context, done, size);
    end_draining(ring);
}

// The chunk's output so far goes out as soon as everything in front of it has.
static void flush_early(struct ring *ring, uint64_t index)
{
    pthread_mutex_lock(&ring->lock);
    while (!ring->stop && (ring->head != index || ring->draining))
        pthread_cond_wait(&ring->changed, &ring->lock);
    struct batch *batch = &ring->batches[index % ring->batch_count];
    if (ring->stop)
        batch_clear(batch);
    else
        write_unlocked(ring, batch);
    pthread_mutex_unlock(&ring->lock);
}

static void complete_batch(struct ring *ring, uint64_t index)
{
    pthread_mutex_lock(&ring->lock);
    EVX_CHECK(index >= ring->head && index < ring->claimed);
    EVX_CHECK(!ring->complete[index % ring->batch_count]);
    ring->complete[index % ring->batch_count] = true;
    while (!ring->stop && !ring->draining && ring->head < ring->claimed &&
           ring->complete[ring->head % ring->batch_count]) {
        write_unlocked(ring, &ring->batches[ring->head % ring->batch_count]);
        ring->complete[ring->head % ring->batch_count] = false;
        EVX_CHECK(ring->head < ring->claimed);
        ring->head++;
        pthread_cond_broadcast(&ring->changed);
        report_progress(ring);
    }
    pthread_mutex_unlock(&ring->lock);
}

// The next report of the batch, behind its output so far; NULL without memory.
static struct report *add_report(struct ring *ring, struct batch *batch)
{
    if (batch->report_count == batch->report_capacity) {
        uint32_t capacity = batch->report_capacity ? 2 * batch->report_capacity : 4;
        struct report *reports =
            memory_reallocate(ring->conversion->memory, batch->reports,
                              batch->report_capacity * sizeof *reports, capacity * sizeof *reports);
        if (!reports)
            return NULL;
        batch->reports = reports;
        batch->report_capacity = capacity;
    }
    EVX_CHECK(batch->report_count < batch->report_capacity);
    struct report *report = &batch->reports[batch->report_count++];
    report->out_length = batch->out.length;
    report->records = batch->records;
    report->recovered = batch->recovered;
    return report;
}

static void out_of_memory(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    stop_with(ring, EVX_ERR_MEMORY);
    pthread_mutex_unlock(&ring->lock);
}

static void add_error(struct ring *ring, struct batch *batch, const evx_error *error)
{
    struct report *report = add_report(ring, batch);
    if (!report) {
        out_of_memory(ring);
        return;
    }
    report->is_note = false;
    report->error = *error;
}

static void add_notes(struct ring *ring, struct batch *batch, const struct worker *worker)
{
    for (unsigned i = 0; i < worker->note_count; i++) {
        struct report *report = add_report(ring, batch);
        if (!report) {
            out_of_memory(ring);
            return;
        }
        report->is_note = true;
        report->note = worker->notes[i];
    }
}

static bool should_flush(const struct batch *batch)
{
    return batch->out.length >= OUTPUT_FLUSH_BYTES;
}

static void render_chunk(struct ring *ring, struct worker *worker, struct batch *batch,
                         uint64_t index)
{
    const struct job_options *options = &ring->conversion->options;
    evx_error error;
    enum slot_state state = worker_open_chunk(worker, options, &error);
    add_notes(ring, batch, worker);
    if (state == SLOT_DAMAGED)
        add_error(ring, batch, &error);
    if (state != SLOT_LOADED)
        return;
    for (;;) {
        struct record record;
        switch (worker_next(worker, options, &batch->out, &record, &error)) {
        case RECORD_END:
            return;
        case RECORD_DAMAGED:
            if (error.status == EVX_ERR_MEMORY) {
                out_of_memory(ring);
                return;
            }
            add_error(ring, batch, &error);
            break;
        case RECORD_RENDERED:
            batch->records++;
            batch->recovered += record.recovered;
            break;
        case RECORD_LEFT_OUT:
            break;
        }
        if (EVX_UNLIKELY(worker->note_count))
            add_notes(ring, batch, worker);
        if (EVX_UNLIKELY(should_flush(batch))) {
            flush_early(ring, index);
            if (ring->stop)
                return;
        }
    }
}

// Reads the next chunk of a stream, which may take its time: without the lock, so that what is
// finished meanwhile goes out.
static enum slot_state load_next(struct ring *ring, struct worker *worker, uint64_t index,
                                 evx_error *error)
{
    EVX_CHECK(!ring->loading);
    ring->loading = true;
    pthread_mutex_unlock(&ring->lock);
    enum slot_state state = worker_load(worker, slot_of(ring->conversion, index), error);
    pthread_mutex_lock(&ring->lock);
    ring->loading = false;
    ring->size = ring->conversion->source->size;
    if (state == SLOT_END) {
        EVX_CHECK(ring->claimed == index + 1);
        ring->end = index;
        ring->claimed = index;
    }
    pthread_cond_broadcast(&ring->changed);
    return state;
}

// Claims the next chunk. For a stream it is read here, in order. SLOT_END: nothing is left.
static enum slot_state claim(struct ring *ring, struct worker *worker, uint64_t *ret_index,
                             evx_error *error)
{
    pthread_mutex_lock(&ring->lock);
    while (!ring->stop && ring->claimed < ring->end &&
           (ring->loading || ring->claimed - ring->head >= ring->batch_count))
        pthread_cond_wait(&ring->changed, &ring->lock);
    enum slot_state state = SLOT_END;
    if (!ring->stop && ring->claimed < ring->end) {
        EVX_CHECK(ring->claimed - ring->head < ring->batch_count);
        *ret_index = ring->claimed++;
        state = SLOT_LOADED;
        if (ring->conversion->source->sequential)
            state = load_next(ring, worker, *ret_index, error);
    }
    pthread_mutex_unlock(&ring->lock);
    return state;
}

static void work(struct ring *ring, struct worker *worker)
{
    for (;;) {
        uint64_t index;
        evx_error error;
        enum slot_state state = claim(ring, worker, &index, &error);
        if (state == SLOT_END)
            return;
        struct batch *batch = &ring->batches[index % ring->batch_count];
        if (!ring->conversion->source->sequential)
            state = worker_load(worker, slot_of(ring->conversion, index), &error);
        if (state == SLOT_DAMAGED)
            add_error(ring, batch, &error);
        if (state == SLOT_LOADED)
            render_chunk(ring, worker, batch, index);
        complete_batch(ring, index);
    }
}

static void *thread_main(void *argument)
{
    struct ring_thread *thread = argument;
    work(thread->ring, &thread->worker);
    return NULL;
}

static void add_counts(struct ring *ring, const struct worker *worker)
{
    ring->counts.compiled += worker->counts.compiled;
    ring->counts.walked += worker->counts.walked;
    ring->counts.irregular += worker->counts.irregular;
}

// The calling thread and as many more as can be started; fewer are only slower.
static void run_threads(struct ring *ring, struct ring_thread *threads, unsigned count)
{
    const struct conversion *c = ring->conversion;
    unsigned prepared = 0, started = 1;
    bool fine = true;
    while (fine && prepared < count) {
        struct ring_thread *thread = &threads[prepared++];
        thread->ring = ring;
        fine = worker_init(&thread->worker, c->memory, c->store, c->codec, c->source, c->info);
    }
    unsigned usable = fine ? prepared : prepared - 1;
    while (started < usable &&
           pthread_create(&threads[started].thread, NULL, thread_main, &threads[started]) == 0)
        started++;
    if (usable > 0)
        work(ring, &threads[0].worker);
    else
        stop_with(ring, EVX_ERR_MEMORY);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i].thread, NULL);
    for (unsigned i = 0; i < prepared; i++) {
        add_counts(ring, &threads[i].worker);
        worker_destroy(&threads[i].worker);
    }
}

static unsigned thread_count(const struct conversion *conversion)
{
    uint64_t chunks = conversion->slot_count;
    unsigned threads = conversion->threads ? conversion->threads : 1;
    if (chunks < threads)
        threads = chunks ? (unsigned)chunks : 1;
    return threads;
}

static evx_status run_ring(struct ring *ring, unsigned threads)
{
    struct memory *memory = ring->conversion->memory;
    size_t threads_size = threads * sizeof(struct ring_thread);
    struct ring_thread *all = memory_allocate_zeroed(memory, threads_size);
    ring->batches = memory_allocate(memory, ring->batch_count * sizeof *ring->batches);
    ring->complete = memory_allocate_zeroed(memory, ring->batch_count * sizeof *ring->complete);
    bool fine = all && ring->batches && ring->complete;
    if (fine) {
        for (unsigned i = 0; i < ring->batch_count; i++)
            batch_init(&ring->batches[i], memory);
        run_threads(ring, all, threads);
        for (unsigned i = 0; i < ring->batch_count; i++)
            batch_destroy(&ring->batches[i], memory);
    }
    memory_release(memory, ring->complete, ring->batch_count * sizeof *ring->complete);
    memory_release(memory, ring->batches, ring->batch_count * sizeof *ring->batches);
    memory_release(memory, all, threads_size);
    return fine ? ring->status : EVX_ERR_MEMORY;
}

evx_status convert_run(const struct conversion *conversion, evx_convert_result *ret_result,
                       struct worker_counts *ret_counts, evx_error *error)
{
    unsigned threads = thread_count(conversion);
    struct ring ring = {
        .conversion = conversion,
        .batch_count = threads == 1 ? 1 : threads * BATCHES_PER_THREAD,
        .end = conversion->slot_count,
        .size = conversion->source->size,
        .status = EVX_OK,
    };
    evx_status status = EVX_ERR_MEMORY;
    if (pthread_mutex_init(&ring.lock, NULL) == 0) {
        if (pthread_cond_init(&ring.changed, NULL) == 0) {
            status = run_ring(&ring, threads);
            pthread_cond_destroy(&ring.changed);
        }
        pthread_mutex_destroy(&ring.lock);
    }
    struct note note;
    if (status == EVX_OK && file_promises_more(conversion->info, conversion->source->size, &note))
        status = give_note(&ring, &note);
    *ret_result = ring.result;
    *ret_counts = ring.counts;
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}
