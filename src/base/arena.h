// SPDX-License-Identifier: MIT
// Bump allocator for one of the three lifetimes (run, chunk, record). Blocks are kept over a reset,
// so a steady state allocates nothing. Single-threaded; the owner locks when it shares one. What is
// not allocated is poisoned (base/check.h): who reads behind an object has to ask for more of it.
#ifndef EVX_BASE_ARENA_H
#define EVX_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/check.h"
#include "base/memory.h"

// What the caller's allocator gives, and all that objects here may need.
enum { ARENA_ALIGNMENT = _Alignof(max_align_t) };

struct arena_block;

struct arena {
    struct memory *memory;
    struct arena_block *first;
    struct arena_block *current;
    uint8_t *next;     // first free byte of the current block
    uint8_t *end;      // end of the current block
    size_t block_size; // of new blocks, unless one object is larger
    size_t total;      // bytes of all blocks
    size_t cap;        // total never passes this
};

void arena_init(struct arena *arena, struct memory *memory, size_t block_size, size_t cap);
void arena_reset(struct arena *arena); // everything allocated before is gone; the blocks stay
void arena_destroy(struct arena *arena);

// The same for an object of `size` bytes that takes so many with its padding.
void *arena_allocate_slow(struct arena *arena, size_t size, size_t taken);

// Aligned for anything, uninitialised; NULL at the cap or without memory.
EVX_INLINE void *arena_allocate(struct arena *arena, size_t size)
{
    if (EVX_UNLIKELY(size > SIZE_MAX - (ARENA_ALIGNMENT - 1)))
        return NULL;
    size_t taken = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    EVX_CHECK(arena->next <= arena->end);
    if (EVX_UNLIKELY(taken > (size_t)(arena->end - arena->next)))
        return arena_allocate_slow(arena, size, taken);
    void *object = arena->next;
    EVX_CHECK((uintptr_t)object % ARENA_ALIGNMENT == 0);
    arena->next += taken;
    EVX_UNPOISON(object, size);
    return object;
}

#endif
