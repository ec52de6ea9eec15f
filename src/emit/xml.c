// SPDX-License-Identifier: MIT
// The XML walker (reference output, section 3).
#include "base/check.h"
#include "emit/xml.h"

#include <string.h>

#include "base/limits.h"
#include "decode/name.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"

void xml_put_line(struct renderer *renderer, uint32_t indent)
{
    if (!xml_is_indented(renderer))
        return;
    size_t size = 1 + 2 * (size_t)indent;
    uint8_t *p = outbuf_reserve(renderer->out, size);
    p[0] = '\n';
    memset(p + 1, ' ', size - 1);
    renderer->out->length += size;
}

void xml_put_name(struct renderer *renderer, const struct name *name)
{
    outbuf_append(renderer->out, name->xml, name->xml_size);
}

void xml_put_end_tag(struct renderer *renderer, const struct name *name)
{
    outbuf_text(renderer->out, "</");
    xml_put_name(renderer, name);
    outbuf_put(renderer->out, '>');
}

// Up to the opening quote. A name that the element has already among its attributes gets a number.
static bool open_attribute(struct renderer *renderer, const struct name *name, uint64_t object)
{
    outbuf_put(renderer->out, ' ');
    size_t start = renderer->out->length;
    xml_put_name(renderer, name);
    if (object && !key_set_make_unique(&renderer->keys, object, start, renderer->out))
        return fault_memory(&renderer->decoder->fault);
    outbuf_text(renderer->out, "=\"");
    return true;
}

// Parts that do not show print nothing.
static bool part_shows_in_attribute(const struct part *part)
{
    return part_is_content(part) || part->node->kind == NODE_CDATA;
}

bool xml_put_attribute(struct renderer *renderer, const struct element *element, uint32_t index,
                       uint64_t object)
{
    struct fault *fault = &renderer->decoder->fault;
    bool is_open = false; // from the first part that shows on
    struct child_iterator parts;
    struct child child;
    attribute_parts_start(&parts, element, index);
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &parts, &child);
        if (kind == CHILD_END)
            break;
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_ELEMENT)
            return fault_of(fault, FAULT_ELEMENT_IN_ATTRIBUTE);
        if (child.part.node->kind == NODE_PI_TARGET || child.part.node->kind == NODE_PI_DATA)
            return fault_of(fault, FAULT_PI_IN_ATTRIBUTE);
        if (!part_shows_in_attribute(&child.part))
            continue;
        if (!is_open && !open_attribute(renderer, element->tape[index].name, object))
            return false;
        is_open = true;
        put_part(renderer, &child.part, TEXT_XML_ATTRIBUTE);
    }
    if (is_open)
        outbuf_put(renderer->out, '"');
    return true;
}

static bool put_start_tag(struct renderer *renderer, const struct element *element)
{
    const struct node *node = element_node(element);
    uint64_t object = node->flags & NODE_REPEATED_ATTRIBUTES ? ++renderer->objects : 0;
    outbuf_put(renderer->out, '<');
    xml_put_name(renderer, node->element.name);
    for (uint32_t i = element->index + 1; i < node->element.content; i = element->tape[i].next)
        if (!xml_put_attribute(renderer, element, i, object))
            return false;
    return true;
}

static void put_cdata(struct renderer *renderer, const struct node *node)
{
    outbuf_text(renderer->out, "<![CDATA[");
    uint8_t *p = outbuf_reserve(renderer->out,
                                TEXT_EXPANSION_MAX * (size_t)node->text.count + TEXT_SLACK_BYTES);
    outbuf_commit(renderer->out, utf16_put_cdata(p, node->text.units, node->text.count));
    outbuf_text(renderer->out, "]]>");
}

// Names that XML keeps for itself may not be targets, and targets have no prefix.
static void put_pi_target(struct renderer *renderer, const struct name *name)
{
    const uint8_t *xml = name->xml, *end = xml + name->xml_size;
    bool is_reserved = name->xml_size == 3 && strncasecmp((const char *)xml, "xml", 3) == 0;
    const uint8_t *wrong = is_reserved ? xml : memchr(xml, ':', name->xml_size);
    if (wrong) {
        outbuf_append(renderer->out, xml, (size_t)(wrong - xml));
        outbuf_text(renderer->out, *wrong == ':'   ? "_x003A_"
                                   : *wrong == 'x' ? "_x0078_"
                                                   : "_x0058_");
        xml = wrong + 1;
    }
    outbuf_append(renderer->out, xml, (size_t)(end - xml));
}

// A part on its own or beside other parts, but beside no element. `pi_open`: a target waits for its
// data.
static bool put_content_part(struct renderer *renderer, const struct part *part, bool *pi_open)
{
    struct outbuf *out = renderer->out;
    const struct node *node = part->node;
    if (*pi_open && node->kind != NODE_PI_DATA) {
        outbuf_text(out, "?>");
        *pi_open = false;
    }
    switch (node->kind) {
    case NODE_CDATA:
        put_cdata(renderer, node);
        return true;
    case NODE_PI_TARGET:
        outbuf_text(out, "<?");
        put_pi_target(renderer, node->name);
        *pi_open = true;
        return true;
    case NODE_PI_DATA:
        if (!*pi_open)
            return fault_of(&renderer->decoder->fault, FAULT_PI_DATA_ALONE);
        outbuf_put(out, ' ');
        outbuf_commit(
            out, utf16_put_pi(outbuf_reserve(out, TEXT_EXPANSION_MAX * (size_t)node->text.count +
                                                      TEXT_SLACK_BYTES),
                              node->text.units, node->text.count));
        outbuf_text(out, "?>");
        *pi_open = false;
        return true;
    default:
        put_part(renderer, part, TEXT_XML);
        return true;
    }
}

bool xml_put_text_content(struct renderer *renderer, const struct element *element)
{
    struct child_iterator parts;
    struct child child;
    bool pi_open = false;
    children_start(&parts, element);
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &parts, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END)
            break;
        if (!put_content_part(renderer, &child.part, &pi_open))
            return false;
    }
    if (pi_open)
        outbuf_text(renderer->out, "?>");
    return true;
}

bool xml_breaks(const struct renderer *renderer, const struct node *element)
{
    static const char binary[] = "Binary";
    const struct name *name = element->element.name;
    return renderer->format->is_0_14 && !(name->xml_size == sizeof binary - 1 &&
                                          memcmp(name->xml, binary, sizeof binary - 1) == 0);
}

void xml_put_empty(struct renderer *renderer, const struct node *element, uint32_t indent)
{
    if (element->flags & NODE_SELF_CLOSED && !renderer->format->is_0_14) {
        outbuf_text(renderer->out, "/>");
        return;
    }
    outbuf_put(renderer->out, '>');
    if (xml_breaks(renderer, element))
        xml_put_line(renderer, indent);
    xml_put_end_tag(renderer, element->element.name);
}

enum content_shape { CONTENT_NONE, CONTENT_TEXT, CONTENT_CHILDREN, CONTENT_FAULT };

static enum content_shape content_shape(struct renderer *renderer, const struct element *element)
{
    struct child_iterator children;
    struct child child;
    bool any = false;
    children_start(&children, element);
    for (;;) {
        switch (child_next(&renderer->tree, &children, &child)) {
        case CHILD_END:
            return any ? CONTENT_TEXT : CONTENT_NONE;
        case CHILD_ELEMENT:
            return CONTENT_CHILDREN;
        case CHILD_FAULT:
            return CONTENT_FAULT;
        case CHILD_PART:
            any = true;
        }
    }
}

static EVX_NOINLINE bool start_element_directly(struct renderer *renderer,
                                                const struct element *element, uint32_t indent)
{
    const struct node *node = element_node(element);
    if (!put_start_tag(renderer, element))
        return false;
    enum content_shape shape = content_shape(renderer, element);
    if (shape == CONTENT_FAULT)
        return false;
    if (shape == CONTENT_NONE) {
        xml_put_empty(renderer, node, indent);
        return true;
    }
    outbuf_put(renderer->out, '>');
    if (shape == CONTENT_CHILDREN) {
        struct frame *frame = push_frame(renderer, FRAME_XML_CHILDREN);
        if (!frame)
            return false;
        frame->close = XML_CLOSE_TAG;
        frame->name = node->element.name;
        frame->indent = indent + 1;
        children_start(&frame->children, element);
        return true;
    }
    if (shape == CONTENT_TEXT && !xml_put_text_content(renderer, element))
        return false;
    xml_put_end_tag(renderer, node->element.name);
    return true;
}

bool xml_start_element(struct renderer *renderer, const struct element *element, uint32_t indent,
                       bool use_program)
{
    if (!pay(&renderer->tree, element->price))
        return false;
    if (element->is_root && use_program) {
        uint32_t depth = xml_is_indented(renderer) ? indent : 0; // one program serves them all
        const struct program *program = find_program(renderer, element->instance, depth);
        if (program)
            return start_program(renderer, element->instance, program, indent);
        renderer->used_walk = true;
    }
    return start_element_directly(renderer, element, indent);
}

static void end_children(struct renderer *renderer, const struct frame *frame)
{
    EVX_CHECK(frame->close == XML_CLOSE_NOTHING || frame->indent > 0);
    uint32_t indent = frame->indent - 1;
    if (frame->close == XML_CLOSE_TAG) {
        xml_put_line(renderer, indent);
        xml_put_end_tag(renderer, frame->name);
    } else if (frame->close == XML_CLOSE_LINE && frame->had_child) {
        xml_put_line(renderer, indent);
    }
}

// A part beside elements takes a line of its own, even when it is empty; PIs print nothing there.
static void put_part_line(struct renderer *renderer, const struct part *part, uint32_t indent)
{
    xml_put_line(renderer, indent);
    if (part->node->kind == NODE_CDATA)
        put_cdata(renderer, part->node);
    else
        put_part(renderer, part, TEXT_XML);
}

static bool run_children(struct renderer *renderer)
{
    uint32_t depth = renderer->frame_count;
    for (;;) {
        struct frame *frame = top_frame(renderer);
        struct child child;
        uint32_t indent = frame->indent;
        xml_put_plain_children(renderer, frame);
        enum child_kind kind = child_next(&renderer->tree, &frame->children, &child);
        if (kind == CHILD_FAULT || renderer->out->failed)
            return kind != CHILD_FAULT;
        if (kind == CHILD_END)
            break;
        frame->had_child = true;
        if (kind == CHILD_PART) {
            put_part_line(renderer, &child.part, indent);
            continue;
        }
        xml_put_line(renderer, indent);
        if (!xml_start_element(renderer, &child.element, indent, true))
            return false;
        if (renderer->frame_count != depth)
            return true; // its frame runs first
    }
    end_children(renderer, top_frame(renderer));
    renderer->frame_count--;
    return true;
}

bool xml_run(struct renderer *renderer, uint32_t base)
{
    EVX_CHECK(renderer->frame_count >= base);
    while (renderer->frame_count > base) {
        bool fine = top_frame(renderer)->kind != FRAME_PROGRAM ? run_children(renderer)
                    : EVX_UNLIKELY(renderer->format->is_0_14)
                        ? EVX_CHOOSE(xml_run_program_0_14, renderer->has_avx512)(renderer)
                        : EVX_CHOOSE(xml_run_program, renderer->has_avx512)(renderer);
        if (!fine)
            return false;
        if (EVX_UNLIKELY(renderer->out->failed)) {
            renderer->frame_count = base;
            return true; // the caller looks at the output
        }
    }
    return true;
}

bool xml_render(struct renderer *renderer, const struct node *root)
{
    const struct element element = element_of_node(root, 0, 0);
    return xml_start_element(renderer, &element, 0, true) && xml_run(renderer, 0);
}
