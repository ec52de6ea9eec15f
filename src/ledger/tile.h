// SPDX-License-Identifier: MIT
// One slot of an input as regions that leave out no byte and have none twice, and what is odd about
// it. Made by the worker that has read the slot, from its bytes and the spans of its records.
#ifndef EVX_LEDGER_TILE_H
#define EVX_LEDGER_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "container/chunk.h"
#include "container/span.h"
#include "ledger/findings.h"

// What other chunks are compared with.
struct chunk_facts {
    bool has_header, has_records;
    uint64_t first_id, last_id;         // of the records that are there
    uint64_t first_time, last_time;     // written
    uint64_t first_offset, last_offset; // of these two in the input
};

struct tile {
    bool is_set;
    uint64_t slot;
    struct list regions; // of evx_region
    struct findings findings;
    struct chunk_facts facts;
    uint64_t records[EVX_RECORD_OUTCOMES]; // live ones
    bool is_short; // of a stream: bytes were not to be had, nobody knows how many
};

// What became of a slot.
struct slot_view {
    const struct chunk *chunk; // as far as it is loaded
    uint64_t length;           // bytes that the input has of it, by its size
    bool is_read;              // its records have been walked over
    bool is_hole;              // of the file: zeros that were not read
    bool is_short;             // of a stream that could not be read
};

// Replaces what the tile held, and sorts the spans. False without memory.
EVX_MUST_USE bool tile_make(struct tile *tile, struct memory *memory, const struct slot_view *view,
                            struct span_list *spans);
void tile_destroy(struct tile *tile, struct memory *memory);

// Of a chunk whose records have been walked over: fills findings and facts.
void tile_find(struct tile *tile, const struct slot_view *view, const struct span_list *spans);

#endif
