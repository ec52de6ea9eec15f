// SPDX-License-Identifier: MIT
#include "salvage/window_source.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "container/layout.h"

struct remains {
    struct source source;
    struct source *input;
    struct found_windows found;
};

static void make_file_header(uint8_t *block)
{
    memset(block, 0, FILE_HEADER_BLOCK_BYTES);
    memcpy(block + FILE_MAGIC_OFFSET, FILE_MAGIC, 8);
    store_u32(block + FILE_HEADER_SIZE_OFFSET, 128);
    store_u32(block + FILE_MINOR_VERSION_OFFSET, 3 << 16 | 1);
    store_u32(block + FILE_BLOCK_SIZE_OFFSET, FILE_HEADER_BLOCK_BYTES);
    store_u32(block + FILE_FLAGS_OFFSET, EVTX_FLAG_NO_CRC32);
}

// Of a window without one: no record is live.
static void make_chunk_header(uint8_t *header)
{
    memset(header, 0, CHUNK_HEADER_BYTES);
    memcpy(header + CHUNK_MAGIC_OFFSET, CHUNK_MAGIC, 8);
    store_u64(header + CHUNK_FIRST_ID_OFFSET, UINT64_MAX);
    store_u64(header + CHUNK_LAST_ID_OFFSET, UINT64_MAX);
    store_u32(header + CHUNK_HEADER_SIZE_OFFSET, 128);
    store_u32(header + CHUNK_FREE_OFFSET, CHUNK_HEADER_BYTES);
    store_u32(header + CHUNK_FLAGS_OFFSET, EVTX_FLAG_NO_CRC32);
}

// The bytes of a window from one on, up to its end, zeros in front of its first one. How many;
// -1 with errno.
static int64_t read_window(struct remains *remains, const struct window *window, uint8_t *buffer,
                           uint32_t size, uint32_t at)
{
    EVX_CHECK(size <= CHUNK_BYTES - at);
    const uint32_t from = at > window->from ? at : window->from;
    const uint32_t end = at + size < window->end ? at + size : window->end;
    size = end > at ? end - at : 0;
    memset(buffer, 0, size);
    if (from < end) {
        EVX_CHECK(window->place + from >= 0);
        const int64_t n = source_read(remains->input, buffer + (from - at), end - from,
                                      (uint64_t)(window->place + from));
        if (n < 0)
            return -1;
    }
    if (window->is_loose && at < CHUNK_HEADER_BYTES) {
        uint8_t header[CHUNK_HEADER_BYTES];
        const uint32_t left = CHUNK_HEADER_BYTES - at;
        make_chunk_header(header);
        memcpy(buffer, header + at, left < size ? left : size);
    }
    return size;
}

static int64_t read_at(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    struct remains *remains = (struct remains *)source;
    size_t done = 0;
    while (done < size && offset + done < source->size) {
        const uint64_t at = offset + done;
        const uint64_t left = size - done;
        if (at < FILE_HEADER_BLOCK_BYTES) {
            uint8_t block[FILE_HEADER_BLOCK_BYTES];
            const uint64_t rest = FILE_HEADER_BLOCK_BYTES - at, n = rest < left ? rest : left;
            make_file_header(block);
            memcpy((uint8_t *)buffer + done, block + at, (size_t)n);
            done += (size_t)n;
            continue;
        }
        const uint64_t slot = (at - FILE_HEADER_BLOCK_BYTES) / CHUNK_BYTES;
        const uint32_t in_slot = (uint32_t)((at - FILE_HEADER_BLOCK_BYTES) % CHUNK_BYTES);
        const uint32_t rest = CHUNK_BYTES - in_slot, n = rest < left ? rest : (uint32_t)left;
        EVX_CHECK(slot < remains->found.count);
        const int64_t there = read_window(remains, &remains->found.windows[slot],
                                          (uint8_t *)buffer + done, n, in_slot);
        if (there < 0)
            return -1;
        done += (size_t)there;
        if (there < n) // the window ends: so does what is read, as at the end of an input
            break;
    }
    return (int64_t)done;
}

static uint64_t shift_of(struct source *source, uint64_t offset, bool *ret_is_loose)
{
    const struct remains *remains = (const struct remains *)source;
    const uint64_t slot = (offset - FILE_HEADER_BLOCK_BYTES) / CHUNK_BYTES;
    *ret_is_loose = false;
    if (offset < FILE_HEADER_BLOCK_BYTES || slot >= remains->found.count)
        return 0;
    const struct window *window = &remains->found.windows[slot];
    *ret_is_loose = window->is_loose;
    return (uint64_t)window->place - (FILE_HEADER_BLOCK_BYTES + slot * CHUNK_BYTES);
}

static void close_remains(struct source *source)
{
    struct remains *remains = (struct remains *)source;
    found_windows_destroy(&remains->found);
    source_close(remains->input);
    memory_release(source->allocator, remains, sizeof *remains);
}

struct source *window_source_open(struct source *input, struct found_windows *windows)
{
    struct remains *remains = memory_allocate_zeroed(input->allocator, sizeof *remains);
    if (!remains)
        return NULL;
    remains->source.read_at = read_at;
    remains->source.shift_of = shift_of;
    remains->source.close = close_remains;
    remains->source.allocator = input->allocator;
    remains->source.size = FILE_HEADER_BLOCK_BYTES + (uint64_t)windows->count * CHUNK_BYTES;
    remains->input = input;
    remains->found = *windows;
    return &remains->source;
}

uint64_t window_source_next(const struct source *source)
{
    return ((const struct remains *)source)->found.next;
}
