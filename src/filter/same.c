// SPDX-License-Identifier: MIT
#include <string.h>

#include "base/check.h"
#include "filter/evaluate.h"
#include "text/fold.h"

struct same {
    const struct expression *expression;
    const struct context *context;
    struct literal literal; // the second value as a constant
};

static bool visit_value(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    const struct same *same = visitor;
    return match_subject(&evaluation->matcher, &same->literal, subject);
}

// Room for a text of so many units, and for it folded.
static bool reserve(struct evaluation *evaluation, size_t count)
{
    struct memory *memory = evaluation->gathered.memory;
    size_t size = 4 * count + 4;
    if (size <= evaluation->compared_bytes)
        return true;
    uint8_t *compared =
        memory_reallocate(memory, evaluation->compared, evaluation->compared_bytes, size);
    if (!compared) {
        evaluation->fault = true;
        return fault_memory(&evaluation->tree.decoder->fault);
    }
    evaluation->compared = compared;
    evaluation->compared_bytes = size;
    return true;
}

// A value of the second path: is there one of the first that goes with it? Its text is copied,
// since values of the first are made where it stands.
static bool visit_reference(struct evaluation *evaluation, const struct subject *subject,
                            void *visitor)
{
    struct same *same = visitor;
    const struct expression *expression = same->expression;
    struct subject text = *subject;
    subject_make_text(&text, evaluation->matcher.codec, &evaluation->matcher.printed);
    if (!reserve(evaluation, text.unit_count))
        return false;
    uint8_t *folded = evaluation->compared + 2 * (size_t)text.unit_count;
    if (text.unit_count > 0)
        memcpy(evaluation->compared, text.units, 2 * (size_t)text.unit_count);
    fold_units(folded, evaluation->compared, text.unit_count);
    same->literal = (struct literal){
        .op = expression->op,
        .is_cased = expression->same.is_cased,
        .units = evaluation->compared,
        .folded = folded,
        .unit_count = text.unit_count,
    };
    return evaluate_path(evaluation, evaluation->query->steps + expression->same.first_step,
                         expression->same.step_count, same->context, true, visit_value, same);
}

bool evaluate_same(struct evaluation *evaluation, const struct expression *expression,
                   const struct context *context)
{
    struct same same = {.expression = expression, .context = context};
    return evaluate_path(evaluation, evaluation->query->steps + expression->same.ref_first_step,
                         expression->same.ref_step_count, context, true, visit_reference, &same);
}
