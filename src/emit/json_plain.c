// SPDX-License-Identifier: MIT
// Plain elements (plain_text.h) in JSON.
#include "emit/json.h"
#include "emit/plain_text.h"

// Whether the attributes have different keys: without escapes names are as different as their
// nodes.
static bool has_plain_keys(const struct node *tape, uint32_t index)
{
    const uint32_t first = index + 1, content = tape[index].element.content;
    if (first == content || tape[first].next == content)
        return true;
    for (uint32_t i = first; i < content; i = tape[i].next)
        if (tape[i].name->json_size != tape[i].name->unit_count)
            return false;
    return true;
}

// `{"#attributes":{...}` of those that show; false, and nothing: there are none.
static bool put_attributes(struct renderer *renderer, const struct node *tape, uint32_t first,
                           uint32_t content)
{
    bool any = false;
    for (uint32_t i = first; i < content; i = tape[i].next) {
        if (!plain_text_shows(tape, i + 1, tape[i].next))
            continue;
        if (any)
            outbuf_put(renderer->out, ',');
        else
            outbuf_text(renderer->out, JSON_ATTRIBUTES_OPEN);
        any = true;
        json_put_key_text(renderer->out, tape[i].name);
        put_plain_text(renderer, &tape[i + 1], TEXT_JSON);
    }
    if (any)
        outbuf_put(renderer->out, '}');
    return any;
}

static void put_value_of(struct renderer *renderer, const struct node *tape, uint32_t index)
{
    const struct node *node = &tape[index];
    const uint32_t content = node->element.content;
    const bool shows = plain_text_shows(tape, content, node->next);
    const bool is_object = put_attributes(renderer, tape, index + 1, content);
    if (is_object && shows)
        outbuf_text(renderer->out, ",\"#text\":");
    if (shows)
        put_plain_text(renderer, &tape[content], TEXT_JSON);
    else if (!is_object)
        outbuf_text(renderer->out, "null");
    if (is_object)
        outbuf_put(renderer->out, '}');
}

static bool put_member(struct renderer *renderer, const struct node *tape, uint32_t index,
                       uint64_t object)
{
    struct outbuf *out = renderer->out;
    json_put_comma(out);
    outbuf_put(out, '"');
    size_t start = out->length;
    json_put_name(out, tape[index].element.name);
    if (!json_unique_key(renderer, object, start))
        return false;
    outbuf_text(out, "\":");
    put_value_of(renderer, tape, index);
    return true;
}

bool json_put_plain_members(struct renderer *renderer, struct frame *frame)
{
    struct child_iterator *children = &frame->children;
    const struct node *tape = children->parent.tape;
    if (!children_are_own(children) || renderer->format->separates_attributes ||
        !takes_short_ways(renderer))
        return true;
    while (children->position < children->end && !renderer->out->failed) {
        const uint32_t index = children->position;
        if (!is_plain_element(tape, index) || !has_plain_keys(tape, index) ||
            (frame->data_mode != DATA_ORDINARY && tape[index].element.name->flags & NAME_IS_DATA))
            break;
        children->position = tape[index].next;
        if (!put_member(renderer, tape, index, frame->object))
            return false;
    }
    return true;
}
