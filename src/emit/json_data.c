// SPDX-License-Identifier: MIT
// The Data children of EventData and UserData in JSON (reference output, section 4.5).
//
// Those that become one member are a group. It is looked through before it is written: its size
// decides whether there is a list, and its attributes, which the reference leaves out, stand in
// front of the values.
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
        enum child_kind kind_a = child_next(&renderer->tree, &parts_a, &child_a);
        enum child_kind kind_b = child_next(&renderer->tree, &parts_b, &child_b);
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

bool json_find_data_mode(struct renderer *renderer, struct child_iterator children,
                         enum data_mode *ret_mode)
{
    struct child child;
    *ret_mode = DATA_ORDINARY;
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &children, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END)
            return true;
        if (kind != CHILD_ELEMENT)
            continue;
        if (!pay(&renderer->tree, child.element.price))
            return false;
        if (!json_is_data(&child.element) || *ret_mode == DATA_NAMED)
            continue;
        uint32_t name;
        if (!find_data_name(renderer, &child.element, &name))
            return false;
        *ret_mode = name ? DATA_NAMED : DATA_POSITIONAL;
    }
}

// Data elements that become one member: a run of equal names, or all that have none.
struct data_group {
    struct element first;
    struct child_iterator rest; // of the container's children, behind the first
    bool is_named;
    bool has_attributes; // that show, names apart
    uint32_t count;
};

// The next element of a group that has one more.
static enum child_kind next_of_group(struct renderer *renderer, struct child_iterator *rest,
                                     bool is_named, struct child *ret)
{
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, rest, ret);
        uint32_t name;
        if (kind == CHILD_PART)
            continue;
        if (kind != CHILD_ELEMENT || is_named)
            return kind;
        if (!json_is_data(&ret->element))
            continue;
        if (!find_data_name(renderer, &ret->element, &name))
            return CHILD_FAULT;
        if (!name)
            return CHILD_ELEMENT;
    }
}

// The attribute at *index, or the first one behind it, that shows and is not the name; behind the
// last one there is none. Elements in it are passed over: the reference never fails for them here.
static bool find_attribute(struct renderer *renderer, const struct element *element, uint32_t name,
                           uint32_t *index, struct child_iterator *ret_parts,
                           struct json_summary *ret)
{
    for (; *index < element_node(element)->element.content; *index = element->tape[*index].next) {
        if (*index == name)
            continue;
        attribute_parts_start(ret_parts, element, *index);
        if (!json_summarize(renderer, *ret_parts, ret))
            return false;
        if (ret->content > 0)
            return true;
    }
    return true;
}

static bool has_attributes(struct renderer *renderer, const struct element *element, bool is_named,
                           bool *ret)
{
    struct child_iterator parts;
    struct json_summary summary;
    uint32_t name, index = element->index + 1;
    *ret = false;
    if (!json_data_has_attributes(element->tape, element->index, is_named))
        return true;
    if (!find_data_name(renderer, element, &name) ||
        !find_attribute(renderer, element, name, &index, &parts, &summary))
        return false;
    *ret = index < element_node(element)->element.content;
    return true;
}

// All of them as an object; null: there is none.
static bool put_attributes(struct renderer *renderer, const struct element *element)
{
    struct outbuf *out = renderer->out;
    const struct node *node = element_node(element);
    uint64_t object = node->flags & NODE_REPEATED_ATTRIBUTES ? ++renderer->objects : 0;
    struct child_iterator parts;
    struct json_summary summary;
    uint32_t name, i = element->index + 1;
    if (!find_data_name(renderer, element, &name))
        return false;
    outbuf_put(out, '{');
    for (;; i = element->tape[i].next) {
        if (!find_attribute(renderer, element, name, &i, &parts, &summary))
            return false;
        if (i == node->element.content)
            break;
        if (!json_put_shown_attribute(renderer, element->tape[i].name, &parts, &summary, object))
            return false;
    }
    if (outbuf_last(out) == '{') {
        out->length--;
        outbuf_text(out, "null");
    } else {
        outbuf_put(out, '}');
    }
    return true;
}

// Whether a run goes on with an element.
static bool continues_run(struct renderer *renderer, struct element *model,
                          const struct element *element, bool *ret)
{
    *ret = false;
    if (!json_is_data(element))
        return true;
    if (!same_data_name(renderer, model, element, ret))
        return false;
    // Copies are compared with the first of them, so that the array they come from need not be
    // searched for it again; others with the last one, which may have fewer attributes.
    if (element_node(element) != element_node(model))
        *model = *element;
    return true;
}

static bool measure_group(struct renderer *renderer, struct data_group *group)
{
    struct child_iterator rest = group->rest;
    struct element model = group->first;
    struct child child = {.element = group->first};
    bool belongs = true;
    for (group->count = 0; belongs;) {
        group->count++;
        if (!group->has_attributes &&
            !has_attributes(renderer, &child.element, group->is_named, &group->has_attributes))
            return false;
        enum child_kind kind = next_of_group(renderer, &rest, group->is_named, &child);
        if (kind != CHILD_ELEMENT)
            return kind == CHILD_END;
        if (group->is_named && !continues_run(renderer, &model, &child.element, &belongs))
            return false;
    }
    return true;
}

// One object, or a list with a place for each value.
static bool put_group_attributes(struct renderer *renderer, const struct data_group *group)
{
    struct child_iterator rest = group->rest;
    struct child child = {.element = group->first};
    if (group->count > 1)
        outbuf_put(renderer->out, '[');
    for (uint32_t left = group->count; left > 0; left--) {
        if (left < group->count) {
            enum child_kind kind = next_of_group(renderer, &rest, group->is_named, &child);
            if (kind != CHILD_ELEMENT)
                return kind == CHILD_END; // of a record that has failed
            outbuf_put(renderer->out, ',');
        }
        if (!put_attributes(renderer, &child.element))
            return false;
    }
    if (group->count > 1)
        outbuf_put(renderer->out, ']');
    return true;
}

// `"K":`, or `"K_attributes":...,"K":`. What has no name is called Data and is an object that, as
// any other one, has its attributes inside unless they shall be separate.
static bool put_group_key(struct renderer *renderer, const struct data_group *group,
                          uint64_t object)
{
    struct outbuf *out = renderer->out;
    bool present = false;
    bool inside = !group->is_named && !renderer->format->separates_attributes;
    outbuf_put(out, '"');
    size_t start = out->length;
    if (!json_put_data_name(renderer, &group->first, &present))
        return false;
    if (!present)
        outbuf_text(out, "Data");
    if (!json_unique_key(renderer, object, start))
        return false;
    if (group->has_attributes && !inside) {
        size_t size = outbuf_since(out, start);
        if (!json_put_attributes_key(renderer, object, start) ||
            !put_group_attributes(renderer, group))
            return false;
        json_repeat_key(renderer, start, size);
    }
    outbuf_text(out, "\":");
    if (group->is_named)
        return true;
    outbuf_put(out, '{');
    if (group->has_attributes && inside) {
        outbuf_text(out, "\"#attributes\":");
        if (!put_group_attributes(renderer, group))
            return false;
        outbuf_put(out, ',');
    }
    outbuf_text(out, "\"#text\":");
    return true;
}

bool json_put_data_key(struct renderer *renderer, const struct element *element)
{
    struct data_group group = {.first = *element, .is_named = true, .count = 1};
    return has_attributes(renderer, element, true, &group.has_attributes) &&
           put_group_key(renderer, &group, 0);
}

static bool push_list(struct renderer *renderer, const struct data_group *group)
{
    struct frame *list = push_frame(renderer, FRAME_JSON_DATA_LIST);
    if (!list)
        return false;
    list->data_mode = group->is_named ? DATA_NAMED : DATA_POSITIONAL;
    list->data_left = group->count - 1;
    list->children = group->rest;
    if (group->count > 1) {
        list->close = JSON_CLOSE_LIST;
        outbuf_put(renderer->out, '[');
    }
    return json_start_data(renderer, &group->first);
}

bool json_start_data_child(struct renderer *renderer, const struct element *element)
{
    struct frame *frame = top_frame(renderer);
    struct data_group group = {.first = *element, .rest = frame->children};
    uint32_t name = 0;
    if (frame->data_mode == DATA_NAMED && !find_data_name(renderer, element, &name))
        return false;
    group.is_named = name != 0;
    if (!group.is_named && frame->had_unnamed)
        return true;
    frame->had_unnamed |= !group.is_named;
    json_put_comma(renderer->out);
    if (!measure_group(renderer, &group) || !put_group_key(renderer, &group, frame->object))
        return false;
    if (group.is_named && group.count == 1)
        return json_start_data(renderer, element);
    return push_list(renderer, &group);
}

static void end_list(struct renderer *renderer)
{
    const struct frame *list = top_frame(renderer);
    if (list->close == JSON_CLOSE_LIST)
        outbuf_put(renderer->out, ']');
    if (list->data_mode == DATA_NAMED) // the container goes on behind the run
        renderer->frames[renderer->frame_count - 2].children = list->children;
    else
        outbuf_put(renderer->out, '}');
    renderer->frame_count--;
}

bool json_run_data_list(struct renderer *renderer)
{
    uint32_t depth = renderer->frame_count;
    for (;;) {
        struct frame *frame = top_frame(renderer);
        struct child child;
        if (frame->data_left == 0) {
            end_list(renderer);
            return true;
        }
        frame->data_left--;
        enum child_kind kind =
            next_of_group(renderer, &frame->children, frame->data_mode == DATA_NAMED, &child);
        if (kind == CHILD_FAULT || renderer->out->failed)
            return kind != CHILD_FAULT;
        outbuf_put(renderer->out, ',');
        if (!json_start_data(renderer, &child.element))
            return false;
        if (renderer->frame_count != depth)
            return true;
    }
}
