// SPDX-License-Identifier: MIT
// Growable output of one worker. Writers reserve the worst case once and then write without checks.
//
// Failure is sticky: when a record passes its limit or memory ends, `failed` is set, the record's
// bytes are taken back and writing goes on into the same room, so a writer needs no error path of
// its own. The walkers look at `failed` once per node.
#ifndef EVX_BASE_OUTBUF_H
#define EVX_BASE_OUTBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attrs.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/memory.h"

enum outbuf_failure { OUTBUF_FINE, OUTBUF_RECORD_TOO_LARGE, OUTBUF_NO_MEMORY };

struct outbuf {
    uint8_t *data;
    size_t length;
    size_t soft; // reservations that end at or in front of this need no look at the limits
    size_t capacity;
    size_t record_start; // where the current record's body begins
    enum outbuf_failure failed;
    struct memory *memory;
};

void outbuf_init(struct outbuf *out, struct memory *memory);
void outbuf_destroy(struct outbuf *out);

// Starts a record at the current length. False when there is no memory for the smallest record.
EVX_MUST_USE bool outbuf_begin_record_slow(struct outbuf *out);

EVX_INLINE EVX_MUST_USE bool outbuf_begin_record(struct outbuf *out)
{
    // This much room is what lets a failed record go on writing over itself.
    if (EVX_UNLIKELY(out->capacity - out->length < RESERVE_BYTES_MAX))
        return outbuf_begin_record_slow(out);
    EVX_CHECK(out->length <= out->capacity);
    size_t limit = out->length + RECORD_OUTPUT_BYTES_MAX;
    out->record_start = out->length;
    out->failed = OUTBUF_FINE;
    out->soft = limit < out->capacity ? limit : out->capacity;
    return true;
}

void outbuf_reserve_slow(struct outbuf *out, size_t size);

// Room for `size` (at most RESERVE_BYTES_MAX) bytes at the returned place. Never NULL.
EVX_INLINE uint8_t *outbuf_reserve(struct outbuf *out, size_t size)
{
    EVX_CHECK(out->length <= out->soft && out->soft <= out->capacity);
    EVX_CHECK(size <= RESERVE_BYTES_MAX);
    if (EVX_UNLIKELY(size > out->soft - out->length))
        outbuf_reserve_slow(out, size);
    return out->data + out->length;
}

// Ends what was written behind the last reservation.
EVX_INLINE void outbuf_commit(struct outbuf *out, const uint8_t *end)
{
    EVX_CHECK(end >= out->data && end <= out->data + out->capacity);
    out->length = (size_t)(end - out->data);
}

void outbuf_append(struct outbuf *out, const void *bytes, size_t size);

EVX_INLINE void outbuf_put(struct outbuf *out, char byte)
{
    *outbuf_reserve(out, 1) = (uint8_t)byte;
    out->length++;
}

EVX_INLINE void outbuf_text(struct outbuf *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(outbuf_reserve(out, size), text, size);
    out->length += size;
}

// Bytes written since `start`; 0 when a failure took them back.
EVX_INLINE size_t outbuf_since(const struct outbuf *out, size_t start)
{
    return out->length > start ? out->length - start : 0;
}

// The last byte written, 0 at the very start of the record.
EVX_INLINE uint8_t outbuf_last(const struct outbuf *out)
{
    EVX_CHECK(out->length <= out->capacity);
    return out->length > out->record_start ? out->data[out->length - 1] : 0;
}

#endif
