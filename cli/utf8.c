// SPDX-License-Identifier: MIT
#include "utf8.h"

#include <inttypes.h>
#include <string.h>

size_t utf8_next(const char *text, uint32_t *ret_code)
{
    const uint8_t *bytes = (const uint8_t *)text;
    uint8_t lead = bytes[0];
    *ret_code = lead;
    if (lead < 0x80)
        return 1;
    *ret_code = UTF8_REPLACEMENT;
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4)
        return 1;
    // Surrogates, overlong forms and codes above 0x10ffff show in the second byte.
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    uint32_t code = lead & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return i;
        code = code << 6 | (bytes[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *ret_code = code;
    return size;
}

static bool is_replaced(const char *text, size_t size, uint32_t code)
{
    return code == UTF8_REPLACEMENT && !(size == 3 && (uint8_t)text[0] == 0xef);
}

bool utf8_is_valid(const char *text)
{
    uint32_t code;
    for (size_t size; *text; text += size) {
        size = utf8_next(text, &code);
        if (is_replaced(text, size, code))
            return false;
    }
    return true;
}

void utf8_write(FILE *out, const char *text)
{
    uint32_t code;
    for (size_t size; *text; text += size) {
        size = utf8_next(text, &code);
        if (is_replaced(text, size, code))
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text, 1, size, out);
    }
}

// Characters that move a cursor or turn the direction of text: a log must not speak to a terminal.
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void utf8_write_escaped(FILE *out, const char *text, const char *also)
{
    uint32_t code;
    for (size_t size; *text; text += size) {
        size = utf8_next(text, &code);
        if (is_control(code))
            fprintf(out, "\\u%04" PRIx32, code);
        else if (code < 0x80 && strchr(also, (int)code))
            fprintf(out, "\\%c", (char)code);
        else if (code == UTF8_REPLACEMENT)
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text, 1, size, out);
    }
}
