// SPDX-License-Identifier: MIT
// What decoding leaves of one record, for whoever wants something from it. An event knows nothing
// of any output.
//
// Everything lives until the decoder starts the next record.
#ifndef EVX_DECODE_EVENT_H
#define EVX_DECODE_EVENT_H

#include "base/check.h"
#include "container/record.h"
#include "decode/decoder.h"

// How an event was written, for the statistics.
enum event_way { WAY_COMPILED, WAY_WALKED, WAY_IRREGULAR, WAY_COUNT };

struct event {
    const struct record *record;
    struct decoder *decoder; // of its chunk; decodes nested values when they are asked for
    struct fragment root;    // the record's own elements, nearly always one instance
    enum event_way way;      // set by who writes it
    bool is_dropped;         // by a consumer: those behind it in the chain have not seen it
    bool has_given_up;       // a consumer: a value of the event took too much work to look at
};

// The instance that the event is, or NULL when it has elements of its own, or none.
EVX_INLINE const struct instance *event_instance(const struct event *event)
{
    const struct node *root = event->root.tape;
    return event->root.end > 0 && root->kind == NODE_INSTANCE ? root->instance : NULL;
}

// Before the values of an event are read raw: whether they stand where their descriptors say, and
// if not, where they do. False with the decoder's fault set without memory.
EVX_INLINE EVX_MUST_USE bool event_settle(const struct event *event)
{
    const struct instance *instance = event_instance(event);
    return !instance || instance->values ||
           instance_settle_sids(event->decoder, (struct instance *)instance);
}

// The value of a hole; NULL type for one that the instance does not bring. Values that had to be
// cut are given as far as they are there.
EVX_INLINE struct value_view event_value(const struct event *event, const struct instance *instance,
                                         uint32_t hole)
{
    if (EVX_UNLIKELY(hole >= instance->value_count))
        return (struct value_view){.data = event->decoder->chunk->data, .type = TYPE_NULL};
    if (EVX_UNLIKELY(!instance->offsets)) {
        const struct value *value = &instance->values[hole];
        return (struct value_view){value->data, value->size, value->type};
    }
    const struct instance_view view = {instance->descriptors, instance->offsets,
                                       event->decoder->chunk->data};
    return view_value(&view, 4 * hole);
}

// The elements in a hole's value, decoded once, whoever asks: NULL with the decoder's fault set
// when they cannot be decoded. The value is of TYPE_FRAGMENT and not empty.
EVX_INLINE const struct fragment *event_child(struct event *event, const struct instance *instance,
                                              uint32_t hole)
{
    EVX_CHECK(event_value(event, instance, hole).type == TYPE_FRAGMENT);
    return instance_child(event->decoder, instance, hole);
}

#endif
