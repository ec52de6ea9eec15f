// SPDX-License-Identifier: MIT
// The loop that runs JSON programs.
#include <string.h>

#include "base/check.h"
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
    EVX_CHECK(frame->out_start <= renderer->out->length);
    EVX_CHECK(frame->nodes_start <= renderer->tree.nodes);
    struct element root = frame->root;
    program_bailed(frame->program);
    renderer->out->length = frame->out_start;
    renderer->tree.nodes = frame->nodes_start; // what comes again is paid for again
    renderer->frame_count--;
    renderer->used_irregular = true;
    return renderer->format->separates_attributes ? json_start_first_member(renderer, &root, 0)
                                                  : json_start_value(renderer, &root);
}

static struct element element_at(const struct frame *frame, uint32_t index)
{
    struct element element = frame->root;
    element.index = index;
    element.is_root = index == 0;
    element.price = 0; // paid with the root
    return element;
}

// What the start of a value left: a frame to run, or nothing.
static enum op_result started(struct renderer *renderer, uint32_t depth, bool fine)
{
    if (!fine)
        return OP_FAULT;
    return renderer->frame_count > depth ? OP_PUSHED : OP_NEXT;
}

// Elements as the only content of one. One without attributes is an object of them.
static enum op_result leaf_of_elements(struct renderer *renderer, const struct frame *frame,
                                       const struct op *op)
{
    const uint32_t depth = renderer->frame_count;
    const struct element element = element_at(frame, op->node);
    if (op->flags & OP_DATA)
        return started(renderer, depth, json_start_data(renderer, &element));
    if (element_node(&element)->element.content != element.index + 1)
        return started(renderer, depth, json_start_value(renderer, &element));
    const struct fragment *fragment =
        instance_child(renderer->decoder, frame->root.instance, op->place / 4);
    if (!fragment)
        return OP_FAULT;
    return started(renderer, depth,
                   fragment->end > 0 ? json_start_object_of(renderer, &element, fragment)
                                     : json_start_value(renderer, &element));
}

static enum op_result leaf(struct renderer *renderer, const struct frame *frame,
                           const struct op *op, struct value *value)
{
    switch (value->form) {
    case FORM_NULL: // guarded ones have been dropped
    case FORM_EMPTY:
        outbuf_text(renderer->out, op->flags & OP_DATA ? "\"\"" : "null");
        return OP_NEXT;
    case FORM_FRAGMENT:
        return leaf_of_elements(renderer, frame, op);
    case FORM_ARRAY:
        if (!(op->flags & OP_DATA)) {
            if (op->node != 0) // copies of the element need names
                return OP_BAIL;
            json_put_value(renderer, value);
            return OP_NEXT;
        }
        if (json_data_has_attributes(frame->root.tape, op->node, true)) // for one value only
            return OP_BAIL;
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
    if (value->form <= FORM_ARRAY)
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

// The same where the attributes stand in a member of their own.
static enum op_result end_separate(struct renderer *renderer, const struct frame *frame,
                                   const struct op *op, struct value *value)
{
    struct outbuf *out = renderer->out;
    if (value->form <= FORM_ARRAY)
        return OP_BAIL;
    if (outbuf_last(out) != '{') {
        outbuf_text(out, "},");
        json_put_key_text(out, frame->root.tape[op->node].element.name);
    } else {
        out->length -= sizeof JSON_SEPARATE_OPEN - 1;
        outbuf_text(out, "\":");
    }
    put_scalar(renderer, value);
    return OP_NEXT;
}

// The members that come out of a value join an object whose other names are known to the compiler.
static bool push_splice(struct renderer *renderer, const struct element *parent,
                        const struct fragment *fragment)
{
    const struct node *node = element_node(parent);
    if (!instance_need_values(renderer->decoder, parent->instance))
        return false;
    uint64_t object = ++renderer->objects;
    if (!json_reserve_attributes(renderer, parent, object))
        return false;
    for (uint32_t i = node->element.content; i < node->next; i = parent->tape[i].next) {
        const struct node *child = &parent->tape[i];
        if (child->kind != NODE_ELEMENT || is_dropped(&renderer->tree, parent->instance, child))
            continue;
        const struct name *name = child->element.name;
        if (!key_set_add(&renderer->keys, object, name->json, name->json_size, renderer->out))
            return fault_memory(&renderer->decoder->fault);
    }
    struct frame *frame = push_frame(renderer, FRAME_JSON_MEMBERS);
    if (!frame)
        return false;
    frame->object = object;
    splice_start(&frame->children, parent, fragment);
    return true;
}

static const struct name *root_name(const struct node *root)
{
    return root->kind == NODE_INSTANCE ? root->instance->template->tape[0].element.name
                                       : root->element.name;
}

// Whether the object could have a member of this name already. Different units are different JSON.
// `flags` are those of names that are like what is made of others.
EVX_INLINE bool may_collide(const struct node *tape, uint32_t parent, const struct name *name,
                            unsigned flags)
{
    unsigned any = name->flags;
    for (uint32_t i = tape[parent].element.content; i < tape[parent].next; i = tape[i].next) {
        if (tape[i].kind != NODE_ELEMENT)
            continue;
        if (tape[i].element.name->hash == name->hash)
            return true;
        if (flags & NAME_IS_ATTRIBUTES)
            any |= tape[i].element.name->flags & NAME_IS_ATTRIBUTES;
    }
    return any & flags;
}

// Whether all names of a fragment's roots are certainly new to the object, and to one another.
static bool are_new_names(const struct node *tape, uint32_t parent, const struct fragment *fragment)
{
    enum { ROOTS_MAX = 8 };
    const struct name *names[ROOTS_MAX];
    unsigned count = 0;
    for (uint32_t i = 0; i < fragment->end; i = fragment->tape[i].next) {
        const struct name *name = root_name(&fragment->tape[i]);
        if (count == ROOTS_MAX ||
            may_collide(tape, parent, name, NAME_IS_NUMBERED | NAME_IS_ATTRIBUTES))
            return false;
        for (unsigned k = 0; k < count; k++)
            if (names[k]->hash == name->hash)
                return false;
        names[count++] = name;
    }
    return true;
}

// With separate attributes an element takes two names: what may collide is left to the walker.
static enum op_result splice_separate(struct renderer *renderer, const struct frame *frame,
                                      const struct op *op, const struct fragment *fragment)
{
    if (!are_new_names(frame->root.tape, op->node, fragment))
        return OP_BAIL;
    const struct element parent = element_at(frame, op->node);
    struct frame *members = push_frame(renderer, FRAME_JSON_MEMBERS);
    if (!members)
        return OP_FAULT;
    splice_start(&members->children, &parent, fragment);
    return OP_PUSHED;
}

static enum op_result splice(struct renderer *renderer, const struct frame *frame,
                             const struct op *op, const struct fragment *fragment)
{
    if (!fragment)
        return OP_FAULT;
    uint32_t depth = renderer->frame_count;
    const bool separate = renderer->format->separates_attributes;
    // The usual case: one instance whose name is new to the object.
    if (EVX_LIKELY(fragment->end == 1 && fragment->tape[0].kind == NODE_INSTANCE)) {
        const struct node *node = &fragment->tape[0];
        const struct name *name = node->instance->template->tape[0].element.name;
        if (separate && are_new_names(frame->root.tape, op->node, fragment))
            return started(renderer, depth, json_start_new_member(renderer, node));
        if (!separate && !may_collide(frame->root.tape, op->node, name, NAME_IS_NUMBERED)) {
            json_put_key(renderer->out, name);
            uint32_t price = node->instance->template->node_count;
            return started(renderer, depth, json_start_instance(renderer, node, price));
        }
    }
    if (separate)
        return splice_separate(renderer, frame, op, fragment);
    const struct element parent = element_at(frame, op->node);
    return push_splice(renderer, &parent, fragment) ? OP_PUSHED : OP_FAULT;
}

static enum op_result hole_child(struct renderer *renderer, const struct frame *frame,
                                 const struct op *op, struct value *value)
{
    if (value->form <= FORM_EMPTY)
        return OP_NEXT;
    if (value->form != FORM_FRAGMENT) // text beside elements goes to the front
        return OP_BAIL;
    return splice(renderer, frame, op,
                  instance_child(renderer->decoder, frame->root.instance, op->place / 4));
}

static enum op_result walk(struct renderer *renderer, const struct frame *frame,
                           const struct op *op)
{
    uint32_t depth = renderer->frame_count;
    const struct element parent = element_at(frame, 0);
    struct child_iterator children;
    struct child child;
    EVX_CHECK(op->node < frame->root.instance->template->node_count);
    single_child_start(&children, &parent, op->node);
    enum child_kind kind = child_next(&renderer->tree, &children, &child);
    if (kind == CHILD_END)
        return OP_NEXT;
    if (kind == CHILD_FAULT)
        return OP_FAULT;
    if (child.element.repetitions > 1) // copies need names
        return OP_BAIL;
    return started(renderer, depth, json_start_member(renderer, &child.element, 0));
}

static void end_object(struct outbuf *out)
{
    EVX_CHECK(out->length > out->record_start);
    if (outbuf_last(out) != '{') {
        outbuf_put(out, '}');
        return;
    }
    out->length--;
    outbuf_text(out, "null");
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
        // An empty value of a rare type would be dropped: left to the walker.
        if (value->form <= FORM_ARRAY)
            return OP_BAIL;
        put_scalar(renderer, value);
        return OP_NEXT;
    case OP_JSON_END_ATTRIBUTES:
        return end_attributes(renderer, value);
    case OP_JSON_END_SEPARATE:
        return end_separate(renderer, frame, op, value);
    default:
        return hole_child(renderer, frame, op, value);
    }
}

// Rare values and ops, on the output itself.
static enum op_result run_slowly(struct renderer *renderer, const struct frame *frame,
                                 const struct op *op, const struct instance_view *values)
{
    struct value_view value;
    switch (op->kind) {
    case OP_CHILD:
        value = op_value(values, op);
        if (view_is_null(value))
            return OP_NEXT;
        if (value.type == TYPE_FRAGMENT)
            return splice(renderer, frame, op,
                          instance_child(renderer->decoder, frame->root.instance, op->place / 4));
        break;
    case OP_WALK:
        return walk(renderer, frame, op);
    case OP_JSON_COMMA:
        json_put_comma(renderer->out);
        return OP_NEXT;
    case OP_JSON_END_OBJECT:
        end_object(renderer->out);
        return OP_NEXT;
    default:
        break;
    }
    return run_value_slowly(renderer, frame, op);
}

EVX_INLINE uint8_t *put_bytes(uint8_t *p, const char *bytes, size_t size)
{
    memcpy(p, bytes, size);
    return p + size;
}

static EVX_NOINLINE enum raw_result unguessed(struct op_output *output, struct outbuf *out,
                                              struct value_view value)
{
    return put_unguessed(output, out, value, TEXT_JSON);
}

// The usual ops. Each returns false, and has written nothing, when run_slowly has to.

EVX_INLINE bool run_leaf(struct op_output *output, struct outbuf *out,
                         const struct instance_view *values, const struct op *op,
                         enum op_guess guess, uint32_t *skip)
{
    enum raw_result result = put_guessed(output, out, values, op, guess, TEXT_JSON, unguessed);
    if (EVX_LIKELY(result == RAW_PUT))
        return true;
    if (result == RAW_SLOW)
        return false;
    if (result == RAW_NULL && op->flags & OP_GUARDED) {
        EVX_CHECK(op->back <= (size_t)(output->p - out->data));
        output->p -= op->back;
        *skip = op->skip;
        return true;
    }
    output->p =
        op->flags & OP_DATA ? put_bytes(output->p, "\"\"", 2) : put_bytes(output->p, "null", 4);
    return true;
}

// An attribute without a value takes back its name; and if it was to be the first of its object,
// the next one leaves out its comma. `size` bytes of the op's literal have been written.
EVX_INLINE bool run_attribute(struct op_output *output, struct outbuf *out,
                              const struct instance_view *values, const struct op **op,
                              enum op_guess guess, uint32_t size, uint32_t *skip)
{
    enum raw_result result = put_guessed(output, out, values, *op, guess, TEXT_JSON, unguessed);
    if (EVX_LIKELY(result == RAW_PUT)) {
        if ((*op)->flags & OP_CLOSES) {
            output->p = put_bytes(output->p, "}}", 2) - !!((*op)->flags & OP_SEPARATE);
            ++*op;
        }
        return true;
    }
    if (result == RAW_SLOW)
        return false;
    output->p -= (*op)->back < size ? (*op)->back : size;
    *skip = output->p[-1] == '{' ? (*op)->skip : 0;
    return true;
}

EVX_INLINE bool run_end_attributes(struct op_output *output, struct outbuf *out,
                                   const struct instance_view *values, const struct op *op,
                                   enum op_guess guess)
{
    static const char text_open[] = "},\"#text\":";
    bool has_attributes = output->p[-1] != '{';
    enum raw_result result = RAW_NULL;
    size_t before = (size_t)(output->p - out->data);
    if (!has_attributes)
        output->p -= sizeof JSON_ATTRIBUTES_OPEN - 1;
    if (!(op->flags & OP_NO_CONTENT)) {
        if (has_attributes)
            output->p = put_bytes(output->p, text_open, sizeof text_open - 1);
        result = put_guessed(output, out, values, op, guess, TEXT_JSON, unguessed);
        if (has_attributes && result != RAW_PUT)
            output->p -= sizeof text_open - 1;
    }
    if (result == RAW_SLOW) {
        output->p = out->data + before;
        return false;
    }
    if (has_attributes)
        output->p =
            result == RAW_PUT ? put_bytes(output->p, "}", 1) : put_bytes(output->p, "}}", 2);
    else if (result != RAW_PUT)
        output->p = put_bytes(output->p, "null", 4);
    return true;
}

// Behind the attributes' own member comes that of the element, if its content shows; where no
// attribute does, what was begun for them is turned into it.
EVX_INLINE bool run_end_separate(struct op_output *output, struct outbuf *out,
                                 const struct instance_view *values, const struct op *op,
                                 const struct node *tape)
{
    const size_t before = (size_t)(output->p - out->data);
    const bool has_attributes = output->p[-1] != '{';
    const bool has_content = !(op->flags & OP_NO_CONTENT);
    if (has_attributes) {
        *output->p++ = '}';
        if (!has_content)
            return true;
        output->p = put_bytes(output->p, ",\"", 2);
        output->p = json_copy_name(output->p, tape[op->node].element.name);
    } else {
        output->p -= sizeof JSON_SEPARATE_OPEN - 1;
    }
    output->p = put_bytes(output->p, "\":", 2);
    const struct value_view value = has_content ? op_value(values, op) : (struct value_view){0};
    struct op_output copy = *output;
    enum raw_result result = unguessed(&copy, out, value);
    output->p = copy.p;
    if (result == RAW_SLOW)
        output->p = out->data + before;
    else if (result != RAW_PUT)
        output->p = has_attributes ? out->data + before + 1 : put_bytes(output->p, "null", 4);
    return result != RAW_SLOW;
}

#ifdef EVX_PROGRAM_0_14
#define RUN_PROGRAM EVX_VARIANT(json_run_program_0_14)
#else
#define RUN_PROGRAM EVX_VARIANT(json_run_program)
#endif
#include "emit/program_loop.inc.h"
