// SPDX-License-Identifier: MIT
// Sets of numbers as ranges.
#ifndef EVX_FILTER_NUMBER_SET_H
#define EVX_FILTER_NUMBER_SET_H

#include "filter/literal.h"

// Sorts and joins ranges in any order; returns how many are left.
uint32_t number_set_normalise(struct number_range *ranges, uint32_t count);
// What is in the first set and not in the second one, both normalised. `out` has room for the sum
// of the counts. Returns how many ranges there are.
uint32_t number_set_subtract(const struct number_range *from, uint32_t from_count,
                             const struct number_range *taken, uint32_t taken_count,
                             struct number_range *out);

#endif
