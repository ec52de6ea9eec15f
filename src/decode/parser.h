// SPDX-License-Identifier: MIT
// The state of the token parser (stream.c), and what its two ways to take an element share.
#ifndef EVX_DECODE_PARSER_H
#define EVX_DECODE_PARSER_H

#include <string.h>

#include "base/load.h"
#include "decode/decoder.h"
#include "kernels/simd.h"

enum token {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN_START = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END_ELEMENT = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHARACTER_REFERENCE = 0x08,
    TOKEN_ENTITY_REFERENCE = 0x09,
    TOKEN_PI_TARGET = 0x0A,
    TOKEN_PI_DATA = 0x0B,
    TOKEN_INSTANCE = 0x0C,
    TOKEN_SUBSTITUTION = 0x0D,
    TOKEN_OPTIONAL_SUBSTITUTION = 0x0E,
    TOKEN_FRAGMENT_HEADER = 0x0F,
    TOKEN_MORE = 0x40, // bit, on 01 and 05..09; decides something for 01 only
};

#define NO_NODE UINT32_MAX

EVX_INLINE bool is_token(uint8_t byte, enum token token)
{
    return (byte & ~TOKEN_MORE) == (int)token;
}

struct parser {
    struct decoder *decoder;
    const uint8_t *data; // of the chunk
    uint32_t position, end;
    uint32_t base; // first node of this stream
    uint32_t depth;
    uint32_t roots;
    uint32_t start;     // element whose start tag is open, or NO_NODE
    uint32_t attribute; // attribute that takes the next parts, or NO_NODE
    uint32_t open; // innermost open element, or NO_NODE; until one ends, its node's `next` is the
                   // element around it
    uint32_t open_count;
    struct node forgotten; // takes parts that belong to nothing
    bool is_definition;
    bool has_spliced_root; // a root came out of a value token
};

// Different names may be written alike once they are encoded.
EVX_INLINE bool is_written_alike(const struct name *a, const struct name *b)
{
    return a == b || (a->xml_size == b->xml_size && memcmp(a->xml, b->xml, a->xml_size) == 0);
}

// Units in front of the first NUL.
static inline uint32_t text_length(const uint8_t *units, uint32_t count)
{
    uint32_t length = 0;
#if EVX_SIMD
    for (; length + 8 <= count; length += 8)
        if (simd_mask((u8x16)((u16x8)simd_load(units + 2 * length) == 0))) // one of them is NUL
            break;
#endif
    while (length < count && load_u16(units + 2 * length) != 0)
        length++;
    return length;
}

// An element of known names that holds nothing but texts, which nearly all are where no template
// stands behind them, from behind its first token. False, with nothing taken: it is another one.
bool take_plain_element(struct parser *parser, bool has_attributes);

#endif
