// SPDX-License-Identifier: MIT
#include "filter/field_plan.h"

#include <string.h>

#include "base/check.h"

// Places of a path from a step on; FIELD_RANGE_WALK: only a walk can tell.
struct field_range {
    uint32_t first, count;
};

enum { FIELD_RANGE_WALK = UINT32_MAX };

struct field_plan {
    struct plan plan;
    const struct field_range *ranges; // by continuation; of step 0: for records
    const struct field_place *places;
    // Where paths of records go on: in the value of this hole, or only a walk can tell.
    uint32_t nested_hole; // NO_HOLE: nowhere
};

bool field_add_route(struct query_tree *tree, struct field *field, const struct query_path *path)
{
    EVX_CHECK(field->route_count < FIELD_ROUTES_MAX);
    const uint32_t route = query_path_test(tree, path, NULL);
    field->routes[field->route_count++] = route;
    return route != NO_EXPRESSION;
}

// ---- compiling ----------------------------------------------------------------------------------

struct writing {
    struct field_places places;
    struct field_range *ranges;
    uint32_t range_count;
    uint32_t nested_hole;
};

static struct plan *keep(void *context, struct arena *arena)
{
    const struct writing *writing = context;
    const size_t ranges_bytes = writing->range_count * sizeof *writing->ranges;
    const size_t places_bytes = writing->places.count * sizeof *writing->places.list;
    struct field_plan *plan = arena_allocate(arena, sizeof *plan);
    struct field_range *ranges = arena_allocate(arena, ranges_bytes + 1);
    struct field_place *places = arena_allocate(arena, places_bytes + 1);
    if (!plan || !ranges || !places)
        return NULL;
    memcpy(ranges, writing->ranges, ranges_bytes);
    if (places_bytes > 0)
        memcpy(places, writing->places.list, places_bytes);
    *plan = (struct field_plan){
        .plan.context = 0, .ranges = ranges, .places = places, .nested_hole = writing->nested_hole};
    return &plan->plan;
}

static bool is_route(const struct expression *expression)
{
    return expression->kind == EXPRESSION_PATH && !expression->path.literal;
}

static void find_nested_hole(struct writing *writing, uint32_t first)
{
    for (uint32_t i = first; i < writing->places.count && writing->nested_hole == NO_HOLE; i++)
        if (writing->places.list[i].kind == FIELD_NESTED)
            writing->nested_hole = writing->places.list[i].hole;
}

static bool look_at_template(struct writing *writing, struct evaluation *evaluation,
                             const struct query_plans *plans, const struct template *template)
{
    const struct query_tree *query = evaluation->query;
    struct residuals residuals;
    residuals_init(&residuals, plans->memory);
    for (uint32_t i = 0; i < query->expression_count; i++) {
        if (!is_route(&query->expressions[i]))
            continue;
        for (uint32_t step = 0; step < query->expressions[i].path.step_count; step++) {
            const uint32_t first = writing->places.count;
            const uint32_t continuation = plans->first_continuation[i] + step;
            EVX_CHECK(continuation < writing->range_count);
            bool is_settled =
                partial_places(evaluation, &residuals, plans, template, i, step, &writing->places);
            writing->ranges[continuation] = (struct field_range){
                first, is_settled ? writing->places.count - first : FIELD_RANGE_WALK};
            if (step == 0)
                find_nested_hole(writing, first);
        }
    }
    const bool fine = !residuals.failed && !writing->places.failed;
    residuals_destroy(&residuals);
    return fine;
}

static EVX_COLD const struct field_plan *
make_plan(struct evaluation *evaluation, struct query_plans *plans, const struct template *template)
{
    struct writing writing = {.places.memory = plans->memory,
                              .range_count = plans->continuation_count,
                              .nested_hole = NO_HOLE};
    const size_t ranges_bytes = (writing.range_count + 1) * sizeof *writing.ranges;
    struct plan *plan = NULL;
    if (!plans_have_room(&plans->plans, template->number))
        return NULL;
    EVX_CHECK(template->is_shared); // literals stay where they are
    writing.ranges = memory_allocate_zeroed(plans->memory, ranges_bytes);
    if (writing.ranges && look_at_template(&writing, evaluation, plans, template))
        plan = plans_publish(&plans->plans, template->number, 0, keep, &writing);
    memory_release(plans->memory, writing.ranges, ranges_bytes);
    field_places_destroy(&writing.places);
    return (const struct field_plan *)plan;
}

static const struct field_plan *plan_of(struct evaluation *evaluation, struct query_plans *plans,
                                        const struct instance *instance)
{
    if (EVX_UNLIKELY(!instance->offsets)) // values that had to be cut
        return NULL;
    const struct plan *plan = plans_find(&plans->plans, instance->template->number, 0);
    return EVX_LIKELY(plan != NULL) ? (const struct field_plan *)plan
                                    : make_plan(evaluation, plans, instance->template);
}

// ---- joining ------------------------------------------------------------------------------------
// The places of each field in a template and in the one that stands in a value of it, as one list.

enum flat_kind { FLAT_ELEMENT, FLAT_ATTRIBUTE, FLAT_LITERAL, FLAT_NOT_KNOWN, FLAT_WALK };

struct flat_place {
    uint8_t kind;  // enum flat_kind
    uint8_t level; // 0: of the record's own instance, 1: of the one in it
    uint8_t route; // of its field
    const struct field_place *place;
};

struct joining {
    struct field_join *join;
    struct flat_place *list; // NULL: they are only counted
    uint32_t count;
    uint8_t route;
};

static void join_place(struct joining *joining, enum flat_kind kind, uint8_t level,
                       const struct field_place *place)
{
    if (joining->list)
        joining->list[joining->count] =
            (struct flat_place){(uint8_t)kind, level, joining->route, place};
    joining->count++;
}

// Values in values of values are left to the walk.
static void join_nested(struct joining *joining, uint32_t continuation)
{
    const struct field_plan *nested = joining->join->nested;
    const struct field_range range =
        nested ? nested->ranges[continuation] : (struct field_range){0, 0};
    if (range.count == FIELD_RANGE_WALK) {
        join_place(joining, FLAT_WALK, 1, NULL);
        return;
    }
    for (uint32_t i = range.first; i < range.first + range.count; i++) {
        const struct field_place *place = &nested->places[i];
        join_place(joining, place->kind == FIELD_NESTED ? FLAT_WALK : (enum flat_kind)place->kind,
                   1, place);
    }
}

static void join_route(struct joining *joining, uint32_t continuation)
{
    const struct field_plan *plan = joining->join->plan;
    const struct field_range range = plan->ranges[continuation];
    if (range.count == FIELD_RANGE_WALK) {
        join_place(joining, FLAT_WALK, 0, NULL);
        return;
    }
    for (uint32_t i = range.first; i < range.first + range.count; i++) {
        const struct field_place *place = &plan->places[i];
        if (place->kind != FIELD_NESTED)
            join_place(joining, (enum flat_kind)place->kind, 0, place);
        else if (place->hole != plan->nested_hole || place->guard_count > 0)
            join_place(joining, FLAT_WALK, 0, NULL);
        else if (!joining->join->is_known)
            join_place(joining, FLAT_NOT_KNOWN, 0, NULL);
        else
            join_nested(joining, place->continuation);
    }
}

// The one guard that has to be looked at, beside what a value that is there has proved itself.
// False: there are more, or others.
static bool find_guard(const struct field_place *place, uint16_t *ret_guard)
{
    *ret_guard = NO_GUARD;
    for (uint8_t i = 0; i < place->guard_count; i++) {
        const struct field_guard guard = place->guards[i];
        if (guard.is_dependency && guard.hole == place->hole && place->kind != FIELD_LITERAL)
            continue;
        if (guard.is_dependency || *ret_guard != NO_GUARD || guard.hole == NO_GUARD)
            return false;
        *ret_guard = guard.hole;
    }
    return true;
}

static struct lone_place lone_place_of(const struct field *field, const struct flat_place *places,
                                       uint32_t count)
{
    struct lone_place lone = {.kind = LONE_OTHER};
    if (count == 0)
        return (struct lone_place){.kind = LONE_NOTHING};
    const struct field_place *place = places->place;
    if (places->kind > FLAT_LITERAL || !find_guard(place, &lone.guard) ||
        (count > 1 && !field->is_single && (field->takes_all || places[1].route == places->route)))
        return lone;
    lone.level = places->level;
    lone.hole = place->hole;
    lone.text = place->units;
    lone.text_bytes = 2 * place->unit_count;
    if (places->kind != FLAT_LITERAL)
        lone.kind = LONE_HOLE;
    else if (lone.guard == NO_GUARD)
        lone.kind = LONE_TEXT;
    return lone;
}

static uint32_t join_fields(const struct field_reader *reader, struct field_join *join,
                            struct flat_place *list)
{
    _Static_assert((int)FIELD_ELEMENT == (int)FLAT_ELEMENT &&
                       (int)FIELD_ATTRIBUTE == (int)FLAT_ATTRIBUTE &&
                       (int)FIELD_LITERAL == (int)FLAT_LITERAL,
                   "the kinds begin with those of places");
    struct joining joining = {.join = join, .list = list};
    for (uint32_t i = 0; i < reader->count; i++) {
        const struct field *field = &reader->fields[i];
        const uint32_t first = joining.count;
        for (uint32_t r = 0; r < field->route_count; r++) {
            joining.route = (uint8_t)r;
            join_route(&joining, reader->plans->first_continuation[field->routes[r]]);
        }
        if (!list)
            continue;
        join->ranges[i] = (struct field_range){first, joining.count - first};
        join->lone[i] = lone_place_of(field, list + first, joining.count - first);
    }
    return joining.count;
}

// NULL without memory.
static EVX_COLD struct field_join *make_join(const struct field_reader *reader,
                                             const struct field_join *wanted)
{
    struct field_join join = *wanted;
    const size_t places = join_fields(reader, &join, NULL);
    const size_t fields_bytes = reader->count * (sizeof *join.ranges + sizeof *join.lone);
    join.bytes = sizeof join + places * sizeof *join.places + fields_bytes;
    struct field_join *made = memory_allocate(reader->plans->memory, join.bytes);
    if (!made)
        return NULL;
    join.places = (struct flat_place *)(made + 1);
    join.ranges = (struct field_range *)(join.places + places);
    join.lone = (struct lone_place *)(join.ranges + reader->count);
    *made = join;
    uint32_t joined = join_fields(reader, made, made->places);
    EVX_CHECK(joined == places);
    (void)joined;
    return made;
}

_Static_assert(FIELD_JOINS_MAX == 1 << 8, "as many as eight bits tell apart");
// One behind the other, in which a join may stand. Places follow from addresses: with few of them
// it is up to chance whether two joins of a log take each other's place again and again.
enum { JOIN_PLACES = 16 };

static bool is_join(const struct field_join *join, const struct field_join *wanted)
{
    return join->plan == wanted->plan && join->nested == wanted->nested &&
           join->is_known == wanted->is_known;
}

static EVX_NOINLINE const struct field_join *
find_join_slow(struct field_reader *reader, const struct field_join *wanted, uint32_t first)
{
    struct field_join **place = &reader->joins[first];
    for (uint32_t i = 0; i < JOIN_PLACES; i++) {
        struct field_join **other = &reader->joins[(first + i) % FIELD_JOINS_MAX];
        if (*other && is_join(*other, wanted))
            return *other;
        if (*place && !*other)
            place = other;
    }
    struct field_join *made = make_join(reader, wanted);
    if (made) {
        if (*place)
            memory_release(reader->plans->memory, *place, (*place)->bytes);
        *place = made;
    }
    return made;
}

static const struct field_join *find_join(struct field_reader *reader,
                                          const struct field_plan *nested, bool is_known)
{
    const struct field_join wanted = {.plan = reader->plan, .nested = nested, .is_known = is_known};
    const uintptr_t mixed =
        ((uintptr_t)wanted.plan >> 4) * 31 + ((uintptr_t)nested >> 4) + is_known;
    const uint32_t first = (uint32_t)((uint64_t)mixed * UINT64_C(0x9E3779B97F4A7C15) >> 56);
    const struct field_join *join = reader->joins[first];
    return EVX_LIKELY(join && is_join(join, &wanted)) ? join
                                                      : find_join_slow(reader, &wanted, first);
}

// ---- reading ------------------------------------------------------------------------------------

void field_reader_init(struct field_reader *reader, const struct field *fields, uint32_t count,
                       struct evaluation *evaluation, struct query_plans *plans)
{
    *reader = (struct field_reader){
        .fields = fields, .count = count, .evaluation = evaluation, .plans = plans};
}

void field_reader_destroy(struct field_reader *reader)
{
    for (uint32_t i = 0; i < FIELD_JOINS_MAX; i++)
        if (reader->joins[i])
            memory_release(reader->plans->memory, reader->joins[i], reader->joins[i]->bytes);
}

EVX_INLINE bool open_event(struct field_reader *reader, struct event *event)
{
    reader->event = event;
    reader->plan = NULL;
    if (!event_settle(event))
        return false;
    reader->instance[0] = event_instance(event);
    if (EVX_LIKELY(reader->instance[0] && reader->plans))
        reader->plan = plan_of(reader->evaluation, reader->plans, reader->instance[0]);
    return true;
}

bool field_reader_start(struct field_reader *reader, struct event *event)
{
    if (!open_event(reader, event))
        return false;
    if (EVX_UNLIKELY(!reader->plan))
        return true;
    reader->join = find_join(reader, NULL, reader->plan->nested_hole == NO_HOLE);
    if (EVX_UNLIKELY(!reader->join))
        reader->plan = NULL;
    return true;
}

// What stands in the value where the paths go on.
static enum outcome look_into(struct field_reader *reader)
{
    const struct field_plan *nested = NULL;
    enum outcome outcome = nested_instance(reader->event, reader->instance[0],
                                           reader->plan->nested_hole, &reader->instance[1]);
    if (EVX_UNLIKELY(outcome > OUTCOME_TRUE))
        return outcome;
    if (EVX_LIKELY(outcome == OUTCOME_TRUE)) {
        nested = plan_of(reader->evaluation, reader->plans, reader->instance[1]);
        if (EVX_UNLIKELY(!nested))
            return OUTCOME_WALK;
    }
    const struct field_join *join = find_join(reader, nested, true);
    if (EVX_UNLIKELY(!join))
        return OUTCOME_WALK;
    reader->join = join;
    return OUTCOME_TRUE;
}

static bool settle(struct field_reader *reader)
{
    const enum outcome outcome = look_into(reader);
    if (EVX_UNLIKELY(outcome == OUTCOME_WALK))
        reader->plan = NULL;
    return outcome != OUTCOME_FAULT;
}

bool field_reader_settle(struct field_reader *reader)
{
    return EVX_UNLIKELY(!reader->plan) || reader->join->is_known || settle(reader);
}

bool field_reader_start_settled(struct field_reader *reader, struct event *event)
{
    if (!open_event(reader, event))
        return false;
    if (EVX_UNLIKELY(!reader->plan))
        return true;
    if (EVX_LIKELY(reader->plan->nested_hole != NO_HOLE))
        return settle(reader);
    reader->join = find_join(reader, NULL, true);
    if (EVX_UNLIKELY(!reader->join))
        reader->plan = NULL;
    return true;
}

// OUTCOME_FALSE: the place has no value, because there is no such element.
static enum outcome check_guards(const struct field_reader *reader, const struct field_place *place,
                                 const struct instance *instance)
{
    for (uint8_t i = 0; i < place->guard_count; i++) {
        const struct field_guard guard = place->guards[i];
        if (guard.hole >= instance->value_count)
            continue;
        const struct value_view view = event_value(reader->event, instance, guard.hole);
        if (guard.is_dependency && view_is_null(view))
            return OUTCOME_FALSE;
        if (!guard.is_dependency && view.type & TYPE_ARRAY)
            return OUTCOME_WALK;
    }
    return OUTCOME_TRUE;
}

// Damage is told where a value is shown, as a walk does.
static bool is_damaged(const struct subject *subject)
{
    enum note_kind kind;
    return !subject->is_text && subject->value.form == FORM_HEX &&
           value_damage(&subject->value, &kind);
}

static enum outcome subject_of_place(const struct field_reader *reader,
                                     const struct flat_place *flat, struct subject *ret_subject)
{
    const struct field_place *place = flat->place;
    const struct instance *instance = reader->instance[flat->level];
    enum outcome outcome = OUTCOME_TRUE;
    if (place->guard_count > 0)
        outcome = check_guards(reader, place, instance);
    if (outcome != OUTCOME_TRUE)
        return outcome;
    if (flat->kind == FLAT_LITERAL) {
        *ret_subject = (struct subject){
            .is_text = true, .units = place->units, .unit_count = place->unit_count};
        return OUTCOME_TRUE;
    }
    outcome = subject_of_view(event_value(reader->event, instance, place->hole),
                              flat->kind == FLAT_ATTRIBUTE, ret_subject);
    return EVX_UNLIKELY(outcome == OUTCOME_TRUE && is_damaged(ret_subject)) ? OUTCOME_WALK
                                                                            : outcome;
}

enum outcome field_look(struct field_reader *reader, uint32_t index, visit_subject *visit,
                        void *visitor)
{
    const struct field *field = &reader->fields[index];
    enum outcome all = OUTCOME_FALSE, one;
    uint8_t route = 0;
    if (EVX_UNLIKELY(!reader->plan))
        return OUTCOME_WALK;
    EVX_CHECK(index < reader->count && reader->join->plan == reader->plan);
    struct field_range range = reader->join->ranges[index];
    const struct flat_place *places = reader->join->places + range.first;
    for (uint32_t i = 0; i < range.count;) {
        const struct flat_place *place = &places[i];
        struct subject subject;
        if (all == OUTCOME_TRUE && place->route != route && !field->takes_all)
            break;
        route = place->route;
        if (place->kind == FLAT_NOT_KNOWN) { // what it stands for comes in its place
            one = look_into(reader);
            if (one != OUTCOME_TRUE)
                return one;
            range = reader->join->ranges[index];
            places = reader->join->places + range.first;
            continue;
        }
        one = place->kind == FLAT_WALK ? OUTCOME_WALK : subject_of_place(reader, place, &subject);
        if (EVX_UNLIKELY(one > OUTCOME_TRUE))
            return one;
        i++;
        if (one == OUTCOME_FALSE)
            continue;
        all = OUTCOME_TRUE;
        if (visit(reader->evaluation, &subject, visitor) || field->is_single)
            break;
    }
    return all;
}

// ---- walking ------------------------------------------------------------------------------------

struct walk {
    const struct field *field;
    visit_subject *visit;
    void *visitor;
    bool has_any, is_done;
};

static bool visit_walked(struct evaluation *evaluation, const struct subject *subject,
                         void *visitor)
{
    struct walk *walk = visitor;
    walk->has_any = true;
    walk->is_done = walk->visit(evaluation, subject, walk->visitor) || walk->field->is_single;
    return walk->is_done;
}

bool field_walk(struct field_reader *reader, uint32_t index, visit_subject *visit, void *visitor)
{
    static const struct context record = {.kind = CONTEXT_RECORD};
    struct evaluation *evaluation = reader->evaluation;
    EVX_CHECK(index < reader->count);
    const struct field *field = &reader->fields[index];
    const struct query_tree *query = evaluation->query;
    struct walk walk = {field, visit, visitor, false, false};
    for (uint32_t i = 0; i < field->route_count && !walk.is_done; i++) {
        const struct expression *path = &query->expressions[field->routes[i]];
        evaluation->tree.nodes = 0; // each path may look at all of the record
        evaluate_path(evaluation, query->steps + path->path.first_step, path->path.step_count,
                      &record, true, visit_walked, &walk);
        if (evaluation->fault)
            return false;
        if (walk.has_any && !field->takes_all)
            break;
    }
    return true;
}
