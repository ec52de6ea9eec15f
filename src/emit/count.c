// SPDX-License-Identifier: MIT
#include "emit/count.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "emit/renderer.h"

// FILETIME: the end of the year 9999.
#define FILETIME_SURE_MAX UINT64_C(2650467743999999999)

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

// What is known of an event, and the elements found in the values of its instance.
struct children {
    struct plans *shapes;
    bool proves_values; // see struct count_consumer
    const struct instance *instances[CHILDREN_MAX];
    unsigned count;
};

// ---- shapes: what a template settles for all of its records -------------------------------------

struct shape_hole {
    uint16_t slot;
    bool is_content; // of an element: there may be elements in its value
};

struct shape {
    struct plan plan;
    bool is_plain; // elements, texts and holes alone, and few
    uint32_t hole_count;
    uint64_t bytes;                           // of text at most, but for the values
    struct shape_hole holes[PLAIN_NODES_MAX]; // as many as there are
};

static void read_shape(const struct template *template, struct shape *ret)
{
    uint32_t attribute_end = 0;
    ret->plan = (struct plan){0};
    ret->is_plain = template->node_count <= PLAIN_NODES_MAX;
    ret->hole_count = 0;
    ret->bytes = 0;
    for (uint32_t i = 0; i < template->node_count && ret->is_plain; i++) {
        const struct node *node = &template->tape[i];
        ret->bytes += NODE_TEXT_BYTES_MAX;
        if (node->kind == NODE_ATTRIBUTE)
            attribute_end = node->next;
        else if (node->kind == NODE_HOLE)
            ret->holes[ret->hole_count++] =
                (struct shape_hole){(uint16_t)node->slot, i >= attribute_end};
        else if (node->kind == NODE_TEXT)
            ret->bytes += (uint64_t)node->text.count * VALUE_EXPANSION_MAX;
        else
            ret->is_plain = node->kind == NODE_ELEMENT;
    }
}

static struct plan *keep(void *compiler, struct arena *arena)
{
    const struct shape *made = compiler;
    const size_t size = offsetof(struct shape, holes) + made->hole_count * sizeof *made->holes;
    struct shape *shape = arena_allocate(arena, size);
    if (shape)
        memcpy(shape, made, size);
    return shape ? &shape->plan : NULL;
}

static EVX_COLD void make_shape(struct plans *shapes, const struct template *template,
                                struct shape *ret)
{
    read_shape(template, ret);
    plans_publish(shapes, template->number, 0, keep, ret); // or it is made again
}

// ---- records ------------------------------------------------------------------------------------

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

static bool is_ascii(const struct value_view *value)
{
    for (uint32_t i = 0; i < value->size; i++)
        if (value->data[i] >= 0x80)
            return false;
    return true;
}

static bool is_systemtime(const struct value_view *view)
{
    struct value value = {
        .data = view->data, .size = (uint16_t)view->size, .type = TYPE_SYSTEMTIME};
    value_classify(&value);
    return value.form == FORM_SYSTEMTIME;
}

// Whether a value is surely not refused: by a look at its type and size, as nearly all are.
EVX_INLINE bool is_sound(const struct value_view *value)
{
    switch (value->type) {
    case TYPE_NULL:
    case TYPE_BINARY:
        return true;
    case TYPE_STRING:
        return value->size % 2 == 0;
    case TYPE_ANSI:
        return is_ascii(value);
    case TYPE_FILETIME:
        return value->size == 8 && load_u64(value->data) <= FILETIME_SURE_MAX;
    case TYPE_SID:
        return value->size >= SID_HEAD_BYTES && value->size == sid_natural_size(value->data);
    case TYPE_SYSTEMTIME:
        return is_systemtime(value);
    default:
        return value->size != 0 && value->size == value_type_width((uint8_t)value->type);
    }
}

// Elements go to the children.
static bool elements_are_plain(struct event *event, const struct instance *instance, uint32_t slot,
                               struct children *children)
{
    if (children->count == CHILDREN_MAX)
        return false;
    const struct instance *child = lone_child(event, instance, slot);
    children->instances[children->count++] = child;
    return child != NULL;
}

// Whether nothing can go wrong with the values when they are shown.
static bool values_are_plain(struct event *event, const struct instance *instance,
                             const struct shape *shape, bool may_have_elements,
                             struct children *children)
{
    for (uint32_t i = 0; i < shape->hole_count; i++) {
        const struct shape_hole *hole = &shape->holes[i];
        const struct value_view value = event_value(event, instance, hole->slot);
        if (value.type & TYPE_ARRAY)
            return false;
        if (value.type != TYPE_FRAGMENT || value.size == 0) {
            if (children->proves_values && value.type != TYPE_FRAGMENT && !is_sound(&value))
                return false;
        } else if (!may_have_elements || !hole->is_content ||
                   !elements_are_plain(event, instance, hole->slot, children)) {
            return false;
        }
    }
    return true;
}

// Whether an instance is elements, texts and holes alone, and small: the rest may be refused when
// it is shown.
static bool instance_is_plain(struct event *event, const struct instance *instance,
                              bool may_have_elements, struct children *children)
{
    struct shape made;
    EVX_CHECK(children->shapes != NULL);
    if (!instance->offsets)
        return false;
    const struct shape *shape =
        (const struct shape *)plans_find(children->shapes, instance->template->number, 0);
    if (EVX_UNLIKELY(!shape)) {
        make_shape(children->shapes, instance->template, &made);
        shape = &made;
    }
    const uint64_t value_bytes =
        (uint64_t)shape->hole_count * event->record->size * VALUE_EXPANSION_MAX;
    return shape->is_plain &&
           shape->bytes + value_bytes <= PLAIN_RECORD_BYTES_MAX / (CHILDREN_MAX + 1) &&
           values_are_plain(event, instance, shape, may_have_elements, children);
}

// Whether an event is shown whatever the format.
static bool is_plain(struct event *event, const struct count_consumer *count)
{
    const struct decoder *decoder = event->decoder;
    const struct instance *instance = event_instance(event);
    struct children children = {.shapes = count->shapes, .proves_values = count->proves_values};
    if (event->record->recovered || decoder->mode != DECODE_USUAL || decoder->note_count > 0 ||
        !instance || event->root.tape->next != event->root.end || !event_settle(event) ||
        !instance_is_plain(event, instance, true, &children))
        return false;
    for (unsigned i = 0; i < children.count; i++)
        if (!instance_is_plain(event, children.instances[i], false, &children))
            return false;
    return true;
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct count_consumer *count = (const struct count_consumer *)consumer;
    const struct text_consumer *text = &count->text;
    struct count_state *own = state;
    EVX_CHECK(payload->mark == 0);
    (void)payload;
    if (EVX_LIKELY(is_plain(event, count)))
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

struct count_consumer count_consumer(const struct text_consumer *text, struct plans *shapes)
{
    static const struct consumer_class class = {
        .name = "count",
        .state_bytes = sizeof(struct count_state),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .take = take,
        PAYLOAD_NONE,
    };
    return (struct count_consumer){{&class}, *text, shapes, false};
}

struct count_consumer check_consumer(const struct text_consumer *text, struct plans *shapes)
{
    struct count_consumer made = count_consumer(text, shapes);
    made.proves_values = true;
    return made;
}
