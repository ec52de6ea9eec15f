// SPDX-License-Identifier: MIT
#include "salvage/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "decode/fingerprint.h"
#include "decode/fit.h"

bool known_init(struct known *known, struct store *store)
{
    *known = (struct known){.store = store};
    decoder_init(&known->decoder, store);
    known->latest =
        memory_allocate_zeroed(store->memory, TEMPLATE_UNNUMBERED * sizeof *known->latest);
    known->moved = memory_allocate(store->memory, CHUNK_BYTES);
    return known->latest && known->moved;
}

void known_destroy(struct known *known)
{
    struct memory *memory = known->store->memory;
    memory_release(memory, known->definitions,
                   known->definition_capacity * sizeof *known->definitions);
    memory_release(memory, known->records, known->record_capacity * sizeof *known->records);
    memory_release(memory, known->latest, TEMPLATE_UNNUMBERED * sizeof *known->latest);
    memory_release(memory, known->moved, CHUNK_BYTES);
    decoder_destroy(&known->decoder);
}

static uint32_t place_of(const uint64_t *records, uint32_t capacity, uint64_t fingerprint)
{
    EVX_CHECK(fingerprint != 0 && (capacity & (capacity - 1)) == 0);
    uint32_t at = (uint32_t)(fingerprint >> 32) & (capacity - 1);
    while (records[at] && records[at] != fingerprint)
        at = (at + 1) & (capacity - 1);
    return at;
}

static bool grow_records(struct known *known)
{
    struct memory *memory = known->store->memory;
    const uint32_t capacity = known->record_capacity ? 2 * known->record_capacity : 1024;
    uint64_t *records = memory_allocate_zeroed(memory, capacity * sizeof *records);
    if (!records)
        return false;
    for (uint32_t i = 0; i < known->record_capacity; i++)
        if (known->records[i])
            records[place_of(records, capacity, known->records[i])] = known->records[i];
    memory_release(memory, known->records, known->record_capacity * sizeof *records);
    known->records = records;
    known->record_capacity = capacity;
    return true;
}

static bool add_record(struct known *known, uint64_t fingerprint)
{
    if (known->record_count == KNOWN_RECORDS_MAX)
        return true;
    if (2 * (uint64_t)known->record_count >= known->record_capacity && !grow_records(known))
        return false;
    uint64_t *slot = &known->records[place_of(known->records, known->record_capacity, fingerprint)];
    known->record_count += *slot == 0;
    *slot = fingerprint;
    return true;
}

bool known_has_record(const struct known *known, uint64_t fingerprint)
{
    return known->record_count > 0 &&
           known->records[place_of(known->records, known->record_capacity, fingerprint)] != 0;
}

static bool add_live_records(struct known *known, struct chunk *chunk)
{
    struct record_walk walk;
    struct record record;
    record_walk_start(&walk, chunk, false);
    while (record_walk_next_record(&walk, &record))
        if (!add_record(known, record_fingerprint(chunk, &record)))
            return false;
    return true;
}

static bool add_template(struct known *known, const struct template *template, uint32_t input)
{
    struct memory *memory = known->store->memory;
    if (template->number >= TEMPLATE_UNNUMBERED || known->latest[template->number] == input + 1)
        return true;
    known->latest[template->number] = input + 1;
    if (known->definition_count == known->definition_capacity) {
        const uint32_t capacity = known->definition_capacity ? 2 * known->definition_capacity : 64;
        struct known_definition *more =
            memory_reallocate(memory, known->definitions, known->definition_capacity * sizeof *more,
                              capacity * sizeof *more);
        if (!more)
            return false;
        known->definitions = more;
        known->definition_capacity = capacity;
    }
    known->definitions[known->definition_count++] =
        (struct known_definition){load_u32(template->guid), input, template};
    return true;
}

static bool add_definition(struct known *known, uint32_t offset, uint32_t input)
{
    struct decoder *decoder = &known->decoder;
    decoder_start_record(decoder, true);
    const struct template *template = decode_proved(decoder, offset);
    if (!template)
        return decoder->fault.status != EVX_ERR_MEMORY;
    return add_template(known, template, input);
}

// Definitions that are not where they say: bytes of the chunk are lost in front of them, or it is
// one of several that are mixed here.
enum { SHIFTS_MAX = 4 };

struct shifts {
    struct inline_definition first[SHIFTS_MAX]; // with each distance
    unsigned count;
};

static int64_t shift_of(const struct inline_definition *found)
{
    return (int64_t)found->place - found->offset;
}

static void note_shift(struct shifts *shifts, const struct inline_definition *found)
{
    unsigned i = 0;
    while (i < shifts->count && shift_of(&shifts->first[i]) != shift_of(found))
        i++;
    if (i == shifts->count && i < SHIFTS_MAX && found->offset >= CHUNK_HEADER_BYTES &&
        found->offset < CHUNK_BYTES)
        shifts->first[shifts->count++] = *found;
}

// Gathers the definitions that are where they say once the bytes from the first of them on are
// moved. Names in front of it may be where they were.
static bool add_shifted(struct known *known, const struct chunk *chunk,
                        const struct inline_definition *first, uint32_t input)
{
    struct chunk moved = {.data = known->moved, .loaded = CHUNK_BYTES, .size = CHUNK_BYTES};
    const uint32_t kept = first->offset < chunk->loaded ? first->offset : chunk->loaded;
    const uint32_t room = CHUNK_BYTES - first->offset, there = chunk->loaded - first->place;
    EVX_CHECK(first->place < chunk->loaded && first->offset < CHUNK_BYTES);
    memset(known->moved, 0, CHUNK_BYTES);
    memcpy(known->moved, chunk->data, kept);
    memcpy(known->moved + first->offset, chunk->data + first->place, there < room ? there : room);
    // The instance in front of it goes with it.
    memcpy(known->moved + first->offset - INSTANCE_BYTES,
           chunk->data + first->place - INSTANCE_BYTES, INSTANCE_BYTES);
    decoder_start_chunk(&known->decoder, &moved);
    struct inline_definition found = {0};
    uint32_t at = first->offset - INSTANCE_BYTES;
    for (; find_inline_definition(moved.data, at, CHUNK_BYTES, &found); at = found.place)
        if (found.place == found.offset && !add_definition(known, found.place, input))
            return false;
    return true;
}

bool known_add_chunk(struct known *known, struct chunk *chunk, uint32_t input)
{
    struct shifts shifts = {.count = 0};
    EVX_CHECK(chunk->loaded == chunk->size);
    decoder_start_chunk(&known->decoder, chunk);
    struct inline_definition found = {0};
    uint32_t at = CHUNK_HEADER_BYTES;
    for (; find_inline_definition(chunk->data, at, chunk->loaded, &found); at = found.place) {
        if (found.place != found.offset)
            note_shift(&shifts, &found);
        else if (!add_definition(known, found.place, input))
            return false;
    }
    for (unsigned i = 0; i < shifts.count; i++)
        if (!add_shifted(known, chunk, &shifts.first[i], input))
            return false;
    return chunk->is_loose || !chunk_has_magic(chunk->data) || add_live_records(known, chunk);
}

static int compare(const void *left, const void *right)
{
    const struct known_definition *a = left, *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->input != b->input)
        return a->input < b->input ? -1 : 1;
    return 0;
}

void known_finish(struct known *known)
{
    if (known->definition_count > 0)
        qsort(known->definitions, known->definition_count, sizeof *known->definitions, compare);
    known->is_sorted = true;
}

uint32_t known_find(const struct known *known, uint32_t id)
{
    uint32_t from = 0, end = known->definition_count;
    EVX_CHECK(known->is_sorted || end == 0);
    while (from < end) {
        const uint32_t middle = from + (end - from) / 2;
        if (known->definitions[middle].id < id)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}
