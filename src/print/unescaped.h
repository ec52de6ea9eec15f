// SPDX-License-Identifier: MIT
// Text as it is, without the escapes of any format.
#ifndef EVX_PRINT_UNESCAPED_H
#define EVX_PRINT_UNESCAPED_H

#include <stddef.h>
#include <stdint.h>

#include "base/outbuf.h"

// UTF-16LE as UTF-8. Lone surrogates are U+FFFD.
void put_plain_units(struct outbuf *out, const uint8_t *units, size_t count);

// Takes the escapes out of the text of a JSON string, as the formats write them, in place, and the
// mark in front of it. Returns the size that is left.
size_t json_unescape(uint8_t *text, size_t size);

#endif
