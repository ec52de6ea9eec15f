// SPDX-License-Identifier: MIT
#include "salvage/finder.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "container/chunk.h"
#include "decode/fit.h"
#include "kernels/magics.h"

enum {
    BUFFER_BYTES = 2 << 20,
    LOOK_AHEAD = 2 * CHUNK_BYTES, // of what a decision needs to see
    SKIP_BYTES = 4096,            // of what cannot be read
    // A window of loose records has at least so many, unless a chunk follows: each takes some work.
    LOOSE_BYTES_MIN = 4096,
};

#define RECORD_TIME_MAX UINT64_C(2650466808009999999)

struct finder {
    struct source *source;
    uint8_t *buffer; // BUFFER_BYTES, of the input from `start` on
    uint64_t start;
    size_t size;
    bool is_last;     // the input ends behind the buffer
    uint64_t covered; // in front of this, everything belongs to windows
    struct found_windows *found;
};

// Fills the buffer from an offset of the input on. False with errno when not even the first byte
// can be read.
static bool fill(struct finder *finder, uint64_t offset)
{
    const size_t kept = offset < finder->start + finder->size && offset >= finder->start
                            ? (size_t)(finder->start + finder->size - offset)
                            : 0;
    if (kept)
        memmove(finder->buffer, finder->buffer + (finder->size - kept), kept);
    finder->start = offset;
    finder->size = kept;
    while (finder->size < BUFFER_BYTES) {
        uint8_t *end = finder->buffer + finder->size;
        const size_t room = BUFFER_BYTES - finder->size;
        int64_t n = source_read(finder->source, end, room, offset + finder->size);
        if (n < 0 && errno == EIO && offset + finder->size + SKIP_BYTES < finder->source->size) {
            const size_t skip = room < SKIP_BYTES ? room : SKIP_BYTES;
            n = source_read(finder->source, end, skip, offset + finder->size);
            if (n < 0) {
                memset(end, 0, skip);
                n = (int64_t)skip;
            }
        }
        if (n < 0)
            return false;
        finder->size += (size_t)n;
        finder->is_last = n == 0;
        if (n == 0)
            return true;
    }
    finder->is_last = finder->start + finder->size >= finder->source->size;
    return true;
}

// Whether a chunk's header stands there that can be used, whatever its checksum says.
static bool is_chunk(const uint8_t *data, size_t left)
{
    if (left < CHUNK_HEADER_BYTES || !chunk_has_magic(data))
        return false;
    const uint32_t free_offset = load_u32(data + CHUNK_FREE_OFFSET);
    return load_u32(data + CHUNK_HEADER_SIZE_OFFSET) == 128 && free_offset >= CHUNK_HEADER_BYTES &&
           free_offset <= CHUNK_BYTES;
}

// Bytes of a record that stands there whole, or 0.
static uint32_t record_size(const uint8_t *data, size_t left)
{
    if (left < RECORD_BYTES_MIN || load_u32(data) != RECORD_MAGIC)
        return 0;
    const uint32_t size = load_u32(data + RECORD_SIZE_OFFSET);
    return size >= RECORD_BYTES_MIN && size <= CHUNK_BYTES - CHUNK_HEADER_BYTES && size <= left &&
                   load_u64(data + RECORD_TIME_OFFSET) <= RECORD_TIME_MAX &&
                   load_u32(data + size - 4) == size
               ? size
               : 0;
}

static bool add_window(struct finder *finder, const struct window *window)
{
    struct found_windows *found = finder->found;
    EVX_CHECK(window->from < window->end && window->end <= CHUNK_BYTES);
    if (found->count == found->capacity) {
        const uint32_t capacity = found->capacity ? 2 * found->capacity : 64;
        struct window *windows =
            memory_reallocate(found->memory, found->windows, found->capacity * sizeof *windows,
                              capacity * sizeof *windows);
        if (!windows)
            return false;
        found->windows = windows;
        found->capacity = capacity;
    }
    found->windows[found->count++] = *window;
    return true;
}

// Where the next chunk's header stands in [from, end) of the buffer, or end.
static size_t next_chunk(const struct finder *finder, size_t from, size_t end)
{
    size_t at = from;
    while (at < end) {
        const uint8_t *hit = memmem(finder->buffer + at, end - at, CHUNK_MAGIC, 8);
        if (!hit)
            return end;
        at = (size_t)(hit - finder->buffer);
        if (is_chunk(hit, finder->size - at))
            return at;
        at++;
    }
    return end;
}

static size_t limit_of(const struct finder *finder, size_t at)
{
    return finder->size - at < CHUNK_BYTES ? finder->size : at + CHUNK_BYTES;
}

static bool add_chunk(struct finder *finder, size_t at)
{
    const size_t limit = limit_of(finder, at); // no header stands in another one
    const size_t end = next_chunk(finder, at + CHUNK_HEADER_BYTES, limit);
    finder->covered = finder->start + end;
    const struct window window = {.place = (int64_t)(finder->start + at),
                                  .end = (uint32_t)(end - at)};
    return add_window(finder, &window);
}

// Where the chunk began that a record lies in: its own definitions tell, or those of the records
// behind it. Without any it is as if the record were the first.
static int64_t base_of(const struct finder *finder, size_t at, size_t end, uint32_t record_bytes)
{
    const int64_t place = (int64_t)(finder->start + at);
    const int64_t behind =
        place + (record_bytes > LOOSE_BYTES_MIN ? record_bytes : LOOSE_BYTES_MIN);
    struct inline_definition found = {0};
    const uint32_t size = (uint32_t)(end - at);
    for (uint32_t from = 0; find_inline_definition(finder->buffer + at, from, size, &found);
         from = found.place) {
        const int64_t base = place + found.place - found.offset;
        if (found.offset < CHUNK_BYTES && base + CHUNK_HEADER_BYTES <= place &&
            base + CHUNK_BYTES >= behind)
            return base;
    }
    return place - CHUNK_HEADER_BYTES;
}

// Whether the record brings definitions that say that its chunk began elsewhere.
static bool contradicts(const struct finder *finder, size_t at, uint32_t size, int64_t base)
{
    struct inline_definition found = {0};
    if (!find_inline_definition(finder->buffer + at, 0, size, &found) ||
        found.offset >= CHUNK_BYTES)
        return false;
    return (int64_t)(finder->start + at) + found.place - found.offset != base;
}

// A window of records without a header, from one on. It ends in front of the next chunk, of a
// record that belongs to another chunk, and of one that passes its end.
static bool add_loose(struct finder *finder, size_t at)
{
    const uint32_t first = record_size(finder->buffer + at, finder->size - at);
    const size_t next = next_chunk(finder, at + first, limit_of(finder, at));
    const int64_t base = base_of(finder, at, next, first);
    const int64_t behind = base + CHUNK_BYTES - (int64_t)finder->start;
    size_t end = behind < (int64_t)next ? (size_t)behind : next, last = at;
    for (size_t q = at; q < end; q = find_magic_of_log(finder->buffer, q, end)) {
        const uint32_t size = record_size(finder->buffer + q, finder->size - q);
        if (size && q > at &&
            (q + size > end || (q >= at + LOOSE_BYTES_MIN && contradicts(finder, q, size, base))))
            end = q;
        last = size && q + size <= end ? q + size : last;
        q = size && q < end ? q + size : q + 1;
    }
    EVX_CHECK(last > at && end > at);
    finder->covered = finder->start + last;
    const struct window window = {
        .place = base,
        .from = (uint32_t)((int64_t)(finder->start + at) - base),
        .end = (uint32_t)((int64_t)(finder->start + end) - base),
        .is_loose = true,
    };
    return add_window(finder, &window);
}

// Looks through what the buffer has, but for its last part unless it is the last of all. Where to
// look on.
static bool look_through(struct finder *finder, size_t *ret_at)
{
    const size_t end = finder->is_last             ? finder->size
                       : finder->size > LOOK_AHEAD ? finder->size - LOOK_AHEAD
                                                   : finder->size;
    size_t at = finder->covered > finder->start ? (size_t)(finder->covered - finder->start) : 0;
    while (at < end && finder->found->count < WINDOWS_MAX) {
        at = find_magic_of_log(finder->buffer, at, finder->size);
        if (at >= end)
            break;
        const uint8_t *data = finder->buffer + at;
        const size_t left = finder->size - at;
        bool fine = true;
        if (is_chunk(data, left))
            fine = add_chunk(finder, at);
        else if (record_size(data, left))
            fine = add_loose(finder, at);
        else
            finder->covered = finder->start + at + 1;
        if (!fine)
            return false;
        at = (size_t)(finder->covered - finder->start);
    }
    *ret_at = at < end ? at : end;
    if (at > end && finder->covered > finder->start + end)
        *ret_at = at < finder->size ? at : finder->size;
    return true;
}

enum finding find_windows(struct source *source, uint64_t from, struct memory *memory,
                          struct found_windows *ret)
{
    *ret = (struct found_windows){.memory = memory, .next = EVX_NONE};
    struct finder finder = {.source = source, .start = from, .covered = from, .found = ret};
    finder.buffer = memory_allocate(memory, BUFFER_BYTES);
    enum finding finding = finder.buffer ? FINDING_DONE : FINDING_NO_MEMORY;
    for (uint64_t offset = from; finding == FINDING_DONE;) {
        size_t at = 0;
        if (!fill(&finder, offset))
            finding = FINDING_UNREADABLE;
        else if (!look_through(&finder, &at))
            finding = FINDING_NO_MEMORY;
        offset = finder.start + at;
        if (finding == FINDING_DONE && ret->count == WINDOWS_MAX) {
            ret->next = finder.covered;
            break;
        }
        if (finder.is_last)
            break;
    }
    memory_release(memory, finder.buffer, BUFFER_BYTES);
    if (finding != FINDING_DONE)
        found_windows_destroy(ret);
    return finding;
}

void found_windows_destroy(struct found_windows *windows)
{
    memory_release(windows->memory, windows->windows, windows->capacity * sizeof *windows->windows);
    windows->windows = NULL;
    windows->count = windows->capacity = 0;
}
