// SPDX-License-Identifier: MIT
// What a value becomes under Sigma's modifiers: one text, or several that are as good as one
// another.
#ifndef EVX_FILTER_VARIANTS_H
#define EVX_FILTER_VARIANTS_H

#include "filter/modifiers.h"

enum { VARIANTS_MAX = 4096 };

struct variant {
    struct query_text text;
    struct variant *next;
};

// NULL with *error set. They live as long as the tree.
EVX_MUST_USE struct variant *variants_make(struct query_tree *tree, const struct query_text *value,
                                           const struct modifiers *modifiers,
                                           struct query_error *error);

#endif
