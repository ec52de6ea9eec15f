// SPDX-License-Identifier: MIT
// A log as a consumer: each event is written anew, with its definitions, its values and what its
// header says, but for its number.
#ifndef EVX_REWRITE_LOG_CONSUMER_H
#define EVX_REWRITE_LOG_CONSUMER_H

#include "decode/consumer.h"
#include "encode/encode.h"

struct log_consumer {
    struct consumer consumer;
    struct memory *memory;
    encode_builder *builder; // one thread at a time
    struct written_template {
        const struct template *template;
        encode_template *written;
    } * templates; // a hash table by address
    uint32_t template_count, template_capacity;
    uint64_t records;
    uint64_t left_out; // that have no definition: what they say has no names
};

// Templates must outlive the consumer: those of an engine's store do, and others are made anew.
struct log_consumer log_consumer(struct memory *memory, encode_builder *builder);
void log_consumer_destroy(struct log_consumer *log);

#endif
