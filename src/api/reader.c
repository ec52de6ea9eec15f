// SPDX-License-Identifier: MIT
// Opening inputs, and the order in which their chunks are read.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/handles.h"
#include "base/error.h"
#include "base/versioned.h"
#include "base/load.h"
#include "compat/describe.h"
#include "container/file_header.h"
#include "system/file.h"

static evx_status io_error(evx_error *error, enum fault_kind kind, int number)
{
    struct damage damage = damage_of(kind);
    damage.system_errno = number;
    if (number == ENOMEM)
        damage.fault.status = EVX_ERR_MEMORY;
    describe_damage(&damage, error);
    return damage.fault.status;
}

// About the file header; had as the kind wants it.
static evx_status header_error(evx_error *error, enum fault_kind kind, uint64_t had, int number)
{
    struct damage damage = damage_of(kind);
    damage.fault.had = had;
    damage.system_errno = number;
    damage.offset = 0;
    damage.length = FILE_HEADER_BLOCK_BYTES;
    describe_damage(&damage, error);
    return damage.fault.status;
}

static evx_status read_header_block(struct source *source, evx_file_info *ret_info,
                                    evx_error *error)
{
    uint8_t block[FILE_HEADER_BLOCK_BYTES];
    int64_t n = source_read(source, block, sizeof block, 0);
    if (n < 0)
        return header_error(error, FAULT_FILE_HEADER_UNREADABLE, 0, errno);
    if ((size_t)n < sizeof block)
        return header_error(error, FAULT_FILE_HEADER_CUT, (uint64_t)n, 0);
    if (!file_header_parse(block, ret_info))
        return header_error(error, FAULT_FILE_MAGIC, load_u64(block), 0);
    ret_info->size_bytes = source->size;
    return EVX_OK;
}

evx_status reader_open(evx_engine *engine, struct source *source, evx_reader **ret_reader,
                       evx_error *error)
{
    evx_file_info info;
    evx_status status = read_header_block(source, &info, error);
    if (status) {
        source_close(source);
        return status;
    }
    struct evx_reader *reader = memory_allocate_zeroed(&engine->memory, sizeof *reader);
    if (!reader) {
        source_close(source);
        return io_error(error, FAULT_INPUT_REFUSED, ENOMEM);
    }
    reader->engine = engine;
    reader->source = source;
    reader->info = info;
    outbuf_init(&reader->rendered.out, &engine->memory);
    *ret_reader = reader;
    return EVX_OK;
}

// The reference opens the canonical path and names it when that fails.
static evx_status open_error(evx_error *error, const char *path, int number)
{
    char *resolved = number == ENOENT ? NULL : file_resolve(path);
    struct damage damage = damage_of(FAULT_FILE_REFUSED);
    damage.system_errno = number;
    describe_file_damage(&damage, resolved ? resolved : path, error);
    free(resolved);
    return EVX_ERR_IO;
}

evx_status evx_open_file(evx_engine *engine, const char *path, evx_reader **ret_reader,
                         evx_error *error)
{
    // A FIFO without a writer must not hang the open; it fails below, when its end is asked for.
    int fd = file_open_at_once(path);
    if (fd < 0)
        return open_error(error, path, errno);
    struct file_status known;
    if (file_get_status(fd, &known) && known.kind == FILE_KIND_PIPE) {
        file_close(fd);
        return io_error(error, FAULT_FILE_UNSIZED, ESPIPE);
    }
    struct source *source;
    int number = source_open_file(&engine->memory, fd, 0, &source);
    if (number) {
        file_close(fd);
        return io_error(error, FAULT_FILE_UNSIZED, number);
    }
    return reader_open(engine, source, ret_reader, error);
}

evx_status evx_open_fd(evx_engine *engine, int fd, evx_reader **ret_reader, evx_error *error)
{
    // A source owns its descriptor, but the caller keeps his when opening fails.
    int copy = file_duplicate(fd);
    if (copy < 0)
        return io_error(error, FAULT_INPUT_REFUSED, errno);
    struct source *source;
    struct file_status known;
    int64_t base = file_position(fd);
    bool seekable = base >= 0 && file_get_status(fd, &known) &&
                    (known.kind == FILE_KIND_REGULAR || known.kind == FILE_KIND_BLOCK);
    int number = seekable ? source_open_file(&engine->memory, copy, (uint64_t)base, &source)
                          : source_open_stream(&engine->memory, copy, &source);
    if (number) {
        file_close(copy);
        return io_error(error, FAULT_INPUT_REFUSED, number);
    }
    evx_status status = reader_open(engine, source, ret_reader, error);
    if (status == EVX_OK)
        file_close(fd);
    return status;
}

evx_status evx_open_memory(evx_engine *engine, const void *bytes, size_t size,
                           evx_reader **ret_reader, evx_error *error)
{
    struct source *source;
    int number = source_open_memory(&engine->memory, bytes, size, &source);
    return number ? io_error(error, FAULT_INPUT_REFUSED, number)
                  : reader_open(engine, source, ret_reader, error);
}

evx_status evx_open_input(evx_engine *engine, const evx_input *input, evx_reader **ret_reader,
                          evx_error *error)
{
    struct source *source;
    if (!ALL_NULL(input->reserved))
        return error_argument(error, "an input ends with zeros");
    int number = source_open_input(&engine->memory, input, &source);
    return number ? io_error(error, FAULT_INPUT_REFUSED, number)
                  : reader_open(engine, source, ret_reader, error);
}

void evx_close(evx_reader **handle)
{
    if (!handle || !*handle)
        return;
    struct evx_reader *reader = *handle;
    struct memory *memory = &reader->engine->memory;
    if (reader->match) { // before the worker, whose decoder it uses
        evaluation_destroy(reader->match);
        memory_release(memory, reader->match, sizeof *reader->match);
    }
    if (reader->worker) {
        worker_destroy(reader->worker);
        memory_release(memory, reader->worker, sizeof *reader->worker);
    }
    outbuf_destroy(&reader->rendered.out);
    memory_release(memory, reader->values, reader->value_capacity * sizeof *reader->values);
    source_close(reader->source);
    memory_release(memory, reader, sizeof *reader);
    *handle = NULL;
}

void evx_get_file_info(const evx_reader *reader, evx_file_info *ret_info)
{
    *ret_info = reader->info;
    ret_info->size_bytes = reader->source->size;
}

// The front of a slot, as far as the order of slots depends on it: the chunk's header and that of
// its first record, whose bytes are zeros when they are not there.
enum { SLOT_FRONT_BYTES = CHUNK_HEADER_BYTES + RECORD_HEADER_BYTES };

static int64_t read_front(struct evx_reader *reader, uint64_t slot, uint8_t front[SLOT_FRONT_BYTES])
{
    memset(front, 0, SLOT_FRONT_BYTES);
    return source_read(reader->source, front, SLOT_FRONT_BYTES, slot_offset(slot));
}

// First record identifier of a slot that counts as a place to start. Identifiers usually begin at
// 1: a header that says 0 may be damaged and would rotate the whole output, so the record tells.
static bool first_id_of(const uint8_t *front, uint64_t *ret_id)
{
    const uint8_t *record = front + CHUNK_HEADER_BYTES;
    uint64_t first = load_u64(front + CHUNK_FIRST_ID_OFFSET);
    if (first == 0) {
        if (load_u32(record) != RECORD_MAGIC)
            return false;
        first = load_u64(record + RECORD_ID_OFFSET);
    }
    *ret_id = first;
    return chunk_has_magic(front) && first <= load_u64(front + CHUNK_LAST_ID_OFFSET) &&
           first != UINT64_MAX;
}

// The oldest slot: the one with the lowest first identifier (reference command line, 3.2). Nothing
// is older than identifier 0 or 1 in slot 0, which is what four of five logs have.
static evx_status find_oldest(struct evx_reader *reader, uint64_t slots, evx_error *error)
{
    uint64_t best = UINT64_MAX;
    for (uint64_t slot = 0; slot < slots; slot++) {
        uint8_t front[SLOT_FRONT_BYTES];
        int64_t n = read_front(reader, slot, front);
        if (n < 0)
            return io_error(error, FAULT_INPUT_UNREADABLE, errno);
        if (n < CHUNK_HEADER_BYTES)
            break;
        uint64_t id;
        if (first_id_of(front, &id) && id < best) {
            best = id;
            reader->start_slot = slot;
            if (slot == 0 && id <= 1)
                break;
        }
    }
    return EVX_OK;
}

static bool stream_starts_with_oldest(struct evx_reader *reader)
{
    uint8_t front[SLOT_FRONT_BYTES];
    uint64_t id;
    return reader->info.block_size <= FILE_HEADER_BLOCK_BYTES &&
           read_front(reader, 0, front) == SLOT_FRONT_BYTES && first_id_of(front, &id) && id <= 1;
}

static evx_status check_block_size(const struct evx_reader *reader, evx_error *error)
{
    uint64_t size = reader->source->size;
    if (size == EVX_NONE || reader->info.block_size <= size)
        return EVX_OK;
    struct damage damage = damage_of(FAULT_FILE_BLOCK);
    damage.fault.needed = reader->info.block_size;
    damage.fault.had = size;
    describe_damage(&damage, error);
    return damage.fault.status;
}

static evx_status spool(struct source *source, evx_error *error)
{
    int fd = file_open_temporary();
    if (fd < 0)
        return io_error(error, FAULT_SPOOL_REFUSED, errno);
    int number = source_stream_spool(source, fd);
    if (number == 0)
        return EVX_OK;
    file_close(fd);
    return io_error(error, FAULT_SPOOL_BROKEN, number);
}

static evx_status find_order(struct evx_reader *reader, bool from_end, evx_error *error)
{
    struct source *source = reader->source;
    evx_status status = EVX_OK;
    if (source->sequential && (from_end || !stream_starts_with_oldest(reader)))
        status = spool(source, error);
    reader->slot_count = EVX_NONE;
    if (status == EVX_OK)
        status = check_block_size(reader, error);
    if (status == EVX_OK && !source->sequential) {
        uint64_t expected = file_slot_count(&reader->info, source->size);
        uint64_t begun = begun_slot_count(source->size);
        reader->slot_count = expected > begun ? expected : begun;
        status = find_oldest(reader, expected, error);
    }
    return status;
}

evx_status reader_start_pass(struct evx_reader *reader, bool from_end, evx_error *error)
{
    if (reader->source->sequential && reader->stream_taken)
        return error_argument(error, "a stream can be read once");
    reader->stream_taken = true;
    evx_status status = reader->order_known ? EVX_OK : find_order(reader, from_end, error);
    reader->order_known = status == EVX_OK;
    return status;
}

void reader_describe_job(const struct evx_reader *reader, struct job *ret_job)
{
    struct evx_engine *engine = reader->engine;
    ret_job->memory = &engine->memory;
    ret_job->store = &engine->store;
    ret_job->source = reader->source;
    ret_job->info = &reader->info;
    ret_job->start_slot = reader->start_slot;
    ret_job->slot_count = reader->slot_count;
}
