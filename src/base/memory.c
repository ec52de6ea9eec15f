// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *libc_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *libc_reallocate(void *context, void *block, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    return realloc(block, size);
}

static void libc_release(void *context, void *block, size_t size)
{
    (void)context;
    (void)size;
    free(block);
}

void memory_init(struct memory *memory, const evx_allocator *hooks_or_null)
{
    static const evx_allocator libc_hooks = {libc_allocate, libc_reallocate, libc_release, NULL};
    memory->hooks = hooks_or_null ? *hooks_or_null : libc_hooks;
    atomic_init(&memory->calls, 0);
    atomic_init(&memory->refusals, 0);
}

static void *counted(struct memory *memory, void *block)
{
    atomic_fetch_add_explicit(&memory->calls, 1, memory_order_relaxed);
    if (!block)
        atomic_fetch_add_explicit(&memory->refusals, 1, memory_order_relaxed);
    return block;
}

void *memory_allocate(struct memory *memory, size_t size)
{
    EVX_CHECK(size > 0);
    return counted(memory, memory->hooks.allocate(memory->hooks.context, size));
}

void *memory_allocate_zeroed(struct memory *memory, size_t size)
{
    void *block = memory_allocate(memory, size);
    if (block)
        memset(block, 0, size);
    return block;
}

void *memory_reallocate(struct memory *memory, void *block, size_t old_size, size_t size)
{
    if (!block)
        return memory_allocate(memory, size);
    EVX_CHECK(old_size > 0 && size > old_size);
    return counted(memory, memory->hooks.reallocate(memory->hooks.context, block, old_size, size));
}

void memory_release(struct memory *memory, void *block, size_t size)
{
    if (block)
        memory->hooks.release(memory->hooks.context, block, size);
}
