// SPDX-License-Identifier: MIT
// What lives as long as the run: interned names and templates, shared by all workers.
//
// Lookups take no lock: buckets are lists that only grow at the head. Insertion locks. When the
// store is full it takes nothing more and the caller keeps its object for the chunk only; nothing
// is lost.
#ifndef EVX_DECODE_STORE_H
#define EVX_DECODE_STORE_H

#include <stdatomic.h>

#include "base/arena.h"
#include "decode/name.h"
#include "decode/template.h"
#include "system/threads.h"

enum {
    STORE_NAME_BUCKETS = 4096,
    STORE_TEMPLATE_BUCKETS = 4096,
};

struct outside;

struct store {
    struct memory *memory;
    pthread_mutex_t lock; // insertions, and the arena
    struct arena arena;
    struct name *_Atomic *names;
    struct template *_Atomic *templates;
    _Atomic uint64_t template_count;
    bool is_baseline; // no code may be chosen by what the processor can run beyond its architecture
    struct outside *outside; // who has definitions that a log lacks; NULL: nobody
};

bool store_init(struct store *store, struct memory *memory); // false: no memory
void store_destroy(struct store *store);

// The interned name, made when it is new; NULL when the store, or the name's bucket, is full.
const struct name *store_intern(struct store *store, const uint8_t *units, size_t count);

// Whether it is this name that the store keeps, not one that lives for a chunk.
bool store_holds_name(const struct store *store, const struct name *name);

// First template of the bucket of a GUID; follow `next`.
struct template *store_bucket(const struct store *store, const uint8_t guid[16]);

// Copies a decoded template with its tape, body and references into the store. NULL when it is full
// or holds TEMPLATE_VARIANTS_MAX of this GUID already. Text and values of the tape, which
// point into `chunk_body`, are turned to the copied body.
struct template *store_add_template(struct store *store, const struct template *decoded,
                                    const uint8_t *chunk_body);

// The next number for a template; TEMPLATE_UNNUMBERED when all are given.
uint32_t store_take_number(struct store *store);

// Copies a template from outside the log, which is found by those who keep it and not here. NULL
// when the store is full.
struct template *store_keep_outside(struct store *store, const struct template *decoded,
                                    const uint8_t *body);

#endif
