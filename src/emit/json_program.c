// SPDX-License-Identifier: MIT
// The loop that runs JSON programs.
#include <string.h>

#include "decode/name.h"
#include "emit/json.h"
#include "emit/value_text.h"

enum op_result { OP_NEXT, OP_PUSHED, OP_BAIL, OP_FAULT };

EVX_INLINE void put_literal(struct outbuf *out, const uint8_t *literal, uint32_t size)
{
    uint8_t *p = outbuf_reserve(out, (size_t)size + 32);
    memcpy(p, literal, 32);
    if (EVX_UNLIKELY(size > 32))
        memcpy(p + 32, literal + 32, size - 32);
    out->length += size;
}

EVX_INLINE void put_scalar(struct renderer *renderer, struct value *value)
{
    if (FORM_IS_BARE(value->form)) {
        put_value_inline(renderer, value, TEXT_JSON);
        return;
    }
    outbuf_put(renderer->out, '"');
    put_value_inline(renderer, value, TEXT_JSON);
    outbuf_put(renderer->out, '"');
}

static bool bail(struct renderer *renderer, const struct frame *frame)
{
    struct element root = frame->root;
    program_bailed(frame->program);
    renderer->out->length = frame->out_start;
    renderer->frame_count--;
    renderer->used_direct = true;
    return json_start_value(renderer, &root, false);
}

static struct element element_at(const struct frame *frame, uint32_t index)
{
    struct element element = frame->root;
    element.index = index;
    element.is_root = index == 0;
    return element;
}

// What the start of a value left: a frame to run, or nothing.
static enum op_result started(struct renderer *renderer, uint32_t depth, bool fine)
{
    if (!fine)
        return OP_FAULT;
    return renderer->frame_count > depth ? OP_PUSHED : OP_NEXT;
}

static enum op_result leaf(struct renderer *renderer, const struct frame *frame,
                           const struct op *op, struct value *value, uint32_t *skip)
{
    struct element element;
    uint32_t depth = renderer->frame_count;
    switch (value->form) {
    case FORM_NULL:
        if (op->flags & OP_GUARDED) {
            renderer->out->length -= op->back;
            *skip = op->skip;
            return OP_NEXT;
        }
        EVX_FALLTHROUGH;
    case FORM_EMPTY:
        outbuf_text(renderer->out, op->flags & OP_DATA ? "\"\"" : "null");
        return OP_NEXT;
    case FORM_FRAGMENT:
        element = element_at(frame, op->node);
        return started(renderer, depth,
                       op->flags & OP_DATA ? json_start_data(renderer, &element)
                                           : json_start_value(renderer, &element, false));
    case FORM_ARRAY:
        if (!(op->flags & OP_DATA)) {
            if (op->node != 0) // copies of the element need names
                return OP_BAIL;
            json_put_value(renderer, value);
            return OP_NEXT;
        }
        if (!(op->flags & OP_LIST))
            outbuf_put(renderer->out, '[');
        json_put_list_items(renderer, value);
        if (!(op->flags & OP_LIST))
            outbuf_put(renderer->out, ']');
        return OP_NEXT;
    default:
        put_scalar(renderer, value);
        return OP_NEXT;
    }
}

// `skipped` bytes of the op's literal were left out: a comma that had nothing in front of it.
static enum op_result attribute(struct renderer *renderer, const struct op *op, struct value *value,
                                uint32_t skipped, uint32_t *skip)
{
    struct outbuf *out = renderer->out;
    if (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT)
        return OP_BAIL;
    if (value->form > FORM_EMPTY) {
        put_scalar(renderer, value);
        return OP_NEXT;
    }
    uint32_t written = op->literal_size - skipped;
    out->length -= op->back < written ? op->back : written;
    *skip = outbuf_last(out) == '{' ? op->skip : 0;
    return OP_NEXT;
}

static enum op_result end_attributes(struct renderer *renderer, const struct frame *frame,
                                     const struct op *op, struct value *value)
{
    struct outbuf *out = renderer->out;
    bool has_content = !(op->flags & OP_NO_CONTENT) && value->form > FORM_EMPTY;
    if (has_content && (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT))
        return OP_BAIL;
    if (outbuf_last(out) == '{') {
        out->length = frame->mark;
        if (has_content)
            put_scalar(renderer, value);
        else
            outbuf_text(out, "null");
        return OP_NEXT;
    }
    outbuf_text(out, has_content ? "},\"#text\":" : "}");
    if (has_content)
        put_scalar(renderer, value);
    outbuf_put(out, '}');
    return OP_NEXT;
}

// The members that come out of a value join an object whose other names are known to the compiler.
static bool push_splice(struct renderer *renderer, const struct op *op, struct value *value)
{
    const struct element parent = element_at(top_frame(renderer), op->node);
    const struct node *node = element_node(&parent);
    const struct fragment *fragment =
        decode_value(renderer->decoder, value, parent.instance->depth);
    if (!fragment)
        return false;
    uint64_t object = ++renderer->objects;
    for (uint32_t i = node->element.content; i < node->next; i = parent.tape[i].next) {
        const struct node *child = &parent.tape[i];
        if (child->kind != NODE_ELEMENT || is_dropped(parent.instance, child))
            continue;
        const struct name *name = child->element.name;
        if (!key_set_add(&renderer->keys, object, name->json, name->json_size, name->key_hash,
                         renderer->out))
            return fault_memory(&renderer->decoder->fault);
    }
    struct frame *frame = push_frame(renderer, FRAME_JSON_MEMBERS);
    if (!frame)
        return false;
    frame->object = object;
    splice_start(&frame->children, &parent, fragment);
    return true;
}

static enum op_result hole_child(struct renderer *renderer, const struct op *op, struct value *value)
{
    if (value->form <= FORM_EMPTY)
        return OP_NEXT;
    if (value->form != FORM_FRAGMENT) // text beside elements goes to the front
        return OP_BAIL;
    return push_splice(renderer, op, value) ? OP_PUSHED : OP_FAULT;
}

static enum op_result walk(struct renderer *renderer, const struct frame *frame,
                           const struct op *op)
{
    uint32_t depth = renderer->frame_count;
    const struct element parent = element_at(frame, 0);
    struct child_iterator children;
    struct child child;
    single_child_start(&children, &parent, op->node);
    enum child_kind kind = child_next(renderer, &children, &child);
    if (kind == CHILD_END)
        return OP_NEXT;
    if (kind == CHILD_FAULT)
        return OP_FAULT;
    if (child.element.repetitions > 1) // copies need names
        return OP_BAIL;
    const struct name *name = element_node(&child.element)->element.name;
    json_put_comma(renderer->out);
    outbuf_put(renderer->out, '"');
    outbuf_append(renderer->out, name->json, name->json_size);
    outbuf_text(renderer->out, "\":");
    return started(renderer, depth, json_start_value(renderer, &child.element, false));
}

static void end_object(struct outbuf *out)
{
    if (outbuf_last(out) != '{') {
        outbuf_put(out, '}');
        return;
    }
    out->length--;
    outbuf_text(out, "null");
}

bool json_run_program(struct renderer *renderer)
{
    struct frame *frame = top_frame(renderer);
    const struct program *program = frame->program;
    struct value absent = {.form = FORM_EMPTY}; // an index behind the values is no NULL
    struct value *values = frame->root.instance->values;
    uint32_t value_count = frame->root.instance->value_count;
    uint32_t skip = frame->skip;
    const struct op *op = program->ops + frame->op;
    for (;; op++) {
        uint32_t skipped = skip;
        put_literal(renderer->out, program->literals + op->literal + skip, op->literal_size - skip);
        skip = 0;
        struct value *value = EVX_LIKELY(op->slot < value_count) ? &values[op->slot] : &absent;
        enum op_result result = OP_NEXT;
        switch (op->kind) {
        case OP_LEAF:
            result = leaf(renderer, frame, op, value, &skip);
            break;
        case OP_ATTRIBUTE:
            result = attribute(renderer, op, value, skipped, &skip);
            break;
        case OP_GUARD:
            if (value->form == FORM_NULL) {
                skip = op->skip;
                op = program->ops + op->target - 1;
            }
            break;
        case OP_CHILD:
            result = hole_child(renderer, op, value);
            break;
        case OP_WALK:
            result = walk(renderer, frame, op);
            break;
        case OP_MARK:
            frame->mark = renderer->out->length;
            break;
        case OP_JSON_COMMA:
            json_put_comma(renderer->out);
            break;
        case OP_JSON_END_OBJECT:
            end_object(renderer->out);
            break;
        case OP_JSON_END_ATTRIBUTES:
            result = end_attributes(renderer, frame, op, value);
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
