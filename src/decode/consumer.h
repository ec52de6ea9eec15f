// SPDX-License-Identifier: MIT
// Consumers: what takes events. Text formats are such, and filters, tables and counts.
//
// A consumer is shared by all workers of a run and constant but for its plans, which it finds by a
// template's number (decode/plans.h). Each worker has a state of it, and each batch a payload,
// which only one thread at a time touches. Several consumers are a chain: what one drops the next
// ones do not see.
#ifndef EVX_DECODE_CONSUMER_H
#define EVX_DECODE_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>

#include "decode/event.h"

enum taken {
    TAKEN_KEPT,
    TAKEN_DROPPED, // the rest of the chain does not get the event
    TAKEN_FAULT,   // the decoder's fault is set; the payload is as before
};

// The head of each payload, kept up to date by its consumer.
struct payload {
    size_t mark;  // a place behind what it holds: see rewind
    bool is_full; // it should be handed on before more comes
};

// Of consumers that leave nothing in a batch; PAYLOAD_NONE stands for them in the class.
void payload_none_init(struct payload *payload, struct memory *memory);
void payload_none_clear(struct payload *payload);
void payload_none_destroy(struct payload *payload);
void payload_none_rewind(struct payload *payload, size_t mark);
#define PAYLOAD_NONE                                                                               \
    .payload_bytes = sizeof(struct payload), .payload_init = payload_none_init,                    \
    .payload_clear = payload_none_clear, .payload_destroy = payload_none_destroy,                  \
    .rewind = payload_none_rewind

struct consumer;

struct consumer_class {
    const char *name;
    size_t state_bytes;   // of a worker
    size_t payload_bytes; // of a batch

    void (*state_init)(const struct consumer *consumer, void *state, struct decoder *decoder);
    void (*state_destroy)(void *state);
    void (*payload_init)(struct payload *payload, struct memory *memory);
    void (*payload_clear)(struct payload *payload); // empty, for the next batch
    void (*payload_destroy)(struct payload *payload);

    enum taken (*take)(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload);
    // Back to the mark in front of the event that was taken last: the record has a fault, or is not
    // to be shown.
    void (*rewind)(struct payload *payload, size_t mark);
};

// The head of each consumer's own struct.
struct consumer {
    const struct consumer_class *class;
};

#endif
