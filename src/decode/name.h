// SPDX-License-Identifier: MIT
// Names of elements, attributes, entities and PI targets, interned for the whole run in the forms
// in which they are written.
#ifndef EVX_DECODE_NAME_H
#define EVX_DECODE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attrs.h"
#include "kernels/text_mode.h"

enum {
    NAME_EXPANSION_MAX = 7, // bytes of one unit in an encoded XML name; in a JSON key they are 6
};

enum {
    NAME_IS_CONTAINER = 1,   // EventData, UserData
    NAME_IS_DATA = 2,        // Data
    NAME_IS_NAME = 4,        // Name
    NAME_IS_ATTRIBUTES = 16, // ends in _attributes, as JSON keys for attributes do
    NAME_IS_NUMBERED = 8,    // ends in _ and digits, as generated JSON keys do, or begins with #
};

struct name {
    struct name *_Atomic next; // in the bucket of the store
    uint32_t hash;             // of the units
    uint8_t flags;
    uint8_t entity;      // the character of a predefined entity, else 0
    uint16_t unit_count; // up to the first NUL
    uint32_t xml_size;
    uint32_t json_size;
    const uint8_t *units; // UTF-16LE
    const uint8_t *xml;   // a name that XML readers take: what is none is encoded as _xHHHH_
    const uint8_t *json;  // escaped, without quotes
};

uint32_t name_hash_units(const uint8_t *units, size_t count);

// Builds a name in the arena. Units are `count` UTF-16LE units without NUL and without lone
// surrogates. NULL without memory.
struct name *name_create(struct arena *arena, const uint8_t *units, size_t count, uint32_t hash);

// The most that name_create() takes for a name of so many units.
EVX_INLINE size_t name_bytes_max(size_t count)
{
    return sizeof(struct name) + (2 + 2 * NAME_EXPANSION_MAX) * count + 2 * TEXT_SLACK_BYTES +
           3 * ARENA_ALIGNMENT;
}

bool name_equals(const struct name *name, const uint8_t *units, size_t count);

#endif
