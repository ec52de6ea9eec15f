// SPDX-License-Identifier: MIT
// Damage of finished chunks. What a damage does not mean stays right: checksums are made to fit
// again except where torn, unreadable or bad ones are the point.
#include "gen/generator.h"

enum { PAGE = 4096, TORN_BYTES = 4 * PAGE, ONE_IN = 16 };

static uint64_t mixed(uint64_t seed, uint64_t kind, uint64_t slot)
{
    uint64_t z = seed + kind * 0x9E3779B97F4A7C15 + slot * 0xD1B54A32D192ED03;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

bool damage_hits(uint64_t seed, damage kind, uint64_t slot, uint64_t slots)
{
    uint64_t group = slot / ONE_IN, left = slots - group * ONE_IN;
    if (left < ONE_IN && group > 0)
        return false;
    uint64_t among = left < ONE_IN ? left : ONE_IN;
    return slot % ONE_IN == mixed(seed, kind, group) % among;
}

// A record in the middle, or 0.
static uint32_t middle_record(const uint8_t *chunk)
{
    uint32_t last = load_u32(chunk + CHUNK_LAST_RECORD_OFFSET), offset = CHUNK_HEADER_BYTES;
    while (offset < last / 2)
        offset += load_u32(chunk + offset + RECORD_SIZE_OFFSET);
    return offset < last ? offset : 0;
}

// Pages of the chunk that was in this slot before, as a cache leaves them that was not written in
// time.
static void tear_page(uint8_t *chunk, const uint8_t *previous, uint64_t random)
{
    uint32_t free = load_u32(chunk + CHUNK_FREE_OFFSET);
    uint32_t pages = free / PAGE;
    uint32_t begin = pages > 1 ? (1 + (uint32_t)(random % (pages - 1))) * PAGE : PAGE;
    uint32_t size = begin + TORN_BYTES > CHUNK_BYTES ? CHUNK_BYTES - begin : TORN_BYTES;
    if (previous)
        memcpy(chunk + begin, previous + begin, size);
    else
        memset(chunk + begin, 0, size);
}

static void link_name_to_itself(uint8_t *chunk)
{
    for (unsigned i = 0; i < CHUNK_NAME_BUCKETS; i++) {
        uint32_t newest = load_u32(chunk + CHUNK_NAME_TABLE_OFFSET + 4 * i);
        uint32_t older = newest ? load_u32(chunk + newest) : 0;
        if (older) {
            store_u32(chunk + older, newest);
            encode_seal_chunk(chunk);
            return;
        }
    }
}

static void zero_record_size(uint8_t *chunk)
{
    uint32_t offset = middle_record(chunk);
    if (!offset)
        return;
    uint32_t size = load_u32(chunk + offset + RECORD_SIZE_OFFSET);
    store_u32(chunk + offset + RECORD_SIZE_OFFSET, 0);
    store_u32(chunk + offset + size - 4, 0);
    encode_seal_chunk(chunk);
}

// The instance token of one record, and the first element token of the newest definition of a
// bucket.
static void break_tokens(uint8_t *chunk)
{
    uint32_t offset = middle_record(chunk);
    if (offset)
        chunk[offset + RECORD_HEADER_BYTES + 4] = 0x37;
    for (unsigned i = CHUNK_TEMPLATE_BUCKETS; i-- > 0;) {
        uint32_t definition = load_u32(chunk + CHUNK_TEMPLATE_TABLE_OFFSET + 4 * i);
        if (definition > CHUNK_BYTES / 4) { // not the outer one that all records use
            chunk[definition + DEFINITION_HEADER_BYTES + 4] = 0x5B;
            break;
        }
    }
    encode_seal_chunk(chunk);
}

// What those do who unlink a record: the one in front of it swallows it, those behind it are
// numbered anew, and the chunk says so. Only its bytes are still there.
static void hide_record(uint8_t *chunk)
{
    const uint32_t last = load_u32(chunk + CHUNK_LAST_RECORD_OFFSET);
    const uint32_t offset = middle_record(chunk);
    const uint32_t size = offset ? load_u32(chunk + offset + RECORD_SIZE_OFFSET) : 0;
    const uint32_t hidden = offset + size;
    if (!offset || hidden >= last)
        return;
    const uint32_t end = hidden + load_u32(chunk + hidden + RECORD_SIZE_OFFSET);
    store_u32(chunk + offset + RECORD_SIZE_OFFSET, end - offset);
    store_u32(chunk + end - 4, end - offset);
    for (uint32_t at = end; at <= last; at += load_u32(chunk + at + RECORD_SIZE_OFFSET))
        store_u64(chunk + at + RECORD_ID_OFFSET, load_u64(chunk + at + RECORD_ID_OFFSET) - 1);
    store_u64(chunk + CHUNK_LAST_ID_OFFSET, load_u64(chunk + CHUNK_LAST_ID_OFFSET) - 1);
    store_u64(chunk + CHUNK_LAST_NUMBER_OFFSET, load_u64(chunk + CHUNK_LAST_NUMBER_OFFSET) - 1);
    encode_seal_chunk(chunk);
}

static void fill_with_garbage(uint8_t *chunk, uint64_t random)
{
    for (uint32_t i = 0; i < CHUNK_BYTES; i += 8)
        store_u64(chunk + i, mixed(random, i, 0));
}

void damage_chunk(uint8_t *chunk, const uint8_t *previous, unsigned set, uint64_t seed,
                  uint64_t slot, uint64_t slots)
{
    unsigned hit = 0;
    for (unsigned bit = 0; bit < DAMAGE_COUNT; bit++) {
        if ((set >> bit & 1) && damage_hits(seed, (damage)(1u << bit), slot, slots))
            hit |= 1u << bit;
    }
    if (hit & DAMAGE_HIDDEN_RECORD)
        hide_record(chunk);
    if (hit & DAMAGE_NAME_LINK_CYCLE)
        link_name_to_itself(chunk);
    if (hit & DAMAGE_ZERO_SIZE_RECORD)
        zero_record_size(chunk);
    if (hit & DAMAGE_BAD_TOKEN)
        break_tokens(chunk);
    if (hit & DAMAGE_TORN_PAGE)
        tear_page(chunk, previous, mixed(seed, DAMAGE_TORN_PAGE, ~slot));
    if (hit & DAMAGE_BAD_CHECKSUMS) {
        chunk[CHUNK_RECORDS_CRC32_OFFSET] ^= 0x55;
        chunk[CHUNK_HEADER_CRC32_OFFSET] ^= 0xAA;
    }
    if (hit & DAMAGE_BAD_MAGIC)
        memcpy(chunk, "ElfJunk", 8);
    if (hit & DAMAGE_GARBAGE_SLOT)
        fill_with_garbage(chunk, mixed(seed, DAMAGE_GARBAGE_SLOT, ~slot));
    if (hit & DAMAGE_ZEROED_SLOT)
        memset(chunk, 0, CHUNK_BYTES);
}
