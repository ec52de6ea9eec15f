// SPDX-License-Identifier: MIT
// Text as a consumer: each event in one of the formats, with what stands around it.
#ifndef EVX_EMIT_TEXT_H
#define EVX_EMIT_TEXT_H

#include "base/outbuf.h"
#include "decode/consumer.h"
#include "decode/plans.h"
#include "emit/format.h"
#include "emit/instances.h"
#include "packs/mta.h"
#include "text/ansi_codec.h"

struct messages;
struct renderer;

struct text_payload {
    struct payload payload;
    struct outbuf out;
};

// Those of each class that leaves text.
void text_payload_init(struct payload *payload, struct memory *memory);
void text_payload_clear(struct payload *payload);
void text_payload_destroy(struct payload *payload);
void text_payload_rewind(struct payload *payload, size_t mark);

// The state of a worker is a struct renderer.
struct text_consumer {
    struct consumer consumer;
    const struct format *format;
    struct plans *plans; // of the format
    const struct ansi_codec *codec;
    bool record_numbers;              // a line in front of each record
    bool tells_origin;                // of a recovered record, instead of the reference's mark
    bool tells_place;                 // the same of all records
    const struct mta *mta;            // texts that are added; NULL: none
    const char *source;               // name of the log, to be added; NULL: it is not
    struct messages *messages;        // and those of providers; NULL: none
    struct messages *message_only;    // instead of the record: its message; NULL: the record
    const struct instance_wish *wish; // instead of the record: what is wanted of it; NULL: nothing
};

// Adds what texts there are to a record that has just been written. What the log's own file of
// texts has comes before what is known of providers; either may be NULL. False with the decoder's
// fault set.
EVX_MUST_USE bool text_put_additions(const struct mta *mta, struct messages *messages,
                                     struct renderer *renderer, struct event *event);

struct text_consumer text_consumer(const struct format *format, struct plans *plans,
                                   const struct ansi_codec *codec, bool record_numbers);

#endif
