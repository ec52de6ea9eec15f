// SPDX-License-Identifier: MIT
// Chunks in parallel, batches in order, memory bounded.
//
// Chunks are numbered in reading order. A thread claims the next number, fills the batch of that
// number, and whoever completes the batch at the head hands it on with those complete behind it. At
// most `batch_count` chunks are claimed and not yet handed on. A chunk whose batch grows full waits
// until it is at the head and hands on pieces. The calling thread is one of the workers, so N
// threads are N threads, and one thread runs the same code without any other.
#ifndef EVX_FLOW_RING_H
#define EVX_FLOW_RING_H

#include "flow/worker.h"

// Who gets the batches, in order, each whole or in pieces: one thread at a time, no lock held. A
// status other than EVX_OK ends the run.
struct receiver {
    evx_status (*take_batch)(void *context, const struct batch *batch);
    void (*progress)(void *context, uint64_t done_bytes, uint64_t size_bytes); // or NULL
    void *context;
};

struct job {
    struct memory *memory;
    struct store *store;
    struct source *source;
    const evx_file_info *info;
    struct job_options options;
    struct chain chain;
    const struct receiver *receiver;
    unsigned threads;    // wanted, at least 1
    uint64_t start_slot; // oldest chunk
    uint64_t slot_count; // EVX_NONE for a stream
};

// Fills *ret_counts whatever the status.
evx_status ring_run(const struct job *job, struct worker_counts *ret_counts);

#endif
