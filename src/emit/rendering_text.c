// SPDX-License-Identifier: MIT
// RenderingInfo in the formats.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/rendering_info.h"
#include "emit/renderer.h"
#include "kernels/utf16.h"

enum { PIECE_UNITS = 4096 };

void rendering_info_put_text(struct outbuf *out, const struct mta_text *text, enum text_mode mode)
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

static bool has_message(const struct rendering_info *info)
{
    return info->put_message || info->message.count > 0;
}

static void put_message(struct renderer *renderer, const struct rendering_info *info,
                        enum text_mode mode)
{
    if (info->put_message)
        info->put_message(renderer, info, mode);
    else
        rendering_info_put_text(renderer->out, &info->message, mode);
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

static void put_tag(struct outbuf *out, const char *open, const char *name)
{
    outbuf_text(out, open);
    outbuf_text(out, name);
    outbuf_put(out, '>');
}

static void put_element(struct renderer *renderer, unsigned depth, const char *name,
                        const struct mta_text *text)
{
    if (text->count == 0)
        return;
    put_line(renderer, depth);
    put_tag(renderer->out, "<", name);
    rendering_info_put_text(renderer->out, text, TEXT_XML);
    put_tag(renderer->out, "</", name);
}

static void put_keywords(struct renderer *renderer, const struct rendering_info *info)
{
    if (info->keyword_count == 0)
        return;
    put_line(renderer, 2);
    put_tag(renderer->out, "<", "Keywords");
    for (unsigned i = 0; i < info->keyword_count; i++)
        put_element(renderer, 3, "Keyword", &info->keywords[i]);
    put_line(renderer, 2);
    put_tag(renderer->out, "</", "Keywords");
}

void xml_put_rendering_info(struct renderer *renderer, const struct rendering_info *info)
{
    struct outbuf *out = renderer->out;
    put_line(renderer, 1);
    outbuf_text(out, "<RenderingInfo");
    if (info->culture) {
        outbuf_text(out, " Culture=\"");
        outbuf_text(out, info->culture);
        outbuf_put(out, '"');
    }
    outbuf_put(out, '>');
    size_t empty = out->length;
    if (has_message(info)) {
        put_line(renderer, 2);
        put_tag(out, "<", "Message");
        put_message(renderer, info, TEXT_XML);
        put_tag(renderer->out, "</", "Message");
    }
    put_element(renderer, 2, "Level", &info->level);
    put_element(renderer, 2, "Task", &info->task);
    put_element(renderer, 2, "Opcode", &info->opcode);
    put_element(renderer, 2, "Channel", &info->channel);
    put_element(renderer, 2, "Provider", &info->provider);
    put_keywords(renderer, info);
    if (out->length != empty)
        put_line(renderer, 1);
    put_tag(out, "</", "RenderingInfo");
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
    rendering_info_put_text(out, text, TEXT_JSON);
    outbuf_put(out, '"');
}

// The attribute stands in the object as those of elements do, or in a member of its own.
static void put_culture(struct renderer *renderer, const char *culture, bool *is_first)
{
    struct outbuf *out = renderer->out;
    const bool is_apart = renderer->format->separates_attributes;
    if (culture) {
        outbuf_text(out, is_apart ? ",\"RenderingInfo_attributes\":{\"Culture\":\""
                                  : ",\"RenderingInfo\":{\"#attributes\":{\"Culture\":\"");
        outbuf_text(out, culture);
        outbuf_text(out, "\"}");
        *is_first = is_apart;
    }
    if (!culture || is_apart)
        outbuf_text(out, ",\"RenderingInfo\":");
}

void json_put_rendering_info(struct renderer *renderer, const struct rendering_info *info)
{
    struct outbuf *out = renderer->out;
    bool is_first = true, is_first_keyword = true;
    put_culture(renderer, info->culture, &is_first);
    if (has_message(info)) {
        put_key(out, "Message", 0, &is_first);
        outbuf_put(out, '"');
        put_message(renderer, info, TEXT_JSON);
        outbuf_put(out, '"');
    }
    put_member(out, "Level", 0, &info->level, &is_first);
    put_member(out, "Task", 0, &info->task, &is_first);
    put_member(out, "Opcode", 0, &info->opcode, &is_first);
    put_member(out, "Channel", 0, &info->channel, &is_first);
    put_member(out, "Provider", 0, &info->provider, &is_first);
    if (info->keyword_count > 0)
        put_key(out, "Keywords", 0, &is_first);
    for (unsigned i = 0; i < info->keyword_count; i++)
        put_member(out, "Keyword", i, &info->keywords[i], &is_first_keyword);
    outbuf_text(out, info->keyword_count > 0 ? "}}" : is_first ? "null" : "}");
}
