// SPDX-License-Identifier: MIT
#include "ledger/witness.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "fields/template_path.h"

enum { EVENT_SECURITY_CLEARED = 1102, EVENT_LOG_CLEARED = 104 };

static const char eventlog_provider[] = "Microsoft-Windows-Eventlog";

struct witness_place {
    enum { WITNESS_ABSENT, WITNESS_HOLE, WITNESS_TEXT } kind;
    uint16_t slot;
};

struct witness_plan {
    struct plan plan;
    bool is_eventlog; // the provider is the same for all records
    struct witness_place places[WITNESS_FIELDS];
};

// UTF-16LE units that are ASCII, with a NUL behind or not.
static bool units_are(const uint8_t *units, uint32_t count, const char *text)
{
    while (count > 0 && load_u16(units + 2 * (count - 1)) == 0)
        count--;
    if (count != strlen(text))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (load_u16(units + 2 * (size_t)i) != (uint8_t)text[i])
            return false;
    return true;
}

static void find_place(const struct witness *witness, const struct template *template,
                       enum witness_field field, struct witness_plan *plan)
{
    struct place places[2];
    EVX_CHECK(field < WITNESS_FIELDS);
    unsigned count = template_path(template, &witness->paths[field], places, 2);
    if (count == 0 || places[0].dependency_count > 1)
        return;
    if (places[0].kind == PLACE_HOLE) {
        plan->places[field].kind = WITNESS_HOLE;
        plan->places[field].slot = places[0].slot;
    } else if (field == WITNESS_PROVIDER && places[0].kind == PLACE_LITERAL &&
               places[0].end == places[0].first + 1 &&
               template->tape[places[0].first].kind == NODE_TEXT) {
        const struct node *node = &template->tape[places[0].first];
        plan->places[field].kind = WITNESS_TEXT;
        plan->is_eventlog = units_are(node->text.units, node->text.count, eventlog_provider);
    }
}

static struct plan *keep(void *made, struct arena *arena)
{
    struct witness_plan *plan = arena_allocate(arena, sizeof *plan);
    if (plan)
        memcpy(plan, made, sizeof *plan);
    return plan ? &plan->plan : NULL;
}

static EVX_COLD void make_plan(const struct witness *witness, const struct template *template,
                               struct witness_plan *ret_plan)
{
    *ret_plan = (struct witness_plan){0};
    for (int i = 0; i < WITNESS_FIELDS; i++)
        find_place(witness, template, (enum witness_field)i, ret_plan);
    plans_publish(witness->plans, template->number, 0, keep, ret_plan); // or it is made again
}

// The value of a field if it is of this type and size. False: it is something else.
static bool find_value(const struct witness_plan *plan, enum witness_field field,
                       const struct event *event, const struct instance *instance, uint32_t type,
                       uint32_t size, struct value_view *ret)
{
    if (plan->places[field].kind != WITNESS_HOLE)
        return false;
    *ret = event_value(event, instance, plan->places[field].slot);
    return ret->type == type && (ret->size == size || size == 0);
}

static bool is_of_eventlog(const struct witness_plan *plan, const struct event *event,
                           const struct instance *instance)
{
    struct value_view value;
    if (plan->places[WITNESS_PROVIDER].kind == WITNESS_TEXT)
        return plan->is_eventlog;
    return find_value(plan, WITNESS_PROVIDER, event, instance, TYPE_STRING, 0, &value) &&
           units_are(value.data, value.size / 2, eventlog_provider);
}

static void look(const struct witness_plan *plan, const struct event *event,
                 const struct instance *instance, struct span *seen)
{
    struct value_view value;
    if (find_value(plan, WITNESS_CREATED, event, instance, TYPE_FILETIME, 8, &value)) {
        seen->has_created = true;
        seen->created = load_u64(value.data);
    }
    if (find_value(plan, WITNESS_RECORD_ID, event, instance, TYPE_U64, 8, &value)) {
        seen->has_event_record_id = true;
        seen->event_record_id = load_u64(value.data);
    }
    if (find_value(plan, WITNESS_EVENT_ID, event, instance, TYPE_U16, 2, &value)) {
        const uint16_t id = load_u16(value.data);
        seen->is_clearing = (id == EVENT_SECURITY_CLEARED || id == EVENT_LOG_CLEARED) &&
                            is_of_eventlog(plan, event, instance);
    }
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct witness *witness = (const struct witness *)consumer;
    struct witness_state *own = state;
    struct witness_plan made;
    (void)payload;
    own->seen = (struct span){0};
    if (!event_settle(event))
        return TAKEN_FAULT;
    const struct instance *instance = event_instance(event);
    if (!instance || !instance->offsets)
        return TAKEN_KEPT;
    const struct witness_plan *plan =
        (const struct witness_plan *)plans_find(witness->plans, instance->template->number, 0);
    if (EVX_UNLIKELY(!plan)) {
        make_plan(witness, instance->template, &made);
        plan = &made;
    }
    look(plan, event, instance, &own->seen);
    return TAKEN_KEPT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    (void)consumer;
    (void)decoder;
    *(struct witness_state *)state = (struct witness_state){0};
}

static void state_destroy(void *state)
{
    (void)state;
}

static const struct consumer_class class = {
    .name = "witness",
    .state_bytes = sizeof(struct witness_state),
    .state_init = state_init,
    .state_destroy = state_destroy,
    .take = take,
    PAYLOAD_NONE,
};

struct witness witness_consumer(struct plans *plans)
{
    static const char *const paths[WITNESS_FIELDS] = {
        [WITNESS_EVENT_ID] = "System/EventID",
        [WITNESS_PROVIDER] = "System/Provider/@Name",
        [WITNESS_CREATED] = "System/TimeCreated/@SystemTime",
        [WITNESS_RECORD_ID] = "System/EventRecordID",
    };
    struct witness witness = {.consumer = {&class}, .plans = plans};
    for (int i = 0; i < WITNESS_FIELDS; i++) {
        size_t offset;
        const bool fine = path_parse(&witness.paths[i], paths[i], strlen(paths[i]), &offset);
        EVX_CHECK(fine);
    }
    return witness;
}

const struct witness_state *witness_state_of(const struct consumer *consumer, const void *state)
{
    return consumer->class == &class ? state : NULL;
}
