// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include "base/ablate.h"
#include "base/check.h"

struct arena_block {
    struct arena_block *next;
    size_t size; // of the data behind this header
    _Alignas(ARENA_ALIGNMENT) uint8_t data[];
};

void arena_init(struct arena *arena, struct memory *memory, size_t block_size, size_t cap)
{
    if (EVX_ABLATE_ARENAS)
        block_size = 0;
    *arena = (struct arena){.memory = memory, .block_size = block_size, .cap = cap};
}

static void enter_block(struct arena *arena, struct arena_block *block)
{
    arena->current = block;
    arena->next = block->data;
    arena->end = block->data + block->size;
    EVX_CHECK((uintptr_t)block->data % ARENA_ALIGNMENT == 0);
}

// The blocks behind the current one have been poisoned since they were made or given back.
static void poison_used(const struct arena *arena)
{
    for (struct arena_block *block = arena->first; block; block = block->next) {
        EVX_POISON(block->data, block->size);
        if (block == arena->current)
            return;
    }
}

void arena_reset(struct arena *arena)
{
    if (EVX_ABLATE_ARENAS)
        arena_destroy(arena);
    if (!arena->first)
        return;
    if (EVX_POISONING)
        poison_used(arena);
    enter_block(arena, arena->first);
}

void arena_destroy(struct arena *arena)
{
    struct arena_block *block = arena->first;
    while (block) {
        struct arena_block *next = block->next;
        EVX_UNPOISON(block->data, block->size);
        memory_release(arena->memory, block, sizeof *block + block->size);
        block = next;
    }
    EVX_CHECK(block == NULL);
    arena_init(arena, arena->memory, arena->block_size, arena->cap);
}

static void *take(struct arena *arena, size_t size, size_t taken)
{
    void *object = arena->next;
    EVX_CHECK(taken >= size && taken <= (size_t)(arena->end - arena->next));
    arena->next += taken;
    EVX_UNPOISON(object, size);
    return object;
}

void *arena_allocate_slow(struct arena *arena, size_t size, size_t taken)
{
    EVX_CHECK(arena->total <= arena->cap);
    // A kept block that is too small is passed over: it serves again after the next reset.
    while (arena->current && arena->current->next) {
        enter_block(arena, arena->current->next);
        if (taken <= arena->current->size)
            return take(arena, size, taken);
    }
    size_t block_size = taken > arena->block_size ? taken : arena->block_size;
    if (block_size > arena->cap - arena->total)
        block_size = taken;
    if (block_size > arena->cap - arena->total)
        return NULL;
    struct arena_block *block = memory_allocate(arena->memory, sizeof *block + block_size);
    if (!block)
        return NULL;
    block->next = NULL;
    block->size = block_size;
    arena->total += block_size;
    EVX_POISON(block->data, block_size);
    EVX_CHECK(!arena->current || !arena->current->next); // or the blocks behind it would be lost
    if (arena->current)
        arena->current->next = block;
    else
        arena->first = block;
    enter_block(arena, block);
    return take(arena, size, taken);
}
