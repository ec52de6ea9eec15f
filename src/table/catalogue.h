// SPDX-License-Identifier: MIT
// The columns that a table of any log has: constants. Knows no values.
#ifndef EVX_TABLE_CATALOGUE_H
#define EVX_TABLE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How the values of a column are laid out.
enum column_layout {
    LAYOUT_INT, // of a width, signed or not
    LAYOUT_BOOL,
    LAYOUT_TIME, // int64 since 1970, in a unit
    LAYOUT_FLOAT,
    LAYOUT_TEXT,
    LAYOUT_BINARY,
    LAYOUT_GUID,  // 16 bytes, as arrow.uuid has them
    LAYOUT_MAP,   // text to text
    LAYOUT_PAIRS, // the same as a list
    LAYOUT_TEXTS, // a list
};

// Where they come from.
enum column_source {
    SOURCE_FIELD, // of the event, by a path
    SOURCE_RECORD_ID,
    SOURCE_WRITTEN,
    SOURCE_CHUNK,
    SOURCE_OFFSET,
    SOURCE_PATH,
    SOURCE_RECOVERED,
    SOURCE_EVENT_DATA,
    SOURCE_USER_DATA,
    SOURCE_XML,
    SOURCE_JSON,
    SOURCE_TEMPLATE,
    SOURCE_RAW,
};

enum column_presence { COLUMN_DEFAULT, COLUMN_WHEN_RECOVERING, COLUMN_ON_REQUEST };

struct catalogue_column {
    const char *name;
    uint8_t source; // enum column_source
    uint8_t layout; // enum column_layout
    uint8_t width;  // INT: bytes
    bool is_dictionary, is_nullable;
    uint8_t presence; // enum column_presence
    // In the exact profile.
    uint8_t exact_layout, exact_width; // unsigned, then
    const char *path;                  // FIELD: as queries have it
    const char *help;
};

extern const struct catalogue_column catalogue[];
extern const size_t catalogue_count;

// Its index, or catalogue_count; the case of letters counts for nothing with `any_case`.
size_t catalogue_find(const char *name, bool any_case);

#endif
