// SPDX-License-Identifier: MIT
#include "table/name_store.h"

#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"

enum { NAMES_FIRST = 64, BYTES_FIRST = 4096, SLOTS_FIRST = 128, BYTES_MAX = 1 << 30 };

// Shared by the store and the arrays that were made of it. Who has an array reads what was there
// when it was made; the store writes behind that.
struct name_values {
    struct arrow_pool *pool;
    _Atomic size_t references;
    size_t bytes; // of all this
    uint32_t capacity, text_capacity;
    int32_t *ends; // and a 0 in front
    uint8_t *text;
};

void name_store_init(struct name_store *store, struct arrow_pool *pool, uint32_t class)
{
    *store = (struct name_store){.pool = pool, .class = class};
}

static struct memory *memory_of(struct arrow_pool *pool)
{
    return arrow_pool_lifeline(pool)->memory;
}

static void let_go(struct name_values *values)
{
    if (!values || atomic_fetch_sub_explicit(&values->references, 1, memory_order_acq_rel) > 1)
        return;
    struct arrow_pool *pool = values->pool;
    memory_release(memory_of(pool), values, values->bytes);
    arrow_pool_let_go(pool);
}

void name_store_destroy(struct name_store *store)
{
    let_go(store->values);
    memory_release(memory_of(store->pool), store->slots, store->slot_count * sizeof *store->slots);
}

void name_store_restart(struct name_store *store)
{
    let_go(store->values);
    store->values = NULL;
    store->count = 0;
    if (store->slots)
        memset(store->slots, 0, store->slot_count * sizeof *store->slots);
}

static uint32_t text_size(const struct name_store *store)
{
    return store->values ? (uint32_t)store->values->ends[store->count] : 0;
}

size_t name_store_bytes(const struct name_store *store)
{
    return text_size(store) + store->count * sizeof(int32_t);
}

static struct name_values *make_values(struct arrow_pool *pool, uint32_t capacity,
                                       uint32_t text_capacity)
{
    const size_t ends_bytes = arrow_padded(((size_t)capacity + 1) * sizeof(int32_t));
    const size_t bytes = sizeof(struct name_values) + ARROW_ALIGNMENT + ends_bytes + text_capacity;
    struct name_values *values = memory_allocate(memory_of(pool), bytes);
    if (!values)
        return NULL;
    arrow_pool_hold(pool);
    *values = (struct name_values){
        .pool = pool, .bytes = bytes, .capacity = capacity, .text_capacity = text_capacity};
    atomic_init(&values->references, 1);
    values->ends = (int32_t *)arrow_padded((uintptr_t)(values + 1));
    values->text = (uint8_t *)values->ends + ends_bytes;
    values->ends[0] = 0;
    return values;
}

// Room for one more of this size: in the same place, or in a larger one.
static bool make_room(struct name_store *store, uint32_t size)
{
    const struct name_values *old = store->values;
    const uint64_t needed = (uint64_t)text_size(store) + size;
    if (old && store->count < old->capacity && needed <= old->text_capacity)
        return true;
    const uint32_t capacity = old ? 2 * old->capacity : NAMES_FIRST;
    uint64_t text_capacity = old ? 2 * (uint64_t)old->text_capacity : BYTES_FIRST;
    if (text_capacity < needed)
        text_capacity = needed;
    if (needed > BYTES_MAX || capacity > BYTES_MAX / sizeof(int32_t))
        return false;
    struct name_values *values = make_values(
        store->pool, capacity, (uint32_t)(text_capacity > BYTES_MAX ? BYTES_MAX : text_capacity));
    if (!values)
        return false;
    if (old) {
        memcpy(values->ends, old->ends, ((size_t)store->count + 1) * sizeof *values->ends);
        memcpy(values->text, old->text, text_size(store));
    }
    let_go(store->values);
    store->values = values;
    return true;
}

static uint32_t hash_of(const uint8_t *text, uint32_t size)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = size;
    for (; size >= 8; text += 8, size -= 8) {
        hash = (hash ^ load_u64(text)) * factor;
        hash ^= hash >> 32;
    }
    for (; size > 0; text++, size--)
        hash = (hash ^ *text) * factor;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool has_text(const struct name_store *store, uint32_t index, const uint8_t *text,
                     uint32_t size)
{
    const int32_t *ends = store->values->ends;
    EVX_CHECK(index < store->count);
    return (uint32_t)(ends[index + 1] - ends[index]) == size &&
           memcmp(store->values->text + ends[index], text, size) == 0;
}

// The slot of the text, or the free one where it would be; half of them are free.
static uint32_t *slot_of(const struct name_store *store, const uint8_t *text, uint32_t size)
{
    const uint32_t mask = store->slot_count - 1;
    uint32_t at = hash_of(text, size) & mask;
    while (store->slots[at] != 0 && !has_text(store, store->slots[at] - 1, text, size))
        at = (at + 1) & mask;
    return &store->slots[at];
}

static bool grow_slots(struct name_store *store)
{
    struct memory *memory = memory_of(store->pool);
    if (store->count < store->slot_count / 2)
        return true;
    const uint32_t slot_count = store->slot_count ? 2 * store->slot_count : SLOTS_FIRST;
    uint32_t *slots = memory_allocate_zeroed(memory, slot_count * sizeof *slots);
    if (!slots)
        return false;
    memory_release(memory, store->slots, store->slot_count * sizeof *slots);
    store->slots = slots;
    store->slot_count = slot_count;
    for (uint32_t i = 0; i < store->count; i++) {
        const int32_t *ends = store->values->ends + i;
        *slot_of(store, store->values->text + ends[0], (uint32_t)(ends[1] - ends[0])) = i + 1;
    }
    return true;
}

uint32_t name_store_find(struct name_store *store, const uint8_t *text, uint32_t size)
{
    if (!grow_slots(store))
        return UINT32_MAX;
    uint32_t *slot = slot_of(store, text, size);
    if (*slot != 0)
        return *slot - 1;
    if (!make_room(store, size))
        return UINT32_MAX;
    struct name_values *values = store->values;
    const uint32_t start = text_size(store);
    memcpy(values->text + start, text, size);
    values->ends[++store->count] = (int32_t)(start + size);
    *slot = store->count;
    return store->count - 1;
}

static void release(struct ArrowArray *array)
{
    struct arrow_block *block = array->private_data;
    struct name_values *values = block->owner;
    array->release = NULL;
    arrow_block_give_back(block);
    let_go(values);
}

bool name_store_export(struct name_store *store, struct ArrowArray *ret_array)
{
    if (!make_room(store, 0)) // an empty dictionary has an end in front, too
        return false;
    struct arrow_block *block = arrow_block_take(store->pool, store->class, 0);
    if (!block)
        return false;
    struct name_values *values = store->values;
    atomic_fetch_add_explicit(&values->references, 1, memory_order_relaxed);
    block->owner = values;
    block->buffers[1] = values->ends;
    block->buffers[2] = values->text;
    arrow_array_init(ret_array, block, store->count, 0, 3);
    ret_array->release = release;
    return true;
}
