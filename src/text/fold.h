// SPDX-License-Identifier: MIT
// Text without regard to case, as Windows compares it: one UTF-16 unit to one unit in upper case,
// by a constant table. Lengths stay, so a folded pattern can be looked for in place.
#ifndef EVX_TEXT_FOLD_H
#define EVX_TEXT_FOLD_H

#include <stddef.h>
#include <stdint.h>

uint16_t fold_unit(uint16_t unit);

// The same of UTF-16LE text; `out` may be `units`.
void fold_units(uint8_t *out, const uint8_t *units, size_t count);

#endif
