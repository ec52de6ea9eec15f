// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "container/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <libdeflate.h>

#include "base/fault.h"
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

void chunk_describe(uint64_t slot, evx_error *error)
{
    error_set(error, EVX_ERR_CHUNK);
    if (!error)
        return;
    error->chunk = slot;
    error->offset = slot_offset(slot);
    error_add_cause(error, "Failed to parse chunk number %" PRIu64, slot);
}

void chunk_describe_magic(uint64_t slot, const uint8_t *data, evx_error *error)
{
    chunk_describe(slot, error);
    error_add_cause(error, "Failed to parse chunk header");
    error_add_magic(error, "chunk", "ElfChnk0", data + CHUNK_MAGIC_OFFSET, 8);
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

enum chunk_checksum_state chunk_validate(struct chunk *chunk, char *text, size_t size)
{
    if (chunk->flags & EVTX_FLAG_NO_CRC32)
        return CHUNK_CHECKSUMS_FINE;
    uint32_t stored = load_u32(chunk->data + CHUNK_HEADER_CRC32_OFFSET);
    uint32_t computed = chunk_header_crc32(chunk->data);
    if (stored != computed) {
        snprintf(text, size, "chunk header CRC32 invalid (stored 0x%08x, computed 0x%08x)", stored,
                 computed);
        return CHUNK_HEADER_CRC_WRONG;
    }
    if (chunk->free_offset < CHUNK_HEADER_BYTES || chunk->free_offset > CHUNK_BYTES) {
        snprintf(text, size, "chunk free space offset %u is outside the chunk's records area",
                 chunk->free_offset);
        return CHUNK_FREE_OFFSET_WRONG;
    }
    chunk_need(chunk, chunk->free_offset);
    stored = load_u32(chunk->data + CHUNK_RECORDS_CRC32_OFFSET);
    computed = chunk_records_crc32(chunk->data, chunk->free_offset);
    if (stored != computed) {
        snprintf(text, size, "chunk data CRC32 invalid (stored 0x%08x, computed 0x%08x)", stored,
                 computed);
        return CHUNK_RECORDS_CRC_WRONG;
    }
    return CHUNK_CHECKSUMS_FINE;
}
