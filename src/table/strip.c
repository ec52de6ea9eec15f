// SPDX-License-Identifier: MIT
// Strips: where the values of a column's buffers are put together.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "table/strip.h"

enum {
    VALUES_FIRST = 256,
    BYTES_FIRST = 4096,
    FORESEEN_MAX = 32 << 20, // one record may be much larger than those that come
};

static size_t bits_bytes(size_t count)
{
    return arrow_padded((count + 7) / 8);
}

static size_t values_bytes(const struct strip *strip, size_t capacity)
{
    if (strip->width == 0)
        return bits_bytes(capacity);
    return arrow_padded((capacity + (strip->has_bytes | strip->has_ends)) * strip->width);
}

uint8_t *strip_values(const struct strip *strip)
{
    return strip->block->data + bits_bytes(strip->capacity);
}

uint8_t *strip_bytes(const struct strip *strip)
{
    return strip_values(strip) + values_bytes(strip, strip->capacity);
}

// More than is needed now, by what is to come.
static size_t grown(size_t capacity, size_t needed, size_t first, double growth)
{
    if (needed <= capacity)
        return capacity;
    const double foreseen = (double)needed * growth;
    size_t wanted = 2 * capacity;
    if (foreseen > (double)wanted)
        wanted = foreseen < FORESEEN_MAX ? (size_t)foreseen : FORESEEN_MAX;
    if (wanted < needed)
        wanted = needed;
    return wanted < first ? first : wanted;
}

static void move_values(const struct strip *from, const struct strip *to)
{
    const bool ends = from->has_bytes | from->has_ends;
    EVX_CHECK(from->count <= to->capacity && from->bytes <= to->byte_capacity);
    const size_t used =
        from->width ? (from->count + (size_t)ends) * from->width : (from->count + (size_t)7) / 8;
    if (from->null_count > 0)
        memcpy(to->block->data, from->block->data, (from->count + (size_t)7) / 8);
    memcpy(strip_values(to), strip_values(from), used);
    if (from->bytes > 0)
        memcpy(strip_bytes(to), strip_bytes(from), from->bytes);
}

bool strip_reserve(struct strip *strip, struct arrow_pool *pool, size_t values, size_t bytes,
                   double growth)
{
    const size_t needed = strip->count + values, needed_bytes = strip->bytes + bytes;
    if (strip->block && needed <= strip->capacity && needed_bytes <= strip->byte_capacity)
        return true;
    if (needed > STRIP_VALUES_MAX || needed_bytes > STRIP_BYTES_MAX)
        return false;
    struct strip larger = *strip;
    larger.capacity = arrow_padded(grown(strip->capacity, needed, VALUES_FIRST, growth));
    if (strip->has_bytes)
        larger.byte_capacity =
            arrow_padded(grown(strip->byte_capacity, needed_bytes, BYTES_FIRST, growth));
    larger.block = arrow_block_take(
        pool, strip->class,
        bits_bytes(larger.capacity) + values_bytes(strip, larger.capacity) + larger.byte_capacity);
    if (!larger.block)
        return false;
    if (strip->block) {
        move_values(strip, &larger);
        arrow_block_give_back(strip->block);
    } else if (strip->has_bytes | strip->has_ends) {
        store_u32(strip_values(&larger), 0);
    }
    *strip = larger;
    return true;
}

// Bits of bytes that are 0 or 1, from a place on.
static void put_bits(uint8_t *bits, size_t at, const uint8_t *flags, size_t count)
{
    size_t i = 0;
    for (; i < count && (at + i) % 8 != 0; i++) {
        uint8_t *byte = &bits[(at + i) / 8];
        const unsigned place = (at + i) % 8;
        *byte = (uint8_t)((*byte & ~(1u << place)) | (unsigned)flags[i] << place);
    }
    for (; count - i >= 8; i += 8)
        bits[(at + i) / 8] = (uint8_t)((load_u64(flags + i) * UINT64_C(0x0102040810204080)) >> 56);
    if (i < count)
        bits[(at + i) / 8] = 0;
    for (; i < count; i++)
        bits[(at + i) / 8] |= (uint8_t)((unsigned)flags[i] << (at + i) % 8);
}

static uint32_t count_zeros(const uint8_t *flags, size_t count)
{
    uint32_t ones = 0;
    for (size_t i = 0; i < count; i++)
        ones += flags[i];
    return (uint32_t)count - ones;
}

// The first null makes those in front of it be noted, too.
static void put_validity(struct strip *strip, const uint8_t *valid, uint32_t count)
{
    if (!memchr(valid, 0, count) && strip->null_count == 0)
        return;
    const uint32_t zeros = count_zeros(valid, count);
    if (strip->null_count == 0)
        memset(strip->block->data, 0xFF, (strip->count + (size_t)7) / 8);
    put_bits(strip->block->data, strip->count, valid, count);
    strip->null_count += zeros;
}

void strip_put_fixed(struct strip *strip, const uint8_t *values, const uint8_t *valid,
                     uint32_t count)
{
    EVX_CHECK(strip->count + count <= strip->capacity);
    if (valid)
        put_validity(strip, valid, count);
    if (strip->width == 0)
        put_bits(strip_values(strip), strip->count, values, count);
    else
        memcpy(strip_values(strip) + (size_t)strip->count * strip->width, values,
               (size_t)count * strip->width);
    strip->count += count;
}

void strip_put_ends(struct strip *strip, const uint32_t *ends, const uint8_t *valid, uint32_t count,
                    uint32_t start, uint32_t base)
{
    EVX_CHECK(strip->count + count <= strip->capacity);
    if (valid)
        put_validity(strip, valid, count);
    uint32_t *to = (uint32_t *)(void *)strip_values(strip) + strip->count + 1;
    for (uint32_t i = 0; i < count; i++)
        to[i] = ends[i] - start + base;
    strip->count += count;
}

void strip_put_bytes(struct strip *strip, const uint8_t *bytes, size_t size)
{
    EVX_CHECK(strip->bytes + size <= strip->byte_capacity);
    if (size > 0)
        memcpy(strip_bytes(strip) + strip->bytes, bytes, size);
    strip->bytes += size;
}

void strip_give(struct strip *strip, struct ArrowArray *ret_array)
{
    struct arrow_block *block = strip->block;
    EVX_CHECK(block != NULL);
    block->buffers[0] = strip->null_count > 0 ? block->data : NULL;
    block->buffers[1] = strip_values(strip);
    block->buffers[2] = strip->has_bytes ? strip_bytes(strip) : NULL;
    arrow_array_init(ret_array, block, strip->count, strip->null_count, strip->has_bytes ? 3 : 2);
    strip->block = NULL;
    strip->count = strip->null_count = 0;
    strip->bytes = 0;
}

void strip_drop(struct strip *strip)
{
    if (strip->block)
        arrow_block_give_back(strip->block);
    strip->block = NULL;
    strip->count = strip->null_count = 0;
    strip->bytes = 0;
}
