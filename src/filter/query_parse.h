// SPDX-License-Identifier: MIT
// From the text of a query to its tree. Knows the languages, and nothing of records: XPath,
// Channel!XPath, and the XML files that hold query lists.
#ifndef EVX_FILTER_QUERY_PARSE_H
#define EVX_FILTER_QUERY_PARSE_H

#include "filter/query_text.h"
#include "filter/query_tree.h"

struct query_parse_options {
    int64_t now;                     // FILETIME ticks, of timediff without a reference
    bool any_channel;                // paths and channels are left out
    struct query_warnings *warnings; // NULL: nobody wants them
};

// Any of the languages, told by the text. Adds to the tree and returns the expression, which is no
// operand yet; NO_EXPRESSION with *error set, which is cleared at the start. The tree is then fit
// for nothing but query_tree_destroy().
EVX_MUST_USE uint32_t query_parse(struct query_tree *tree, const char *text, size_t size,
                                  const struct query_parse_options *options,
                                  struct query_error *error);

// The same, and it becomes the root. False for NO_EXPRESSION.
EVX_MUST_USE bool query_parse_root(struct query_tree *tree, const char *text, size_t size,
                                   const struct query_parse_options *options,
                                   struct query_error *error);

// Bare XPath. *error has been cleared.
EVX_MUST_USE uint32_t xpath_parse(struct query_tree *tree, const struct query_text *text,
                                  const struct query_parse_options *options,
                                  struct query_error *error);

// An XML file with query lists. The text is valid UTF-8; *error has been cleared.
EVX_MUST_USE uint32_t structured_parse(struct query_tree *tree, const struct query_text *text,
                                       struct arena *scratch,
                                       const struct query_parse_options *options,
                                       struct query_error *error);

// Membership of a log that is named as Path of a structured query is, or in front of an `!`.
EVX_MUST_USE uint32_t query_log(struct query_tree *tree, const struct query_text *path);

#endif
