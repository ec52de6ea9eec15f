// SPDX-License-Identifier: MIT
// The tree of a query as one line of text, the same for the same meaning: what tests of the parsers
// compare.
#ifndef EVX_SUPPORT_QUERY_PRINT_H
#define EVX_SUPPORT_QUERY_PRINT_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/load.h"
#include "filter/query_tree.h"

struct query_print {
    char *out;
    size_t size, used;
};

static inline __attribute__((format(printf, 2, 3))) void query_printf(struct query_print *print,
                                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(print->out + print->used, print->size - print->used, format, arguments);
    va_end(arguments);
    print->used +=
        (size_t)length < print->size - print->used ? (size_t)length : print->size - print->used - 1;
}

static inline void query_print_units(struct query_print *print, const uint8_t *units,
                                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint16_t unit = load_u16(units + 2 * i);
        if (unit >= ' ' && unit < 0x7F)
            query_printf(print, "%c", unit);
        else
            query_printf(print, "{%04X}", unit);
    }
}

static inline const char *query_op(uint8_t op)
{
    static const char *const ops[] = {"=",        "!=",     "<",    "<=", ">",    ">=", "like",
                                      "contains", "starts", "ends", "re", "cidr", "set"};
    return ops[op];
}

// All readings of the text but the text itself.
static inline void query_print_readings(struct query_print *print, const struct literal *literal)
{
    if (literal->has_number && literal->number.is_integer)
        query_printf(print, "#%s%" PRIu64, literal->number.is_negative ? "-" : "",
                     literal->number.integer);
    else if (literal->has_number)
        query_printf(print, "#%.17g", literal->number.real);
    if (literal->has_time)
        query_printf(print, "@%" PRId64, literal->ticks);
    if (literal->has_bool)
        query_printf(print, "?%d", literal->truth);
    if (literal->has_guid) {
        query_printf(print, "$");
        for (int i = 0; i < 16; i++)
            query_printf(print, "%02x", literal->guid[i]);
    }
}

static inline void query_print_literal(struct query_print *print, const struct literal *literal)
{
    static const char *const parts[] = {"", "minute", "hour", "day", "week", "month", "year"};
    if (literal->part)
        query_printf(print, ".%s", parts[literal->part]);
    query_printf(print, "%s", query_op(literal->op));
    if (literal->op == LITERAL_REGEX) {
        query_printf(print, "%s%s%s", literal->regex_flags & LITERAL_REGEX_CASELESS ? ".i" : "",
                     literal->regex_flags & LITERAL_REGEX_MULTILINE ? ".m" : "",
                     literal->regex_flags & LITERAL_REGEX_DOT_ALL ? ".s" : "");
    } else if (literal->op == LITERAL_SET) {
        query_printf(print, "{");
        for (uint32_t i = 0; i < literal->range_count; i++)
            query_printf(print, "%s%" PRIu64 "-%" PRIu64, i ? "," : "", literal->ranges[i].first,
                         literal->ranges[i].last);
        query_printf(print, "}");
        return;
    } else if (literal->op == LITERAL_CIDR) {
        for (int i = 0; i < (literal->is_ipv6 ? 16 : 4); i++)
            query_printf(print, "%s%02x", i ? "" : ":", literal->network[i]);
        query_printf(print, "/%u", literal->network_bits);
        return;
    }
    if (literal->is_cased)
        query_printf(print, ".cased");
    query_printf(print, literal->is_number_token ? "" : "'");
    query_print_units(print, literal->units, literal->unit_count);
    query_printf(print, literal->is_number_token ? "" : "'");
    query_print_readings(print, literal);
}

static inline void query_print_list(struct query_print *print, const struct query_tree *tree,
                                    uint32_t first, const char *between);

static inline void query_print_path(struct query_print *print, const struct query_tree *tree,
                                    uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct path_query_step *step = &tree->steps[first + i];
        query_printf(print, "%s%s", i ? "/" : "", step->is_attribute ? "@" : "");
        if (step->is_text)
            query_printf(print, "text()");
        else if (step->name_units == 0)
            query_printf(print, "*");
        query_print_units(print, step->name, step->name_units);
        if (step->predicates != NO_EXPRESSION) {
            query_printf(print, "[");
            query_print_list(print, tree, step->predicates, "][");
            query_printf(print, "]");
        }
    }
}

static inline void query_print_operand(struct query_print *print, const struct query_tree *tree,
                                       const struct band_operand *operand)
{
    if (operand->step_count)
        query_print_path(print, tree, operand->first_step, operand->step_count);
    else
        query_printf(print, "0x%" PRIx64, operand->number);
}

static inline void query_print_timediff(struct query_print *print, const struct query_tree *tree,
                                        const struct expression *expression)
{
    query_printf(print, "timediff(");
    query_print_path(print, tree, expression->timediff.first_step, expression->timediff.step_count);
    query_printf(print, ",");
    if (expression->timediff.is_now)
        query_printf(print, "now=");
    if (expression->timediff.has_ticks)
        query_printf(print, "%" PRId64, expression->timediff.ticks);
    else
        query_print_path(print, tree, expression->timediff.ref_first_step,
                         expression->timediff.ref_step_count);
    query_printf(print, ")%s%.17g", query_op(expression->op), expression->timediff.milliseconds);
}

static inline void query_print_one(struct query_print *print, const struct query_tree *tree,
                                   const struct expression *e)
{
    switch (e->kind) {
    case EXPRESSION_TRUE:
    case EXPRESSION_FALSE:
        query_printf(print, e->kind == EXPRESSION_TRUE ? "TRUE" : "FALSE");
        break;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
    case EXPRESSION_NOT:
        query_printf(print, e->kind == EXPRESSION_NOT ? "not(" : "(");
        query_print_list(print, tree, e->operands, e->kind == EXPRESSION_AND ? " and " : " or ");
        query_printf(print, ")");
        break;
    case EXPRESSION_PATH:
    case EXPRESSION_ANY_TEXT:
        query_printf(print, e->kind == EXPRESSION_ANY_TEXT ? "any " : "");
        query_print_path(print, tree, e->path.first_step, e->path.step_count);
        if (e->path.literal)
            query_print_literal(print, e->path.literal);
        break;
    case EXPRESSION_POSITION:
        query_printf(print, "#%s%g", query_op(e->op), e->position);
        break;
    case EXPRESSION_BAND:
        query_printf(print, "band(");
        query_print_operand(print, tree, &e->band.a);
        query_printf(print, ",");
        query_print_operand(print, tree, &e->band.b);
        query_printf(print, ")");
        if (e->band.is_compared)
            query_printf(print, "%s%g", query_op(e->op), e->band.number);
        break;
    case EXPRESSION_TIMEDIFF:
        query_print_timediff(print, tree, e);
        break;
    case EXPRESSION_LOG:
        query_printf(print, e->path.is_file ? "file " : "log ");
        query_print_literal(print, e->path.literal);
        break;
    case EXPRESSION_HEADER:
        query_printf(print, "%s %" PRIu64 "-%" PRIu64,
                     e->header.field == HEADER_FIELD_RECORD ? "record" : "written", e->header.low,
                     e->header.high);
        break;
    default:
        query_printf(print, "UNKNOWN");
        break;
    }
}

static inline void query_print_list(struct query_print *print, const struct query_tree *tree,
                                    uint32_t first, const char *between)
{
    for (uint32_t at = first; at != NO_EXPRESSION; at = tree->expressions[at].next) {
        if (at != first)
            query_printf(print, "%s", between);
        query_print_one(print, tree, &tree->expressions[at]);
    }
}

static inline void query_print(const struct query_tree *tree, uint32_t expression, char *out,
                               size_t size)
{
    struct query_print print = {.out = out, .size = size};
    *out = '\0';
    query_print_one(&print, tree, &tree->expressions[expression]);
}

#endif
