// SPDX-License-Identifier: MIT
#include "filter/residual.h"

#include "base/check.h"

enum { RESIDUALS_MAX = 1 << 18 };

void residuals_init(struct residuals *residuals, struct memory *memory)
{
    *residuals = (struct residuals){.memory = memory};
    residual_add(residuals, (struct residual){.kind = RESIDUAL_TRUE, .next = NO_RESIDUAL});
    residual_add(residuals, (struct residual){.kind = RESIDUAL_FALSE, .next = NO_RESIDUAL});
}

void residuals_destroy(struct residuals *residuals)
{
    memory_release(residuals->memory, residuals->nodes,
                   residuals->capacity * sizeof *residuals->nodes);
    *residuals = (struct residuals){.memory = residuals->memory};
}

uint32_t residual_add(struct residuals *residuals, struct residual node)
{
    if (residuals->count == residuals->capacity) {
        uint32_t capacity = residuals->capacity ? 2 * residuals->capacity : 64;
        struct residual *nodes =
            capacity > RESIDUALS_MAX
                ? NULL
                : memory_reallocate(residuals->memory, residuals->nodes,
                                    residuals->capacity * sizeof *nodes, capacity * sizeof *nodes);
        if (!nodes) {
            residuals->failed = true;
            return NO_RESIDUAL;
        }
        residuals->nodes = nodes;
        residuals->capacity = capacity;
    }
    node.next = NO_RESIDUAL;
    residuals->nodes[residuals->count] = node;
    return residuals->count++;
}

// What it costs to ask, roughly: numbers and times before texts, those before other templates.
static unsigned price(const struct residual *node)
{
    switch ((enum residual_kind)node->kind) {
    case RESIDUAL_TRUE:
    case RESIDUAL_FALSE:
    case RESIDUAL_PRESENT:
    case RESIDUAL_HEADER:
    case RESIDUAL_LOG:
        return 0;
    case RESIDUAL_BITS:
    case RESIDUAL_AGE:
        return 1;
    case RESIDUAL_ELEMENT:
    case RESIDUAL_ATTRIBUTE:
        return !node->literal || node->literal->is_number_token || node->literal->op == LITERAL_SET
                   ? 1
               : node->literal->op <= LITERAL_GE   ? 2
               : node->literal->op < LITERAL_REGEX ? 3
                                                   : 4;
    case RESIDUAL_AND:
    case RESIDUAL_OR:
    case RESIDUAL_NOT:
        return 5;
    case RESIDUAL_NESTED:
        return 6;
    case RESIDUAL_WALK:
        return 7;
    }
    return 7;
}

// Puts an operand in its place among those of an AND or OR.
static void insert(struct residuals *residuals, uint32_t chain, uint32_t operand)
{
    struct residual *nodes = residuals->nodes;
    unsigned own = price(&nodes[operand]);
    uint32_t *place = &nodes[chain].operands;
    while (*place != NO_RESIDUAL && price(&nodes[*place]) <= own)
        place = &nodes[*place].next;
    nodes[operand].next = *place;
    *place = operand;
}

static uint32_t combine(struct residuals *residuals, enum residual_kind kind, uint32_t a,
                        uint32_t b)
{
    const uint32_t decides = kind == RESIDUAL_OR ? RESIDUAL_TRUE : RESIDUAL_FALSE;
    const uint32_t neutral = kind == RESIDUAL_OR ? RESIDUAL_FALSE : RESIDUAL_TRUE;
    if (a == NO_RESIDUAL || b == NO_RESIDUAL)
        return NO_RESIDUAL;
    if (a == decides || b == decides)
        return decides;
    if (a == neutral || b == neutral)
        return a == neutral ? b : a;
    uint32_t chain = a;
    if (residuals->nodes[a].kind != kind) {
        chain = residual_add(residuals,
                             (struct residual){.kind = (uint8_t)kind, .operands = NO_RESIDUAL});
        if (chain == NO_RESIDUAL)
            return NO_RESIDUAL;
        insert(residuals, chain, a);
    }
    insert(residuals, chain, b);
    return chain;
}

uint32_t residual_and(struct residuals *residuals, uint32_t a, uint32_t b)
{
    return combine(residuals, RESIDUAL_AND, a, b);
}

uint32_t residual_or(struct residuals *residuals, uint32_t a, uint32_t b)
{
    return combine(residuals, RESIDUAL_OR, a, b);
}

uint32_t residual_not(struct residuals *residuals, uint32_t operand)
{
    if (operand == NO_RESIDUAL || operand <= RESIDUAL_FALSE)
        return operand == NO_RESIDUAL ? operand : operand ^ 1;
    return residual_add(residuals, (struct residual){.kind = RESIDUAL_NOT, .operands = operand});
}
