// SPDX-License-Identifier: MIT
// JSON programs.
#include "base/ablate.h"
#include "base/check.h"
#include "base/limits.h"
#include "decode/name.h"
#include "emit/compiler.h"
#include "emit/json.h"
#include "emit/op_loop.h"

// An object whose members are being compiled.
struct open_object {
    uint32_t node;
    uint32_t guard; // the GUARD op of its element, or NO_GUARD
    bool sure;      // a member has certainly been written
    bool any;       // a member may have been written
    enum data_mode mode;
    uint32_t data_count; // Data children left of a positional list
    bool in_list;
};

enum { SEPARATE_KEY_BYTES_MAX = 48 }; // written at run time, beside a short string

_Static_assert(OP_ROOM_BYTES >= TEXT_EXPANSION_MAX * OP_SHORT_UNITS + TEXT_SLACK_BYTES +
                                    SEPARATE_KEY_BYTES_MAX + 8,
               "a key and a short string fit without asking");

struct json_compiler {
    struct compiler *base;
    const struct node *tape;
    bool separate;       // attributes stand in a member of their own
    bool is_record_root; // the template's root is that of records
    uint32_t open_count;
    struct open_object open[OPEN_ELEMENTS_MAX];
};

enum shape { SHAPE_STATIC, SHAPE_LEAF, SHAPE_ATTRIBUTES, SHAPE_OBJECT, SHAPE_WALK };

// Whether an element has anything inside that depends on values (its own dependency apart).
static bool has_dynamic_inside(const struct node *tape, uint32_t index)
{
    const struct node *node = &tape[index];
    if (node->flags & NODE_HAS_HOLES)
        return true;
    for (uint32_t i = node->element.content; i < node->next; i = tape[i].next)
        if (tape[i].kind == NODE_ELEMENT && tape[i].flags & NODE_DYNAMIC)
            return true;
    return false;
}

// The one literal Name attribute of a Data element; false: it has none, or one that is not plain.
static bool has_literal_name(const struct node *tape, uint32_t index)
{
    uint32_t names = 0;
    bool plain = true;
    for (uint32_t i = index + 1; i < tape[index].element.content; i = tape[i].next) {
        if (!(tape[i].name->flags & NAME_IS_NAME))
            continue;
        names++;
        plain &=
            tape[i].next == i + 2 && tape[i + 1].kind == NODE_TEXT && tape[i + 1].text.count > 0;
    }
    return names == 1 && plain;
}

// A Data element whose value is a leaf or literal.
static bool is_plain_data(const struct node *tape, uint32_t index)
{
    const struct node *node = &tape[index];
    return !has_hole_attributes(tape, index) &&
           (sole_hole(tape, node->element.content, node->next) ||
            has_only_literals(tape, node->element.content, node->next));
}

// How the Data children of a container compile; false when they do not.
static bool find_data_mode(const struct json_compiler *json, uint32_t index,
                           enum data_mode *ret_mode, uint32_t *ret_count)
{
    const struct node *tape = json->tape;
    const struct node *node = &tape[index];
    uint32_t count = 0, named = 0, certain = 0, last = 0;
    *ret_mode = DATA_ORDINARY;
    *ret_count = 0;
    if (!(node->element.name->flags & NAME_IS_CONTAINER) ||
        (json->separate && json->is_record_root && index == 0)) // see is_container()
        return true;
    for (uint32_t i = node->element.content; i < node->next; i = tape[i].next) {
        if (tape[i].kind == NODE_HOLE)
            return false; // it may bring Data elements
        if (!(tape[i].element.name->flags & NAME_IS_DATA))
            continue;
        if (!is_plain_data(tape, i) || (count > 0 && last != i && !has_literal_name(tape, i)))
            return false;
        last = tape[i].next;
        count++;
        certain += compiler_dependency(json->base, &tape[i]) == NO_DEPENDENCY;
        if (has_literal_name(tape, i))
            named++;
        else if (json_data_has_attributes(tape, i, false))
            return false;
    }
    if (count == 0)
        return true;
    *ret_count = count;
    *ret_mode = named ? DATA_NAMED : DATA_POSITIONAL;
    if (named) // without a certain name, what is left could be positional
        return named == count && certain > 0;
    return count == 1 || certain == count;
}

static bool unique_in_object(struct json_compiler *json, uint64_t object, size_t start)
{
    size_t end = json->base->literals->length;
    bool fine =
        key_set_make_unique(&json->base->renderer->keys, object, start, json->base->literals);
    return fine && json->base->literals->length == end;
}

// Whether all members get their names as they stand: none twice, none that a number could produce.
static bool has_distinct_names(struct json_compiler *json, uint32_t index, enum data_mode mode)
{
    const struct node *tape = json->tape;
    struct outbuf *out = json->base->literals;
    uint64_t object = ++json->base->renderer->objects;
    size_t scratch = out->length;
    bool fine = true, list_done = false;
    for (uint32_t i = tape[index].element.content; i < tape[index].next && fine; i = tape[i].next) {
        if (tape[i].kind != NODE_ELEMENT)
            continue;
        const struct name *name = tape[i].element.name;
        bool is_data = mode != DATA_ORDINARY && name->flags & NAME_IS_DATA;
        if (is_data && mode == DATA_POSITIONAL && list_done)
            continue;
        size_t start = out->length;
        bool attributes = json->separate && !is_data && tape[i].element.content > i + 1;
        if (is_data && mode == DATA_NAMED) {
            const struct element element = compiler_element(json->base, i);
            bool present;
            fine = json_put_data_name(json->base->renderer, &element, &present) && present &&
                   unique_in_object(json, object, start);
            attributes = json_data_has_attributes(tape, i, true);
        } else {
            list_done |= is_data;
            outbuf_append(out, name->json, name->json_size);
            fine = !(name->flags & NAME_IS_NUMBERED) && unique_in_object(json, object, start);
        }
        if (fine && attributes) {
            outbuf_text(out, "_attributes");
            fine = unique_in_object(json, object, start);
        }
    }
    out->length = scratch;
    return fine;
}

// Element children, and at most one hole behind them.
static bool has_member_children(const struct node *tape, uint32_t index)
{
    const struct node *node = &tape[index];
    bool elements = false;
    for (uint32_t i = node->element.content; i < node->next; i = tape[i].next) {
        if (tape[i].kind == NODE_ELEMENT)
            elements = true;
        else if (tape[i].kind != NODE_HOLE || tape[i].next != node->next)
            return false;
    }
    return elements;
}

static bool has_certain_child(const struct json_compiler *json, uint32_t index)
{
    const struct node *tape = json->tape;
    for (uint32_t i = tape[index].element.content; i < tape[index].next; i = tape[i].next)
        if (tape[i].kind == NODE_ELEMENT &&
            compiler_dependency(json->base, &tape[i]) == NO_DEPENDENCY)
            return true;
    return false;
}

// Whether an element whose attributes stand in a member of their own certainly has one of its own,
// too, or tells at the end of its attributes.
static bool separate_compiles(const struct json_compiler *json, uint32_t index, enum shape shape)
{
    bool is_root = json->is_record_root && index == 0;
    if (is_root && shape == SHAPE_STATIC) // the walker does not know whose root it is
        return false;
    if (json->tape[index].element.content == index + 1)
        return true;
    if (shape == SHAPE_OBJECT)
        return is_root || has_certain_child(json, index);
    return !is_root && (shape == SHAPE_STATIC ||
                        json->tape[index].element.name->json_size <= SEPARATE_KEY_BYTES_MAX);
}

EVX_INLINE enum shape free_shape(struct json_compiler *json, uint32_t index)
{
    const struct node *tape = json->tape;
    const struct node *node = &tape[index];
    if (!has_dynamic_inside(tape, index))
        return SHAPE_STATIC;
    bool attributes = node->element.content > index + 1;
    bool leaf = sole_hole(tape, node->element.content, node->next);
    if (leaf && !attributes)
        return SHAPE_LEAF;
    if (attributes_compile(tape, index) && (leaf || node->element.content == node->next))
        return SHAPE_ATTRIBUTES;
    enum data_mode mode;
    uint32_t count;
    if (has_hole_attributes(tape, index) || !attributes_compile(tape, index) ||
        !has_member_children(tape, index) || !find_data_mode(json, index, &mode, &count) ||
        !has_distinct_names(json, index, mode))
        return SHAPE_WALK;
    return SHAPE_OBJECT;
}

static enum shape element_shape(struct json_compiler *json, uint32_t index)
{
    enum shape shape = free_shape(json, index);
    return !json->separate || separate_compiles(json, index, shape) ? shape : SHAPE_WALK;
}

static void put_name(struct json_compiler *json, const struct name *name)
{
    outbuf_put(json->base->literals, '"');
    outbuf_append(json->base->literals, name->json, name->json_size);
    outbuf_text(json->base->literals, "\":");
}

// What the walker writes of an element that has nothing dynamic inside.
static void put_static(struct json_compiler *json, uint32_t index,
                       bool (*start)(struct renderer *, const struct element *))
{
    struct renderer *renderer = json->base->renderer;
    const struct element element = compiler_element(json->base, index);
    uint32_t base = renderer->frame_count;
    if (!start(renderer, &element) || !json_run(renderer, base))
        json->base->failed = true;
    renderer->frame_count = base;
}

static bool start_static_member(struct renderer *renderer, const struct element *element)
{
    return json_start_first_member(renderer, element, 0);
}

static struct op *put_leaf(struct json_compiler *json, uint32_t index)
{
    const struct node *node = &json->tape[index];
    struct op *op = compiler_add_value(json->base, OP_LEAF, node->element.content);
    op->node = index;
    json->base->has_ops = true;
    return op;
}

static void open_separate_attributes(struct json_compiler *json, uint32_t index)
{
    const struct name *name = json->tape[index].element.name;
    outbuf_put(json->base->literals, '"');
    outbuf_append(json->base->literals, name->json, name->json_size);
    outbuf_text(json->base->literals, JSON_SEPARATE_OPEN);
}

// `{"#attributes":{...},"#text":value}` with whatever of it is there, or the two members.
static void put_attributes_value(struct json_compiler *json, uint32_t index)
{
    const struct node *tape = json->tape;
    const struct node *node = &tape[index];
    struct outbuf *out = json->base->literals;
    const struct element element = compiler_element(json->base, index);
    uint64_t object = ++json->base->renderer->objects;
    struct op *last = NULL, *end;
    const enum op_kind kind = json->separate ? OP_JSON_END_SEPARATE : OP_JSON_END_ATTRIBUTES;
    if (json->separate)
        open_separate_attributes(json, index);
    else
        outbuf_text(out, JSON_ATTRIBUTES_OPEN);
    for (uint32_t i = index + 1; i < node->element.content; i = tape[i].next) {
        uint32_t hole = sole_hole(tape, i + 1, tape[i].next);
        if (!hole) {
            if (!json_put_attribute(json->base->renderer, &element, i, object))
                json->base->failed = true;
            continue;
        }
        size_t start = out->length;
        json_put_comma(out);
        outbuf_put(out, '"');
        outbuf_append(out, tape[i].name->json, tape[i].name->json_size);
        outbuf_text(out, "\":");
        uint32_t back = (uint32_t)outbuf_since(out, start);
        last = compiler_add_value(json->base, OP_ATTRIBUTE, hole);
        last->back = back;
        last->skip = 1; // the comma of what follows
    }
    bool has_content = node->element.content < node->next;
    bool ends_with_op = out->length == json->base->literal_start;
    if (last && ends_with_op) {
        last->skip = 0;
        if (!has_content && !EVX_ABLATE_CLOSED_ATTRIBUTES)
            last->flags = (uint8_t)(OP_CLOSES | (json->separate ? OP_SEPARATE : 0));
    }
    if (has_content) {
        end = compiler_add_value(json->base, kind, node->element.content);
    } else {
        end = compiler_add_op(json->base, kind);
        end->flags = OP_NO_CONTENT;
    }
    if (json->separate) { // rare: it takes any type
        end->dispatch = OP_DISPATCH(kind, GUESS_NONE);
        end->node = index;
    }
    json->base->has_ops = true;
}

static bool put_literal_attributes(struct json_compiler *json, uint32_t index)
{
    const struct element element = compiler_element(json->base, index);
    uint64_t object = ++json->base->renderer->objects;
    for (uint32_t i = index + 1; i < json->tape[index].element.content; i = json->tape[i].next)
        if (!json_put_attribute(json->base->renderer, &element, i, object))
            return false;
    return true;
}

// The member for the attributes, if any shows.
static bool put_separate_attributes(struct json_compiler *json, uint32_t index)
{
    struct outbuf *out = json->base->literals;
    size_t start = out->length;
    open_separate_attributes(json, index);
    size_t empty = out->length;
    if (!put_literal_attributes(json, index))
        return false;
    if (out->length > empty)
        outbuf_text(out, "},");
    else
        out->length = start;
    return true;
}

static bool open_object(struct json_compiler *json, uint32_t index, uint32_t guard)
{
    struct outbuf *out = json->base->literals;
    struct open_object open = {.node = index, .guard = guard};
    if (!find_data_mode(json, index, &open.mode, &open.data_count))
        return false;
    size_t start = out->length;
    outbuf_text(out, JSON_ATTRIBUTES_OPEN);
    size_t empty = out->length;
    if (!json->separate && !put_literal_attributes(json, index))
        return false;
    open.sure = open.any = out->length > empty;
    if (open.sure) {
        outbuf_put(out, '}');
    } else {
        out->length = start;
        outbuf_put(out, '{');
    }
    EVX_CHECK(json->open_count < OPEN_ELEMENTS_MAX);
    json->open[json->open_count++] = open;
    return true;
}

// The value of an element whose key has been written. Objects are opened and finished later.
static void compile_value(struct json_compiler *json, uint32_t index, enum shape shape,
                          uint32_t guard)
{
    switch (shape) {
    case SHAPE_LEAF:
        put_leaf(json, index);
        break;
    case SHAPE_ATTRIBUTES:
        put_attributes_value(json, index);
        break;
    case SHAPE_OBJECT:
        if (!open_object(json, index, guard))
            json->base->failed = true;
        return;
    default:
        put_static(json, index, json_start_value);
        break;
    }
    compiler_end_guard(json->base, guard);
}

// The whole member of an element, behind the comma.
static void compile_named(struct json_compiler *json, uint32_t index, enum shape shape,
                          uint32_t guard)
{
    if (shape == SHAPE_STATIC) {
        put_static(json, index, start_static_member);
        compiler_end_guard(json->base, guard);
        return;
    }
    if (json->separate && shape == SHAPE_OBJECT && !put_separate_attributes(json, index))
        json->base->failed = true;
    if (!json->separate || shape != SHAPE_ATTRIBUTES)
        put_name(json, json->tape[index].element.name);
    compile_value(json, index, shape, guard);
}

static void put_comma(struct json_compiler *json, const struct open_object *open)
{
    if (open->sure)
        outbuf_put(json->base->literals, ',');
    else if (open->any)
        compiler_add_op(json->base, OP_JSON_COMMA);
}

static void wrote_member(struct json_compiler *json, struct open_object *open, uint32_t index)
{
    open->any = true;
    open->sure |= compiler_dependency(json->base, &json->tape[index]) == NO_DEPENDENCY;
}

// A leaf that depends on its own value is taken back by one op when the comma is certain, too.
static bool is_fused(const struct json_compiler *json, const struct open_object *open,
                     uint32_t index)
{
    const struct node *node = &json->tape[index];
    return compiler_dependency(json->base, node) != NO_DEPENDENCY && (open->sure || !open->any) &&
           node->element.content == index + 1 &&
           sole_hole(json->tape, node->element.content, node->next) &&
           json->tape[node->element.content].slot == node->slot;
}

static void compile_fused(struct json_compiler *json, struct open_object *open, uint32_t index)
{
    size_t start = json->base->literals->length;
    put_comma(json, open);
    put_name(json, json->tape[index].element.name);
    uint32_t back = (uint32_t)outbuf_since(json->base->literals, start);
    struct op *op = put_leaf(json, index);
    op->back = back;
    op->flags = OP_GUARDED;
    wrote_member(json, open, index);
}

static void compile_member(struct json_compiler *json, struct open_object *open, uint32_t index)
{
    enum shape shape = element_shape(json, index);
    if (shape == SHAPE_WALK) {
        compiler_add_op(json->base, OP_WALK)->node = index;
        wrote_member(json, open, index);
        return;
    }
    if (shape == SHAPE_LEAF && is_fused(json, open, index)) {
        compile_fused(json, open, index);
        return;
    }
    uint32_t guard = compiler_add_guard(json->base, &json->tape[index]);
    put_comma(json, open);
    wrote_member(json, open, index);
    compile_named(json, index, shape, guard);
}

static void put_data_value(struct json_compiler *json, uint32_t index, uint8_t flags)
{
    const struct node *node = &json->tape[index];
    if (sole_hole(json->tape, node->element.content, node->next))
        put_leaf(json, index)->flags = OP_DATA | flags;
    else
        put_static(json, index, json_start_data);
}

static void compile_named_data(struct json_compiler *json, struct open_object *open, uint32_t index)
{
    const struct element element = compiler_element(json->base, index);
    uint32_t guard = compiler_add_guard(json->base, &json->tape[index]);
    put_comma(json, open);
    if (!json_put_data_key(json->base->renderer, &element))
        json->base->failed = true;
    put_data_value(json, index, 0);
    compiler_end_guard(json->base, guard);
    wrote_member(json, open, index);
}

static void compile_positional_data(struct json_compiler *json, struct open_object *open,
                                    uint32_t index)
{
    struct outbuf *out = json->base->literals;
    uint32_t guard = NO_GUARD;
    bool is_list = open->in_list || open->data_count > 1;
    if (open->in_list) {
        outbuf_put(out, ',');
    } else {
        guard = compiler_add_guard(json->base, &json->tape[index]);
        put_comma(json, open);
        outbuf_text(out, is_list ? "\"Data\":{\"#text\":[" : "\"Data\":{\"#text\":");
    }
    open->in_list = --open->data_count > 0;
    put_data_value(json, index, is_list ? OP_LIST : 0);
    if (!open->in_list)
        outbuf_text(out, is_list ? "]}" : "}");
    compiler_end_guard(json->base, guard);
    wrote_member(json, open, index);
}

static void compile_child(struct json_compiler *json, uint32_t index)
{
    EVX_CHECK(json->open_count > 0);
    struct open_object *open = &json->open[json->open_count - 1];
    const struct node *node = &json->tape[index];
    if (node->kind == NODE_HOLE) {
        compiler_add_child(json->base, index, open->node);
        json->base->has_ops = open->any = true;
        return;
    }
    bool is_data = node->element.name->flags & NAME_IS_DATA;
    if (is_data && open->mode == DATA_NAMED)
        compile_named_data(json, open, index);
    else if (is_data && open->mode == DATA_POSITIONAL)
        compile_positional_data(json, open, index);
    else
        compile_member(json, open, index);
}

static void close_object(struct json_compiler *json)
{
    EVX_CHECK(json->open_count > 0);
    struct open_object open = json->open[--json->open_count];
    if (open.sure)
        outbuf_put(json->base->literals, '}');
    else
        compiler_add_op(json->base, OP_JSON_END_OBJECT);
    compiler_end_guard(json->base, open.guard);
}

void json_compile(struct compiler *compiler, uint32_t context)
{
    struct json_compiler json; // not cleared: the stack of objects is large
    json.base = compiler;
    json.tape = compiler->template->tape;
    json.separate = compiler->renderer->format->separates_attributes;
    json.is_record_root = context == JSON_RECORD_ROOT;
    json.open_count = 0;
    enum shape shape = element_shape(&json, 0);
    if (shape == SHAPE_WALK)
        return; // nothing but the walker's work: no program
    compiler->has_ops = shape == SHAPE_STATIC;
    if (json.separate)
        compile_named(&json, 0, shape, NO_GUARD);
    else
        compile_value(&json, 0, shape, NO_GUARD);
    uint32_t index = json.tape[0].element.content;
    while (json.open_count > 0 && !compiler->failed) {
        uint32_t depth = json.open_count;
        uint32_t end = json.tape[json.open[depth - 1].node].next;
        EVX_CHECK(index <= end);
        if (index >= end) {
            index = end;
            close_object(&json);
            continue;
        }
        compile_child(&json, index);
        // A child that was opened comes next, else the sibling.
        index = json.open_count > depth ? json.tape[index].element.content : json.tape[index].next;
    }
    compiler_add_op(compiler, OP_END);
}
