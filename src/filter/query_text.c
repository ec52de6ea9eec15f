// SPDX-License-Identifier: MIT
#include "filter/query_text.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"

// Whole characters of what stands there; control characters and what is no UTF-8 as `?`.
static void set_found(struct query_error *error, const char *text, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        uint32_t character;
        const uint8_t *bytes = (const uint8_t *)text + at;
        size_t taken = utf8_take(bytes, size - at, &character);
        if (used + (taken ? taken : 1) > QUERY_FOUND_BYTES_MAX) {
            memcpy(error->found + used, "...", 3);
            used += 3;
            break;
        }
        if (taken <= 1) {
            error->found[used++] = taken && character >= ' ' && character != 0x7F ? text[at] : '?';
            at++;
            continue;
        }
        memcpy(error->found + used, bytes, taken);
        used += taken;
        at += taken;
    }
    EVX_CHECK(used < sizeof error->found);
    error->found[used] = '\0';
}

uint32_t query_error_set(struct query_error *error, const struct query_text *text, size_t at,
                         size_t size, const char *expected, const char *hint)
{
    EVX_CHECK(at <= text->size && size <= text->size - at);
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    *error = (struct query_error){.kind = QUERY_ERROR_SYNTAX,
                                  .offset = query_text_offset(text, at),
                                  .expected = expected,
                                  .hint = hint};
    set_found(error, text->bytes + at, size);
    return NO_EXPRESSION;
}

uint32_t query_error_limit(struct query_error *error, uint32_t offset, const char *limit)
{
    if (error->kind == QUERY_ERROR_NONE)
        *error =
            (struct query_error){.kind = QUERY_ERROR_LIMIT, .offset = offset, .expected = limit};
    return NO_EXPRESSION;
}

uint32_t query_error_of_tree(struct query_error *error, const struct query_tree *tree,
                             uint32_t offset)
{
    if (error->kind != QUERY_ERROR_NONE)
        return NO_EXPRESSION;
    if (tree->failure == QUERY_FAILURE_LIMIT)
        return query_error_limit(error, offset, "a smaller query: this one has too many parts");
    *error = (struct query_error){
        .kind = QUERY_ERROR_MEMORY, .offset = offset, .expected = "more memory"};
    return NO_EXPRESSION;
}

void query_error_no_room(struct query_error *error, const struct arena *arena, size_t size,
                         uint32_t offset)
{
    if (error->kind != QUERY_ERROR_NONE)
        return;
    if (size > arena->cap - arena->total)
        query_error_limit(error, offset, "a smaller file: this one has too many parts");
    else
        *error = (struct query_error){
            .kind = QUERY_ERROR_MEMORY, .offset = offset, .expected = "more memory"};
}

void query_warn(struct query_warnings *warnings_or_null, uint32_t offset, const char *text)
{
    if (!warnings_or_null)
        return;
    if (warnings_or_null->count < QUERY_WARNINGS_MAX)
        warnings_or_null->list[warnings_or_null->count] =
            (struct query_warning){warnings_or_null->input, offset, text};
    warnings_or_null->count++;
}

size_t query_text_put(char *out, uint32_t character)
{
    EVX_CHECK(character <= 0x10FFFF);
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3F));
    out[0] = (char)((0xF00u >> size) | character);
    return size;
}

void query_error_print(const struct query_error *error, char *out, size_t size)
{
    char place[48];
    if (error->line)
        snprintf(place, sizeof place, "line %u, column %u", error->line, error->column);
    else
        snprintf(place, sizeof place, "byte %u", error->offset);
    const char *hint = error->hint ? error->hint : "";
    const char *dash = error->hint ? "; " : "";
    if (error->kind != QUERY_ERROR_SYNTAX)
        snprintf(out, size, "%s: expected %s%s%s", place, error->expected, dash, hint);
    else if (error->found[0] == '\0')
        snprintf(out, size, "%s: expected %s, found the end%s%s", place, error->expected, dash,
                 hint);
    else
        snprintf(out, size, "%s: expected %s, found \"%s\"%s%s", place, error->expected,
                 error->found, dash, hint);
}

bool query_text_is_valid(const struct query_text *text, size_t *ret_at)
{
    const uint8_t *bytes = (const uint8_t *)text->bytes;
    for (size_t at = 0; at < text->size;) {
        uint32_t character;
        size_t taken = utf8_take(bytes + at, text->size - at, &character);
        if (taken == 0 || character == 0) {
            *ret_at = at;
            return false;
        }
        at += taken;
    }
    return true;
}

bool query_text_check(const char *text, size_t size, struct query_error *error)
{
    struct query_text all = query_text_of(text, size);
    size_t at;
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    if (size > QUERY_TEXT_BYTES_MAX)
        query_error_limit(error, QUERY_TEXT_BYTES_MAX, "at most 1 MiB of text");
    else if (!query_text_is_valid(&all, &at))
        query_error_set(error, &all, at, 1, "text in UTF-8", NULL);
    return error->kind == QUERY_ERROR_NONE;
}
