// SPDX-License-Identifier: MIT
// Chunks in parallel, output in order, memory bounded.
//
// Chunks are numbered in reading order. A thread claims the next number, renders the chunk into the
// batch of that number, and whoever completes the batch at the head writes it and those complete
// behind it. At most `batch_count` chunks are claimed and not yet written. A chunk whose output
// grows large waits until it is at the head and writes in pieces. The calling thread is one of the
// workers, so N threads are N threads, and one thread runs the same code without any other.
#ifndef EVX_FLOW_CONVERT_H
#define EVX_FLOW_CONVERT_H

#include "flow/worker.h"

struct conversion {
    struct memory *memory;
    struct store *store;
    const struct ansi_codec *codec;
    struct source *source;
    const evx_file_info *info;
    struct job_options options;
    const evx_sink *sink;
    unsigned threads; // wanted, at least 1
    bool stop_after_error;
    uint64_t start_slot; // oldest chunk
    uint64_t slot_count; // EVX_NONE for a stream
};

// Fills *ret_result and *ret_counts whatever the status.
evx_status convert_run(const struct conversion *conversion, evx_convert_result *ret_result,
                       struct worker_counts *ret_counts, evx_error *error);

#endif
