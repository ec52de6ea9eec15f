// SPDX-License-Identifier: MIT
// What a query has become, in words for people. Each writes behind what `out` holds, which has
// begun a record, and may fail as outbuf does.
#ifndef EVX_FILTER_EXPLAIN_H
#define EVX_FILTER_EXPLAIN_H

#include "base/outbuf.h"
#include "decode/template.h"
#include "filter/filter_plan.h"

// The predicate, and what Windows would not take of it.
void explain_query(const struct query_tree *query, struct outbuf *out);

// The names in it that none of the templates has, neither as a name nor as that of data.
void explain_names(const struct query_tree *query, const struct template *const *templates,
                   size_t count, struct outbuf *out);

// What is left to ask of a record of a template.
void explain_template(const struct query_tree *query, const struct query_plans *plans,
                      const struct template *template, struct outbuf *out);

// In one line: an expression, and a constant with its operator.
void explain_expression(const struct query_tree *query, uint32_t index, struct outbuf *out);
void explain_literal(const struct literal *literal, struct outbuf *out);
void explain_number(uint64_t number, struct outbuf *out);

#endif
