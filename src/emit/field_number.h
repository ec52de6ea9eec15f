// SPDX-License-Identifier: MIT
// A number out of the texts of a field, unit by unit: blanks around it, a sign +, decimal digits or
// hexadecimal ones behind 0x.
#ifndef EVX_EMIT_FIELD_NUMBER_H
#define EVX_EMIT_FIELD_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

struct field_number {
    uint8_t state; // zeros are the beginning
    bool is_too_large;
    uint64_t number;
};

void field_number_add(struct field_number *number, uint16_t unit);
// 0 when the texts spell no number.
uint64_t field_number_value(const struct field_number *number);

#endif
