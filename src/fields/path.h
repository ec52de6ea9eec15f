// SPDX-License-Identifier: MIT
// A path to a field, such as `System/EventID`, `EventData/Data[@Name='TargetUserName']` or
// `System/Provider/@Name`. It begins below the root element Event; what it leads to is the content
// of an element or the value of an attribute.
//
//     path  = step { "/" step } [ "/" attribute ] | attribute
//     step  = name [ "[" attribute "=" quoted "]" ]
//     attribute = "@" name                 quoted = in ' or ", without that character
//
// A path is a value: it may be copied, and holds no pointers. Knows nothing of templates.
#ifndef EVX_FIELDS_PATH_H
#define EVX_FIELDS_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"

enum {
    PATH_STEPS_MAX = 16,
    PATH_UNITS_MAX = 512, // of all names and values
};

struct path_text {
    uint16_t start, count; // units
};

struct path_step {
    struct path_text name;
    bool has_condition; // the element has this attribute, with this value
    struct path_text attribute, value;
};

struct path {
    struct path_step steps[PATH_STEPS_MAX];
    uint32_t step_count; // elements; 0: an attribute of the root element
    bool has_attribute;  // it leads to one of the last element
    struct path_text attribute;
    uint16_t unit_count;
    uint8_t units[2 * PATH_UNITS_MAX]; // UTF-16LE, as names are in logs
};

// Reads a path of UTF-8. False when it is none, or too long: *ret_offset is the byte that does not
// fit, or the size where something is missing. It is not set otherwise.
EVX_MUST_USE bool path_parse(struct path *path, const char *text, size_t size, size_t *ret_offset);

EVX_INLINE const uint8_t *path_units(const struct path *path, struct path_text text)
{
    return path->units + 2 * (size_t)text.start;
}

#endif
