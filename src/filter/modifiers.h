// SPDX-License-Identifier: MIT
// The modifiers of Sigma behind a field's name: what is done to a value, and how it is compared.
#ifndef EVX_FILTER_MODIFIERS_H
#define EVX_FILTER_MODIFIERS_H

#include "filter/query_text.h"

enum modifier_match {
    MATCH_WHOLE,
    MATCH_CONTAINS,
    MATCH_STARTS,
    MATCH_ENDS,
    MATCH_REGEX,
    MATCH_NETWORK,
    MATCH_NUMBER, // by `op`
    MATCH_EXISTS,
};

// What is done to a value, in this order of the text.
enum modifier_change {
    CHANGE_NONE,
    CHANGE_WINDASH,
    CHANGE_UTF16LE,
    CHANGE_UTF16BE,
    CHANGE_UTF16, // with its mark, little-endian
    CHANGE_BASE64,
    CHANGE_BASE64_OFFSET,
};

enum { MODIFIER_CHANGES_MAX = 4 };

struct modifiers {
    enum modifier_match match;
    enum literal_op op;  // of MATCH_NUMBER
    uint8_t part;        // enum literal_part
    uint8_t regex_flags; // enum literal_regex_flag
    bool all, cased, negated;
    bool is_field;                         // the value is the name of a field whose value is meant
    bool is_expanded;                      // the value may have placeholders
    uint8_t changes[MODIFIER_CHANGES_MAX]; // enum modifier_change
    uint32_t change_count;
};

// Of `a|b|c`; nothing is fine, too. False with *error set.
EVX_MUST_USE bool modifiers_parse(const struct query_text *text, struct modifiers *ret_modifiers,
                                  struct query_error *error);

#endif
