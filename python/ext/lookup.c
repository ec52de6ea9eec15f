// SPDX-License-Identifier: MIT
//
// Records that have gone by. What a record shows depends on its own chunk alone, so a reader over
// the file header and that chunk shows it again, wherever the first reader stands.
#include "ext.h"

static int64_t chunk_start(const struct lookup *lookup)
{
    return (int64_t)(EVX_FILE_HEADER_SIZE + lookup->chunk * EVX_CHUNK_SIZE);
}

// The input: the file header, then the chunk in the first slot.
static int64_t read_chunk(void *context, void *buffer, size_t size, uint64_t offset)
{
    struct lookup *lookup = context;
    const uint64_t end = EVX_FILE_HEADER_SIZE + EVX_CHUNK_SIZE;
    if (offset >= end)
        return 0;
    if (size > end - offset)
        size = (size_t)(end - offset);
    if (offset >= EVX_FILE_HEADER_SIZE)
        return input_read(lookup->input, buffer, size,
                          (uint64_t)chunk_start(lookup) + offset - EVX_FILE_HEADER_SIZE);
    const size_t front = EVX_FILE_HEADER_SIZE - (size_t)offset;
    if (size <= front)
        return input_read(lookup->input, buffer, size, offset);
    int64_t done = input_read(lookup->input, buffer, front, offset);
    if (done < (int64_t)front)
        return done;
    int64_t rest = input_read(lookup->input, (char *)buffer + front, size - front,
                              (uint64_t)chunk_start(lookup));
    return rest < 0 ? rest : done + rest;
}

static int64_t get_size(void *context)
{
    struct lookup *lookup = context;
    evx_input whole = input_for_library(lookup->input);
    int64_t size = whole.get_size(whole.context);
    if (size < 0)
        return -1;
    int64_t rest = size > chunk_start(lookup) ? size - chunk_start(lookup) : 0;
    return EVX_FILE_HEADER_SIZE + (rest < EVX_CHUNK_SIZE ? rest : EVX_CHUNK_SIZE);
}

void lookup_close(struct lookup *lookup)
{
    evx_close(&lookup->reader);
    lookup->has_record = false;
}

// The offset of a record as the lookup's reader sees it.
static uint64_t offset_in_lookup(const struct lookup *lookup, uint64_t offset)
{
    return offset - (uint64_t)chunk_start(lookup) + EVX_FILE_HEADER_SIZE;
}

static evx_status find(struct lookup *lookup, uint64_t offset, evx_error *error)
{
    for (;;) {
        evx_status status = evx_next(lookup->reader, &lookup->record, error);
        lookup->has_record = status == EVX_OK;
        if (status == EVX_OK && lookup->record.offset >= offset)
            return lookup->record.offset == offset ? EVX_OK : EVX_END;
        if (status == EVX_OK || status == EVX_NOTE || status == EVX_ERR_CHUNK ||
            status == EVX_ERR_RECORD)
            continue; // it has been told of when the record was first met
        return status;
    }
}

evx_status lookup_render(struct lookup *lookup, evx_engine *engine, struct input *input,
                         uint64_t chunk, uint64_t offset, const evx_render_options *options,
                         const char **ret_text, size_t *ret_size, evx_error *error)
{
    evx_status status = EVX_OK;
    if (chunk > (INT64_MAX - EVX_FILE_HEADER_SIZE) / EVX_CHUNK_SIZE - 1)
        return EVX_END;
    if (lookup->reader && (lookup->chunk != chunk || !lookup->has_record ||
                           lookup->record.offset > offset_in_lookup(lookup, offset)))
        lookup_close(lookup);
    lookup->input = input;
    lookup->chunk = chunk;
    if (!lookup->reader) {
        const evx_input one = {.read = read_chunk, .get_size = get_size, .context = lookup};
        status = evx_open_input(engine, &one, &lookup->reader, error);
    }
    const uint64_t wanted = offset_in_lookup(lookup, offset);
    if (status == EVX_OK && !(lookup->has_record && lookup->record.offset == wanted))
        status = find(lookup, wanted, error);
    if (status != EVX_OK)
        return status;
    return evx_render(lookup->reader, options, ret_text, ret_size, error);
}
