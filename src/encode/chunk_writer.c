// SPDX-License-Identifier: MIT
// Records into the current chunk, and the chunk into the log when the next record does not fit.
#include "base/check.h"
#include "encode/private.h"

#include <libdeflate.h>

enum {
    TABLE_BYTES = CHUNK_HEADER_BYTES - CHUNK_NAME_TABLE_OFFSET,
    SECOND = 10000000, // in FILETIME units
};

static const uint32_t checksum_offsets[] = {CHUNK_RECORDS_CRC32_OFFSET, CHUNK_HEADER_CRC32_OFFSET};

// Names and definitions written so far are not in reach any more.
static void forget_locations(encode_builder *b)
{
    b->chunk.serial++;
}

static void start_chunk(encode_builder *b)
{
    encode_chunk *chunk = &b->chunk;
    memset(chunk->bytes, 0, CHUNK_BYTES);
    chunk->free = CHUNK_HEADER_BYTES;
    chunk->last = chunk->live_end = chunk->records = 0;
    chunk->pokes.count = 0;
    forget_locations(b);
}

static uint32_t header_crc32(const uint8_t *chunk)
{
    uint32_t crc = libdeflate_crc32(0, chunk, CHUNK_FLAGS_OFFSET);
    return libdeflate_crc32(crc, chunk + CHUNK_NAME_TABLE_OFFSET, TABLE_BYTES);
}

void encode_seal_chunk(uint8_t chunk[CHUNK_BYTES])
{
    uint32_t end = load_u32(chunk + CHUNK_FREE_OFFSET);
    if (end > CHUNK_BYTES)
        end = CHUNK_BYTES;
    uint32_t size = end < CHUNK_HEADER_BYTES ? 0 : end - CHUNK_HEADER_BYTES;
    store_u32(chunk + CHUNK_RECORDS_CRC32_OFFSET,
              libdeflate_crc32(0, chunk + CHUNK_HEADER_BYTES, size));
    store_u32(chunk + CHUNK_HEADER_CRC32_OFFSET, header_crc32(chunk));
}

static void fill_header(encode_chunk *chunk)
{
    uint8_t *bytes = chunk->bytes;
    uint64_t last_number = chunk->first_number + chunk->records - 1;
    memcpy(bytes, CHUNK_MAGIC, 8);
    store_u64(bytes + CHUNK_FIRST_NUMBER_OFFSET, chunk->records ? chunk->first_number : 1);
    store_u64(bytes + CHUNK_LAST_NUMBER_OFFSET, chunk->records ? last_number : UINT64_MAX);
    store_u64(bytes + CHUNK_FIRST_ID_OFFSET, chunk->records ? chunk->first_id : UINT64_MAX);
    store_u64(bytes + CHUNK_LAST_ID_OFFSET, chunk->records ? chunk->last_id : UINT64_MAX);
    store_u32(bytes + CHUNK_HEADER_SIZE_OFFSET, CHUNK_NAME_TABLE_OFFSET);
    store_u32(bytes + CHUNK_LAST_RECORD_OFFSET, chunk->last);
    store_u32(bytes + CHUNK_FREE_OFFSET, chunk->live_end ? chunk->live_end : chunk->free);
    store_u32(bytes + CHUNK_FLAGS_OFFSET, EVTX_FLAG_DIRTY); // what every real chunk has
    if (chunk->live_end)
        memcpy(bytes + CHUNK_NAME_TABLE_OFFSET, chunk->tables, TABLE_BYTES);
}

static void put_chunk(encode_builder *b)
{
    encode_chunk *chunk = &b->chunk;
    fill_header(chunk);
    encode_apply_pokes(chunk->bytes, &chunk->pokes, false, checksum_offsets, 2);
    encode_seal_chunk(chunk->bytes);
    for (size_t i = 0; i < chunk->pokes.count; i++) {
        if (chunk->pokes.items[i].offset != CHUNK_RECORDS_CRC32_OFFSET)
            continue;
        encode_apply_pokes(chunk->bytes, &chunk->pokes, true, checksum_offsets, 1);
        store_u32(chunk->bytes + CHUNK_HEADER_CRC32_OFFSET, header_crc32(chunk->bytes));
    }
    encode_apply_pokes(chunk->bytes, &chunk->pokes, true, checksum_offsets, 2);
    if (chunk->records)
        encode_note_chunk_ids(b, chunk->first_id, chunk->last_id);
    encode_put_slot(b, chunk->bytes);
}

void encode_close_chunk(encode_builder *b)
{
    if (b->failed || b->chunk.free == CHUNK_HEADER_BYTES)
        return;
    put_chunk(b);
    start_chunk(b);
}

void encode_add_empty_chunk(encode_builder *b)
{
    encode_close_chunk(b);
    if (b->failed)
        return;
    put_chunk(b);
    start_chunk(b);
}

void encode_begin_slack(encode_builder *b)
{
    encode_chunk *chunk = &b->chunk;
    EVX_CHECK(chunk->free <= CHUNK_BYTES);
    chunk->live_end = chunk->free;
    memcpy(chunk->tables, chunk->bytes + CHUNK_NAME_TABLE_OFFSET, TABLE_BYTES);
    forget_locations(b);
}

void encode_poke_chunk(encode_builder *b, uint32_t offset, unsigned width, uint64_t value)
{
    if (width == 0 || width > 8 || offset > CHUNK_BYTES - width)
        encode_fail(b, "poke of %u bytes at %u of a chunk", width, offset);
    else
        encode_add_poke(b, &b->chunk.pokes, (encode_poke){offset, width, value});
}

// -------------------------------------------------------------------------------------------------
// Records.

// The size of the record written at free, or 0: it does not fit.
static uint32_t write_record(encode_builder *b, const encode_record *record, uint64_t id,
                             uint64_t written)
{
    uint8_t *bytes = b->chunk.bytes, *header = bytes + b->chunk.free;
    EVX_CHECK(b->chunk.free >= CHUNK_HEADER_BYTES && b->chunk.free <= CHUNK_BYTES);
    uint32_t room = CHUNK_BYTES - b->chunk.free;
    room = room > record->spare ? room - record->spare : 0;
    if (record->raw) {
        if (record->raw_size > room)
            return 0;
        memcpy(header, record->raw, record->raw_size);
        return (uint32_t)record->raw_size;
    }
    if (room < RECORD_BYTES_MIN)
        return 0;
    encode_writer w = {.builder = b,
                       .bytes = bytes,
                       .limit = CHUNK_BYTES,
                       .position = b->chunk.free + RECORD_HEADER_BYTES};
    encode_write_node(&w, record->fragment);
    // Free offsets are multiples of 8 unless raw records were added; sizes always are.
    uint64_t size = ((uint64_t)w.position - b->chunk.free + record->tail_size + 4 + 7) & ~7ull;
    EVX_CHECK(w.position <= CHUNK_BYTES);
    if (w.full || size > room)
        return 0;
    if (record->tail_size)
        memcpy(bytes + w.position, record->tail, record->tail_size);
    store_u32(header, RECORD_MAGIC);
    store_u32(header + RECORD_SIZE_OFFSET, (uint32_t)size);
    store_u64(header + RECORD_ID_OFFSET, id);
    store_u64(header + RECORD_TIME_OFFSET, written);
    store_u32(header + size - 4, (uint32_t)size);
    return (uint32_t)size;
}

static encode_place commit_record(encode_builder *b, uint32_t size, uint64_t id, uint64_t written)
{
    encode_chunk *chunk = &b->chunk;
    encode_place place = {b->log.slots, chunk->free, size, id};
    EVX_CHECK(size >= RECORD_BYTES_MIN || size > 0);
    EVX_CHECK(chunk->free + size <= CHUNK_BYTES);
    chunk->free += size;
    if (chunk->live_end)
        return place;
    if (chunk->records++ == 0) {
        chunk->first_number = b->log.next_number;
        chunk->first_id = id;
    }
    chunk->last = place.offset;
    chunk->last_id = id;
    b->log.next_number++;
    b->log.next_id = id + 1;
    b->log.next_written = written + SECOND;
    return place;
}

encode_place encode_add(encode_builder *b, const encode_record *record)
{
    encode_chunk *chunk = &b->chunk;
    uint8_t *tables = chunk->bytes + CHUNK_NAME_TABLE_OFFSET, saved[TABLE_BYTES];
    uint64_t id = record->id ? record->id : b->log.next_id;
    uint64_t written = record->written ? record->written : b->log.next_written;
    while (!b->failed) {
        memcpy(saved, tables, TABLE_BYTES);
        uint32_t size = write_record(b, record, id, written);
        if (b->failed)
            break;
        if (size)
            return commit_record(b, size, id, written);
        // Undo: definitions and names of the record go with it.
        memcpy(tables, saved, TABLE_BYTES);
        memset(chunk->bytes + chunk->free, 0, CHUNK_BYTES - chunk->free);
        forget_locations(b);
        if (chunk->free == CHUNK_HEADER_BYTES)
            encode_fail(b, "record %llu does not fit in a chunk: %d bytes at most",
                        (unsigned long long)id, ENCODE_RECORD_BYTES_MAX);
        if (chunk->live_end || record->stay)
            break;
        encode_close_chunk(b);
    }
    return (encode_place){0};
}

encode_place encode_add_fragment(encode_builder *b, const encode_node *fragment)
{
    return encode_add(b, &(encode_record){.fragment = fragment});
}

encode_place encode_add_event(encode_builder *b, encode_template *t, const encode_value *values,
                              size_t count)
{
    encode_node *instance = encode_instance(b, t, values, count);
    return encode_add_fragment(b, encode_append(encode_fragment(b), instance));
}

void encode_set_next(encode_builder *b, uint64_t number, uint64_t id)
{
    b->log.next_number = number;
    b->log.next_id = id;
}

uint64_t encode_next_id(const encode_builder *b)
{
    return b->log.next_id;
}

uint32_t encode_free_bytes(const encode_builder *b)
{
    return CHUNK_BYTES - b->chunk.free;
}
