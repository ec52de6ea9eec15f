// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "filter/filter_plan.h"
#include "filter/plan_values.h"

struct run {
    struct evaluation *evaluation;
    struct query_plans *plans; // NULL: there are none
    struct event *event;
};

static enum outcome run_plan(const struct run *run, const struct filter_plan *plan, uint32_t at,
                             const struct instance *instance);

static const struct filter_plan *plan_of(const struct run *run, const struct instance *instance)
{
    if (EVX_UNLIKELY(!instance->offsets)) // values that had to be cut
        return NULL;
    const struct plan *plan = plans_find(&run->plans->plans, instance->template->number, 0);
    return EVX_LIKELY(plan != NULL)
               ? (const struct filter_plan *)plan
               : filter_plan_make(run->evaluation, run->plans, instance->template);
}

// The bits of an unsigned integer: what most queries ask for needs no more of a value.
EVX_INLINE bool small_number(struct value_view value, uint64_t *ret_number)
{
    switch (value.type) {
    case TYPE_U8:
        *ret_number = value.size >= 1 ? *value.data : 0;
        return value.size >= 1;
    case TYPE_U16:
        *ret_number = value.size >= 2 ? load_u16(value.data) : 0;
        return value.size >= 2;
    case TYPE_U32:
    case TYPE_HEX32:
        *ret_number = value.size >= 4 ? load_u32(value.data) : 0;
        return value.size >= 4;
    case TYPE_U64:
    case TYPE_HEX64:
        *ret_number = value.size >= 8 ? load_u64(value.data) : 0;
        return value.size >= 8;
    default:
        return false;
    }
}

// False: the number and the literal are not of the kind that is compared here.
EVX_INLINE bool match_small(const struct literal *literal, uint64_t number, bool *ret_holds)
{
    const struct literal_number *wanted = &literal->number;
    if (literal->op == LITERAL_SET) {
        *ret_holds = literal_set_has(literal, number);
        return true;
    }
    if (literal->op > LITERAL_GE || !literal->has_number || !wanted->is_integer ||
        wanted->is_negative || literal->is_cased || literal->part != LITERAL_PART_NONE)
        return false;
    const int order = number < wanted->integer ? -1 : number > wanted->integer;
    static const uint8_t holds[] = {
        [LITERAL_EQ] = 2, [LITERAL_NE] = 5, [LITERAL_LT] = 1,
        [LITERAL_LE] = 3, [LITERAL_GT] = 4, [LITERAL_GE] = 6,
    };
    *ret_holds = holds[literal->op] >> (order + 1) & 1;
    return true;
}

static enum outcome test_literal(const struct run *run, const struct residual *test,
                                 struct value_view view, bool is_attribute)
{
    struct subject subject;
    uint64_t number;
    bool holds;
    const struct literal *literal = test->literal;
    if (literal && small_number(view, &number) && match_small(literal, number, &holds))
        return holds ? OUTCOME_TRUE : OUTCOME_FALSE;
    enum outcome outcome = subject_of_view(view, is_attribute, &subject);
    if (outcome != OUTCOME_TRUE || !literal)
        return outcome;
    return match_subject(&run->evaluation->matcher, literal, &subject) ? OUTCOME_TRUE
                                                                       : OUTCOME_FALSE;
}

static enum outcome test_call(const struct run *run, const struct residual *test,
                              struct value_view view)
{
    const struct expression *expression = &run->evaluation->query->expressions[test->expression];
    struct subject subject;
    uint64_t bits;
    int64_t ticks;
    enum outcome outcome = subject_of_view(view, test->is_attribute, &subject);
    if (outcome != OUTCOME_TRUE)
        return outcome;
    if (test->kind == RESIDUAL_BITS)
        return subject_bits(&subject, &bits) && (bits & expression->band.b.number) ? OUTCOME_TRUE
                                                                                   : OUTCOME_FALSE;
    return subject_time(&subject, &ticks) && evaluate_age(expression, ticks) ? OUTCOME_TRUE
                                                                             : OUTCOME_FALSE;
}

// Whether the template of a value's elements says all: it mostly has no element of the wanted name.
// What the value holds is then not looked at, nor whether it is damaged.
static bool is_settled_by_head(const struct run *run, const struct residual *test,
                               const struct instance *instance, bool *ret_holds)
{
    const struct template *template =
        test->hole < instance->value_count && instance->child_hole == NO_HOLE && !instance->values
            ? instance_child_template(run->event->decoder, instance, test->hole)
            : NULL;
    const struct plan *plan = template ? plans_find(&run->plans->plans, template->number, 0) : NULL;
    if (!plan)
        return false;
    const uint32_t root = ((const struct filter_plan *)plan)->roots[test->continuation];
    *ret_holds = root == PLAN_YES;
    return root == PLAN_YES || root == PLAN_NO;
}

// The path goes on in the elements of a value, which nearly always are one instance.
static enum outcome test_nested(const struct run *run, const struct residual *test,
                                const struct instance *instance)
{
    const struct instance *nested = NULL;
    bool holds;
    if (is_settled_by_head(run, test, instance, &holds))
        return holds ? OUTCOME_TRUE : OUTCOME_FALSE;
    const enum outcome outcome = nested_instance(run->event, instance, test->hole, &nested);
    if (outcome != OUTCOME_TRUE)
        return outcome;
    const struct filter_plan *plan = plan_of(run, nested);
    return plan ? run_plan(run, plan, plan->roots[test->continuation], nested) : OUTCOME_WALK;
}

static enum outcome run_test(const struct run *run, const struct residual *test,
                             const struct instance *instance)
{
    struct evaluation *evaluation = run->evaluation;
    const struct expression *expressions = evaluation->query->expressions;
    bool holds;
    switch ((enum residual_kind)test->kind) {
    case RESIDUAL_PRESENT:
        holds = test->hole >= instance->value_count ||
                !view_is_null(event_value(run->event, instance, test->hole));
        break;
    case RESIDUAL_ELEMENT:
        return test_literal(run, test, event_value(run->event, instance, test->hole), false);
    case RESIDUAL_ATTRIBUTE:
        return test_literal(run, test, event_value(run->event, instance, test->hole), true);
    case RESIDUAL_BITS:
    case RESIDUAL_AGE:
        return test_call(run, test, event_value(run->event, instance, test->hole));
    case RESIDUAL_HEADER:
        holds = evaluate_header(evaluation, &expressions[test->expression]);
        break;
    case RESIDUAL_LOG:
        holds = evaluate_log_name(evaluation, &expressions[test->expression]);
        break;
    case RESIDUAL_NESTED:
        return test_nested(run, test, instance);
    default:
        EVX_CHECK(test->kind == RESIDUAL_WALK);
        holds = evaluate_record(evaluation, test->expression);
        if (evaluation->fault)
            return OUTCOME_FAULT;
        break;
    }
    return holds ? OUTCOME_TRUE : OUTCOME_FALSE;
}

// Plans nest as deep as values of a record do.
static enum outcome run_plan(const struct run *run, const struct filter_plan *plan, uint32_t at,
                             const struct instance *instance)
{
    while (at < PLAN_WALK) {
        const struct plan_op *op = &plan->ops[at];
        enum outcome outcome = run_test(run, &op->test, instance);
        if (EVX_UNLIKELY(outcome > OUTCOME_TRUE))
            return outcome;
        at = outcome == OUTCOME_TRUE ? op->if_true : op->if_false;
    }
    return at == PLAN_YES ? OUTCOME_TRUE : at == PLAN_NO ? OUTCOME_FALSE : OUTCOME_WALK;
}

static enum outcome run_event(const struct run *run)
{
    if (!event_instance(run->event) || !run->plans)
        return OUTCOME_WALK;
    if (!event_settle(run->event))
        return OUTCOME_FAULT;
    const struct instance *instance = event_instance(run->event);
    const struct filter_plan *plan = plan_of(run, instance);
    return plan ? run_plan(run, plan, plan->record_root, instance) : OUTCOME_WALK;
}

enum verdict filter_event(struct evaluation *evaluation, struct query_plans *plans,
                          struct event *event)
{
    const struct run run = {evaluation, plans, event};
    if (!evaluation_start(evaluation, event))
        return VERDICT_FAULT;
    enum outcome outcome = run_event(&run);
    if (outcome == OUTCOME_WALK)
        outcome =
            evaluate_record(evaluation, evaluation->query->root) ? OUTCOME_TRUE : OUTCOME_FALSE;
    if (outcome == OUTCOME_FAULT || !evaluation_end(evaluation))
        return VERDICT_FAULT;
    return outcome == OUTCOME_TRUE ? VERDICT_YES : VERDICT_NO;
}
