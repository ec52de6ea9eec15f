// SPDX-License-Identifier: MIT
// A consumer that counts events by their EventID: the smallest one there is, and the proof that one
// needs nothing of text formats. Reads decode/ and fields/ only.
#ifndef EVX_TESTS_COUNTS_H
#define EVX_TESTS_COUNTS_H

#include "decode/consumer.h"
#include "decode/plans.h"
#include "fields/path.h"

enum { EVENT_IDS = 1 << 16, NO_EVENT_ID = EVENT_IDS };

struct counts {
    struct consumer consumer;
    struct path path;
    struct plans *plans;
};

struct counts_payload {
    struct payload payload; // its mark: events counted
    uint32_t last;          // the id that was counted last
    uint32_t by_id[EVENT_IDS + 1];
};

struct counts counts_consumer(struct plans *plans);

#endif
