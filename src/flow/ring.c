// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "flow/ring.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "compat/describe.h"
#include "container/file_header.h"

enum { BATCHES_PER_THREAD = 3 };

struct ring {
    const struct job *job;
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
    struct worker_counts counts;
};

struct ring_thread {
    struct ring *ring;
    struct worker worker;
    pthread_t thread;
};

static uint64_t slot_of(const struct job *job, uint64_t index)
{
    return slot_in_order(job->start_slot, job->slot_count, index);
}

static void stop_with(struct ring *ring, evx_status status)
{
    struct source *source = ring->job->source;
    if (!ring->stop) {
        ring->stop = true;
        ring->status = status;
        if (source->sequential) // someone may wait for its writer
            source_stream_interrupt(source);
    }
    pthread_cond_broadcast(&ring->changed);
}

// The receiver is called without the lock, by one thread at a time: these two begin and end that,
// with the lock held and nobody else draining.
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

static void hand_on(struct ring *ring, struct batch *batch)
{
    begin_draining(ring);
    const struct receiver *receiver = ring->job->receiver;
    evx_status status = receiver->take_batch(receiver->context, batch);
    batch_clear(batch);
    end_draining(ring);
    if (status)
        stop_with(ring, status);
}

static void report_progress(struct ring *ring)
{
    const struct receiver *receiver = ring->job->receiver;
    EVX_CHECK(ring->head <= ring->claimed);
    uint64_t done = slot_offset(ring->head), size = ring->size;
    if (!receiver->progress)
        return;
    begin_draining(ring);
    receiver->progress(receiver->context, done, size);
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
        hand_on(ring, batch);
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
        hand_on(ring, &ring->batches[ring->head % ring->batch_count]);
        ring->complete[ring->head % ring->batch_count] = false;
        EVX_CHECK(ring->head < ring->claimed);
        ring->head++;
        pthread_cond_broadcast(&ring->changed);
        report_progress(ring);
    }
    pthread_mutex_unlock(&ring->lock);
}

static void out_of_memory(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    stop_with(ring, EVX_ERR_MEMORY);
    pthread_mutex_unlock(&ring->lock);
}

static void add_error(struct ring *ring, struct batch *batch, const evx_error *error)
{
    if (!batch_add_error(batch, error))
        out_of_memory(ring);
}

static void add_notes(struct ring *ring, struct batch *batch, const struct worker *worker)
{
    if (!batch_add_notes(batch, &worker->notes))
        out_of_memory(ring);
}

static void take_chunk(struct ring *ring, struct worker *worker, struct batch *batch,
                       uint64_t index)
{
    const struct job_options *options = &ring->job->options;
    evx_error error;
    enum slot_state state = worker_open_chunk(worker, options, &error);
    add_notes(ring, batch, worker);
    if (state == SLOT_DAMAGED)
        add_error(ring, batch, &error);
    if (state != SLOT_LOADED)
        return;
    for (;;) {
        struct record record;
        switch (worker_next(worker, options, batch->payloads, &record, &error)) {
        case RECORD_END:
            return;
        case RECORD_DAMAGED:
            if (error.status == EVX_ERR_MEMORY) {
                out_of_memory(ring);
                return;
            }
            add_error(ring, batch, &error);
            break;
        case RECORD_TAKEN:
            batch->records++;
            batch->recovered += record.recovered;
            break;
        case RECORD_LEFT_OUT:
            break;
        }
        if (EVX_UNLIKELY(worker->notes.count))
            add_notes(ring, batch, worker);
        if (EVX_UNLIKELY(batch_is_full(batch))) {
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
    enum slot_state state = chunk_reader_load(&worker->reader, slot_of(ring->job, index), error);
    pthread_mutex_lock(&ring->lock);
    ring->loading = false;
    ring->size = ring->job->source->size;
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
        if (ring->job->source->sequential)
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
        if (!ring->job->source->sequential)
            state = chunk_reader_load(&worker->reader, slot_of(ring->job, index), &error);
        if (state == SLOT_DAMAGED)
            add_error(ring, batch, &error);
        if (state == SLOT_LOADED)
            take_chunk(ring, worker, batch, index);
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
    const struct job *c = ring->job;
    unsigned prepared = 0, started = 1;
    bool fine = true;
    while (fine && prepared < count) {
        struct ring_thread *thread = &threads[prepared++];
        thread->ring = ring;
        fine = worker_init(&thread->worker, c->memory, c->store, &c->chain, c->source, c->info);
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

static unsigned thread_count(const struct job *job)
{
    uint64_t chunks = job->slot_count;
    unsigned threads = job->threads ? job->threads : 1;
    if (chunks < threads)
        threads = chunks ? (unsigned)chunks : 1;
    return threads;
}

static evx_status run_ring(struct ring *ring, unsigned threads)
{
    struct memory *memory = ring->job->memory;
    size_t threads_size = threads * sizeof(struct ring_thread);
    struct ring_thread *all = memory_allocate_zeroed(memory, threads_size);
    ring->batches = memory_allocate(memory, ring->batch_count * sizeof *ring->batches);
    ring->complete = memory_allocate_zeroed(memory, ring->batch_count * sizeof *ring->complete);
    bool fine = all && ring->batches && ring->complete;
    if (fine) {
        unsigned made = 0;
        while (fine && made < ring->batch_count)
            fine = batch_init(&ring->batches[made++], &ring->job->chain, memory);
        if (fine)
            run_threads(ring, all, threads);
        while (made > 0)
            batch_destroy(&ring->batches[--made]);
    }
    memory_release(memory, ring->complete, ring->batch_count * sizeof *ring->complete);
    memory_release(memory, ring->batches, ring->batch_count * sizeof *ring->batches);
    memory_release(memory, all, threads_size);
    return fine ? ring->status : EVX_ERR_MEMORY;
}

evx_status ring_run(const struct job *job, struct worker_counts *ret_counts)
{
    unsigned threads = thread_count(job);
    struct ring ring = {
        .job = job,
        .batch_count = threads == 1 ? 1 : threads * BATCHES_PER_THREAD,
        .end = job->slot_count,
        .size = job->source->size,
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
    *ret_counts = ring.counts;
    return status;
}
