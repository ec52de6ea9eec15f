// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "fields/template_fields.h"
#include "fields/unicode.h"
#include "filter/explain.h"
#include "filter/query_tree.h"
#include "text/fold.h"

// ---- names --------------------------------------------------------------------------------------

enum { NAME_UNITS_SHOWN_MAX = 100 };

// What every query has, and what stands in front of a choice of UserData and EventData.
static bool is_frame(const uint8_t *units, uint32_t count)
{
    static const char *const names[] = {"Event", "System", "EventData", "UserData", "Data", "Name"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = strlen(names[i]), same = 0;
        while (same < size && same < count && load_u16(units + 2 * same) == (uint8_t)names[i][same])
            same++;
        if (same == size && same == count)
            return true;
    }
    return false;
}

static bool folds_alike(const uint8_t *a, const uint8_t *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (fold_unit(load_u16(a + 2 * i)) != fold_unit(load_u16(b + 2 * i)))
            return false;
    return true;
}

// Whether a template has it: as the name of an element or attribute, or as the text of an
// attribute, which is what data are called.
static bool has_name(const struct template *template, const struct path_query_step *step)
{
    const struct node *tape = template->tape;
    for (uint32_t i = 0; i < template->node_count; i++) {
        const struct node *node = &tape[i];
        if (node->kind == NODE_ELEMENT && step_names(step, node->element.name))
            return true;
        if (node->kind != NODE_ATTRIBUTE)
            continue;
        if (step_names(step, node->name))
            return true;
        const struct node *text = i + 1 < node->next ? &tape[i + 1] : NULL;
        if (text && text->kind == NODE_TEXT && text->text.count == step->name_units &&
            folds_alike(text->text.units, step->name, step->name_units))
            return true;
    }
    return false;
}

static void tell_name(const struct path_query_step *step, const struct template *const *templates,
                      size_t count, struct outbuf *out)
{
    bool is_cut = false;
    if (step->name_units == 0 || is_frame(step->name, step->name_units))
        return;
    for (size_t i = 0; i < count; i++)
        if (has_name(templates[i], step))
            return;
    outbuf_text(out, "No template has: ");
    uint8_t *at = outbuf_reserve(out, UTF8_BYTES_PER_UNIT_MAX * NAME_UNITS_SHOWN_MAX);
    outbuf_commit(out, utf8_put_units(at, UTF8_BYTES_PER_UNIT_MAX * NAME_UNITS_SHOWN_MAX,
                                      step->name, step->name_units, &is_cut));
    outbuf_text(out, "\n");
}

static bool is_name_attribute(const struct query_tree *query, const struct expression *expression)
{
    if (expression->kind != EXPRESSION_PATH || expression->path.step_count != 1 ||
        !expression->path.literal || expression->path.literal->op != LITERAL_EQ)
        return false;
    const struct path_query_step *step = &query->steps[expression->path.first_step];
    return step->is_attribute && step->name_units == 4 && is_frame(step->name, 4);
}

static bool is_told(const struct query_tree *query, uint32_t index)
{
    const struct path_query_step *step = &query->steps[index];
    for (uint32_t i = 0; i < index; i++)
        if (query->steps[i].name_units == step->name_units &&
            memcmp(query->steps[i].name, step->name, 2 * step->name_units) == 0)
            return true;
    return false;
}

void explain_names(const struct query_tree *query, const struct template *const *templates,
                   size_t count, struct outbuf *out)
{
    if (count == 0)
        return;
    for (uint32_t i = 0; i < query->step_count && !out->failed; i++)
        if (query->steps[i].name_units > 0 && !is_told(query, i))
            tell_name(&query->steps[i], templates, count, out);
    for (uint32_t i = 0; i < query->expression_count && !out->failed; i++) {
        const struct expression *expression = &query->expressions[i];
        if (!is_name_attribute(query, expression))
            continue;
        const struct literal *literal = expression->path.literal;
        const struct path_query_step step = {.name = literal->units,
                                             .name_units = literal->unit_count};
        bool is_step = false;
        for (uint32_t k = 0; k < query->step_count; k++)
            is_step |= query->steps[k].name_units == step.name_units &&
                       memcmp(query->steps[k].name, step.name, 2 * step.name_units) == 0;
        if (!is_step)
            tell_name(&step, templates, count, out);
    }
}

// ---- templates ----------------------------------------------------------------------------------

// The description of a template, to find what its values are.
struct described {
    struct outbuf text;
    const uint8_t *fields;
    size_t field_count;
};

static bool describe(struct described *described, const struct template *template,
                     struct memory *memory, struct outbuf *out)
{
    evx_template_info info = {.size = sizeof info};
    outbuf_init(&described->text, memory);
    if (!outbuf_begin_record(&described->text))
        return false;
    template_describe(template, false, &described->text);
    if (described->text.failed)
        return false;
    described->fields = template_read(described->text.data, &info);
    described->field_count = info.field_count;
    char guid[40];
    const uint8_t *g = template->guid;
    snprintf(guid, sizeof guid, "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X", load_u32(g),
             load_u16(g + 4), load_u16(g + 6), g[8], g[9], g[10], g[11], g[12], g[13], g[14],
             g[15]);
    outbuf_text(out, guid);
    outbuf_text(out, " ");
    outbuf_append(out, info.root, strlen(info.root));
    return true;
}

static void put_hole(const struct described *described, uint32_t hole, struct outbuf *out)
{
    const uint8_t *position = described->fields;
    evx_template_field field = {.size = sizeof field};
    outbuf_text(out, "value ");
    explain_number(hole, out);
    for (size_t i = 0; i < described->field_count; i++) {
        position = template_read_field(position, &field);
        if (field.value != hole)
            continue;
        outbuf_text(out, " ");
        outbuf_append(out, field.path, strlen(field.path));
        return;
    }
}

static void put_target(uint32_t target, struct outbuf *out)
{
    switch (target) {
    case PLAN_NO:
        outbuf_text(out, "no");
        return;
    case PLAN_YES:
        outbuf_text(out, "yes");
        return;
    case PLAN_WALK:
        outbuf_text(out, "look at all");
        return;
    default:
        explain_number(target, out);
    }
}

static void put_test(const struct query_tree *query, const struct described *described,
                     const struct residual *test, struct outbuf *out)
{
    switch ((enum residual_kind)test->kind) {
    case RESIDUAL_PRESENT:
        put_hole(described, test->hole, out);
        outbuf_text(out, " is there");
        return;
    case RESIDUAL_ELEMENT:
    case RESIDUAL_ATTRIBUTE:
        put_hole(described, test->hole, out);
        if (test->literal)
            explain_literal(test->literal, out);
        else
            outbuf_text(out, " is there");
        return;
    case RESIDUAL_NESTED:
        put_hole(described, test->hole, out);
        outbuf_text(out, ": its own template decides, path ");
        explain_number(test->continuation, out);
        return;
    case RESIDUAL_BITS:
    case RESIDUAL_AGE:
        put_hole(described, test->hole, out);
        outbuf_text(out, ": ");
        explain_expression(query, test->expression, out);
        return;
    case RESIDUAL_WALK:
        outbuf_text(out, "in all elements: ");
        explain_expression(query, test->expression, out);
        return;
    default:
        explain_expression(query, test->expression, out);
        return;
    }
}

// Code is written from its end: an op that is reached from another one has a lower number.
static void put_code(const struct query_tree *query, const struct described *described,
                     const struct filter_plan *plan, uint32_t root, struct outbuf *out)
{
    for (uint32_t i = root + 1; i-- > 0 && !out->failed;) {
        const struct plan_op *op = &plan->ops[i];
        outbuf_text(out, "  ");
        explain_number(i, out);
        outbuf_text(out, ": ");
        put_test(query, described, &op->test, out);
        outbuf_text(out, "? ");
        put_target(op->if_true, out);
        outbuf_text(out, ", else ");
        put_target(op->if_false, out);
        outbuf_text(out, "\n");
    }
}

// The highest op that something begins with; PLAN_NO: all is settled.
static uint32_t top_of(const struct filter_plan *plan, uint32_t root_count)
{
    uint32_t top = plan->record_root < PLAN_WALK ? plan->record_root : PLAN_NO;
    for (uint32_t i = 0; i < root_count; i++)
        if (plan->roots[i] < PLAN_WALK && (top == PLAN_NO || plan->roots[i] > top))
            top = plan->roots[i];
    return top;
}

void explain_template(const struct query_tree *query, const struct query_plans *plans,
                      const struct template *template, struct outbuf *out)
{
    struct described described;
    const struct filter_plan *plan =
        (const struct filter_plan *)plans_find(&plans->plans, template->number, 0);
    if (describe(&described, template, plans->memory, out)) {
        if (!plan) {
            outbuf_text(out, ": nobody asked\n");
        } else {
            uint32_t top = top_of(plan, plans->continuation_count);
            outbuf_text(out, ": a record is meant: ");
            put_target(plan->record_root, out);
            for (uint32_t i = 0; i < plans->continuation_count; i++) {
                if (plan->roots[i] == PLAN_NO)
                    continue;
                outbuf_text(out, "; in a value, path ");
                explain_number(i, out);
                outbuf_text(out, ": ");
                put_target(plan->roots[i], out);
            }
            outbuf_text(out, "\n");
            if (top != PLAN_NO)
                put_code(query, &described, plan, top, out);
        }
    }
    outbuf_destroy(&described.text);
}
