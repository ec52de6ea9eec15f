// SPDX-License-Identifier: MIT
#include "emit/source_name.h"
#include "emit/text.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "container/file_header.h"
#include "emit/found_mark.h"
#include "print/number.h"
#include "emit/renderer.h"
#include "emit/message_info.h"
#include "emit/rendering_info.h"

enum { TEXT_KEPT_BYTES = 4 << 20 };

EVX_COLD static const struct found_mark *mark_record(const struct event *event,
                                                     struct found_mark *ret)
{
    const struct record *record = event->record;
    const struct chunk *chunk = event->decoder->chunk;
    *ret = (struct found_mark){
        .record = record->id,
        .written = record->time,
        .offset = slot_offset(chunk->slot) + record->offset + chunk->shift,
        .origins = record->recovered ? event->decoder->origins : 0,
        .found = record->found,
        .lost_size_copy = record->lost_size_copy,
        .lost_size = record->lost_size,
    };
    return ret;
}

// What stands in front of a record. False without memory.
static bool put_head(const struct text_consumer *text, const struct renderer *renderer,
                     const struct record *record)
{
    const struct format *format = text->format;
    struct outbuf *out = renderer->out;
    const struct frame_text *head =
        record->recovered && !renderer->found ? &format->head_recovered : &format->head;
    if (head->size == 0 && !text->record_numbers && !renderer->found)
        return true;
    if (!outbuf_begin_record(out))
        return false;
    if (text->record_numbers) {
        outbuf_text(out, "Record ");
        uint8_t *p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX);
        outbuf_commit(out, put_u64(p, record->id));
        outbuf_text(out, record->recovered ? " (recovered)\n" : "\n");
    }
    outbuf_commit(out, put_frame_text(outbuf_reserve(out, sizeof *head), head));
    if (EVX_UNLIKELY(renderer->found != NULL) && format->head_recovered.size > head->size)
        put_found_comment(out, renderer->found);
    return true;
}

// Whether either is there, with one comparison.
EVX_INLINE bool any(const void *left, const void *right)
{
    return ((uintptr_t)left | (uintptr_t)right) != 0;
}

EVX_NOINLINE bool text_put_additions(const struct mta *mta, struct messages *messages,
                                     struct renderer *renderer, struct event *event)
{
    bool has_texts = false;
    if (mta && !put_rendering_info(renderer, event, mta, &has_texts))
        return false;
    return has_texts || !messages || put_message_info(renderer, event, messages);
}

static bool put_record(const struct text_consumer *text, struct renderer *renderer,
                       struct event *event, struct outbuf *out)
{
    if (!put_head(text, renderer, event->record) || !outbuf_begin_record(out))
        return fault_memory(&event->decoder->fault);
    const size_t body = out->length;
    if (!render_record(renderer, &event->root))
        return false;
    if (EVX_UNLIKELY(any(text->mta, text->messages)) &&
        !text_put_additions(text->mta, text->messages, renderer, event))
        return false;
    if (EVX_UNLIKELY(text->source != NULL))
        source_name_add(out, body, text->source);
    uint8_t *p = outbuf_reserve(out, sizeof text->format->tail);
    if (EVX_UNLIKELY(out->failed))
        return fault_memory(&event->decoder->fault);
    memcpy(p, text->format->tail, sizeof text->format->tail);
    out->length += text->format->tail_size;
    return true;
}

// A mark and the message, or nothing.
static bool put_message_line(struct renderer *renderer, struct event *event,
                             struct messages *messages)
{
    struct outbuf *out = renderer->out;
    const size_t before = out->length;
    bool has = false;
    if (!outbuf_begin_record(out))
        return fault_memory(&event->decoder->fault);
    outbuf_put(out, '"');
    bool fine = put_message_alone(renderer, event, messages, &has);
    if (!has)
        out->length = before;
    return fine;
}

// What is wanted of a record instead of it.
static EVX_NOINLINE bool put_instead(const struct text_consumer *text, struct renderer *renderer,
                                     struct event *event)
{
    return text->wish ? put_instance_line(renderer, event, text->wish)
                      : put_message_line(renderer, event, text->message_only);
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct text_consumer *text = (const struct text_consumer *)consumer;
    struct renderer *renderer = state;
    struct text_payload *written = (struct text_payload *)payload;
    struct outbuf *out = &written->out;
    const size_t before = out->length;
    EVX_CHECK(event->decoder == renderer->decoder);
    renderer_aim(renderer, text->format, text->plans, out);
    renderer->recovered = event->record->recovered | text->tells_place;
    struct found_mark mark;
    EVX_CHECK(renderer->found == NULL);
    if (EVX_UNLIKELY(renderer->recovered) && text->tells_origin)
        renderer->found = mark_record(event, &mark);
    bool fine = put_record(text, renderer, event, out);
    renderer->found = NULL;
    if (EVX_UNLIKELY(any(text->wish, text->message_only))) {
        // A record counts as read when it can be written: what cannot be is reported as elsewhere.
        out->length = before;
        fine = fine && put_instead(text, renderer, event);
    }
    if (EVX_UNLIKELY(!fine)) {
        out->length = before;
        return TAKEN_FAULT;
    }
    event->way = renderer->used_irregular ? WAY_IRREGULAR
                 : renderer->used_walk    ? WAY_WALKED
                                          : WAY_COMPILED;
    written->payload = (struct payload){out->length, out->length >= OUTPUT_FLUSH_BYTES};
    return TAKEN_KEPT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    renderer_init(state, decoder, ((const struct text_consumer *)consumer)->codec);
}

static void state_destroy(void *state)
{
    renderer_destroy(state);
}

void text_payload_init(struct payload *payload, struct memory *memory)
{
    struct text_payload *text = (struct text_payload *)payload;
    text->payload = (struct payload){0};
    outbuf_init(&text->out, memory);
}

void text_payload_rewind(struct payload *payload, size_t mark)
{
    struct text_payload *text = (struct text_payload *)payload;
    EVX_CHECK(mark <= text->out.length);
    text->out.length = mark;
    text->payload = (struct payload){mark, false};
}

void text_payload_clear(struct payload *payload)
{
    struct text_payload *text = (struct text_payload *)payload;
    // One huge record must not make every batch of the ring huge for good.
    if (text->out.capacity > TEXT_KEPT_BYTES)
        outbuf_destroy(&text->out);
    text->out.length = 0;
    text->payload = (struct payload){0};
}

void text_payload_destroy(struct payload *payload)
{
    outbuf_destroy(&((struct text_payload *)payload)->out);
}

struct text_consumer text_consumer(const struct format *format, struct plans *plans,
                                   const struct ansi_codec *codec, bool record_numbers)
{
    static const struct consumer_class class = {
        .name = "text",
        .state_bytes = sizeof(struct renderer),
        .payload_bytes = sizeof(struct text_payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = text_payload_init,
        .payload_clear = text_payload_clear,
        .payload_destroy = text_payload_destroy,
        .take = take,
        .rewind = text_payload_rewind,
    };
    return (struct text_consumer){.consumer = {&class},
                                  .format = format,
                                  .plans = plans,
                                  .codec = codec,
                                  .record_numbers = record_numbers};
}
