// SPDX-License-Identifier: MIT
#include "filter/filter.h"

#include "base/check.h"

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct filter_consumer *filter = (const struct filter_consumer *)consumer;
    struct evaluation *evaluation = state;
    (void)payload;
    EVX_CHECK(evaluation->tree.decoder == event->decoder);
    evaluation->query = filter->query;
    evaluation->log = &filter->log;
    evaluation->unsearched = filter->plans->unsearched;
    const uint64_t runaways = evaluation->matcher.regex.runaways;
    const enum verdict verdict = filter_event(evaluation, filter->plans, event);
    event->has_given_up |= evaluation->matcher.regex.runaways > runaways;
    switch (verdict) {
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
    evaluation_init(state, filter->query, decoder, filter->codec);
}

static void state_destroy(void *state)
{
    evaluation_destroy(state);
}

struct filter_consumer filter_consumer(const struct query_tree *query, struct query_plans *plans,
                                       const struct ansi_codec *codec, struct log_name log)
{
    static const struct consumer_class class = {
        .name = "filter",
        .state_bytes = sizeof(struct evaluation),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .take = take,
        PAYLOAD_NONE,
    };
    return (struct filter_consumer){{&class}, query, plans, codec, log};
}
