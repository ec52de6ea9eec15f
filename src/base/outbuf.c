// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "base/outbuf.h"

void outbuf_init(struct outbuf *out, struct memory *memory)
{
    *out = (struct outbuf){.memory = memory};
}

void outbuf_destroy(struct outbuf *out)
{
    memory_release(out->memory, out->data, out->capacity);
    outbuf_init(out, out->memory);
}

static bool grow(struct outbuf *out, size_t needed)
{
    if (needed <= out->capacity)
        return true;
    size_t capacity = out->capacity ? out->capacity : 2 * (size_t)RESERVE_BYTES_MAX;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *data = memory_reallocate(out->memory, out->data, out->capacity, capacity);
    if (!data)
        return false;
    EVX_CHECK(capacity >= needed);
    out->data = data;
    out->capacity = capacity;
    return true;
}

static void set_soft_limit(struct outbuf *out)
{
    size_t limit = out->record_start + RECORD_OUTPUT_BYTES_MAX;
    out->soft = limit < out->capacity ? limit : out->capacity;
}

bool outbuf_begin_record_slow(struct outbuf *out)
{
    return grow(out, out->length + RESERVE_BYTES_MAX) && outbuf_begin_record(out);
}

void outbuf_reserve_slow(struct outbuf *out, size_t size)
{
    // Past the soft limit the record may still end within its limit: only bytes written count.
    if (out->length - out->record_start > RECORD_OUTPUT_BYTES_MAX)
        out->failed = OUTBUF_RECORD_TOO_LARGE;
    else if (!grow(out, out->length + size))
        out->failed = OUTBUF_NO_MEMORY;
    if (out->failed)
        out->length = out->record_start;
    set_soft_limit(out);
    if (out->soft < out->length + size)
        out->soft = out->length + size;
    EVX_CHECK(out->soft <= out->capacity);
}

void outbuf_append(struct outbuf *out, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    while (size > 0) {
        size_t piece = size < RESERVE_BYTES_MAX ? size : RESERVE_BYTES_MAX;
        memcpy(outbuf_reserve(out, piece), next, piece);
        out->length += piece;
        next += piece;
        size -= piece;
    }
}
