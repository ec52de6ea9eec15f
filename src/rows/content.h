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

#endif
