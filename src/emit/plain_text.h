// SPDX-License-Identifier: MIT
// Elements of a record's own, with no template behind them, that hold nothing but text: what nearly
// all records without a template are made of. They need no frame, no iterator and no summary.
#ifndef EVX_EMIT_PLAIN_TEXT_H
#define EVX_EMIT_PLAIN_TEXT_H

#include "base/check.h"
#include "container/layout.h"
#include "emit/op_loop.h"

enum { PLAIN_TEXT_ROOM_BYTES = UTF16_PLAIN_UNITS_MAX + 1 };

// Whether [first, end) of the tape is one text or nothing.
EVX_INLINE bool is_plain_text(const struct node *tape, uint32_t first, uint32_t end)
{
    return first == end || (first + 1 == end && tape[first].kind == NODE_TEXT);
}

// And whether it shows anything.
EVX_INLINE bool plain_text_shows(const struct node *tape, uint32_t first, uint32_t end)
{
    return first != end && tape[first].text.count > 0;
}

// Whether a node is such an element, with attributes of different names.
EVX_INLINE bool is_plain_element(const struct node *tape, uint32_t index)
{
    const struct node *node = &tape[index];
    if (node->kind != NODE_ELEMENT || node->flags & NODE_REPEATED_ATTRIBUTES ||
        !is_plain_text(tape, node->element.content, node->next))
        return false;
    for (uint32_t i = index + 1; i < node->element.content; i = tape[i].next) {
        EVX_CHECK(tape[i].kind == NODE_ATTRIBUTE && tape[i].next > i);
        if (!is_plain_text(tape, i + 1, tape[i].next))
            return false;
    }
    return true;
}

// Text escaped for the mode; in JSON quoted.
EVX_INLINE void put_plain_text(struct renderer *renderer, const struct node *text,
                               enum text_mode mode)
{
    const uint8_t *units = text->text.units;
    const uint32_t count = text->text.count, quote = mode == TEXT_JSON;
    // Where it is not the chunk's own text, the difference is too large.
    const uintptr_t offset = (uintptr_t)units - (uintptr_t)renderer->decoder->chunk->data;
    uint8_t *p = outbuf_reserve(renderer->out, TEXT_EXPANSION_MAX * (size_t)count +
                                                   TEXT_SLACK_BYTES + PLAIN_TEXT_ROOM_BYTES + 2);
    if (quote)
        *p++ = '"';
    uint8_t *end = NULL;
    if (count - 1 < UTF16_PLAIN_UNITS_MAX && offset <= CHUNK_BYTES - UTF16_PLAIN_READ_BYTES)
        end = utf16_put_plain(p, units, count, mode);
    if (EVX_UNLIKELY(end == NULL))
        end = put_string(p, units, count, mode);
    if (quote)
        *end = '"';
    outbuf_commit(renderer->out, end + quote);
}

#endif
