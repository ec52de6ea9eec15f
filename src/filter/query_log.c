// SPDX-License-Identifier: MIT
#include "filter/query_parse.h"

#include <string.h>

#include "base/check.h"
#include "filter/make_literal.h"
#include "filter/reading.h"

static bool starts_without_case(const struct query_text *text, const char *lower_prefix)
{
    size_t size = strlen(lower_prefix);
    return text->size >= size && reading_is_word(reading_of_bytes(text->bytes, size), lower_prefix);
}

// The last part of a path behind file://, with its percent escapes resolved: folders are those of
// another machine. `out` has room for all of the path. An escape that stands for no byte of text
// stays as it is.
static size_t file_name(const struct query_text *path, char *out)
{
    size_t used = 0;
    for (size_t at = strlen("file://"); at < path->size; at++) {
        char byte = path->bytes[at];
        if (byte == '%' && path->size - at > 2) {
            uint8_t high = reading_digit((uint8_t)path->bytes[at + 1]);
            uint8_t low = reading_digit((uint8_t)path->bytes[at + 2]);
            if (high < 16 && low < 16 && (high | low) != 0) {
                byte = (char)(high << 4 | low);
                at += 2;
            }
        }
        if (byte == '/' || byte == '\\')
            used = 0;
        else
            out[used++] = byte;
    }
    EVX_CHECK(used <= path->size);
    return used;
}

uint32_t query_log(struct query_tree *tree, const struct query_text *path)
{
    const char *name = path->bytes;
    size_t size = path->size;
    bool is_file = starts_without_case(path, "file://");
    if (is_file) {
        char *copy = query_tree_allocate(tree, path->size);
        if (!copy)
            return NO_EXPRESSION;
        size = file_name(path, copy);
        name = copy;
    }
    struct literal *literal = literal_make(tree, LITERAL_EQ, name, size);
    uint32_t log = query_tree_add(tree, EXPRESSION_LOG, query_text_offset(path, 0));
    if (!literal || log == NO_EXPRESSION)
        return NO_EXPRESSION;
    tree->expressions[log].path.literal = literal;
    tree->expressions[log].path.is_file = is_file;
    return log;
}
