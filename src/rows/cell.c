// SPDX-License-Identifier: MIT
#include "rows/cell.h"

#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"
#include "kernels/simd.h"
#include "kernels/utf16.h"
#include "print/fixed_value.h"

enum { PIECE_UNITS = 1 << 16 };

void cell_clear(struct cell *cell)
{
    if (cell->out->failed) // what was there has been taken back
        return;
    cell->out->length = cell->start;
    cell->count = 0;
    cell->is_plain = true;
}

// Of JSON, a bracket comes in front of the first value when there is a second one.
static EVX_COLD void start_next(struct cell *cell)
{
    struct outbuf *out = cell->out;
    cell->is_plain = false;
    if (cell->style->format != ROW_JSON) {
        outbuf_text(out, ", ");
        return;
    }
    if (cell->count == 2) {
        outbuf_put(out, '[');
        if (out->failed)
            return;
        uint8_t *start = out->data + cell->start;
        memmove(start + 1, start, out->length - cell->start - 1);
        *start = '[';
    }
    outbuf_put(out, ',');
}

EVX_INLINE void start_value(struct cell *cell)
{
    if (EVX_UNLIKELY(cell->count++ > 0))
        start_next(cell);
}

// Units of the next piece: a pair stays whole.
static size_t piece_of(const uint8_t *units, size_t count)
{
    if (count <= PIECE_UNITS)
        return count;
    bool is_split = (load_u16(units + 2 * (PIECE_UNITS - 1)) & 0xFC00) == 0xD800;
    return PIECE_UNITS - is_split;
}

EVX_INLINE void put_units(struct cell *cell, const uint8_t *units, size_t count)
{
    struct outbuf *out = cell->out;
    bool is_json = cell->style->format == ROW_JSON;
    while (count > 0 && !out->failed) {
        size_t piece = piece_of(units, count);
        uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX * piece + TEXT_SLACK_BYTES);
        outbuf_commit(out,
                      is_json ? utf16_put_json(p, units, piece) : utf16_put_raw(p, units, piece));
        units += 2 * piece;
        count -= piece;
    }
}

// Of a number, a time, a GUID or a SID, which need no escapes.
EVX_INLINE void put_fixed(struct outbuf *out, const struct value *value, bool is_quoted)
{
    uint8_t *p = outbuf_reserve(out, FIXED_TEXT_BYTES_MAX + 2);
    *p = '"';
    p = put_fixed_value(p + is_quoted, value);
    *p = '"';
    outbuf_commit(out, p + is_quoted);
}

void cell_put_subject(struct cell *cell, const struct subject *subject,
                      const struct ansi_codec *codec, struct scratch_text *scratch)
{
    const struct value *value = &subject->value;
    const bool is_fixed = !subject->is_text && value->form >= FORM_F32;
    const bool is_quoted =
        cell->style->format == ROW_JSON && (subject->is_text || !FORM_IS_BARE(value->form));
    start_value(cell);
    if (is_fixed) {
        put_fixed(cell->out, value, is_quoted);
        return;
    }
    cell->is_plain = false;
    if (is_quoted)
        outbuf_put(cell->out, '"');
    if (!subject->is_text && value->form == FORM_STRING) {
        _Static_assert(UINT16_MAX / 2 < PIECE_UNITS, "or a NUL would end but one piece");
        put_units(cell, value->data, value->size / 2);
    } else {
        struct subject text = *subject;
        subject_make_text(&text, codec, scratch);
        put_units(cell, text.units, text.unit_count);
    }
    if (is_quoted)
        outbuf_put(cell->out, '"');
}

// The first character of UTF-8, as JSON has it; *ret_taken bytes.
static uint8_t *put_json_character(uint8_t *p, const char *text, size_t size, size_t *ret_taken)
{
    uint32_t character;
    size_t taken = utf8_take((const uint8_t *)text, size, &character);
    *ret_taken = taken ? taken : 1;
    return text_put_scalar(p, taken ? character : 0xFFFD, TEXT_JSON);
}

uint8_t *cell_json_string(uint8_t *out, const char *text, size_t size)
{
    *out++ = '"';
    for (size_t at = 0, taken; at < size; at += taken)
        out = put_json_character(out, text + at, size - at, &taken);
    *out++ = '"';
    return out;
}

void cell_put_text(struct cell *cell, const char *text, size_t size)
{
    struct outbuf *out = cell->out;
    start_value(cell);
    cell->is_plain = false;
    if (cell->style->format != ROW_JSON) {
        outbuf_append(out, text, size);
        return;
    }
    outbuf_put(out, '"');
    for (size_t at = 0, taken; at < size && !out->failed; at += taken) {
        uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX + TEXT_SLACK_BYTES);
        outbuf_commit(out, put_json_character(p, text + at, size - at, &taken));
    }
    outbuf_put(out, '"');
}

void cell_put_number(struct cell *cell, uint64_t number)
{
    start_value(cell);
    uint8_t *p = outbuf_reserve(cell->out, NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES);
    outbuf_commit(cell->out, put_u64(p, number));
}

void cell_put_truth(struct cell *cell, bool truth)
{
    start_value(cell);
    outbuf_text(cell->out, truth ? "true" : "false");
}

void cell_put_json(struct cell *cell, const uint8_t *json, size_t size)
{
    start_value(cell);
    cell->is_plain = false;
    outbuf_append(cell->out, json, size);
}

// Whether there is a separator, a quote or the end of a line. 15 bytes behind are readable.
static bool has_separators(const uint8_t *bytes, size_t size, uint8_t separator)
{
#if EVX_SIMD
    for (size_t i = 0; i < size; i += 16) {
        u8x16 v = simd_load(bytes + i);
        u8x16 found =
            (u8x16)(v == separator) | (u8x16)(v == '"') | (u8x16)(v == '\n') | (u8x16)(v == '\r');
        unsigned mask = simd_mask(found);
        if (EVX_UNLIKELY(mask != 0))
            return size - i >= 16 || mask & ((1u << (size - i)) - 1);
    }
    return false;
#else
    bool found = false;
    for (size_t i = 0; i < size; i++)
        found |= bytes[i] == separator || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r';
    return found;
#endif
}

static uint8_t separator_of(const struct cell_style *style)
{
    return style->format == ROW_TSV ? '\t' : ',';
}

// NULL: there is no text, or too much, or it has separators.
EVX_INLINE uint8_t *put_simple_string(const struct cell_style *style, uint8_t *out,
                                      struct value_view view)
{
    const uint32_t count = view.size / 2;
    if (view.size % 2 != 0 || count == 0 || count > CELL_SIMPLE_UNITS_MAX ||
        load_u16(view.data) == 0)
        return NULL;
    if (style->format == ROW_JSON) {
        *out = '"';
        out = utf16_put_json(out + 1, view.data, count);
        *out = '"';
        return out + 1;
    }
    uint8_t *end = utf16_put_raw(out, view.data, count);
    return has_separators(out, (size_t)(end - out), separator_of(style)) ? NULL : end;
}

uint8_t *cell_put_simple(const struct cell_style *style, uint8_t *out, struct value_view view)
{
    const bool is_quoted = style->format == ROW_JSON;
    if (style->has_escapes && !is_quoted)
        return NULL;
    switch (view.type) {
    case TYPE_STRING:
        return put_simple_string(style, out, view);
    case TYPE_U8:
        return view.size == 1 ? put_u32(out, *view.data) : NULL;
    case TYPE_U16:
        return view.size == 2 ? put_u32(out, load_u16(view.data)) : NULL;
    case TYPE_U32:
        return view.size == 4 ? put_u32(out, load_u32(view.data)) : NULL;
    case TYPE_U64:
        return view.size == 8 ? put_u64(out, load_u64(view.data)) : NULL;
    default:
        break;
    }
    uint8_t *p = out + is_quoted;
    if (view.type == TYPE_FILETIME && view.size == 8 && filetime_is_time(view.data))
        p = put_filetime(p, load_u64(view.data));
    else if (view.type == TYPE_HEX64 && view.size == 8)
        p = put_hex(p, load_u64(view.data));
    else if (view.type == TYPE_HEX32 && view.size == 4)
        p = put_hex(p, load_u32(view.data));
    else
        return NULL;
    *out = is_quoted ? '"' : *out;
    *p = '"';
    return p + is_quoted;
}

// ---- the end of a cell --------------------------------------------------------------------------

static void end_json(struct cell *cell)
{
    if (EVX_UNLIKELY(cell->count > 1))
        outbuf_put(cell->out, ']');
    else if (cell->count == 0)
        outbuf_text(cell->out, "null");
}

// Makes the output longer by so many bytes, whose content is anything.
static bool extend(struct outbuf *out, size_t size)
{
    while (size > 0 && !out->failed) {
        size_t piece = size < RESERVE_BYTES_MAX ? size : RESERVE_BYTES_MAX;
        outbuf_reserve(out, piece);
        out->length += piece;
        size -= piece;
    }
    return !out->failed;
}

static bool begins_like_formula(const uint8_t *bytes, size_t size)
{
    return size > 0 && memchr("=+-@\t\r", *bytes, 6) != NULL;
}

static size_t count_quotes(const uint8_t *bytes, size_t size)
{
    size_t quotes = 0;
    for (size_t i = 0; i < size; i++)
        quotes += bytes[i] == '"';
    return quotes;
}

// RFC 4180: quotes around what has separators, quotes or ends of lines in it.
static void end_quoted(struct cell *cell)
{
    struct outbuf *out = cell->out;
    const size_t size = out->length - cell->start;
    outbuf_reserve(out, 15);
    if (out->failed)
        return;
    const uint8_t *bytes = out->data + cell->start;
    const bool needs_quotes = has_separators(bytes, size, separator_of(cell->style));
    const bool is_escaped = cell->style->has_escapes && begins_like_formula(bytes, size);
    if (EVX_LIKELY(!needs_quotes && !is_escaped))
        return;
    const size_t quotes = count_quotes(bytes, size);
    if (!extend(out, quotes + 2u * needs_quotes + is_escaped))
        return;
    uint8_t *start = out->data + cell->start, *to = out->data + out->length;
    if (needs_quotes)
        *--to = '"';
    for (size_t i = size; i-- > 0;) {
        const uint8_t byte = start[i];
        *--to = byte;
        if (byte == '"')
            *--to = byte;
    }
    if (is_escaped)
        *--to = '\'';
    if (needs_quotes)
        *--to = '"';
    EVX_CHECK(to == start);
}

void cell_end_slow(struct cell *cell)
{
    if (cell->out->failed)
        return;
    EVX_CHECK(cell->start <= cell->out->length);
    if (cell->style->format == ROW_JSON)
        end_json(cell);
    else
        end_quoted(cell);
}
