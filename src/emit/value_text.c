// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "emit/value_text.h"

#include "base/limits.h"
#include "print/fixed_value.h"

// One ANSI byte of a single-byte codec. False when it is undefined.
static bool put_ansi_byte(const struct renderer *renderer, uint8_t **p, uint8_t byte,
                          enum text_mode mode)
{
    // Letters, digits and blanks need no escape in any mode.
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == ' ' ||
        (byte >= '0' && byte <= '9')) {
        *(*p)++ = byte;
        return true;
    }
    if (byte < 0x80) {
        *p = text_put_scalar(*p, byte, mode);
        return true;
    }
    EVX_CHECK(byte >= 0x80);
    const uint8_t *utf8 = renderer->ansi_high[byte - 0x80];
    memcpy(*p, utf8, 3);
    *p += utf8[3];
    return utf8[3] != 0;
}

// Bytes at the front that stay as they are, in blocks of 16; stores them. `left` bytes are
// readable.
static size_t put_plain_bytes(uint8_t *p, const uint8_t *bytes, size_t left, enum text_mode mode)
{
    size_t done = 0;
#if EVX_SIMD
    for (; left - done >= 16; done += 16) {
        u8x16 block = simd_load(bytes + done);
        simd_store(p + done, block);
        unsigned specials = simd_mask(utf16_find_specials(block, mode));
        if (specials)
            return done + (unsigned)__builtin_ctz(specials);
    }
#else
    (void)p, (void)bytes, (void)left, (void)mode;
#endif
    return done;
}

static bool put_ansi_single(struct renderer *renderer, const uint8_t *bytes, uint32_t size,
                            enum text_mode mode)
{
    uint8_t *p =
        outbuf_reserve(renderer->out, TEXT_EXPANSION_MAX * (size_t)size + TEXT_SLACK_BYTES);
    for (uint32_t i = 0; i < size; i++) {
        size_t plain = put_plain_bytes(p, bytes + i, size - i, mode);
        p += plain;
        i += (uint32_t)plain;
        if (i < size && bytes[i] != 0 && !put_ansi_byte(renderer, &p, bytes[i], mode))
            return false;
    }
    outbuf_commit(renderer->out, p);
    return true;
}

// Room for the bytes without NULs and for the decoded units behind them.
static bool have_scratch(struct renderer *renderer, uint32_t size)
{
    size_t needed = 3 * (size_t)size + 16;
    if (needed <= renderer->ansi_units_capacity)
        return true;
    struct memory *memory = renderer->decoder->store->memory;
    uint16_t *units =
        memory_reallocate(memory, renderer->ansi_units,
                          renderer->ansi_units_capacity * sizeof *units, needed * sizeof *units);
    if (!units)
        return false;
    renderer->ansi_units = units;
    renderer->ansi_units_capacity = needed;
    return true;
}

static void put_units_as_scalars(struct renderer *renderer, const uint16_t *units, size_t count,
                                 enum text_mode mode)
{
    uint8_t *p = outbuf_reserve(renderer->out, TEXT_EXPANSION_MAX * count + TEXT_SLACK_BYTES);
    for (size_t i = 0; i < count; i++) {
        uint32_t scalar = units[i];
        if (scalar >= 0xD800 && scalar <= 0xDBFF && i + 1 < count)
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + (units[++i] - 0xDC00u);
        p = text_put_scalar(p, scalar, mode);
    }
    outbuf_commit(renderer->out, p);
}

static bool put_ansi_multi(struct renderer *renderer, const uint8_t *bytes, uint32_t size,
                           enum text_mode mode)
{
    if (!have_scratch(renderer, size))
        return false;
    uint8_t *plain = (uint8_t *)(renderer->ansi_units + 2 * (size_t)size);
    size_t plain_size = 0;
    for (uint32_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            plain[plain_size++] = bytes[i];
    size_t count;
    if (!ansi_codec_decode(renderer->codec, plain, plain_size, renderer->ansi_units, &count))
        return false;
    put_units_as_scalars(renderer, renderer->ansi_units, count, mode);
    return true;
}

static void put_bytes_as_hex(struct renderer *renderer, const uint8_t *bytes, uint32_t size)
{
    uint8_t *p = outbuf_reserve(renderer->out, 2 * (size_t)size + NUMBER_SLACK_BYTES);
    EVX_CHECK(size <= UINT16_MAX + 1);
    outbuf_commit(renderer->out, put_hex_bytes(p, bytes, size));
}

static void note_damage(struct renderer *renderer, const struct value *value, enum note_kind kind)
{
    decoder_note_value(renderer->decoder, kind, value->data, value->type, value->size, value->size);
}

static void put_ansi(struct renderer *renderer, const struct value *value, enum text_mode mode)
{
    size_t start = renderer->out->length;
    bool fine = renderer->ansi_single_byte
                    ? put_ansi_single(renderer, value->data, value->size, mode)
                    : put_ansi_multi(renderer, value->data, value->size, mode);
    if (fine)
        return;
    renderer->out->length = start;
    note_damage(renderer, value, NOTE_ANSI_INVALID);
    put_bytes_as_hex(renderer, value->data, value->size);
}

static void put_items(struct renderer *renderer, struct value *array, enum text_mode mode)
{
    note_array(&renderer->tree, array);
    for (uint32_t i = 0; i < array->item_count; i++) {
        struct value item = value_item(array, i);
        if (i > 0)
            outbuf_put(renderer->out, ',');
        if (item.form != FORM_EMPTY)
            put_value(renderer, &item, mode);
    }
}

void put_value_slow(struct renderer *renderer, struct value *value, enum text_mode mode)
{
    struct outbuf *out = renderer->out;
    struct value item;
    enum note_kind damage;
    uint8_t *p;
    switch (value->form) {
    case FORM_ANSI:
        put_ansi(renderer, value, mode);
        return;
    case FORM_HEX:
        if (value_damage(value, &damage))
            note_damage(renderer, value, damage);
        put_bytes_as_hex(renderer, value->data, value->size);
        return;
    case FORM_SID:
        outbuf_commit(out, put_fixed_value(outbuf_reserve(out, FIXED_TEXT_BYTES_MAX), value));
        return;
    case FORM_ITEM:
        note_array(&renderer->tree, value);
        item = value_item(value, 0);
        if (item.form != FORM_EMPTY)
            put_value(renderer, &item, mode);
        return;
    case FORM_ARRAY:
        put_items(renderer, value, mode);
        return;
    default:
        p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES);
        outbuf_commit(out, renderer->format->is_0_14 ? put_fixed_value_0_14(p, value)
                                                     : put_fixed_value(p, value));
        return;
    }
}

void put_value(struct renderer *renderer, struct value *value, enum text_mode mode)
{
    put_value_inline(renderer, value, mode);
}

static void put_character_reference(struct outbuf *out, uint16_t code, enum text_mode mode)
{
    bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    bool is_illegal = is_surrogate || code >= 0xFFFE ||
                      (code < 0x20 && code != '\t' && code != '\n' && code != '\r');
    uint8_t *p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX);
    if (mode == TEXT_JSON && !is_surrogate) {
        outbuf_commit(out, text_put_scalar(p, code, mode));
        return;
    }
    if (mode != TEXT_JSON && is_illegal) { // no XML reference may name it
        outbuf_put(out, '_');
        return;
    }
    memcpy(p, "&#", 2);
    p = put_u32(p + 2, code);
    *p++ = ';';
    outbuf_commit(out, p);
}

static void put_entity(struct outbuf *out, const struct name *name, enum text_mode mode)
{
    if (mode == TEXT_JSON && name->entity) {
        uint8_t *p = outbuf_reserve(out, TEXT_SLACK_BYTES);
        outbuf_commit(out, text_put_scalar(p, name->entity, mode));
        return;
    }
    // Only the predefined names may stand as references; others become text.
    bool is_reference = name->entity || mode == TEXT_JSON;
    outbuf_text(out, is_reference ? "&" : "&amp;");
    uint8_t *p =
        outbuf_reserve(out, TEXT_EXPANSION_MAX * (size_t)name->unit_count + TEXT_SLACK_BYTES);
    outbuf_commit(out, utf16_put(p, name->units, name->unit_count, mode));
    outbuf_put(out, ';');
}

void put_part(struct renderer *renderer, const struct part *part, enum text_mode mode)
{
    const struct node *node = part->node;
    struct value value;
    switch (node->kind) {
    case NODE_HOLE:
        value = part->value;
        if (!part->is_empty_hole)
            put_value(renderer, &value, mode);
        break;
    case NODE_TEXT:
    case NODE_CDATA:
        outbuf_commit(
            renderer->out,
            put_string(outbuf_reserve(renderer->out, TEXT_EXPANSION_MAX * (size_t)node->text.count +
                                                         TEXT_SLACK_BYTES),
                       node->text.units, node->text.count, mode));
        break;
    case NODE_VALUE:
        value = value_of_token(node->value.data, node->value.size, node->value.type);
        if (FORM_IS_TEXT(value.form))
            put_value(renderer, &value, mode);
        break;
    case NODE_CHARACTER_REFERENCE:
        put_character_reference(renderer->out, node->slot, mode);
        break;
    case NODE_ENTITY_REFERENCE:
        put_entity(renderer->out, node->name, mode);
        break;
    default:
        break;
    }
}
