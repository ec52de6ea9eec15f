// SPDX-License-Identifier: MIT
// The text of a constant in a text of a record: UTF-16 units compared as they are or folded, one by
// one. Nothing is copied.
#ifndef EVX_FILTER_FIND_H
#define EVX_FILTER_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/literal.h"
#include "filter/regex.h"

bool find_equal(const struct literal *literal, const uint8_t *units, size_t count);

// -1, 0, 1: the text comes before the constant, is it, comes behind it.
int find_order(const struct literal *literal, const uint8_t *units, size_t count);

// LIKE, CONTAINS, STARTS, ENDS, REGEX.
bool find_pattern(struct regex_state *regex, const struct literal *literal, const uint8_t *units,
                  size_t count);

#endif
