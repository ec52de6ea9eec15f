// SPDX-License-Identifier: MIT
// What the inputs of a run have in common with their old records: all proved definitions, and the
// live records, by their fingerprints. It is gathered in a pass of its own, in the order of the
// inputs, and constant afterwards: what is recovered depends on no order of work.
#ifndef EVX_SALVAGE_KNOWN_H
#define EVX_SALVAGE_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "container/record.h"
#include "decode/decoder.h"

enum {
    KNOWN_RECORDS_MAX = 1 << 19, // live ones: of more, duplicates are not known
};

struct known_definition {
    uint32_t id;
    uint32_t input;
    const struct template *template;
};

struct known {
    struct store *store;
    struct decoder decoder; // for gathering
    struct known_definition *definitions;
    uint32_t definition_count, definition_capacity;
    bool is_sorted;    // by id and input
    uint32_t *latest;  // by number of a template, the input that was known last to have it, and 1
    uint8_t *moved;    // CHUNK_BYTES
    uint64_t *records; // a hash set of fingerprints; 0: free
    uint32_t record_count, record_capacity;
};

// Templates go into the store, which must live longer. False without memory; known_destroy is due
// either way.
EVX_MUST_USE bool known_init(struct known *known, struct store *store);
void known_destroy(struct known *known);

// Gathers the definitions of a chunk that is whole in memory, and its live records if it has a
// header. False without memory.
EVX_MUST_USE bool known_add_chunk(struct known *known, struct chunk *chunk, uint32_t input);
// Once everything is gathered.
void known_finish(struct known *known);

// The first definition with this id or a larger one; up to definition_count.
uint32_t known_find(const struct known *known, uint32_t id);
bool known_has_record(const struct known *known, uint64_t fingerprint);

#endif
