// SPDX-License-Identifier: MIT
// Counting as a consumer: it keeps the events that a text would show, and writes nothing. Which
// those are is seen from the structure of nearly every record; where that does not settle it, the
// record is written and the text dropped.
#ifndef EVX_EMIT_COUNT_H
#define EVX_EMIT_COUNT_H

#include "emit/text.h"

// Leaves nothing in a batch. The state of a worker is a struct count_state.
struct count_consumer {
    struct consumer consumer;
    struct text_consumer text; // that the others would be shown in
};

struct count_consumer count_consumer(const struct text_consumer *text);

#endif
