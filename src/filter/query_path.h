// SPDX-License-Identifier: MIT
// Paths of a query that nobody wrote as XPath: those behind the flags and the names of fields.
#ifndef EVX_FILTER_QUERY_PATH_H
#define EVX_FILTER_QUERY_PATH_H

#include "filter/query_tree.h"

struct query_path {
    uint32_t first_step, step_count;
};

// Of a constant such as "*/System/Provider/@Name". False when the tree takes nothing more.
EVX_MUST_USE bool query_path_make(struct query_tree *tree, const char *path,
                                  struct query_path *ret_path);
// A step with the name that the user wrote; `predicate` may be NO_EXPRESSION.
EVX_MUST_USE bool query_path_step(struct query_tree *tree, const char *name, size_t size,
                                  bool is_attribute, uint32_t predicate,
                                  struct path_query_step *ret_step);
// The path has a value that satisfies the literal, or without one selects something. NO_EXPRESSION
// as above.
EVX_MUST_USE uint32_t query_path_test(struct query_tree *tree, const struct query_path *path,
                                      const struct literal *literal_or_null);

#endif
