// SPDX-License-Identifier: MIT
// File header and slots, in memory or through a sink.
#include "encode/private.h"

#include <libdeflate.h>
#include <stdlib.h>

static const uint32_t checksum_offsets[] = {FILE_CRC32_OFFSET};

static void append(encode_builder *b, const void *bytes, size_t size)
{
    encode_log *log = &b->log;
    if (b->failed)
        return;
    if (log->write) {
        if (log->write(log->context, bytes, size) != 0)
            encode_fail(b, "the sink asked to stop");
        return;
    }
    if (size > log->capacity - log->size) {
        size_t capacity =
            log->capacity * 2 > log->size + size ? log->capacity * 2 : log->size + size;
        uint8_t *grown = realloc(log->bytes, capacity);
        if (!grown) {
            encode_fail_memory(b);
            return;
        }
        log->bytes = grown;
        log->capacity = capacity;
    }
    if (size)
        memcpy(log->bytes + log->size, bytes, size);
    log->size += size;
}

void encode_seal_file_header(uint8_t header[128])
{
    store_u32(header + FILE_CRC32_OFFSET, libdeflate_crc32(0, header, FILE_CRC32_COVERED_BYTES));
}

static void fill_header(const encode_log *log, uint8_t *header)
{
    memset(header, 0, log->header_block);
    memcpy(header, FILE_MAGIC, 8);
    store_u64(header + FILE_FIRST_CHUNK_OFFSET, log->oldest_slot);
    store_u64(header + FILE_LAST_CHUNK_OFFSET, log->newest_slot);
    store_u64(header + FILE_NEXT_RECORD_ID_OFFSET, log->newest_id + 1);
    store_u32(header + FILE_HEADER_SIZE_OFFSET, 128);
    store_u16(header + FILE_MINOR_VERSION_OFFSET, 1);
    store_u16(header + FILE_MAJOR_VERSION_OFFSET, 3);
    store_u16(header + FILE_BLOCK_SIZE_OFFSET, log->header_block);
    store_u16(header + FILE_CHUNK_COUNT_OFFSET, (uint16_t)log->slots);
    encode_apply_pokes(header, &log->pokes, false, checksum_offsets, 1);
    encode_seal_file_header(header);
    encode_apply_pokes(header, &log->pokes, true, checksum_offsets, 1);
}

// The header block comes first; encode_finish fills the one in memory again.
static void start_log(encode_builder *b)
{
    encode_log *log = &b->log;
    if (log->started || b->failed)
        return;
    log->started = true;
    uint8_t *header = encode_allocate(b, log->header_block);
    if (!header)
        return;
    fill_header(log, header);
    append(b, header, log->header_block);
}

void encode_put_slot(encode_builder *b, const uint8_t bytes[CHUNK_BYTES])
{
    start_log(b);
    append(b, bytes, CHUNK_BYTES);
    b->log.slots++;
}

void encode_note_chunk_ids(encode_builder *b, uint64_t first_id, uint64_t last_id)
{
    encode_log *log = &b->log;
    if (log->newest_id == 0 || first_id < log->oldest_first_id) {
        log->oldest_first_id = first_id;
        log->oldest_slot = log->slots;
    }
    if (last_id >= log->newest_id) {
        log->newest_id = last_id;
        log->newest_slot = log->slots;
    }
}

uint64_t encode_slots(const encode_builder *b)
{
    return b->log.slots;
}

void encode_add_raw_slot(encode_builder *b, const uint8_t bytes[CHUNK_BYTES])
{
    encode_close_chunk(b);
    encode_put_slot(b, bytes);
}

void encode_add_zero_slots(encode_builder *b, size_t count)
{
    const uint8_t *zeros = encode_allocate(b, CHUNK_BYTES);
    while (zeros && count--)
        encode_add_raw_slot(b, zeros);
}

void encode_add_trailing(encode_builder *b, const void *bytes, size_t size)
{
    encode_close_chunk(b);
    start_log(b);
    append(b, bytes, size);
}

void encode_set_header_block(encode_builder *b, uint16_t size)
{
    if (size < 128 || b->log.started)
        encode_fail(b, "header block of %u bytes: 128 at least, and before the first slot", size);
    else
        b->log.header_block = size;
}

void encode_poke_file(encode_builder *b, uint32_t offset, unsigned width, uint64_t value)
{
    if (width == 0 || width > 8 || offset + width > b->log.header_block)
        encode_fail(b, "poke of %u bytes at %u of the file header", width, offset);
    else
        encode_add_poke(b, &b->log.pokes, (encode_poke){offset, width, value});
}

uint8_t *encode_finish(encode_builder *b, size_t *ret_size)
{
    encode_close_chunk(b);
    start_log(b);
    if (b->failed)
        return NULL;
    fill_header(&b->log, b->log.bytes);
    *ret_size = b->log.size;
    return b->log.bytes;
}

void encode_set_sink(encode_builder *b, encode_write_fn *write, void *context)
{
    b->log.write = write;
    b->log.context = context;
}

int encode_finish_stream(encode_builder *b)
{
    encode_close_chunk(b);
    start_log(b);
    return b->failed ? -1 : 0;
}
