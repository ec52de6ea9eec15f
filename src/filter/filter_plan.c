// SPDX-License-Identifier: MIT
#include "filter/filter_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

bool query_plans_init(struct query_plans *plans, const struct query_tree *query,
                      struct memory *memory)
{
    *plans = (struct query_plans){.memory = memory};
    bool fine = plans_init(&plans->plans, memory);
    plans->first_continuation =
        memory_allocate(memory, (query->expression_count + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; plans->first_continuation && i < query->expression_count; i++) {
        const struct path_query_step *steps;
        uint32_t count = 0;
        plans->first_continuation[i] = plans->continuation_count;
        if (expression_route(query, i, &steps, &count))
            plans->continuation_count += count;
    }
    return fine && plans->first_continuation;
}

void query_plans_destroy(struct query_plans *plans, const struct query_tree *query)
{
    memory_release(plans->memory, plans->first_continuation,
                   (query->expression_count + 1) * sizeof(uint32_t));
    plans_destroy(&plans->plans);
}

// ---- code ---------------------------------------------------------------------------------------

struct writer {
    struct residuals residuals;
    struct plan_op *ops; // room for one of each residual
    uint32_t op_count;
    uint32_t record_root;
    uint32_t *roots;
    uint32_t root_count;
    struct literal *sets; // room for one of each residual
    struct number_range *ranges;
    uint32_t set_count, range_count;
};

static bool is_number_equality(const struct residual *node)
{
    const struct literal *literal = node->literal;
    return node->kind == RESIDUAL_ELEMENT && literal && literal->op == LITERAL_EQ &&
           literal->part == LITERAL_PART_NONE && literal->is_number_token && !literal->is_cased &&
           literal->number.is_integer && !literal->number.is_negative;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct number_range *first = a, *second = b;
    return first->first < second->first ? -1 : first->first > second->first;
}

// Equalities of one value with numbers become one look into a set, at the place of the first.
static void merge_equalities(struct writer *writer, uint32_t first)
{
    struct residual *nodes = writer->residuals.nodes;
    struct number_range *ranges = writer->ranges + writer->range_count;
    uint32_t count = 0;
    ranges[count++] = (struct number_range){nodes[first].literal->number.integer,
                                            nodes[first].literal->number.integer};
    for (uint32_t *place = &nodes[first].next; *place != NO_RESIDUAL;) {
        struct residual *node = &nodes[*place];
        if (!is_number_equality(node) || node->hole != nodes[first].hole) {
            place = &node->next;
            continue;
        }
        uint64_t number = node->literal->number.integer;
        ranges[count++] = (struct number_range){number, number};
        *place = node->next;
    }
    if (count == 1)
        return;
    qsort(ranges, count, sizeof *ranges, compare_ranges);
    writer->range_count += count;
    struct literal *set = &writer->sets[writer->set_count++];
    *set = (struct literal){.op = LITERAL_SET, .ranges = ranges, .range_count = count};
    nodes[first].literal = set;
}

static void merge_operands(struct writer *writer, uint32_t chain)
{
    struct residual *nodes = writer->residuals.nodes;
    for (uint32_t i = nodes[chain].operands; i != NO_RESIDUAL; i = nodes[i].next)
        if (is_number_equality(&nodes[i]))
            merge_equalities(writer, i);
}

// The operands in reverse: code is written from the end.
static uint32_t reverse(struct residual *nodes, uint32_t first)
{
    uint32_t behind = NO_RESIDUAL;
    while (first != NO_RESIDUAL) {
        uint32_t next = nodes[first].next;
        nodes[first].next = behind;
        behind = first;
        first = next;
    }
    return behind;
}

// Where to begin. Nested as deep as the query is.
static uint32_t write_code(struct writer *writer, uint32_t index, uint32_t if_true,
                           uint32_t if_false)
{
    struct residual *node = &writer->residuals.nodes[index];
    uint32_t at;
    EVX_CHECK(index < writer->residuals.count);
    switch ((enum residual_kind)node->kind) {
    case RESIDUAL_TRUE:
        return if_true;
    case RESIDUAL_FALSE:
        return if_false;
    case RESIDUAL_NOT:
        return write_code(writer, node->operands, if_false, if_true);
    case RESIDUAL_AND:
        at = if_true;
        for (uint32_t i = reverse(writer->residuals.nodes, node->operands); i != NO_RESIDUAL;
             i = writer->residuals.nodes[i].next)
            at = write_code(writer, i, at, if_false);
        return at;
    case RESIDUAL_OR:
        merge_operands(writer, index);
        at = if_false;
        for (uint32_t i = reverse(writer->residuals.nodes, node->operands); i != NO_RESIDUAL;
             i = writer->residuals.nodes[i].next)
            at = write_code(writer, i, if_true, at);
        return at;
    default:
        EVX_CHECK(writer->op_count < writer->residuals.count);
        writer->ops[writer->op_count] = (struct plan_op){*node, if_true, if_false};
        return writer->op_count++;
    }
}

static uint32_t code_of(struct writer *writer, uint32_t residual)
{
    return residual == NO_RESIDUAL ? PLAN_WALK : write_code(writer, residual, PLAN_YES, PLAN_NO);
}

// Residuals of everything first: writing code needs to know how many there are.
static bool look_at_template(struct writer *writer, struct evaluation *evaluation,
                             const struct query_plans *plans, const struct template *template)
{
    const struct query_tree *query = evaluation->query;
    struct residuals *residuals = &writer->residuals;
    writer->record_root = partial_record(evaluation, residuals, plans, template);
    for (uint32_t i = 0; i < query->expression_count && !residuals->failed; i++) {
        const struct path_query_step *steps;
        uint32_t count = 0;
        if (!expression_route(query, i, &steps, &count))
            continue;
        for (uint32_t step = 0; step < count; step++)
            writer->roots[writer->root_count++] =
                partial_continuation(evaluation, residuals, plans, template, i, step);
    }
    return !residuals->failed;
}

static struct plan *keep(void *context, struct arena *arena)
{
    struct writer *writer = context;
    struct filter_plan *plan = arena_allocate(arena, sizeof *plan);
    struct plan_op *ops = arena_allocate(arena, (writer->op_count + 1) * sizeof *ops);
    uint32_t *roots = arena_allocate(arena, (writer->root_count + 1) * sizeof *roots);
    struct literal *sets = arena_allocate(arena, (writer->set_count + 1) * sizeof *sets);
    struct number_range *ranges = arena_allocate(arena, (writer->range_count + 1) * sizeof *ranges);
    if (!plan || !ops || !roots || !sets || !ranges)
        return NULL;
    memcpy(ops, writer->ops, writer->op_count * sizeof *ops);
    memcpy(roots, writer->roots, writer->root_count * sizeof *roots);
    memcpy(ranges, writer->ranges, writer->range_count * sizeof *ranges);
    for (uint32_t i = 0; i < writer->set_count; i++) {
        sets[i] = writer->sets[i];
        sets[i].ranges = ranges + (writer->sets[i].ranges - writer->ranges);
    }
    for (uint32_t i = 0; i < writer->op_count; i++) {
        const struct literal *literal = ops[i].test.literal;
        bool has_literal =
            ops[i].test.kind == RESIDUAL_ELEMENT || ops[i].test.kind == RESIDUAL_ATTRIBUTE;
        if (has_literal && literal >= writer->sets && literal < writer->sets + writer->set_count)
            ops[i].test.literal = sets + (literal - writer->sets);
    }
    *plan = (struct filter_plan){
        .plan.context = 0, .ops = ops, .record_root = writer->record_root, .roots = roots};
    return &plan->plan;
}

const struct filter_plan *filter_plan_make(struct evaluation *evaluation, struct query_plans *plans,
                                           const struct template *template)
{
    struct memory *memory = plans->memory;
    struct writer writer = {0};
    const struct filter_plan *plan = NULL;
    if (!plans_have_room(&plans->plans, template->number))
        return NULL;
    size_t roots_bytes = (plans->continuation_count + 1) * sizeof *writer.roots;
    writer.roots = memory_allocate(memory, roots_bytes);
    residuals_init(&writer.residuals, memory);
    if (writer.roots && look_at_template(&writer, evaluation, plans, template)) {
        size_t count = writer.residuals.count;
        writer.ops = memory_allocate(memory, count * sizeof *writer.ops);
        writer.sets = memory_allocate(memory, count * sizeof *writer.sets);
        writer.ranges = memory_allocate(memory, count * sizeof *writer.ranges);
        if (writer.ops && writer.sets && writer.ranges) {
            writer.record_root = code_of(&writer, writer.record_root);
            for (uint32_t i = 0; i < writer.root_count; i++)
                writer.roots[i] = code_of(&writer, writer.roots[i]);
            plan = (const struct filter_plan *)plans_publish(&plans->plans, template->number, 0,
                                                             keep, &writer);
        }
        memory_release(memory, writer.ops, count * sizeof *writer.ops);
        memory_release(memory, writer.sets, count * sizeof *writer.sets);
        memory_release(memory, writer.ranges, count * sizeof *writer.ranges);
    }
    memory_release(memory, writer.roots, roots_bytes);
    residuals_destroy(&writer.residuals);
    return plan;
}
