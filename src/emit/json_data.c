// SPDX-License-Identifier: MIT
// The Data children of EventData and UserData in JSON (reference output, section 4.5).
#include <string.h>

#include "decode/name.h"
#include "emit/json.h"

// The first Name attribute that has any node, even an empty one; 0: none.
static bool find_name_attribute(struct renderer *renderer, const struct element *element,
                                uint32_t *ret_index, struct json_summary *ret)
{
    struct child_iterator parts;
    uint32_t content = element_node(element)->element.content;
    *ret_index = 0;
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next) {
        if (!(element->tape[i].name->flags & NAME_IS_NAME))
            continue;
        if (!json_summarize_attribute(renderer, element, i, &parts, ret))
            return false;
        if (ret->nodes || ret->elements) {
            *ret_index = i;
            return true;
        }
    }
    return true;
}

// The same when it shows; 0: the element is one without a name.
static bool find_data_name(struct renderer *renderer, const struct element *element,
                           uint32_t *ret_index)
{
    struct json_summary summary = {0};
    if (!find_name_attribute(renderer, element, ret_index, &summary))
        return false;
    if (summary.content == 0)
        *ret_index = 0;
    return true;
}

bool json_put_data_name(struct renderer *renderer, const struct element *element, bool *ret_present)
{
    uint32_t index;
    if (!find_data_name(renderer, element, &index))
        return false;
    *ret_present = index != 0;
    if (!*ret_present)
        return true;
    struct child_iterator parts;
    attribute_parts_start(&parts, element, index);
    return json_put_scalar(renderer, parts, true);
}

// The bytes of a part as they are stored, and a class that tells text from each typed value.
static void part_identity(const struct part *part, uint32_t *ret_class, const uint8_t **ret_bytes,
                          uint32_t *ret_size)
{
    const struct node *node = part->node;
    *ret_bytes = NULL;
    *ret_size = 0;
    switch (node->kind) {
    case NODE_HOLE:
        *ret_class = part->is_empty_hole ? 0x100 : part->value.type;
        *ret_bytes = part->value.data;
        *ret_size = part->is_empty_hole ? 0 : part->value.size;
        break;
    case NODE_TEXT:
        *ret_class = TYPE_STRING;
        *ret_bytes = node->text.units;
        *ret_size = 2 * node->text.count;
        break;
    case NODE_VALUE:
        *ret_class = node->value.type;
        *ret_bytes = node->value.data;
        *ret_size = node->value.size;
        break;
    case NODE_CDATA:
    case NODE_PI_DATA:
        *ret_class = 0x200u + node->kind;
        *ret_bytes = node->text.units;
        *ret_size = 2 * node->text.count;
        break;
    case NODE_CHARACTER_REFERENCE:
        *ret_class = 0x10000u + node->slot;
        break;
    default: // names are interned: one of the two that are compared may belong to a chunk
        *ret_class = 0x200u + node->kind;
        *ret_bytes = node->name->units;
        *ret_size = 2 * (uint32_t)node->name->unit_count;
        break;
    }
}

static bool parts_are_equal(const struct part *a, const struct part *b)
{
    uint32_t class_a, class_b, size_a, size_b;
    const uint8_t *bytes_a, *bytes_b;
    part_identity(a, &class_a, &bytes_a, &size_a);
    part_identity(b, &class_b, &bytes_b, &size_b);
    return class_a == class_b && size_a == size_b &&
           (size_a == 0 || bytes_a == bytes_b || memcmp(bytes_a, bytes_b, size_a) == 0);
}

// Whether two Data elements have the same name: the same nodes, not only the same text.
static bool same_data_name(struct renderer *renderer, const struct element *a,
                           const struct element *b, bool *ret)
{
    uint32_t index_a, index_b;
    struct json_summary summary;
    *ret = false;
    if (!find_name_attribute(renderer, a, &index_a, &summary) ||
        !find_name_attribute(renderer, b, &index_b, &summary))
        return false;
    if (!index_b) // `a` has a name
        return true;
    struct child_iterator parts_a, parts_b;
    struct child child_a, child_b;
    attribute_parts_start(&parts_a, a, index_a);
    attribute_parts_start(&parts_b, b, index_b);
    for (;;) {
        enum child_kind kind_a = child_next(renderer, &parts_a, &child_a);
        enum child_kind kind_b = child_next(renderer, &parts_b, &child_b);
        if (kind_a == CHILD_FAULT || kind_b == CHILD_FAULT)
            return false;
        if (kind_a != kind_b || kind_a == CHILD_ELEMENT)
            return true;
        if (kind_a == CHILD_END) {
            *ret = true;
            return true;
        }
        if (!parts_are_equal(&child_a.part, &child_b.part))
            return true;
    }
}

bool json_find_data_mode(struct renderer *renderer, const struct element *container,
                         enum data_mode *ret_mode, uint32_t *ret_count)
{
    struct child_iterator children;
    struct child child;
    *ret_mode = DATA_ORDINARY;
    *ret_count = 0;
    children_start(&children, container);
    for (;;) {
        enum child_kind kind = child_next(renderer, &children, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END)
            return true;
        if (kind != CHILD_ELEMENT)
            continue;
        if (!pay(renderer, child.element.price))
            return false;
        if (!json_is_data(&child.element))
            continue;
        uint32_t name = 0;
        ++*ret_count;
        if (*ret_mode != DATA_NAMED && !find_data_name(renderer, &child.element, &name))
            return false;
        if (name)
            *ret_mode = DATA_NAMED;
        else if (*ret_mode == DATA_ORDINARY)
            *ret_mode = DATA_POSITIONAL;
    }
}

void json_end_run(struct renderer *renderer, struct frame *frame)
{
    if (frame->run_count > 1)
        outbuf_put(renderer->out, ']');
    frame->run_count = 0;
}

// The second value of a run turns the first into a list.
static void join_run(struct renderer *renderer, struct frame *frame)
{
    struct outbuf *out = renderer->out;
    if (frame->run_count++ == 1) {
        outbuf_reserve(out, 1);
        memmove(out->data + frame->run_value + 1, out->data + frame->run_value,
                outbuf_since(out, frame->run_value));
        out->data[frame->run_value] = '[';
        out->length++;
    }
    outbuf_put(out, ',');
}

static bool start_named_data(struct renderer *renderer, const struct element *element)
{
    struct frame *frame = top_frame(renderer);
    struct outbuf *out = renderer->out;
    bool same = false, present;
    if (frame->run_count && !same_data_name(renderer, &frame->run, element, &same))
        return false;
    if (same) {
        frame->run = *element; // a later one is compared with this: its attributes may be fewer
        join_run(renderer, frame);
        return json_start_data(renderer, element);
    }
    json_end_run(renderer, frame);
    size_t before = out->length;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    if (!json_put_data_name(renderer, element, &present))
        return false;
    if (!present) {
        out->length = before;
        return true;
    }
    if (!json_unique_key(renderer, frame->object, start))
        return false;
    outbuf_text(out, "\":");
    frame->run = *element;
    frame->run_count = 1;
    frame->run_value = out->length;
    return json_start_data(renderer, element);
}

// All Data children as one member in the place of the first.
static bool start_data_list(struct renderer *renderer)
{
    struct frame *frame = top_frame(renderer);
    struct outbuf *out = renderer->out;
    if (frame->data_count == 0) // done already
        return true;
    uint32_t count = frame->data_count;
    const struct element container = frame->children.parent;
    frame->data_count = 0;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    outbuf_text(out, "Data");
    if (!json_unique_key(renderer, frame->object, start))
        return false;
    outbuf_text(out, count > 1 ? "\":{\"#text\":[" : "\":{\"#text\":");
    struct frame *list = push_frame(renderer, FRAME_JSON_DATA_LIST);
    if (!list)
        return false;
    list->data_count = count;
    children_start(&list->children, &container);
    list->children.is_paid = true;
    return true;
}

bool json_start_data_child(struct renderer *renderer, const struct element *element)
{
    return top_frame(renderer)->data_mode == DATA_NAMED ? start_named_data(renderer, element)
                                                        : start_data_list(renderer);
}

bool json_run_data_list(struct renderer *renderer)
{
    uint32_t depth = renderer->frame_count;
    for (;;) {
        struct frame *frame = top_frame(renderer);
        struct child child;
        enum child_kind kind = child_next(renderer, &frame->children, &child);
        if (kind == CHILD_FAULT || renderer->out->failed)
            return kind != CHILD_FAULT;
        if (kind == CHILD_END) {
            outbuf_text(renderer->out, frame->data_count > 1 ? "]}" : "}");
            renderer->frame_count--;
            return true;
        }
        if (kind == CHILD_PART || !json_is_data(&child.element))
            continue;
        if (frame->run_count++ > 0)
            outbuf_put(renderer->out, ',');
        if (!json_start_data(renderer, &child.element))
            return false;
        if (renderer->frame_count != depth)
            return true;
    }
}
