// SPDX-License-Identifier: MIT
// The loop that runs XML programs.
#include <string.h>

#include "emit/value_text.h"
#include "emit/xml.h"

// Literals are short: copying a fixed 32 bytes first is cheaper than asking memcpy for the exact number.
EVX_INLINE void put_literal(struct outbuf *out, const uint8_t *literal, uint32_t size)
{
    uint8_t *p = outbuf_reserve(out, (size_t)size + 32);
    memcpy(p, literal, 32);
    if (EVX_UNLIKELY(size > 32))
        memcpy(p + 32, literal + 32, size - 32);
    out->length += size;
}

static bool bail(struct renderer *renderer, struct frame *frame)
{
    struct element root = frame->root;
    uint32_t indent = frame->indent;
    program_bailed(frame->program);
    renderer->out->length = frame->out_start;
    renderer->frame_count--;
    renderer->used_direct = true;
    return xml_start_element(renderer, &root, indent, false);
}

// Children that come out of a value: a frame runs them before the program goes on.
static bool push_splice(struct renderer *renderer, struct value *value, uint32_t indent,
                        enum xml_close close)
{
    const struct element root = top_frame(renderer)->root;
    const struct fragment *fragment =
        decode_value(renderer->decoder, value, root.instance->depth);
    if (!fragment)
        return false;
    struct frame *frame = push_frame(renderer, FRAME_XML_CHILDREN);
    if (!frame)
        return false;
    frame->close = (uint8_t)close;
    frame->indent = indent;
    splice_start(&frame->children, &root, fragment);
    return true;
}

static bool push_walk(struct renderer *renderer, const struct op *op)
{
    const struct element root = top_frame(renderer)->root;
    // The parent only lends its tape and values: dependency and arrays are the child's own.
    struct frame *frame = push_frame(renderer, FRAME_XML_CHILDREN);
    if (!frame)
        return false;
    frame->indent = op->indent;
    single_child_start(&frame->children, &root, op->node);
    return true;
}

// The element around an array once more for each further item: the end of its start tag's literal and the
// start of the next one are its tags.
static void repeat_leaf(struct renderer *renderer, const struct program *program,
                        const struct op *op, struct value *value)
{
    const uint8_t *open = program->literals + op->literal + op->literal_size - op->back;
    const uint8_t *close = program->literals + op[1].literal;
    for (uint32_t i = 0; i < value->item_count; i++) {
        struct value item = value_item(value, i);
        if (i > 0) {
            outbuf_append(renderer->out, close, op->skip);
            outbuf_append(renderer->out, open, op->back);
        }
        if (item.form != FORM_EMPTY)
            put_value(renderer, &item, TEXT_XML);
    }
}

enum op_result { OP_NEXT, OP_PUSHED, OP_BAIL, OP_FAULT };

static enum op_result leaf(struct renderer *renderer, const struct program *program,
                           const struct op *op, struct value *value, uint32_t *skip)
{
    switch (value->form) {
    case FORM_NULL:
        if (op->flags & OP_GUARDED) {
            renderer->out->length -= op->back;
            *skip = op->skip;
        }
        return OP_NEXT;
    case FORM_EMPTY:
        return OP_NEXT;
    case FORM_FRAGMENT:
        return push_splice(renderer, value, op->indent + 1, XML_CLOSE_LINE) ? OP_PUSHED : OP_FAULT;
    case FORM_ARRAY:
        if (!(op->flags & OP_REPEATABLE))
            return OP_BAIL;
        repeat_leaf(renderer, program, op, value);
        return OP_NEXT;
    default:
        put_value_inline(renderer, value, TEXT_XML);
        return OP_NEXT;
    }
}

static enum op_result attribute(struct renderer *renderer, const struct op *op, struct value *value,
                                uint32_t *skip)
{
    if (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT)
        return OP_BAIL;
    if (value->form <= FORM_EMPTY) {
        renderer->out->length -= op->back;
        *skip = op->skip;
        return OP_NEXT;
    }
    put_value_inline(renderer, value, TEXT_XML_ATTRIBUTE);
    return OP_NEXT;
}

static enum op_result hole_child(struct renderer *renderer, const struct frame *frame,
                                 const struct op *op, struct value *value)
{
    if (value->form == FORM_FRAGMENT)
        return push_splice(renderer, value, op->indent, XML_CLOSE_NOTHING) ? OP_PUSHED : OP_FAULT;
    if (value->form == FORM_ARRAY && !(op->node == 0 && frame->root.is_root))
        return OP_BAIL;
    if (value->form <= FORM_EMPTY && op->flags & OP_OPTIONAL)
        return OP_NEXT;
    xml_put_line(renderer, op->indent);
    if (value->form > FORM_EMPTY)
        put_value(renderer, value, TEXT_XML);
    return OP_NEXT;
}

static void end_children(struct renderer *renderer, const struct frame *frame, const struct op *op)
{
    if (renderer->out->length != frame->mark)
        xml_put_line(renderer, op->indent);
}

bool xml_run_program(struct renderer *renderer)
{
    struct frame *frame = top_frame(renderer);
    const struct program *program = frame->program;
    struct value absent = {.form = FORM_EMPTY}; // an index behind the values is no NULL
    struct value *values = frame->root.instance->values;
    uint32_t value_count = frame->root.instance->value_count;
    uint32_t skip = frame->skip;
    const struct op *op = program->ops + frame->op;
    for (;; op++) {
        put_literal(renderer->out, program->literals + op->literal + skip, op->literal_size - skip);
        skip = 0;
        struct value *value = EVX_LIKELY(op->slot < value_count) ? &values[op->slot] : &absent;
        enum op_result result = OP_NEXT;
        switch (op->kind) {
        case OP_LEAF:
            result = leaf(renderer, program, op, value, &skip);
            break;
        case OP_ATTRIBUTE:
            result = attribute(renderer, op, value, &skip);
            break;
        case OP_GUARD:
            if (value->form == FORM_NULL) {
                skip = op->skip;
                op = program->ops + op->target - 1;
            }
            break;
        case OP_CHILD:
            // An absent value leaves no node at all, unlike an empty one.
            if (value != &absent)
                result = hole_child(renderer, frame, op, value);
            break;
        case OP_WALK:
            result = push_walk(renderer, op) ? OP_PUSHED : OP_FAULT;
            break;
        case OP_MARK:
            frame->mark = renderer->out->length;
            break;
        case OP_XML_END_CHILDREN:
            end_children(renderer, frame, op);
            break;
        case OP_END:
            renderer->frame_count--;
            return true;
        }
        if (EVX_LIKELY(result == OP_NEXT))
            continue;
        if (result == OP_FAULT)
            return false;
        if (result == OP_BAIL)
            return bail(renderer, frame);
        // The frame may have moved: it lies below the one just pushed.
        frame = &renderer->frames[renderer->frame_count - 2];
        frame->op = (uint32_t)(op - program->ops) + 1;
        frame->skip = skip;
        return true;
    }
}
