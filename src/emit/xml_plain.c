// SPDX-License-Identifier: MIT
// Plain elements (plain_text.h) in XML.
#include "emit/plain_text.h"
#include "emit/xml.h"

static void put_element(struct renderer *renderer, const struct node *tape, uint32_t index,
                        uint32_t indent)
{
    struct outbuf *out = renderer->out;
    const struct node *node = &tape[index];
    const uint32_t content = node->element.content;
    outbuf_put(out, '<');
    xml_put_name(renderer, node->element.name);
    for (uint32_t i = index + 1; i < content; i = tape[i].next) {
        if (!plain_text_shows(tape, i + 1, tape[i].next))
            continue;
        outbuf_put(out, ' ');
        xml_put_name(renderer, tape[i].name);
        outbuf_text(out, "=\"");
        put_plain_text(renderer, &tape[i + 1], TEXT_XML_ATTRIBUTE);
        outbuf_put(out, '"');
    }
    if (content == node->next) {
        xml_put_empty(renderer, node, indent);
        return;
    }
    outbuf_put(out, '>');
    if (plain_text_shows(tape, content, node->next))
        put_plain_text(renderer, &tape[content], TEXT_XML);
    xml_put_end_tag(renderer, node->element.name);
}

void xml_put_plain_children(struct renderer *renderer, struct frame *frame)
{
    struct child_iterator *children = &frame->children;
    const struct node *tape = children->parent.tape;
    if (!children_are_own(children) || !takes_short_ways(renderer))
        return;
    while (children->position < children->end && !renderer->out->failed &&
           is_plain_element(tape, children->position)) {
        frame->had_child = true;
        xml_put_line(renderer, frame->indent);
        put_element(renderer, tape, children->position, frame->indent);
        children->position = tape[children->position].next;
    }
}
