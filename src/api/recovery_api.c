// SPDX-License-Identifier: MIT
#include <evx/recovery.h>

#include <errno.h>
#include <string.h>

#include "api/handles.h"
#include "base/error.h"
#include "base/versioned.h"
#include "container/file_header.h"
#include "salvage/window_source.h"
#include "system/file.h"

evx_status evx_recovery_create(evx_engine *engine, evx_recovery **ret_recovery, evx_error *error)
{
    struct memory *memory = &engine->memory;
    struct evx_recovery *recovery = memory_allocate_zeroed(memory, sizeof *recovery);
    if (recovery) {
        recovery->engine = engine;
        recovery->buffer = memory_allocate(memory, CHUNK_BYTES);
        if (recovery_init(&recovery->recovery, &engine->store) && recovery->buffer) {
            *ret_recovery = recovery;
            return EVX_OK;
        }
        evx_recovery_destroy(&recovery);
    }
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

void evx_recovery_destroy(evx_recovery **handle)
{
    if (!handle || !*handle)
        return;
    struct evx_recovery *recovery = *handle;
    struct memory *memory = &recovery->engine->memory;
    recovery_destroy(&recovery->recovery);
    memory_release(memory, recovery->buffer, CHUNK_BYTES);
    memory_release(memory, recovery, sizeof *recovery);
    *handle = NULL;
}

// Also a slot that is no chunk: definitions outlive the header.
static bool gather_slot(struct evx_recovery *recovery, struct source *source, uint64_t slot,
                        unsigned input)
{
    int64_t n = source_read(source, recovery->buffer, CHUNK_BYTES, slot_offset(slot));
    if (n < CHUNK_HEADER_BYTES) // what cannot be read is told by who converts it
        return true;
    memset(recovery->buffer + n, 0, CHUNK_BYTES - (size_t)n);
    struct chunk chunk = {
        .data = recovery->buffer, .loaded = (uint32_t)n, .size = (uint32_t)n, .slot = slot};
    if (chunk_is_zero(recovery->buffer))
        return true;
    if (source->shift_of)
        source->shift_of(source, slot_offset(slot), &chunk.is_loose);
    chunk_parse_header(&chunk);
    return known_add_chunk(&recovery->recovery.known, &chunk, input);
}

evx_status evx_recovery_gather(evx_recovery *recovery, evx_reader *reader, unsigned input,
                               evx_error *error)
{
    if (recovery->engine != reader->engine || input == UINT32_MAX)
        return error_argument(error, "the recovery and the reader have one engine");
    evx_status status = reader_start_pass(reader, true, error);
    for (uint64_t slot = 0; status == EVX_OK && slot < reader->slot_count; slot++)
        if (!gather_slot(recovery, reader->source, slot, input)) {
            error_set(error, EVX_ERR_MEMORY);
            status = EVX_ERR_MEMORY;
        }
    known_finish(&recovery->recovery.known);
    return status;
}

static evx_status find_error(evx_error *error, enum finding finding)
{
    const int number = errno;
    evx_status status = finding == FINDING_NO_MEMORY ? EVX_ERR_MEMORY : EVX_ERR_IO;
    error_set(error, status);
    if (status == EVX_ERR_IO && error) {
        error->system_errno = number;
        error_add_cause(error, "%s (os error %d)", file_error_text(number), number);
    }
    return status;
}

// Takes over the source, on failure too.
static evx_status open_remains(evx_engine *engine, struct source *input, uint64_t from,
                               evx_reader **ret_reader, evx_error *error)
{
    struct found_windows found;
    const enum finding finding = find_windows(input, from, &engine->memory, &found);
    struct source *remains = finding == FINDING_DONE ? window_source_open(input, &found) : NULL;
    if (!remains) {
        const evx_status status =
            find_error(error, finding == FINDING_DONE ? FINDING_NO_MEMORY : finding);
        if (finding == FINDING_DONE)
            found_windows_destroy(&found);
        source_close(input);
        return status;
    }
    const uint64_t slots = found.count;
    evx_status status = reader_open(engine, remains, ret_reader, error);
    if (status == EVX_OK) { // in the order of the input, whatever their records say
        (*ret_reader)->order_known = true;
        (*ret_reader)->slot_count = slots;
    }
    return status;
}

evx_status evx_open_remains(evx_engine *engine, const evx_input *input, uint64_t from,
                            evx_reader **ret_reader, uint64_t *ret_next, evx_error *error)
{
    struct source *source;
    if (!ALL_NULL(input->reserved))
        return error_argument(error, "an input ends with zeros");
    errno = source_open_input(&engine->memory, input, &source);
    if (errno)
        return find_error(error, errno == ENOMEM ? FINDING_NO_MEMORY : FINDING_UNREADABLE);
    evx_status status = open_remains(engine, source, from, ret_reader, error);
    if (status == EVX_OK)
        *ret_next = window_source_next((*ret_reader)->source);
    return status;
}
