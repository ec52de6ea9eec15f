// SPDX-License-Identifier: MIT
// A query compiled against a template: everything that the template settles is settled, and what is
// left are tests of values by their index, as jumping code. Most records are decided by a look at a
// value or two; many templates are settled as a whole.
//
// Two walks give the same answers: who has no plan for a record walks its elements (evaluate.h).
#ifndef EVX_FILTER_FILTER_PLAN_H
#define EVX_FILTER_FILTER_PLAN_H

#include "decode/plans.h"
#include "filter/evaluate.h"
#include "filter/field_places.h"
#include "filter/residual.h"

// Where the code goes on, instead of at an op.
enum { PLAN_NO = UINT32_MAX, PLAN_YES = UINT32_MAX - 1, PLAN_WALK = UINT32_MAX - 2 };

struct plan_op {
    struct residual test; // not AND, OR, NOT
    uint32_t if_true, if_false;
};

struct filter_plan {
    struct plan plan;
    const struct plan_op *ops;
    uint32_t record_root; // for records that are an instance of the template: an op, or an end
    // For instances in a value: where each path is entered that may go on in it, by continuation.
    const uint32_t *roots;
};

// What a query has compiled; shared by all its conversions.
struct query_plans {
    struct plans plans;
    uint32_t continuation_count;
    uint32_t *first_continuation; // by expression: of its step 0
    struct memory *memory;
    _Atomic uint64_t *unsearched; // records: see absence.proofs; of the engine. NULL: not counted
};

EVX_MUST_USE bool query_plans_init(struct query_plans *plans, const struct query_tree *query,
                                   struct memory *memory);
void query_plans_destroy(struct query_plans *plans, const struct query_tree *query);

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_FAULT };

// Whether the event is meant, by plans wherever they fit. VERDICT_FAULT: the decoder's fault is
// set.
enum verdict filter_event(struct evaluation *evaluation, struct query_plans *plans,
                          struct event *event);

// Makes the plan of a template; NULL when there will be none.
const struct filter_plan *filter_plan_make(struct evaluation *evaluation, struct query_plans *plans,
                                           const struct template *template);

// The steps of an expression whose answer is one of what they lead to. False: it has none such.
bool expression_route(const struct query_tree *query, uint32_t index,
                      const struct path_query_step **ret_steps, uint32_t *ret_count);

// Residuals of the whole query, and of one path from a step on in the root element.
uint32_t partial_record(struct evaluation *evaluation, struct residuals *residuals,
                        const struct query_plans *plans, const struct template *template);
uint32_t partial_continuation(struct evaluation *evaluation, struct residuals *residuals,
                              const struct query_plans *plans, const struct template *template,
                              uint32_t expression, uint32_t step);
// Adds where the values of a PATH stand, from a step on in the root element; from step 0 in that of
// a record. False, with no place added: only a walk can tell, or `places` has failed.
EVX_MUST_USE bool partial_places(struct evaluation *evaluation, struct residuals *residuals,
                                 const struct query_plans *plans, const struct template *template,
                                 uint32_t expression, uint32_t step, struct field_places *places);

#endif
