// SPDX-License-Identifier: MIT
// The options that say which records are meant, as a query.
#ifndef EVX_CLI_CONDITIONS_H
#define EVX_CLI_CONDITIONS_H

#include <stdbool.h>

#include "options.h"

// Whether any of them is given.
bool conditions_are_given(const struct options *options);

// Compiles them, with `query` in front (NULL: none). NULL without any, or when *ret_failed is set:
// then it has been told why.
evx_query *conditions_compile(evx_engine *engine, const struct options *options, const char *query,
                              bool *ret_failed);

#endif
