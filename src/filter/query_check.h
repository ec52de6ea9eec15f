// SPDX-License-Identifier: MIT
// Looks for what a query that can be used hardly means: comparisons of one field that are always
// true together, or never.
#ifndef EVX_FILTER_QUERY_CHECK_H
#define EVX_FILTER_QUERY_CHECK_H

#include "filter/query_text.h"
#include "filter/query_tree.h"

void query_check(const struct query_tree *query, struct query_warnings *warnings);

#endif
