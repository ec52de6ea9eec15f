// SPDX-License-Identifier: MIT
// Headers and checksums of the chunks, without records.
#include <errno.h>

#include "base/check.h"
#include "api/handles.h"
#include "base/error.h"
#include "base/load.h"
#include "compat/describe.h"
#include "container/chunk.h"
#include "container/file_header.h"

static evx_chunk_info read_chunk_info(const uint8_t *data)
{
    evx_chunk_info info = {
        .state = EVX_CHUNK_HAS_HEADER,
        .first_number = load_u64(data + CHUNK_FIRST_NUMBER_OFFSET),
        .last_number = load_u64(data + CHUNK_LAST_NUMBER_OFFSET),
        .first_id = load_u64(data + CHUNK_FIRST_ID_OFFSET),
        .last_id = load_u64(data + CHUNK_LAST_ID_OFFSET),
        .last_record_offset = load_u32(data + CHUNK_LAST_RECORD_OFFSET),
        .free_offset = load_u32(data + CHUNK_FREE_OFFSET),
        .flags = load_u32(data + CHUNK_FLAGS_OFFSET),
    };
    info.header_crc32_ok = chunk_header_crc32(data) == load_u32(data + CHUNK_HEADER_CRC32_OFFSET);
    info.records_crc32_ok =
        info.free_offset >= CHUNK_HEADER_BYTES && info.free_offset <= CHUNK_BYTES &&
        chunk_records_crc32(data, info.free_offset) == load_u32(data + CHUNK_RECORDS_CRC32_OFFSET);
    return info;
}

evx_status evx_get_chunk_info(evx_reader *reader, uint64_t chunk, evx_chunk_info *ret_info,
                              evx_error *error)
{
    struct memory *memory = &reader->engine->memory;
    if (reader->source->sequential)
        return error_argument(error, "chunks of a stream cannot be visited at random");
    if (chunk >= whole_slot_count(reader->source->size))
        return EVX_END;
    uint8_t *data = memory_allocate(memory, CHUNK_BYTES);
    if (!data) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    EVX_CHECK(!reader->source->sequential);
    struct damage damage;
    evx_status status = EVX_OK;
    int64_t n = source_read(reader->source, data, CHUNK_BYTES, slot_offset(chunk));
    if (n < 0) {
        status = EVX_ERR_IO;
        damage = damage_of(FAULT_INPUT_UNREADABLE);
        damage.system_errno = errno;
        describe_damage(&damage, error);
    } else if (n < CHUNK_BYTES) {
        status = EVX_END;
    } else if (chunk_has_magic(data)) {
        *ret_info = read_chunk_info(data);
    } else if (chunk_is_zero(data)) {
        *ret_info = (evx_chunk_info){.state = EVX_CHUNK_EMPTY};
    } else {
        *ret_info = (evx_chunk_info){.state = EVX_CHUNK_UNREADABLE};
        status = EVX_ERR_CHUNK;
        damage = chunk_magic_damage(chunk, data);
        describe_damage(&damage, error);
    }
    memory_release(memory, data, CHUNK_BYTES);
    return status;
}
