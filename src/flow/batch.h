// SPDX-License-Identifier: MIT
// What comes of one unit of work, in order: a payload for each consumer of the chain, and the
// reports with their places in them.
#ifndef EVX_FLOW_BATCH_H
#define EVX_FLOW_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "decode/consumer.h"
#include "flow/notes.h"
#include "ledger/tile.h"

enum { CHAIN_MAX = 4 };

// Consumers in the order in which they get each event.
struct chain {
    const struct consumer *consumers[CHAIN_MAX];
    unsigned count;
};

// One report, and what stands in front of it: marks of the payloads, records, and those of them
// carved.
struct report {
    size_t marks[CHAIN_MAX];
    uint64_t records, recovered;
    bool is_note;
    union {
        struct note note;
        evx_error error;
    };
};

// What stands up to the end of a record: the mark of the last payload, and records carved.
struct record_end {
    size_t mark;
    uint64_t recovered;
};

struct batch {
    const struct chain *chain;
    struct memory *memory;
    struct payload *payloads[CHAIN_MAX];
    struct report *reports;
    uint32_t report_count, report_capacity;
    struct record_end *ends; // of the records, when who pulls asked for them
    uint32_t end_capacity;
    struct tile tile; // of the unit's slot, when somebody keeps a ledger
    uint64_t records, recovered;
};

// False without memory; batch_destroy is due either way.
EVX_MUST_USE bool batch_init(struct batch *batch, const struct chain *chain, struct memory *memory);
void batch_destroy(struct batch *batch);
void batch_clear(struct batch *batch);

EVX_INLINE bool batch_is_full(const struct batch *batch)
{
    bool is_full = false;
    for (unsigned i = 0; i < batch->chain->count; i++)
        is_full |= batch->payloads[i]->is_full;
    return is_full;
}

// Notes where the record ends that was counted last. False without memory.
EVX_MUST_USE bool batch_add_end(struct batch *batch);

// Puts reports behind what the batch holds. False without memory.
EVX_COLD EVX_MUST_USE bool batch_add_error(struct batch *batch, const evx_error *error);
EVX_COLD EVX_MUST_USE bool batch_add_notes(struct batch *batch, const struct notes *notes);

#endif
