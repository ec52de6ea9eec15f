// SPDX-License-Identifier: MIT
#include "decode/fingerprint.h"

#include "base/check.h"
#include "decode/fit.h"

enum {
    WINDOWS_MAX = 4, // instances in one another, or side by side
    PADDING_OF_DESCRIPTOR = 0xFF000000,
};

struct window {
    uint32_t start, end;
};

struct reading {
    const uint8_t *data;
    uint64_t hash;
    struct window windows[WINDOWS_MAX]; // of fragments that are still to be read
    unsigned count;
};

static void add_number(struct reading *reading, uint64_t number)
{
    reading->hash = (reading->hash ^ number) * UINT64_C(0x9E3779B97F4A7C15);
    reading->hash ^= reading->hash >> 29;
}

static void add_bytes(struct reading *reading, uint32_t from, uint32_t end)
{
    for (; from + 8 <= end; from += 8)
        add_number(reading, load_u64(reading->data + from));
    for (; from < end; from++)
        add_number(reading, reading->data[from]);
}

// Where the descriptors begin behind an instance's head at p, or 0.
static uint32_t descriptors_of(struct reading *reading, uint32_t p, uint32_t end)
{
    const uint8_t *data = reading->data;
    if ((uint64_t)p + 14 > end || data[p] != 0x0C)
        return 0;
    const uint32_t id = load_u32(data + p + 2), definition = load_u32(data + p + 6);
    add_number(reading, id);
    p += 10;
    if (is_definition_of(data, p, end, id) || (definition == p && is_definition(data, p, end)))
        p += DEFINITION_HEADER_BYTES + load_u32(data + p + DEFINITION_SIZE_OFFSET);
    return (uint64_t)p + 4 > end || load_u32(data + p) > (end - p - 4) / 4 ? 0 : p + 4;
}

// The values of an instance, without those that hold elements: they are read later. False: they do
// not lie in the window.
static bool add_values(struct reading *reading, uint32_t descriptors, uint32_t end)
{
    const uint8_t *data = reading->data;
    const uint32_t count = load_u32(data + descriptors - 4);
    uint32_t position = descriptors + 4 * count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t word = load_u32(data + descriptors + 4 * i) & ~PADDING_OF_DESCRIPTOR;
        const uint32_t size = word & 0xFFFF;
        if (position > end || size > end - position)
            return false;
        const bool is_inner = word >> 16 == TYPE_FRAGMENT && size && reading->count < WINDOWS_MAX;
        add_number(reading, is_inner ? word >> 16 : word);
        if (is_inner)
            reading->windows[reading->count++] = (struct window){position, position + size};
        else
            add_bytes(reading, position, position + size);
        position += size;
    }
    return true;
}

uint64_t record_fingerprint(const struct chunk *chunk, const struct record *record)
{
    EVX_CHECK(record->size >= RECORD_BYTES_MIN);
    uint64_t end = (uint64_t)record->offset + record->size - 4;
    end = end < chunk->loaded ? end : chunk->loaded;
    struct reading reading = {.data = chunk->data, .hash = record->id};
    add_number(&reading, record->time);
    reading.windows[reading.count++] =
        (struct window){record->offset + RECORD_HEADER_BYTES, (uint32_t)end};
    for (unsigned i = 0; i < reading.count; i++) {
        uint32_t p = reading.windows[i].start, stop = reading.windows[i].end;
        EVX_CHECK(stop <= CHUNK_BYTES);
        if ((uint64_t)p + 4 <= stop && load_u32(chunk->data + p) == 0x0001010F)
            p += 4;
        const uint32_t descriptors = descriptors_of(&reading, p, stop);
        if (!descriptors || !add_values(&reading, descriptors, stop))
            add_bytes(&reading, p, stop);
    }
    return reading.hash ? reading.hash : 1;
}
