// SPDX-License-Identifier: MIT
// Partial evaluation: a query asked of a template, whose elements are known and whose values are
// not.
#include "base/check.h"
#include "filter/field_places.h"
#include "filter/filter_plan.h"

// What the code knows of the place where it asks.
struct partial {
    struct evaluation *evaluation;
    struct residuals *residuals;
    const struct query_plans *plans;
    const struct template *template;
};

// A path on its way, and what is asked of what it leads to.
struct route {
    uint32_t expression; // PATH, BAND, TIMEDIFF, LOG
    const struct path_query_step *steps;
    uint32_t count;
    // Nothing is asked: these are to be found. The answer is then FALSE, or NO_RESIDUAL.
    struct field_places *places;
};

enum { CONTEXT_IS_RECORD = UINT32_MAX }; // instead of the index of an element

static uint32_t partial_expression(const struct partial *partial, uint32_t index, uint32_t context);
static uint32_t partial_children(const struct partial *partial, const struct route *route,
                                 uint32_t step, uint32_t context);

static const struct node *node_at(const struct partial *partial, uint32_t index)
{
    EVX_CHECK(index < partial->template->node_count);
    return &partial->template->tape[index];
}

static const struct expression *expression_of(const struct partial *partial, uint32_t index)
{
    EVX_CHECK(index < partial->evaluation->query->expression_count);
    return &partial->evaluation->query->expressions[index];
}

static uint32_t add_place(const struct route *route, struct field_place place)
{
    return field_places_add(route->places, place) ? RESIDUAL_FALSE : NO_RESIDUAL;
}

// Whether text that is the same in every record is what is asked for.
static uint32_t literal_answer(const struct partial *partial, const struct route *route,
                               struct subject subject)
{
    if (route->places)
        return add_place(route, (struct field_place){.kind = FIELD_LITERAL,
                                                     .units = subject.units,
                                                     .unit_count = subject.unit_count});
    const struct expression *expression = expression_of(partial, route->expression);
    bool is_path = expression->kind == EXPRESSION_PATH || expression->kind == EXPRESSION_LOG;
    if (!is_path)
        return NO_RESIDUAL;
    bool holds = !expression->path.literal ||
                 match_subject(&partial->evaluation->matcher, expression->path.literal, &subject);
    return holds ? RESIDUAL_TRUE : RESIDUAL_FALSE;
}

static uint32_t hole_test(const struct partial *partial, const struct route *route,
                          const struct node *hole, bool is_attribute)
{
    const struct expression *expression = expression_of(partial, route->expression);
    struct residual test = {.hole = hole->slot, .is_attribute = is_attribute};
    const struct field_place place = {.kind = is_attribute ? FIELD_ATTRIBUTE : FIELD_ELEMENT,
                                      .hole = hole->slot};
    if (route->places)
        return add_place(route, place);
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_PATH:
    case EXPRESSION_LOG:
        test.kind = is_attribute ? RESIDUAL_ATTRIBUTE : RESIDUAL_ELEMENT;
        test.literal = expression->path.literal;
        break;
    case EXPRESSION_BAND:
        test.kind = RESIDUAL_BITS;
        test.expression = route->expression;
        break;
    default:
        EVX_CHECK(expression->kind == EXPRESSION_TIMEDIFF);
        test.kind = RESIDUAL_AGE;
        test.expression = route->expression;
        break;
    }
    return residual_add(partial->residuals, test);
}

// The nodes [first, end) are all of an element's content or of an attribute.
static uint32_t parts_answer(const struct partial *partial, const struct route *route,
                             uint32_t first, uint32_t end, bool is_attribute)
{
    const struct node *node = first < end ? node_at(partial, first) : NULL;
    if (!node)
        return is_attribute ? RESIDUAL_FALSE
                            : literal_answer(partial, route, (struct subject){.is_text = true});
    if (node->next < end)
        return NO_RESIDUAL;
    if (node->kind == NODE_HOLE)
        return hole_test(partial, route, node, is_attribute);
    if (node->kind != NODE_TEXT || node->text.count == 0)
        return NO_RESIDUAL;
    return literal_answer(partial, route, subject_of_units(node->text.units, node->text.count));
}

static uint32_t element_answer(const struct partial *partial, const struct route *route,
                               uint32_t element)
{
    const struct node *node = node_at(partial, element);
    const struct expression *expression = expression_of(partial, route->expression);
    bool is_existence = expression->kind == EXPRESSION_PATH && !expression->path.literal;
    if (is_existence && !route->places)
        return RESIDUAL_TRUE;
    for (uint32_t i = node->element.content; i < node->next; i = node_at(partial, i)->next) {
        const struct node *child = node_at(partial, i);
        if (child->kind == NODE_ELEMENT) // no value, if the child is there
            return child->slot == NO_DEPENDENCY ? RESIDUAL_FALSE : NO_RESIDUAL;
    }
    return parts_answer(partial, route, node->element.content, node->next, false);
}

static uint32_t partial_attributes(const struct partial *partial, const struct route *route,
                                   uint32_t step, uint32_t context)
{
    const struct path_query_step *wanted = &route->steps[step];
    uint32_t answer = RESIDUAL_FALSE;
    if (context == CONTEXT_IS_RECORD || step + 1 < route->count)
        return RESIDUAL_FALSE;
    if (wanted->predicates != NO_EXPRESSION)
        return NO_RESIDUAL;
    uint32_t content = node_at(partial, context)->element.content;
    for (uint32_t i = context + 1; i < content; i = node_at(partial, i)->next) {
        const struct node *attribute = node_at(partial, i);
        if (attribute->kind != NODE_ATTRIBUTE || !step_names(wanted, attribute->name))
            continue;
        answer = residual_or(partial->residuals, answer,
                             parts_answer(partial, route, i + 1, attribute->next, true));
    }
    return answer;
}

// What a step's conditions leave to ask of an element of its name.
static uint32_t conditions_answer(const struct partial *partial, const struct path_query_step *step,
                                  uint32_t element, uint32_t answer)
{
    for (uint32_t p = step->predicates; p != NO_EXPRESSION && answer != RESIDUAL_FALSE;
         p = expression_of(partial, p)->next)
        answer = residual_and(partial->residuals, answer, partial_expression(partial, p, element));
    return answer;
}

static uint32_t step_answer(const struct partial *partial, const struct route *route, uint32_t step,
                            uint32_t element)
{
    return step + 1 == route->count ? element_answer(partial, route, element)
                                    : partial_children(partial, route, step + 1, element);
}

// For who wants places, whether an element is meant has to be settled.
static uint32_t collect_in(const struct partial *partial, const struct route *route, uint32_t step,
                           uint32_t element)
{
    struct field_places *places = route->places;
    const uint8_t way_count = places->way_count;
    uint32_t answer = conditions_answer(partial, &route->steps[step], element, RESIDUAL_TRUE);
    if (answer != RESIDUAL_TRUE)
        return answer == RESIDUAL_FALSE ? RESIDUAL_FALSE : NO_RESIDUAL;
    if (!field_places_enter(places, partial->template, element))
        return NO_RESIDUAL;
    answer = step_answer(partial, route, step, element);
    places->way_count = way_count;
    return answer;
}

// An element that a step may lead to.
static uint32_t partial_enter(const struct partial *partial, const struct route *route,
                              uint32_t step, uint32_t element)
{
    const struct node *node = node_at(partial, element);
    const struct path_query_step *wanted = &route->steps[step];
    struct residuals *residuals = partial->residuals;
    uint32_t answer = RESIDUAL_TRUE;
    if (!step_names(wanted, node->element.name))
        return RESIDUAL_FALSE;
    if (route->places)
        return collect_in(partial, route, step, element);
    if (node->slot != NO_DEPENDENCY)
        answer = residual_add(residuals,
                              (struct residual){.kind = RESIDUAL_PRESENT, .hole = node->slot});
    answer = conditions_answer(partial, wanted, element, answer);
    if (answer == RESIDUAL_FALSE || answer == NO_RESIDUAL)
        return answer;
    return residual_and(residuals, answer, step_answer(partial, route, step, element));
}

// A step that may be about the elements in the value of a hole.
static uint32_t nested_answer(const struct partial *partial, const struct route *route,
                              uint32_t step, const struct node *hole)
{
    const uint32_t continuation = partial->plans->first_continuation[route->expression] + step;
    const struct field_place place = {
        .kind = FIELD_NESTED, .hole = hole->slot, .continuation = continuation};
    const struct residual test = {
        .kind = RESIDUAL_NESTED, .hole = hole->slot, .continuation = continuation};
    return route->places ? add_place(route, place) : residual_add(partial->residuals, test);
}

// What the step leads to from the record or from an element.
static uint32_t partial_children(const struct partial *partial, const struct route *route,
                                 uint32_t step, uint32_t context)
{
    const struct path_query_step *wanted = &route->steps[step];
    struct residuals *residuals = partial->residuals;
    uint32_t answer = RESIDUAL_FALSE;
    if (wanted->is_text)
        return NO_RESIDUAL;
    if (wanted->is_attribute)
        return partial_attributes(partial, route, step, context);
    if (context == CONTEXT_IS_RECORD)
        return partial_enter(partial, route, step, 0);
    const struct node *parent = node_at(partial, context);
    for (uint32_t i = parent->element.content; i < parent->next && answer != RESIDUAL_TRUE;
         i = node_at(partial, i)->next) {
        const struct node *node = node_at(partial, i);
        uint32_t one = RESIDUAL_FALSE;
        if (node->kind == NODE_ELEMENT)
            one = partial_enter(partial, route, step, i);
        else if (node->kind == NODE_HOLE)
            one = nested_answer(partial, route, step, node);
        else if (node->kind == NODE_FRAGMENT || node->kind == NODE_INSTANCE)
            one = NO_RESIDUAL;
        answer = residual_or(residuals, answer, one);
    }
    return answer;
}

bool expression_route(const struct query_tree *query, uint32_t index,
                      const struct path_query_step **ret_steps, uint32_t *ret_count)
{
    const struct expression *expression = &query->expressions[index];
    uint32_t first;
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_PATH:
        first = expression->path.first_step;
        *ret_count = expression->path.step_count;
        break;
    case EXPRESSION_BAND:
        if (expression->band.is_compared || expression->band.b.step_count > 0)
            return false;
        first = expression->band.a.first_step;
        *ret_count = expression->band.a.step_count;
        break;
    case EXPRESSION_TIMEDIFF:
        if (!expression->timediff.has_ticks)
            return false;
        first = expression->timediff.first_step;
        *ret_count = expression->timediff.step_count;
        break;
    case EXPRESSION_LOG:
        *ret_steps = evaluate_channel_steps;
        *ret_count = CHANNEL_STEPS;
        return true;
    default:
        return false;
    }
    *ret_steps = query->steps + first;
    return *ret_count > 0;
}

static uint32_t partial_operands(const struct partial *partial, const struct expression *expression,
                                 uint32_t context)
{
    const bool is_or = expression->kind == EXPRESSION_OR;
    struct residuals *residuals = partial->residuals;
    const uint32_t decides = is_or ? RESIDUAL_TRUE : RESIDUAL_FALSE;
    uint32_t answer = is_or ? RESIDUAL_FALSE : RESIDUAL_TRUE;
    for (uint32_t i = expression->operands; i != NO_EXPRESSION && answer != decides;
         i = expression_of(partial, i)->next) {
        uint32_t one = partial_expression(partial, i, context);
        answer = is_or ? residual_or(residuals, answer, one) : residual_and(residuals, answer, one);
    }
    return answer;
}

static uint32_t partial_route(const struct partial *partial, uint32_t index, uint32_t context)
{
    struct route route = {.expression = index};
    if (!expression_route(partial->evaluation->query, index, &route.steps, &route.count))
        return NO_RESIDUAL;
    return partial_children(partial, &route, 0, context);
}

static uint32_t partial_any(const struct partial *partial, uint32_t index, uint32_t context)
{
    const struct expression *expression = expression_of(partial, index);
    struct residuals *residuals = partial->residuals;
    struct residual test = {.expression = index};
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_TRUE:
        return RESIDUAL_TRUE;
    case EXPRESSION_FALSE:
        return RESIDUAL_FALSE;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        return partial_operands(partial, expression, context);
    case EXPRESSION_NOT:
        return residual_not(residuals, partial_expression(partial, expression->operands, context));
    case EXPRESSION_HEADER:
        test.kind = RESIDUAL_HEADER;
        return residual_add(residuals, test);
    case EXPRESSION_LOG:
        test.kind = RESIDUAL_LOG;
        return residual_or(residuals, residual_add(residuals, test),
                           expression->path.is_file
                               ? RESIDUAL_FALSE
                               : partial_route(partial, index, CONTEXT_IS_RECORD));
    case EXPRESSION_PATH:
    case EXPRESSION_BAND:
    case EXPRESSION_TIMEDIFF:
        return partial_route(partial, index, context);
    case EXPRESSION_SAME:
    case EXPRESSION_POSITION:
    case EXPRESSION_ANY_TEXT:
        break;
    }
    return NO_RESIDUAL;
}

// Of the record, what cannot be told from the template is asked by a walk of its own.
static uint32_t partial_expression(const struct partial *partial, uint32_t index, uint32_t context)
{
    uint32_t answer = partial_any(partial, index, context);
    if (answer != NO_RESIDUAL || context != CONTEXT_IS_RECORD)
        return answer;
    return residual_add(partial->residuals,
                        (struct residual){.kind = RESIDUAL_WALK, .expression = index});
}

uint32_t partial_record(struct evaluation *evaluation, struct residuals *residuals,
                        const struct query_plans *plans, const struct template *template)
{
    const struct partial partial = {evaluation, residuals, plans, template};
    return partial_expression(&partial, evaluation->query->root, CONTEXT_IS_RECORD);
}

// A step of an expression that is about the root element.
static uint32_t partial_root(const struct partial *partial, uint32_t expression, uint32_t step,
                             struct field_places *places)
{
    struct route route = {.expression = expression, .places = places};
    if (!expression_route(partial->evaluation->query, expression, &route.steps, &route.count))
        return RESIDUAL_FALSE;
    EVX_CHECK(step < route.count);
    const struct path_query_step *wanted = &route.steps[step];
    if (wanted->is_text || wanted->is_attribute)
        return RESIDUAL_FALSE; // never entered through a value
    return partial_enter(partial, &route, step, 0);
}

uint32_t partial_continuation(struct evaluation *evaluation, struct residuals *residuals,
                              const struct query_plans *plans, const struct template *template,
                              uint32_t expression, uint32_t step)
{
    const struct partial partial = {evaluation, residuals, plans, template};
    return partial_root(&partial, expression, step, NULL);
}

bool partial_places(struct evaluation *evaluation, struct residuals *residuals,
                    const struct query_plans *plans, const struct template *template,
                    uint32_t expression, uint32_t step, struct field_places *places)
{
    const struct partial partial = {evaluation, residuals, plans, template};
    const uint32_t count = places->count;
    places->way_count = 0;
    const bool is_settled = partial_root(&partial, expression, step, places) == RESIDUAL_FALSE;
    if (!is_settled)
        places->count = count;
    return is_settled;
}
