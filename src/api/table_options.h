// SPDX-License-Identifier: MIT
// The options of tables, checked.
#ifndef EVX_API_TABLE_OPTIONS_H
#define EVX_API_TABLE_OPTIONS_H

#include <evx/arrow.h>

#include "api/handles.h"
#include "table/table_columns.h"

// Copies what both sides know, and refuses what makes no sense. options may be NULL.
evx_status table_options_read(const evx_table_options *options, evx_table_options *ret_known,
                              evx_error *error);

// The columns that the options ask for, whose fields have these types; NULL: those of the options.
// On failure there is nothing to be destroyed.
evx_status table_options_columns(struct evx_engine *engine, const evx_table_options *known,
                                 const evx_table_type *types, struct table_columns *ret_columns,
                                 evx_error *error);

#endif
