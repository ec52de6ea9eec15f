// SPDX-License-Identifier: MIT
#include "filter/make_literal.h"

#include "base/check.h"

struct pattern {
    const char *text;
    size_t size;
    enum pattern_escapes escapes;
};

// One character, or a wildcard.
struct token {
    char byte;
    bool is_wildcard;
    uint8_t size;
};

static bool is_special(char byte)
{
    return byte == '*' || byte == '?' || byte == '\\';
}

static struct token token_at(const struct pattern *pattern, size_t at)
{
    EVX_CHECK(at < pattern->size);
    char byte = pattern->text[at];
    if (byte == '\\' && pattern->escapes == PATTERN_SIGMA && at + 1 < pattern->size &&
        is_special(pattern->text[at + 1]))
        return (struct token){pattern->text[at + 1], false, 2};
    return (struct token){byte, byte == '*' || byte == '?', 1};
}

// Stars at both ends say no more than that anything may stand there.
static void strip(struct pattern *pattern, bool *any_before, bool *any_after)
{
    size_t start = 0, end = 0;
    while (start < pattern->size && pattern->text[start] == '*')
        start++;
    *any_before = *any_before || start > 0;
    bool is_star = false;
    for (size_t at = start; at < pattern->size;) {
        struct token token = token_at(pattern, at);
        at += token.size;
        is_star = token.is_wildcard && token.byte == '*';
        if (!is_star)
            end = at;
    }
    *any_after = *any_after || is_star;
    pattern->text += start;
    pattern->size = end > start ? end - start : 0;
}

static bool has_wildcards(const struct pattern *pattern)
{
    for (size_t at = 0; at < pattern->size;) {
        struct token token = token_at(pattern, at);
        if (token.is_wildcard)
            return true;
        at += token.size;
    }
    return false;
}

// The text without escapes, or as LIKE has it, with a backslash where one is needed.
static size_t put(const struct pattern *pattern, bool is_like, char *out)
{
    size_t size = 0;
    for (size_t at = 0; at < pattern->size;) {
        struct token token = token_at(pattern, at);
        if (is_like && !token.is_wildcard && is_special(token.byte))
            out[size++] = '\\';
        out[size++] = token.byte;
        at += token.size;
    }
    return size;
}

struct literal *literal_make_pattern(struct query_tree *tree, enum pattern_escapes escapes,
                                     const char *text, size_t size, bool any_before, bool any_after,
                                     bool is_cased)
{
    struct pattern pattern = {text, size, escapes};
    strip(&pattern, &any_before, &any_after);
    char *out = query_tree_allocate(tree, 2 * pattern.size + 2);
    if (!out)
        return NULL;
    bool is_bare = any_before || any_after;
    bool is_like = has_wildcards(&pattern) || (is_bare ? pattern.size == 0 : is_cased);
    enum literal_op op = LITERAL_EQ;
    size_t used = 0;
    if (is_like) {
        op = LITERAL_LIKE;
        if (any_before)
            out[used++] = '*';
        used += put(&pattern, true, out + used);
        if (any_after && pattern.size > 0)
            out[used++] = '*';
        else if (is_bare && used == 0)
            out[used++] = '*';
    } else {
        if (is_bare)
            op = !any_after ? LITERAL_ENDS : any_before ? LITERAL_CONTAINS : LITERAL_STARTS;
        used = put(&pattern, false, out);
    }
    EVX_CHECK(used <= 2 * pattern.size + 2);
    struct literal *literal = literal_make(tree, op, out, used);
    if (literal)
        literal->is_cased = is_cased;
    return literal;
}
