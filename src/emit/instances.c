// SPDX-License-Identifier: MIT
#include "emit/instances.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/renderer.h"
#include "kernels/utf16.h"

const struct instance *find_instance(const struct event *event, uint64_t index)
{
    const struct fragment *root = &event->root;
    for (uint32_t i = 0; i < root->end; i++)
        if (root->tape[i].kind == NODE_INSTANCE && index-- == 0)
            return root->tape[i].instance;
    return NULL;
}

// UTF-8 as the text of a JSON string.
static void put_escaped(struct outbuf *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0, plain = 0; i <= size; i++) {
        if (i < size && bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\')
            continue;
        outbuf_append(out, bytes + plain, i - plain);
        plain = i + 1;
        if (i < size)
            outbuf_commit(
                out, text_put_scalar(outbuf_reserve(out, TEXT_SLACK_BYTES + TEXT_EXPANSION_MAX),
                                     bytes[i], TEXT_JSON));
    }
}

// A field of the line as a value of this form is shown.
static void put_field(struct renderer *renderer, enum value_form form, const void *data)
{
    struct value value = {.data = data, .size = form == FORM_GUID ? 16 : 8, .form = form};
    put_value(renderer, &value, TEXT_JSON);
}

// As a FILETIME is written, but the zeros at its end are not.
static void put_trimmed_time(struct renderer *renderer, uint64_t filetime)
{
    struct outbuf *out = renderer->out;
    size_t start = out->length;
    put_field(renderer, FORM_FILETIME, &filetime);
    uint8_t *end = out->data + out->length - 1;
    EVX_CHECK(out->length > start && *end == 'Z');
    while (end[-1] == '0' && memchr(out->data + start, '.', (size_t)(end - out->data) - start))
        end--;
    if (end[-1] == '.')
        end--;
    *end++ = 'Z';
    outbuf_commit(out, end);
}

// Upper case, without braces.
static void put_plain_guid(struct renderer *renderer, const uint8_t *guid)
{
    struct outbuf *out = renderer->out;
    size_t start = out->length;
    put_field(renderer, FORM_GUID, guid);
    EVX_CHECK(out->length >= start + 2);
    uint8_t *p = out->data + start, *end = out->data + out->length - 2;
    memmove(p, p + 1, (size_t)(end - p));
    for (uint8_t *c = p; c < end; c++)
        *c = *c >= 'a' && *c <= 'f' ? (uint8_t)(*c - 'a' + 'A') : *c;
    outbuf_commit(out, end);
}

static void put_number(struct renderer *renderer, const char *before, uint64_t number)
{
    outbuf_text(renderer->out, before);
    put_field(renderer, FORM_U64, &number);
}

// The text of a value is JSON already, and is escaped once more as a string of the line.
static bool put_values(struct renderer *renderer, const struct instance *instance,
                       struct outbuf *out)
{
    struct outbuf *inner = &renderer->literals; // scratch
    bool fine = true;
    for (uint32_t i = 0; i < instance->value_count && fine; i++) {
        struct value value = instance->values[i];
        outbuf_text(out, i > 0 ? ",\"" : "\"");
        inner->length = 0;
        fine = outbuf_begin_record(inner);
        if (fine && (FORM_IS_TEXT(value.form) || value.form == FORM_ARRAY)) {
            renderer->out = inner;
            put_value(renderer, &value, TEXT_JSON);
            renderer->out = out;
            put_escaped(out, inner->data, inner->length);
            fine = inner->failed == OUTBUF_FINE;
        }
        outbuf_put(out, '"');
        fine = fine && out->failed == OUTBUF_FINE;
    }
    return fine || fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}

static void put_head(struct renderer *renderer, const struct event *event,
                     const struct instance *instance, const struct instance_wish *wish)
{
    struct outbuf *out = renderer->out;
    const uint8_t *data = event->decoder->chunk->data;
    const uint32_t definition = load_u32(data + instance->place + 5);
    const bool is_inline = definition == instance->place + INSTANCE_FIXED_BYTES;
    EVX_CHECK(instance->place + INSTANCE_FIXED_BYTES <= CHUNK_BYTES);
    outbuf_text(out, "{\"source\":\"");
    put_escaped(out, (const uint8_t *)wish->source, strlen(wish->source));
    put_number(renderer, "\",\"record_id\":", event->record->id);
    outbuf_text(out, ",\"timestamp\":\"");
    put_trimmed_time(renderer, event->record->time);
    put_number(renderer, "\",\"template_instance_index\":", wish->index);
    put_number(renderer, ",\"template_id\":", load_u32(data + instance->place + 1));
    put_number(renderer, ",\"template_def_offset\":", definition);
    outbuf_text(out, ",\"template_guid\":");
    if (is_inline) {
        outbuf_put(out, '"');
        put_plain_guid(renderer, data + definition + DEFINITION_GUID_OFFSET);
        outbuf_put(out, '"');
    } else {
        outbuf_text(out, "null");
    }
}

bool put_instance_line(struct renderer *renderer, struct event *event,
                       const struct instance_wish *wish)
{
    struct outbuf *out = renderer->out;
    const struct instance *instance = find_instance(event, wish->index);
    if (!instance || (wish->record_id && *wish->record_id != event->record->id))
        return true;
    if (!instance_need_values(event->decoder, instance))
        return false;
    if (wish->ret_instance) {
        *wish->ret_instance = instance;
        return true;
    }
    if (!outbuf_begin_record(out))
        return fault_memory(&event->decoder->fault);
    put_head(renderer, event, instance, wish);
    outbuf_text(out, ",\"substitutions\":[");
    if (!put_values(renderer, instance, out))
        return false;
    outbuf_text(out, "]}\n");
    return true;
}
