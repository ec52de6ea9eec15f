// SPDX-License-Identifier: MIT
// An allocator that counts bytes and calls, and fails when told to. Several threads may use one.
#ifndef EVX_SUPPORT_METER_H
#define EVX_SUPPORT_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <evx/evx.h>

struct meter {
    _Atomic size_t used, peak; // bytes
    _Atomic uint64_t calls;
    uint64_t fail_at;    // 0: never; the call of this number, from 1, gives NULL
    bool fail_for_good;  // and all behind it
    _Atomic bool failed; // some call did
};

static inline void meter_add(struct meter *meter, size_t size)
{
    size_t used = atomic_fetch_add(&meter->used, size) + size;
    size_t peak = atomic_load(&meter->peak);
    while (used > peak && !atomic_compare_exchange_weak(&meter->peak, &peak, used))
        continue;
}

static inline bool meter_fails(struct meter *meter)
{
    uint64_t call = atomic_fetch_add(&meter->calls, 1) + 1;
    if (!meter->fail_at || call < meter->fail_at ||
        (call > meter->fail_at && !meter->fail_for_good))
        return false;
    atomic_store(&meter->failed, true);
    return true;
}

static inline void *meter_allocate(void *context, size_t size)
{
    void *block = meter_fails(context) ? NULL : malloc(size);
    if (block)
        meter_add(context, size);
    return block;
}

static inline void *meter_reallocate(void *context, void *block, size_t old_size, size_t size)
{
    struct meter *meter = context;
    void *grown = meter_fails(meter) ? NULL : realloc(block, size);
    if (grown) {
        meter_add(meter, size);
        atomic_fetch_sub(&meter->used, old_size);
    }
    return grown;
}

static inline void meter_release(void *context, void *block, size_t size)
{
    free(block);
    atomic_fetch_sub(&((struct meter *)context)->used, size);
}

static inline evx_allocator meter_allocator(struct meter *meter)
{
    return (evx_allocator){meter_allocate, meter_reallocate, meter_release, meter};
}

#endif
