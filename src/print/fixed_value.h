// SPDX-License-Identifier: MIT
// The text of any value that is a number, a time, a GUID or a SID: ASCII, the same in all formats.
#ifndef EVX_PRINT_FIXED_VALUE_H
#define EVX_PRINT_FIXED_VALUE_H

#include "decode/value.h"
#include "print/number.h"

enum { FIXED_TEXT_BYTES_MAX = SID_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES };

// Writes at most FIXED_TEXT_BYTES_MAX, of all but SIDs NUMBER_TEXT_BYTES_MAX and the slack; nothing
// for a value that is none of these. Returns the end.
uint8_t *put_fixed_value(uint8_t *p, const struct value *value);
// The same in the 0.14 dialect: GUIDs in upper case without braces, times cut to microseconds.
uint8_t *put_fixed_value_0_14(uint8_t *p, const struct value *value);

#endif
