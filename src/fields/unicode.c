// SPDX-License-Identifier: MIT
#include "fields/unicode.h"

#include "base/check.h"
#include "base/load.h"

enum { REPLACEMENT = 0xFFFD };

// Units of the character that the units begin with.
static size_t take_units(const uint8_t *units, size_t count, uint32_t *ret_character)
{
    EVX_CHECK(count > 0);
    uint32_t unit = load_u16(units);
    *ret_character = unit;
    if ((unit & 0xF800) != 0xD800)
        return 1;
    uint32_t low = unit < 0xDC00 && count > 1 ? load_u16(units + 2) : 0;
    if ((low & 0xFC00) != 0xDC00) {
        *ret_character = REPLACEMENT;
        return 1;
    }
    *ret_character = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
    return 2;
}

static size_t encoded_size(uint32_t character)
{
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

static uint8_t *put_character(uint8_t *out, uint32_t character, size_t size)
{
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    EVX_CHECK(size >= 1 && size <= 4);
    for (size_t i = size; i-- > 1; character >>= 6)
        out[i] = (uint8_t)(0x80 | (character & 0x3F));
    out[0] = (uint8_t)(leads[size] | character);
    return out + size;
}

uint8_t *utf8_put_units(uint8_t *out, size_t room, const uint8_t *units, size_t count,
                        bool *ret_cut)
{
    const uint8_t *end = out + room;
    while (count > 0 && load_u16(units) != 0) {
        uint32_t character;
        size_t taken = take_units(units, count, &character);
        size_t size = encoded_size(character);
        if (size > (size_t)(end - out)) {
            *ret_cut = true;
            break;
        }
        out = put_character(out, character, size);
        EVX_CHECK(taken <= count);
        units += 2 * taken;
        count -= taken;
    }
    return out;
}

size_t utf8_take(const uint8_t *text, size_t size, uint32_t *ret_character)
{
    EVX_CHECK(size > 0);
    uint8_t lead = text[0];
    *ret_character = lead;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (length > size)
        return 0;
    uint32_t character = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        character = character << 6 | (text[i] & 0x3F);
    }
    *ret_character = character;
    bool is_scalar = character <= 0x10FFFF && (character & 0x1FF800) != 0xD800;
    return is_scalar && encoded_size(character) == length ? length : 0;
}
