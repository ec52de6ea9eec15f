// SPDX-License-Identifier: MIT
// The templates of a log, gathered record by record: how often each is used, with which providers
// and events. One thread's; lives as long as one pass over a log.
//
// Templates of which the same is told (fields/template_fields.h) are one. What is kept of them has
// a cap; uses of what is behind it are counted.
#ifndef EVX_FIELDS_LISTING_H
#define EVX_FIELDS_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/arena.h"
#include "base/outbuf.h"
#include "decode/decoder.h"
#include "fields/path.h"

enum {
    LISTING_BUCKETS = 4096,
    // More than the instances of a chunk.
    LISTING_KNOWN = 8192,
};

struct listed;

struct listing {
    struct memory *memory;
    struct arena arena;
    struct outbuf description;   // of the template that is looked up
    size_t chunk_bytes;          // of the descriptions that the chunk has caused
    struct listed *first, *last; // in the order in which they were met
    struct listed *buckets[LISTING_BUCKETS];
    // Of this chunk, by address.
    struct known_template {
        const struct template *template;
        struct listed *listed; // NULL: it is not listed
        bool is_nested;
    } known[LISTING_KNOWN];
    uint32_t known_count;
    struct path event_id, provider;
    uint64_t templates;
    uint64_t unlisted_uses;
};

void listing_init(struct listing *listing, struct memory *memory);
void listing_destroy(struct listing *listing);

// Templates at the addresses of those before may be others now.
void listing_start_chunk(struct listing *listing);

// Counts the templates of a record that has been decoded. False when a part of it cannot be, or
// needs bytes that the chunk has not: then nothing is counted.
EVX_MUST_USE bool listing_add(struct listing *listing, struct decoder *decoder,
                              const struct fragment *fragment);

// Tells them in the order in which they were met. EVX_ERR_SINK when visit returns other than 0.
evx_status listing_visit(struct listing *listing,
                         int (*visit)(void *context, const evx_template_info *info), void *context);

#endif
