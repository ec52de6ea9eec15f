// SPDX-License-Identifier: MIT
#include "emit/source_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"

static const char xml_front[] = " SourceFile=\"", json_front[] = "\"SourceFile\":\"";

// How a character is written instead of itself; NULL: as it is.
static const char *escape_of(uint32_t character, bool is_json)
{
    switch (character) {
    case '"':
        return is_json ? "\\\"" : "&quot;";
    case '\\':
        return is_json ? "\\\\" : NULL;
    case '&':
        return is_json ? NULL : "&amp;";
    case '<':
        return is_json ? NULL : "&lt;";
    case '>':
        return is_json ? NULL : "&gt;";
    case '\t':
        return is_json ? "\\t" : "&#x9;";
    case '\n':
        return is_json ? "\\n" : "&#xA;";
    case '\r':
        return is_json ? "\\r" : "&#xD;";
    default: // XML has no other control characters, and two that are none
        return character < 0x20 || character == 0xFFFE || character == 0xFFFF ? "\xEF\xBF\xBD"
                                                                              : NULL;
    }
}

static void put_escaped(struct outbuf *out, const char *name, bool is_json)
{
    const uint8_t *at = (const uint8_t *)name;
    for (size_t left = strlen(name); left > 0;) {
        uint32_t character = 0;
        size_t taken = utf8_take(at, left, &character);
        const char *escape = taken ? escape_of(character, is_json) : "\xEF\xBF\xBD";
        taken = taken ? taken : 1;
        if (escape)
            outbuf_text(out, escape);
        else
            outbuf_append(out, at, taken);
        at += taken;
        left -= taken;
    }
}

static void reverse(uint8_t *first, uint8_t *end)
{
    while (first < end && first < --end) {
        uint8_t byte = *first;
        *first++ = *end;
        *end = byte;
    }
}

// Moves what stands at [middle, end) in front of what stands at [first, middle).
static void rotate(uint8_t *first, uint8_t *middle, uint8_t *end)
{
    reverse(first, middle);
    reverse(middle, end);
    reverse(first, end);
}

// Where it belongs: behind the name of the root element, or the brace of the object.
static size_t place_of(const struct outbuf *out, size_t body, bool is_json)
{
    const char *ends = is_json ? "" : " \t\r\n/>";
    const uint8_t *open = memchr(out->data + body, is_json ? '{' : '<', out->length - body);
    if (!open)
        return out->length;
    size_t at = (size_t)(open + 1 - out->data);
    while (!is_json && at < out->length && !strchr(ends, out->data[at]))
        at++;
    return at;
}

// Whether the root has something of this name already.
static bool is_there(const struct outbuf *out, size_t at, bool is_json)
{
    const char *front = is_json ? json_front : xml_front;
    const size_t size = strlen(front) - 1;
    const uint8_t *end =
        is_json ? out->data + out->length : memchr(out->data + at, '>', out->length - at);
    if (is_json)
        return out->length - at >= size && memcmp(out->data + at, front, size - 1) == 0;
    return end && memmem(out->data + at, (size_t)(end - (out->data + at)), front, size);
}

void source_name_add(struct outbuf *out, size_t body, const char *name)
{
    while (body < out->length && out->data[body] <= ' ')
        body++;
    if (out->failed || body >= out->length)
        return;
    const bool is_json = out->data[body] == '{';
    const size_t end = out->length, at = place_of(out, body, is_json);
    if (at >= end || is_there(out, at, is_json))
        return;
    const bool is_alone = is_json && out->data[at] == '}';
    outbuf_text(out, is_json ? json_front : xml_front);
    put_escaped(out, name, is_json);
    outbuf_text(out, is_json && !is_alone ? "\"," : "\"");
    if (!out->failed)
        rotate(out->data + at, out->data + end, out->data + out->length);
}
