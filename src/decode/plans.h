// SPDX-License-Identifier: MIT
// What a consumer has compiled of templates: its plans, found by the template's number.
//
// Plans belong to their consumer and die with it. A plan serves one template in one context, whose
// meaning is the consumer's own (for XML the depth of indentation). Looking up takes no lock;
// publishing does. A consumer that has no room for more plans works without: nothing is lost.
#ifndef EVX_DECODE_PLANS_H
#define EVX_DECODE_PLANS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "decode/template.h"
#include "system/threads.h"

enum {
    PLANS_PER_BLOCK = 256,
    PLAN_BLOCKS_MAX = TEMPLATE_UNNUMBERED / PLANS_PER_BLOCK,
};

// The head of each consumer's own struct.
struct plan {
    struct plan *_Atomic next; // of the same template in other contexts
    uint32_t context;
};

struct plans {
    struct memory *memory;
    pthread_mutex_t lock; // the arena, and what is published
    struct arena arena;
    struct plan *_Atomic *_Atomic blocks[PLAN_BLOCKS_MAX + 1]; // the last one is that of no number
    _Atomic uint64_t count;
    _Atomic bool full; // there will be no more
};

EVX_MUST_USE bool plans_init(struct plans *plans, struct memory *memory); // false: no lock
void plans_destroy(struct plans *plans);

// The first plan of a template; follow `next`.
EVX_INLINE struct plan *plans_of(const struct plans *plans, uint32_t number)
{
    EVX_CHECK(number <= TEMPLATE_UNNUMBERED);
    struct plan *_Atomic *block =
        atomic_load_explicit(&plans->blocks[number / PLANS_PER_BLOCK], memory_order_acquire);
    return EVX_LIKELY(block != NULL)
               ? atomic_load_explicit(&block[number % PLANS_PER_BLOCK], memory_order_acquire)
               : NULL;
}

// The plan of a template in a context, or NULL.
EVX_INLINE struct plan *plans_find(const struct plans *plans, uint32_t number, uint32_t context)
{
    struct plan *plan = plans_of(plans, number);
    while (EVX_UNLIKELY(plan && plan->context != context))
        plan = atomic_load_explicit(&plan->next, memory_order_acquire);
    return plan;
}

// Whether a plan that is not there yet would be taken.
bool plans_have_room(const struct plans *plans, uint32_t number);

// Publishes what `keep` makes in the plans' arena, unless another worker was quicker; returns the
// plan that is there then, or NULL when there is no room. `keep` runs under the lock.
struct plan *plans_publish(struct plans *plans, uint32_t number, uint32_t context,
                           struct plan *(*keep)(void *compiler, struct arena *arena),
                           void *compiler);

#endif
