// SPDX-License-Identifier: MIT
#include "emit/count.h"

#include "base/check.h"
#include "base/limits.h"
#include "emit/renderer.h"

struct count_state {
    struct renderer renderer; // of the text; the first member: it is the state of that consumer
    struct text_payload written;
};

enum {
    CHILDREN_MAX = 4, // elements in values, of one record
    // What a record with so many nodes and values may take at most, far below the limit of a
    // record: no byte of a value becomes more than 6, no value without bytes more than 64.
    PLAIN_NODES_MAX = 1024,
    PLAIN_RECORD_BYTES_MAX = RECORD_OUTPUT_BYTES_MAX / 2,
    VALUE_EXPANSION_MAX = 8,
    NODE_TEXT_BYTES_MAX = 4096, // with its indentation
};

// The elements found in the values of an instance.
struct children {
    const struct instance *instances[CHILDREN_MAX];
    unsigned count;
};

// The instance that an event's value is, and nothing else; NULL: it is something else, or damaged.
static const struct instance *lone_child(struct event *event, const struct instance *instance,
                                         uint32_t hole)
{
    const struct fragment *child = event_child(event, instance, hole);
    if (!child || child->end == 0 || child->tape->kind != NODE_INSTANCE ||
        child->tape->next != child->end)
        return NULL;
    return child->tape->instance;
}

// Whether nothing can go wrong with a hole when it is shown. Elements go to the children; where
// there may be none `children` is NULL.
static bool hole_is_plain(struct event *event, const struct instance *instance,
                          const struct node *node, struct children *children)
{
    const struct value_view value = event_value(event, instance, node->slot);
    if (value.type & TYPE_ARRAY)
        return false;
    if (value.type != TYPE_FRAGMENT || value.size == 0)
        return true;
    if (!children || children->count == CHILDREN_MAX)
        return false;
    const struct instance *child = lone_child(event, instance, node->slot);
    children->instances[children->count++] = child;
    return child != NULL;
}

// Whether an instance is elements, texts and holes alone, and small: the rest may be refused when
// it is shown.
static bool instance_is_plain(struct event *event, const struct instance *instance,
                              struct children *children)
{
    const struct template *template = instance->template;
    const uint64_t record_bytes = event->record->size;
    uint64_t bytes = 0;
    uint32_t attribute_end = 0;
    if (!instance->offsets || template->node_count > PLAIN_NODES_MAX)
        return false;
    for (uint32_t i = 0; i < template->node_count; i++) {
        const struct node *node = &template->tape[i];
        bytes += NODE_TEXT_BYTES_MAX;
        if (node->kind == NODE_ATTRIBUTE)
            attribute_end = node->next;
        else if (node->kind == NODE_HOLE) {
            bytes += record_bytes * VALUE_EXPANSION_MAX;
            if (!hole_is_plain(event, instance, node, i < attribute_end ? NULL : children))
                return false;
        } else if (node->kind == NODE_TEXT)
            bytes += (uint64_t)node->text.count * VALUE_EXPANSION_MAX;
        else if (node->kind != NODE_ELEMENT)
            return false;
    }
    return bytes <= PLAIN_RECORD_BYTES_MAX / (CHILDREN_MAX + 1);
}

// Whether an event is shown whatever the format.
static bool is_plain(struct event *event)
{
    const struct decoder *decoder = event->decoder;
    const struct instance *instance = event_instance(event);
    struct children children = {.count = 0};
    if (event->record->recovered || decoder->mode != DECODE_USUAL || decoder->note_count > 0 ||
        !instance || event->root.tape->next != event->root.end || !event_settle(event) ||
        !instance_is_plain(event, instance, &children))
        return false;
    for (unsigned i = 0; i < children.count; i++)
        if (!instance_is_plain(event, children.instances[i], NULL))
            return false;
    return true;
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct text_consumer *text = &((const struct count_consumer *)consumer)->text;
    struct count_state *own = state;
    EVX_CHECK(payload->mark == 0);
    (void)payload;
    if (EVX_LIKELY(is_plain(event)))
        return TAKEN_KEPT;
    enum taken taken =
        text->consumer.class->take(&text->consumer, &own->renderer, event, &own->written.payload);
    text->consumer.class->payload_clear(&own->written.payload);
    return taken;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    const struct text_consumer *text = &((const struct count_consumer *)consumer)->text;
    struct count_state *own = state;
    text->consumer.class->state_init(&text->consumer, &own->renderer, decoder);
    text->consumer.class->payload_init(&own->written.payload, decoder->store->memory);
}

static void state_destroy(void *state)
{
    struct count_state *own = state;
    outbuf_destroy(&own->written.out);
    renderer_destroy(&own->renderer);
}

struct count_consumer count_consumer(const struct text_consumer *text)
{
    static const struct consumer_class class = {
        .name = "count",
        .state_bytes = sizeof(struct count_state),
        .payload_bytes = sizeof(struct payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = payload_none_init,
        .payload_clear = payload_none_clear,
        .payload_destroy = payload_none_destroy,
        .take = take,
        .rewind = payload_none_rewind,
    };
    return (struct count_consumer){{&class}, *text};
}
