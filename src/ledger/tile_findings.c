// SPDX-License-Identifier: MIT
// What is odd about a chunk whose records have been walked over.
#include "ledger/tile.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "container/file_header.h"

enum {
    HIDDEN_BYTES_MIN = RECORD_BYTES_MIN, // of a record in the tail of another one
};

// FILETIME ticks. The service writes a record within moments of its event, but events from files,
// other machines and the start of the system wait longer.
#define TICKS_PER_SECOND UINT64_C(10000000)
#define LATER_TICKS      (2 * TICKS_PER_SECOND)
#define EARLY_TICKS      (24 * 3600 * TICKS_PER_SECOND)

struct finder {
    struct tile *tile;
    const struct chunk *chunk;
    const struct span *previous; // live record; NULL: none yet
};

static struct finding_place place_of(const struct finder *finder, const struct span *span)
{
    return (struct finding_place){
        .chunk = finder->chunk->slot,
        .record_id = span->record_id,
        .offset = slot_offset(finder->chunk->slot) + span->offset,
        .length = span->length,
    };
}

static struct finding_place place_of_header(const struct finder *finder)
{
    return (struct finding_place){
        .chunk = finder->chunk->slot,
        .record_id = EVX_NONE,
        .offset = slot_offset(finder->chunk->slot),
        .length = CHUNK_HEADER_BYTES,
    };
}

static void add(struct finder *finder, evx_finding_kind kind, const struct span *span,
                uint64_t first, uint64_t second)
{
    const struct finding_place place = place_of(finder, span);
    findings_add(&finder->tile->findings, kind, &place, first, second);
}

static void add_of_header(struct finder *finder, evx_finding_kind kind, uint64_t first,
                          uint64_t second)
{
    const struct finding_place place = place_of_header(finder);
    findings_add(&finder->tile->findings, kind, &place, first, second);
}

static bool has_ids(const struct chunk *chunk)
{
    return chunk->first_id <= chunk->last_id && chunk->last_id != UINT64_MAX;
}

static void check_checksums(struct finder *finder, const evx_region *header)
{
    const uint32_t free_offset = finder->chunk->free_offset;
    if (header->has_crc32 && header->crc32_stored != header->crc32_computed)
        add_of_header(finder, EVX_FINDING_CHUNK_CRC32, header->crc32_stored,
                      header->crc32_computed);
    if (header->has_records_crc32 && header->records_crc32_stored != header->records_crc32_computed)
        add_of_header(finder, EVX_FINDING_RECORDS_CRC32, header->records_crc32_stored,
                      header->records_crc32_computed);
    if (free_offset < CHUNK_HEADER_BYTES || free_offset > CHUNK_BYTES)
        add_of_header(finder, EVX_FINDING_FREE_OFFSET, free_offset, 0);
}

static void check_header(struct finder *finder)
{
    const struct chunk *chunk = finder->chunk;
    const uint64_t first = load_u64(chunk->data + CHUNK_FIRST_NUMBER_OFFSET);
    const uint64_t last = load_u64(chunk->data + CHUNK_LAST_NUMBER_OFFSET);
    check_checksums(finder, finder->tile->regions.items);
    if (has_ids(chunk) && last - first != chunk->last_id - chunk->first_id)
        add_of_header(finder, EVX_FINDING_CHUNK_NUMBERS, last - first + 1,
                      chunk->last_id - chunk->first_id + 1);
}

// An unlinked record keeps its bytes in the tail of the one that has swallowed it.
static void check_tail(struct finder *finder, const struct span *span)
{
    const uint8_t *data = finder->chunk->data;
    const uint64_t end = (uint64_t)span->offset + span->length - 4;
    if (span->tail == 0 || end > finder->chunk->loaded || span->tail > end)
        return;
    add(finder, EVX_FINDING_RECORD_TAIL, span, span->tail, 0);
    for (uint64_t at = end - span->tail; at + HIDDEN_BYTES_MIN <= end; at++) {
        const uint32_t size = load_u32(data + at + RECORD_SIZE_OFFSET);
        if (load_u32(data + at) != RECORD_MAGIC || size < RECORD_BYTES_MIN || at + size > end + 4)
            continue;
        add(finder, EVX_FINDING_HIDDEN_RECORD, span, load_u64(data + at + RECORD_ID_OFFSET), size);
        return;
    }
}

static void check_size_copy(struct finder *finder, const struct span *span)
{
    const uint64_t end = (uint64_t)span->offset + span->length;
    if (end > finder->chunk->loaded)
        return;
    const uint32_t copy = load_u32(finder->chunk->data + end - 4);
    if (copy != span->length)
        add(finder, EVX_FINDING_SIZE_COPY, span, span->length, copy);
}

static void check_times(struct finder *finder, const struct span *span)
{
    if (finder->previous && span->written < finder->previous->written)
        add(finder, EVX_FINDING_TIME_BACK, span, span->written, finder->previous->written);
    if (!span->has_created)
        return;
    if (span->created > span->written && span->created - span->written > LATER_TICKS)
        add(finder, EVX_FINDING_CREATED_LATER, span, span->created, span->written);
    if (span->written > span->created && span->written - span->created > EARLY_TICKS)
        add(finder, EVX_FINDING_CREATED_EARLY, span, span->created, span->written);
}

static void check_ids(struct finder *finder, const struct span *span)
{
    const struct chunk *chunk = finder->chunk;
    const struct span *previous = finder->previous;
    EVX_CHECK(!previous || previous->offset < span->offset);
    if (has_ids(chunk) && (span->record_id < chunk->first_id || span->record_id > chunk->last_id))
        add(finder, EVX_FINDING_GENERATIONS, span, span->record_id, chunk->last_id);
    if (!previous)
        return;
    if (span->record_id <= previous->record_id)
        add(finder, EVX_FINDING_ID_REPEAT, span, span->record_id, previous->record_id);
    else if (span->record_id - previous->record_id > 1)
        add(finder, EVX_FINDING_ID_GAP, span, span->record_id, previous->record_id);
    if (!span->has_event_record_id || !previous->has_event_record_id)
        return;
    const uint64_t expected =
        previous->event_record_id + (span->record_id - previous->record_id); // modulo 2^64
    if (span->event_record_id != expected)
        add(finder, EVX_FINDING_EVENT_ID_SHIFT, span, span->event_record_id, expected);
}

// Whether the record that stands where the records end is the next one: the header is older.
static void check_behind_free(struct finder *finder)
{
    const struct chunk *chunk = finder->chunk;
    const uint64_t at = chunk->free_offset;
    const struct span *last = finder->previous;
    if (!last || (uint64_t)last->offset + last->length != at ||
        at + RECORD_BYTES_MIN > chunk->loaded)
        return;
    const uint8_t *data = chunk->data + at;
    const uint32_t size = load_u32(data + RECORD_SIZE_OFFSET);
    const uint64_t id = load_u64(data + RECORD_ID_OFFSET);
    if (load_u32(data) != RECORD_MAGIC || size < RECORD_BYTES_MIN || at + size > chunk->loaded ||
        load_u32(data + size - 4) != size || id != last->record_id + 1)
        return;
    const struct span span = {.offset = (uint32_t)at, .length = size, .record_id = id};
    add(finder, EVX_FINDING_BEHIND_FREE, &span, id, at);
}

static void check_record(struct finder *finder, const struct span *span)
{
    struct chunk_facts *facts = &finder->tile->facts;
    const uint64_t offset = slot_offset(finder->chunk->slot) + span->offset;
    EVX_CHECK(span->kind == EVX_REGION_RECORD && span->length >= RECORD_BYTES_MIN);
    check_size_copy(finder, span);
    check_tail(finder, span);
    check_times(finder, span);
    check_ids(finder, span);
    if (span->is_clearing)
        add(finder, EVX_FINDING_LOG_CLEARED, span, span->written, 0);
    if (!facts->has_records) {
        facts->has_records = true;
        facts->first_id = span->record_id;
        facts->first_time = span->written;
        facts->first_offset = offset;
    }
    facts->last_id = span->record_id;
    facts->last_time = span->written;
    facts->last_offset = offset;
    finder->previous = span;
}

static void check_claims(struct finder *finder)
{
    const struct chunk *chunk = finder->chunk;
    const struct chunk_facts *facts = &finder->tile->facts;
    if (!facts->has_records || !has_ids(chunk))
        return;
    if (chunk->first_id != facts->first_id)
        add_of_header(finder, EVX_FINDING_CHUNK_IDS, chunk->first_id, facts->first_id);
    if (chunk->last_id != facts->last_id)
        add_of_header(finder, EVX_FINDING_CHUNK_IDS, chunk->last_id, facts->last_id);
}

void tile_find(struct tile *tile, const struct slot_view *view, const struct span_list *spans)
{
    struct finder finder = {.tile = tile, .chunk = view->chunk};
    EVX_CHECK(tile->regions.count > 0);
    tile->facts.has_header = true;
    check_header(&finder);
    for (uint32_t i = 0; i < spans->count; i++)
        if (spans->spans[i].kind == EVX_REGION_RECORD)
            check_record(&finder, &spans->spans[i]);
    check_claims(&finder);
    check_behind_free(&finder);
}
