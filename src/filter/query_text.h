// SPDX-License-Identifier: MIT
// The text of a query with the place of each byte in what the user wrote, and what is wrong with
// it. Text in XML is unescaped, perhaps twice, before it is read: its places stay those of the
// file.
#ifndef EVX_FILTER_QUERY_TEXT_H
#define EVX_FILTER_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "filter/query_tree.h"

struct query_text {
    const char *bytes; // UTF-8
    size_t size;
    const uint32_t *offsets; // of each byte and of the end; NULL: they begin at `base`
    uint32_t base;
};

EVX_INLINE struct query_text query_text_of(const char *text, size_t size)
{
    return (struct query_text){text, size, NULL, 0};
}

// Place of the byte at `at`, or of the end.
EVX_INLINE uint32_t query_text_offset(const struct query_text *text, size_t at)
{
    return text->offsets ? text->offsets[at] : text->base + (uint32_t)at;
}

EVX_INLINE struct query_text query_text_part(const struct query_text *text, size_t at, size_t size)
{
    return (struct query_text){text->bytes + at, size, text->offsets ? text->offsets + at : NULL,
                               text->base + (uint32_t)at};
}

enum query_error_kind {
    QUERY_ERROR_NONE,
    QUERY_ERROR_SYNTAX,
    QUERY_ERROR_LIMIT, // longer, deeper or more than the caps allow
    QUERY_ERROR_MEMORY,
};

enum { QUERY_FOUND_BYTES_MAX = 48 };

// The first error. `expected` and `hint` are constants.
struct query_error {
    enum query_error_kind kind;
    uint32_t offset;                       // in bytes, of what the caller gave
    uint32_t line, column;                 // of the same in XML, from 1; 0 elsewhere
    char found[QUERY_FOUND_BYTES_MAX + 4]; // "" at the end of the text; cut with "..."
    const char *expected;                  // "a number or a string in quotes"
    const char *hint;                      // NULL, or what to write instead
};

// All of these keep the first error that is set. NO_EXPRESSION, to be returned.
EVX_COLD uint32_t query_error_set(struct query_error *error, const struct query_text *text,
                                  size_t at, size_t size, const char *expected, const char *hint);
EVX_COLD uint32_t query_error_limit(struct query_error *error, uint32_t offset, const char *limit);
// The tree took something no more.
EVX_COLD uint32_t query_error_of_tree(struct query_error *error, const struct query_tree *tree,
                                      uint32_t offset);

// An object of `size` bytes found no room in the arena.
EVX_COLD void query_error_no_room(struct query_error *error, const struct arena *arena, size_t size,
                                  uint32_t offset);

// One line of text with a NUL, cut at `size`.
void query_error_print(const struct query_error *error, char *out, size_t size);

enum { QUERY_WARNINGS_MAX = 8 };
#define QUERY_WARNING_NO_INPUT UINT32_MAX // it is about no text alone

// What is odd in a query that can be run. The first ones, and how many there are.
struct query_warnings {
    uint32_t count;
    uint32_t input; // of those that come: which of several texts is looked at
    struct query_warning {
        uint32_t input;
        uint32_t offset;  // in bytes
        const char *text; // constant
    } list[QUERY_WARNINGS_MAX];
};

void query_warn(struct query_warnings *warnings_or_null, uint32_t offset, const char *text);

// Writes a character as UTF-8, up to 4 bytes, and returns how many.
size_t query_text_put(char *out, uint32_t character);

// Is all of it UTF-8 without NUL? Else *ret_at is the first byte that is not.
bool query_text_is_valid(const struct query_text *text, size_t *ret_at);
// Clears the error, or says in it that the text of a flag is too long or no UTF-8: then false.
EVX_MUST_USE bool query_text_check(const char *text, size_t size, struct query_error *error);

#endif
