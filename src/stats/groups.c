// SPDX-License-Identifier: MIT
#include "stats/groups.h"

#include <string.h>

#include "base/load.h"

enum { SLOTS_FIRST = 64, KEY_BLOCK_BYTES = 16 << 10 };

void groups_init(struct groups *groups, struct memory *memory, uint32_t count_max,
                 size_t key_bytes_max)
{
    *groups = (struct groups){.memory = memory, .count_max = count_max};
    arena_init(&groups->keys, memory, KEY_BLOCK_BYTES, key_bytes_max);
}

void groups_destroy(struct groups *groups)
{
    arena_destroy(&groups->keys);
    memory_release(groups->memory, groups->list, groups->capacity * sizeof *groups->list);
    memory_release(groups->memory, groups->slots, groups->slot_count * sizeof *groups->slots);
}

void groups_clear(struct groups *groups)
{
    if (groups->count > 0)
        memset(groups->slots, 0, groups->slot_count * sizeof *groups->slots);
    groups->count = 0;
    arena_reset(&groups->keys);
}

uint32_t groups_hash(const uint8_t *key, size_t size)
{
    uint64_t hash = size;
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    for (; size >= 8; key += 8, size -= 8) {
        hash = (hash ^ load_u64(key)) * factor;
        hash ^= hash >> 32;
    }
    for (; size > 0; key++, size--)
        hash = (hash ^ *key) * factor;
    return (uint32_t)(hash ^ hash >> 32);
}

// Where the key stands, or the free slot where it would. Half of the slots are free, so there is
// one.
static uint32_t *slot_of(const struct groups *groups, const struct group *part)
{
    const uint32_t mask = groups->slot_count - 1;
    for (uint32_t at = part->hash & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &groups->slots[at];
        if (*slot == 0)
            return slot;
        EVX_CHECK(*slot <= groups->count);
        const struct group *group = &groups->list[*slot - 1];
        if (group->hash == part->hash && group->key_size == part->key_size &&
            memcmp(group->key, part->key, part->key_size) == 0)
            return slot;
    }
}

// Room for one more. False without memory.
static bool grow(struct groups *groups)
{
    const uint32_t slot_count = groups->slot_count ? 2 * groups->slot_count : SLOTS_FIRST;
    if (groups->count < groups->slot_count / 2)
        return true;
    uint32_t *slots = memory_allocate_zeroed(groups->memory, slot_count * sizeof *slots);
    if (!slots)
        return false;
    struct group *list =
        groups->list
            ? memory_reallocate(groups->memory, groups->list, groups->capacity * sizeof *list,
                                slot_count / 2 * sizeof *list)
            : memory_allocate(groups->memory, slot_count / 2 * sizeof *list);
    if (!list) {
        memory_release(groups->memory, slots, slot_count * sizeof *slots);
        return false;
    }
    memory_release(groups->memory, groups->slots, groups->slot_count * sizeof *slots);
    groups->list = list;
    groups->capacity = slot_count / 2;
    groups->slots = slots;
    groups->slot_count = slot_count;
    for (uint32_t i = 0; i < groups->count; i++)
        *slot_of(groups, &list[i]) = i + 1;
    return true;
}

static struct group *add_new(struct groups *groups, const struct group *part, uint32_t *slot)
{
    if (groups->count >= groups->count_max)
        return NULL;
    uint8_t *key = arena_allocate(&groups->keys, part->key_size + 1);
    if (!key)
        return NULL;
    memcpy(key, part->key, part->key_size);
    struct group *group = &groups->list[groups->count++];
    *group = *part;
    group->key = key;
    *slot = groups->count;
    return group;
}

struct group *groups_add(struct groups *groups, const struct group *part)
{
    if (!grow(groups))
        return NULL;
    uint32_t *slot = slot_of(groups, part);
    if (*slot == 0)
        return add_new(groups, part, slot);
    struct group *group = &groups->list[*slot - 1];
    group->count += part->count;
    if (part->span.first < group->span.first)
        group->span.first = part->span.first;
    if (part->span.last > group->span.last)
        group->span.last = part->span.last;
    return group;
}

// Whether a is to stand behind b.
static bool is_behind(const struct group *a, const struct group *b)
{
    return a->count != b->count ? a->count < b->count : a > b;
}

// Moves the group at `at` down in the heap whose top is what stands last of all.
static void sift(const struct group **heap, uint32_t at, uint32_t count)
{
    const struct group *moved = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_behind(heap[child + 1], heap[child]))
            child++;
        if (!is_behind(heap[child], moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

// By a heap: the order does not depend on the C library, and takes no memory behind our back.
void groups_sort(const struct groups *groups, const struct group **ret_order)
{
    const uint32_t count = groups->count;
    for (uint32_t i = 0; i < count; i++)
        ret_order[i] = &groups->list[i];
    for (uint32_t i = count / 2; i-- > 0;)
        sift(ret_order, i, count);
    for (uint32_t left = count; left-- > 1;) {
        const struct group *top = ret_order[0];
        ret_order[0] = ret_order[left];
        ret_order[left] = top;
        sift(ret_order, 0, left);
    }
}
