// SPDX-License-Identifier: MIT
// Languages as Windows numbers them and as their tags: 0x409 is en-US.
#ifndef EVX_PACKS_LANGUAGE_H
#define EVX_PACKS_LANGUAGE_H

#include <stdint.h>

// NULL: not known.
const char *language_tag(uint16_t number);
// In any case of letters. 0: not known.
uint16_t language_number(const char *tag);

#endif
