// SPDX-License-Identifier: MIT
// Filters that are texts.
#include "filter/conditions.h"

#include "base/check.h"
#include "filter/list_items.h"
#include "filter/make_literal.h"
#include "filter/query_path.h"
#include "filter/reading.h"

// S-1- and numbers.
static bool is_sid(const struct query_text *item)
{
    struct reading_text text = reading_of_bytes(item->bytes, item->size);
    if (!reading_accept(&text, 'S') && !reading_accept(&text, 's'))
        return false;
    uint32_t numbers = 0;
    while (reading_accept(&text, '-')) {
        if (reading_digit(reading_peek(&text)) > 9)
            return false;
        while (reading_digit(reading_peek(&text)) <= 9)
            reading_skip(&text, 1);
        numbers++;
    }
    return numbers >= 2 && text.count == 0;
}

static uint32_t text_test(struct query_tree *tree, const struct query_path *path,
                          const struct query_text *item)
{
    const struct literal *literal =
        literal_make_pattern(tree, PATTERN_PLAIN, item->bytes, item->size, false, false, false);
    return literal ? query_path_test(tree, path, literal) : NO_EXPRESSION;
}

static uint32_t condition_items(struct query_tree *tree, const char *path, struct list_items items,
                                const char *expected, struct query_error *error)
{
    struct expression_chain chain = EMPTY_CHAIN;
    struct query_text item;
    struct query_path made;
    if (!query_path_make(tree, path, &made))
        return query_error_of_tree(error, tree, 0);
    while (list_items_next(&items, expected, &item, error)) {
        uint32_t test = text_test(tree, &made, &item);
        if (test == NO_EXPRESSION)
            return query_error_of_tree(error, tree, 0);
        expression_chain_add(tree, &chain, test);
    }
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    uint32_t all = expression_chain_end(tree, EXPRESSION_OR, &chain);
    return all == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : all;
}

uint32_t condition_names(struct query_tree *tree, enum condition_name name, const char *text,
                         size_t size, struct query_error *error)
{
    static const char *const paths[] = {"*/System/Provider/@Name", "*/System/Channel",
                                        "*/System/Computer"};
    EVX_CHECK(name <= CONDITION_COMPUTER);
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    return condition_items(tree, paths[name], list_items_of(text, size), "a name", error);
}

uint32_t condition_users(struct query_tree *tree, const char *text, size_t size,
                         struct query_error *error)
{
    static const char expected[] = "a SID such as S-1-5-18";
    struct list_items items = list_items_of(text, size);
    struct query_text item;
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    while (list_items_next(&items, expected, &item, error)) {
        if (!is_sid(&item))
            return query_error_set(error, &item, 0, item.size, expected,
                                   "which account has which SID is not in a log");
    }
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    return condition_items(tree, "*/System/Security/@UserID", list_items_of(text, size), expected,
                           error);
}

static uint32_t any_text(struct query_tree *tree, enum literal_op op, const char *text, size_t size,
                         struct query_error *error)
{
    struct query_text all = query_text_of(text, size);
    if (!query_text_check(text, size, error))
        return NO_EXPRESSION;
    if (size == 0)
        return query_error_set(error, &all, 0, 0, "a text to look for", NULL);
    struct literal *literal = literal_make(tree, op, text, size);
    uint32_t test = query_tree_add(tree, EXPRESSION_ANY_TEXT, 0);
    if (!literal || test == NO_EXPRESSION)
        return query_error_of_tree(error, tree, 0);
    literal->is_cased = op == LITERAL_REGEX;
    tree->expressions[test].path.literal = literal;
    return test;
}

uint32_t condition_search(struct query_tree *tree, const char *text, size_t size,
                          struct query_error *error)
{
    return any_text(tree, LITERAL_CONTAINS, text, size, error);
}

uint32_t condition_regex(struct query_tree *tree, const char *text, size_t size,
                         struct query_error *error)
{
    return any_text(tree, LITERAL_REGEX, text, size, error);
}
