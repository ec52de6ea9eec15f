// SPDX-License-Identifier: MIT
#include "filter/list_items.h"

#include <string.h>

#include "base/check.h"

static bool is_blank(char byte)
{
    return memchr(" \t\r\n", byte, 4) != NULL;
}

struct list_items list_items_of(const char *text, size_t size)
{
    return (struct list_items){query_text_of(text, size), 0, false};
}

uint32_t list_items_count_max(const struct list_items *items)
{
    uint32_t count = 1;
    for (size_t at = items->at; at < items->text.size; at++)
        count += items->text.bytes[at] == ',';
    return count;
}

// Moves behind the item in quotes and the comma that may follow.
static bool take_quoted(struct list_items *items, size_t start, struct query_text *ret_item,
                        struct query_error *error)
{
    const struct query_text *text = &items->text;
    const char *end = memchr(text->bytes + start + 1, '"', text->size - start - 1);
    size_t close = end ? (size_t)(end - text->bytes) : text->size, at = close + 1;
    while (at < text->size && is_blank(text->bytes[at]))
        at++;
    if (!end || (at < text->size && text->bytes[at] != ',')) {
        query_error_set(error, text, end ? at : text->size, end != NULL,
                        end ? "a comma" : "the end of the quotes", NULL);
        return false;
    }
    *ret_item = query_text_part(text, start + 1, close - start - 1);
    items->is_done = at >= text->size;
    items->at = at + 1;
    return true;
}

bool list_items_next(struct list_items *items, const char *expected, struct query_text *ret_item,
                     struct query_error *error)
{
    const struct query_text *text = &items->text;
    size_t start = items->at;
    if (items->is_done)
        return false;
    EVX_CHECK(start <= text->size);
    while (start < text->size && is_blank(text->bytes[start]))
        start++;
    if (start < text->size && text->bytes[start] == '"')
        return take_quoted(items, start, ret_item, error);
    size_t end = start;
    while (end < text->size && text->bytes[end] != ',')
        end++;
    items->is_done = end == text->size;
    items->at = end + 1;
    size_t last = end;
    while (last > start && is_blank(text->bytes[last - 1]))
        last--;
    if (last == start) {
        query_error_set(error, text, start, start < text->size, expected, NULL);
        return false;
    }
    *ret_item = query_text_part(text, start, last - start);
    return true;
}
