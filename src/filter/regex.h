// SPDX-License-Identifier: MIT
// Regular expressions of a query, by PCRE2 where the library is built with it. Each match has
// limits: one that runs into them is counted and matches nothing, never a hang.
#ifndef EVX_FILTER_REGEX_H
#define EVX_FILTER_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "filter/literal.h"

// Of one thread.
struct regex_state {
    void *match_data, *match_context;
    uint64_t runaways; // matches that were given up
};

enum regex_outcome {
    REGEX_FINE,
    REGEX_WRONG,  // the pattern is none: *ret_offset units in it, *ret_message static text
    REGEX_ABSENT, // the library has been built without
    REGEX_NO_MEMORY,
};

enum { REGEX_MESSAGE_BYTES = 128 };

// Compiles the literal's units by its flags into literal->regex. `message` has room for
// REGEX_MESSAGE_BYTES.
enum regex_outcome regex_compile(struct literal *literal, size_t *ret_offset, char *message);
void regex_free(struct literal *literal);

bool regex_state_init(struct regex_state *state); // false without memory
void regex_state_destroy(struct regex_state *state);

bool regex_find(struct regex_state *state, const struct literal *literal, const uint8_t *units,
                size_t count);

#endif
