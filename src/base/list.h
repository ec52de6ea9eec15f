// SPDX-License-Identifier: MIT
// A list that grows: one block of the memory's, in which items move.
#ifndef EVX_BASE_LIST_H
#define EVX_BASE_LIST_H

#include <stdint.h>
#include <string.h>

#include "base/attrs.h"
#include "base/check.h"
#include "base/memory.h"

struct list {
    void *items;
    size_t count, capacity;
};

// One more item, zeroed; NULL without memory. All items have the same size.
EVX_INLINE void *list_add(struct list *list, struct memory *memory, size_t item_bytes)
{
    if (list->count == list->capacity) {
        if (list->capacity > SIZE_MAX / 2 / item_bytes - 8)
            return NULL;
        size_t more = list->capacity ? 2 * list->capacity : 8;
        void *grown =
            memory_reallocate(memory, list->items, list->capacity * item_bytes, more * item_bytes);
        if (!grown)
            return NULL;
        list->items = grown;
        list->capacity = more;
    }
    EVX_CHECK(list->count < list->capacity);
    return memset((uint8_t *)list->items + list->count++ * item_bytes, 0, item_bytes);
}

EVX_INLINE void list_destroy(struct list *list, struct memory *memory, size_t item_bytes)
{
    memory_release(memory, list->items, list->capacity * item_bytes);
    *list = (struct list){0};
}

#endif
