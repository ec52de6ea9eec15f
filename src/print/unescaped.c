// SPDX-License-Identifier: MIT
#include "print/unescaped.h"

#include <string.h>

#include "base/load.h"

static uint8_t *put_utf8(uint8_t *p, uint32_t scalar)
{
    if (scalar < 0x80) {
        *p++ = (uint8_t)scalar;
        return p;
    }
    const int more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    static const uint8_t heads[] = {0, 0xC0, 0xE0, 0xF0};
    *p++ = (uint8_t)(heads[more] | scalar >> (6 * more));
    for (int i = more - 1; i >= 0; i--)
        *p++ = (uint8_t)(0x80 | (scalar >> (6 * i) & 0x3F));
    return p;
}

void put_plain_units(struct outbuf *out, const uint8_t *units, size_t count)
{
    for (size_t i = 0; i < count && !out->failed; i++) {
        uint32_t scalar = load_u16(units + 2 * i);
        if (scalar >= 0xD800 && scalar <= 0xDFFF) {
            const uint32_t low = i + 1 < count ? load_u16(units + 2 * i + 2) : 0;
            const bool is_pair = scalar <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF;
            scalar = is_pair ? 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
            i += is_pair;
        }
        outbuf_commit(out, put_utf8(outbuf_reserve(out, 4), scalar));
    }
}

static uint32_t hex_digit(uint8_t digit)
{
    return digit <= '9' ? digit - (uint32_t)'0' : (digit | 0x20u) - 'a' + 10u;
}

size_t json_unescape(uint8_t *text, size_t size)
{
    static const char letters[] = "nrtbf", characters[] = "\n\r\t\b\f";
    uint8_t *p = text;
    for (size_t i = 1; i < size; i++) {
        if (text[i] != '\\' || i + 1 == size) {
            *p++ = text[i];
            continue;
        }
        const uint8_t letter = text[++i];
        const char *place = strchr(letters, letter);
        if (letter == 'u' && size - i > 4) {
            uint32_t scalar = 0;
            for (size_t k = 1; k <= 4; k++)
                scalar = scalar << 4 | (hex_digit(text[i + k]) & 15);
            p = put_utf8(p, scalar);
            i += 4;
        } else {
            *p++ = place && letter ? (uint8_t)characters[place - letters] : letter;
        }
    }
    return (size_t)(p - text);
}
