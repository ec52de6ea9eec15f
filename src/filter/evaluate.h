// SPDX-License-Identifier: MIT
// Evaluates a query on one event by walking its elements: what every record can be asked, however it
// is made, and what plans must agree with (filter/filter.h).
#ifndef EVX_FILTER_EVALUATE_H
#define EVX_FILTER_EVALUATE_H

#include "decode/event.h"
#include "fields/tree.h"
#include "filter/expression.h"
#include "filter/match.h"

// Which log the records are from: names without folders, folded UTF-16LE; NULL: not known.
struct log_name {
    const uint8_t *file; // as it is
    uint32_t file_units;
    const uint8_t *channel; // without .evtx, %4 read as /
    uint32_t channel_units;
};

// Of a worker.
struct evaluation {
    const struct query_tree *query;
    const struct log_name *log;
    struct tree tree;
    struct matcher matcher;
    struct scratch_text gathered; // texts of several parts
    const struct event *event;
    bool fault; // the decoder's fault is set: the answer is worth nothing
    // Elements of a search in all text, on the way from the root.
    struct child_iterator *levels;
    uint32_t level_capacity;
};

// False without memory; destroy it in any case.
EVX_MUST_USE bool evaluation_init(struct evaluation *evaluation, const struct query_tree *query,
                                  struct decoder *decoder, const struct ansi_codec *codec);
void evaluation_destroy(struct evaluation *evaluation);

// Whether the event is meant. When evaluation->fault is set, it could not be looked at.
bool evaluate_event(struct evaluation *evaluation, const struct event *event);

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

// EXPRESSION_ANY_TEXT: some text of an element or attribute of the record satisfies the literal.
bool evaluate_any_text(struct evaluation *evaluation, const struct literal *literal);

#endif
