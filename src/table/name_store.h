// SPDX-License-Identifier: MIT
// The values of a dictionary column over all batches of a stream: they only become more, so that
// all batches share them. Belongs to the thread that pulls; what it has given lives on its own.
#ifndef EVX_TABLE_NAME_STORE_H
#define EVX_TABLE_NAME_STORE_H

#include "table/arrow_block.h"

struct name_values;

struct name_store {
    struct arrow_pool *pool;
    uint32_t class;             // of the blocks that its arrays have
    struct name_values *values; // NULL: none so far
    uint32_t count;
    uint32_t *slots; // 1 + index; 0: free
    uint32_t slot_count;
};

void name_store_init(struct name_store *store, struct arrow_pool *pool, uint32_t class);
void name_store_destroy(struct name_store *store);

// The index of a name, which is added when it is new; UINT32_MAX without memory.
uint32_t name_store_find(struct name_store *store, const uint8_t *text, uint32_t size);

// Bytes that the names take.
size_t name_store_bytes(const struct name_store *store);
// Forgets the names: a batch that comes has others.
void name_store_restart(struct name_store *store);

// The names so far as an array. False without memory.
EVX_MUST_USE bool name_store_export(struct name_store *store, struct ArrowArray *ret_array);

#endif
