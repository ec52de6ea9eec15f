// SPDX-License-Identifier: MIT
// The JSON walker (reference output, section 4).
#include "base/check.h"
#include "emit/json.h"

#include "emit/found_mark.h"

#include <string.h>

#include "decode/name.h"
#include "print/number.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"

// The one node that is to come, if it is text: what nearly every element and attribute holds where
// no template stands behind it.
static const struct node *lone_text(const struct child_iterator *start)
{
    const struct node *node = &start->parent.tape[start->position];
    bool is_lone = start->position < start->end && node->next == start->end;
    return is_lone && node->kind == NODE_TEXT ? node : NULL;
}

bool json_summarize(struct renderer *renderer, struct child_iterator children,
                    struct json_summary *ret)
{
    struct child child;
    const struct node *text = lone_text(&children);
    *ret = (struct json_summary){.nodes = text != NULL, .content = text && text->text.count > 0};
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
        switch (child_next(&renderer->tree, &children, &child)) {
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

bool json_put_scalar(struct renderer *renderer, struct child_iterator parts, bool bare)
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
        enum child_kind kind = child_next(&renderer->tree, &parts, &child);
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
    note_array(&renderer->tree, array);
    for (uint32_t i = 0; i < array->item_count; i++) {
        struct value item = value_item(array, i);
        if (i > 0)
            outbuf_put(renderer->out, ',');
        json_put_value(renderer, &item);
    }
}

bool json_summarize_attribute(struct renderer *renderer, const struct element *element,
                              uint32_t index, struct child_iterator *ret_parts,
                              struct json_summary *ret)
{
    attribute_parts_start(ret_parts, element, index);
    if (!json_summarize(renderer, *ret_parts, ret))
        return false;
    if (ret->elements && ret->content)
        return fault_of(&renderer->decoder->fault, FAULT_ELEMENT_IN_TEXT);
    return true;
}

bool json_unique_key(struct renderer *renderer, uint64_t object, size_t start)
{
    return object == 0 || key_set_make_unique(&renderer->keys, object, start, renderer->out) ||
           fault_memory(&renderer->decoder->fault);
}

static bool reserve_key(struct renderer *renderer, uint64_t object, const char *key)
{
    return key_set_add(&renderer->keys, object, (const uint8_t *)key, (uint32_t)strlen(key),
                       renderer->out) ||
           fault_memory(&renderer->decoder->fault);
}

bool json_put_shown_attribute(struct renderer *renderer, const struct name *name,
                              const struct child_iterator *parts,
                              const struct json_summary *summary, uint64_t object)
{
    struct outbuf *out = renderer->out;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    json_put_name(out, name);
    if (!json_unique_key(renderer, object, start))
        return false;
    outbuf_text(out, "\":");
    return json_put_scalar(renderer, *parts, summary->nodes == 1 && summary->last_is_bare);
}

bool json_put_attribute(struct renderer *renderer, const struct element *element, uint32_t index,
                        uint64_t object)
{
    struct child_iterator parts;
    struct json_summary summary;
    if (!json_summarize_attribute(renderer, element, index, &parts, &summary))
        return false;
    return summary.content == 0 ||
           json_put_shown_attribute(renderer, element->tape[index].name, &parts, &summary, object);
}

static bool has_attributes(struct renderer *renderer, const struct element *element, bool *ret)
{
    struct child_iterator parts;
    struct json_summary summary;
    uint32_t content = element_node(element)->element.content;
    *ret = false;
    for (uint32_t i = element->index + 1; i < content && !*ret; i = element->tape[i].next) {
        if (!json_summarize_attribute(renderer, element, i, &parts, &summary))
            return false;
        *ret = summary.content > 0;
    }
    return true;
}

bool json_reserve_attributes(struct renderer *renderer, const struct element *element,
                             uint64_t object)
{
    bool attributes;
    return has_attributes(renderer, element, &attributes) &&
           (!attributes || reserve_key(renderer, object, "#attributes"));
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

static bool is_container(const struct renderer *renderer, const struct element *element)
{
    // The reference has two ways for a record's root that is a container; with separate attributes
    // it always takes the one in which Data is an element like others.
    return element_node(element)->element.name->flags & NAME_IS_CONTAINER &&
           !(renderer->format->separates_attributes && is_record_root(renderer, element));
}

// `children` are those of the element.
static bool push_members(struct renderer *renderer, const struct element *element,
                         const struct child_iterator *children, uint64_t object)
{
    enum data_mode mode = DATA_ORDINARY;
    bool container = is_container(renderer, element);
    if (container && !json_find_data_mode(renderer, *children, &mode))
        return false;
    struct frame *frame = push_frame(renderer, FRAME_JSON_MEMBERS);
    if (!frame)
        return false;
    frame->close = JSON_CLOSE_OBJECT;
    frame->data_mode = (uint8_t)mode;
    frame->object = object;
    frame->children = *children;
    frame->children.is_paid = container;
    return true;
}

bool json_start_object_of(struct renderer *renderer, const struct element *element,
                          const struct fragment *fragment)
{
    struct child_iterator children;
    EVX_CHECK(fragment->end > 0);
    splice_start(&children, element, fragment);
    outbuf_put(renderer->out, '{');
    return push_members(renderer, element, &children, ++renderer->objects);
}

// `{...}` with attributes, text and element children as far as they are there.
static bool start_object(struct renderer *renderer, const struct element *element,
                         const struct json_summary *summary, bool attributes)
{
    struct outbuf *out = renderer->out;
    uint64_t object = ++renderer->objects;
    struct child_iterator parts;
    children_start(&parts, element);
    outbuf_put(out, '{');
    if (attributes) {
        outbuf_text(out, "\"#attributes\":");
        if (!put_attributes(renderer, element) || !reserve_key(renderer, object, "#attributes"))
            return false;
    }
    if (summary->content) {
        // Beside attributes and elements, nodes that print nothing do not spoil a bare value.
        json_put_comma(out);
        outbuf_text(out, "\"#text\":");
        if (!json_put_scalar(renderer, parts, summary->content == 1 && summary->last_is_bare) ||
            !reserve_key(renderer, object, "#text"))
            return false;
    }
    if (summary->elements)
        return push_members(renderer, element, &parts, object);
    outbuf_put(out, '}');
    return true;
}

static bool start_summarized_value(struct renderer *renderer, const struct element *element,
                                   const struct json_summary *summary, bool attributes,
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
    return json_put_scalar(renderer, parts, summary->nodes == 1 && summary->last_is_bare);
}

static bool summarize_element(struct renderer *renderer, const struct element *element,
                              struct json_summary *ret)
{
    struct child_iterator children;
    children_start(&children, element);
    return json_summarize(renderer, children, ret);
}

bool json_start_value(struct renderer *renderer, const struct element *element)
{
    struct json_summary summary;
    bool attributes = false;
    if (!pay(&renderer->tree, element->price) || !summarize_element(renderer, element, &summary) ||
        (!renderer->format->separates_attributes &&
         !has_attributes(renderer, element, &attributes)))
        return false;
    return start_summarized_value(renderer, element, &summary, attributes, "null");
}

bool json_start_data(struct renderer *renderer, const struct element *element)
{
    struct json_summary summary;
    return pay(&renderer->tree, element->price) && summarize_element(renderer, element, &summary) &&
           start_summarized_value(renderer, element, &summary, false, "\"\"");
}

bool json_put_attributes_key(struct renderer *renderer, uint64_t object, size_t start)
{
    outbuf_text(renderer->out, "_attributes");
    if (!json_unique_key(renderer, object, start))
        return false;
    outbuf_text(renderer->out, "\":");
    return true;
}

void json_repeat_key(struct renderer *renderer, size_t start, size_t size)
{
    struct outbuf *out = renderer->out;
    outbuf_text(out, ",\"");
    while (size > 0) {
        size_t piece = size < RESERVE_BYTES_MAX ? size : RESERVE_BYTES_MAX;
        uint8_t *p = outbuf_reserve(out, piece); // may move the bytes
        memmove(p, out->data + start, piece);    // a record that has failed writes over them
        out->length += piece;
        start += piece;
        size -= piece;
    }
}

// With attributes in a member of their own: `"K_attributes":{...},"K":value`. [start, length) is K.
static bool start_separate_member(struct renderer *renderer, const struct element *element,
                                  uint64_t object, size_t start)
{
    struct outbuf *out = renderer->out;
    struct json_summary summary;
    bool attributes;
    size_t size = outbuf_since(out, start);
    if (!pay(&renderer->tree, element->price) || !summarize_element(renderer, element, &summary) ||
        !has_attributes(renderer, element, &attributes))
        return false;
    if (attributes) {
        if (!json_put_attributes_key(renderer, object, start) || !put_attributes(renderer, element))
            return false;
        if (!summary.content && !summary.elements && !is_record_root(renderer, element))
            return true;
        json_repeat_key(renderer, start, size);
    }
    outbuf_text(out, "\":");
    return start_summarized_value(renderer, element, &summary, false, "null");
}

bool json_start_first_member(struct renderer *renderer, const struct element *element,
                             uint64_t object)
{
    struct outbuf *out = renderer->out;
    const struct name *name = element_node(element)->element.name;
    outbuf_put(out, '"');
    size_t start = out->length;
    json_put_name(out, name);
    if (!json_unique_key(renderer, object, start))
        return false;
    if (renderer->format->separates_attributes)
        return start_separate_member(renderer, element, object, start);
    outbuf_text(out, "\":");
    return element->is_root
               ? json_start_instance(renderer, &element->instance->node, element->price)
               : json_start_value(renderer, element);
}

bool json_start_member(struct renderer *renderer, const struct element *element, uint64_t object)
{
    if (renderer->format->separates_attributes && object == 0 && element->is_root)
        return json_start_new_member(renderer, &element->instance->node);
    json_put_comma(renderer->out);
    return json_start_first_member(renderer, element, object);
}

static bool start_child(struct renderer *renderer, const struct element *element)
{
    struct frame *frame = top_frame(renderer);
    if (frame->data_mode != DATA_ORDINARY && json_is_data(element))
        return json_start_data_child(renderer, element);
    return json_start_member(renderer, element, frame->object);
}

static bool run_members(struct renderer *renderer)
{
    uint32_t depth = renderer->frame_count;
    for (;;) {
        struct frame *frame = top_frame(renderer);
        struct child child;
        if (!json_put_plain_members(renderer, frame))
            return false;
        enum child_kind kind = child_next(&renderer->tree, &frame->children, &child);
        if (kind == CHILD_FAULT || renderer->out->failed)
            return kind != CHILD_FAULT;
        if (kind == CHILD_END) {
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

static bool run_frame(struct renderer *renderer)
{
    switch (top_frame(renderer)->kind) {
    case FRAME_PROGRAM:
        if (EVX_UNLIKELY(renderer->format->is_0_14))
            return EVX_CHOOSE(json_run_program_0_14, renderer->has_avx512)(renderer);
        return EVX_CHOOSE(json_run_program, renderer->has_avx512)(renderer);
    case FRAME_JSON_DATA_LIST:
        return json_run_data_list(renderer);
    default:
        return run_members(renderer);
    }
}

bool json_run(struct renderer *renderer, uint32_t base)
{
    EVX_CHECK(renderer->frame_count >= base);
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
    if (root->kind == NODE_INSTANCE)
        return json_start_new_member(renderer, root);
    const struct element element = element_of_node(root, 0, 0);
    return json_start_first_member(renderer, &element, 0);
}

static bool start_record(struct renderer *renderer, const struct node *root)
{
    uint64_t object = ++renderer->objects;
    if (EVX_LIKELY(!renderer->recovered))
        return start_only_member(renderer, root);
    if (renderer->recovered) {
        outbuf_text(renderer->out, "\"recovered\":");
        if (renderer->found)
            put_found_object(renderer->out, renderer->found);
        else
            outbuf_text(renderer->out, "true");
        if (!reserve_key(renderer, object, "recovered"))
            return false;
    }
    const struct element element = element_of_node(root, 0, 0);
    return json_start_member(renderer, &element, object);
}

bool json_render(struct renderer *renderer, const struct node *root)
{
    EVX_CHECK(renderer->frame_count == 0);
    outbuf_put(renderer->out, '{');
    if (!start_record(renderer, root) || !json_run(renderer, 0))
        return false;
    outbuf_put(renderer->out, '}');
    return true;
}
