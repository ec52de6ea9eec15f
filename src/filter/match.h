// SPDX-License-Identifier: MIT
// Whether a value of a record satisfies a constant of a query. The type of the value decides which
// reading of the constant counts; two values only, no errors.
#ifndef EVX_FILTER_MATCH_H
#define EVX_FILTER_MATCH_H

#include "filter/literal.h"
#include "filter/regex.h"
#include "filter/subject.h"

struct matcher {
    const struct ansi_codec *codec;
    struct scratch_text printed; // texts of typed values
    struct regex_state regex;
};

bool match_subject(struct matcher *matcher, const struct literal *literal,
                   const struct subject *subject);

// Of a SET.
bool literal_set_has(const struct literal *literal, uint64_t number);

// The same of two numbers, for positions and times.
bool match_numbers(enum literal_op op, double a, double b);

// The time that a value is or, as text, names; FILETIME ticks.
bool subject_time(const struct subject *subject, int64_t *ret_ticks);
// The 64 bits of an integer, or of a text that is a whole number.
bool subject_bits(const struct subject *subject, uint64_t *ret_bits);

#endif
