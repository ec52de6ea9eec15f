// SPDX-License-Identifier: MIT
#include "filter/query_encoding.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "text/ansi_codec.h"

enum { LABEL_BYTES_MAX = 40 };

struct encoding {
    bool is_utf16, is_big_endian;
    const uint16_t *high_half; // a code page; NULL, not is_utf16: UTF-8
    size_t mark_bytes;         // at the front
};

static bool is_white(char byte)
{
    return memchr(" \t\r\n", byte, 4) != NULL;
}

static struct encoding of_first_bytes(const uint8_t *bytes, size_t size)
{
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return (struct encoding){.mark_bytes = 3};
    if (size < 2)
        return (struct encoding){0};
    if (bytes[0] == 0xFF && bytes[1] == 0xFE)
        return (struct encoding){.is_utf16 = true, .mark_bytes = 2};
    if (bytes[0] == 0xFE && bytes[1] == 0xFF)
        return (struct encoding){.is_utf16 = true, .is_big_endian = true, .mark_bytes = 2};
    // No query begins with a NUL: one of two bytes is half a unit.
    return (struct encoding){.is_utf16 = !bytes[0] != !bytes[1], .is_big_endian = !bytes[0]};
}

// Does text of single bytes begin as XML does?
static bool is_xml(const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && is_white(bytes[at]))
        at++;
    return at < size && bytes[at] == '<';
}

// The code page that an XML declaration names, if it is one of single bytes.
static const uint16_t *declared_half(const char *bytes, size_t size)
{
    const char *end = size >= 5 && memcmp(bytes, "<?xml", 5) == 0 ? memchr(bytes, '>', size) : NULL;
    const char *name =
        end ? memmem(bytes, (size_t)(end - bytes), "encoding", strlen("encoding")) : NULL;
    if (!name)
        return NULL;
    for (name += strlen("encoding"); name < end && (is_white(*name) || *name == '='); name++) {
    }
    char label[LABEL_BYTES_MAX + 1];
    const char *close = name < end && (*name == '"' || *name == '\'')
                            ? memchr(name + 1, *name, (size_t)(end - name - 1))
                            : NULL;
    if (!close || close - name - 1 > LABEL_BYTES_MAX)
        return NULL;
    size_t length = (size_t)(close - name - 1);
    memcpy(label, name + 1, length);
    label[length] = '\0';
    const struct ansi_codec *codec;
    return ansi_codec_find(label, &codec) == ANSI_FOUND ? ansi_codec_high_half(codec) : NULL;
}

// Bytes of the character that begins here; 0 when there is none.
static size_t take_character(const struct encoding *encoding, const uint8_t *bytes, size_t size,
                             uint32_t *ret_character)
{
    EVX_CHECK(size > 0);
    if (!encoding->is_utf16) {
        *ret_character = *bytes < 0x80 ? *bytes : encoding->high_half[*bytes - 0x80];
        return *ret_character != 0;
    }
    uint16_t units[2] = {0, 0};
    if (size < 2)
        return 0;
    for (int i = 0; i < (size < 4 ? 1 : 2); i++) {
        units[i] = load_u16(bytes + 2 * i);
        if (encoding->is_big_endian)
            units[i] = __builtin_bswap16(units[i]);
    }
    *ret_character = units[0];
    if ((units[0] & 0xF800) != 0xD800)
        return units[0] ? 2 : 0;
    if (units[0] >= 0xDC00 || (units[1] & 0xFC00) != 0xDC00)
        return 0;
    *ret_character = 0x10000 + ((uint32_t)(units[0] & 0x3FF) << 10 | (units[1] & 0x3FF));
    return 4;
}

static bool convert(struct arena *arena, const struct encoding *encoding,
                    const struct query_text *raw, struct query_text *ret_text,
                    struct query_error *error)
{
    const uint8_t *bytes = (const uint8_t *)raw->bytes;
    // A byte of a code page and a unit of UTF-16 make three bytes at most, a pair of units four.
    size_t room = (encoding->is_utf16 ? raw->size / 2 : raw->size) * 3 + 4;
    char *text = arena_allocate(arena, room);
    uint32_t *offsets = arena_allocate(arena, (room + 1) * sizeof *offsets);
    if (!text || !offsets) {
        query_error_no_room(error, arena, (room + 1) * sizeof *offsets, raw->base);
        return false;
    }
    size_t used = 0;
    for (size_t at = 0; at < raw->size;) {
        uint32_t character;
        size_t taken = take_character(encoding, bytes + at, raw->size - at, &character);
        if (taken == 0) {
            query_error_set(error, raw, at, 0, "text in the encoding that the first bytes tell",
                            NULL);
            return false;
        }
        size_t size = query_text_put(text + used, character);
        for (size_t i = 0; i < size; i++)
            offsets[used + i] = query_text_offset(raw, at);
        used += size;
        at += taken;
    }
    EVX_CHECK(used <= room);
    offsets[used] = query_text_offset(raw, raw->size);
    *ret_text = (struct query_text){text, used, offsets, 0};
    return true;
}

bool query_decode(struct arena *arena, const char *bytes, size_t size,
                  struct query_warnings *warnings_or_null, struct query_text *ret_text,
                  struct query_error *error)
{
    struct encoding encoding = of_first_bytes((const uint8_t *)bytes, size);
    struct query_text all = query_text_of(bytes, size);
    struct query_text raw = query_text_part(&all, encoding.mark_bytes, size - encoding.mark_bytes);
    if (size > (encoding.is_utf16 ? 2 : 1) * (size_t)QUERY_TEXT_BYTES_MAX) {
        query_error_limit(error, QUERY_TEXT_BYTES_MAX, "at most 1 MiB of text");
        return false;
    }
    if (encoding.is_utf16)
        return convert(arena, &encoding, &raw, ret_text, error);
    bool may_be_ansi = encoding.mark_bytes == 0 && is_xml(bytes, size);
    encoding.high_half = may_be_ansi ? declared_half(bytes, size) : NULL;
    size_t at;
    if (!encoding.high_half) {
        if (query_text_is_valid(&raw, &at)) {
            *ret_text = raw;
            return true;
        }
        if (!may_be_ansi) {
            query_error_set(error, &raw, at, 1, "text in UTF-8", NULL);
            return false;
        }
        query_warn(warnings_or_null, query_text_offset(&raw, at),
                   "this is no UTF-8, and taken for windows-1252");
        encoding.high_half = ansi_codec_high_half(ansi_codec_default());
    }
    return convert(arena, &encoding, &raw, ret_text, error);
}
