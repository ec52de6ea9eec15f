// SPDX-License-Identifier: MIT
// The tokens of an XPath query. Knows nothing of what may follow what.
#ifndef EVX_FILTER_XPATH_TOKEN_H
#define EVX_FILTER_XPATH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/literal.h"
#include "filter/query_text.h"

enum xpath_token_kind {
    XPATH_END,
    XPATH_NAME, // `and` and `or`, too: what they are depends on what stands before
    XPATH_NUMBER,
    XPATH_STRING, // with its quotes
    XPATH_OPERATOR,
    XPATH_STAR,
    XPATH_AT,
    XPATH_SLASH,
    XPATH_COMMA,
    XPATH_AXIS, // ::
    XPATH_OPEN,
    XPATH_CLOSE,
    XPATH_OPEN_PREDICATE,
    XPATH_CLOSE_PREDICATE,
    XPATH_OPEN_STRING, // without a quote at its end
    XPATH_STRANGE,     // nothing of XPath
};

struct xpath_token {
    enum xpath_token_kind kind;
    enum literal_op op; // of XPATH_OPERATOR
    size_t at, size;
};

// The first token at or behind `at`.
struct xpath_token xpath_token_at(const struct query_text *text, size_t at);

bool xpath_token_is(const struct query_text *text, const struct xpath_token *token,
                    const char *name);
// In any case.
bool xpath_token_is_word(const struct query_text *text, const struct xpath_token *token,
                         const char *lower_word);

#endif
