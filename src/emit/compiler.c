// SPDX-License-Identifier: MIT
#include "emit/compiler.h"

#include <string.h>

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

struct op *compiler_add_op(struct compiler *compiler, enum op_kind kind, uint16_t slot)
{
    static struct op ignored; // written to and never read, after a failure
    struct renderer *renderer = compiler->renderer;
    if (renderer->op_count == renderer->op_capacity && !grow_ops(renderer))
        compiler->failed = true;
    if (compiler->literals->length > PROGRAM_LITERAL_BYTES_MAX || compiler->literals->failed)
        compiler->failed = true;
    if (compiler->failed)
        return &ignored;
    if (slot >= compiler->value_count)
        compiler->value_count = slot + 1u;
    struct op *op = &renderer->ops[renderer->op_count++];
    *op = (struct op){
        .kind = (uint8_t)kind,
        .slot = slot,
        .literal = compiler->literal_start,
        .literal_size = (uint32_t)compiler->literals->length - compiler->literal_start,
    };
    compiler->literal_start = (uint32_t)compiler->literals->length;
    return op;
}

uint32_t sole_hole(const struct node *tape, uint32_t from, uint32_t to)
{
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

static struct program *keep_program(struct compiler *compiler, uint32_t indent)
{
    struct renderer *renderer = compiler->renderer;
    struct arena *arena = &renderer->decoder->store->arena;
    bool useless = !compiler->has_ops || compiler->failed;
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
    }
    *program = (struct program){
        .format = renderer->format,
        .indent = indent,
        .useless = useless,
        .value_count = compiler->value_count,
        .ops = ops,
        .literals = literals,
        .op_count = useless ? 0 : renderer->op_count,
        .literals_size = (uint32_t)literals_size,
    };
    return program;
}

static struct program *publish(struct compiler *compiler, uint32_t indent)
{
    struct store *store = compiler->renderer->decoder->store;
    struct template *template = compiler->template;
    struct program *result = NULL;
    unsigned count = 0;
    pthread_mutex_lock(&store->lock);
    struct program *first = atomic_load_explicit(&template->programs, memory_order_relaxed);
    for (struct program *p = first; p; p = atomic_load_explicit(&p->next, memory_order_relaxed)) {
        count++;
        if (p->format == compiler->renderer->format && p->indent == indent)
            result = p; // another worker was quicker
    }
    if (!result && count < TEMPLATE_PROGRAMS_MAX) {
        struct program *program = keep_program(compiler, indent);
        if (program) {
            atomic_init(&program->next, first);
            atomic_store_explicit(&template->programs, program, memory_order_release);
            atomic_fetch_add_explicit(&store->program_count, 1, memory_order_relaxed);
        }
        result = program;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

struct program *compile_program(struct renderer *renderer, struct template *template,
                                      uint32_t indent)
{
    // The walker renders what has no holes, into the literals instead of the output.
    struct outbuf *out = renderer->out;
    struct key_set keys = renderer->keys;
    uint32_t steps = renderer->steps;
    struct compiler compiler = {
        .renderer = renderer, .template = template, .literals = &renderer->literals};
    renderer->out = compiler.literals;
    renderer->keys = renderer->literal_keys;
    renderer->op_count = 0;
    renderer->literals.length = 0;
    struct program *program = NULL;
    if (outbuf_begin_record(compiler.literals)) {
        if (renderer->format == PROGRAM_JSON)
            json_compile(&compiler);
        else
            xml_compile(&compiler, indent);
        program = publish(&compiler, indent);
    }
    key_set_clear(&renderer->keys);
    renderer->literal_keys = renderer->keys;
    renderer->keys = keys;
    renderer->steps = steps;
    renderer->out = out;
    return program;
}
