// SPDX-License-Identifier: MIT
#include "table/usual_types.h"

#include <string.h>

// By the case-sensitive order of the names.
static const struct {
    const char *name;
    evx_table_type type;
} types[] = {
    {"LogonType", EVX_TABLE_INT64},
    {"ProcessId", EVX_TABLE_INT64},
};

evx_table_type usual_type(const char *name)
{
    size_t low = 0, high = sizeof types / sizeof *types;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = strcmp(name, types[middle].name);
        if (order == 0)
            return types[middle].type;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return EVX_TABLE_TEXT;
}
