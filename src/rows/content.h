// SPDX-License-Identifier: MIT
// Finds EventData or UserData in a record that was written as JSON: what our own format writes, and
// no other JSON.
#ifndef EVX_ROWS_CONTENT_H
#define EVX_ROWS_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"

struct content {
    const uint8_t *json; // a value
    size_t size;
};

// That of EventData, or else of UserData. False when there is neither.
EVX_MUST_USE bool content_find(const uint8_t *json, size_t size, struct content *ret_content);

// All of Event. False when it is no object.
EVX_MUST_USE bool content_find_event(const uint8_t *json, size_t size, struct content *ret_content);

// A member of RenderingInfo. False: there is none.
EVX_MUST_USE bool content_find_info(const uint8_t *json, size_t size, const char *member,
                                    struct content *ret_content);
// The values of an object's members, one after the other; *at is 0 before the first. False behind
// the last.
EVX_MUST_USE bool content_next_member(const struct content *object, size_t *at,
                                      struct content *ret_content);
// The same with their names, as JSON has them, without the quotes.
EVX_MUST_USE bool content_next_named(const struct content *object, size_t *at,
                                     struct content *ret_name, struct content *ret_content);

#endif
