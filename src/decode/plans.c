// SPDX-License-Identifier: MIT
#include "decode/plans.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"

enum { PLANS_ARENA_BLOCK_BYTES = 128 << 10 };

static const size_t block_bytes = PLANS_PER_BLOCK * sizeof(struct plan *);

bool plans_init(struct plans *plans, struct memory *memory)
{
    memset(plans, 0, sizeof *plans);
    plans->memory = memory;
    arena_init(&plans->arena, memory, PLANS_ARENA_BLOCK_BYTES, PLANS_BYTES_MAX);
    return pthread_mutex_init(&plans->lock, NULL) == 0;
}

void plans_destroy(struct plans *plans)
{
    for (unsigned i = 0; i < PLAN_BLOCKS_MAX; i++)
        memory_release(plans->memory, plans->blocks[i], block_bytes);
    arena_destroy(&plans->arena);
    pthread_mutex_destroy(&plans->lock);
}

bool plans_have_room(const struct plans *plans, uint32_t number)
{
    unsigned count = 0;
    const struct plan *plan = plans_of(plans, number);
    for (; plan; plan = atomic_load_explicit(&plan->next, memory_order_acquire))
        count++;
    return number < TEMPLATE_UNNUMBERED && count < TEMPLATE_PLANS_MAX &&
           !atomic_load_explicit(&plans->full, memory_order_relaxed);
}

// The place of a template's plans; NULL without memory.
static struct plan *_Atomic *place_of(struct plans *plans, uint32_t number)
{
    struct plan *_Atomic *_Atomic *place = &plans->blocks[number / PLANS_PER_BLOCK];
    struct plan *_Atomic *block = atomic_load_explicit(place, memory_order_relaxed);
    if (!block) {
        block = memory_allocate_zeroed(plans->memory, block_bytes);
        atomic_store_explicit(place, block, memory_order_release);
    }
    return block ? &block[number % PLANS_PER_BLOCK] : NULL;
}

struct plan *plans_publish(struct plans *plans, uint32_t number, uint32_t context,
                           struct plan *(*keep)(void *compiler, struct arena *arena),
                           void *compiler)
{
    pthread_mutex_lock(&plans->lock);
    struct plan *plan = plans_find(plans, number, context);
    if (!plan && plans_have_room(plans, number)) {
        struct plan *_Atomic *place = place_of(plans, number);
        plan = place ? keep(compiler, &plans->arena) : NULL;
        if (plan) {
            EVX_CHECK(plan->context == context);
            atomic_init(&plan->next, atomic_load_explicit(place, memory_order_relaxed));
            atomic_store_explicit(place, plan, memory_order_release);
            atomic_fetch_add_explicit(&plans->count, 1, memory_order_relaxed);
        } else { // or every use would compile again
            atomic_store_explicit(&plans->full, true, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&plans->lock);
    return plan;
}
