// SPDX-License-Identifier: MIT
// Evaluates a query on one event by walking its elements: what every record can be asked, however
// it is made, and what plans must agree with (filter/filter.h).
#ifndef EVX_FILTER_EVALUATE_H
#define EVX_FILTER_EVALUATE_H

#include "decode/event.h"
#include "fields/tree.h"
#include "filter/absence.h"
#include "filter/expression.h"
#include "filter/match.h"

// Which log the records are from: names without folders, folded UTF-16LE; none: not known.
enum { LOG_NAME_UNITS_MAX = 255 };
struct log_name {
    uint8_t file[2 * LOG_NAME_UNITS_MAX]; // as it is
    uint32_t file_units;
    uint8_t channel[2 * LOG_NAME_UNITS_MAX]; // without .evtx, %4 read as /
    uint32_t channel_units;
};

// Of a worker.
struct evaluation {
    const struct query_tree *query;
    const struct log_name *log;
    struct tree tree;
    struct matcher matcher;
    struct scratch_text gathered; // texts of several parts
    struct event *event;
    struct absence absence;
    _Atomic uint64_t *unsearched; // where absence.proofs are counted in the end; NULL: nowhere
    bool fault;                   // the decoder's fault is set
    bool is_unusable;             // there was no memory for it
    uint8_t *compared;            // SAME: a text, and behind it the same folded
    size_t compared_bytes;
    // Elements of a search in all text, on the way from the root.
    struct child_iterator *levels;
    uint32_t level_capacity;
};

// Without memory no event can be looked at: each start says so.
void evaluation_init(struct evaluation *evaluation, const struct query_tree *query,
                     struct decoder *decoder, const struct ansi_codec *codec);
void evaluation_destroy(struct evaluation *evaluation);

// In front of the first question about an event, and behind the last one: false when it cannot
// be looked at, with the decoder's fault set. Answers are then worth nothing.
EVX_MUST_USE bool evaluation_start(struct evaluation *evaluation, struct event *event);
EVX_MUST_USE bool evaluation_end(struct evaluation *evaluation);

// One expression asked of the record as a whole; the query's root is the query.
bool evaluate_record(struct evaluation *evaluation, uint32_t expression);

// Whether a step means elements or attributes of this name. Only local names count: a prefix is not
// looked at.
bool step_names(const struct path_query_step *step, const struct name *name);

// What needs no walk: HEADER, and of LOG the name of the log. The channel is where these steps
// lead.
bool evaluate_header(const struct evaluation *evaluation, const struct expression *expression);
bool evaluate_log_name(const struct evaluation *evaluation, const struct expression *expression);
// And a TIMEDIFF to fixed ticks, of a time.
bool evaluate_age(const struct expression *expression, int64_t time);
enum { CHANNEL_STEPS = 3 };
extern const struct path_query_step evaluate_channel_steps[CHANNEL_STEPS];

// Where an expression is asked: the record, an element, or an attribute, which has nothing inside.
struct context {
    enum { CONTEXT_RECORD, CONTEXT_ELEMENT, CONTEXT_ATTRIBUTE } kind;
    struct element element;
    uint32_t position; // in the list that the predicates before left, from 1
};

// The same of one expression of the query.
bool evaluate(struct evaluation *evaluation, uint32_t expression, const struct context *context);

// Calls `visit` for what the steps select, in the order of the document, until one returns true.
// Without values, `visit` gets NULL; elements that have elements inside have none and are left out.
typedef bool visit_subject(struct evaluation *evaluation, const struct subject *subject,
                           void *visitor);
bool evaluate_path(struct evaluation *evaluation, const struct path_query_step *steps,
                   uint32_t count, const struct context *context, bool with_values,
                   visit_subject *visit, void *visitor);

// EXPRESSION_SAME.
bool evaluate_same(struct evaluation *evaluation, const struct expression *expression,
                   const struct context *context);

// EXPRESSION_ANY_TEXT: some text of an element or attribute of the record satisfies the literal.
bool evaluate_any_text(struct evaluation *evaluation, const struct literal *literal);

#endif
