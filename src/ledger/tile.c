// SPDX-License-Identifier: MIT
#include "ledger/tile.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "container/file_header.h"

struct tiler {
    struct tile *tile;
    struct memory *memory;
    const struct slot_view *view;
    const struct chunk *chunk;
    uint32_t position; // of the next byte that is in no region yet
    uint32_t end;      // of the bytes that are there
    uint32_t live_end; // of the records, by the chunk's header
    bool misses_some;  // the header promises more records than were met
    bool failed;       // no memory
};

static bool is_zero(const uint8_t *data, uint32_t size)
{
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

// The bytes from the position up to `end`; none make no region. NULL then, or without memory.
static evx_region *add_region(struct tiler *tiler, evx_region_kind kind, uint32_t end)
{
    EVX_CHECK(tiler->position <= end && end <= tiler->view->length);
    if (tiler->position == end || tiler->failed)
        return NULL;
    evx_region *region = list_add(&tiler->tile->regions, tiler->memory, sizeof *region);
    tiler->failed = region == NULL;
    if (!region)
        return NULL;
    *region = (evx_region){
        .size = sizeof *region,
        .kind = kind,
        .chunk = tiler->tile->slot,
        .record_id = EVX_NONE,
        .offset = slot_offset(tiler->tile->slot) + tiler->position,
        .length = end - tiler->position,
    };
    tiler->position = end;
    return region;
}

// Bytes of which no span tells.
static void add_gap(struct tiler *tiler, uint32_t end)
{
    const uint8_t *data = tiler->chunk->data;
    EVX_CHECK(tiler->position <= end && end <= tiler->chunk->loaded);
    const uint32_t live_end = tiler->live_end < end ? tiler->live_end : end;
    if (tiler->position < live_end) {
        const bool zero = is_zero(data + tiler->position, live_end - tiler->position);
        add_region(tiler,
                   zero                 ? EVX_REGION_ZERO
                   : tiler->misses_some ? EVX_REGION_DAMAGED
                                        : EVX_REGION_SLACK,
                   live_end);
    }
    if (tiler->position < end)
        add_region(tiler,
                   is_zero(data + tiler->position, end - tiler->position) ? EVX_REGION_FREE
                                                                          : EVX_REGION_SLACK,
                   end);
}

static void add_span(struct tiler *tiler, const struct span *span, uint32_t end)
{
    EVX_CHECK(span->kind == EVX_REGION_RECORD || span->kind == EVX_REGION_RECOVERED ||
              span->kind == EVX_REGION_DAMAGED);
    evx_region *region = add_region(tiler, span->kind, end);
    if (!region || span->kind == EVX_REGION_DAMAGED)
        return;
    region->outcome = span->outcome;
    region->record_id = span->record_id;
}

static uint32_t end_of(const struct tiler *tiler, const struct span *span)
{
    const uint64_t end = (uint64_t)span->offset + span->length;
    return end < tiler->end ? (uint32_t)end : tiler->end;
}

// The spans by their offsets: they come nearly so.
static void sort(struct span_list *spans)
{
    for (uint32_t i = 1; i < spans->count; i++) {
        const struct span moved = spans->spans[i];
        uint32_t k = i;
        for (; k > 0 && spans->spans[k - 1].offset > moved.offset; k--)
            spans->spans[k] = spans->spans[k - 1];
        spans->spans[k] = moved;
    }
}

// What lies in another span, as an old record in bytes that are damaged, is cut out of it.
static void add_spans(struct tiler *tiler, const struct span_list *spans)
{
    const struct span *outer = NULL;
    for (uint32_t i = 0; i < spans->count; i++) {
        const struct span *span = &spans->spans[i];
        const uint32_t begin = span->offset < tiler->end ? span->offset : tiler->end;
        if (outer && end_of(tiler, outer) <= begin) {
            if (end_of(tiler, outer) > tiler->position)
                add_span(tiler, outer, end_of(tiler, outer));
            outer = NULL;
        }
        if (tiler->position < begin) {
            if (outer)
                add_span(tiler, outer, begin);
            else
                add_gap(tiler, begin);
        }
        const bool holds_next =
            i + 1 < spans->count && spans->spans[i + 1].offset < end_of(tiler, span) && !outer;
        if (holds_next)
            outer = span;
        else if (end_of(tiler, span) > tiler->position)
            add_span(tiler, span, end_of(tiler, span));
    }
    if (outer && end_of(tiler, outer) > tiler->position)
        add_span(tiler, outer, end_of(tiler, outer));
}

static void add_header(struct tiler *tiler)
{
    const struct chunk *chunk = tiler->chunk;
    const uint8_t *data = chunk->data;
    const uint32_t free_offset = load_u32(data + CHUNK_FREE_OFFSET);
    evx_region *header = add_region(tiler, EVX_REGION_CHUNK_HEADER, CHUNK_NAME_TABLE_OFFSET);
    if (!header)
        return;
    EVX_CHECK(chunk->loaded >= CHUNK_HEADER_BYTES && tiler->position == CHUNK_NAME_TABLE_OFFSET);
    header->has_crc32 = !(load_u32(data + CHUNK_FLAGS_OFFSET) & EVTX_FLAG_NO_CRC32);
    header->crc32_stored = load_u32(data + CHUNK_HEADER_CRC32_OFFSET);
    header->crc32_computed = chunk_header_crc32(data);
    header->has_records_crc32 =
        header->has_crc32 && free_offset >= CHUNK_HEADER_BYTES && free_offset <= chunk->loaded;
    if (header->has_records_crc32) {
        header->records_crc32_stored = load_u32(data + CHUNK_RECORDS_CRC32_OFFSET);
        header->records_crc32_computed = chunk_records_crc32(data, free_offset);
    }
    add_region(tiler, EVX_REGION_NAME_TABLE, CHUNK_TEMPLATE_TABLE_OFFSET);
    add_region(tiler, EVX_REGION_TEMPLATE_TABLE, CHUNK_HEADER_BYTES);
}

static bool has_header(const struct tiler *tiler)
{
    EVX_CHECK(tiler->end == 0 || tiler->view->is_hole || tiler->end <= tiler->chunk->loaded);
    return tiler->end >= CHUNK_HEADER_BYTES && chunk_has_magic(tiler->chunk->data);
}

static bool misses_some(const struct chunk *chunk, const struct span_list *spans)
{
    uint64_t live = 0;
    for (uint32_t i = 0; i < spans->count; i++)
        live += spans->spans[i].kind == EVX_REGION_RECORD;
    return chunk->first_id <= chunk->last_id && chunk->last_id != UINT64_MAX &&
           chunk->last_id - chunk->first_id >= live;
}

static void add_slot(struct tiler *tiler, const struct span_list *spans)
{
    const struct slot_view *view = tiler->view;
    const bool is_zeros =
        view->is_hole || (tiler->end > 0 && is_zero(tiler->chunk->data, tiler->end));
    if (view->is_hole)
        tiler->end = (uint32_t)view->length;
    if (has_header(tiler) && !view->is_hole) {
        add_header(tiler);
        if (view->is_read) {
            tiler->live_end = chunk_live_end(tiler->chunk);
            tiler->misses_some = misses_some(tiler->chunk, spans);
            add_spans(tiler, spans);
            add_gap(tiler, tiler->end);
        }
        add_region(tiler, EVX_REGION_LEFT_OUT, tiler->end);
    } else {
        add_region(tiler, is_zeros ? EVX_REGION_ZERO : EVX_REGION_FOREIGN, tiler->end);
    }
    add_region(tiler, EVX_REGION_UNREADABLE, (uint32_t)view->length);
}

bool tile_make(struct tile *tile, struct memory *memory, const struct slot_view *view,
               struct span_list *spans)
{
    const struct chunk *chunk = view->chunk;
    EVX_CHECK(view->length <= CHUNK_BYTES);
    tile->is_set = true;
    tile->slot = chunk->slot;
    tile->regions.count = 0;
    tile->facts = (struct chunk_facts){0};
    tile->is_short = view->is_short;
    findings_clear(&tile->findings);
    memset(tile->records, 0, sizeof tile->records);
    for (uint32_t i = 0; i < spans->count; i++)
        if (spans->spans[i].kind == EVX_REGION_RECORD)
            tile->records[spans->spans[i].outcome]++;
    struct tiler tiler = {.tile = tile, .memory = memory, .view = view, .chunk = chunk};
    if (chunk->data)
        tiler.end = chunk->loaded < view->length ? chunk->loaded : (uint32_t)view->length;
    sort(spans);
    add_slot(&tiler, spans);
    EVX_CHECK(tiler.failed || tiler.position == view->length);
    if (!tiler.failed && has_header(&tiler) && view->is_read)
        tile_find(tile, view, spans);
    return !tiler.failed;
}

void tile_destroy(struct tile *tile, struct memory *memory)
{
    list_destroy(&tile->regions, memory, sizeof(evx_region));
}
