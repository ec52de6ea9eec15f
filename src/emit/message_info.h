// SPDX-License-Identifier: MIT
// The words of providers for records, as RenderingInfo. What is written for an event is compiled
// once for each template of its data, provider, event id, version, qualifiers and whatever else of
// System it depends on; a record is then: copy text, print value, repeat.
//
// What serves a record is found by the bytes of the values that it depends on, without a look at
// what they mean. A record of a shape that this does not know is walked for its facts and values.
#ifndef EVX_EMIT_MESSAGE_INFO_H
#define EVX_EMIT_MESSAGE_INFO_H

#include <stdatomic.h>

#include "base/outbuf.h"
#include "decode/event.h"
#include "decode/plans.h"
#include "packs/providers.h"
#include "system/threads.h"

struct renderer;

enum {
    MESSAGE_BUCKETS = 4096,
    MESSAGE_PLACES_MAX = 24, // values of System that a message depends on
    MESSAGE_KEY_BYTES_MAX = 1024,
};

// How a value is shown in a message, where that is not how its type is shown.
enum message_style {
    STYLE_PLAIN,
    STYLE_POINTER, // hexadecimal digits in lower case
    STYLE_HEX,     // of a number
    STYLE_PORT,
    STYLE_IPV4,
    STYLE_IPV6,
    STYLE_SOCKET,
    STYLE_PLAIN_TIME, // without marks
    STYLE_NTSTATUS,
    STYLE_WIN32,
    STYLE_HRESULT,
    STYLE_MAP,
    STYLE_BIT_MAP,
};

struct escaped {
    const uint8_t *bytes;
    uint32_t size;
};

struct message_map {
    uint32_t count;
    struct message_map_row {
        uint32_t value;
        struct escaped text;
    } rows[];
};

// A literal, and the value behind it.
struct message_op {
    struct escaped literal;
    uint32_t value; // from 1; 0: the end
    enum message_style style;
    const struct message_map *map; // of MAP and BIT_MAP
    enum message_style otherwise;  // where the map has no row
    struct escaped spelled;        // what stands in the text for it
};

// How many events there were of a provider without a text.
struct untold {
    struct untold *next;
    _Atomic uint64_t count;
    struct escaped provider; // UTF-8
};

struct addition {
    struct addition *next; // of the bucket
    uint64_t hash;
    const uint8_t *key;
    uint32_t key_size;
    bool takes_nothing;                    // nothing is added
    struct untold *untold;                 // NULL: there is a text
    const struct message_list *parameters; // NULL: %%n in values stays
    uint32_t item_count;                   // values that the event should have, at least
    uint32_t op_count;
    const struct message_op *ops;
};

struct messages {
    struct providers *providers;
    struct memory *memory;
    struct plans places;  // by template: which values of System count
    pthread_mutex_t lock; // what follows
    struct arena arena;
    struct addition *buckets[MESSAGE_BUCKETS];
    struct untold *untold;
    struct untold others; // of providers that there is no room for
};

// False without memory. The providers must live as long; no_plans: every record is walked.
EVX_MUST_USE bool messages_init(struct messages *messages, struct memory *memory,
                                struct providers *providers, bool no_plans);
void messages_destroy(struct messages *messages);

// Adds to a record that has just been written. False with the decoder's fault set.
EVX_MUST_USE bool put_message_info(struct renderer *renderer, struct event *event,
                                   struct messages *messages);
// Writes the message alone, as the inside of a JSON string; *ret_has: whether there is one.
EVX_MUST_USE bool put_message_alone(struct renderer *renderer, struct event *event,
                                    struct messages *messages, bool *ret_has);

// What a worker keeps of it: part of a renderer, made when it is needed.
struct message_state;
void message_state_destroy(struct renderer *renderer);

#endif
