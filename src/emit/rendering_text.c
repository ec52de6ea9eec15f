// SPDX-License-Identifier: MIT
// RenderingInfo in the formats.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/rendering_info.h"
#include "emit/renderer.h"
#include "kernels/utf16.h"

enum { PIECE_UNITS = 4096 };

// The texts of such files have been decoded once: lone surrogates are U+FFFD in every format.
static void put_text(struct outbuf *out, const struct mta_text *text, enum text_mode mode)
{
    for (uint32_t i = 0; i < text->count && !out->failed;) {
        uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX * PIECE_UNITS + TEXT_SLACK_BYTES);
        for (uint32_t end = i + PIECE_UNITS - 1; i < text->count && i < end; i++) {
            uint32_t scalar = load_u16(text->units + 2 * (size_t)i);
            if (scalar >= 0xD800 && scalar <= 0xDFFF) {
                uint32_t low = i + 1 < text->count ? load_u16(text->units + 2 * (size_t)i + 2) : 0;
                bool is_pair = scalar <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF;
                scalar = is_pair ? 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
                i += is_pair;
            }
            p = text_put_scalar(p, scalar, mode);
        }
        outbuf_commit(out, p);
    }
}

// Takes back the end of the record, which is written again behind what is added. False: it ends in
// another way, so that there is no place for it.
static bool take_back(struct outbuf *out, const char *end)
{
    size_t size = strlen(end);
    EVX_CHECK(out->length >= out->record_start);
    if (out->length - out->record_start < size ||
        memcmp(out->data + out->length - size, end, size) != 0)
        return false;
    out->length -= size;
    return true;
}

// -------------------------------------------------------------------------------------------- XML

static void put_line(struct renderer *renderer, unsigned depth)
{
    if (!renderer->format->is_indented)
        return;
    outbuf_put(renderer->out, '\n');
    for (unsigned i = 0; i < depth; i++)
        outbuf_text(renderer->out, "  ");
}

static void put_element(struct renderer *renderer, unsigned depth, const char *name,
                        const struct mta_text *text)
{
    struct outbuf *out = renderer->out;
    if (text->count == 0)
        return;
    put_line(renderer, depth);
    outbuf_put(out, '<');
    outbuf_text(out, name);
    outbuf_put(out, '>');
    put_text(out, text, TEXT_XML);
    outbuf_text(out, "</");
    outbuf_text(out, name);
    outbuf_put(out, '>');
}

void xml_put_rendering_info(struct renderer *renderer, const struct rendering_info *info)
{
    static const char end[] = "</Event>";
    struct outbuf *out = renderer->out;
    if (!take_back(out, renderer->format->is_indented ? "\n</Event>" : end))
        return;
    put_line(renderer, 1);
    outbuf_text(out, "<RenderingInfo>");
    size_t empty = out->length;
    put_element(renderer, 2, "Message", &info->message);
    put_element(renderer, 2, "Level", &info->level);
    put_element(renderer, 2, "Task", &info->task);
    put_element(renderer, 2, "Opcode", &info->opcode);
    if (info->keyword_count > 0) {
        put_line(renderer, 2);
        outbuf_text(out, "<Keywords>");
        for (unsigned i = 0; i < info->keyword_count; i++)
            put_element(renderer, 3, "Keyword", &info->keywords[i]);
        put_line(renderer, 2);
        outbuf_text(out, "</Keywords>");
    }
    if (out->length != empty)
        put_line(renderer, 1);
    outbuf_text(out, "</RenderingInfo>");
    put_line(renderer, 0);
    outbuf_text(out, end);
}

// ------------------------------------------------------------------------------------------- JSON

// A member behind others, or the first one.
static void put_key(struct outbuf *out, const char *name, unsigned number, bool *is_first)
{
    outbuf_text(out, *is_first ? "{\"" : ",\"");
    *is_first = false;
    outbuf_text(out, name);
    if (number > 0) {
        outbuf_put(out, '_');
        if (number > 9)
            outbuf_put(out, (char)('0' + number / 10));
        outbuf_put(out, (char)('0' + number % 10));
    }
    outbuf_text(out, "\":");
}

static void put_member(struct outbuf *out, const char *name, unsigned number,
                       const struct mta_text *text, bool *is_first)
{
    if (text->count == 0)
        return;
    put_key(out, name, number, is_first);
    outbuf_put(out, '"');
    put_text(out, text, TEXT_JSON);
    outbuf_put(out, '"');
}

void json_put_rendering_info(struct renderer *renderer, const struct rendering_info *info)
{
    struct outbuf *out = renderer->out;
    bool is_first = true, is_first_keyword = true;
    if (!take_back(out, "}}"))
        return;
    outbuf_text(out, ",\"RenderingInfo\":");
    put_member(out, "Message", 0, &info->message, &is_first);
    put_member(out, "Level", 0, &info->level, &is_first);
    put_member(out, "Task", 0, &info->task, &is_first);
    put_member(out, "Opcode", 0, &info->opcode, &is_first);
    if (info->keyword_count > 0)
        put_key(out, "Keywords", 0, &is_first);
    for (unsigned i = 0; i < info->keyword_count; i++)
        put_member(out, "Keyword", i, &info->keywords[i], &is_first_keyword);
    outbuf_text(out, info->keyword_count > 0 ? "}}}}" : is_first ? "null}}" : "}}}");
}
