// SPDX-License-Identifier: MIT
#include "filter/evaluate.h"

#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "filter/query_tree.h"

void evaluation_init(struct evaluation *evaluation, const struct query_tree *query,
                     struct decoder *decoder, const struct ansi_codec *codec)
{
    *evaluation = (struct evaluation){.query = query,
                                      .tree = {.decoder = decoder, .repeats_data_roots = true}};
    evaluation->matcher.codec = codec;
    scratch_init(&evaluation->matcher.printed, decoder->store->memory);
    scratch_init(&evaluation->gathered, decoder->store->memory);
    evaluation->is_unusable = !regex_state_init(&evaluation->matcher.regex);
}

void evaluation_destroy(struct evaluation *evaluation)
{
    struct memory *memory = evaluation->gathered.memory;
    memory_release(memory, evaluation->levels,
                   evaluation->level_capacity * sizeof *evaluation->levels);
    memory_release(memory, evaluation->compared, evaluation->compared_bytes);
    scratch_destroy(&evaluation->matcher.printed);
    scratch_destroy(&evaluation->gathered);
    regex_state_destroy(&evaluation->matcher.regex);
    if (evaluation->unsearched)
        *evaluation->unsearched += evaluation->absence.proofs;
}

static const struct expression *expression_at(const struct evaluation *evaluation, uint32_t index)
{
    EVX_CHECK(index < evaluation->query->expression_count);
    return &evaluation->query->expressions[index];
}

bool step_names(const struct path_query_step *step, const struct name *name)
{
    size_t count = name->unit_count;
    if (step->name_units == 0)
        return true;
    if (count < step->name_units ||
        memcmp(name->units + 2 * (count - step->name_units), step->name, 2 * step->name_units) != 0)
        return false;
    return count == step->name_units ||
           load_u16(name->units + 2 * (count - step->name_units - 1)) == ':';
}

// ---- paths --------------------------------------------------------------------------------------

struct selection {
    struct evaluation *evaluation;
    const struct path_query_step *steps;
    uint32_t count;
    bool with_values;
    visit_subject *visit;
    void *visitor;
};

static bool select_step(const struct selection *selection, uint32_t step,
                        const struct context *context);

// Whether the predicates of a step hold. `places` counts, for each, what came through those before.
enum { PREDICATES_MAX = QUERY_DEPTH_MAX };

static bool holds(const struct selection *selection, const struct path_query_step *step,
                  struct context *context, uint32_t *places)
{
    struct evaluation *evaluation = selection->evaluation;
    uint32_t place = 0;
    for (uint32_t p = step->predicates; p != NO_EXPRESSION; place++) {
        EVX_CHECK(place < PREDICATES_MAX);
        context->position = ++places[place];
        if (!evaluate(evaluation, p, context) || evaluation->fault)
            return false;
        p = expression_at(evaluation, p)->next;
    }
    return true;
}

static bool give_element(const struct selection *selection, const struct element *element)
{
    struct evaluation *evaluation = selection->evaluation;
    struct subject subject;
    if (!selection->with_values)
        return selection->visit(evaluation, NULL, selection->visitor);
    return subject_of_element(&evaluation->tree, evaluation->matcher.codec, &evaluation->gathered,
                              element, &subject, &evaluation->fault) &&
           selection->visit(evaluation, &subject, selection->visitor);
}

static bool give_attribute(const struct selection *selection, const struct element *element,
                           uint32_t index, const struct path_query_step *step, uint32_t *places)
{
    struct evaluation *evaluation = selection->evaluation;
    struct context context = {.kind = CONTEXT_ATTRIBUTE};
    struct subject subject;
    return subject_of_attribute(&evaluation->tree, evaluation->matcher.codec, &evaluation->gathered,
                                element, index, &subject, &evaluation->fault) &&
           holds(selection, step, &context, places) &&
           selection->visit(evaluation, selection->with_values ? &subject : NULL,
                            selection->visitor);
}

static bool select_attributes(const struct selection *selection, uint32_t step,
                              const struct context *context)
{
    const struct path_query_step *wanted = &selection->steps[step];
    const struct element *element = &context->element;
    uint32_t places[PREDICATES_MAX] = {0};
    if (context->kind != CONTEXT_ELEMENT || step + 1 < selection->count)
        return false;
    uint32_t content = element_node(element)->element.content;
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next)
        if (element->tape[i].kind == NODE_ATTRIBUTE && step_names(wanted, element->tape[i].name) &&
            give_attribute(selection, element, i, wanted, places))
            return true;
    return false;
}

// An element that a step may lead to.
static bool enter(const struct selection *selection, uint32_t step, const struct element *element,
                  uint32_t *places)
{
    const struct path_query_step *wanted = &selection->steps[step];
    struct context context = {.kind = CONTEXT_ELEMENT, .element = *element};
    if (!step_names(wanted, element_node(element)->element.name) ||
        !holds(selection, wanted, &context, places))
        return false;
    return step + 1 == selection->count ? give_element(selection, element)
                                        : select_step(selection, step + 1, &context);
}

static bool is_empty(struct evaluation *evaluation, struct subject subject)
{
    subject_make_text(&subject, evaluation->matcher.codec, &evaluation->matcher.printed);
    return subject.unit_count == 0;
}

// text(): an element's value, unless that is empty.
static bool give_text(const struct selection *selection, uint32_t step,
                      const struct context *context)
{
    struct evaluation *evaluation = selection->evaluation;
    const struct path_query_step *wanted = &selection->steps[step];
    struct context text = {.kind = CONTEXT_ATTRIBUTE};
    struct subject subject;
    uint32_t places[PREDICATES_MAX] = {0};
    if (wanted->is_attribute || context->kind != CONTEXT_ELEMENT || step + 1 < selection->count)
        return false;
    return subject_of_element(&evaluation->tree, evaluation->matcher.codec, &evaluation->gathered,
                              &context->element, &subject, &evaluation->fault) &&
           !is_empty(evaluation, subject) && holds(selection, wanted, &text, places) &&
           selection->visit(evaluation, selection->with_values ? &subject : NULL,
                            selection->visitor);
}

static bool select_children(const struct selection *selection, uint32_t step,
                            const struct context *context)
{
    struct evaluation *evaluation = selection->evaluation;
    struct child_iterator children;
    struct child child;
    uint32_t places[PREDICATES_MAX] = {0};
    children_start(&children, &context->element);
    for (;;) {
        enum child_kind kind = child_next(&evaluation->tree, &children, &child);
        if (kind == CHILD_END)
            return false;
        if (kind == CHILD_FAULT) {
            evaluation->fault = true;
            return false;
        }
        if (kind == CHILD_ELEMENT && enter(selection, step, &child.element, places))
            return true;
        if (evaluation->fault)
            return false;
    }
}

// A record without elements is shown as an Event with nothing in it.
static bool give_empty_event(const struct selection *selection, uint32_t step, uint32_t *places)
{
    const struct path_query_step *wanted = &selection->steps[step];
    struct context context = {.kind = CONTEXT_ATTRIBUTE};
    const struct subject nothing = {.is_text = true};
    return wanted->name_units == 0 && step + 1 == selection->count &&
           holds(selection, wanted, &context, places) &&
           selection->visit(selection->evaluation, selection->with_values ? &nothing : NULL,
                            selection->visitor);
}

// Steps go down with the elements of the record, so nesting is bounded by both.
static bool select_step(const struct selection *selection, uint32_t step,
                        const struct context *context)
{
    const struct path_query_step *wanted = &selection->steps[step];
    EVX_CHECK(step < selection->count);
    if (wanted->is_attribute && !wanted->is_text)
        return select_attributes(selection, step, context);
    if (context->kind == CONTEXT_ATTRIBUTE)
        return false;
    if (wanted->is_text)
        return give_text(selection, step, context);
    if (context->kind == CONTEXT_ELEMENT)
        return select_children(selection, step, context);
    // A record shows its first element.
    const struct fragment *root = &selection->evaluation->event->root;
    uint32_t places[PREDICATES_MAX] = {0};
    if (root->end == 0)
        return give_empty_event(selection, step, places);
    const struct element element = element_of_node(root->tape, 0, root->depth);
    return enter(selection, step, &element, places);
}

bool evaluate_path(struct evaluation *evaluation, const struct path_query_step *steps,
                   uint32_t count, const struct context *context, bool with_values,
                   visit_subject *visit, void *visitor)
{
    const struct selection selection = {evaluation, steps, count, with_values, visit, visitor};
    return select_step(&selection, 0, context);
}

// ---- expressions --------------------------------------------------------------------------------

static bool visit_literal(struct evaluation *evaluation, const struct subject *subject,
                          void *visitor)
{
    const struct literal *literal = visitor;
    return !subject || match_subject(&evaluation->matcher, literal, subject);
}

static bool evaluate_path_of(struct evaluation *evaluation, const struct expression *expression,
                             const struct context *context)
{
    return evaluate_path(evaluation, evaluation->query->steps + expression->path.first_step,
                         expression->path.step_count, context, expression->path.literal != NULL,
                         visit_literal, (void *)expression->path.literal);
}

struct band {
    const struct band_operand *other;
    const struct context *context;
    uint64_t mask;
    bool is_computed; // both operands have bits
};

static bool visit_common(struct evaluation *evaluation, const struct subject *subject,
                         void *visitor)
{
    struct band *band = visitor;
    uint64_t bits;
    (void)evaluation;
    if (!subject_bits(subject, &bits))
        return false;
    band->is_computed = true;
    return (bits & band->mask) != 0;
}

static bool has_common(struct evaluation *evaluation, struct band *band)
{
    const struct band_operand *other = band->other;
    if (other->step_count == 0) {
        band->is_computed = true;
        return (other->number & band->mask) != 0;
    }
    return evaluate_path(evaluation, evaluation->query->steps + other->first_step,
                         other->step_count, band->context, true, visit_common, band);
}

static bool visit_first_operand(struct evaluation *evaluation, const struct subject *subject,
                                void *visitor)
{
    struct band *band = visitor;
    return subject_bits(subject, &band->mask) && has_common(evaluation, band);
}

// A call that cannot be computed satisfies nothing.
static bool evaluate_band(struct evaluation *evaluation, const struct expression *expression,
                          const struct context *context)
{
    const struct band_operand *a = &expression->band.a;
    struct band band = {&expression->band.b, context, a->number, false};
    bool is_common = a->step_count == 0
                         ? has_common(evaluation, &band)
                         : evaluate_path(evaluation, evaluation->query->steps + a->first_step,
                                         a->step_count, context, true, visit_first_operand, &band);
    if (!expression->band.is_compared || !band.is_computed)
        return is_common;
    return match_numbers((enum literal_op)expression->op, is_common, expression->band.number);
}

struct timediff {
    const struct expression *expression;
    const struct context *context;
    int64_t time;
};

static bool differs_enough(const struct expression *expression, int64_t time, int64_t reference)
{
    double ticks = (double)reference - (double)time;
    return match_numbers((enum literal_op)expression->op, ticks,
                         10000 * expression->timediff.milliseconds);
}

bool evaluate_age(const struct expression *expression, int64_t time)
{
    EVX_CHECK(expression->timediff.has_ticks);
    return differs_enough(expression, time, expression->timediff.ticks);
}

static bool visit_reference(struct evaluation *evaluation, const struct subject *subject,
                            void *visitor)
{
    const struct timediff *timediff = visitor;
    int64_t reference;
    (void)evaluation;
    return subject_time(subject, &reference) &&
           differs_enough(timediff->expression, timediff->time, reference);
}

static bool visit_time(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    struct timediff *timediff = visitor;
    const struct expression *expression = timediff->expression;
    if (!subject_time(subject, &timediff->time))
        return false;
    if (expression->timediff.has_ticks)
        return evaluate_age(expression, timediff->time);
    return evaluate_path(evaluation, evaluation->query->steps + expression->timediff.ref_first_step,
                         expression->timediff.ref_step_count, timediff->context, true,
                         visit_reference, timediff);
}

static bool evaluate_timediff(struct evaluation *evaluation, const struct expression *expression,
                              const struct context *context)
{
    struct timediff timediff = {expression, context, 0};
    return evaluate_path(evaluation, evaluation->query->steps + expression->timediff.first_step,
                         expression->timediff.step_count, context, true, visit_time, &timediff);
}

const struct path_query_step evaluate_channel_steps[CHANNEL_STEPS] = {
    {.name = NULL, .predicates = NO_EXPRESSION},
    {(const uint8_t *)"S\0y\0s\0t\0e\0m\0", 6, .predicates = NO_EXPRESSION},
    {(const uint8_t *)"C\0h\0a\0n\0n\0e\0l\0", 7, .predicates = NO_EXPRESSION},
};

bool evaluate_log_name(const struct evaluation *evaluation, const struct expression *expression)
{
    const struct literal *literal = expression->path.literal;
    const struct log_name *log = evaluation->log;
    const uint8_t *name = expression->path.is_file ? log->file : log->channel;
    uint32_t units = expression->path.is_file ? log->file_units : log->channel_units;
    return units > 0 && units == literal->unit_count &&
           memcmp(name, literal->folded, 2 * units) == 0;
}

// The log's own name, or the channel that the record names.
static bool evaluate_log(struct evaluation *evaluation, const struct expression *expression)
{
    const struct context record = {.kind = CONTEXT_RECORD};
    if (evaluate_log_name(evaluation, expression))
        return true;
    return !expression->path.is_file &&
           evaluate_path(evaluation, evaluate_channel_steps, CHANNEL_STEPS, &record, true,
                         visit_literal, (void *)expression->path.literal);
}

bool evaluate_header(const struct evaluation *evaluation, const struct expression *expression)
{
    const struct record *record = evaluation->event->record;
    uint64_t number = expression->header.field == HEADER_FIELD_RECORD ? record->id : record->time;
    return number >= expression->header.low && number <= expression->header.high;
}

static bool evaluate_operands(struct evaluation *evaluation, const struct expression *expression,
                              const struct context *context)
{
    const bool decides = expression->kind == EXPRESSION_OR;
    for (uint32_t i = expression->operands; i != NO_EXPRESSION;
         i = expression_at(evaluation, i)->next)
        if (evaluate(evaluation, i, context) == decides || evaluation->fault)
            return decides;
    return !decides;
}

bool evaluate(struct evaluation *evaluation, uint32_t index, const struct context *context)
{
    const struct expression *expression = expression_at(evaluation, index);
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_TRUE:
        return true;
    case EXPRESSION_FALSE:
        return false;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        return evaluate_operands(evaluation, expression, context);
    case EXPRESSION_NOT:
        return !evaluate(evaluation, expression->operands, context);
    case EXPRESSION_PATH:
        return evaluate_path_of(evaluation, expression, context);
    case EXPRESSION_POSITION:
        return match_numbers((enum literal_op)expression->op, context->position,
                             expression->position);
    case EXPRESSION_BAND:
        return evaluate_band(evaluation, expression, context);
    case EXPRESSION_TIMEDIFF:
        return evaluate_timediff(evaluation, expression, context);
    case EXPRESSION_ANY_TEXT:
        return evaluate_any_text(evaluation, expression->path.literal);
    case EXPRESSION_LOG:
        return evaluate_log(evaluation, expression);
    case EXPRESSION_SAME:
        return evaluate_same(evaluation, expression, context);
    case EXPRESSION_HEADER:
        return evaluate_header(evaluation, expression);
    }
    EVX_CHECK(false);
    return false;
}

bool evaluation_start(struct evaluation *evaluation, struct event *event)
{
    evaluation->event = event;
    absence_start(&evaluation->absence, evaluation->query);
    evaluation->tree.nodes = 0;
    evaluation->fault = evaluation->is_unusable;
    return EVX_LIKELY(!evaluation->fault) || fault_memory(&event->decoder->fault);
}

bool evaluation_end(struct evaluation *evaluation)
{
    if (EVX_UNLIKELY(evaluation->matcher.printed.failed || evaluation->gathered.failed)) {
        evaluation->matcher.printed.failed = evaluation->gathered.failed = false;
        evaluation->fault = true;
        fault_memory(&evaluation->tree.decoder->fault);
    }
    return !evaluation->fault;
}

bool evaluate_record(struct evaluation *evaluation, uint32_t expression)
{
    const struct context record = {.kind = CONTEXT_RECORD};
    return evaluate(evaluation, expression, &record);
}
