// SPDX-License-Identifier: MIT
// What the record loop has met in a chunk, and what became of it: told to whoever keeps a ledger.
#ifndef EVX_CONTAINER_SPAN_H
#define EVX_CONTAINER_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/ledger.h>

#include "base/attrs.h"
#include "base/check.h"
#include "container/layout.h"

struct span {
    uint32_t offset, length;    // in the chunk; the length is the one that is claimed
    evx_region_kind kind;       // RECORD, RECOVERED or DAMAGED
    evx_record_outcome outcome; // of records
    uint64_t record_id;         // EVX_NONE of damage
    uint64_t written;           // FILETIME, of records
    uint32_t tail;              // bytes behind the event, if there are more than there may be
    // What the event says of itself, where somebody has looked (ledger/witness.h).
    bool has_created, has_event_record_id;
    bool is_clearing; // it tells that a log was cleared
    uint64_t created; // FILETIME
    uint64_t event_record_id;
};

enum {
    // A live or a carved record takes at least so many bytes, and damage ends at one or at the end.
    SPANS_MAX = 4 * (CHUNK_BYTES - CHUNK_HEADER_BYTES) / RECORD_BYTES_MIN,
};

// Of one chunk, in the order in which they were met.
struct span_list {
    uint32_t count;
    struct span spans[SPANS_MAX];
};

EVX_INLINE struct span *spans_add(struct span_list *list)
{
    EVX_CHECK(list->count < SPANS_MAX);
    return &list->spans[list->count++];
}

#endif
