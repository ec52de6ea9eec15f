// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "emit/key_set.h"

#include <string.h>

#include "base/load.h"
#include "print/number.h"

enum { KEY_SET_ENTRIES_MIN = 256 };

// Two products, so that no difference of keys comes out the same for every seed.
static uint64_t mix(uint64_t hash, uint64_t seed)
{
    hash *= seed;
    hash ^= hash >> 32;
    hash *= seed;
    return hash ^ hash >> 29;
}

// All of up to eight bytes, some of them twice.
static uint64_t last_word(const uint8_t *end, uint32_t size)
{
    if (size >= 8)
        return load_u64(end - 8);
    if (size >= 4)
        return load_u32(end - size) | (uint64_t)load_u32(end - 4) << 32;
    return size ? end[-1] | end[-(int)size] << 8 | end[-(int)((size + 1) / 2)] << 16 : 0;
}

static uint32_t hash_key(const struct key_set *set, const uint8_t *bytes, uint32_t size)
{
    uint64_t hash = size;
    const uint8_t *end = bytes + size;
    for (; end - bytes > 8; bytes += 8)
        hash = mix(hash ^ load_u64(bytes), set->seed);
    return (uint32_t)mix(hash ^ last_word(end, size), set->seed);
}

void key_set_init(struct key_set *set, struct memory *memory)
{
    // Addresses differ from run to run. Nothing but the time of a search depends on them.
    uint64_t seed = (uintptr_t)memory * UINT64_C(0x9E3779B97F4A7C15) ^ (uintptr_t)&key_set_init;
    *set = (struct key_set){.memory = memory, .seed = mix(seed, UINT64_C(0xD6E8FEB86659FD93)) | 1};
}

void key_set_destroy(struct key_set *set)
{
    memory_release(set->memory, set->entries, set->capacity * sizeof *set->entries);
    memory_release(set->memory, set->used, set->capacity * sizeof *set->used);
    key_set_init(set, set->memory);
}

void key_set_clear(struct key_set *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        set->entries[set->used[i]].object = 0;
    set->count = 0;
}

static const uint8_t *entry_bytes(const struct key_entry *entry, const struct outbuf *out)
{
    return entry->bytes ? entry->bytes : out->data + entry->offset;
}

static uint32_t first_index(const struct key_set *set, uint64_t object, uint32_t hash)
{
    uint64_t mixed =
        (object * UINT64_C(0x9E3779B97F4A7C15)) ^ (hash * UINT64_C(0xD6E8FEB86659FD93));
    return (uint32_t)(mixed >> 32) & (set->capacity - 1);
}

// The entry of the name, or the empty one where it belongs.
static uint32_t find(const struct key_set *set, uint64_t object, const uint8_t *bytes,
                     uint32_t size, uint32_t hash, const struct outbuf *out)
{
    EVX_CHECK(set->capacity > set->count && object != 0);
    uint32_t i = first_index(set, object, hash);
    for (;; i = (i + 1) & (set->capacity - 1)) {
        const struct key_entry *entry = &set->entries[i];
        if (entry->object == 0)
            return i;
        if (entry->object == object && entry->hash == hash && entry->size == size &&
            memcmp(entry_bytes(entry, out), bytes, size) == 0)
            return i;
    }
}

static bool grow(struct key_set *set, const struct outbuf *out)
{
    struct key_set larger = {.memory = set->memory, .seed = set->seed};
    EVX_CHECK((set->capacity & (set->capacity - 1)) == 0);
    larger.capacity = set->capacity ? 2 * set->capacity : KEY_SET_ENTRIES_MIN;
    larger.entries = memory_allocate_zeroed(set->memory, larger.capacity * sizeof *larger.entries);
    larger.used = memory_allocate(set->memory, larger.capacity * sizeof *larger.used);
    if (!larger.entries || !larger.used) {
        key_set_destroy(&larger);
        return false;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        const struct key_entry *entry = &set->entries[set->used[i]];
        uint32_t place =
            find(&larger, entry->object, entry_bytes(entry, out), entry->size, entry->hash, out);
        larger.entries[place] = *entry;
        larger.used[larger.count++] = place;
    }
    key_set_destroy(set);
    *set = larger;
    return true;
}

static bool have_room(struct key_set *set, const struct outbuf *out)
{
    return 2 * (set->count + 1) <= set->capacity || grow(set, out);
}

static void insert(struct key_set *set, uint32_t place, const struct key_entry *entry)
{
    EVX_CHECK(set->entries[place].object == 0 && set->count < set->capacity);
    set->entries[place] = *entry;
    set->used[set->count++] = place;
}

bool key_set_add(struct key_set *set, uint64_t object, const uint8_t *bytes, uint32_t size,
                 const struct outbuf *out)
{
    if (!have_room(set, out))
        return false;
    uint32_t hash = hash_key(set, bytes, size);
    uint32_t place = find(set, object, bytes, size, hash, out);
    if (set->entries[place].object == 0)
        insert(set, place,
               &(struct key_entry){
                   .object = object, .bytes = bytes, .size = size, .hash = hash, .next_number = 1});
    return true;
}

bool key_set_make_unique(struct key_set *set, uint64_t object, size_t start, struct outbuf *out)
{
    if (!have_room(set, out))
        return false;
    EVX_CHECK(start <= out->length || out->failed);
    uint32_t size = (uint32_t)outbuf_since(out, start);
    uint32_t hash = hash_key(set, out->data + start, size);
    uint32_t base = find(set, object, out->data + start, size, hash, out);
    uint32_t place = base;
    while (set->entries[place].object != 0) {
        outbuf_reserve(out, 16);
        out->length = start + size;
        out->data[out->length++] = '_';
        outbuf_commit(out, put_u32(out->data + out->length, set->entries[base].next_number++));
        uint32_t length = (uint32_t)outbuf_since(out, start);
        hash = hash_key(set, out->data + start, length);
        place = find(set, object, out->data + start, length, hash, out);
    }
    insert(set, place,
           &(struct key_entry){.object = object,
                               .offset = start,
                               .size = (uint32_t)outbuf_since(out, start),
                               .hash = hash,
                               .next_number = 1});
    return true;
}
