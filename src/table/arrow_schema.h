// SPDX-License-Identifier: MIT
// The columns of a table as an ArrowSchema.
#ifndef EVX_TABLE_ARROW_SCHEMA_H
#define EVX_TABLE_ARROW_SCHEMA_H

#include "table/lifeline.h"
#include "table/table_columns.h"

// False without memory. Each node of what is returned may be released on its own.
EVX_MUST_USE bool arrow_schema_make(const struct table_columns *columns, struct lifeline *lifeline,
                                    struct ArrowSchema *ret_schema);

#endif
