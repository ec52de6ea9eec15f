// SPDX-License-Identifier: MIT
// The caller's allocator, with a counter. Everything the engine allocates goes through here.
#ifndef EVX_BASE_MEMORY_H
#define EVX_BASE_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <evx/evx.h>

struct memory {
    evx_allocator hooks;
    _Atomic uint64_t calls;
    // Calls that gave NULL: what tells lack of memory from a cap of our own.
    _Atomic uint64_t refusals;
};

void memory_init(struct memory *memory, const evx_allocator *hooks_or_null);
void *memory_allocate(struct memory *memory, size_t size); // NULL when there is none
void *memory_allocate_zeroed(struct memory *memory, size_t size);
void *memory_reallocate(struct memory *memory, void *block, size_t old_size, size_t size);
void memory_release(struct memory *memory, void *block, size_t size); // NULL is fine

#endif
