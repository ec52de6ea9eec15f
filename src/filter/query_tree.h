// SPDX-License-Identifier: MIT
// Makes the tree of filter/expression.h. What it consists of belongs to the tree and is gone with
// it. A tree that has run into a cap, or out of memory, says so in `failure` and takes nothing
// more.
#ifndef EVX_FILTER_QUERY_TREE_H
#define EVX_FILTER_QUERY_TREE_H

#include <stddef.h>

#include "base/attrs.h"
#include "base/memory.h"
#include "filter/expression.h"

enum {
    QUERY_TEXT_BYTES_MAX = 1 << 20, // of one query, as UTF-8
    QUERY_EXPRESSIONS_MAX = 1 << 16,
    QUERY_STEPS_MAX = 1 << 18,
    QUERY_ARENA_BYTES_MAX = 32 << 20, // names and literals
    QUERY_DEPTH_MAX = 256, // parentheses, and predicates, in one another; steps of a path, and
                           // predicates of a step
};

void query_tree_init(struct query_tree *tree, struct memory *memory);
void query_tree_destroy(struct query_tree *tree);

// NULL when the tree takes nothing more.
EVX_MUST_USE void *query_tree_allocate(struct query_tree *tree, size_t size);

// A new expression, all zeros but for these and `next`, which is none. NO_EXPRESSION as above.
EVX_MUST_USE uint32_t query_tree_add(struct query_tree *tree, enum expression_kind kind,
                                     uint32_t offset);
// Copies steps, which stand side by side then. False as above.
EVX_MUST_USE bool query_tree_add_steps(struct query_tree *tree, const struct path_query_step *steps,
                                       uint32_t count, uint32_t *ret_first);

// UTF-8 as UTF-16LE. False as above; what is no UTF-8 becomes U+FFFD, byte by byte.
EVX_MUST_USE bool query_tree_units(struct query_tree *tree, const char *text, size_t size,
                                   const uint8_t **ret_units, uint32_t *ret_count);

// Operands of a chain, in the order in which they are added.
struct expression_chain {
    uint32_t first, last, count;
};

#define EMPTY_CHAIN ((struct expression_chain){NO_EXPRESSION, NO_EXPRESSION, 0})

// Adding NO_EXPRESSION does nothing.
void expression_chain_add(struct query_tree *tree, struct expression_chain *chain,
                          uint32_t operand);
// The chain as one expression; what has one operand is that operand. An empty AND is TRUE, an
// empty OR is FALSE.
EVX_MUST_USE uint32_t expression_chain_end(struct query_tree *tree, enum expression_kind kind,
                                           const struct expression_chain *chain);

// Of expressions that are no operands yet; NO_EXPRESSION among them gives NO_EXPRESSION.
EVX_MUST_USE uint32_t query_and(struct query_tree *tree, uint32_t a, uint32_t b);
EVX_MUST_USE uint32_t query_or(struct query_tree *tree, uint32_t a, uint32_t b);
EVX_MUST_USE uint32_t query_not(struct query_tree *tree, uint32_t operand);

#endif
