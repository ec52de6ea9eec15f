// SPDX-License-Identifier: MIT
#include "similar.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

enum {
    CHARACTERS_MAX = 128, // longer words resemble no name of ours
};

// The reference takes what scores above this.
static const double similar_enough = 0.7;

static size_t decode(const char *text, uint32_t *ret_codes)
{
    size_t count = 0;
    while (*text) {
        if (count == CHARACTERS_MAX)
            return SIZE_MAX;
        text += utf8_next(text, &ret_codes[count++]);
    }
    return count;
}

// Jaro similarity: characters that match within half the longer length, and how many of them are
// out of order.
static double jaro(const uint32_t *a, size_t a_count, const char *b, size_t b_count)
{
    bool a_matched[CHARACTERS_MAX] = {false}, b_matched[CHARACTERS_MAX] = {false};
    size_t reach = (a_count > b_count ? a_count : b_count) / 2;
    reach = reach ? reach - 1 : 0;
    size_t matches = 0;
    for (size_t i = 0; i < a_count; i++) {
        size_t end = i + reach + 1 < b_count ? i + reach + 1 : b_count;
        for (size_t j = i > reach ? i - reach : 0; j < end; j++) {
            if (b_matched[j] || a[i] != (uint8_t)b[j])
                continue;
            a_matched[i] = b_matched[j] = true;
            matches++;
            break;
        }
    }
    if (matches == 0)
        return 0;
    size_t displaced = 0;
    for (size_t i = 0, j = 0; i < a_count; i++) {
        if (!a_matched[i])
            continue;
        while (!b_matched[j])
            j++;
        displaced += a[i] != (uint8_t)b[j++];
    }
    double m = (double)matches;
    return (m / (double)a_count + m / (double)b_count + (m - (double)(displaced / 2)) / m) / 3;
}

void similar_offer(struct similar_best *best, const char *typed, const char *name, size_t name_size)
{
    uint32_t codes[CHARACTERS_MAX];
    size_t count = decode(typed, codes);
    if (count == SIZE_MAX || count == 0 || name_size == 0 || name_size > CHARACTERS_MAX)
        return;
    double score = jaro(codes, count, name, name_size);
    if (score > similar_enough && score >= best->score)
        *best = (struct similar_best){name, name_size, score};
}
