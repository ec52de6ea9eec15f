// SPDX-License-Identifier: MIT
// What an event says of itself that its record's header says as well: a consumer that keeps every
// event and looks at a few values of it, where they are as simple as nearly all are.
#ifndef EVX_LEDGER_WITNESS_H
#define EVX_LEDGER_WITNESS_H

#include "container/span.h"
#include "decode/consumer.h"
#include "decode/plans.h"
#include "fields/path.h"

enum witness_field {
    WITNESS_EVENT_ID,
    WITNESS_PROVIDER,
    WITNESS_CREATED,
    WITNESS_RECORD_ID,
    WITNESS_FIELDS,
};

// The plans live as long as the run.
struct witness {
    struct consumer consumer;
    struct plans *plans;
    struct path paths[WITNESS_FIELDS];
};

// State of a worker.
struct witness_state {
    struct span seen; // of the event that was taken last: only what comes from an event
};

struct witness witness_consumer(struct plans *plans);

// The state, if it is one of this consumer's; NULL: it is another one's.
const struct witness_state *witness_state_of(const struct consumer *consumer, const void *state);

#endif
