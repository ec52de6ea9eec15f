// SPDX-License-Identifier: MIT
#include "counts.h"

#include <string.h>

#include "base/load.h"
#include "fields/template_path.h"

// Where the EventID is in a template: a hole, or the digits themselves.
struct counts_plan {
    struct plan plan;
    bool is_hole;
    uint32_t value; // the hole's index, or the identifier
};

static uint32_t number_of(const struct node *text)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < text->text.count; i++) {
        uint32_t digit = load_u16(text->text.units + 2 * i) - '0';
        if (digit > 9 || (number = 10 * number + digit) >= EVENT_IDS)
            return NO_EVENT_ID;
    }
    return text->text.count ? number : NO_EVENT_ID;
}

static struct counts_plan compile(const struct counts *counts, const struct template *template)
{
    struct place place;
    struct counts_plan plan = {.value = NO_EVENT_ID};
    if (template_path(template, &counts->path, &place, 1) == 0)
        return plan;
    plan.is_hole = place.kind == PLACE_HOLE;
    if (plan.is_hole)
        plan.value = place.slot;
    else if (place.kind == PLACE_LITERAL && template->tape[place.first].kind == NODE_TEXT)
        plan.value = number_of(&template->tape[place.first]);
    return plan;
}

static struct plan *keep(void *made, struct arena *arena)
{
    struct counts_plan *plan = arena_allocate(arena, sizeof *plan);
    if (plan)
        *plan = *(const struct counts_plan *)made;
    return plan ? &plan->plan : NULL;
}

static struct counts_plan make_plan(const struct counts *counts, const struct template *template)
{
    struct counts_plan plan = compile(counts, template);
    plans_publish(counts->plans, template->number, 0, keep, &plan); // or it is made again
    return plan;
}

static uint32_t event_id(const struct counts *counts, const struct event *event)
{
    const struct instance *instance = event_instance(event);
    if (!instance)
        return NO_EVENT_ID;
    const struct plan *found = plans_find(counts->plans, instance->template->number, 0);
    const struct counts_plan plan = found ? *(const struct counts_plan *)found
                                          : make_plan(counts, instance->template);
    if (!plan.is_hole)
        return plan.value;
    const struct value_view value = event_value(event, instance, plan.value);
    return value.type == TYPE_U16 && value.size == 2 ? load_u16(value.data) : NO_EVENT_ID;
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    (void)state;
    struct counts_payload *counted = (struct counts_payload *)payload;
    if (!event_settle(event))
        return TAKEN_FAULT;
    counted->last = event_id((const struct counts *)consumer, event);
    counted->by_id[counted->last]++;
    payload->mark++;
    return TAKEN_KEPT;
}

static void rewind_to(struct payload *payload, size_t mark)
{
    struct counts_payload *counted = (struct counts_payload *)payload;
    if (payload->mark > mark)
        counted->by_id[counted->last]--;
    payload->mark = mark;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    (void)consumer, (void)state, (void)decoder;
}

static void state_destroy(void *state)
{
    (void)state;
}

static void payload_clear(struct payload *payload)
{
    memset(payload, 0, sizeof(struct counts_payload));
}

static void payload_init(struct payload *payload, struct memory *memory)
{
    (void)memory;
    payload_clear(payload);
}

static void payload_destroy(struct payload *payload)
{
    (void)payload;
}

struct counts counts_consumer(struct plans *plans)
{
    static const char path[] = "System/EventID";
    static const struct consumer_class class = {
        .name = "counts",
        .state_bytes = 1,
        .payload_bytes = sizeof(struct counts_payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = payload_init,
        .payload_clear = payload_clear,
        .payload_destroy = payload_destroy,
        .take = take,
        .rewind = rewind_to,
    };
    struct counts counts = {.consumer = {&class}, .plans = plans};
    size_t offset;
    if (!path_parse(&counts.path, path, sizeof path - 1, &offset))
        counts.path.step_count = 0;
    return counts;
}
