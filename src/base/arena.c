// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include "base/ablate.h"

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
}

void arena_reset(struct arena *arena)
{
    if (EVX_ABLATE_ARENAS)
        arena_destroy(arena);
    else if (arena->first)
        enter_block(arena, arena->first);
}

void arena_destroy(struct arena *arena)
{
    struct arena_block *block = arena->first;
    while (block) {
        struct arena_block *next = block->next;
        memory_release(arena->memory, block, sizeof *block + block->size);
        block = next;
    }
    arena_init(arena, arena->memory, arena->block_size, arena->cap);
}

void *arena_allocate_slow(struct arena *arena, size_t size)
{
    // A kept block that is too small is passed over: it serves again after the next reset.
    while (arena->current && arena->current->next) {
        enter_block(arena, arena->current->next);
        if (size <= arena->current->size) {
            arena->next += size;
            return arena->current->data;
        }
    }
    size_t block_size = size > arena->block_size ? size : arena->block_size;
    if (block_size > arena->cap - arena->total)
        block_size = size;
    if (block_size > arena->cap - arena->total)
        return NULL;
    struct arena_block *block = memory_allocate(arena->memory, sizeof *block + block_size);
    if (!block)
        return NULL;
    block->next = NULL;
    block->size = block_size;
    arena->total += block_size;
    if (arena->current)
        arena->current->next = block;
    else
        arena->first = block;
    enter_block(arena, block);
    arena->next += size;
    return block->data;
}
