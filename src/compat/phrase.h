// SPDX-License-Identifier: MIT
// Phrases: texts with blanks, so that what is said can stand in tables.
#ifndef EVX_COMPAT_PHRASE_H
#define EVX_COMPAT_PHRASE_H

#include <stdint.h>

#include <evx/evx.h>

// What goes into the blank {name}: the text, or without one the number. {name:x} is the number in
// hexadecimal digits, {name:x8} in eight at least, {name:b4} its first four bytes as a list.
struct blank {
    const char *name;
    uint64_t number;
    const char *text;
};

// Appends the phrase as a cause. The blanks end with one without a name.
void phrase_add_cause(evx_error *error, const char *phrase, const struct blank *blanks);

#endif
