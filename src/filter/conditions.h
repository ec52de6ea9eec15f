// SPDX-License-Identifier: MIT
// The filters of the command line as expressions, one function for each. A list in one text is a
// union; texts of several flags are combined by the caller with query_and(), query_or() and
// query_not(). Texts are UTF-8; offsets in errors are those in the text.
//
// Each function returns an expression that is no operand yet, or NO_EXPRESSION with *error set.
#ifndef EVX_FILTER_CONDITIONS_H
#define EVX_FILTER_CONDITIONS_H

#include "filter/query_text.h"
#include "filter/query_tree.h"

// Events by number: `4624, 4600-4700, -4650`. A number or range behind a `-` is taken away,
// whatever else is said; where only such are given, everything else is meant.
EVX_MUST_USE uint32_t condition_ids(struct query_tree *tree, const char *text, size_t size,
                                    struct query_error *error);
// EventRecordID: `1, 5-9, 100-`.
EVX_MUST_USE uint32_t condition_record_ids(struct query_tree *tree, const char *text, size_t size,
                                           struct query_error *error);
// Numbers up to 255, or names; `info` is 4 and 0, as Event Viewer has it.
EVX_MUST_USE uint32_t condition_levels(struct query_tree *tree, const char *text, size_t size,
                                       struct query_error *error);
// Masks, or names such as `audit-failure`: any bit of any.
EVX_MUST_USE uint32_t condition_keywords(struct query_tree *tree, const char *text, size_t size,
                                         struct query_error *error);
// SIDs.
EVX_MUST_USE uint32_t condition_users(struct query_tree *tree, const char *text, size_t size,
                                      struct query_error *error);

enum condition_name { CONDITION_PROVIDER, CONDITION_CHANNEL, CONDITION_COMPUTER };

// Names, with `*` and `?`; one with a comma stands in double quotes.
EVX_MUST_USE uint32_t condition_names(struct query_tree *tree, enum condition_name name,
                                      const char *text, size_t size, struct query_error *error);

// A number of the record's header.
EVX_MUST_USE uint32_t condition_header(struct query_tree *tree, enum header_field field,
                                       uint64_t low, uint64_t high, struct query_error *error);

// Any value has this text in it, in any case.
EVX_MUST_USE uint32_t condition_search(struct query_tree *tree, const char *text, size_t size,
                                       struct query_error *error);
// Any value has a place where the regular expression matches, with case. It is not compiled here.
EVX_MUST_USE uint32_t condition_regex(struct query_tree *tree, const char *text, size_t size,
                                      struct query_error *error);

// FIELD, FIELD=VALUE or FIELD|MODIFIER...=VALUE with the modifiers of Sigma. Values of one and the
// same FIELD|MODIFIER... are a union (with `all`: all of them), different ones are all wanted. On
// an error, *ret_wrong is the text that it is about.
struct condition_text {
    const char *text;
    size_t size;
};

EVX_MUST_USE uint32_t condition_data(struct query_tree *tree, const struct condition_text *texts,
                                     size_t count, size_t *ret_wrong, struct query_error *error);

// ---------------------------------------------------------------------------------------- time

// Where a time without a zone was. A program that knows the rules of zones gives to_utc.
struct condition_zone {
    int32_t seconds; // east of Greenwich, without to_utc
    bool (*to_utc)(void *context, int64_t local_ticks, int64_t *ret_ticks);
    void *context;
};

// `UTC`, `Z`, `+01:00`. False for all others, such as `local` and `Europe/Berlin`.
bool condition_zone_parse(const char *text, size_t size, struct condition_zone *ret_zone);
// YYYY-MM-DD[(T| )hh:mm[:ss[.f*]]][zone], or @ and seconds since 1970, as FILETIME ticks. A day is
// its first tick, or with is_end its last one. False with *error set.
EVX_MUST_USE bool condition_time_parse(const char *text, size_t size,
                                       const struct condition_zone *zone, bool is_end,
                                       int64_t *ret_ticks, struct query_error *error);
// Sums such as `1d12h` before `now`: y, M (months), w, d, h, m, s. False with *error set.
EVX_MUST_USE bool condition_before_parse(const char *text, size_t size, int64_t now,
                                         int64_t *ret_ticks, struct query_error *error);

// TimeCreated, both ends belong. Of --from, --to and --last, with the ticks from above.
EVX_MUST_USE uint32_t condition_from(struct query_tree *tree, int64_t ticks,
                                     struct query_error *error);
EVX_MUST_USE uint32_t condition_to(struct query_tree *tree, int64_t ticks,
                                   struct query_error *error);
// The same of the time in the record's header.
EVX_MUST_USE uint32_t condition_written(struct query_tree *tree, int64_t ticks, bool is_end,
                                        struct query_error *error);

#endif
