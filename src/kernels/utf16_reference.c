// SPDX-License-Identifier: MIT
// The escaping rules of text_mode.h, one scalar value at a time. Everything faster has to agree
// with this file, so it stays simple: no tables, no wide loads.
#include <stdbool.h>

#include "base/load.h"
#include "kernels/utf16.h"

static uint8_t *put_ascii(uint8_t *out, const char *text)
{
    while (*text != '\0')
        *out++ = (uint8_t)*text++;
    return out;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t scalar)
{
    if (scalar < 0x80) {
        *out++ = (uint8_t)scalar;
        return out;
    }
    if (scalar < 0x800) {
        *out++ = (uint8_t)(0xC0 | scalar >> 6);
    } else {
        if (scalar < 0x10000) {
            *out++ = (uint8_t)(0xE0 | scalar >> 12);
        } else {
            *out++ = (uint8_t)(0xF0 | scalar >> 18);
            *out++ = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
        }
        *out++ = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    }
    *out++ = (uint8_t)(0x80 | (scalar & 0x3F));
    return out;
}

static uint8_t *put_json(uint8_t *out, uint32_t scalar, const char *hex_digits)
{
    switch (scalar) {
    case '"':
        return put_ascii(out, "\\\"");
    case '\\':
        return put_ascii(out, "\\\\");
    case '\b':
        return put_ascii(out, "\\b");
    case '\t':
        return put_ascii(out, "\\t");
    case '\n':
        return put_ascii(out, "\\n");
    case '\f':
        return put_ascii(out, "\\f");
    case '\r':
        return put_ascii(out, "\\r");
    default:
        break;
    }
    if (scalar >= 0x20)
        return put_utf8(out, scalar);
    out = put_ascii(out, "\\u00");
    *out++ = (uint8_t)hex_digits[scalar >> 4];
    *out++ = (uint8_t)hex_digits[scalar & 15];
    return out;
}

static uint8_t *put_markup(uint8_t *out, uint32_t scalar, enum text_mode mode)
{
    switch (scalar) {
    case '&':
        return put_ascii(out, "&amp;");
    case '<':
        return put_ascii(out, "&lt;");
    case '>':
        return put_ascii(out, "&gt;");
    case '"':
        return put_ascii(out, mode == TEXT_XML_ATTRIBUTE ? "&quot;" : "\"");
    case '\'':
        return put_ascii(out, mode == TEXT_XML_ATTRIBUTE ? "&apos;" : "'");
    default:
        return put_utf8(out, scalar);
    }
}

static bool is_xml_char(uint32_t scalar)
{
    return scalar >= 0x20 ? scalar != 0xFFFE && scalar != 0xFFFF
                          : scalar == '\t' || scalar == '\n' || scalar == '\r';
}

static uint8_t *put_scalar(uint8_t *out, uint32_t scalar, enum text_mode mode,
                           const char *hex_digits)
{
    if (mode == TEXT_JSON)
        return put_json(out, scalar, hex_digits);
    if (mode == TEXT_RAW)
        return put_utf8(out, scalar);
    if (!is_xml_char(scalar))
        scalar = '_';
    if (mode == TEXT_XML || mode == TEXT_XML_ATTRIBUTE)
        return put_markup(out, scalar, mode);
    return put_utf8(out, scalar);
}

uint8_t *text_put_scalar(uint8_t *out, uint32_t scalar, enum text_mode mode)
{
    return put_scalar(out, scalar, mode, "0123456789abcdef");
}

static bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

// CDATA sections and processing instructions have no escapes: what would end them early is split.
static uint8_t *put_break(uint8_t *out, const uint8_t *units, size_t i, enum text_mode mode)
{
    if (load_u16(units + 2 * i) != '>')
        return out;
    if (mode == TEXT_CDATA && i >= 2 && load_u16(units + 2 * i - 2) == ']' &&
        load_u16(units + 2 * i - 4) == ']')
        return put_ascii(out, "]]><![CDATA[");
    if (mode == TEXT_PI && i >= 1 && load_u16(units + 2 * i - 2) == '?')
        return put_ascii(out, " ");
    return out;
}

uint8_t *utf16_put_reference(uint8_t *out, const uint8_t *units, size_t count, enum text_mode mode)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t scalar = load_u16(units + 2 * i);
        if (scalar == 0)
            break;
        uint32_t next = i + 1 < count ? load_u16(units + 2 * i + 2) : 0;
        out = put_break(out, units, i, mode);
        if (is_high_surrogate(scalar) && is_low_surrogate(next)) {
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + (next - 0xDC00);
            i++;
        } else if (is_high_surrogate(scalar) || is_low_surrogate(scalar)) {
            scalar = mode == TEXT_XML || mode == TEXT_XML_ATTRIBUTE ? '_' : 0xFFFD;
        }
        out = put_scalar(out, scalar, mode, "0123456789ABCDEF");
    }
    return out;
}
