// SPDX-License-Identifier: MIT
#include "emit/compiler.h"

#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/limits.h"
#include "emit/op_loop.h"

static bool grow_ops(struct renderer *renderer)
{
    uint32_t capacity = renderer->op_capacity ? 2 * renderer->op_capacity : 64;
    struct op *ops = memory_reallocate(renderer->decoder->store->memory, renderer->ops,
                                       renderer->op_capacity * sizeof *ops, capacity * sizeof *ops);
    if (!ops)
        return false;
    renderer->ops = ops;
    renderer->op_capacity = capacity;
    return true;
}

// The type of the hole's value in the instance at hand; when that is NULL, the declared one.
static enum op_guess guess_type(const struct compiler *compiler, const struct node *hole)
{
    uint8_t type = TYPE_NULL;
    if (hole->slot < compiler->instance->value_count)
        type = compiler->instance->descriptors[4 * hole->slot + 2];
    if (type == TYPE_NULL)
        type = hole->value.type;
    return EVX_ABLATE_TYPE_GUESSES ? GUESS_NONE : guess_of_type(type);
}

// The program reads this slot, so an instance without it cannot use the program.
static void need_slot(struct compiler *compiler, uint16_t slot)
{
    if (slot >= compiler->value_count)
        compiler->value_count = slot + 1u;
}

struct op *compiler_add_op(struct compiler *compiler, enum op_kind kind)
{
    struct renderer *renderer = compiler->renderer;
    if (renderer->op_count == renderer->op_capacity && !grow_ops(renderer))
        compiler->failed = true;
    if (compiler->literals->length > PROGRAM_LITERAL_BYTES_MAX || compiler->literals->failed)
        compiler->failed = true;
    if (compiler->failed)
        return &compiler->ignored;
    EVX_CHECK(renderer->op_count < renderer->op_capacity);
    EVX_CHECK(compiler->literals->length >= compiler->literal_start);
    struct op *op = &renderer->ops[renderer->op_count++];
    *op = (struct op){
        .dispatch = OP_DISPATCH(kind, GUESS_NONE),
        .kind = (uint8_t)kind,
        .literal_start = compiler->literal_start,
        .literal_size = (uint32_t)compiler->literals->length - compiler->literal_start,
    };
    compiler->literal_start = (uint32_t)compiler->literals->length;
    return op;
}

static struct op *add_slot_op(struct compiler *compiler, enum op_kind kind, uint16_t slot)
{
    struct op *op = compiler_add_op(compiler, kind);
    op->place = 4 * (uint32_t)slot;
    need_slot(compiler, slot);
    return op;
}

struct op *compiler_add_value(struct compiler *compiler, enum op_kind kind, uint32_t hole)
{
    const struct node *node = &compiler->template->tape[hole];
    struct op *op = add_slot_op(compiler, kind, node->slot);
    op->dispatch = OP_DISPATCH(kind, guess_type(compiler, node));
    return op;
}

struct op *compiler_add_child(struct compiler *compiler, uint32_t hole, uint32_t parent)
{
    const struct node *node = &compiler->template->tape[hole];
    struct op *op = add_slot_op(compiler, OP_CHILD, node->slot);
    op->node = parent;
    op->flags = node->flags & NODE_OPTIONAL ? OP_OPTIONAL : 0;
    return op;
}

uint32_t compiler_add_guard(struct compiler *compiler, const struct node *node)
{
    if (compiler_dependency(compiler, node) == NO_DEPENDENCY)
        return NO_GUARD;
    add_slot_op(compiler, OP_GUARD, node->slot);
    compiler->has_ops = true;
    return compiler->renderer->op_count - 1;
}

void compiler_end_guard(struct compiler *compiler, uint32_t guard)
{
    if (guard == NO_GUARD || compiler->failed)
        return;
    EVX_CHECK(guard < compiler->renderer->op_count);
    struct op *op = &compiler->renderer->ops[guard];
    op->target = compiler->renderer->op_count;
    op->skip = (uint32_t)compiler->literals->length - compiler->literal_start;
}

struct element compiler_element(const struct compiler *compiler, uint32_t index)
{
    return (struct element){.tape = compiler->template->tape, .index = index, .repetitions = 1};
}

uint32_t sole_hole(const struct node *tape, uint32_t from, uint32_t to)
{
    EVX_CHECK(from <= to);
    return to - from == 1 && tape[from].kind == NODE_HOLE ? from : 0;
}

bool has_only_literals(const struct node *tape, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        uint8_t kind = tape[i].kind;
        if (kind != NODE_TEXT && kind != NODE_VALUE && kind != NODE_CDATA &&
            kind != NODE_CHARACTER_REFERENCE && kind != NODE_ENTITY_REFERENCE)
            return false;
    }
    return true;
}

bool attributes_compile(const struct node *tape, uint32_t element)
{
    if (tape[element].flags & NODE_REPEATED_ATTRIBUTES)
        return false;
    for (uint32_t i = element + 1; i < tape[element].element.content; i = tape[i].next)
        if (!sole_hole(tape, i + 1, tape[i].next) && !has_only_literals(tape, i + 1, tape[i].next))
            return false;
    return true;
}

bool has_hole_attributes(const struct node *tape, uint32_t element)
{
    for (uint32_t i = element + 1; i < tape[element].element.content; i++)
        if (tape[i].kind == NODE_HOLE)
            return true;
    return false;
}

// The program, in the arena of its format's plans; NULL without memory.
static struct plan *keep_program(void *argument, struct arena *arena)
{
    struct compiler *compiler = argument;
    struct renderer *renderer = compiler->renderer;
    size_t room = compiler->literals->length + renderer->op_count * (size_t)OP_ROOM_BYTES;
    bool useless = !compiler->has_ops || compiler->failed || room > PROGRAM_ROOM_BYTES_MAX;
    size_t ops_size = useless ? 0 : renderer->op_count * sizeof(struct op);
    size_t literals_size = useless ? 0 : compiler->literals->length;
    struct program *program = arena_allocate(arena, sizeof *program);
    struct op *ops = arena_allocate(arena, ops_size);
    uint8_t *literals = arena_allocate(arena, literals_size + LITERAL_STEP_BYTES);
    if (!program || !ops || !literals)
        return NULL;
    if (!useless) {
        memcpy(ops, renderer->ops, ops_size);
        memcpy(literals, compiler->literals->data, literals_size);
        memset(literals + literals_size, 0, LITERAL_STEP_BYTES);
        EVX_CHECK(renderer->op_count == 0 || ops[renderer->op_count - 1].literal_start +
                                                     ops[renderer->op_count - 1].literal_size <=
                                                 literals_size);
        for (uint32_t i = 0; i < renderer->op_count; i++)
            ops[i].literal = literals + ops[i].literal_start;
    }
    *program = (struct program){
        .plan.context = compiler->context,
        .value_count = compiler->value_count,
        .bails = useless ? PROGRAM_BAILS_MAX + 1 : 0,
        .room = (uint32_t)room,
        .ops = ops,
        .op_count = useless ? 0 : renderer->op_count,
    };
    return &program->plan;
}

const struct program *compile_program(struct renderer *renderer, const struct instance *instance,
                                      uint32_t context)
{
    const uint32_t number = instance->template->number;
    if (EVX_ABLATE_PROGRAMS || !plans_have_room(renderer->plans, number))
        return NULL;
    // The walker renders what has no holes, into the literals instead of the output.
    struct outbuf *out = renderer->out;
    struct key_set keys = renderer->keys;
    uint32_t nodes = renderer->tree.nodes;
    struct compiler compiler = {
        .renderer = renderer,
        .template = instance->template,
        .instance = instance,
        .context = context,
        .literals = &renderer->literals,
    };
    EVX_CHECK(renderer->out != &renderer->literals);
    renderer->out = compiler.literals;
    renderer->tree.out = compiler.literals;
    renderer->keys = renderer->literal_keys;
    renderer->tree.nodes = 0;
    renderer->op_count = 0;
    renderer->literals.length = 0;
    struct plan *plan = NULL;
    if (outbuf_begin_record(compiler.literals)) {
        renderer->format->compile(&compiler, context);
        plan = plans_publish(renderer->plans, number, context, keep_program, &compiler);
    }
    key_set_clear(&renderer->keys);
    EVX_CHECK(renderer->keys.count == 0);
    renderer->literal_keys = renderer->keys;
    renderer->keys = keys;
    renderer->tree.nodes = nodes;
    renderer->out = out;
    renderer->tree.out = out;
    return (const struct program *)plan;
}
