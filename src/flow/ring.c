// SPDX-License-Identifier: MIT
#include "flow/ring.h"

#include <string.h>

#include "base/check.h"
#include "container/file_header.h"
#include "system/threads.h"

enum { BATCHES_PER_THREAD = 3 };

enum batch_state {
    BATCH_FILLING,  // or nobody's
    BATCH_PIECE,    // full: the puller takes it, and then it is filled on
    BATCH_COMPLETE, // to the end of its unit
};

// A worker and the unit that it is on.
struct ring_thread {
    struct ring *ring;
    struct worker worker;
    uint64_t index;             // of the unit
    bool has_unit;              // claimed, and not yet complete
    bool has_records;           // of the unit, still to come
    enum slot_state slot_state; // of the unit
    pthread_t thread;
};

struct ring {
    const struct job *job;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *batches;
    enum batch_state *states; // by batch
    unsigned batch_count;
    struct ring_thread *threads; // the first one is the puller's
    unsigned thread_count;       // workers that are there
    unsigned started;            // of these, threads of their own, from the second on
    uint64_t claimed;            // next unit to claim
    uint64_t head;               // oldest unit that was not given back
    uint64_t end;                // units in all; EVX_NONE until a stream ends
    uint64_t size;               // bytes of the input; EVX_NONE until a stream ends
    bool loading;                // someone is reading the stream
    _Atomic bool stop;           // set under the lock, looked at without it
    evx_status status;
};

static uint64_t slot_of(const struct job *job, uint64_t index)
{
    EVX_CHECK(!job->is_reverse || index < job->slot_count);
    const uint64_t place = job->is_reverse ? job->slot_count - 1 - index : index;
    return job->first_slot + slot_in_order(job->start_slot, job->slot_count, place);
}

static struct batch *batch_of(const struct ring *ring, uint64_t index)
{
    return &ring->batches[index % ring->batch_count];
}

static enum batch_state *state_of(const struct ring *ring, uint64_t index)
{
    return &ring->states[index % ring->batch_count];
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

// ------------------------------------------------------------------------------ work, without the
// lock

static void out_of_memory(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    stop_with(ring, EVX_ERR_MEMORY);
    pthread_mutex_unlock(&ring->lock);
}

static void add_error(struct ring *ring, struct batch *batch, const struct worker *worker,
                      evx_error *error)
{
    if (error->offset != EVX_NONE)
        error->offset += worker->reader.chunk.shift;
    if (error->status == EVX_ERR_MEMORY || !batch_add_error(batch, error))
        out_of_memory(ring);
}

static void add_notes(struct ring *ring, struct batch *batch, struct worker *worker)
{
    for (unsigned i = 0; i < worker->notes.count; i++)
        worker->notes.notes[i].shift = worker->reader.chunk.shift;
    if (!batch_add_notes(batch, &worker->notes))
        out_of_memory(ring);
}

// Opens the unit that was claimed. `state` and `error` are those of its load.
static void open_unit(struct ring_thread *thread, enum slot_state state, evx_error *error)
{
    struct ring *ring = thread->ring;
    struct batch *batch = batch_of(ring, thread->index);
    if (state == SLOT_LOADED) {
        state = worker_open_chunk(&thread->worker, &ring->job->options, error);
        add_notes(ring, batch, &thread->worker);
    }
    if (state == SLOT_DAMAGED)
        add_error(ring, batch, &thread->worker, error);
    thread->has_records = state == SLOT_LOADED;
    thread->slot_state = state;
}

// Fills the unit's batch: BATCH_COMPLETE at its end, or BATCH_PIECE. Who wants all records in their
// order pays nothing for the others.
EVX_INLINE enum batch_state fill(struct ring_thread *thread, const bool keeps_ends)
{
    struct ring *ring = thread->ring;
    struct batch *batch = batch_of(ring, thread->index);
    struct worker *worker = &thread->worker;
    while (thread->has_records) {
        struct record record;
        evx_error error;
        switch (worker_next(worker, &ring->job->options, batch->payloads, &record, &error)) {
        case RECORD_END:
            return BATCH_COMPLETE;
        case RECORD_DAMAGED:
            add_error(ring, batch, worker, &error);
            if (ring->stop)
                return BATCH_COMPLETE;
            break;
        case RECORD_TAKEN:
            batch->records++;
            batch->recovered += record.recovered;
            if (keeps_ends && !batch_add_end(batch)) {
                out_of_memory(ring);
                return BATCH_COMPLETE;
            }
            break;
        case RECORD_LEFT_OUT:
            break;
        }
        if (EVX_UNLIKELY(worker->notes.count))
            add_notes(ring, batch, worker);
        if (EVX_UNLIKELY(batch_is_full(batch)) && !(keeps_ends && ring->job->is_reverse) &&
            !ring->job->keeps_tiles)
            return BATCH_PIECE;
    }
    return BATCH_COMPLETE;
}

// Bytes that the input has of the slot that is loaded.
static uint64_t slot_bytes(const struct ring *ring, const struct chunk *chunk)
{
    const struct source *source = ring->job->source;
    if (source->sequential)
        return chunk->data ? chunk->size : 0;
    const uint64_t offset = slot_offset(chunk->slot);
    if (offset >= source->size)
        return 0;
    return source->size - offset < CHUNK_BYTES ? source->size - offset : CHUNK_BYTES;
}

// What became of the unit's slot, to who keeps the ledger.
static void make_tile(struct ring_thread *thread)
{
    struct ring *ring = thread->ring;
    const struct chunk *chunk = &thread->worker.reader.chunk;
    struct span_list *spans = thread->worker.spans;
    const struct slot_view view = {
        .chunk = chunk,
        .length = slot_bytes(ring, chunk),
        .is_read = thread->slot_state == SLOT_LOADED,
        .is_hole = thread->slot_state == SLOT_EMPTY && chunk->loaded < chunk->size,
        .is_short = ring->job->source->sequential && !chunk->data,
    };
    struct batch *batch = batch_of(ring, thread->index);
    if (!tile_make(&batch->tile, ring->job->memory, &view, spans))
        out_of_memory(ring);
    spans->count = 0;
}

// ------------------------------------------------------------------------------ claims, with the
// lock

static bool can_claim(const struct ring *ring)
{
    return !ring->stop && ring->claimed < ring->end && !ring->loading &&
           ring->claimed - ring->head < ring->batch_count;
}

// Claims the next unit and opens it, without the lock meanwhile: of a stream reading may take its
// time, and what is finished goes out. Units of a stream are read here, in order; at its end there
// is none to claim.
static void claim(struct ring_thread *thread)
{
    struct ring *ring = thread->ring;
    const bool sequential = ring->job->source->sequential;
    evx_error error;
    EVX_CHECK(can_claim(ring) && !thread->has_unit);
    thread->index = ring->claimed++;
    ring->loading = sequential;
    pthread_mutex_unlock(&ring->lock);
    enum slot_state state =
        chunk_reader_load(&thread->worker.reader, slot_of(ring->job, thread->index), &error);
    if (sequential) {
        pthread_mutex_lock(&ring->lock);
        ring->loading = false;
        ring->size = ring->job->source->size;
        if (state == SLOT_END)
            ring->end = ring->claimed = thread->index;
        pthread_cond_broadcast(&ring->changed);
        pthread_mutex_unlock(&ring->lock);
    }
    thread->has_unit = !(sequential && state == SLOT_END);
    if (thread->has_unit)
        open_unit(thread, state, &error);
    pthread_mutex_lock(&ring->lock);
}

// Goes on with the thread's unit, without the lock meanwhile.
static void work_on(struct ring_thread *thread)
{
    struct ring *ring = thread->ring;
    pthread_mutex_unlock(&ring->lock);
    enum batch_state state = ring->job->keeps_ends ? fill(thread, true) : fill(thread, false);
    if (ring->job->keeps_tiles)
        make_tile(thread);
    pthread_mutex_lock(&ring->lock);
    EVX_CHECK(*state_of(ring, thread->index) == BATCH_FILLING);
    *state_of(ring, thread->index) = state;
    thread->has_unit = state != BATCH_COMPLETE;
    pthread_cond_broadcast(&ring->changed);
}

// One step of a thread; false: it can only wait.
static bool step(struct ring_thread *thread)
{
    struct ring *ring = thread->ring;
    if (!thread->has_unit) {
        if (!can_claim(ring))
            return false;
        claim(thread);
        if (!thread->has_unit)
            return true;
    }
    if (*state_of(ring, thread->index) != BATCH_FILLING)
        return false;
    work_on(thread);
    return true;
}

static void *thread_main(void *argument)
{
    struct ring_thread *thread = argument;
    struct ring *ring = thread->ring;
    pthread_mutex_lock(&ring->lock);
    while (!ring->stop && (thread->has_unit || ring->claimed < ring->end))
        if (!step(thread))
            pthread_cond_wait(&ring->changed, &ring->lock);
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

// Whether the puller does work of his own.
static bool puller_works(const struct ring *ring)
{
    return !ring->job->source->sequential || ring->started == 0;
}

evx_status ring_next(struct ring *ring, const struct batch **ret_batch)
{
    evx_status status = EVX_OK;
    pthread_mutex_lock(&ring->lock);
    for (;;) {
        if (ring->stop) {
            status = ring->status;
            break;
        }
        if (ring->head < ring->claimed && *state_of(ring, ring->head) != BATCH_FILLING) {
            *ret_batch = batch_of(ring, ring->head);
            break;
        }
        if (ring->head == ring->end) {
            status = EVX_END;
            break;
        }
        if (!puller_works(ring) || !step(&ring->threads[0]))
            pthread_cond_wait(&ring->changed, &ring->lock);
    }
    pthread_mutex_unlock(&ring->lock);
    return status;
}

bool ring_give_back(struct ring *ring, struct ring_progress *ret_progress)
{
    batch_clear(batch_of(ring, ring->head)); // nobody else touches it, nor moves the head
    pthread_mutex_lock(&ring->lock);
    enum batch_state *state = state_of(ring, ring->head);
    EVX_CHECK(*state != BATCH_FILLING);
    const bool is_whole = *state == BATCH_COMPLETE;
    *state = BATCH_FILLING;
    ring->head += is_whole;
    EVX_CHECK(ring->head <= ring->claimed);
    *ret_progress = (struct ring_progress){slot_offset(ring->head), ring->size};
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
    return is_whole;
}

// ------------------------------------------------------------------------------ making and ending

// Workers, and threads of their own for all but the first; fewer are only slower. The puller of a
// stream works for one of them if he can have no thread.
static bool start_threads(struct ring *ring, unsigned count)
{
    const struct job *job = ring->job;
    while (ring->thread_count < count) {
        struct ring_thread *thread = &ring->threads[ring->thread_count++];
        thread->ring = ring;
        if (!worker_init(&thread->worker, job->memory, job->store, &job->chain, job->source,
                         job->info))
            return ring->thread_count > 1;
        if (job->keeps_tiles && !worker_keep_spans(&thread->worker))
            return false;
    }
    while (ring->started + 1 < count) {
        struct ring_thread *thread = &ring->threads[ring->started + 1];
        if (pthread_create(&thread->thread, NULL, thread_main, thread) != 0)
            break;
        ring->started++;
    }
    return true;
}

static unsigned thread_count(const struct job *job)
{
    uint64_t chunks = job->slot_count;
    unsigned threads = job->threads ? job->threads : 1;
    if (chunks < threads)
        threads = chunks ? (unsigned)chunks : 1;
    return threads;
}

static size_t threads_bytes(const struct ring *ring)
{
    return (ring->batch_count / BATCHES_PER_THREAD + 1) * sizeof *ring->threads;
}

static bool make_parts(struct ring *ring, unsigned threads)
{
    struct memory *memory = ring->job->memory;
    ring->threads = memory_allocate_zeroed(memory, threads_bytes(ring));
    ring->batches = memory_allocate_zeroed(memory, ring->batch_count * sizeof *ring->batches);
    ring->states = memory_allocate_zeroed(memory, ring->batch_count * sizeof *ring->states);
    if (!ring->threads || !ring->batches || !ring->states)
        return false;
    for (unsigned i = 0; i < ring->batch_count; i++)
        if (!batch_init(&ring->batches[i], &ring->job->chain, memory))
            return false;
    // Of a stream the puller only waits: he is one more.
    return start_threads(ring, threads + (threads > 1 && ring->job->source->sequential));
}

static void release_parts(struct ring *ring)
{
    struct memory *memory = ring->job->memory;
    for (unsigned i = 0; ring->batches && i < ring->batch_count; i++)
        if (ring->batches[i].chain)
            batch_destroy(&ring->batches[i]);
    memory_release(memory, ring->states, ring->batch_count * sizeof *ring->states);
    memory_release(memory, ring->batches, ring->batch_count * sizeof *ring->batches);
    memory_release(memory, ring->threads, threads_bytes(ring));
    pthread_cond_destroy(&ring->changed);
    pthread_mutex_destroy(&ring->lock);
    memory_release(memory, ring, sizeof *ring);
}

static bool make_locks(struct ring *ring)
{
    if (pthread_mutex_init(&ring->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&ring->changed, NULL) == 0)
        return true;
    pthread_mutex_destroy(&ring->lock);
    return false;
}

struct ring *ring_create(const struct job *job)
{
    unsigned threads = thread_count(job);
    struct ring *ring = memory_allocate_zeroed(job->memory, sizeof *ring);
    if (!ring)
        return NULL;
    ring->job = job;
    ring->batch_count = threads == 1 ? 1 : threads * BATCHES_PER_THREAD;
    ring->end = job->slot_count;
    ring->size = job->source->size;
    if (!make_locks(ring)) {
        memory_release(job->memory, ring, sizeof *ring);
        return NULL;
    }
    if (make_parts(ring, threads))
        return ring;
    struct worker_counts ignored = {0};
    ring_destroy(ring, &ignored);
    return NULL;
}

void ring_destroy(struct ring *ring, struct worker_counts *counts)
{
    pthread_mutex_lock(&ring->lock);
    if (ring->head != ring->end)
        stop_with(ring, EVX_ERR_STOPPED);
    pthread_mutex_unlock(&ring->lock);
    for (unsigned i = 1; i <= ring->started; i++)
        pthread_join(ring->threads[i].thread, NULL);
    for (unsigned i = 0; i < ring->thread_count; i++) {
        struct worker *worker = &ring->threads[i].worker;
        for (int way = 0; way < WAY_COUNT; way++)
            counts->events[way] += worker->counts.events[way];
        counts->skipped_chunks += worker->counts.skipped_chunks;
        worker_destroy(worker);
    }
    release_parts(ring);
}
