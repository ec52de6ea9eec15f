// SPDX-License-Identifier: MIT
#include "table/arrow_block.h"

#include <string.h>

#include "base/check.h"

enum { FREE_BLOCKS_MAX = 2 }; // of each class

struct free_blocks {
    struct arrow_block *first;
    uint32_t count;
};

struct arrow_pool {
    struct lifeline *lifeline;
    pthread_mutex_t lock;
    size_t references; // the stream, blocks that are in use, and other memory
    bool is_closed;
    uint32_t class_count;
    struct free_blocks free[]; // by class
};

static size_t pool_bytes(uint32_t class_count)
{
    return sizeof(struct arrow_pool) + class_count * sizeof(struct free_blocks);
}

struct arrow_pool *arrow_pool_create(struct lifeline *lifeline, uint32_t class_count)
{
    const size_t bytes = pool_bytes(class_count);
    struct arrow_pool *pool = memory_allocate_zeroed(lifeline->memory, bytes);
    if (!pool)
        return NULL;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        memory_release(lifeline->memory, pool, bytes);
        return NULL;
    }
    lifeline->hold(lifeline);
    pool->lifeline = lifeline;
    pool->class_count = class_count;
    pool->references = 1;
    return pool;
}

struct lifeline *arrow_pool_lifeline(const struct arrow_pool *pool)
{
    return pool->lifeline;
}

static size_t block_bytes(size_t capacity)
{
    return sizeof(struct arrow_block) + ARROW_ALIGNMENT + capacity;
}

static void release_block(const struct arrow_pool *pool, struct arrow_block *block)
{
    memory_release(pool->lifeline->memory, block, block_bytes(block->capacity));
}

// Frees what waits to be used again, with the lock.
static void release_free(struct arrow_pool *pool)
{
    for (uint32_t i = 0; i < pool->class_count; i++) {
        for (struct arrow_block *next; pool->free[i].first; pool->free[i].first = next) {
            next = pool->free[i].first->next;
            release_block(pool, pool->free[i].first);
        }
        pool->free[i].count = 0;
    }
}

// Ends with one reference less, and perhaps without a pool.
static void unlock_and_let_go(struct arrow_pool *pool)
{
    EVX_CHECK(pool->references > 0);
    const bool is_last = --pool->references == 0;
    pthread_mutex_unlock(&pool->lock);
    if (!is_last)
        return;
    struct lifeline *lifeline = pool->lifeline;
    pthread_mutex_destroy(&pool->lock);
    memory_release(lifeline->memory, pool, pool_bytes(pool->class_count));
    lifeline->let_go(lifeline);
}

void arrow_pool_close(struct arrow_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_closed = true;
    release_free(pool);
    unlock_and_let_go(pool);
}

void arrow_pool_hold(struct arrow_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->references++;
    pthread_mutex_unlock(&pool->lock);
}

void arrow_pool_let_go(struct arrow_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    unlock_and_let_go(pool);
}

// One that is large enough, or NULL; what is too small is not kept.
static struct arrow_block *take_free(struct arrow_pool *pool, uint32_t class, size_t bytes)
{
    struct free_blocks *list = &pool->free[class];
    while (list->first) {
        struct arrow_block *block = list->first;
        list->first = block->next;
        list->count--;
        if (block->capacity >= bytes)
            return block;
        release_block(pool, block);
    }
    return NULL;
}

struct arrow_block *arrow_block_take(struct arrow_pool *pool, uint32_t class, size_t bytes)
{
    EVX_CHECK(class < pool->class_count);
    pthread_mutex_lock(&pool->lock);
    struct arrow_block *block = take_free(pool, class, bytes);
    pool->references++;
    pthread_mutex_unlock(&pool->lock);
    if (!block) {
        block = memory_allocate(pool->lifeline->memory, block_bytes(bytes));
        if (!block) {
            arrow_pool_let_go(pool);
            return NULL;
        }
        uint8_t *behind = (uint8_t *)(block + 1);
        *block = (struct arrow_block){.capacity = bytes};
        block->data = (uint8_t *)arrow_padded((uintptr_t)behind);
    }
    block->pool = pool;
    block->class = class;
    memset(block->buffers, 0, sizeof block->buffers);
    return block;
}

void arrow_block_give_back(struct arrow_block *block)
{
    struct arrow_pool *pool = block->pool;
    pthread_mutex_lock(&pool->lock);
    struct free_blocks *list = &pool->free[block->class];
    if (pool->is_closed || list->count >= FREE_BLOCKS_MAX) {
        release_block(pool, block);
    } else {
        block->next = list->first;
        list->first = block;
        list->count++;
    }
    unlock_and_let_go(pool);
}

static void release(struct ArrowArray *array)
{
    struct arrow_block *block = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    if (array->dictionary && array->dictionary->release)
        array->dictionary->release(array->dictionary);
    array->release = NULL;
    arrow_block_give_back(block);
}

void arrow_array_init(struct ArrowArray *array, struct arrow_block *block, int64_t length,
                      int64_t null_count, int64_t buffer_count)
{
    EVX_CHECK(buffer_count <= BLOCK_BUFFERS);
    *array = (struct ArrowArray){
        .length = length,
        .null_count = null_count,
        .n_buffers = buffer_count,
        .buffers = block->buffers,
        .release = release,
        .private_data = block,
    };
}
