// SPDX-License-Identifier: MIT
// Records counted by a key: how many have it, and the times between which they were created. Knows
// nothing of what a key is. The keys belong to the groups.
#ifndef EVX_STATS_GROUPS_H
#define EVX_STATS_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

// FILETIME ticks; without a time first is INT64_MAX and last INT64_MIN.
struct time_span {
    int64_t first, last;
};

#define NO_TIME ((struct time_span){INT64_MAX, INT64_MIN})

struct group {
    uint64_t count;
    struct time_span span;
    const uint8_t *key;
    uint32_t key_size, hash;
};

struct groups {
    struct memory *memory;
    struct arena keys;
    struct group *list; // in the order in which they came
    uint32_t count, capacity;
    uint32_t count_max;
    uint32_t *slots; // 1 + index; 0: free
    uint32_t slot_count;
};

void groups_init(struct groups *groups, struct memory *memory, uint32_t count_max,
                 size_t key_bytes_max);
void groups_destroy(struct groups *groups);
void groups_clear(struct groups *groups);

uint32_t groups_hash(const uint8_t *key, size_t size);

// Adds the counts of `part`, whose key is copied when it is new. NULL at a cap, or without memory.
struct group *groups_add(struct groups *groups, const struct group *part);

// The groups by their counts, the largest first; among equal ones what came first stands first.
// `ret_order` has room for all of them.
void groups_sort(const struct groups *groups, const struct group **ret_order);

#endif
