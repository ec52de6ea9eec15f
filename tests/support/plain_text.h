// SPDX-License-Identifier: MIT
#ifndef EVX_TESTS_PLAIN_TEXT_H
#define EVX_TESTS_PLAIN_TEXT_H

#include <stdint.h>

#include "kernels/text_mode.h"

typedef uint8_t *plain_function(uint8_t *out, const uint8_t *units, uint32_t count,
                                enum text_mode mode);

plain_function plain_text, plain_text_avx512;

#endif
