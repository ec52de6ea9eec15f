// SPDX-License-Identifier: MIT
// The items of a flag's list: between commas, without blanks around, perhaps in double quotes.
#ifndef EVX_FILTER_LIST_ITEMS_H
#define EVX_FILTER_LIST_ITEMS_H

#include "filter/query_text.h"

struct list_items {
    struct query_text text;
    size_t at;
    bool is_done;
};

struct list_items list_items_of(const char *text, size_t size);
// False at the end, and when an item is empty or not closed: then *error is set.
bool list_items_next(struct list_items *items, const char *expected, struct query_text *ret_item,
                     struct query_error *error);
// No more than there are, without looking at quotes.
uint32_t list_items_count_max(const struct list_items *items);

#endif
