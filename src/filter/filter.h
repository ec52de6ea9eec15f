// SPDX-License-Identifier: MIT
// A query as a consumer: in front of others in a chain, it drops the events that are not meant.
#ifndef EVX_FILTER_FILTER_H
#define EVX_FILTER_FILTER_H

#include "decode/consumer.h"
#include "filter/filter_plan.h"

// The query, the codec and the names live as long as the run. The state of a worker is a struct
// evaluation.
struct filter_consumer {
    struct consumer consumer;
    const struct query_tree *query;
    struct query_plans *plans; // of the query; NULL: all is walked
    const struct ansi_codec *codec;
    struct log_name log;
};

struct filter_consumer filter_consumer(const struct query_tree *query, struct query_plans *plans,
                                       const struct ansi_codec *codec, struct log_name log);

#endif
