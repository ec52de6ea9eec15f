// SPDX-License-Identifier: MIT
// Strips: where the values of a column's buffers are put together, in one block.
#ifndef EVX_TABLE_STRIP_H
#define EVX_TABLE_STRIP_H

#include "table/arrow_block.h"

#define STRIP_BYTES_MAX  ((size_t)1 << 30)
#define STRIP_VALUES_MAX ((size_t)1 << 28)

// Values of one buffer each that stand one behind the other, with what says which are null.
struct strip {
    struct arrow_block *block; // NULL: none yet
    uint32_t class;
    uint8_t width;  // of a value in bytes; 0: bits
    bool has_bytes; // the values are ends of texts, with 0 in front
    bool has_ends;  // or of items
    uint32_t count, null_count;
    size_t bytes;                   // of texts
    size_t capacity, byte_capacity; // which the next block has, too
};

// Room for so many more; `growth` is what is to come for each that is there. False without memory,
// or when they are more than 32-bit ends can say: at most half of what is said is taken.
EVX_MUST_USE bool strip_reserve(struct strip *strip, struct arrow_pool *pool, size_t values,
                                size_t bytes, double growth);

// What there is room for. valid: bytes that are 0 or 1; NULL: none is null.
void strip_put_fixed(struct strip *strip, const uint8_t *values, const uint8_t *valid,
                     uint32_t count);
// Ends, which count from `start`, and are to count from `base`.
void strip_put_ends(struct strip *strip, const uint32_t *ends, const uint8_t *valid, uint32_t count,
                    uint32_t start, uint32_t base);
void strip_put_bytes(struct strip *strip, const uint8_t *bytes, size_t size);

uint8_t *strip_values(const struct strip *strip);
uint8_t *strip_bytes(const struct strip *strip);

// Gives the values as an array, and begins anew. There is a block.
void strip_give(struct strip *strip, struct ArrowArray *ret_array);
void strip_drop(struct strip *strip);

#endif
