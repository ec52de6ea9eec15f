// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "decode/store.h"

#include <string.h>

#include "base/limits.h"
#include "base/load.h"

enum { STORE_BLOCK_BYTES = 128 << 10 };

bool store_init(struct store *store, struct memory *memory)
{
    *store = (struct store){.memory = memory};
    arena_init(&store->arena, memory, STORE_BLOCK_BYTES, STORE_BYTES_MAX);
    store->names = memory_allocate_zeroed(memory, STORE_NAME_BUCKETS * sizeof *store->names);
    store->templates =
        memory_allocate_zeroed(memory, STORE_TEMPLATE_BUCKETS * sizeof *store->templates);
    if (store->names && store->templates && pthread_mutex_init(&store->lock, NULL) == 0)
        return true;
    memory_release(memory, store->names, STORE_NAME_BUCKETS * sizeof *store->names);
    memory_release(memory, store->templates, STORE_TEMPLATE_BUCKETS * sizeof *store->templates);
    return false;
}

void store_destroy(struct store *store)
{
    pthread_mutex_destroy(&store->lock);
    arena_destroy(&store->arena);
    memory_release(store->memory, store->names, STORE_NAME_BUCKETS * sizeof *store->names);
    memory_release(store->memory, store->templates,
                   STORE_TEMPLATE_BUCKETS * sizeof *store->templates);
}

static const struct name *find_name(struct name *_Atomic *bucket, const uint8_t *units,
                                    size_t count, uint32_t hash)
{
    const struct name *name = atomic_load_explicit(bucket, memory_order_acquire);
    while (name && !(name->hash == hash && name_equals(name, units, count)))
        name = atomic_load_explicit(&name->next, memory_order_acquire);
    return name;
}

// A log can be made of names that all fall into one bucket; looking through them would cost more
// with every chunk.
static bool has_room_for_name(struct name *_Atomic *bucket)
{
    unsigned length = 0;
    const struct name *name = atomic_load_explicit(bucket, memory_order_relaxed);
    for (; name && length < STORE_CHAIN_MAX; length++)
        name = atomic_load_explicit(&name->next, memory_order_relaxed);
    return length < STORE_CHAIN_MAX;
}

const struct name *store_intern(struct store *store, const uint8_t *units, size_t count)
{
    uint32_t hash = name_hash_units(units, count);
    struct name *_Atomic *bucket = &store->names[hash % STORE_NAME_BUCKETS];
    const struct name *found = find_name(bucket, units, count, hash);
    if (found)
        return found;
    pthread_mutex_lock(&store->lock);
    found = find_name(bucket, units, count, hash); // another worker may have been quicker
    if (!found && has_room_for_name(bucket)) {
        struct name *name = name_create(&store->arena, units, count, hash);
        if (name) {
            atomic_init(&name->next, atomic_load_explicit(bucket, memory_order_relaxed));
            atomic_store_explicit(bucket, name, memory_order_release);
        }
        found = name;
    }
    pthread_mutex_unlock(&store->lock);
    return found;
}

bool store_holds_name(const struct store *store, const struct name *name)
{
    const struct name *kept =
        atomic_load_explicit(&store->names[name->hash % STORE_NAME_BUCKETS], memory_order_acquire);
    while (kept && kept != name)
        kept = atomic_load_explicit(&kept->next, memory_order_acquire);
    return kept != NULL;
}

static uint32_t bucket_of(const uint8_t guid[16])
{
    uint64_t mixed = (load_u64(guid) ^ load_u64(guid + 8)) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(mixed >> 40) % STORE_TEMPLATE_BUCKETS;
}

struct template *store_bucket(const struct store *store, const uint8_t guid[16])
{
    return atomic_load_explicit(&store->templates[bucket_of(guid)], memory_order_acquire);
}

static const uint8_t *moved(const uint8_t *pointer, const uint8_t *from, const uint8_t *to)
{
    EVX_CHECK(pointer >= from && pointer - from <= UINT16_MAX + 1);
    return to + (pointer - from);
}

// Literal text and values are views into the body: the copied tape must view the copied body.
static void rebase_tape(struct node *tape, uint32_t count, const uint8_t *from, const uint8_t *to)
{
    for (uint32_t i = 0; i < count; i++) {
        switch (tape[i].kind) {
        case NODE_TEXT:
        case NODE_CDATA:
        case NODE_PI_DATA:
            tape[i].text.units = moved(tape[i].text.units, from, to);
            break;
        case NODE_VALUE:
            tape[i].value.data = moved(tape[i].value.data, from, to);
            break;
        default:
            break;
        }
    }
}

// Names have other offsets and chain links in every chunk.
static void mask_references(const struct name_reference *references, uint32_t count, uint8_t *mask)
{
    for (uint32_t i = 0; i < count; i++)
        memset(mask + references[i].position, 0, references[i].is_inline ? 8 : 4);
}

// Data and Name alternate in most definitions: a few references back is far enough.
static void find_earlier_references(struct name_reference *references, uint32_t count)
{
    enum { LOOK_BACK = 4 };
    for (uint32_t i = 0; i < count; i++) {
        references[i].earlier = references[i].position;
        for (uint32_t k = i; k-- > 0 && i - k <= LOOK_BACK;)
            if (references[k].name == references[i].name)
                references[i].earlier = references[k].position;
    }
}

static size_t names_bytes(const struct name_reference *references, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += name_bytes_max(references[i].name->unit_count);
    return bytes;
}

static struct template *copy_template(struct arena *arena, const struct template *decoded,
                                      const uint8_t *chunk_body)
{
    EVX_CHECK(decoded->node_count > 0 && !decoded->failed);
    size_t tape_size = decoded->node_count * sizeof *decoded->tape;
    size_t references_size = decoded->reference_count * sizeof *decoded->references;
    struct template *copy = arena_allocate(arena, sizeof *copy);
    struct node *tape = arena_allocate(arena, tape_size);
    struct name_reference *references = arena_allocate(arena, references_size);
    uint8_t *body = arena_allocate(arena, decoded->body_size);
    uint8_t *mask = arena_allocate(arena, decoded->body_size);
    if (!copy || !tape || !references || !body || !mask)
        return NULL;
    memcpy(tape, decoded->tape, tape_size);
    if (references_size)
        memcpy(references, decoded->references, references_size);
    memcpy(body, chunk_body, decoded->body_size);
    find_earlier_references(references, decoded->reference_count);
    memset(mask, 0xFF, decoded->body_size);
    mask_references(references, decoded->reference_count, mask);
    rebase_tape(tape, decoded->node_count, chunk_body, body);
    *copy = (struct template){
        .is_shared = true,
        .body_size = decoded->body_size,
        .body = body,
        .body_mask = mask,
        .references = references,
        .reference_count = decoded->reference_count,
        .node_count = decoded->node_count,
        .height = decoded->height,
        .names_bytes = names_bytes(decoded->references, decoded->reference_count),
        .tape = tape,
    };
    memcpy(copy->guid, decoded->guid, sizeof copy->guid);
    return copy;
}

static bool has_room_for_variant(struct template *first, const struct template *decoded)
{
    unsigned variants = 0, length = 0;
    for (; first; first = atomic_load_explicit(&first->next, memory_order_relaxed), length++)
        if (memcmp(first->guid, decoded->guid, sizeof first->guid) == 0)
            variants++;
    return variants < TEMPLATE_VARIANTS_MAX && length < STORE_CHAIN_MAX;
}

uint32_t store_take_number(struct store *store)
{
    uint64_t count = atomic_fetch_add_explicit(&store->template_count, 1, memory_order_relaxed);
    return count < TEMPLATE_UNNUMBERED ? (uint32_t)count : TEMPLATE_UNNUMBERED;
}

struct template *store_keep_outside(struct store *store, const struct template *decoded,
                                    const uint8_t *body)
{
    EVX_CHECK(decoded->is_outside && decoded->node_count > 0);
    size_t tape_size = decoded->node_count * sizeof *decoded->tape;
    pthread_mutex_lock(&store->lock);
    struct template *copy = arena_allocate(&store->arena, sizeof *copy);
    struct node *tape = arena_allocate(&store->arena, tape_size);
    uint8_t *kept_body = arena_allocate(&store->arena, decoded->body_size);
    pthread_mutex_unlock(&store->lock);
    if (!copy || !tape || !kept_body)
        return NULL;
    memcpy(tape, decoded->tape, tape_size);
    memcpy(kept_body, body, decoded->body_size);
    rebase_tape(tape, decoded->node_count, body, kept_body);
    *copy = (struct template){
        .is_outside = true,
        .body_size = decoded->body_size,
        .number = decoded->number,
        .node_count = decoded->node_count,
        .height = decoded->height,
        .tape = tape,
    };
    memcpy(copy->guid, decoded->guid, sizeof copy->guid);
    return copy;
}

struct template *store_add_template(struct store *store, const struct template *decoded,
                                    const uint8_t *chunk_body)
{
    struct template *_Atomic *bucket = &store->templates[bucket_of(decoded->guid)];
    struct template *copy = NULL;
    EVX_CHECK(decoded->body_size > 0);
    pthread_mutex_lock(&store->lock);
    // Two workers may add the same template at once: a second copy costs room, not correctness.
    if (has_room_for_variant(*bucket, decoded))
        copy = copy_template(&store->arena, decoded, chunk_body);
    if (copy) {
        copy->number = store_take_number(store);
        atomic_init(&copy->next, atomic_load_explicit(bucket, memory_order_relaxed));
        atomic_store_explicit(bucket, copy, memory_order_release);
    }
    pthread_mutex_unlock(&store->lock);
    return copy;
}
