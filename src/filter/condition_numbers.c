// SPDX-License-Identifier: MIT
// Filters that are sets of numbers.
#include "filter/conditions.h"

#include <string.h>

#include "base/check.h"
#include "filter/list_items.h"
#include "filter/make_literal.h"
#include "filter/number_set.h"
#include "filter/query_path.h"
#include "filter/reading.h"

// What a list of numbers may hold.
struct number_rules {
    const char *path;
    uint64_t max;
    bool may_remove; // items behind a `-`
    bool may_open;   // ranges without an end
    const char *expected;
    const char *hint;
};

struct number_lists {
    struct number_range *added, *removed, *result;
    uint32_t added_count, removed_count;
};

static bool take_blanks(struct reading_text *text)
{
    while (reading_accept(text, ' ') || reading_accept(text, '\t')) {
    }
    return true;
}

static bool take_number(struct reading_text *text, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (reading_digit(reading_peek(text)) > 9)
        return false;
    for (; reading_digit(reading_peek(text)) <= 9; reading_skip(text, 1)) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, reading_digit(reading_peek(text)), &number) ||
            number > max)
            return false;
    }
    *ret_number = number;
    return take_blanks(text);
}

// n, n-m, and by the rules n-; a range has to rise.
static bool take_range(struct reading_text *text, const struct number_rules *rules,
                       struct number_range *ret_range)
{
    struct number_range range;
    if (!take_number(text, rules->max, &range.first))
        return false;
    range.last = range.first;
    if (reading_accept(text, '-')) {
        take_blanks(text);
        if (text->count == 0 && rules->may_open)
            range.last = rules->max;
        else if (!take_number(text, rules->max, &range.last) || range.last <= range.first)
            return false;
    }
    *ret_range = range;
    return text->count == 0;
}

static bool take_items(struct number_lists *lists, struct list_items *items,
                       const struct number_rules *rules, struct query_error *error)
{
    struct query_text item;
    while (list_items_next(items, rules->expected, &item, error)) {
        struct reading_text text = reading_of_bytes(item.bytes, item.size);
        struct number_range range;
        bool is_removed = rules->may_remove && reading_accept(&text, '-') && take_blanks(&text);
        if (!take_range(&text, rules, &range)) {
            query_error_set(error, &item, 0, item.size, rules->expected, rules->hint);
            return false;
        }
        if (is_removed)
            lists->removed[lists->removed_count++] = range;
        else
            lists->added[lists->added_count++] = range;
    }
    return error->kind == QUERY_ERROR_NONE;
}

static uint32_t number_test(struct query_tree *tree, const char *path,
                            const struct number_range *ranges, uint32_t count)
{
    struct query_path made;
    const struct literal *literal = literal_make_set(tree, ranges, count);
    if (!literal || !query_path_make(tree, path, &made))
        return NO_EXPRESSION;
    return query_path_test(tree, &made, literal);
}

static uint32_t condition_numbers(struct query_tree *tree, const char *text, size_t size,
                                  const struct number_rules *rules, struct query_error *error)
{
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    struct list_items items = list_items_of(text, size);
    size_t room = list_items_count_max(&items) * sizeof(struct number_range);
    struct number_lists lists = {query_tree_allocate(tree, room), query_tree_allocate(tree, room),
                                 query_tree_allocate(tree, 2 * room), 0, 0};
    uint32_t test;
    if (!lists.added || !lists.removed || !lists.result)
        return query_error_of_tree(error, tree, 0);
    if (!take_items(&lists, &items, rules, error))
        return NO_EXPRESSION;
    uint32_t added = number_set_normalise(lists.added, lists.added_count);
    uint32_t removed = number_set_normalise(lists.removed, lists.removed_count);
    if (added == 0) {
        test = query_not(tree, number_test(tree, rules->path, lists.removed, removed));
    } else {
        uint32_t count =
            number_set_subtract(lists.added, added, lists.removed, removed, lists.result);
        test = count > 0 ? number_test(tree, rules->path, lists.result, count)
                         : query_tree_add(tree, EXPRESSION_FALSE, 0);
    }
    return test == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : test;
}

uint32_t condition_ids(struct query_tree *tree, const char *text, size_t size,
                       struct query_error *error)
{
    static const struct number_rules rules = {
        .path = "*/System/EventID",
        .max = UINT16_MAX,
        .may_remove = true,
        .expected = "an event number up to 65535, a rising range, or one of these behind a '-'",
        .hint = "as in 4624, 4600-4700, -4650",
    };
    return condition_numbers(tree, text, size, &rules, error);
}

uint32_t condition_record_ids(struct query_tree *tree, const char *text, size_t size,
                              struct query_error *error)
{
    static const struct number_rules rules = {
        .path = "*/System/EventRecordID",
        .max = UINT64_MAX,
        .may_open = true,
        .expected = "a record number or a rising range",
        .hint = "as in 1, 5-9, 100-",
    };
    return condition_numbers(tree, text, size, &rules, error);
}

static bool read_level(const struct query_text *item, struct number_range *ret_range)
{
    static const struct {
        const char *name;
        uint8_t level;
    } names[] = {{"logalways", 0}, {"critical", 1}, {"crit", 1}, {"error", 2},
                 {"err", 2},       {"warning", 3},  {"warn", 3}, {"information", 4},
                 {"info", 4},      {"verbose", 5}};
    struct reading_text text = reading_of_bytes(item->bytes, item->size);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (reading_is_word(text, names[i].name)) {
            *ret_range = (struct number_range){names[i].level, names[i].level};
            return true;
        }
    }
    if (!take_number(&text, UINT8_MAX, &ret_range->first) || text.count > 0)
        return false;
    ret_range->last = ret_range->first;
    return true;
}

uint32_t condition_levels(struct query_tree *tree, const char *text, size_t size,
                          struct query_error *error)
{
    static const char expected[] = "a level: 0 to 255, critical, error, warning, info, verbose";
    struct list_items items = list_items_of(text, size);
    struct query_text item;
    uint32_t count = 0;
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    // `info` makes two.
    struct number_range *ranges =
        query_tree_allocate(tree, 2 * list_items_count_max(&items) * sizeof *ranges);
    if (!ranges)
        return query_error_of_tree(error, tree, 0);
    while (list_items_next(&items, expected, &item, error)) {
        if (!read_level(&item, &ranges[count]))
            return query_error_set(error, &item, 0, item.size, expected, NULL);
        bool is_name = reading_digit((uint8_t)item.bytes[0]) > 9;
        if (is_name && ranges[count].first == 4)
            ranges[++count] = (struct number_range){0, 0};
        count++;
    }
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    count = number_set_normalise(ranges, count);
    uint32_t test = number_test(tree, "*/System/Level", ranges, count);
    return test == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : test;
}

static bool read_mask(const struct query_text *item, uint64_t *ret_mask)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } names[] = {
        {"response-time", 48}, {"wdi-context", 49},   {"wdi-diagnostic", 50},   {"sqm", 51},
        {"audit-failure", 52}, {"audit-success", 53}, {"correlation-hint", 54}, {"classic", 55}};
    struct reading_text text = reading_of_bytes(item->bytes, item->size);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (reading_is_word(text, names[i].name)) {
            *ret_mask = UINT64_C(1) << names[i].bit;
            return true;
        }
    }
    struct literal_number number;
    if (!reading_number(text, &number) || !number.is_integer)
        return false;
    *ret_mask = number.is_negative ? -number.integer : number.integer;
    return true;
}

uint32_t condition_keywords(struct query_tree *tree, const char *text, size_t size,
                            struct query_error *error)
{
    static const char expected[] = "a mask, audit-success, audit-failure or classic";
    struct list_items items = list_items_of(text, size);
    struct query_text item;
    struct query_path path;
    uint64_t mask = 0, bits;
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    while (list_items_next(&items, expected, &item, error)) {
        if (!read_mask(&item, &bits))
            return query_error_set(error, &item, 0, item.size, expected, NULL);
        mask |= bits;
    }
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    uint32_t test = query_tree_add(tree, EXPRESSION_BAND, 0);
    if (test == NO_EXPRESSION || !query_path_make(tree, "*/System/Keywords", &path))
        return query_error_of_tree(error, tree, 0);
    tree->expressions[test].band.a =
        (struct band_operand){.first_step = path.first_step, .step_count = path.step_count};
    tree->expressions[test].band.b = (struct band_operand){.number = mask};
    return test;
}

uint32_t condition_header(struct query_tree *tree, enum header_field field, uint64_t low,
                          uint64_t high, struct query_error *error)
{
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    uint32_t test = query_tree_add(tree, EXPRESSION_HEADER, 0);
    if (test == NO_EXPRESSION)
        return query_error_of_tree(error, tree, 0);
    tree->expressions[test].header.field = (uint8_t)field;
    tree->expressions[test].header.low = low;
    tree->expressions[test].header.high = high;
    return test;
}
