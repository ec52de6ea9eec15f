// SPDX-License-Identifier: MIT
// Recursive descent, with a counted limit for all that can stand in one another. The root element
// is
// `*` in the tree, however the query calls it.
#include "filter/query_parse.h"

#include <string.h>

#include "base/check.h"
#include "filter/make_literal.h"
#include "filter/reading.h"
#include "filter/xpath_hint.h"
#include "filter/xpath_token.h"

struct parser {
    struct query_tree *tree;
    const struct query_text *text;
    const struct query_parse_options *options;
    struct query_error *error;
    struct xpath_token token;         // that is looked at
    struct xpath_token previous;      // in front of it
    uint32_t parentheses, predicates; // that are open
};

static uint32_t parse_or(struct parser *parser);

static void next(struct parser *parser)
{
    parser->previous = parser->token;
    parser->token = xpath_token_at(parser->text, parser->token.at + parser->token.size);
}

static struct xpath_token behind(const struct parser *parser)
{
    return xpath_token_at(parser->text, parser->token.at + parser->token.size);
}

static uint32_t offset_of(const struct parser *parser, const struct xpath_token *token)
{
    return query_text_offset(parser->text, token->at);
}

static uint32_t fail_at(struct parser *parser, const struct xpath_token *token,
                        const char *expected, const char *hint)
{
    return query_error_set(parser->error, parser->text, token->at, token->size, expected, hint);
}

static uint32_t fail(struct parser *parser, const char *expected)
{
    const struct xpath_token *found = &parser->token, *before = &parser->previous;
    const char *hint = xpath_hint(parser->text, found);
    if (found->kind == XPATH_NAME && before->kind == XPATH_STRING &&
        before->at + before->size == found->at)
        hint = "a text with one kind of quotes stands in the other";
    return fail_at(parser, found, expected, hint);
}

static uint32_t fail_tree(struct parser *parser)
{
    return query_error_of_tree(parser->error, parser->tree, offset_of(parser, &parser->token));
}

static bool expect(struct parser *parser, enum xpath_token_kind kind, const char *expected)
{
    if (parser->token.kind != kind) {
        fail(parser, expected);
        return false;
    }
    next(parser);
    return true;
}

static bool enter(struct parser *parser, uint32_t *depth)
{
    if (*depth >= QUERY_DEPTH_MAX) {
        query_error_limit(parser->error, offset_of(parser, &parser->token),
                          "at most 256 brackets of a kind in one another");
        return false;
    }
    ++*depth;
    next(parser);
    return true;
}

// ------------------------------------------------------------------------------------------- paths

struct step_node {
    struct path_query_step step;
    struct step_node *next;
};

struct path_steps {
    uint32_t first, count;
};

// Each predicate is an expression of the step's own list.
static bool parse_predicates(struct parser *parser, struct path_query_step *step)
{
    struct expression_chain chain = EMPTY_CHAIN;
    while (parser->token.kind == XPATH_OPEN_PREDICATE) {
        if (chain.count >= QUERY_DEPTH_MAX) {
            query_error_limit(parser->error, offset_of(parser, &parser->token),
                              "at most 256 predicates in a step");
            return false;
        }
        if (!enter(parser, &parser->predicates))
            return false;
        uint32_t parentheses = parser->parentheses;
        uint32_t predicate = parse_or(parser);
        if (predicate == NO_EXPRESSION)
            return false;
        EVX_CHECK(parser->parentheses == parentheses);
        if (!expect(parser, XPATH_CLOSE_PREDICATE, "'and', 'or' or ']'"))
            return false;
        parser->predicates--;
        expression_chain_add(parser->tree, &chain, predicate);
    }
    step->predicates = chain.first;
    return true;
}

static bool parse_axis(struct parser *parser, bool *ret_is_attribute)
{
    const struct xpath_token axis = parser->token;
    *ret_is_attribute = axis.kind == XPATH_AT;
    if (*ret_is_attribute) {
        next(parser);
        return true;
    }
    if (axis.kind != XPATH_NAME || behind(parser).kind != XPATH_AXIS)
        return true;
    *ret_is_attribute = xpath_token_is(parser->text, &axis, "attribute");
    if (!*ret_is_attribute && !xpath_token_is(parser->text, &axis, "child")) {
        fail_at(parser, &axis,
                "child:: or attribute::", "paths lead down, by names and attributes");
        return false;
    }
    next(parser);
    next(parser);
    return true;
}

static bool take_name(struct parser *parser, struct path_query_step *step)
{
    const struct xpath_token name = parser->token;
    if (xpath_token_is(parser->text, &name, "EventCode"))
        query_warn(parser->options->warnings, offset_of(parser, &name),
                   "no log has an EventCode: it is called EventID");
    if (!query_tree_units(parser->tree, parser->text->bytes + name.at, name.size, &step->name,
                          &step->name_units)) {
        fail_tree(parser);
        return false;
    }
    next(parser);
    return true;
}

static bool parse_node_test(struct parser *parser, struct path_query_step *step, bool is_root)
{
    const struct xpath_token name = parser->token;
    bool is_star = name.kind == XPATH_STAR;
    if (is_root &&
        (step->is_attribute || (!is_star && !xpath_token_is(parser->text, &name, "Event")))) {
        fail_at(parser, &name, "'*' or 'Event'", xpath_hint_of_root(parser->text, &name));
        return false;
    }
    if (is_root || is_star) {
        next(parser);
        return true;
    }
    if (name.kind != XPATH_NAME) {
        fail(parser, step->is_attribute ? "the name of an attribute" : "a path");
        return false;
    }
    if (behind(parser).kind != XPATH_OPEN)
        return take_name(parser, step);
    if (!xpath_token_is(parser->text, &name, "text")) {
        fail_at(parser, &name, "a path", xpath_hint_of_function(parser->text, &name));
        return false;
    }
    step->is_text = true;
    next(parser);
    next(parser);
    return expect(parser, XPATH_CLOSE, "')'");
}

static bool parse_step(struct parser *parser, struct path_query_step *step, bool is_root)
{
    *step = (struct path_query_step){.predicates = NO_EXPRESSION};
    return parse_axis(parser, &step->is_attribute) && parse_node_test(parser, step, is_root) &&
           parse_predicates(parser, step);
}

// The steps of a path stand side by side in the tree, behind those of the predicates in them.
static bool add_steps(struct parser *parser, const struct step_node *node, struct path_steps *path)
{
    for (uint32_t i = 0; i < path->count; i++, node = node->next) {
        uint32_t place;
        if (!query_tree_add_steps(parser->tree, &node->step, 1, &place)) {
            fail_tree(parser);
            return false;
        }
        path->first = i == 0 ? place : path->first;
        EVX_CHECK(place == path->first + i);
    }
    return true;
}

static bool parse_path(struct parser *parser, struct path_steps *ret_path)
{
    struct step_node *first = NULL, **end = &first;
    struct path_steps path = {0, 0};
    bool is_root = parser->predicates == 0;
    for (;;) {
        struct step_node *node = query_tree_allocate(parser->tree, sizeof *node);
        if (!node) {
            fail_tree(parser);
            return false;
        }
        node->next = NULL;
        if (!parse_step(parser, &node->step, is_root))
            return false;
        *end = node;
        end = &node->next;
        path.count++;
        is_root = false;
        if (parser->token.kind != XPATH_SLASH)
            break;
        if (path.count >= QUERY_DEPTH_MAX) {
            query_error_limit(parser->error, offset_of(parser, &parser->token),
                              "at most 256 steps in a path");
            return false;
        }
        if (behind(parser).kind == XPATH_SLASH) {
            fail(parser, "a name");
            return false;
        }
        next(parser);
    }
    if (!add_steps(parser, first, &path))
        return false;
    *ret_path = path;
    return true;
}

// ------------------------------------------------------------------------------------- right sides

static struct literal *parse_literal(struct parser *parser, enum literal_op op)
{
    const struct xpath_token *token = &parser->token;
    bool is_string = token->kind == XPATH_STRING;
    if (!is_string && token->kind != XPATH_NUMBER) {
        bool is_path = token->kind == XPATH_NAME || token->kind == XPATH_AT;
        fail_at(parser, token, "a number or a text in quotes",
                is_path ? "paths stand on the left, constants on the right"
                        : xpath_hint(parser->text, token));
        return NULL;
    }
    struct literal *literal = literal_make(
        parser->tree, op, parser->text->bytes + token->at + is_string, token->size - 2 * is_string);
    if (!literal) {
        fail_tree(parser);
        return NULL;
    }
    literal->is_number_token = !is_string;
    EVX_CHECK(is_string || literal->has_number);
    next(parser);
    return literal;
}

static bool token_number(const struct parser *parser, struct literal_number *ret_number)
{
    const struct xpath_token *token = &parser->token;
    bool is_string = token->kind == XPATH_STRING;
    if (!is_string && token->kind != XPATH_NUMBER)
        return false;
    return reading_number(
        reading_of_bytes(parser->text->bytes + token->at + is_string, token->size - 2 * is_string),
        ret_number);
}

// An operator and a number behind a function.
static bool parse_comparison(struct parser *parser, uint8_t *ret_op, double *ret_number)
{
    struct literal_number number;
    if (parser->token.kind != XPATH_OPERATOR) {
        fail(parser, "a comparison");
        return false;
    }
    *ret_op = (uint8_t)parser->token.op;
    next(parser);
    if (!token_number(parser, &number)) {
        fail(parser, "a number");
        return false;
    }
    *ret_number = number.real;
    next(parser);
    return true;
}

// --------------------------------------------------------------------------------------- functions

static uint32_t new_position(struct parser *parser, enum literal_op op, double position,
                             uint32_t offset)
{
    uint32_t at = query_tree_add(parser->tree, EXPRESSION_POSITION, offset);
    if (at == NO_EXPRESSION)
        return fail_tree(parser);
    parser->tree->expressions[at].op = (uint8_t)op;
    parser->tree->expressions[at].position = position;
    return at;
}

static uint32_t parse_position(struct parser *parser, uint32_t offset)
{
    uint8_t op;
    double number;
    if (!expect(parser, XPATH_CLOSE, "')'") || !parse_comparison(parser, &op, &number))
        return NO_EXPRESSION;
    return new_position(parser, (enum literal_op)op, number, offset);
}

static bool parse_band_operand(struct parser *parser, struct band_operand *ret_operand)
{
    struct literal_number number;
    struct path_steps path;
    *ret_operand = (struct band_operand){0};
    if (parser->token.kind != XPATH_NUMBER) {
        if (!parse_path(parser, &path))
            return false;
        ret_operand->first_step = path.first;
        ret_operand->step_count = path.count;
        return true;
    }
    if (!token_number(parser, &number) || !number.is_integer) {
        fail_at(parser, &parser->token, "a whole number of 64 bits", NULL);
        return false;
    }
    ret_operand->number = number.is_negative ? -number.integer : number.integer;
    next(parser);
    return true;
}

// band() may be compared with a number or a truth value, or be one itself.
static bool parse_band_comparison(struct parser *parser, struct expression *band)
{
    bool truth;
    if (parser->token.kind != XPATH_OPERATOR)
        return true;
    struct xpath_token right = behind(parser);
    band->band.is_compared = true;
    if (right.kind == XPATH_STRING &&
        reading_truth(reading_of_bytes(parser->text->bytes + right.at + 1, right.size - 2),
                      &truth)) {
        band->op = (uint8_t)parser->token.op;
        band->band.number = truth;
        next(parser);
        next(parser);
        return true;
    }
    return parse_comparison(parser, &band->op, &band->band.number);
}

// What has been filled in on the stack, into the tree: parsing may have moved the tree's own.
static uint32_t add_filled(struct parser *parser, const struct expression *filled)
{
    uint32_t at = query_tree_add(parser->tree, (enum expression_kind)filled->kind, filled->offset);
    if (at == NO_EXPRESSION)
        return fail_tree(parser);
    parser->tree->expressions[at] = *filled;
    return at;
}

static uint32_t parse_band(struct parser *parser, uint32_t offset)
{
    struct expression band = {.kind = EXPRESSION_BAND, .next = NO_EXPRESSION, .offset = offset};
    if (!parse_band_operand(parser, &band.band.a) || !expect(parser, XPATH_COMMA, "','") ||
        !parse_band_operand(parser, &band.band.b) || !expect(parser, XPATH_CLOSE, "')'") ||
        !parse_band_comparison(parser, &band))
        return NO_EXPRESSION;
    return add_filled(parser, &band);
}

// Ticks, or a time stamp, or a path to one.
static bool parse_reference(struct parser *parser, struct expression *diff)
{
    struct literal_number number;
    struct reading_time time;
    struct path_steps path;
    const struct xpath_token *token = &parser->token;
    if (token->kind != XPATH_NUMBER && token->kind != XPATH_STRING) {
        if (!parse_path(parser, &path))
            return false;
        diff->timediff.ref_first_step = path.first;
        diff->timediff.ref_step_count = path.count;
        return true;
    }
    diff->timediff.has_ticks = true;
    if (token_number(parser, &number) && number.is_integer && !number.is_negative &&
        number.integer <= INT64_MAX) {
        diff->timediff.ticks = (int64_t)number.integer;
    } else if (token->kind == XPATH_STRING &&
               reading_time(reading_of_bytes(parser->text->bytes + token->at + 1, token->size - 2),
                            &time)) {
        diff->timediff.ticks = time.ticks;
    } else {
        fail(parser, "a time: FILETIME ticks or 'YYYY-MM-DDThh:mm:ssZ'");
        return false;
    }
    next(parser);
    return true;
}

static uint32_t parse_timediff(struct parser *parser, uint32_t offset)
{
    struct expression diff = {.kind = EXPRESSION_TIMEDIFF, .next = NO_EXPRESSION, .offset = offset};
    struct path_steps path;
    if (!parse_path(parser, &path))
        return NO_EXPRESSION;
    diff.timediff.first_step = path.first;
    diff.timediff.step_count = path.count;
    if (parser->token.kind == XPATH_COMMA) {
        next(parser);
        if (!parse_reference(parser, &diff))
            return NO_EXPRESSION;
    } else {
        diff.timediff.has_ticks = diff.timediff.is_now = true;
        diff.timediff.ticks = parser->options->now;
    }
    if (!expect(parser, XPATH_CLOSE, "')'") ||
        !parse_comparison(parser, &diff.op, &diff.timediff.milliseconds))
        return NO_EXPRESSION;
    return add_filled(parser, &diff);
}

static uint32_t parse_call(struct parser *parser)
{
    const struct xpath_token name = parser->token;
    uint32_t offset = offset_of(parser, &name);
    bool is_position = xpath_token_is_word(parser->text, &name, "position");
    bool is_band = xpath_token_is_word(parser->text, &name, "band");
    if (!is_position && !is_band && !xpath_token_is_word(parser->text, &name, "timediff"))
        return fail_at(parser, &name, parser->predicates ? "a path" : "'*' or 'Event'",
                       xpath_hint_of_function(parser->text, &name));
    if (is_position && parser->predicates == 0)
        return fail_at(parser, &name, "'*' or 'Event'", "position() stands in a predicate");
    next(parser);
    next(parser);
    if (is_position)
        return parse_position(parser, offset);
    return is_band ? parse_band(parser, offset) : parse_timediff(parser, offset);
}

// ------------------------------------------------------------------------------------- expressions

static uint32_t parse_path_test(struct parser *parser)
{
    struct expression test = {.kind = EXPRESSION_PATH,
                              .next = NO_EXPRESSION,
                              .offset = offset_of(parser, &parser->token)};
    struct path_steps path;
    if (!parse_path(parser, &path))
        return NO_EXPRESSION;
    test.path.first_step = path.first;
    test.path.step_count = path.count;
    if (parser->token.kind == XPATH_OPERATOR) {
        enum literal_op op = parser->token.op;
        next(parser);
        test.path.literal = parse_literal(parser, op);
        if (!test.path.literal)
            return NO_EXPRESSION;
    }
    return add_filled(parser, &test);
}

// A number is a place in the list: `Data[3]`.
static uint32_t parse_number_test(struct parser *parser)
{
    const struct xpath_token token = parser->token;
    struct literal_number number;
    bool is_read = token_number(parser, &number);
    EVX_CHECK(is_read);
    if (!is_read || parser->predicates == 0)
        return fail_at(parser, &token, "'*' or 'Event'", xpath_hint_of_root(parser->text, &token));
    next(parser);
    if (parser->token.kind == XPATH_OPERATOR)
        return fail_at(parser, &token, "a path", "paths stand on the left, constants on the right");
    return new_position(parser, LITERAL_EQ, number.real, offset_of(parser, &token));
}

static uint32_t parse_parentheses(struct parser *parser)
{
    if (!enter(parser, &parser->parentheses))
        return NO_EXPRESSION;
    uint32_t inner = parse_or(parser);
    if (inner == NO_EXPRESSION || !expect(parser, XPATH_CLOSE, "'and', 'or' or ')'"))
        return NO_EXPRESSION;
    parser->parentheses--;
    return inner;
}

static uint32_t parse_test(struct parser *parser)
{
    switch (parser->token.kind) {
    case XPATH_OPEN:
        return parse_parentheses(parser);
    case XPATH_NUMBER:
        return parse_number_test(parser);
    case XPATH_STRING:
        return fail_at(parser, &parser->token, "a path",
                       "paths stand on the left, constants on the right");
    case XPATH_NAME:
        if (behind(parser).kind == XPATH_OPEN &&
            !xpath_token_is(parser->text, &parser->token, "text"))
            return parse_call(parser);
        return parse_path_test(parser);
    default:
        return parse_path_test(parser);
    }
}

static uint32_t parse_chain(struct parser *parser, enum expression_kind kind)
{
    const char *word = kind == EXPRESSION_OR ? "or" : "and";
    struct expression_chain chain = EMPTY_CHAIN;
    for (;;) {
        uint32_t operand =
            kind == EXPRESSION_OR ? parse_chain(parser, EXPRESSION_AND) : parse_test(parser);
        if (operand == NO_EXPRESSION)
            return NO_EXPRESSION;
        expression_chain_add(parser->tree, &chain, operand);
        if (!xpath_token_is(parser->text, &parser->token, word))
            break;
        next(parser);
    }
    uint32_t all = expression_chain_end(parser->tree, kind, &chain);
    return all == NO_EXPRESSION ? fail_tree(parser) : all;
}

static uint32_t parse_or(struct parser *parser)
{
    return parse_chain(parser, EXPRESSION_OR);
}

uint32_t xpath_parse(struct query_tree *tree, const struct query_text *text,
                     const struct query_parse_options *options, struct query_error *error)
{
    struct parser parser = {.tree = tree,
                            .text = text,
                            .options = options,
                            .error = error,
                            .token = xpath_token_at(text, 0),
                            .previous = {XPATH_END, 0, 0, 0}};
    uint32_t all = parse_or(&parser);
    if (all == NO_EXPRESSION)
        return NO_EXPRESSION;
    EVX_CHECK(parser.predicates == 0 && parser.parentheses == 0);
    if (parser.token.kind != XPATH_END)
        return fail(&parser, "'and', 'or' or the end");
    return all;
}
