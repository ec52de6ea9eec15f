// SPDX-License-Identifier: MIT
// Template instances and their values, instead of the text of records.
#ifndef EVX_EMIT_INSTANCES_H
#define EVX_EMIT_INSTANCES_H

#include "base/outbuf.h"
#include "decode/event.h"

struct renderer;

// What is wanted of each record.
struct instance_wish {
    uint64_t index;            // of the instance: those in values do not count
    const uint64_t *record_id; // only of this record; NULL: of all
    const char *source;        // of the log, for the line
    // Instead of a line, the instance itself, which lives as long as the record.
    const struct instance **ret_instance;
};

// NULL: the record has fewer.
const struct instance *find_instance(const struct event *event, uint64_t index);

// Writes a record's line as version 0.15.1 of the reference does. False with the decoder's fault
// set; nothing is written then, nor for a record without such an instance.
EVX_MUST_USE bool put_instance_line(struct renderer *renderer, struct event *event,
                                    const struct instance_wish *wish);

#endif
