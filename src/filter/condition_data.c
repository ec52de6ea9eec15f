// SPDX-License-Identifier: MIT
#include "filter/conditions.h"

#include <string.h>

#include "base/check.h"
#include "filter/field_name.h"
#include "filter/make_literal.h"
#include "filter/modifiers.h"
#include "filter/reading.h"
#include "filter/variants.h"

// One text, taken apart.
struct item {
    struct query_text key; // FIELD|MODIFIER...
    struct query_text field, modifiers, value;
    bool has_value, is_done;
};

struct maker {
    struct query_tree *tree;
    struct query_error *error;
};

static uint32_t fail_tree(struct maker *maker)
{
    return query_error_of_tree(maker->error, maker->tree, 0);
}

// The `=` is the first one outside of brackets: a field may be Data[@Name='x'].
static struct item take_apart(const struct condition_text *text)
{
    struct query_text all = query_text_of(text->text, text->size);
    size_t depth = 0, end = 0;
    for (; end < all.size && (depth > 0 || all.bytes[end] != '='); end++) {
        if (all.bytes[end] == '[')
            depth++;
        else if (all.bytes[end] == ']' && depth > 0)
            depth--;
    }
    struct item item = {.key = query_text_part(&all, 0, end), .has_value = end < all.size};
    const char *bar = end > 0 ? memchr(all.bytes, '|', end) : NULL;
    size_t size = bar ? (size_t)(bar - all.bytes) : end;
    item.field = query_text_part(&all, 0, size);
    item.modifiers = query_text_part(&all, size + (bar != NULL), end - size - (bar != NULL));
    item.value = query_text_part(&all, end + item.has_value, all.size - end - item.has_value);
    return item;
}

// ------------------------------------------------------------------------------------------
// literals

static struct literal *number_literal(struct maker *maker, const struct query_text *text,
                                      const struct modifiers *modifiers)
{
    struct literal *literal = literal_make(maker->tree, modifiers->op, text->bytes, text->size);
    if (!literal) {
        fail_tree(maker);
        return NULL;
    }
    if (!literal->has_number && (modifiers->part || !literal->has_time)) {
        query_error_set(maker->error, text, 0, text->size, "a number", NULL);
        return NULL;
    }
    literal->is_number_token = literal->has_number;
    literal->part = modifiers->part;
    return literal;
}

static struct literal *network_literal(struct maker *maker, const struct query_text *text)
{
    struct literal *literal = literal_make_network(maker->tree, text->bytes, text->size);
    if (!literal && maker->tree->failure)
        fail_tree(maker);
    else if (!literal)
        query_error_set(maker->error, text, 0, text->size, "a network such as 10.0.0.0/8", NULL);
    return literal;
}

static struct literal *make(struct maker *maker, const struct query_text *text,
                            const struct modifiers *modifiers)
{
    struct literal *literal;
    bool any_before = modifiers->match == MATCH_CONTAINS || modifiers->match == MATCH_ENDS;
    bool any_after = modifiers->match == MATCH_CONTAINS || modifiers->match == MATCH_STARTS;
    switch (modifiers->match) {
    case MATCH_NUMBER:
        return number_literal(maker, text, modifiers);
    case MATCH_NETWORK:
        return network_literal(maker, text);
    case MATCH_REGEX:
        literal = literal_make(maker->tree, LITERAL_REGEX, text->bytes, text->size);
        if (literal) {
            literal->regex_flags = modifiers->regex_flags;
            literal->is_cased = !(modifiers->regex_flags & LITERAL_REGEX_CASELESS);
        }
        break;
    default:
        literal = literal_make_pattern(maker->tree, PATTERN_SIGMA, text->bytes, text->size,
                                       any_before, any_after, modifiers->cased);
        break;
    }
    if (!literal)
        fail_tree(maker);
    return literal;
}

// ---------------------------------------------------------------------------------------
// expressions

// Some value of the field satisfies the literal; without one, there is such a field.
static uint32_t field_test(struct maker *maker, const struct field_paths *field,
                           const struct literal *literal)
{
    struct expression_chain chain = EMPTY_CHAIN;
    for (uint32_t i = 0; i < field->count; i++)
        expression_chain_add(maker->tree, &chain,
                             query_path_test(maker->tree, &field->paths[i], literal));
    uint32_t test = expression_chain_end(maker->tree, EXPRESSION_OR, &chain);
    return maker->tree->failure ? fail_tree(maker) : test;
}

static uint32_t exists_test(struct maker *maker, const struct item *item,
                            const struct field_paths *field)
{
    bool truth = true;
    if (item->has_value &&
        !reading_truth(reading_of_bytes(item->value.bytes, item->value.size), &truth))
        return query_error_set(maker->error, &item->value, 0, item->value.size, "true or false",
                               NULL);
    uint32_t test = field_test(maker, field, NULL);
    return truth || test == NO_EXPRESSION ? test : query_not(maker->tree, test);
}

// A value that was copied from a record, such as \??\C:\Users or \\host\C$, means itself, whatever
// a pattern makes of its marks.
static bool means_itself(const struct query_text *text, const struct modifiers *modifiers)
{
    bool is_plain =
        modifiers->match == MATCH_WHOLE && !modifiers->cased && modifiers->change_count == 0;
    return is_plain &&
           (memchr(text->bytes, '*', text->size) || memchr(text->bytes, '?', text->size) ||
            memmem(text->bytes, text->size, "\\\\", 2));
}

static uint32_t itself_test(struct maker *maker, const struct query_text *text,
                            const struct field_paths *field)
{
    const struct literal *literal = literal_make(maker->tree, LITERAL_EQ, text->bytes, text->size);
    return literal ? field_test(maker, field, literal) : NO_EXPRESSION;
}

static uint32_t value_test(struct maker *maker, const struct item *item,
                           const struct field_paths *field, const struct modifiers *modifiers)
{
    struct expression_chain chain = EMPTY_CHAIN;
    if (means_itself(&item->value, modifiers))
        expression_chain_add(maker->tree, &chain, itself_test(maker, &item->value, field));
    struct variant *variant = variants_make(maker->tree, &item->value, modifiers, maker->error);
    if (!variant)
        return NO_EXPRESSION;
    for (; variant; variant = variant->next) {
        const struct literal *literal = make(maker, &variant->text, modifiers);
        uint32_t test = literal ? field_test(maker, field, literal) : NO_EXPRESSION;
        if (test == NO_EXPRESSION)
            return NO_EXPRESSION;
        expression_chain_add(maker->tree, &chain, test);
    }
    uint32_t all = expression_chain_end(maker->tree, EXPRESSION_OR, &chain);
    return all == NO_EXPRESSION ? fail_tree(maker) : all;
}

// Some value of the field and some value of the other one that the text names.
static uint32_t same_test(struct maker *maker, const struct item *item,
                          const struct field_paths *field, const struct modifiers *modifiers)
{
    static const enum literal_op ops[] = {[MATCH_WHOLE] = LITERAL_EQ,
                                          [MATCH_CONTAINS] = LITERAL_CONTAINS,
                                          [MATCH_STARTS] = LITERAL_STARTS,
                                          [MATCH_ENDS] = LITERAL_ENDS};
    struct expression_chain chain = EMPTY_CHAIN;
    struct field_paths other;
    EVX_CHECK(modifiers->match <= MATCH_ENDS);
    if (!field_name_parse(maker->tree, &item->value, &other, maker->error))
        return NO_EXPRESSION;
    for (uint32_t i = 0; i < field->count * other.count; i++) {
        const struct query_path *path = &field->paths[i / other.count];
        const struct query_path *ref = &other.paths[i % other.count];
        uint32_t test = query_tree_add(maker->tree, EXPRESSION_SAME, 0);
        if (test == NO_EXPRESSION)
            return fail_tree(maker);
        struct expression *expression = &maker->tree->expressions[test];
        expression->op = (uint8_t)ops[modifiers->match];
        expression->same.first_step = path->first_step;
        expression->same.step_count = path->step_count;
        expression->same.ref_first_step = ref->first_step;
        expression->same.ref_step_count = ref->step_count;
        expression->same.is_cased = modifiers->cased;
        expression_chain_add(maker->tree, &chain, test);
    }
    uint32_t any = expression_chain_end(maker->tree, EXPRESSION_OR, &chain);
    return any == NO_EXPRESSION ? fail_tree(maker) : any;
}

// %name%, for which there is no table.
static bool has_placeholder(const struct query_text *text)
{
    const char *first = text->size ? memchr(text->bytes, '%', text->size) : NULL;
    return first && memchr(first + 1, '%', text->size - (size_t)(first + 1 - text->bytes));
}

static uint32_t item_test(struct maker *maker, const struct item *item,
                          const struct field_paths *field, const struct modifiers *modifiers)
{
    bool is_there = modifiers->match == MATCH_EXISTS || !item->has_value;
    if (!item->has_value && modifiers->match != MATCH_EXISTS && item->modifiers.size > 0)
        return query_error_set(maker->error, &item->value, 0, 0, "= and a value", NULL);
    if (modifiers->is_expanded && has_placeholder(&item->value))
        return query_error_set(maker->error, &item->value, 0, item->value.size,
                               "a value without placeholders",
                               "what stands for which is not known here");
    uint32_t test = is_there              ? exists_test(maker, item, field)
                    : modifiers->is_field ? same_test(maker, item, field, modifiers)
                                          : value_test(maker, item, field, modifiers);
    return test == NO_EXPRESSION && maker->error->kind == QUERY_ERROR_NONE ? fail_tree(maker)
                                                                           : test;
}

static bool is_same(const struct query_text *a, const struct query_text *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

// All items with the key of this one.
static uint32_t key_test(struct maker *maker, struct item *items, size_t at, size_t count,
                         size_t *ret_wrong)
{
    struct expression_chain chain = EMPTY_CHAIN;
    const struct item *first = &items[at];
    struct field_paths field;
    struct modifiers modifiers;
    *ret_wrong = at;
    if (!field_name_parse(maker->tree, &first->field, &field, maker->error) ||
        !modifiers_parse(&first->modifiers, &modifiers, maker->error))
        return NO_EXPRESSION;
    for (size_t i = at; i < count; i++) {
        if (!is_same(&items[i].key, &first->key))
            continue;
        *ret_wrong = i;
        items[i].is_done = true;
        uint32_t test = item_test(maker, &items[i], &field, &modifiers);
        if (test == NO_EXPRESSION)
            return NO_EXPRESSION;
        expression_chain_add(maker->tree, &chain, test);
    }
    uint32_t all =
        expression_chain_end(maker->tree, modifiers.all ? EXPRESSION_AND : EXPRESSION_OR, &chain);
    if (modifiers.negated)
        all = query_not(maker->tree, all);
    return all == NO_EXPRESSION ? fail_tree(maker) : all;
}

uint32_t condition_data(struct query_tree *tree, const struct condition_text *texts, size_t count,
                        size_t *ret_wrong, struct query_error *error)
{
    struct maker maker = {tree, error};
    struct expression_chain chain = EMPTY_CHAIN;
    *ret_wrong = 0;
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    if (count > QUERY_EXPRESSIONS_MAX)
        return query_error_limit(error, 0, "fewer conditions");
    struct item *items = query_tree_allocate(tree, (count ? count : 1) * sizeof *items);
    if (!items)
        return fail_tree(&maker);
    for (size_t i = 0; i < count; i++) {
        *ret_wrong = i;
        if (!query_text_check(texts[i].text, texts[i].size, error))
            return NO_EXPRESSION;
        items[i] = take_apart(&texts[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_done)
            continue;
        uint32_t test = key_test(&maker, items, i, count, ret_wrong);
        if (test == NO_EXPRESSION)
            return NO_EXPRESSION;
        expression_chain_add(tree, &chain, test);
    }
    uint32_t all = expression_chain_end(tree, EXPRESSION_AND, &chain);
    return all == NO_EXPRESSION ? fail_tree(&maker) : all;
}
