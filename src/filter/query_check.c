// SPDX-License-Identifier: MIT
#include "filter/query_check.h"

#include <string.h>

#include "base/load.h"

// Of System, where a field has one value at most; others may have several.
static bool is_single(const struct path_query_step *step)
{
    static const char *const names[] = {"EventID",  "Level",         "Task",
                                        "Opcode",   "Version",       "Channel",
                                        "Computer", "EventRecordID", "Keywords"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = strlen(names[i]);
        bool is_same = step->name_units == size && !step->is_attribute;
        for (size_t k = 0; k < size && is_same; k++)
            is_same = load_u16(step->name + 2 * k) == (uint8_t)names[i][k];
        if (is_same)
            return true;
    }
    return false;
}

// The last step of a comparison by `op` with such a field; NULL: it is none.
static const struct path_query_step *
compared(const struct query_tree *query, const struct expression *expression, enum literal_op op)
{
    if (expression->kind != EXPRESSION_PATH || !expression->path.literal ||
        expression->path.literal->op != op || expression->path.literal->part)
        return NULL;
    const struct path_query_step *steps = query->steps + expression->path.first_step;
    for (uint32_t i = 0; i < expression->path.step_count; i++)
        if (steps[i].predicates != NO_EXPRESSION || steps[i].is_text)
            return NULL;
    const struct path_query_step *last = &steps[expression->path.step_count - 1];
    return is_single(last) ? last : NULL;
}

static bool is_same(const struct path_query_step *a, const struct path_query_step *b)
{
    return a->name_units == b->name_units && memcmp(a->name, b->name, 2 * a->name_units) == 0;
}

static bool differ(const struct literal *a, const struct literal *b)
{
    if (a->has_number && b->has_number)
        return a->number.real != b->number.real;
    return a->unit_count != b->unit_count ||
           memcmp(a->folded, b->folded, 2 * (size_t)a->unit_count) != 0;
}

// Two operands of a chain that compare one field by `op` with different constants.
static bool has_pair(const struct query_tree *query, const struct expression *chain,
                     enum literal_op op, uint32_t *ret_offset)
{
    const struct path_query_step *first = NULL;
    const struct literal *literal = NULL;
    for (uint32_t i = chain->operands; i != NO_EXPRESSION; i = query->expressions[i].next) {
        const struct expression *operand = &query->expressions[i];
        const struct path_query_step *step = compared(query, operand, op);
        if (step && first && is_same(step, first) && differ(operand->path.literal, literal)) {
            *ret_offset = operand->offset;
            return true;
        }
        if (step && !first) {
            first = step;
            literal = operand->path.literal;
        }
    }
    return false;
}

void query_check(const struct query_tree *query, struct query_warnings *warnings)
{
    uint32_t offset;
    warnings->input = QUERY_WARNING_NO_INPUT;
    for (uint32_t i = 0; i < query->expression_count; i++) {
        const struct expression *chain = &query->expressions[i];
        if (chain->kind == EXPRESSION_OR && has_pair(query, chain, LITERAL_NE, &offset))
            query_warn(warnings, offset,
                       "every record that has the field passes 'or' of two !=: is 'and' meant?");
        if (chain->kind == EXPRESSION_AND && has_pair(query, chain, LITERAL_EQ, &offset))
            query_warn(warnings, offset,
                       "no record passes 'and' of = with two values of one field: is 'or' meant?");
    }
}
