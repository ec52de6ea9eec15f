// SPDX-License-Identifier: MIT
// The JSON walker (reference output, section 4).
#include "emit/json.h"

#include <string.h>

#include "decode/name.h"
#include "emit/number.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"

// What stands in an element or attribute, nodes that print nothing included.
struct summary {
    uint32_t nodes;
    uint32_t content; // nodes that show
    bool elements;
    bool last_is_bare; // of the content nodes
};

// The one node that is to come, if it is text: what nearly every element and attribute holds where
// no template stands behind it.
static const struct node *lone_text(const struct child_iterator *start)
{
    const struct node *node = &start->parent.tape[start->position];
    bool is_lone = start->position < start->end && node->next == start->end;
    return is_lone && node->kind == NODE_TEXT ? node : NULL;
}

static bool summarize(struct renderer *renderer, struct child_iterator children,
                      struct summary *ret)
{
    struct child child;
    const struct node *text = lone_text(&children);
    *ret = (struct summary){.nodes = text != NULL, .content = text && text->text.count > 0};
    if (text)
        return true;
    // Where no template stands behind them, elements are what they look like.
    const struct node *tape = children.parent.tape;
    while (!children.parent.instance && children.position < children.end &&
           tape[children.position].kind == NODE_ELEMENT) {
        ret->elements = true;
        children.position = tape[children.position].next;
    }
    for (;;) {
        switch (child_next(renderer, &children, &child)) {
        case CHILD_END:
            return true;
        case CHILD_FAULT:
            return false;
        case CHILD_ELEMENT:
            ret->elements = true;
            children_skip_like(&children);
            break;
        case CHILD_PART:
            ret->nodes++;
            if (!part_is_content(&child.part))
                break;
            ret->content++;
            ret->last_is_bare = part_is_bare(&child.part);
            break;
        }
    }
}

// The text of all parts as one scalar.
static bool put_scalar(struct renderer *renderer, struct child_iterator parts, bool bare)
{
    struct child child;
    if (!bare)
        outbuf_put(renderer->out, '"');
    child.part.node = lone_text(&parts);
    if (child.part.node) {
        put_part(renderer, &child.part, TEXT_JSON);
        parts.position = parts.end;
    }
    for (;;) {
        enum child_kind kind = child_next(renderer, &parts, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END)
            break;
        if (kind == CHILD_PART)
            put_part(renderer, &child.part, TEXT_JSON);
        else
            children_skip_like(&parts);
    }
    if (!bare)
        outbuf_put(renderer->out, '"');
    return true;
}

void json_put_value(struct renderer *renderer, struct value *value)
{
    bool bare = FORM_IS_BARE(value->form);
    if (!bare)
        outbuf_put(renderer->out, '"');
    if (value->form > FORM_EMPTY)
        put_value(renderer, value, TEXT_JSON);
    if (!bare)
        outbuf_put(renderer->out, '"');
}

void json_put_list_items(struct renderer *renderer, struct value *array)
{
    note_array(renderer, array);
    for (uint32_t i = 0; i < array->item_count; i++) {
        struct value item = value_item(array, i);
        if (i > 0)
            outbuf_put(renderer->out, ',');
        json_put_value(renderer, &item);
    }
}

static bool summarize_attribute(struct renderer *renderer, const struct element *element,
                                uint32_t index, struct child_iterator *ret_parts,
                                struct summary *ret)
{
    attribute_parts_start(ret_parts, element, index);
    if (!summarize(renderer, *ret_parts, ret))
        return false;
    if (ret->elements && ret->content)
        return fault_model(&renderer->decoder->fault, "unexpected element node in text context");
    return true;
}

static bool unique_key(struct renderer *renderer, uint64_t object, size_t start)
{
    return key_set_make_unique(&renderer->keys, object, start, renderer->out) ||
           fault_memory(&renderer->decoder->fault);
}

static bool reserve_key(struct renderer *renderer, uint64_t object, const char *key)
{
    return key_set_add(&renderer->keys, object, (const uint8_t *)key, (uint32_t)strlen(key),
                       renderer->out) ||
           fault_memory(&renderer->decoder->fault);
}

bool json_put_attribute(struct renderer *renderer, const struct element *element, uint32_t index,
                        uint64_t object)
{
    struct outbuf *out = renderer->out;
    struct child_iterator parts;
    struct summary summary;
    if (!summarize_attribute(renderer, element, index, &parts, &summary))
        return false;
    if (summary.content == 0)
        return true;
    const struct name *name = element->tape[index].name;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    json_put_name(out, name);
    if (object && !unique_key(renderer, object, start))
        return false;
    outbuf_text(out, "\":");
    return put_scalar(renderer, parts, summary.nodes == 1 && summary.last_is_bare);
}

static bool has_attributes(struct renderer *renderer, const struct element *element, bool *ret)
{
    struct child_iterator parts;
    struct summary summary;
    uint32_t content = element_node(element)->element.content;
    *ret = false;
    for (uint32_t i = element->index + 1; i < content && !*ret; i = element->tape[i].next) {
        if (!summarize_attribute(renderer, element, i, &parts, &summary))
            return false;
        *ret = summary.content > 0;
    }
    return true;
}

static bool put_attributes(struct renderer *renderer, const struct element *element)
{
    uint32_t content = element_node(element)->element.content;
    bool is_lone = element->tape[element->index + 1].next == content;
    uint64_t object = is_lone ? 0 : ++renderer->objects;
    outbuf_put(renderer->out, '{');
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next)
        if (!json_put_attribute(renderer, element, i, object))
            return false;
    outbuf_put(renderer->out, '}');
    return true;
}

// The first Name attribute that has any node, even an empty one; 0: none.
static bool find_name_attribute(struct renderer *renderer, const struct element *element,
                                uint32_t *ret_index, struct summary *ret)
{
    struct child_iterator parts;
    uint32_t content = element_node(element)->element.content;
    *ret_index = 0;
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next) {
        if (!(element->tape[i].name->flags & NAME_IS_NAME))
            continue;
        if (!summarize_attribute(renderer, element, i, &parts, ret))
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
    struct summary summary = {0};
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
    return put_scalar(renderer, parts, true);
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
    struct summary summary;
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

static bool is_data(const struct element *element)
{
    return element_node(element)->element.name->flags & NAME_IS_DATA;
}

static bool is_container(const struct renderer *renderer, const struct element *element)
{
    // The reference has two ways for a record's root that is a container; with separate attributes
    // it always takes the one in which Data is an element like others.
    return element_node(element)->element.name->flags & NAME_IS_CONTAINER &&
           !(renderer->separate_attributes && renderer->frame_count == 0);
}

// Counts the Data children of a container and finds out whether one of them has a name. All of its
// children are looked at before they are shown, and so paid for here.
static bool find_data_mode(struct renderer *renderer, const struct element *container,
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
        if (!is_data(&child.element))
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

static bool push_members(struct renderer *renderer, const struct element *element, uint64_t object)
{
    enum data_mode mode = DATA_ORDINARY;
    uint32_t data_count = 0;
    bool container = is_container(renderer, element);
    if (container && !find_data_mode(renderer, element, &mode, &data_count))
        return false;
    struct frame *frame = push_frame(renderer, FRAME_JSON_MEMBERS);
    if (!frame)
        return false;
    frame->close = JSON_CLOSE_OBJECT;
    frame->data_mode = (uint8_t)mode;
    frame->object = object;
    frame->data_count = data_count;
    children_start(&frame->children, element);
    frame->children.is_paid = container;
    return true;
}

// `{...}` with attributes, text and element children as far as they are there.
static bool start_object(struct renderer *renderer, const struct element *element,
                         const struct summary *summary, bool attributes)
{
    struct outbuf *out = renderer->out;
    uint64_t object = ++renderer->objects;
    outbuf_put(out, '{');
    if (attributes) {
        outbuf_text(out, "\"#attributes\":");
        if (!put_attributes(renderer, element) || !reserve_key(renderer, object, "#attributes"))
            return false;
    }
    if (summary->content) {
        // Beside attributes and elements, nodes that print nothing do not spoil a bare value.
        struct child_iterator parts;
        children_start(&parts, element);
        json_put_comma(out);
        outbuf_text(out, "\"#text\":");
        if (!put_scalar(renderer, parts, summary->content == 1 && summary->last_is_bare) ||
            !reserve_key(renderer, object, "#text"))
            return false;
    }
    if (summary->elements)
        return push_members(renderer, element, object);
    outbuf_put(out, '}');
    return true;
}

static bool start_summarized_value(struct renderer *renderer, const struct element *element,
                                   const struct summary *summary, bool attributes,
                                   const char *nothing)
{
    if (attributes || summary->elements)
        return start_object(renderer, element, summary, attributes);
    if (!summary->content) {
        outbuf_text(renderer->out, nothing);
        return true;
    }
    struct child_iterator parts;
    children_start(&parts, element);
    return put_scalar(renderer, parts, summary->nodes == 1 && summary->last_is_bare);
}

static bool summarize_element(struct renderer *renderer, const struct element *element,
                              struct summary *ret)
{
    struct child_iterator children;
    children_start(&children, element);
    return summarize(renderer, children, ret);
}

bool json_start_value(struct renderer *renderer, const struct element *element)
{
    struct summary summary;
    bool attributes = false;
    if (!pay(renderer, element->price) || !summarize_element(renderer, element, &summary) ||
        (!renderer->separate_attributes && !has_attributes(renderer, element, &attributes)))
        return false;
    return start_summarized_value(renderer, element, &summary, attributes, "null");
}

bool json_start_data(struct renderer *renderer, const struct element *element)
{
    struct summary summary;
    return pay(renderer, element->price) && summarize_element(renderer, element, &summary) &&
           start_summarized_value(renderer, element, &summary, false, "\"\"");
}

// With attributes in a member of their own: `"K_attributes":{...},"K":value`. [start, length) is K.
static bool start_separate_member(struct renderer *renderer, const struct element *element,
                                  uint64_t object, size_t start, bool is_record_root)
{
    struct outbuf *out = renderer->out;
    struct summary summary;
    bool attributes;
    size_t size = outbuf_since(out, start);
    if (!pay(renderer, element->price) || !summarize_element(renderer, element, &summary) ||
        !has_attributes(renderer, element, &attributes))
        return false;
    if (attributes) {
        outbuf_text(out, "_attributes");
        if (!unique_key(renderer, object, start))
            return false;
        outbuf_text(out, "\":");
        if (!put_attributes(renderer, element))
            return false;
        if (!summary.content && !summary.elements && !is_record_root)
            return true;
        outbuf_text(out, ",\"");
        outbuf_reserve(out, size); // may move the bytes
        outbuf_append(out, out->data + start, size);
    }
    outbuf_text(out, "\":");
    return start_summarized_value(renderer, element, &summary, false, "null");
}

bool json_start_member(struct renderer *renderer, const struct element *element, uint64_t object)
{
    struct outbuf *out = renderer->out;
    const struct name *name = element_node(element)->element.name;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    json_put_name(out, name);
    if (!unique_key(renderer, object, start))
        return false;
    if (renderer->separate_attributes)
        return start_separate_member(renderer, element, object, start, renderer->frame_count == 0);
    outbuf_text(out, "\":");
    return element->is_root
               ? json_start_instance(renderer, &element->instance->node, element->price)
               : json_start_value(renderer, element);
}

static void end_run(struct renderer *renderer, struct frame *frame)
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
    end_run(renderer, frame);
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
    if (!unique_key(renderer, frame->object, start))
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
    if (!unique_key(renderer, frame->object, start))
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

static bool start_child(struct renderer *renderer, const struct element *element)
{
    struct frame *frame = top_frame(renderer);
    if (frame->data_mode != DATA_ORDINARY && is_data(element))
        return frame->data_mode == DATA_NAMED ? start_named_data(renderer, element)
                                              : start_data_list(renderer);
    end_run(renderer, frame);
    return json_start_member(renderer, element, frame->object);
}

static bool run_members(struct renderer *renderer)
{
    uint32_t depth = renderer->frame_count;
    for (;;) {
        struct frame *frame = top_frame(renderer);
        struct child child;
        enum child_kind kind = child_next(renderer, &frame->children, &child);
        if (kind == CHILD_FAULT || renderer->out->failed)
            return kind != CHILD_FAULT;
        if (kind == CHILD_END) {
            end_run(renderer, frame);
            if (frame->close == JSON_CLOSE_OBJECT)
                outbuf_put(renderer->out, '}');
            renderer->frame_count--;
            return true;
        }
        if (kind == CHILD_PART)
            continue;
        if (!start_child(renderer, &child.element))
            return false;
        if (renderer->frame_count != depth)
            return true; // its frame runs first
    }
}

static bool run_data_list(struct renderer *renderer)
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
        if (kind == CHILD_PART || !is_data(&child.element))
            continue;
        if (frame->run_count++ > 0)
            outbuf_put(renderer->out, ',');
        if (!json_start_data(renderer, &child.element))
            return false;
        if (renderer->frame_count != depth)
            return true;
    }
}

static bool run_frame(struct renderer *renderer)
{
    switch (top_frame(renderer)->kind) {
    case FRAME_PROGRAM:
        return EVX_CHOOSE(json_run_program, renderer->has_avx512)(renderer);
    case FRAME_JSON_DATA_LIST:
        return run_data_list(renderer);
    default:
        return run_members(renderer);
    }
}

bool json_run(struct renderer *renderer, uint32_t base)
{
    while (renderer->frame_count > base) {
        if (!run_frame(renderer))
            return false;
        if (EVX_UNLIKELY(renderer->out->failed)) {
            renderer->frame_count = base;
            return true; // the caller looks at the output
        }
    }
    return true;
}

// The only member of the record's object.
static bool start_only_member(struct renderer *renderer, const struct node *root)
{
    if (root->kind == NODE_INSTANCE) {
        json_put_key(renderer->out, root->instance->template->tape[0].element.name);
        return json_start_instance(renderer, root, root->instance->template->node_count);
    }
    const struct element element = element_of_node(root, 0, 0);
    json_put_key(renderer->out, root->element.name);
    return json_start_value(renderer, &element);
}

static bool start_record(struct renderer *renderer, const struct node *root)
{
    uint64_t object = ++renderer->objects;
    if (EVX_LIKELY(!renderer->recovered && !renderer->separate_attributes))
        return start_only_member(renderer, root);
    if (renderer->recovered) {
        outbuf_text(renderer->out, "\"recovered\":true");
        if (!reserve_key(renderer, object, "recovered"))
            return false;
    }
    const struct element element = element_of_node(root, 0, 0);
    return json_start_member(renderer, &element, object);
}

bool json_render(struct renderer *renderer, const struct node *root)
{
    outbuf_put(renderer->out, '{');
    if (!start_record(renderer, root) || !json_run(renderer, 0))
        return false;
    outbuf_put(renderer->out, '}');
    return true;
}
