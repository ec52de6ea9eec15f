// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "container/chunk.h"

#include <libdeflate.h>

#include "base/load.h"
#include "container/file_header.h"

bool chunk_has_magic(const uint8_t *data)
{
    return memcmp(data + CHUNK_MAGIC_OFFSET, CHUNK_MAGIC, 8) == 0;
}

void chunk_parse_header(struct chunk *chunk)
{
    const uint8_t *data = chunk->data;
    EVX_CHECK(chunk->loaded >= CHUNK_HEADER_BYTES);
    chunk->first_id = load_u64(data + CHUNK_FIRST_ID_OFFSET);
    chunk->last_id = load_u64(data + CHUNK_LAST_ID_OFFSET);
    chunk->last_record_offset = load_u32(data + CHUNK_LAST_RECORD_OFFSET);
    chunk->free_offset = load_u32(data + CHUNK_FREE_OFFSET);
    chunk->flags = load_u32(data + CHUNK_FLAGS_OFFSET);
}

bool chunk_is_zero(const uint8_t *data)
{
    // Comparing a zero block with itself shifted by one byte lets memcmp do the work.
    return data[0] == 0 && memcmp(data, data + 1, CHUNK_BYTES - 1) == 0;
}

struct damage chunk_damage(uint64_t slot, enum fault_kind kind)
{
    struct damage damage = damage_of(kind);
    damage.chunk = slot;
    damage.offset = slot_offset(slot);
    damage.length = CHUNK_BYTES;
    return damage;
}

struct damage chunk_magic_damage(uint64_t slot, const uint8_t *data)
{
    struct damage damage = chunk_damage(slot, FAULT_CHUNK_MAGIC);
    damage.fault.had = load_u64(data + CHUNK_MAGIC_OFFSET);
    return damage;
}

uint32_t chunk_header_crc32(const uint8_t *data)
{
    // The checksum field itself and the flags are left out.
    uint32_t crc = libdeflate_crc32(0, data, CHUNK_FLAGS_OFFSET);
    return libdeflate_crc32(crc, data + CHUNK_NAME_TABLE_OFFSET,
                            CHUNK_HEADER_BYTES - CHUNK_NAME_TABLE_OFFSET);
}

uint32_t chunk_records_crc32(const uint8_t *data, uint32_t free_offset)
{
    EVX_CHECK(free_offset >= CHUNK_HEADER_BYTES && free_offset <= CHUNK_BYTES);
    return libdeflate_crc32(0, data + CHUNK_HEADER_BYTES, free_offset - CHUNK_HEADER_BYTES);
}

static bool is_sum(struct fault *fault, enum fault_kind kind, uint32_t stored, uint32_t computed)
{
    return stored == computed ||
           fault_set(fault, &(struct fault){.kind = kind, .needed = stored, .had = computed});
}

bool chunk_header_is_proved(const struct chunk *chunk)
{
    return !(chunk->flags & EVTX_FLAG_NO_CRC32) &&
           load_u32(chunk->data + CHUNK_HEADER_CRC32_OFFSET) == chunk_header_crc32(chunk->data);
}

bool chunk_validate(const struct chunk *chunk, struct fault *fault)
{
    if (chunk->flags & EVTX_FLAG_NO_CRC32)
        return true;
    if (!is_sum(fault, FAULT_CHUNK_HEADER_CRC32, load_u32(chunk->data + CHUNK_HEADER_CRC32_OFFSET),
                chunk_header_crc32(chunk->data)))
        return false;
    if (chunk->free_offset < CHUNK_HEADER_BYTES || chunk->free_offset > CHUNK_BYTES)
        return fault_set(
            fault, &(struct fault){.kind = FAULT_CHUNK_FREE_OFFSET, .had = chunk->free_offset});
    EVX_CHECK(chunk->free_offset <= chunk->loaded);
    return is_sum(fault, FAULT_CHUNK_RECORDS_CRC32,
                  load_u32(chunk->data + CHUNK_RECORDS_CRC32_OFFSET),
                  chunk_records_crc32(chunk->data, chunk->free_offset));
}
