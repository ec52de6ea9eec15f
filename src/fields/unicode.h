// SPDX-License-Identifier: MIT
// Names between the log's UTF-16 and the caller's UTF-8, without escapes: what is said about a log
// is no markup. Knows nothing of paths.
#ifndef EVX_FIELDS_UNICODE_H
#define EVX_FIELDS_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UTF8_BYTES_PER_UNIT_MAX = 3, // of one UTF-16 unit; a pair takes 4
};

// Writes the units in front of the first NUL as UTF-8, in whole characters and at most `room`
// bytes, and returns the end of what was written. A lone surrogate becomes U+FFFD. *ret_cut, which
// is only ever set: there was more.
uint8_t *utf8_put_units(uint8_t *out, size_t room, const uint8_t *units, size_t count,
                        bool *ret_cut);

// The character that text begins with, of which there is at least one byte. Returns the bytes
// taken, or 0 when they are none of UTF-8.
size_t utf8_take(const uint8_t *text, size_t size, uint32_t *ret_character);

#endif
