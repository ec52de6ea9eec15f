// SPDX-License-Identifier: MIT
// The kernel for plain strings is inlined where it is used: here it is a function, compiled for
// each variant of the program loops.
#include "plain_text.h"

#include "kernels/utf16_plain.h"

uint8_t *EVX_VARIANT(plain_text)(uint8_t *out, const uint8_t *units, uint32_t count,
                                 enum text_mode mode)
{
    switch (mode) {
    case TEXT_XML:
        return utf16_put_plain(out, units, count, TEXT_XML);
    case TEXT_XML_ATTRIBUTE:
        return utf16_put_plain(out, units, count, TEXT_XML_ATTRIBUTE);
    default:
        return utf16_put_plain(out, units, count, TEXT_JSON);
    }
}
