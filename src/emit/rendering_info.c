// SPDX-License-Identifier: MIT
// Which texts of an MTA file a record has.
#include "emit/rendering_info.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/event_facts.h"
#include "emit/renderer.h"

struct lookup {
    const struct mta *mta;
    const struct mta_publisher *publisher, *fallback;
};

static struct mta_text find_text(const struct lookup *lookup, enum mta_table table, uint64_t key,
                                 bool *ret_found)
{
    struct mta_text text = {0};
    EVX_CHECK(key <= UINT32_MAX);
    *ret_found = mta_find_row(lookup->mta, lookup->publisher, table, (uint32_t)key, &text) ||
                 mta_find_row(lookup->mta, lookup->fallback, table, (uint32_t)key, &text);
    return text;
}

static void find_texts(const struct lookup *lookup, const struct event_facts *facts,
                       uint64_t header_id, struct rendering_info *ret)
{
    bool found;
    ret->message = mta_find_message(lookup->mta, facts->record_id, header_id);
    ret->level = find_text(lookup, MTA_LEVELS, facts->level, &found);
    ret->task = find_text(lookup, MTA_TASKS, facts->task, &found);
    // A classic event has no opcode: its bytes are the qualifiers.
    if (facts->qualifiers == 0) {
        ret->opcode = find_text(lookup, MTA_OPCODES, facts->opcode << 16 | facts->task, &found);
        if (!found)
            ret->opcode = find_text(lookup, MTA_OPCODES, facts->opcode << 16, &found);
    }
    for (unsigned bit = 0; bit < RENDERING_KEYWORDS_MAX; bit++) {
        if (!(facts->keywords >> bit & 1))
            continue;
        struct mta_text text = find_text(lookup, MTA_KEYWORDS, bit, &found);
        if (text.count > 0)
            ret->keywords[ret->keyword_count++] = text;
    }
}

// Sets what is to be added; *ret_adds: whether anything is.
static bool find_info(struct renderer *renderer, struct event *event, const struct mta *mta,
                      struct rendering_info *ret, bool *ret_adds)
{
    const struct element root = element_of_node(event->root.tape, 0, 0);
    struct event_facts facts;
    if (!read_event_facts(renderer, &root, ret_adds, &facts))
        return false;
    struct lookup lookup = {.mta = mta};
    if (*ret_adds)
        lookup.publisher = mta_find_publisher(mta, renderer->literals.data + facts.provider.start,
                                              facts.provider.count);
    lookup.fallback = mta_default_publisher(mta);
    *ret_adds &= lookup.publisher != NULL;
    if (*ret_adds)
        find_texts(&lookup, &facts, event->record->id, ret);
    return true;
}

bool rendering_info_take_back_end(struct renderer *renderer)
{
    struct outbuf *out = renderer->out;
    const char *end = renderer->format->record_end;
    size_t size = strlen(end);
    EVX_CHECK(out->length >= out->record_start);
    if (out->length - out->record_start < size ||
        memcmp(out->data + out->length - size, end, size) != 0)
        return false;
    out->length -= size;
    return true;
}

bool rendering_info_is_fine(struct renderer *renderer)
{
    struct outbuf *out = renderer->out;
    if (out->length - out->record_start > RECORD_OUTPUT_BYTES_MAX)
        out->failed = OUTBUF_RECORD_TOO_LARGE;
    if (out->failed == OUTBUF_NO_MEMORY)
        return fault_memory(&renderer->decoder->fault);
    return !out->failed || fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}

bool put_rendering_info(struct renderer *renderer, struct event *event, const struct mta *mta,
                        bool *ret_adds)
{
    struct rendering_info info = {0};
    const struct tree shown = renderer->tree;
    *ret_adds = false;
    if (event->root.end == 0)
        return true;
    renderer->tree.nodes = 0; // nothing of this is shown
    bool fine = find_info(renderer, event, mta, &info, ret_adds);
    renderer->tree = shown;
    if (!fine || !*ret_adds || !rendering_info_take_back_end(renderer))
        return fine;
    renderer->format->put_rendering_info(renderer, &info);
    outbuf_text(renderer->out, renderer->format->record_end);
    return rendering_info_is_fine(renderer);
}
