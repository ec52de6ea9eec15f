// SPDX-License-Identifier: MIT
// The loop that runs XML programs.
#include <string.h>

#include "emit/op_loop.h"
#include "emit/value_text.h"
#include "emit/xml.h"

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

static enum op_result leaf(struct renderer *renderer, const struct program *program,
                           const struct op *op, struct value *value)
{
    switch (value->form) {
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

static enum op_result attribute(struct renderer *renderer, struct value *value)
{
    if (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT)
        return OP_BAIL;
    put_value(renderer, value, TEXT_XML_ATTRIBUTE);
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

// Rare values and ops, on the output itself.
static enum op_result run_slowly(struct renderer *renderer, struct frame *frame, const struct op *op,
                                 struct value *value)
{
    switch (op->kind) {
    case OP_LEAF:
        return leaf(renderer, frame->program, op, value);
    case OP_ATTRIBUTE:
        return attribute(renderer, value);
    case OP_CHILD:
        return hole_child(renderer, frame, op, value);
    case OP_WALK:
        return push_walk(renderer, op) ? OP_PUSHED : OP_FAULT;
    case OP_XML_MARK:
        frame->mark = renderer->out->length;
        return OP_NEXT;
    case OP_XML_END_CHILDREN:
        end_children(renderer, frame, op);
        return OP_NEXT;
    default:
        return OP_NEXT;
    }
}

// The text of a usual value; false: it is not usual.
EVX_INLINE bool put_usual_value(struct op_output *output, struct outbuf *out,
                                const struct value *value, bool is_attribute)
{
    if (EVX_LIKELY(value->form == FORM_STRING)) {
        size_t count = value->size / 2;
        if (EVX_UNLIKELY(count > OP_SHORT_UNITS) &&
            !op_output_room(output, out, TEXT_EXPANSION_MAX * count + OP_ROOM_BYTES))
            return false;
        output->p = is_attribute ? utf16_put_xml_attribute(output->p, value->data, count)
                                 : utf16_put_xml(output->p, value->data, count);
        return true;
    }
    uint8_t *end = put_short_value(output->p, value);
    if (!end)
        return false;
    output->p = end;
    return true;
}

// Ops on usual values; false: run_slowly has to.
EVX_INLINE bool run_usual(struct op_output *output, struct outbuf *out, const struct op *op,
                          const struct value *value, uint32_t *skip)
{
    bool is_attribute = op->kind == OP_ATTRIBUTE;
    if (op->kind > OP_ATTRIBUTE)
        return false;
    if (value->form <= FORM_EMPTY) {
        if (is_attribute || (value->form == FORM_NULL && op->flags & OP_GUARDED)) {
            output->p -= op->back;
            *skip = op->skip;
        }
        return true;
    }
    return put_usual_value(output, out, value, is_attribute);
}

bool xml_run_program(struct renderer *renderer)
{
    struct outbuf *out = renderer->out;
    struct frame *frame = top_frame(renderer);
    const struct program *program = frame->program;
    struct value *values = frame->root.instance->values;
    uint32_t skip = frame->skip;
    const struct op *op = program->ops + frame->op;
    struct op_output output;
    op_output_load(&output, out);
    for (;; op++) {
        uint32_t size = op->literal_size - skip;
        if (!op_output_room(&output, out, (size_t)size + OP_ROOM_BYTES))
            return true; // the caller looks at the output
        output.p = put_literal(output.p, program->literals + op->literal + skip, size);
        skip = 0;
        struct value *value = &values[op->slot];
        if (EVX_LIKELY(run_usual(&output, out, op, value, &skip)))
            continue;
        if (op->kind == OP_GUARD) {
            if (value->form == FORM_NULL) {
                skip = op->skip;
                op = program->ops + op->target - 1;
            }
            continue;
        }
        outbuf_commit(out, output.p);
        if (op->kind == OP_END) {
            renderer->frame_count--;
            return true;
        }
        enum op_result result = run_slowly(renderer, frame, op, value);
        if (EVX_UNLIKELY(out->failed))
            return result != OP_FAULT;
        op_output_load(&output, out);
        if (result == OP_NEXT)
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
