// SPDX-License-Identifier: MIT
#include "filter/xml_text.h"

#include <string.h>

#include "base/check.h"
#include "filter/reading.h"
#include "filter/xml_reader.h"

enum { REFERENCE_BYTES_MAX = 16 };

static bool starts(const struct query_text *text, size_t at, const char *word)
{
    size_t size = strlen(word);
    return text->size - at >= size && memcmp(text->bytes + at, word, size) == 0;
}

// A character of XML by its number, in front of a semicolon.
static size_t take_number(const struct query_text *text, uint32_t *ret_character)
{
    bool is_hex = starts(text, 0, "&#x");
    size_t start = is_hex ? 3 : 2, at = start;
    uint32_t character = 0;
    for (; at < text->size && at < REFERENCE_BYTES_MAX; at++) {
        uint8_t digit = reading_digit((uint8_t)text->bytes[at]);
        if (digit >= (is_hex ? 16 : 10))
            break;
        character = character * (is_hex ? 16 : 10) + digit;
        if (character > 0x10FFFF)
            return 0;
    }
    bool is_character = character >= ' '
                            ? (character & 0x1FF800) != 0xD800
                            : character == '\t' || character == '\n' || character == '\r';
    if (at == start || !is_character || at >= text->size || text->bytes[at] != ';')
        return 0;
    *ret_character = character;
    return at + 1;
}

size_t xml_take_reference(const struct query_text *text, uint32_t *ret_character)
{
    static const struct {
        const char *written;
        char character;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    if (starts(text, 0, "&#"))
        return take_number(text, ret_character);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (starts(text, 0, entities[i].written)) {
            *ret_character = (uint8_t)entities[i].character;
            return strlen(entities[i].written);
        }
    }
    return 0;
}

struct writer {
    char *bytes;
    uint32_t *offsets;
    size_t used;
};

static void put(struct writer *writer, const struct query_text *from, size_t at, char byte)
{
    writer->offsets[writer->used] = query_text_offset(from, at);
    writer->bytes[writer->used++] = byte;
}

static void put_character(struct writer *writer, const struct query_text *from, size_t at,
                          uint32_t character)
{
    char bytes[4];
    size_t size = query_text_put(bytes, character);
    for (size_t i = 0; i < size; i++)
        put(writer, from, at, bytes[i]);
}

// Behind what begins at `at` and ends with `end`, which is there: the file has been read.
static size_t skip(const struct query_text *from, size_t at, const char *end)
{
    const char *found = memmem(from->bytes + at, from->size - at, end, strlen(end));
    EVX_CHECK(found);
    return found ? (size_t)(found - from->bytes) + strlen(end) : from->size;
}

static size_t put_markup(struct writer *writer, const struct query_text *from, size_t at)
{
    if (starts(from, at, "<!--"))
        return skip(from, at + 4, "-->");
    if (starts(from, at, "<?"))
        return skip(from, at + 2, "?>");
    EVX_CHECK(starts(from, at, "<![CDATA["));
    size_t start = at + strlen("<![CDATA["), end = skip(from, start, "]]>");
    for (size_t i = start; i < end - strlen("]]>"); i++)
        put(writer, from, i, from->bytes[i]);
    return end;
}

bool xml_text(struct arena *arena, const struct query_text *written, struct query_text *ret_text,
              struct query_error *error)
{
    *ret_text = *written;
    if (written->size == 0 || (!memchr(written->bytes, '&', written->size) &&
                               !memchr(written->bytes, '<', written->size)))
        return true;
    // Nothing becomes longer.
    struct writer writer = {arena_allocate(arena, written->size),
                            arena_allocate(arena, (written->size + 1) * sizeof(uint32_t)), 0};
    if (!writer.bytes || !writer.offsets) {
        query_error_no_room(error, arena, (written->size + 1) * sizeof(uint32_t),
                            query_text_offset(written, 0));
        return false;
    }
    for (size_t at = 0; at < written->size;) {
        if (written->bytes[at] == '<') {
            at = put_markup(&writer, written, at);
            continue;
        }
        struct query_text rest = query_text_part(written, at, written->size - at);
        uint32_t character = 0;
        size_t taken = rest.bytes[0] == '&' ? xml_take_reference(&rest, &character) : 0;
        if (taken > 0)
            put_character(&writer, written, at, character);
        else
            put(&writer, written, at, rest.bytes[0]);
        at += taken ? taken : 1;
    }
    EVX_CHECK(writer.used <= written->size);
    writer.offsets[writer.used] = query_text_offset(written, written->size);
    *ret_text = (struct query_text){writer.bytes, writer.used, writer.offsets, 0};
    return true;
}
