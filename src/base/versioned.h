// SPDX-License-Identifier: MIT
// The caller's structs: the program may have been built with an older or a newer header than the
// library. Most begin with their own size.
#ifndef EVX_BASE_VERSIONED_H
#define EVX_BASE_VERSIONED_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// Size of a struct in the first version, where its last field was `last`.
#define FIRST_SIZE(type, last) (offsetof(type, last) + sizeof(((const type *)NULL)->last))

// Copies the fields that both sides know. False when there are fewer than there ever were: a caller
// who has not set the size.
static inline bool versioned_copy(void *to, size_t to_size, const void *from, size_t first_size)
{
    size_t size;
    memcpy(&size, from, sizeof size);
    if (size < first_size)
        return false;
    memcpy(to, from, size < to_size ? size : to_size);
    return true;
}

// The reserved places of a struct without a size, which a later version may give a meaning.
#define ALL_NULL(places) all_null(places, sizeof(places) / sizeof *(places))

static inline bool all_null(void *const *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (places[i])
            return false;
    return true;
}

#endif
