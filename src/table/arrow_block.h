// SPDX-License-Identifier: MIT
// Memory of Arrow arrays: one block for each column of a batch, and used again by later batches
// once whoever has the array releases it. A pool lives until its stream and all of its blocks are
// gone.
#ifndef EVX_TABLE_ARROW_BLOCK_H
#define EVX_TABLE_ARROW_BLOCK_H

#include <evx/arrow.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "system/threads.h"
#include "table/lifeline.h"

enum { ARROW_ALIGNMENT = 64, BLOCK_BUFFERS = 3, BLOCK_CHILDREN = 2 };

EVX_INLINE size_t arrow_padded(size_t size)
{
    return (size + ARROW_ALIGNMENT - 1) & ~(size_t)(ARROW_ALIGNMENT - 1);
}

struct arrow_pool;

// What an array's private_data leads to: its buffers, and what is of the array itself. Its children
// may be taken out of it, and have blocks of their own.
struct arrow_block {
    struct arrow_pool *pool;
    struct arrow_block *next; // that is free, too
    uint32_t class;           // which of a batch's blocks
    size_t capacity;          // bytes
    uint8_t *data;            // aligned
    const void *buffers[BLOCK_BUFFERS];
    struct ArrowArray *pointers[BLOCK_CHILDREN];
    struct ArrowArray children[BLOCK_CHILDREN];
    struct ArrowArray dictionary;
    void *owner; // of what the buffers are, when it is no block
};

// NULL without memory. Blocks of a class are used for nothing else.
struct arrow_pool *arrow_pool_create(struct lifeline *lifeline, uint32_t class_count);
// The stream is done with it.
void arrow_pool_close(struct arrow_pool *pool);

struct lifeline *arrow_pool_lifeline(const struct arrow_pool *pool);
// For memory that is counted elsewhere.
void arrow_pool_hold(struct arrow_pool *pool);
void arrow_pool_let_go(struct arrow_pool *pool);

// A block with room for so many bytes; NULL without memory.
struct arrow_block *arrow_block_take(struct arrow_pool *pool, uint32_t class, size_t bytes);
void arrow_block_give_back(struct arrow_block *block);

// An array that has this block, whose release gives it back. Children and dictionary are added by
// who makes it.
void arrow_array_init(struct ArrowArray *array, struct arrow_block *block, int64_t length,
                      int64_t null_count, int64_t buffer_count);

#endif
