// SPDX-License-Identifier: MIT
// The loop that runs JSON programs.
#include <string.h>

#include "decode/name.h"
#include "emit/json.h"
#include "emit/op_loop.h"
#include "emit/value_text.h"

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
                           const struct op *op, struct value *value)
{
    struct element element;
    uint32_t depth = renderer->frame_count;
    switch (value->form) {
    case FORM_NULL: // guarded ones have been dropped
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

// Content that shows, behind the attributes.
static enum op_result end_attributes(struct renderer *renderer, struct value *value)
{
    struct outbuf *out = renderer->out;
    if (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT)
        return OP_BAIL;
    bool has_attributes = outbuf_last(out) != '{';
    if (has_attributes)
        outbuf_text(out, "},\"#text\":");
    else
        out->length -= sizeof JSON_ATTRIBUTES_OPEN - 1;
    put_scalar(renderer, value);
    if (has_attributes)
        outbuf_put(out, '}');
    return OP_NEXT;
}

// The members that come out of a value join an object whose other names are known to the compiler.
static bool push_splice(struct renderer *renderer, const struct element *parent,
                        const struct fragment *fragment)
{
    const struct node *node = element_node(parent);
    uint64_t object = ++renderer->objects;
    for (uint32_t i = node->element.content; i < node->next; i = parent->tape[i].next) {
        const struct node *child = &parent->tape[i];
        if (child->kind != NODE_ELEMENT || is_dropped(parent->instance, child))
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
    splice_start(&frame->children, parent, fragment);
    return true;
}

// Whether the object could have a member of this name already.
static bool may_collide(const struct element *parent, const struct name *name)
{
    const struct node *node = element_node(parent);
    for (uint32_t i = node->element.content; i < node->next; i = parent->tape[i].next)
        if (parent->tape[i].kind == NODE_ELEMENT &&
            parent->tape[i].element.name->key_hash == name->key_hash)
            return true;
    return name->flags & NAME_IS_NUMBERED;
}

static enum op_result hole_child(struct renderer *renderer, const struct op *op, struct value *value)
{
    if (value->form <= FORM_EMPTY)
        return OP_NEXT;
    if (value->form != FORM_FRAGMENT) // text beside elements goes to the front
        return OP_BAIL;
    uint32_t depth = renderer->frame_count;
    const struct element parent = element_at(top_frame(renderer), op->node);
    const struct fragment *fragment =
        decode_value(renderer->decoder, value, parent.instance->depth);
    if (!fragment)
        return OP_FAULT;
    if (fragment->end != 1 || fragment->tape[0].kind != NODE_INSTANCE)
        return push_splice(renderer, &parent, fragment) ? OP_PUSHED : OP_FAULT;
    // The usual case: one instance whose name is new to the object.
    const struct element element = element_of_node(fragment->tape, 0, 0);
    const struct name *name = element_node(&element)->element.name;
    if (may_collide(&parent, name))
        return push_splice(renderer, &parent, fragment) ? OP_PUSHED : OP_FAULT;
    json_put_key(renderer->out, name);
    return started(renderer, depth, json_start_value(renderer, &element, true));
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
    json_put_key(renderer->out, element_node(&child.element)->element.name);
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

// Rare values and ops, on the output itself.
static enum op_result run_slowly(struct renderer *renderer, const struct frame *frame,
                                 const struct op *op, struct value *value)
{
    switch (op->kind) {
    case OP_LEAF:
        return leaf(renderer, frame, op, value);
    case OP_ATTRIBUTE:
        if (value->form == FORM_ARRAY || value->form == FORM_FRAGMENT)
            return OP_BAIL;
        put_scalar(renderer, value);
        return OP_NEXT;
    case OP_JSON_END_ATTRIBUTES:
        return end_attributes(renderer, value);
    case OP_CHILD:
        return hole_child(renderer, op, value);
    case OP_WALK:
        return walk(renderer, frame, op);
    case OP_JSON_COMMA:
        json_put_comma(renderer->out);
        return OP_NEXT;
    case OP_JSON_END_OBJECT:
        end_object(renderer->out);
        return OP_NEXT;
    default:
        return OP_NEXT;
    }
}

// The scalar of a usual value, quoted unless it is bare; false: it is not usual.
EVX_INLINE bool put_usual_scalar(struct op_output *output, struct outbuf *out,
                                 const struct value *value)
{
    if (EVX_LIKELY(value->form == FORM_STRING)) {
        size_t count = value->size / 2;
        if (EVX_UNLIKELY(count > OP_SHORT_UNITS) &&
            !op_output_room(output, out, TEXT_EXPANSION_MAX * count + OP_ROOM_BYTES))
            return false;
        *output->p++ = '"';
        output->p = utf16_put_json(output->p, value->data, count);
        *output->p++ = '"';
        return true;
    }
    size_t quote = !FORM_IS_BARE(value->form);
    *output->p = '"';
    uint8_t *end = put_short_value(output->p + quote, value);
    if (!end)
        return false;
    *end = '"';
    output->p = end + quote;
    return true;
}

EVX_INLINE uint8_t *put_bytes(uint8_t *p, const char *bytes, size_t size)
{
    memcpy(p, bytes, size);
    return p + size;
}

// An attribute without a value takes back its name; and if it was to be the first of its object, the next
// one leaves out its comma. `size` bytes of the op's literal have been written.
EVX_INLINE uint8_t *drop_attribute(uint8_t *p, const struct op *op, uint32_t size, uint32_t *skip)
{
    p -= op->back < size ? op->back : size;
    *skip = p[-1] == '{' ? op->skip : 0;
    return p;
}

// Behind the attributes. False, and nothing is written, when content follows that is no usual scalar.
EVX_INLINE bool put_end_of_attributes(struct op_output *output, struct outbuf *out,
                                      const struct op *op, const struct value *value)
{
    bool has_content = !(op->flags & OP_NO_CONTENT) && value->form > FORM_EMPTY;
    bool has_attributes = output->p[-1] != '{';
    size_t before = (size_t)(output->p - out->data);
    if (!has_attributes)
        output->p -= sizeof JSON_ATTRIBUTES_OPEN - 1;
    if (!has_content) {
        output->p = has_attributes ? put_bytes(output->p, "}}", 2)
                                   : put_bytes(output->p, "null", 4);
        return true;
    }
    if (has_attributes)
        output->p = put_bytes(output->p, "},\"#text\":", 10);
    if (!put_usual_scalar(output, out, value)) {
        output->p = out->data + before;
        return false;
    }
    if (has_attributes)
        *output->p++ = '}';
    return true;
}

// Ops on usual values; false: run_slowly has to.
EVX_INLINE bool run_usual(struct op_output *output, struct outbuf *out, const struct op *op,
                          const struct value *value, uint32_t size, uint32_t *skip)
{
    switch (op->kind) {
    case OP_LEAF:
        if (value->form == FORM_NULL && op->flags & OP_GUARDED) {
            output->p -= op->back;
            *skip = op->skip;
            return true;
        }
        return put_usual_scalar(output, out, value);
    case OP_ATTRIBUTE:
        if (value->form <= FORM_EMPTY) {
            output->p = drop_attribute(output->p, op, size, skip);
            return true;
        }
        return put_usual_scalar(output, out, value);
    case OP_JSON_END_ATTRIBUTES:
        return put_end_of_attributes(output, out, op, value);
    default:
        return false;
    }
}

bool json_run_program(struct renderer *renderer)
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
        if (EVX_LIKELY(run_usual(&output, out, op, value, size, &skip)))
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
