// SPDX-License-Identifier: MIT
// What to write instead of what people try. Knows what other languages have.
#ifndef EVX_FILTER_XPATH_HINT_H
#define EVX_FILTER_XPATH_HINT_H

#include "filter/xpath_token.h"

// Each gives NULL when there is nothing to say.
const char *xpath_hint(const struct query_text *text, const struct xpath_token *found);
// Where a path has to begin.
const char *xpath_hint_of_root(const struct query_text *text, const struct xpath_token *found);
// For the name of a function.
const char *xpath_hint_of_function(const struct query_text *text, const struct xpath_token *found);

#endif
