// SPDX-License-Identifier: MIT
// The options that say which records are meant, as a query.
#ifndef EVX_CLI_CONDITIONS_H
#define EVX_CLI_CONDITIONS_H

#include <stdbool.h>

#include "options.h"
#include "walk_inputs.h"

// Whether any of them is given.
bool conditions_are_given(const struct options *options);

// Compiles them, with `query` in front (NULL: none) and ages counted from `now` (NULL: the clock's
// time). NULL without any, or when *ret_failed is set: then it has been told why. What is odd about
// them is told, too.
evx_query *conditions_compile(evx_engine *engine, const struct options *options, const char *query,
                              const char *now, bool *ret_failed);

// The time that ages count from as far as the options tell, and whether they count from the newest
// record of the inputs instead. Then, once these are known, the query is to be compiled again:
// false when it has been told why not.
const char *conditions_now(const struct options *options);
bool conditions_recompile(evx_engine *engine, const struct options *options, const char *query,
                          const struct input_list *inputs, evx_query **query_or_null);

#endif
