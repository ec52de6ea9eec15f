// SPDX-License-Identifier: MIT
#include "filter/query_parse.h"

#include <string.h>

#include "base/check.h"
#include "filter/make_literal.h"

// Size of what stands in front of the `!` of Channel!XPath; 0 when there is none. `!=` is an
// operator.
static size_t channel_size(const struct query_text *text)
{
    for (size_t at = 0; at < text->size; at++) {
        char byte = text->bytes[at];
        if (memchr("*[('\"", byte, 5))
            return 0;
        if (byte == '!')
            return at + 1 < text->size && text->bytes[at + 1] == '=' ? 0 : at;
    }
    return 0;
}

static struct query_text trim(const struct query_text *text)
{
    size_t start = 0, end = text->size;
    while (start < end && memchr(" \t\r\n", text->bytes[start], 4))
        start++;
    while (end > start && memchr(" \t\r\n", text->bytes[end - 1], 4))
        end--;
    return query_text_part(text, start, end - start);
}

static bool starts(const struct query_text *text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text->size >= size && memcmp(text->bytes, prefix, size) == 0;
}

static uint32_t parse_bare(struct query_tree *tree, const struct query_text *text,
                           const struct query_parse_options *options, struct query_error *error)
{
    size_t at;
    if (!query_text_is_valid(text, &at))
        return query_error_set(error, text, at, 1, "text in UTF-8", NULL);
    size_t size = channel_size(text);
    if (size == 0)
        return xpath_parse(tree, text, options, error);
    struct query_text channel = query_text_part(text, 0, size);
    struct query_text rest = query_text_part(text, size + 1, text->size - size - 1);
    channel = trim(&channel);
    uint32_t asked = xpath_parse(tree, &rest, options, error);
    if (asked == NO_EXPRESSION || options->any_channel)
        return asked;
    uint32_t both = query_and(tree, query_log(tree, &channel), asked);
    return both == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : both;
}

uint32_t query_parse(struct query_tree *tree, const char *text, size_t size,
                     const struct query_parse_options *options, struct query_error *error)
{
    struct query_text all = query_text_of(text, size);
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    if (size > QUERY_TEXT_BYTES_MAX)
        return query_error_limit(error, QUERY_TEXT_BYTES_MAX, "at most 1 MiB of text");
    if (starts(&all, "\xEF\xBB\xBF"))
        all = query_text_part(&all, 3, size - 3);
    return parse_bare(tree, &all, options, error);
}

bool query_parse_root(struct query_tree *tree, const char *text, size_t size,
                      const struct query_parse_options *options, struct query_error *error)
{
    tree->root = query_parse(tree, text, size, options, error);
    EVX_CHECK((tree->root == NO_EXPRESSION) == (error->kind != QUERY_ERROR_NONE));
    return tree->root != NO_EXPRESSION;
}
