// SPDX-License-Identifier: MIT
// Makes the constants of filter/literal.h from their text. They live as long as the tree.
#ifndef EVX_FILTER_MAKE_LITERAL_H
#define EVX_FILTER_MAKE_LITERAL_H

#include "filter/query_tree.h"

// With all readings, where `op` is a comparison. NULL when the tree takes nothing more.
EVX_MUST_USE struct literal *literal_make(struct query_tree *tree, enum literal_op op,
                                          const char *text, size_t size);
// Of ranges that rise and do not touch one another's numbers. NULL as above.
EVX_MUST_USE struct literal *literal_make_set(struct query_tree *tree,
                                              const struct number_range *ranges, uint32_t count);
// An address with an optional /prefix. NULL as above, and when the text is none.
EVX_MUST_USE struct literal *literal_make_network(struct query_tree *tree, const char *text,
                                                  size_t size);

// How a pattern is written.
enum pattern_escapes {
    PATTERN_PLAIN, // `*` and `?` are wildcards, whatever stands before
    PATTERN_SIGMA, // a backslash takes the meaning of `*`, `?` and a backslash in front of these
};

// The pattern with `before` and `after` around it: one of LIKE, or without wildcards of CONTAINS,
// STARTS, ENDS, or EQ with all readings (LIKE if it is cased). NULL as above.
EVX_MUST_USE struct literal *literal_make_pattern(struct query_tree *tree,
                                                  enum pattern_escapes escapes, const char *text,
                                                  size_t size, bool any_before, bool any_after,
                                                  bool is_cased);

#endif
