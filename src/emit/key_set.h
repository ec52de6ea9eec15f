// SPDX-License-Identifier: MIT
// The member names of the JSON objects of one record, so that no object gets the same name twice.
#ifndef EVX_EMIT_KEY_SET_H
#define EVX_EMIT_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outbuf.h"

struct key_entry {
    uint64_t object;      // 0: empty
    const uint8_t *bytes; // NULL: at `offset` of the output
    size_t offset;
    uint32_t size;
    uint32_t hash;
    uint32_t next_number; // to try when the name comes again
};

struct key_set {
    struct memory *memory;
    struct key_entry *entries;
    uint32_t *used; // indexes of the entries that are not empty
    uint32_t capacity;
    uint32_t count;
    uint64_t seed; // of the hash, odd, so that names cannot be chosen to collide
};

void key_set_init(struct key_set *set, struct memory *memory);
void key_set_destroy(struct key_set *set);
void key_set_clear(struct key_set *set);

// Adds a name that is written elsewhere and never repeats. False: no memory.
bool key_set_add(struct key_set *set, uint64_t object, const uint8_t *bytes, uint32_t size,
                 const struct outbuf *out);

// The name just written at [start, out->length) joins the object; if it has it already, the first
// free _1, _2, ... is appended to what is written. False: no memory.
bool key_set_make_unique(struct key_set *set, uint64_t object, size_t start, struct outbuf *out);

#endif
