// SPDX-License-Identifier: MIT
// One thread's way from a chunk to events and their consumers: everything it needs, used again from
// chunk to chunk.
#ifndef EVX_FLOW_WORKER_H
#define EVX_FLOW_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "container/record.h"
#include "container/span.h"
#include "decode/decoder.h"
#include "flow/batch.h"
#include "flow/chunk_reader.h"
#include "ledger/witness.h"
#include "salvage/structure.h"

// How an input is read; the same for all workers of a run.
struct job_options {
    bool recover;
    struct input_recovery *recovery; // NULL: old records stand on the definitions in their places
    bool validate_checksums;
    const evx_id_range *ids; // NULL: all records
    size_t id_count;
    bool skips_chunks; // whose header promises none of the ids
    bool whole_chunks; // each is read to its end, whatever is live
};

struct worker_counts {
    uint64_t events[WAY_COUNT];
    uint64_t skipped_chunks;
};

struct worker {
    struct memory *memory;
    struct chunk_reader reader;
    struct decoder decoder;
    struct record_walk walk;
    const struct chain *chain;
    void *states[CHAIN_MAX]; // of the consumers
    uint64_t refusals;       // of the allocator, when the record began
    struct worker_counts counts;
    struct notes notes; // that the last call left, whatever it returned: those of the call alone
    struct span_list *spans;             // of the chunk; NULL: nobody keeps a ledger
    const struct witness_state *witness; // NULL: nobody looks
};

// False without memory; worker_destroy is due either way. The chain must live as long.
EVX_MUST_USE bool worker_init(struct worker *worker, struct memory *memory, struct store *store,
                              const struct chain *chain, struct source *source,
                              const evx_file_info *info);
void worker_destroy(struct worker *worker);

// From now on what is met in a chunk is kept in worker->spans. False without memory.
EVX_MUST_USE bool worker_keep_spans(struct worker *worker);

// Opens the chunk that the reader has loaded, and starts the walk of its records.
enum slot_state worker_open_chunk(struct worker *worker, const struct job_options *options,
                                  evx_error *ret_error);

// The next record of the chunk, or the next note or piece of damage. That includes bytes that are
// needed only now and are not there any more.
enum walk_event worker_walk(struct worker *worker, struct record *ret_record, evx_error *ret_error);

enum record_state {
    RECORD_TAKEN,
    RECORD_DAMAGED,  // ret_error is set
    RECORD_LEFT_OUT, // not selected, or a note says why; or there was only a note
    RECORD_END,
};

// Gives the next record of the chunk that is selected to the consumers.
enum record_state worker_next(struct worker *worker, const struct job_options *options,
                              struct payload *const *payloads, struct record *ret_record,
                              evx_error *ret_error);

enum take_state {
    TAKE_SHOWN,
    TAKE_FAILED,   // ret_error is set
    TAKE_WITHHELD, // worker->notes has one that says why
    TAKE_DROPPED,  // a consumer does not want it: nothing is told of it, unless worker->notes has
                   // that a query gave up
};

// Decodes one record and gives it to the consumers of a chain, which has their classes in the order
// of the worker's own. The caller has taken the notes there were.
enum take_state worker_take(struct worker *worker, const struct chain *chain,
                            struct payload *const *payloads, const struct record *record,
                            evx_error *ret_error);

// Places in the payloads of a chain, and back to them.
void worker_take_marks(const struct chain *chain, struct payload *const *payloads, size_t *marks);
void worker_rewind(const struct chain *chain, struct payload *const *payloads, const size_t *marks);
bool worker_is_selected(const struct job_options *options, uint64_t id);
// What became of a record, for the ledger, if somebody keeps one.
void worker_tell(struct worker *worker, const struct record *record, evx_record_outcome outcome);

#endif
