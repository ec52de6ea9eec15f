// SPDX-License-Identifier: MIT
// Sizes and signatures of the parts of a WEVT_TEMPLATE resource.
#ifndef EVX_PACKS_CRIM_LAYOUT_H
#define EVX_PACKS_CRIM_LAYOUT_H

#include "packs/crim.h"

enum {
    CRIM_HEADER_BYTES = 16,
    CRIM_PROVIDER_BYTES = 20,
    WEVT_HEADER_BYTES = 16,
    WEVT_PAIR_BYTES = 8, // type and offset of an element
    ELEMENT_HEADER_BYTES = 12,
    MAP_HEADER_BYTES = 20,
    TEMP_HEADER_BYTES = 40,
    TEMP_ITEM_BYTES = 20,
};

struct element_layout {
    char signature[5];
    enum wevt_kind kind;
    uint32_t header_bytes;
    uint32_t row_bytes;   // 0: its rows are of different sizes
    uint32_t name_offset; // of the text's offset in a row
    const char *what_header, *what_size, *what_rows, *what_name;
};

// By the signature at the element; NULL: one of no known kind.
const struct element_layout *element_layout(const uint8_t *signature);

#endif
