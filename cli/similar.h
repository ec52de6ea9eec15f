// SPDX-License-Identifier: MIT
// How much a mistyped name resembles a known one, for the tips of usage errors.
#ifndef EVX_CLI_SIMILAR_H
#define EVX_CLI_SIMILAR_H

#include <stddef.h>

// The best of the names seen so far; begins as zeros.
struct similar_best {
    const char *name; // NULL: none is similar enough
    size_t name_size;
    double score;
};

// Keeps name in *best if it resembles typed enough, and at least as much as what *best holds.
void similar_offer(struct similar_best *best, const char *typed, const char *name,
                   size_t name_size);

#endif
