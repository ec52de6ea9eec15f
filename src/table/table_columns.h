// SPDX-License-Identifier: MIT
// Which columns a table has, by what was asked for. Immutable once they are made, and shared by all
// threads. Knows no values.
#ifndef EVX_TABLE_TABLE_COLUMNS_H
#define EVX_TABLE_TABLE_COLUMNS_H

#include <evx/arrow.h>

#include "filter/field_plan.h"
#include "filter/query_text.h"
#include "table/catalogue.h"

enum { TABLE_COLUMNS_MAX = 4096 };

struct table_column {
    const char *name; // UTF-8
    uint8_t source;   // enum column_source
    uint8_t layout;   // enum column_layout
    uint8_t width;    // of a fixed layout: bytes
    bool is_unsigned;
    bool is_dictionary;
    bool is_nullable;
    bool is_json; // marked as such
    bool is_guid; // text of one, in lower case
    bool is_data; // of event_data or user_data, and none of the catalogue
    uint32_t field;
    uint64_t too_large; // INT: bits that no number has which is not negative and fits
};

// What was asked for, checked and with the defaults in their places. Its texts are the caller's.
struct table_wish {
    const char *const *columns; // NULL: the default ones
    size_t column_count;
    const evx_table_field *fields; // each with a type
    size_t field_count;
    evx_table_profile profile;
    evx_table_unit unit;
    evx_table_data event_data;
    bool no_dictionaries;
    bool recover;
};

struct table_columns {
    struct query_tree tree; // steps of the paths, names
    struct table_column *list;
    uint32_t count;
    struct field *fields; // of the columns that have one
    uint32_t field_count;
    bool is_exact, is_micro;
    bool has_data_fields; // one of them is of EventData or UserData
};

struct table_error {
    size_t index;     // of the columns that were asked for, and behind them the fields
    const char *text; // constant, or NULL: it is `query`
    struct query_error query;
};

// False with *error set; table_columns_destroy is due either way.
EVX_MUST_USE bool table_columns_init(struct table_columns *columns, struct memory *memory,
                                     const struct table_wish *wish, struct table_error *error);
void table_columns_destroy(struct table_columns *columns);

// Fixed layouts have one value of `width` bytes each.
EVX_INLINE bool layout_is_fixed(uint8_t layout)
{
    return layout <= LAYOUT_FLOAT || layout == LAYOUT_GUID;
}

// And these a list of values.
EVX_INLINE bool layout_is_nested(uint8_t layout)
{
    return layout >= LAYOUT_MAP;
}

#endif
