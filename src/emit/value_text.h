// SPDX-License-Identifier: MIT
// Values as text; the hot half is inlined into each format's program loop with a constant mode.
#ifndef EVX_EMIT_VALUE_TEXT_H
#define EVX_EMIT_VALUE_TEXT_H

#include <string.h>

#include "base/load.h"
#include "print/number.h"
#include "emit/op_loop.h"
#include "emit/renderer.h"
#include "kernels/utf16.h"

// Everything that is no UTF-16 string and no plain integer.
void put_value_slow(struct renderer *renderer, struct value *value, enum text_mode mode);

EVX_INLINE void put_value_inline(struct renderer *renderer, struct value *value,
                                 enum text_mode mode)
{
    struct outbuf *out = renderer->out;
    uint8_t *p;
    if (value->form == FORM_STRING) {
        size_t count = value->size / 2;
        p = outbuf_reserve(out, TEXT_EXPANSION_MAX * count + TEXT_SLACK_BYTES);
        outbuf_commit(out, put_string(p, value->data, count, mode));
        return;
    }
    p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES);
    switch (value->form) {
    case FORM_U8:
        p = put_u32(p, *value->data);
        break;
    case FORM_U16:
        p = put_u32(p, load_u16(value->data));
        break;
    case FORM_U32:
        p = put_u32(p, load_u32(value->data));
        break;
    case FORM_U64:
        p = put_u64(p, load_u64(value->data));
        break;
    case FORM_HEX32:
        p = put_hex(p, load_u32(value->data));
        break;
    case FORM_HEX64:
        p = put_hex(p, load_u64(value->data));
        break;
    default:
        put_value_slow(renderer, value, mode);
        return;
    }
    outbuf_commit(out, p);
}

#endif
