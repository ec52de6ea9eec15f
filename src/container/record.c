// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "container/record.h"

#include "base/load.h"
#include "container/file_header.h"

// Reference: a header time after 9999-12-30T22:00:00.9999999Z is damage.
#define RECORD_TIME_MAX UINT64_C(2650466808009999999)

enum header_state {
    HEADER_GOOD,
    HEADER_CUT, // fewer than 24 bytes left
    HEADER_MAGIC,
    HEADER_TIME,
    HEADER_SIZE,
    HEADER_OUT_OF_CHUNK,
    HEADER_OUT_OF_INPUT, // which ends in the chunk, and in the record if its size is right
};

static enum header_state read_header(const struct chunk *chunk, uint32_t offset, struct record *ret)
{
    if ((uint64_t)offset + RECORD_HEADER_BYTES > chunk->size)
        return HEADER_CUT;
    EVX_CHECK(offset + RECORD_HEADER_BYTES <= chunk->loaded);
    const uint8_t *p = chunk->data + offset;
    *ret = (struct record){
        .offset = offset,
        .size = load_u32(p + RECORD_SIZE_OFFSET),
        .id = load_u64(p + RECORD_ID_OFFSET),
        .time = load_u64(p + RECORD_TIME_OFFSET),
    };
    if (load_u32(p) != RECORD_MAGIC)
        return HEADER_MAGIC;
    if (ret->time > RECORD_TIME_MAX)
        return HEADER_TIME;
    if (ret->size < RECORD_BYTES_MIN)
        return HEADER_SIZE;
    // The reference does not ask for the size copy: a record may end 4 bytes behind the chunk.
    uint64_t end = (uint64_t)offset + ret->size - 4;
    return end > CHUNK_BYTES   ? HEADER_OUT_OF_CHUNK
           : end > chunk->size ? HEADER_OUT_OF_INPUT
                               : HEADER_GOOD;
}

// Search and carving trust a header only together with its size copy.
static bool is_whole_record(const struct chunk *chunk, uint32_t offset, uint32_t end,
                            struct record *ret)
{
    EVX_CHECK(end <= chunk->size && end <= chunk->loaded);
    if ((uint64_t)offset + RECORD_BYTES_MIN > end ||
        read_header(chunk, offset, ret) != HEADER_GOOD || (uint64_t)offset + ret->size > end)
        return false;
    return load_u32(chunk->data + offset + ret->size - 4) == ret->size;
}

// The same where another record, which ends at `end`, has swallowed the start of it: its own size
// copy may stand in the place of this one's.
static bool is_swallowed_record(const struct chunk *chunk, uint32_t offset, uint32_t end,
                                struct record *ret)
{
    if (is_whole_record(chunk, offset, chunk->size, ret))
        return true;
    if ((uint64_t)offset + RECORD_BYTES_MIN > end ||
        read_header(chunk, offset, ret) != HEADER_GOOD || (uint64_t)offset + ret->size != end)
        return false;
    ret->lost_size_copy = true;
    return true;
}

// Offset of the next magic that lies inside [from, end), or `end`.
static uint32_t find_magic(const struct chunk *chunk, uint32_t from, uint32_t end)
{
    static const uint8_t magic[4] = {0x2A, 0x2A, 0, 0};
    if (from >= end)
        return end;
    EVX_CHECK(from < end && end <= chunk->loaded);
    const uint8_t *hit = memmem(chunk->data + from, end - from, magic, sizeof magic);
    return hit ? (uint32_t)(hit - chunk->data) : end;
}

// The next live record behind a bad header, or 0. It starts no later than the header's last record
// and its identifier is one the chunk header claims.
static uint32_t find_live_record(const struct chunk *chunk, uint32_t from)
{
    uint32_t live_end = chunk_live_end(chunk);
    uint64_t limit = (uint64_t)chunk->last_record_offset + 4;
    uint32_t end = limit < live_end ? (uint32_t)limit : live_end;
    for (uint32_t q = find_magic(chunk, from, end); q < end; q = find_magic(chunk, q + 1, end)) {
        struct record record;
        if (is_whole_record(chunk, q, live_end, &record) && record.id >= chunk->first_id &&
            record.id <= chunk->last_id)
            return q;
    }
    return 0;
}

// end: where it is clear again what the bytes are.
static struct damage damage_at(const struct chunk *chunk, uint32_t offset, uint32_t end,
                               enum header_state state, const struct record *record)
{
    EVX_CHECK(state >= HEADER_MAGIC && offset < end);
    struct damage damage = {
        .chunk = chunk->slot,
        .record_id = state == HEADER_MAGIC ? EVX_NONE : record->id,
        .offset = slot_offset(chunk->slot) + offset,
        .shift = chunk->shift,
        .length = end - offset,
    };
    struct fault fault = {.kind = FAULT_RECORD_BOUNDS, .offset = offset, .had = record->size};
    if (state == HEADER_MAGIC) {
        fault.kind = FAULT_RECORD_MAGIC;
        fault.had = load_u32(chunk->data + offset);
    } else if (state == HEADER_TIME) {
        fault.kind = FAULT_RECORD_TIME;
        fault.had = record->time;
    } else if (state == HEADER_SIZE) {
        fault.kind = FAULT_RECORD_SIZE;
    }
    fault_set(&damage.fault, &fault);
    return damage;
}

static void start_carving(struct record_walk *walk, uint32_t from, uint32_t end, uint32_t resume)
{
    EVX_CHECK(end <= walk->chunk->size);
    EVX_CHECK(resume == 0 || (from < resume && resume == end));
    EVX_CHECK(walk->state != WALK_FINISHED);
    walk->state = walk->recover ? WALK_CARVING : WALK_FINISHED;
    walk->position = from < end ? from : end;
    walk->carve_start = walk->position;
    walk->carve_end = end;
    walk->resume = resume;
    if (!walk->recover && resume) {
        walk->state = WALK_LIVE;
        walk->position = resume;
    }
}

static void end_live_area(struct record_walk *walk, uint32_t position)
{
    walk->live_stop = position;
    start_carving(walk, position, walk->chunk->size, 0);
}

// Whether the chunk's header promises records that the walk has not met.
static bool note_missing(struct record_walk *walk, struct note *ret_note)
{
    const struct chunk *chunk = walk->chunk;
    EVX_CHECK(walk->live_stop != 0);
    uint32_t stop = walk->live_stop, live_end = chunk_live_end(chunk);
    walk->live_stop = 0;
    // Without records, the identifiers are all ones or cross over.
    uint64_t promised = chunk->last_id >= chunk->first_id && chunk->last_id != UINT64_MAX
                            ? chunk->last_id - chunk->first_id + 1
                            : 0;
    *ret_note = (struct note){
        .kind = NOTE_RECORDS_MISSING,
        .chunk = chunk->slot,
        .record_id = EVX_NONE,
        .offset = slot_offset(chunk->slot) + stop,
        .length = stop < live_end ? live_end - stop : 0,
        .declared = promised,
        .present = walk->record_count,
    };
    return promised > walk->record_count;
}

void record_walk_start(struct record_walk *walk, struct chunk *chunk, bool recover)
{
    EVX_CHECK(chunk->loaded >= (recover ? chunk->size : chunk_live_end(chunk)));
    *walk = (struct record_walk){
        .chunk = chunk, .recover = recover, .state = WALK_LIVE, .position = CHUNK_HEADER_BYTES};
}

// A bad header: resynchronise, or end the live area. True when there is damage to report.
static bool leave_bad_header(struct record_walk *walk, enum header_state state,
                             const struct record *record, struct damage *ret_damage)
{
    EVX_CHECK(walk->state == WALK_LIVE);
    uint32_t bad = walk->position;
    uint32_t found = state == HEADER_CUT ? 0 : find_live_record(walk->chunk, bad + 1);
    // Zeros, or less than a header, with nothing behind them: the free offset was too large. A
    // record that the end of the input cuts is told with the cut.
    bool clean_end = state == HEADER_CUT || state == HEADER_OUT_OF_INPUT ||
                     (state == HEADER_MAGIC && load_u32(walk->chunk->data + bad) == 0);
    if (found || !clean_end)
        *ret_damage =
            damage_at(walk->chunk, bad, found ? found : chunk_live_end(walk->chunk), state, record);
    if (found)
        start_carving(walk, bad, found, found);
    else
        end_live_area(walk, bad);
    return found || !clean_end;
}

static bool carve_inside(struct record_walk *walk, struct record *ret_record)
{
    const uint32_t end = walk->inside_end, size = walk->chunk->size;
    const uint32_t last = end + 3 < size ? end + 3 : size; // of one that begins in there
    uint32_t q = find_magic(walk->chunk, walk->inside, last);
    for (; q < end; q = find_magic(walk->chunk, q + 1, last)) {
        if (is_swallowed_record(walk->chunk, q, end, ret_record)) {
            ret_record->recovered = true;
            ret_record->found = FOUND_INSIDE;
            return true;
        }
    }
    walk->inside_end = 0;
    return false;
}

static void found_in_span(const struct record_walk *walk, struct record *record)
{
    record->recovered = true;
    record->found = walk->chunk->is_loose ? FOUND_LOOSE : walk->resume ? FOUND_GAP : FOUND_BEHIND;
}

// Whether the span begins with a record whose size is wrong: it may be all of the span.
static bool begins_with_wrong_size(const struct record_walk *walk, struct record *ret)
{
    const uint32_t start = walk->carve_start, end = walk->carve_end;
    if (!walk->salvages || walk->position != start || end - start < RECORD_BYTES_MIN)
        return false;
    if (is_whole_record(walk->chunk, start, end, ret))
        return false;
    const enum header_state state = read_header(walk->chunk, start, ret);
    if (state == HEADER_MAGIC || state == HEADER_TIME || state == HEADER_CUT)
        return false;
    ret->size = end - start;
    ret->lost_size = true;
    found_in_span(walk, ret);
    return true;
}

static bool carve_next(struct record_walk *walk, struct record *ret_record)
{
    EVX_CHECK(walk->recover && walk->carve_end <= walk->chunk->size);
    uint32_t end = walk->carve_end;
    if (begins_with_wrong_size(walk, ret_record))
        return true;
    uint32_t q = find_magic(walk->chunk, walk->position, end);
    for (; q < end; q = find_magic(walk->chunk, q + 1, end)) {
        if (is_whole_record(walk->chunk, q, end, ret_record)) {
            found_in_span(walk, ret_record);
            return true;
        }
    }
    walk->state = walk->resume ? WALK_LIVE : WALK_FINISHED;
    EVX_CHECK(walk->resume == 0 || walk->resume == walk->carve_end);
    walk->position = walk->resume;
    return false;
}

// Whether the bytes up to `end` are in the input and not loaded.
static bool needs_rest(const struct chunk *chunk, uint64_t end)
{
    return end > chunk->loaded && chunk->loaded < chunk->size;
}

EVX_INLINE enum walk_event walk_next(struct record_walk *walk, struct record *ret_record,
                                     struct note *ret_note, struct damage *ret_damage)
{
    for (;;) {
        if (EVX_UNLIKELY((walk->live_stop | walk->inside_end) != 0)) {
            if (walk->inside_end && carve_inside(walk, ret_record))
                return WALK_RECORD;
            if (walk->live_stop && note_missing(walk, ret_note))
                return WALK_NOTE;
        }
        if (walk->state == WALK_FINISHED)
            return WALK_END;
        if (walk->state == WALK_CARVING) {
            if (carve_next(walk, ret_record))
                return WALK_RECORD;
            continue;
        }
        if (walk->position >= chunk_live_end(walk->chunk)) {
            end_live_area(walk, walk->position);
            continue;
        }
        if (EVX_UNLIKELY(needs_rest(walk->chunk, (uint64_t)walk->position + RECORD_HEADER_BYTES)))
            return WALK_REST;
        enum header_state state = read_header(walk->chunk, walk->position, ret_record);
        if (EVX_UNLIKELY(state != HEADER_GOOD)) {
            if (leave_bad_header(walk, state, ret_record, ret_damage))
                return WALK_DAMAGE;
            continue;
        }
        uint32_t end = walk->position + ret_record->size;
        if (EVX_UNLIKELY(needs_rest(walk->chunk, end)))
            return WALK_REST;
        EVX_CHECK(end > walk->position);
        walk->record_count++;
        if (ret_record->id == walk->chunk->last_id)
            end_live_area(walk, end);
        else
            walk->position = end;
        return WALK_RECORD;
    }
}

enum walk_event record_walk_next(struct record_walk *walk, struct record *ret_record,
                                 struct note *ret_note, struct damage *ret_damage)
{
    return walk_next(walk, ret_record, ret_note, ret_damage);
}

bool record_walk_next_record(struct record_walk *walk, struct record *ret_record)
{
    struct note note;
    struct damage damage;
    for (;;) {
        enum walk_event event = walk_next(walk, ret_record, &note, &damage);
        if (event != WALK_DAMAGE && event != WALK_NOTE)
            return event == WALK_RECORD;
    }
}

void record_walk_carved(struct record_walk *walk, const struct record *record, bool rendered)
{
    const uint32_t next = rendered ? record->offset + record->size : record->offset + 1;
    EVX_CHECK(record->recovered);
    if (record->found == FOUND_INSIDE) {
        walk->inside = next < walk->inside_end ? next : walk->inside_end;
        return;
    }
    EVX_CHECK(walk->state == WALK_CARVING);
    EVX_CHECK(record->offset + record->size <= walk->carve_end);
    walk->position = next;
}

void record_walk_look_inside(struct record_walk *walk, const struct record *record, uint32_t from)
{
    const uint32_t end = record->offset + record->size;
    EVX_CHECK(walk->recover && from >= record->offset && from <= end);
    if (record->found == FOUND_INSIDE) // what is left is looked through already
        walk->inside = from < walk->inside_end ? from : walk->inside_end;
    else if (end <= walk->chunk->size) {
        walk->inside = from;
        walk->inside_end = end;
    }
}
