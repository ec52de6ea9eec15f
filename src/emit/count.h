// SPDX-License-Identifier: MIT
// Counting as a consumer: it keeps the events that a text would show, and writes nothing. Which
// those are is seen from the structure of nearly every record; where that does not settle it, the
// record is written and the text dropped.
#ifndef EVX_EMIT_COUNT_H
#define EVX_EMIT_COUNT_H

#include "decode/plans.h"
#include "emit/text.h"

// Leaves nothing in a batch. The state of a worker is a struct count_state.
struct count_consumer {
    struct consumer consumer;
    struct text_consumer text; // that the others would be shown in
    struct plans *shapes;      // what is known of templates, whatever the text
    bool proves_values;        // no value of what is not written may be refused, either
};

struct count_consumer count_consumer(const struct text_consumer *text, struct plans *shapes);

// The same with the notes of what is refused in an event, as the text would have them.
struct count_consumer check_consumer(const struct text_consumer *text, struct plans *shapes);

#endif
