// SPDX-License-Identifier: MIT
// The options that say what is written of each record.
#ifndef EVX_CLI_FIELDS_H
#define EVX_CLI_FIELDS_H

#include <stdbool.h>

#include "options.h"

// Rows are CSV where nothing else is asked for.
evx_format fields_format(const struct options *options);

// The columns of rows; NULL for whole records, or when *ret_failed is set: then it has been told
// why.
evx_fields *fields_compile(evx_engine *engine, const struct options *options, bool *ret_failed);

#endif
