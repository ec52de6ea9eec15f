// SPDX-License-Identifier: MIT
// Guards what stands behind good headers: the input is the records area of one chunk, which is made to be
// found. Small inputs reach far: the first record's framing is put around them when they have none.
#include "base/load.h"
#include "cross_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void put_headers(uint8_t *file, uint32_t free_offset)
{
    uint8_t *chunk = file + FILE_HEADER_BLOCK_BYTES;
    memcpy(file, FILE_MAGIC, 8);
    log_put(file + FILE_HEADER_SIZE_OFFSET, 4, 128);
    log_put(file + FILE_BLOCK_SIZE_OFFSET, 2, FILE_HEADER_BLOCK_BYTES);
    memcpy(chunk, CHUNK_MAGIC, 8);
    log_put(chunk + CHUNK_FIRST_ID_OFFSET, 8, 1);
    log_put(chunk + CHUNK_LAST_ID_OFFSET, 8, UINT64_MAX - 1);
    log_put(chunk + CHUNK_LAST_RECORD_OFFSET, 4, free_offset);
    log_put(chunk + CHUNK_FREE_OFFSET, 4, free_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t file[FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES];
    uint8_t *records = file + FILE_HEADER_BLOCK_BYTES + CHUNK_HEADER_BYTES;
    if (size >= CHUNK_HEADER_BYTES && memcmp(bytes, FILE_MAGIC, 8) == 0) {
        // A whole log as seed: its first chunk's records.
        size_t skipped = FILE_HEADER_BLOCK_BYTES + CHUNK_HEADER_BYTES;
        bytes += size < skipped ? size : skipped;
        size -= size < skipped ? size : skipped;
    }
    if (size > CHUNK_BYTES - CHUNK_HEADER_BYTES - RECORD_BYTES_MIN)
        size = CHUNK_BYTES - CHUNK_HEADER_BYTES - RECORD_BYTES_MIN;
    memset(file, 0, sizeof file);
    bool is_framed = size >= RECORD_HEADER_BYTES && load_u32(bytes) == RECORD_MAGIC;
    uint32_t framing = is_framed ? 0 : RECORD_BYTES_MIN;
    if (size > 0)
        memcpy(records + (is_framed ? 0 : RECORD_HEADER_BYTES), bytes, size);
    if (!is_framed) {
        log_put(records, 4, RECORD_MAGIC);
        log_put(records + RECORD_SIZE_OFFSET, 4, size + framing);
        log_put(records + RECORD_ID_OFFSET, 8, 1);
        log_put(records + RECORD_HEADER_BYTES + size, 4, size + framing);
    }
    put_headers(file, (uint32_t)(CHUNK_HEADER_BYTES + size + framing));
    encode_seal_chunk(file + FILE_HEADER_BLOCK_BYTES);
    cross_check(file, sizeof file, 1);
    return 0;
}
