// SPDX-License-Identifier: MIT
#include "filter/number_set.h"

#include <stddef.h>

#include "base/check.h"

static void sift(struct number_range *ranges, uint32_t at, uint32_t count)
{
    struct number_range moved = ranges[at];
    for (uint64_t child = 2 * (uint64_t)at + 1; child < count; child = 2 * (uint64_t)at + 1) {
        if (child + 1 < count && ranges[child].first < ranges[child + 1].first)
            child++;
        if (ranges[child].first <= moved.first)
            break;
        ranges[at] = ranges[child];
        at = (uint32_t)child;
    }
    ranges[at] = moved;
}

// A heap: qsort() may allocate behind our back.
static void sort(struct number_range *ranges, uint32_t count)
{
    for (uint32_t at = count / 2; at-- > 0;)
        sift(ranges, at, count);
    for (uint32_t left = count; left-- > 1;) {
        struct number_range last = ranges[left];
        ranges[left] = ranges[0];
        ranges[0] = last;
        sift(ranges, 0, left);
    }
}

uint32_t number_set_normalise(struct number_range *ranges, uint32_t count)
{
    uint32_t used = 0;
    sort(ranges, count);
    for (uint32_t i = 0; i < count; i++) {
        EVX_CHECK(ranges[i].first <= ranges[i].last);
        struct number_range *last = used > 0 ? &ranges[used - 1] : NULL;
        if (!last || (ranges[i].first > last->last && ranges[i].first - last->last > 1))
            ranges[used++] = ranges[i];
        else if (ranges[i].last > last->last)
            last->last = ranges[i].last;
    }
    return used;
}

uint32_t number_set_subtract(const struct number_range *from, uint32_t from_count,
                             const struct number_range *taken, uint32_t taken_count,
                             struct number_range *out)
{
    uint32_t used = 0, at = 0;
    for (uint32_t i = 0; i < from_count; i++) {
        uint64_t first = from[i].first;
        bool is_empty = false;
        while (at < taken_count && taken[at].last < first)
            at++;
        for (uint32_t k = at; k < taken_count && taken[k].first <= from[i].last; k++) {
            if (taken[k].first > first)
                out[used++] = (struct number_range){first, taken[k].first - 1};
            is_empty = taken[k].last >= from[i].last;
            if (is_empty)
                break;
            first = taken[k].last + 1;
            at = k + 1;
        }
        if (!is_empty)
            out[used++] = (struct number_range){first, from[i].last};
    }
    EVX_CHECK(used <= from_count + taken_count);
    return used;
}
