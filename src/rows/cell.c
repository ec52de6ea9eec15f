// SPDX-License-Identifier: MIT
#include "rows/cell.h"

#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"
#include "kernels/utf16.h"
#include "print/number.h"

enum {
    PIECE_UNITS = 1 << 16,
    UTF8_BYTES_MAX = 4, // of one unit, and of a pair
};

struct cell cell_start(const struct cell_style *style, struct outbuf *out)
{
    struct cell cell = {style, out, out->length, 0};
    // Taken back when it turns out that there is one value.
    if (style->format == ROW_JSON)
        outbuf_put(out, '[');
    return cell;
}

static void start_value(struct cell *cell)
{
    if (cell->count > 0)
        outbuf_text(cell->out, cell->style->format == ROW_JSON ? "," : ", ");
    cell->count++;
}

// Units of the next piece: a pair stays whole.
static size_t piece_of(const uint8_t *units, size_t count)
{
    if (count <= PIECE_UNITS)
        return count;
    bool is_split = (load_u16(units + 2 * (PIECE_UNITS - 1)) & 0xFC00) == 0xD800;
    return PIECE_UNITS - is_split;
}

static void put_units(struct cell *cell, const uint8_t *units, size_t count)
{
    struct outbuf *out = cell->out;
    bool is_json = cell->style->format == ROW_JSON, is_cut = false;
    while (count > 0 && !out->failed) {
        size_t piece = piece_of(units, count);
        size_t room =
            is_json ? TEXT_EXPANSION_MAX * piece + TEXT_SLACK_BYTES : UTF8_BYTES_MAX * piece;
        uint8_t *p = outbuf_reserve(out, room);
        p = is_json ? utf16_put(p, units, piece, TEXT_JSON)
                    : utf8_put_units(p, room, units, piece, &is_cut);
        EVX_CHECK(!is_cut);
        outbuf_commit(out, p);
        units += 2 * piece;
        count -= piece;
    }
}

void cell_put_subject(struct cell *cell, struct subject subject, const struct ansi_codec *codec,
                      struct scratch_text *scratch)
{
    bool is_quoted =
        cell->style->format == ROW_JSON && (subject.is_text || !FORM_IS_BARE(subject.value.form));
    start_value(cell);
    subject_make_text(&subject, codec, scratch);
    if (is_quoted)
        outbuf_put(cell->out, '"');
    put_units(cell, subject.units, subject.unit_count);
    if (is_quoted)
        outbuf_put(cell->out, '"');
}

void cell_put_json_string(struct outbuf *out, const char *text, size_t size)
{
    outbuf_put(out, '"');
    for (size_t at = 0; at < size && !out->failed;) {
        uint32_t character;
        size_t taken = utf8_take((const uint8_t *)text + at, size - at, &character);
        uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX + TEXT_SLACK_BYTES);
        outbuf_commit(out, text_put_scalar(p, taken ? character : 0xFFFD, TEXT_JSON));
        at += taken ? taken : 1;
    }
    outbuf_put(out, '"');
}

void cell_put_text(struct cell *cell, const char *text, size_t size)
{
    start_value(cell);
    if (cell->style->format == ROW_JSON)
        cell_put_json_string(cell->out, text, size);
    else
        outbuf_append(cell->out, text, size);
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
    outbuf_append(cell->out, json, size);
}

// ---- the end of a cell --------------------------------------------------------------------------

static void end_json(struct cell *cell)
{
    struct outbuf *out = cell->out;
    uint8_t *start = out->data + cell->start;
    if (cell->count > 1) {
        outbuf_put(out, ']');
    } else if (cell->count == 1) {
        out->length--;
        memmove(start, start + 1, out->length - cell->start);
    } else {
        out->length = cell->start;
        outbuf_text(out, "null");
    }
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

// RFC 4180: quotes around what has separators, quotes or ends of lines in it.
static void end_quoted(struct cell *cell)
{
    struct outbuf *out = cell->out;
    size_t size = out->length - cell->start, quotes = 0;
    bool needs_quotes = false;
    const uint8_t *bytes = out->data + cell->start;
    const uint8_t separator = cell->style->format == ROW_TSV ? '\t' : ',';
    for (size_t i = 0; i < size; i++) {
        quotes += bytes[i] == '"';
        needs_quotes |= bytes[i] == separator || bytes[i] == '\n' || bytes[i] == '\r';
    }
    needs_quotes |= quotes > 0;
    bool is_escaped = cell->style->has_escapes && begins_like_formula(bytes, size);
    if (!needs_quotes && !is_escaped)
        return;
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

void cell_end(struct cell *cell)
{
    if (cell->out->failed)
        return;
    EVX_CHECK(cell->start <= cell->out->length);
    if (cell->style->format == ROW_JSON)
        end_json(cell);
    else
        end_quoted(cell);
}
