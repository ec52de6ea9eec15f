// SPDX-License-Identifier: MIT
// Types of data, as the templates of logs declare them.
#ifndef EVX_API_TABLE_INFER_H
#define EVX_API_TABLE_INFER_H

#include "api/table_options.h"

// The types of the options' fields: those that are given, what a look at the inputs says of the
// others, or what they usually are. An input that cannot be read says nothing. The types are NULL
// when there are no fields; table_types_release is due in any case.
evx_status table_infer_types(struct evx_engine *engine, evx_reader *reader,
                             const char *const *paths, size_t path_count,
                             const evx_table_options *known, evx_table_type **ret_types,
                             evx_error *error);
void table_types_release(struct evx_engine *engine, const evx_table_options *known,
                         evx_table_type *types);

#endif
