// SPDX-License-Identifier: MIT
#include "flow/chunk_reader.h"

#include <errno.h>
#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "compat/describe.h"
#include "container/file_header.h"
#include "kernels/utf16_plain.h"

enum {
    FRONT_BYTES = 4096,    // the first read of a slot
    FULL_BYTES = 56 << 10, // a chunk with as many live bytes is full: no record found room
};

bool chunk_reader_init(struct chunk_reader *reader, struct memory *memory, struct source *source,
                       const evx_file_info *info)
{
    *reader = (struct chunk_reader){
        .source = source, .info = info, .memory = memory, .has_holes = source->is_hole != NULL};
    if (source->size != EVX_NONE)
        reader->slot_limit = file_slot_count(info, source->size);
    reader->buffer = memory_allocate(memory, CHUNK_BYTES);
    return reader->buffer != NULL;
}

void chunk_reader_destroy(struct chunk_reader *reader)
{
    if (reader->buffer)
        EVX_UNPOISON(reader->buffer, CHUNK_BYTES);
    memory_release(reader->memory, reader->buffer, CHUNK_BYTES);
}

static enum slot_state missing_chunk(uint64_t slot, evx_error *error)
{
    const struct damage damage = chunk_damage(slot, FAULT_CHUNK_MISSING);
    describe_damage(&damage, error);
    return SLOT_DAMAGED;
}

// Nobody may look at what is not loaded, but for what is read behind plain text and then dropped.
static void poison_rest(const struct chunk_reader *reader)
{
    const uint32_t readable = reader->chunk.loaded + UTF16_PLAIN_READ_BYTES;
    if (readable < CHUNK_BYTES)
        EVX_POISON(reader->buffer + readable, CHUNK_BYTES - readable);
}

// The input ends behind what is loaded. The zeros behind it may be looked at.
static void end_chunk(struct chunk_reader *reader)
{
    struct chunk *chunk = &reader->chunk;
    EVX_CHECK(chunk->loaded < CHUNK_BYTES);
    chunk->size = chunk->loaded;
    memset(reader->buffer + chunk->size, 0, CHUNK_BYTES - chunk->size);
}

// Reads on up to `end`. What cannot be read any more is zeros, and the chunk is cut.
static bool load_up_to(struct chunk_reader *reader, uint32_t end)
{
    struct chunk *chunk = &reader->chunk;
    if (end <= chunk->loaded)
        return true;
    EVX_CHECK(chunk->data == reader->buffer && end <= chunk->size && !chunk_is_cut(chunk));
    EVX_UNPOISON(reader->buffer + chunk->loaded, CHUNK_BYTES - chunk->loaded);
    const uint32_t wanted = end - chunk->loaded;
    int64_t n = source_read(reader->source, reader->buffer + chunk->loaded, wanted,
                            slot_offset(chunk->slot) + chunk->loaded);
    reader->rest_errno = n < 0 ? errno : 0;
    chunk->loaded += n > 0 ? (uint32_t)n : 0;
    reader->rest_is_lost = chunk->loaded < end;
    if (reader->rest_is_lost) {
        end_chunk(reader);
        reader->cut_is_told = true; // with the loss
        return false;
    }
    poison_rest(reader);
    return true;
}

bool chunk_reader_load_rest(struct chunk_reader *reader)
{
    const struct chunk *chunk = &reader->chunk;
    return load_up_to(reader, chunk->size) && !chunk_is_cut(chunk);
}

// Whether the reference misses a slot that is not whole.
static bool is_expected(const struct chunk_reader *reader, uint64_t slot)
{
    uint64_t limit = reader->slot_limit;
    if (reader->source->size != EVX_NONE && limit == 0) // a stream that has ended meanwhile
        limit = file_slot_count(reader->info, reader->source->size);
    return slot < limit;
}

static enum slot_state absent_slot(const struct chunk_reader *reader, uint64_t slot,
                                   evx_error *error)
{
    return is_expected(reader, slot) ? missing_chunk(slot, error) : SLOT_END;
}

static enum slot_state read_error(uint64_t slot, int number, evx_error *error)
{
    struct damage damage = chunk_damage(slot, FAULT_CHUNK_UNREADABLE);
    damage.system_errno = number;
    describe_damage(&damage, error);
    return SLOT_DAMAGED;
}

void chunk_reader_tell_lost(struct chunk_reader *reader, evx_error *error)
{
    reader->rest_is_lost = false;
    if (reader->rest_errno)
        read_error(reader->chunk.slot, reader->rest_errno, error);
    else
        missing_chunk(reader->chunk.slot, error);
}

// Bytes of a slot to read at first: in the last one, and where each may end, all that there are.
static uint32_t wanted_bytes(const struct chunk_reader *reader, uint64_t offset)
{
    const struct source *source = reader->source;
    const bool is_cut = source->size != EVX_NONE && source->size - offset < CHUNK_BYTES;
    return is_cut || source->sequential || source->shift_of || reader->is_full ||
                   EVX_ABLATE_USED_BYTES
               ? CHUNK_BYTES
               : FRONT_BYTES;
}

enum slot_state chunk_reader_load(struct chunk_reader *reader, uint64_t slot, evx_error *ret_error)
{
    struct source *source = reader->source;
    uint64_t offset = slot_offset(slot);
    struct chunk *chunk = &reader->chunk;
    *chunk = (struct chunk){.slot = slot, .size = CHUNK_BYTES};
    if (source->shift_of)
        chunk->shift = source->shift_of(source, offset, &chunk->is_loose);
    reader->cut_is_told = source->shift_of != NULL; // where parts end is no loss
    reader->rest_is_lost = false;
    if (source->size != EVX_NONE && offset >= source->size)
        return absent_slot(reader, slot, ret_error);
    if (source->memory && source->size - offset >= CHUNK_BYTES) {
        chunk->data = source->memory + offset;
        chunk->loaded = CHUNK_BYTES;
        return SLOT_LOADED;
    }
    uint32_t wanted = wanted_bytes(reader, offset);
    EVX_UNPOISON(reader->buffer, CHUNK_BYTES); // of the chunk before
    int64_t n = source_read(source, reader->buffer, wanted, offset);
    if (n < 0)
        return read_error(slot, errno, ret_error);
    if (n == 0)
        return absent_slot(reader, slot, ret_error);
    chunk->data = reader->buffer;
    EVX_CHECK(n <= (int64_t)wanted);
    chunk->loaded = (uint32_t)n;
    if (chunk->loaded < wanted)
        end_chunk(reader);
    else
        poison_rest(reader);
    return SLOT_LOADED;
}

bool chunk_reader_tell_cut(struct chunk_reader *reader, struct notes *notes, evx_error *ret_error)
{
    const struct chunk *chunk = &reader->chunk;
    reader->cut_is_told = true;
    if (is_expected(reader, chunk->slot))
        return missing_chunk(chunk->slot, ret_error) == SLOT_DAMAGED;
    notes_add(notes, &(struct note){
                         .kind = NOTE_CHUNK_CUT,
                         .chunk = chunk->slot,
                         .record_id = EVX_NONE,
                         .offset = slot_offset(chunk->slot) + chunk->size,
                         .length = CHUNK_BYTES - chunk->size,
                         .declared = CHUNK_BYTES,
                         .present = chunk->size,
                     });
    return false;
}

bool chunk_reader_lacks_ids(struct chunk_reader *reader, const evx_id_range *ranges, size_t count)
{
    struct chunk *chunk = &reader->chunk;
    if (chunk_is_cut(chunk) || !chunk_has_magic(chunk->data))
        return false;
    chunk_parse_header(chunk);
    if (chunk->first_id > chunk->last_id || chunk->last_id == UINT64_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (ranges[i].first <= chunk->last_id && chunk->first_id <= ranges[i].last)
            return false;
    if (!chunk_header_is_proved(chunk))
        return false;
    reader->is_full = false;
    return true;
}

// A slot behind those that the file header leaves room for (its block size may be any number). The
// reference reads it, but what is wrong with it as a whole ends its pass in silence.
static bool is_behind_expected(const struct chunk_reader *reader)
{
    return reader->info->block_size > FILE_HEADER_BLOCK_BYTES &&
           reader->chunk.slot >= reader->slot_limit;
}

static enum slot_state leave_out(struct chunk_reader *reader, struct notes *notes)
{
    notes_add(notes, &(struct note){
                         .kind = NOTE_SLOT_LEFT_OUT,
                         .chunk = reader->chunk.slot,
                         .record_id = EVX_NONE,
                         .offset = slot_offset(reader->chunk.slot),
                         .length = CHUNK_BYTES,
                     });
    return SLOT_EMPTY;
}

// Whether the slot needs no reading: it is a hole of the file. The first empty slot that is none
// shows that there are none.
static bool is_hole(struct chunk_reader *reader)
{
    struct source *source = reader->source;
    if (reader->has_holes)
        reader->has_holes = source->is_hole(source, slot_offset(reader->chunk.slot), CHUNK_BYTES);
    return reader->has_holes;
}

static enum slot_state open_without_magic(struct chunk_reader *reader, struct notes *notes,
                                          evx_error *ret_error)
{
    struct chunk *chunk = &reader->chunk;
    if (is_hole(reader)) {
        reader->is_full = false;
        return SLOT_EMPTY;
    }
    reader->is_full = true; // empty slots come in rows and are read whole
    if (!load_up_to(reader, CHUNK_BYTES)) {
        chunk_reader_tell_lost(reader, ret_error);
        return SLOT_DAMAGED;
    }
    if (chunk_is_zero(chunk->data))
        return SLOT_EMPTY;
    if (is_behind_expected(reader))
        return leave_out(reader, notes);
    const struct damage damage = chunk_magic_damage(chunk->slot, chunk->data);
    describe_damage(&damage, ret_error);
    return SLOT_DAMAGED;
}

// A cut chunk has no checksum that could be right.
static bool can_be_read(const struct chunk *chunk, bool validate_checksums)
{
    return chunk->size >= CHUNK_HEADER_BYTES && chunk_has_magic(chunk->data) && !validate_checksums;
}

static enum slot_state open_cut_chunk(struct chunk_reader *reader, bool validate_checksums,
                                      struct notes *notes, evx_error *ret_error)
{
    struct chunk *chunk = &reader->chunk;
    if (can_be_read(chunk, validate_checksums)) {
        chunk_parse_header(chunk);
        return SLOT_LOADED;
    }
    if (chunk_is_zero(chunk->data) && !is_expected(reader, chunk->slot))
        return SLOT_EMPTY; // room that was reserved, and nothing lost
    return chunk_reader_tell_cut(reader, notes, ret_error) ? SLOT_DAMAGED : SLOT_EMPTY;
}

enum slot_state chunk_reader_open(struct chunk_reader *reader, bool wants_all,
                                  bool validate_checksums, struct notes *notes,
                                  evx_error *ret_error)
{
    struct chunk *chunk = &reader->chunk;
    struct fault fault;
    if (EVX_UNLIKELY(chunk_is_cut(chunk)))
        return open_cut_chunk(reader, validate_checksums, notes, ret_error);
    if (!chunk_has_magic(chunk->data))
        return open_without_magic(reader, notes, ret_error);
    chunk_parse_header(chunk);
    EVX_CHECK(!chunk_is_cut(chunk));
    const uint32_t live_end = chunk_live_end(chunk);
    reader->is_full = live_end >= FULL_BYTES;
    if (EVX_UNLIKELY(!load_up_to(reader, wants_all ? CHUNK_BYTES : live_end))) {
        chunk_reader_tell_lost(reader, ret_error);
        return SLOT_DAMAGED;
    }
    if (validate_checksums && !chunk_validate(chunk, &fault)) {
        if (is_behind_expected(reader))
            return leave_out(reader, notes);
        struct damage damage = chunk_damage(chunk->slot, fault.kind);
        damage.fault = fault;
        describe_damage(&damage, ret_error);
        return SLOT_DAMAGED;
    }
    return SLOT_LOADED;
}
