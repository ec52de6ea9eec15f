// SPDX-License-Identifier: MIT
// The loop that runs XML programs.
#include <string.h>

#include "base/check.h"
#include "emit/op_loop.h"
#include "emit/value_text.h"
#include "emit/xml.h"

static bool bail(struct renderer *renderer, struct frame *frame)
{
    struct element root = frame->root;
    uint32_t indent = frame->indent;
    program_bailed(frame->program);
    renderer->out->length = frame->out_start;
    renderer->tree.nodes = frame->nodes_start; // what comes again is paid for again
    renderer->frame_count--;
    renderer->used_irregular = true;
    return xml_start_element(renderer, &root, indent, false);
}

// Children that come out of a value: a frame runs them before the program goes on.
static enum op_result push_splice(struct renderer *renderer, uint32_t indent, enum xml_close close,
                                  const struct fragment *fragment)
{
    const struct element root = top_frame(renderer)->root;
    struct frame *frame = fragment ? push_frame(renderer, FRAME_XML_CHILDREN) : NULL;
    if (!frame)
        return OP_FAULT;
    frame->close = (uint8_t)close;
    frame->indent = indent;
    splice_start(&frame->children, &root, fragment);
    return OP_PUSHED;
}

// The same where nothing follows the children; one instance, as usual, needs no frame of children.
static enum op_result splice_child(struct renderer *renderer, uint32_t indent,
                                   const struct fragment *fragment)
{
    if (!fragment)
        return OP_FAULT;
    if (fragment->end != 1 || fragment->tape[0].kind != NODE_INSTANCE)
        return push_splice(renderer, indent, XML_CLOSE_NOTHING, fragment);
    uint32_t depth = renderer->frame_count;
    const struct element element = element_of_node(fragment->tape, 0, 0);
    if (EVX_UNLIKELY(is_repeated_root(&renderer->tree, &element)))
        return push_splice(renderer, indent, XML_CLOSE_NOTHING, fragment);
    xml_put_line(renderer, indent);
    if (!xml_start_element(renderer, &element, indent, true))
        return OP_FAULT;
    return renderer->frame_count > depth ? OP_PUSHED : OP_NEXT;
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

// The content of an element that has none: the 0.14 dialect breaks the line.
static void put_nothing(struct renderer *renderer, const struct op *op)
{
    if (OP_IS_0_14 && op->flags & OP_BREAKS)
        xml_put_line(renderer, op->indent);
}

// The element around an array once more for each further item: the end of its start tag's literal
// and the start of the next one are its tags.
static bool repeat_leaf(struct renderer *renderer, const struct frame *frame, const struct op *op,
                        struct value *value)
{
    uint32_t price = frame->root.tape[op->node].next - op->node; // of a copy
    const uint8_t *open = op->literal + op->literal_size - op->back;
    const uint8_t *close = op[1].literal;
    if (!can_pay(&renderer->tree, value->item_count - 1u, price))
        return false;
    renderer->tree.nodes += (value->item_count - 1u) * price;
    note_array(&renderer->tree, value);
    for (uint32_t i = 0; i < value->item_count; i++) {
        struct value item = value_item(value, i);
        if (i > 0) {
            outbuf_append(renderer->out, close, op->skip);
            outbuf_append(renderer->out, open, op->back);
        }
        if (item.form != FORM_EMPTY)
            put_value(renderer, &item, TEXT_XML);
        else if (value->item_count > 1)
            put_nothing(renderer, op);
    }
    return true;
}

static enum op_result leaf(struct renderer *renderer, const struct frame *frame,
                           const struct op *op, struct value *value)
{
    switch (value->form) {
    case FORM_NULL: // guarded ones have been dropped
    case FORM_EMPTY:
        put_nothing(renderer, op);
        return OP_NEXT;
    case FORM_FRAGMENT:
        return push_splice(renderer, op->indent + 1, XML_CLOSE_LINE,
                           instance_child(renderer->decoder, frame->root.instance, op->place / 4));
    case FORM_ARRAY:
        if (!(op->flags & OP_REPEATABLE))
            return OP_BAIL;
        return repeat_leaf(renderer, frame, op, value) ? OP_NEXT : OP_FAULT;
    default:
        put_value(renderer, value, TEXT_XML);
        return OP_NEXT;
    }
}

static enum op_result attribute(struct renderer *renderer, struct value *value)
{
    // An empty value of a rare type would drop the attribute: left to the walker.
    if (value->form <= FORM_ARRAY)
        return OP_BAIL;
    put_value(renderer, value, TEXT_XML_ATTRIBUTE);
    return OP_NEXT;
}

static enum op_result hole_child(struct renderer *renderer, const struct frame *frame,
                                 const struct op *op, struct value *value)
{
    if (value->form == FORM_FRAGMENT)
        return splice_child(renderer, op->indent,
                            instance_child(renderer->decoder, frame->root.instance, op->place / 4));
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

// A value that the loop does not know how to write, from the classified table.
static enum op_result run_value_slowly(struct renderer *renderer, const struct frame *frame,
                                       const struct op *op)
{
    const struct instance *instance = frame->root.instance;
    struct value one, *value = &one;
    if (!instance_one_value(renderer->decoder, instance, op->place / 4, value))
        return OP_FAULT;
    if (EVX_UNLIKELY(!instance->offsets)) // the values stand elsewhere than was thought
        return OP_BAIL;
    switch (op->kind) {
    case OP_LEAF:
        return leaf(renderer, frame, op, value);
    case OP_ATTRIBUTE:
        return attribute(renderer, value);
    default:
        return hole_child(renderer, frame, op, value);
    }
}

// Rare values and ops, on the output itself.
static enum op_result run_slowly(struct renderer *renderer, struct frame *frame,
                                 const struct op *op, const struct instance_view *values)
{
    struct value_view value;
    switch (op->kind) {
    case OP_CHILD:
        value = op_value(values, op);
        if (value.type == TYPE_FRAGMENT && value.size > 0)
            return splice_child(
                renderer, op->indent,
                instance_child(renderer->decoder, frame->root.instance, op->place / 4));
        break;
    case OP_WALK:
        return push_walk(renderer, op) ? OP_PUSHED : OP_FAULT;
    case OP_XML_MARK:
        frame->mark = renderer->out->length;
        return OP_NEXT;
    case OP_XML_END_CHILDREN:
        end_children(renderer, frame, op);
        return OP_NEXT;
    default:
        break;
    }
    return run_value_slowly(renderer, frame, op);
}

static EVX_NOINLINE enum raw_result unguessed_text(struct op_output *output, struct outbuf *out,
                                                   struct value_view value)
{
    return put_unguessed(output, out, value, TEXT_XML);
}

static EVX_NOINLINE enum raw_result unguessed_attribute(struct op_output *output,
                                                        struct outbuf *out, struct value_view value)
{
    return put_unguessed(output, out, value, TEXT_XML_ATTRIBUTE);
}

// The usual ops. Each returns false, and has written nothing, when run_slowly has to.

EVX_INLINE bool run_leaf(struct op_output *output, struct outbuf *out,
                         const struct instance_view *values, const struct op *op,
                         enum op_guess guess, uint32_t *skip)
{
    enum raw_result result = put_guessed(output, out, values, op, guess, TEXT_XML, unguessed_text);
    if (result == RAW_NULL && op->flags & OP_GUARDED) {
        output->p -= op->back;
        *skip = op->skip;
    }
    if (OP_IS_0_14 && (result == RAW_NULL || result == RAW_EMPTY) && op->flags & OP_BREAKS)
        return false;
    return result != RAW_SLOW;
}

EVX_INLINE bool run_attribute(struct op_output *output, struct outbuf *out,
                              const struct instance_view *values, const struct op **op,
                              enum op_guess guess, uint32_t size, uint32_t *skip)
{
    (void)size;
    enum raw_result result =
        put_guessed(output, out, values, *op, guess, TEXT_XML_ATTRIBUTE, unguessed_attribute);
    if (result == RAW_NULL || result == RAW_EMPTY) {
        EVX_CHECK((*op)->back <= (size_t)(output->p - out->data));
        output->p -= (*op)->back;
        *skip = (*op)->skip;
    }
    return result != RAW_SLOW;
}

// XML has no such ops.
EVX_INLINE bool run_end_attributes(struct op_output *output, struct outbuf *out,
                                   const struct instance_view *values, const struct op *op,
                                   enum op_guess guess)
{
    (void)output, (void)out, (void)values, (void)op, (void)guess;
    return false;
}

EVX_INLINE bool run_end_separate(struct op_output *output, struct outbuf *out,
                                 const struct instance_view *values, const struct op *op,
                                 const struct node *tape)
{
    (void)output, (void)out, (void)values, (void)op, (void)tape;
    return false;
}

#ifdef EVX_PROGRAM_0_14
#define RUN_PROGRAM EVX_VARIANT(xml_run_program_0_14)
#else
#define RUN_PROGRAM EVX_VARIANT(xml_run_program)
#endif
#include "emit/program_loop.inc.h"
