// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "decode/offset_map.h"

#include <string.h>

enum { OFFSET_MAP_SLOTS_MIN = 256 };

void offset_map_init(struct offset_map *map, struct memory *memory)
{
    *map = (struct offset_map){.memory = memory, .generation = 1};
}

void offset_map_destroy(struct offset_map *map)
{
    memory_release(map->memory, map->slots, map->capacity * sizeof *map->slots);
    offset_map_init(map, map->memory);
}

void offset_map_clear(struct offset_map *map)
{
    map->count = 0;
    if (++map->generation != 0)
        return;
    memset(map->slots, 0, map->capacity * sizeof *map->slots);
    map->generation = 1;
}

static bool grow(struct offset_map *map)
{
    struct offset_map larger = *map;
    larger.capacity = map->capacity ? 2 * map->capacity : OFFSET_MAP_SLOTS_MIN;
    larger.slots = memory_allocate_zeroed(map->memory, larger.capacity * sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (uint32_t i = 0; i < map->capacity; i++)
        if (map->slots[i].generation == map->generation)
            *offset_map_slot(&larger, map->slots[i].offset) = map->slots[i];
    memory_release(map->memory, map->slots, map->capacity * sizeof *map->slots);
    EVX_CHECK((larger.capacity & (larger.capacity - 1)) == 0 && larger.count == map->count);
    *map = larger;
    return true;
}

bool offset_map_insert(struct offset_map *map, uint32_t offset, const void *object)
{
    if (2 * (map->count + 1) > map->capacity && !grow(map))
        return false;
    EVX_CHECK(2 * (map->count + 1) <= map->capacity);
    *offset_map_slot(map, offset) = (struct offset_slot){map->generation, offset, object};
    map->count++;
    return true;
}
