// SPDX-License-Identifier: MIT
// Chunk offset -> object, emptied in no time (by a generation) when the next chunk or record
// begins.
#ifndef EVX_DECODE_OFFSET_MAP_H
#define EVX_DECODE_OFFSET_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/memory.h"

struct offset_slot {
    uint32_t generation; // the slot is empty unless this is the map's
    uint32_t offset;
    const void *object;
};

struct offset_map {
    struct memory *memory;
    struct offset_slot *slots;
    uint32_t capacity; // a power of two, or 0
    uint32_t count;
    uint32_t generation;
};

void offset_map_init(struct offset_map *map, struct memory *memory);
void offset_map_destroy(struct offset_map *map);
void offset_map_clear(struct offset_map *map);

// Where an offset stands or would stand; the map has slots.
static inline struct offset_slot *offset_map_slot(const struct offset_map *map, uint32_t offset)
{
    EVX_CHECK(map->capacity > map->count);
    uint32_t mask = map->capacity - 1;
    uint32_t i = (offset * UINT32_C(0x9E3779B1)) >> 7 & mask;
    while (map->slots[i].generation == map->generation && map->slots[i].offset != offset)
        i = (i + 1) & mask;
    return &map->slots[i];
}

static inline const void *offset_map_find(const struct offset_map *map, uint32_t offset) // or NULL
{
    if (map->count == 0)
        return NULL;
    const struct offset_slot *slot = offset_map_slot(map, offset);
    return slot->generation == map->generation ? slot->object : NULL;
}

// The object in a slot below the capacity, for those who look at all; NULL: it is empty.
static inline const void *offset_map_at(const struct offset_map *map, uint32_t slot)
{
    EVX_CHECK(slot < map->capacity);
    return map->slots[slot].generation == map->generation ? map->slots[slot].object : NULL;
}
bool offset_map_insert(struct offset_map *map, uint32_t offset,
                       const void *object); // false: no memory

#endif
