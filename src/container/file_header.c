// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "container/file_header.h"

#include <libdeflate.h>

#include "base/load.h"
#include "container/layout.h"

bool file_header_parse(const uint8_t *bytes, evx_file_info *ret_info)
{
    if (memcmp(bytes + FILE_MAGIC_OFFSET, FILE_MAGIC, 8) != 0)
        return false;
    *ret_info = (evx_file_info){
        .first_chunk = load_u64(bytes + FILE_FIRST_CHUNK_OFFSET),
        .last_chunk = load_u64(bytes + FILE_LAST_CHUNK_OFFSET),
        .next_record_id = load_u64(bytes + FILE_NEXT_RECORD_ID_OFFSET),
        .header_size = load_u32(bytes + FILE_HEADER_SIZE_OFFSET),
        .minor_version = load_u16(bytes + FILE_MINOR_VERSION_OFFSET),
        .major_version = load_u16(bytes + FILE_MAJOR_VERSION_OFFSET),
        .block_size = load_u16(bytes + FILE_BLOCK_SIZE_OFFSET),
        .chunk_count = load_u16(bytes + FILE_CHUNK_COUNT_OFFSET),
        .flags = load_u32(bytes + FILE_FLAGS_OFFSET),
        .crc32_stored = load_u32(bytes + FILE_CRC32_OFFSET),
        .crc32_computed = libdeflate_crc32(0, bytes, FILE_CRC32_COVERED_BYTES),
    };
    return true;
}

uint64_t file_slot_count(const evx_file_info *info, uint64_t size_bytes)
{
    if (size_bytes < info->block_size)
        return 0;
    return (size_bytes - info->block_size) / CHUNK_BYTES;
}

uint64_t slot_offset(uint64_t slot)
{
    return FILE_HEADER_BLOCK_BYTES + slot * CHUNK_BYTES;
}

uint64_t whole_slot_count(uint64_t size_bytes)
{
    if (size_bytes < FILE_HEADER_BLOCK_BYTES)
        return 0;
    return (size_bytes - FILE_HEADER_BLOCK_BYTES) / CHUNK_BYTES;
}

uint64_t begun_slot_count(uint64_t size_bytes)
{
    uint64_t whole = whole_slot_count(size_bytes);
    return size_bytes > slot_offset(whole) ? whole + 1 : whole;
}

bool file_promises_more(const evx_file_info *info, uint64_t size_bytes, struct note *ret_note)
{
    uint64_t begun = begun_slot_count(size_bytes);
    *ret_note = (struct note){
        .kind = NOTE_CHUNKS_MISSING,
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .offset = size_bytes,
        .declared = info->chunk_count,
        .present = begun,
    };
    return info->chunk_count > begun;
}

uint64_t slot_in_order(uint64_t start, uint64_t count, uint64_t index)
{
    EVX_CHECK(count == EVX_NONE || index < count);
    uint64_t slot = start + index;
    return count != EVX_NONE && slot >= count ? slot - count : slot;
}
