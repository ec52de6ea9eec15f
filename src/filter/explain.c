// SPDX-License-Identifier: MIT
#include "filter/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"
#include "filter/calendar.h"
#include "filter/query_tree.h"

enum { UNITS_SHOWN_MAX = 200 }; // of a constant

static const char *const operators[] = {
    [LITERAL_EQ] = "=",
    [LITERAL_NE] = "!=",
    [LITERAL_LT] = "<",
    [LITERAL_LE] = "<=",
    [LITERAL_GT] = ">",
    [LITERAL_GE] = ">=",
    [LITERAL_LIKE] = "is like",
    [LITERAL_CONTAINS] = "contains",
    [LITERAL_STARTS] = "starts with",
    [LITERAL_ENDS] = "ends with",
    [LITERAL_REGEX] = "matches",
    [LITERAL_CIDR] = "is in the network",
    [LITERAL_SET] = "is in",
};

void explain_number(uint64_t number, struct outbuf *out)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    outbuf_text(out, text);
}

static void put_real(double number, struct outbuf *out)
{
    char text[32];
    snprintf(text, sizeof text, "%.17g", number);
    outbuf_text(out, text);
}

static void put_units(const uint8_t *units, uint32_t count, struct outbuf *out)
{
    bool is_cut = count > UNITS_SHOWN_MAX;
    uint32_t shown = is_cut ? UNITS_SHOWN_MAX : count;
    uint8_t *at = outbuf_reserve(out, UTF8_BYTES_PER_UNIT_MAX * UNITS_SHOWN_MAX);
    outbuf_commit(
        out, utf8_put_units(at, UTF8_BYTES_PER_UNIT_MAX * UNITS_SHOWN_MAX, units, shown, &is_cut));
    if (is_cut)
        outbuf_text(out, "...");
}

static void put_set(const struct literal *literal, struct outbuf *out)
{
    outbuf_text(out, "{");
    for (uint32_t i = 0; i < literal->range_count && i < UNITS_SHOWN_MAX; i++) {
        const struct number_range *range = &literal->ranges[i];
        outbuf_text(out, i ? ", " : "");
        explain_number(range->first, out);
        if (range->last == range->first)
            continue;
        outbuf_text(out, "-");
        if (range->last != UINT64_MAX)
            explain_number(range->last, out);
    }
    outbuf_text(out, literal->range_count > UNITS_SHOWN_MAX ? ", ...}" : "}");
}

void explain_literal(const struct literal *literal, struct outbuf *out)
{
    static const char *const parts[] = {
        [LITERAL_PART_MINUTE] = " (its minute)", [LITERAL_PART_HOUR] = " (its hour)",
        [LITERAL_PART_DAY] = " (its day)",       [LITERAL_PART_WEEK] = " (its week)",
        [LITERAL_PART_MONTH] = " (its month)",   [LITERAL_PART_YEAR] = " (its year)",
    };
    if (literal->part != LITERAL_PART_NONE)
        outbuf_text(out, parts[literal->part]);
    outbuf_text(out, " ");
    outbuf_text(out, operators[literal->op]);
    outbuf_text(out, " ");
    if (literal->op == LITERAL_SET) {
        put_set(literal, out);
        return;
    }
    const char *quote = literal->is_number_token ? "" : "'";
    outbuf_text(out, quote);
    put_units(literal->units, literal->unit_count, out);
    outbuf_text(out, quote);
    if (literal->is_cased)
        outbuf_text(out, " (with case)");
}

static void put_steps(const struct query_tree *query, uint32_t first, uint32_t count,
                      struct outbuf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct path_query_step *step = &query->steps[first + i];
        outbuf_text(out, i ? "/" : "");
        outbuf_text(out, step->is_attribute ? "@" : "");
        if (step->is_text)
            outbuf_text(out, "text()");
        else if (step->name_units == 0)
            outbuf_text(out, "*");
        else
            put_units(step->name, step->name_units, out);
        for (uint32_t p = step->predicates; p != NO_EXPRESSION; p = query->expressions[p].next) {
            outbuf_text(out, "[");
            explain_expression(query, p, out);
            outbuf_text(out, "]");
        }
    }
}

static void put_operands(const struct query_tree *query, const struct expression *expression,
                         struct outbuf *out)
{
    const char *between = expression->kind == EXPRESSION_OR ? " or " : " and ";
    outbuf_text(out, "(");
    for (uint32_t i = expression->operands; i != NO_EXPRESSION && !out->failed;
         i = query->expressions[i].next) {
        outbuf_text(out, i == expression->operands ? "" : between);
        explain_expression(query, i, out);
    }
    outbuf_text(out, ")");
}

static void put_operand(const struct query_tree *query, const struct band_operand *operand,
                        struct outbuf *out)
{
    char text[24];
    if (operand->step_count > 0) {
        put_steps(query, operand->first_step, operand->step_count, out);
        return;
    }
    snprintf(text, sizeof text, "0x%" PRIx64, operand->number);
    outbuf_text(out, text);
}

static void put_band(const struct query_tree *query, const struct expression *expression,
                     struct outbuf *out)
{
    outbuf_text(out, "band(");
    put_operand(query, &expression->band.a, out);
    outbuf_text(out, ", ");
    put_operand(query, &expression->band.b, out);
    outbuf_text(out, ")");
    if (!expression->band.is_compared)
        return;
    outbuf_text(out, operators[expression->op]);
    put_real(expression->band.number, out);
}

static void put_ticks(uint64_t ticks, struct outbuf *out)
{
    const struct calendar_time time = calendar_of_ticks((int64_t)(ticks & INT64_MAX));
    char text[80];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", (int)time.year,
             (int)time.month, (int)time.day, (int)time.hour, (int)time.minute, (int)time.second,
             (int)time.ticks);
    outbuf_text(out, text);
}

static void put_timediff(const struct query_tree *query, const struct expression *expression,
                         struct outbuf *out)
{
    outbuf_text(out, "timediff(");
    put_steps(query, expression->timediff.first_step, expression->timediff.step_count, out);
    outbuf_text(out, ", ");
    if (expression->timediff.has_ticks)
        put_ticks((uint64_t)expression->timediff.ticks, out);
    else
        put_steps(query, expression->timediff.ref_first_step, expression->timediff.ref_step_count,
                  out);
    outbuf_text(out, ")");
    outbuf_text(out, operators[expression->op]);
    put_real(expression->timediff.milliseconds, out);
}

static void put_header(const struct expression *expression, struct outbuf *out)
{
    bool is_time = expression->header.field == HEADER_FIELD_WRITTEN;
    outbuf_text(out, is_time ? "written" : "record number");
    if (expression->header.low > 0) {
        outbuf_text(out, " >= ");
        is_time ? put_ticks(expression->header.low, out)
                : explain_number(expression->header.low, out);
    }
    if (expression->header.high < UINT64_MAX) {
        outbuf_text(out, " <= ");
        is_time ? put_ticks(expression->header.high, out)
                : explain_number(expression->header.high, out);
    }
}

// Nested as deep as a query may be.
void explain_expression(const struct query_tree *query, uint32_t index, struct outbuf *out)
{
    const struct expression *expression = &query->expressions[index];
    EVX_CHECK(index < query->expression_count);
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_TRUE:
        outbuf_text(out, "every record");
        return;
    case EXPRESSION_FALSE:
        outbuf_text(out, "no record");
        return;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        put_operands(query, expression, out);
        return;
    case EXPRESSION_NOT:
        outbuf_text(out, "not ");
        explain_expression(query, expression->operands, out);
        return;
    case EXPRESSION_PATH:
        put_steps(query, expression->path.first_step, expression->path.step_count, out);
        if (expression->path.literal)
            explain_literal(expression->path.literal, out);
        return;
    case EXPRESSION_POSITION:
        outbuf_text(out, "position()");
        outbuf_text(out, operators[expression->op]);
        put_real(expression->position, out);
        return;
    case EXPRESSION_BAND:
        put_band(query, expression, out);
        return;
    case EXPRESSION_TIMEDIFF:
        put_timediff(query, expression, out);
        return;
    case EXPRESSION_ANY_TEXT:
        outbuf_text(out, "any value");
        explain_literal(expression->path.literal, out);
        return;
    case EXPRESSION_LOG:
        outbuf_text(out, expression->path.is_file ? "file" : "log or channel");
        explain_literal(expression->path.literal, out);
        return;
    case EXPRESSION_HEADER:
        put_header(expression, out);
        return;
    case EXPRESSION_SAME:
        put_steps(query, expression->same.first_step, expression->same.step_count, out);
        outbuf_text(out, " ");
        outbuf_text(out, operators[expression->op]);
        outbuf_text(out, " the value of ");
        put_steps(query, expression->same.ref_first_step, expression->same.ref_step_count, out);
        return;
    }
}

// ---- what Windows would not take ----------------------------------------------------------------

enum {
    WINDOWS_OPERANDS_MAX = 23, // of a chain
    WINDOWS_PREDICATES_MAX = 21,
};

static uint32_t operands_of(const struct query_tree *query, const struct expression *chain)
{
    uint32_t count = 0;
    for (uint32_t i = chain->operands; i != NO_EXPRESSION; i = query->expressions[i].next)
        count++;
    return count;
}

// How many predicates stand in one another, below an expression. Nested as deep as a query is.
static uint32_t predicates_of(const struct query_tree *query, uint32_t index)
{
    const struct expression *expression = &query->expressions[index];
    uint32_t deepest = 0, depth;
    switch ((enum expression_kind)expression->kind) {
    case EXPRESSION_AND:
    case EXPRESSION_OR:
    case EXPRESSION_NOT:
        for (uint32_t i = expression->operands; i != NO_EXPRESSION; i = query->expressions[i].next)
            if ((depth = predicates_of(query, i)) > deepest)
                deepest = depth;
        return deepest;
    case EXPRESSION_PATH:
        for (uint32_t i = 0; i < expression->path.step_count; i++)
            for (uint32_t p = query->steps[expression->path.first_step + i].predicates;
                 p != NO_EXPRESSION; p = query->expressions[p].next)
                if ((depth = 1 + predicates_of(query, p)) > deepest)
                    deepest = depth;
        return deepest;
    default:
        return 0;
    }
}

static void put_limit(const char *what, uint32_t count, uint32_t max, struct outbuf *out)
{
    char text[160];
    if (count <= max)
        return;
    snprintf(text, sizeof text, "Windows would refuse it: %u %s, and it takes %u\n", count, what,
             max);
    outbuf_text(out, text);
}

void explain_query(const struct query_tree *query, struct outbuf *out)
{
    uint32_t longest = 0;
    outbuf_text(out, "Asked: ");
    explain_expression(query, query->root, out);
    outbuf_text(out, "\n");
    for (uint32_t i = 0; i < query->expression_count; i++) {
        const struct expression *expression = &query->expressions[i];
        bool is_chain = expression->kind == EXPRESSION_AND || expression->kind == EXPRESSION_OR;
        uint32_t count = is_chain ? operands_of(query, expression) : 0;
        longest = count > longest ? count : longest;
    }
    put_limit("operands in one chain of and, or", longest, WINDOWS_OPERANDS_MAX, out);
    put_limit("predicates in one another", predicates_of(query, query->root),
              WINDOWS_PREDICATES_MAX, out);
}
