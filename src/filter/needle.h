// SPDX-License-Identifier: MIT
// A text that has to stand somewhere in a record, as UTF-16 of any case and at any byte, for the
// record to be meant; and the search for it in raw bytes.
#ifndef EVX_FILTER_NEEDLE_H
#define EVX_FILTER_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/query_tree.h"

enum {
    NEEDLES_MAX = 8, // of a query
    NEEDLE_UNITS_MIN = 3,
    NEEDLE_UNITS_MAX = 255,
};

struct needle {
    const uint8_t *folded; // UTF-16LE
    uint32_t unit_count;
    uint32_t number; // among those of the query
    // Two units that few texts have, by their places. Each is one of two ASCII characters in any
    // text that is equal but for case: the folded one, and `other`.
    struct needle_anchor {
        uint32_t place;
        uint8_t folded, other;
    } anchors[2];
};

// Gives literals of the query that look for a text in any value their needles, where such a text
// cannot be anything else: what numbers, times and other values are printed as never has it.
// Without one a literal is as good as before.
void needles_make(struct query_tree *query);

// Whether it stands in the bytes.
bool needle_stands_in(const struct needle *needle, const uint8_t *bytes, size_t size);

#endif
