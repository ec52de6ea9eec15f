// SPDX-License-Identifier: MIT
#include "filter/query_tree.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "fields/unicode.h"

enum {
    ARENA_BLOCK_BYTES = 16 << 10,
    FIRST_CAPACITY = 64,
    REPLACEMENT = 0xFFFD,
};

void query_tree_init(struct query_tree *tree, struct memory *memory)
{
    *tree = (struct query_tree){.root = NO_EXPRESSION};
    arena_init(&tree->arena, memory, ARENA_BLOCK_BYTES, QUERY_ARENA_BYTES_MAX);
}

void query_tree_destroy(struct query_tree *tree)
{
    struct memory *memory = tree->arena.memory;
    memory_release(memory, tree->expressions,
                   tree->expression_capacity * sizeof *tree->expressions);
    memory_release(memory, tree->steps, tree->step_capacity * sizeof *tree->steps);
    arena_destroy(&tree->arena);
    query_tree_init(tree, memory);
}

void *query_tree_allocate(struct query_tree *tree, size_t size)
{
    if (tree->failure)
        return NULL;
    void *object = arena_allocate(&tree->arena, size);
    if (!object)
        tree->failure =
            size > tree->arena.cap - tree->arena.total ? QUERY_FAILURE_LIMIT : QUERY_FAILURE_MEMORY;
    return object;
}

// Room for one object more than there are, or for `count` more.
static bool reserve(struct query_tree *tree, void **array, size_t size, uint32_t used,
                    uint32_t count, uint32_t max, uint32_t *capacity)
{
    EVX_CHECK(used <= *capacity && *capacity <= max);
    if (tree->failure)
        return false;
    if (count > max - used) {
        tree->failure = QUERY_FAILURE_LIMIT;
        return false;
    }
    if (used + count <= *capacity)
        return true;
    uint32_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
    while (wanted < used + count)
        wanted *= 2;
    wanted = wanted < max ? wanted : max;
    void *grown = memory_reallocate(tree->arena.memory, *array, *capacity * size, wanted * size);
    if (!grown) {
        tree->failure = QUERY_FAILURE_MEMORY;
        return false;
    }
    *array = grown;
    *capacity = wanted;
    return true;
}

uint32_t query_tree_add(struct query_tree *tree, enum expression_kind kind, uint32_t offset)
{
    void *array = tree->expressions;
    if (!reserve(tree, &array, sizeof *tree->expressions, tree->expression_count, 1,
                 QUERY_EXPRESSIONS_MAX, &tree->expression_capacity))
        return NO_EXPRESSION;
    tree->expressions = array;
    struct expression *expression = &tree->expressions[tree->expression_count];
    memset(expression, 0, sizeof *expression);
    expression->kind = (uint8_t)kind;
    expression->next = NO_EXPRESSION;
    expression->offset = offset;
    return tree->expression_count++;
}

bool query_tree_add_steps(struct query_tree *tree, const struct path_query_step *steps,
                          uint32_t count, uint32_t *ret_first)
{
    void *array = tree->steps;
    if (!reserve(tree, &array, sizeof *tree->steps, tree->step_count, count, QUERY_STEPS_MAX,
                 &tree->step_capacity))
        return false;
    tree->steps = array;
    if (count > 0)
        memcpy(&tree->steps[tree->step_count], steps, count * sizeof *steps);
    *ret_first = tree->step_count;
    tree->step_count += count;
    return true;
}

bool query_tree_units(struct query_tree *tree, const char *text, size_t size,
                      const uint8_t **ret_units, uint32_t *ret_count)
{
    const uint8_t *bytes = (const uint8_t *)text;
    EVX_CHECK(size <= QUERY_ARENA_BYTES_MAX);
    // No byte makes more than one unit.
    uint8_t *units = query_tree_allocate(tree, size ? 2 * size : 2);
    if (!units)
        return false;
    uint32_t count = 0;
    for (size_t at = 0; at < size;) {
        uint32_t character;
        size_t taken = utf8_take(bytes + at, size - at, &character);
        if (taken == 0) {
            taken = 1;
            character = REPLACEMENT;
        }
        at += taken;
        if (character >= 0x10000) {
            character -= 0x10000;
            store_u16(units + 2 * (size_t)count++, (uint16_t)(0xD800 | character >> 10));
            character = 0xDC00 | (character & 0x3FF);
        }
        store_u16(units + 2 * (size_t)count++, (uint16_t)character);
    }
    EVX_CHECK(count <= size);
    *ret_units = units;
    *ret_count = count;
    return true;
}

void expression_chain_add(struct query_tree *tree, struct expression_chain *chain, uint32_t operand)
{
    if (operand == NO_EXPRESSION)
        return;
    EVX_CHECK(operand < tree->expression_count);
    EVX_CHECK(tree->expressions[operand].next == NO_EXPRESSION);
    if (chain->count++ == 0)
        chain->first = operand;
    else
        tree->expressions[chain->last].next = operand;
    chain->last = operand;
}

uint32_t expression_chain_end(struct query_tree *tree, enum expression_kind kind,
                              const struct expression_chain *chain)
{
    EVX_CHECK(kind == EXPRESSION_AND || kind == EXPRESSION_OR);
    if (chain->count == 0)
        return query_tree_add(tree, kind == EXPRESSION_AND ? EXPRESSION_TRUE : EXPRESSION_FALSE, 0);
    if (chain->count == 1)
        return chain->first;
    uint32_t all = query_tree_add(tree, kind, tree->expressions[chain->first].offset);
    if (all != NO_EXPRESSION)
        tree->expressions[all].operands = chain->first;
    return all;
}

static uint32_t join(struct query_tree *tree, enum expression_kind kind, uint32_t a, uint32_t b)
{
    struct expression_chain chain = EMPTY_CHAIN;
    if (a == NO_EXPRESSION || b == NO_EXPRESSION)
        return NO_EXPRESSION;
    expression_chain_add(tree, &chain, a);
    expression_chain_add(tree, &chain, b);
    return expression_chain_end(tree, kind, &chain);
}

uint32_t query_and(struct query_tree *tree, uint32_t a, uint32_t b)
{
    return join(tree, EXPRESSION_AND, a, b);
}

uint32_t query_or(struct query_tree *tree, uint32_t a, uint32_t b)
{
    return join(tree, EXPRESSION_OR, a, b);
}

uint32_t query_not(struct query_tree *tree, uint32_t operand)
{
    if (operand == NO_EXPRESSION)
        return NO_EXPRESSION;
    EVX_CHECK(operand < tree->expression_count);
    uint32_t opposite = query_tree_add(tree, EXPRESSION_NOT, tree->expressions[operand].offset);
    if (opposite != NO_EXPRESSION)
        tree->expressions[opposite].operands = operand;
    return opposite;
}
