// SPDX-License-Identifier: MIT
// The values of fields, compiled against templates: where they stand is settled once for each
// template, and for each that stands in a value of another. A record is then a look at a value for
// each field. What is odd about a record (arrays, elements where text should be, none of a template
// at all) is walked to instead, so that both ways give the same values in the same order.
#ifndef EVX_FILTER_FIELD_PLAN_H
#define EVX_FILTER_FIELD_PLAN_H

#include "filter/filter_plan.h"
#include "filter/plan_values.h"
#include "filter/query_path.h"

enum { FIELD_ROUTES_MAX = 4 };

// Paths of a query tree that have the values of one field.
struct field {
    uint32_t routes[FIELD_ROUTES_MAX]; // expressions: PATH without a literal
    uint32_t route_count;
    bool takes_all; // what all of the paths have, or else the first that has any
    bool is_single; // the first value is all
};

// False when the tree takes nothing more.
EVX_MUST_USE bool field_add_route(struct query_tree *tree, struct field *field,
                                  const struct query_path *path);

struct field_plan;

// What nearly all fields are in a record: nothing, text, or all that is in one hole.
enum lone_kind { LONE_OTHER, LONE_NOTHING, LONE_TEXT, LONE_HOLE };

struct lone_place {
    uint8_t kind;   // enum lone_kind
    uint8_t level;  // 0: of the record's own instance, 1: of the one in it
    uint16_t hole;  // of a value that is neither NULL nor an array
    uint16_t guard; // another hole whose value is no array
    uint32_t text_bytes;
    const uint8_t *text; // TEXT: UTF-16LE
};

enum { NO_GUARD = UINT16_MAX };

// Where the fields stand in a template and in the one that stands in a value of it.
struct field_join {
    const struct field_plan *plan;
    const struct field_plan *nested; // NULL: nothing is there, or it is not known yet
    bool is_known;
    size_t bytes;               // of all this
    struct field_range *ranges; // by field
    struct lone_place *lone;    // by field
    struct flat_place *places;
};

enum { FIELD_JOINS_MAX = 256 };

// Looks at the fields of one event after the other. Of a worker.
struct field_reader {
    const struct field *fields;
    uint32_t count;
    struct evaluation *evaluation;             // of the tree that has the paths
    struct query_plans *plans;                 // NULL: all is walked
    struct field_join *joins[FIELD_JOINS_MAX]; // the latest, by a hash
    // Of the event.
    struct event *event;
    const struct field_plan *plan;      // NULL: all is walked
    const struct field_join *join;      // where the fields stand, as far as is known
    const struct instance *instance[2]; // that the event is, and that is in a value of it
};

void field_reader_init(struct field_reader *reader, const struct field *fields, uint32_t count,
                       struct evaluation *evaluation, struct query_plans *plans);
void field_reader_destroy(struct field_reader *reader);

// False with the decoder's fault set. Events are started and ended by the evaluation.
EVX_MUST_USE bool field_reader_start(struct field_reader *reader, struct event *event);

// The same, and finds out at once what stands in the value where paths go on, for who looks at lone
// places.
EVX_MUST_USE bool field_reader_start_settled(struct field_reader *reader, struct event *event);
// Finds that out later. False with the decoder's fault set.
EVX_MUST_USE bool field_reader_settle(struct field_reader *reader);

// The value of a field that has a place of its own, which may be of any type. LONE_OTHER: it has to
// be looked at.
EVX_INLINE enum lone_kind field_lone_view(const struct field_reader *reader, uint32_t field,
                                          struct value_view *ret_view)
{
    if (EVX_UNLIKELY(!reader->plan))
        return LONE_OTHER;
    const struct lone_place *lone = &reader->join->lone[field];
    const struct instance *instance = reader->instance[lone->level];
    if (lone->kind == LONE_TEXT)
        *ret_view = (struct value_view){lone->text, lone->text_bytes, TYPE_STRING};
    if (lone->kind != LONE_HOLE)
        return (enum lone_kind)lone->kind;
    if (lone->guard != NO_GUARD &&
        event_value(reader->event, instance, lone->guard).type & TYPE_ARRAY)
        return LONE_OTHER;
    *ret_view = event_value(reader->event, instance, lone->hole);
    return LONE_HOLE;
}

// Calls `visit` for the values of a field until it returns true. OUTCOME_WALK: what was given is
// void, and only field_walk() can tell; OUTCOME_FAULT: the decoder's fault is set. Otherwise
// whether there are any.
enum outcome field_look(struct field_reader *reader, uint32_t field, visit_subject *visit,
                        void *visitor);
// The same by a walk over the elements. False with the decoder's fault set.
EVX_MUST_USE bool field_walk(struct field_reader *reader, uint32_t field, visit_subject *visit,
                             void *visitor);

#endif
