// SPDX-License-Identifier: MIT
#include "filter/filter.h"

#include "base/check.h"
#include "base/error.h"

struct filter_state {
    struct evaluation evaluation;
    bool failed; // no memory for it
};

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct filter_consumer *filter = (const struct filter_consumer *)consumer;
    struct filter_state *own = state;
    (void)payload;
    if (EVX_UNLIKELY(own->failed)) {
        fault_memory(&event->decoder->fault);
        return TAKEN_FAULT;
    }
    EVX_CHECK(own->evaluation.tree.decoder == event->decoder);
    own->evaluation.query = filter->query;
    own->evaluation.log = &filter->log;
    switch (filter_event(&own->evaluation, filter->plans, event)) {
    case VERDICT_YES:
        return TAKEN_KEPT;
    case VERDICT_NO:
        return TAKEN_DROPPED;
    case VERDICT_FAULT:
        break;
    }
    return TAKEN_FAULT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    const struct filter_consumer *filter = (const struct filter_consumer *)consumer;
    struct filter_state *own = state;
    own->failed = !evaluation_init(&own->evaluation, filter->query, decoder, filter->codec);
}

static void state_destroy(void *state)
{
    evaluation_destroy(&((struct filter_state *)state)->evaluation);
}

// A filter leaves nothing in a batch.
static void payload_init(struct payload *payload, struct memory *memory)
{
    (void)memory;
    *payload = (struct payload){0};
}

static void payload_clear(struct payload *payload)
{
    *payload = (struct payload){0};
}

static void payload_destroy(struct payload *payload)
{
    (void)payload;
}

static void rewind_to(struct payload *payload, size_t mark)
{
    (void)payload;
    EVX_CHECK(mark == 0);
}

struct filter_consumer filter_consumer(const struct query_tree *query, struct query_plans *plans,
                                       const struct ansi_codec *codec, struct log_name log)
{
    static const struct consumer_class class = {
        .name = "filter",
        .state_bytes = sizeof(struct filter_state),
        .payload_bytes = sizeof(struct payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = payload_init,
        .payload_clear = payload_clear,
        .payload_destroy = payload_destroy,
        .take = take,
        .rewind = rewind_to,
    };
    return (struct filter_consumer){{&class}, query, plans, codec, log};
}
