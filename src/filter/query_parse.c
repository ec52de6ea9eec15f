// SPDX-License-Identifier: MIT
#include "filter/query_parse.h"

#include <string.h>

#include "base/check.h"
#include "filter/query_encoding.h"

enum {
    SCRATCH_BLOCK_BYTES = 64 << 10,
    SCRATCH_BYTES_MAX = 96 << 20, // 1 MiB of the shortest elements, in CDATA once more
};

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

static uint32_t parse_bare(struct query_tree *tree, const struct query_text *text,
                           const struct query_parse_options *options, struct query_error *error)
{
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

static bool is_xml(const struct query_text *text)
{
    struct query_text all = trim(text);
    return all.size > 0 && all.bytes[0] == '<';
}

// People look for lines, not bytes, in a file.
static void find_line(const struct query_text *text, struct query_error *error)
{
    error->line = error->column = 1;
    for (size_t at = 0; at < text->size && query_text_offset(text, at) < error->offset; at++) {
        if (text->bytes[at] == '\n') {
            error->line++;
            error->column = 1;
        } else {
            error->column += (text->bytes[at] & 0xC0) != 0x80;
        }
    }
}

uint32_t query_parse(struct query_tree *tree, const char *text, size_t size,
                     const struct query_parse_options *options, struct query_error *error)
{
    uint32_t asked = NO_EXPRESSION;
    struct arena scratch; // for the time of the parsing
    struct query_text all;
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    arena_init(&scratch, tree->arena.memory, SCRATCH_BLOCK_BYTES, SCRATCH_BYTES_MAX);
    if (query_decode(&scratch, text, size, options->warnings, &all, error)) {
        if (all.size > QUERY_TEXT_BYTES_MAX)
            query_error_limit(error, query_text_offset(&all, QUERY_TEXT_BYTES_MAX),
                              "at most 1 MiB of text");
        else if (is_xml(&all))
            asked = structured_parse(tree, &all, &scratch, options, error);
        else
            asked = parse_bare(tree, &all, options, error);
        if (asked == NO_EXPRESSION && is_xml(&all))
            find_line(&all, error);
    }
    arena_destroy(&scratch);
    EVX_CHECK((asked == NO_EXPRESSION) == (error->kind != QUERY_ERROR_NONE));
    return asked;
}

bool query_parse_root(struct query_tree *tree, const char *text, size_t size,
                      const struct query_parse_options *options, struct query_error *error)
{
    tree->root = query_parse(tree, text, size, options, error);
    return tree->root != NO_EXPRESSION;
}
