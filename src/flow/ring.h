// SPDX-License-Identifier: MIT
// Units of work in parallel, batches in order, memory bounded. A ring is pulled.
//
// Units, today one chunk each, are numbered in reading order. A thread claims the next number and
// fills the batch of that number; at most `batch_count` units are claimed and not yet given back.
// Who pulls gets the batches one after the other, and works on a unit himself while the next batch
// is not ready, so that N threads are N threads and one thread runs the same code without any
// other. A unit whose batch grows full waits until its turn comes and is handed out in pieces.
//
// A ring belongs to the thread that pulls it. Of a stream the puller reads nothing when there are
// others to do so: what is finished goes out while they wait for more.
#ifndef EVX_FLOW_RING_H
#define EVX_FLOW_RING_H

#include "flow/worker.h"

struct job {
    struct memory *memory;
    struct store *store;
    struct source *source;
    const evx_file_info *info;
    struct job_options options;
    struct chain chain;
    unsigned threads;    // wanted, at least 1
    uint64_t first_slot; // of a part of the input; else 0
    uint64_t start_slot; // oldest chunk, counted from there
    uint64_t slot_count; // EVX_NONE for a stream
    bool is_reverse;     // newest chunk first, each in one batch, whose records stand as usual
    bool keeps_ends;     // of the records, in the batches
    bool keeps_tiles;    // each batch is that of a whole unit and has its tile
};

struct ring;

// Starts the threads; the job must live as long. NULL without memory.
struct ring *ring_create(const struct job *job);
// Stops what is still under way, and joins the threads. Adds what the workers counted.
void ring_destroy(struct ring *ring, struct worker_counts *counts);

// The next batch or piece of one, to be given back before the next is asked for. EVX_END behind the
// last one; EVX_ERR_MEMORY ends the run.
evx_status ring_next(struct ring *ring, const struct batch **ret_batch);

struct ring_progress {
    uint64_t done_bytes; // of the input, for what was given back
    uint64_t size_bytes; // EVX_NONE: unknown
};

// True when that was the end of a unit.
bool ring_give_back(struct ring *ring, struct ring_progress *ret_progress);

#endif
