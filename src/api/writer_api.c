// SPDX-License-Identifier: MIT
#include <evx/writer.h>

#include <string.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/load.h"
#include "base/versioned.h"
#include "container/layout.h"
#include "rewrite/log_consumer.h"
#include "system/file.h"

struct evx_writer {
    struct evx_engine *engine;
    encode_builder *builder;
    struct log_consumer log;
    int fd;
    int system_errno; // why writing failed; 0: it has not
    uint64_t offset;
};

static bool write_all(struct evx_writer *writer, const void *bytes, size_t size, uint64_t offset)
{
    const int number = file_write_at(writer->fd, bytes, size, offset);
    if (number)
        writer->system_errno = number;
    return number == 0;
}

static int write_on(void *context, const void *bytes, size_t size)
{
    struct evx_writer *writer = context;
    if (!write_all(writer, bytes, size, writer->offset))
        return -1;
    writer->offset += size;
    return 0;
}

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

// What the builder's sticky error means.
static evx_status builder_error(const struct evx_writer *writer, evx_error *error)
{
    if (!writer->system_errno)
        return no_memory(error);
    error_set(error, EVX_ERR_IO);
    error_add_cause(error, "%s (os error %d)", file_error_text(writer->system_errno),
                    writer->system_errno);
    if (error)
        error->system_errno = writer->system_errno;
    return EVX_ERR_IO;
}

evx_status evx_writer_create(evx_engine *engine, int fd, evx_writer **ret_writer, evx_error *error)
{
    struct evx_writer *writer = memory_allocate_zeroed(&engine->memory, sizeof *writer);
    if (!writer)
        return no_memory(error);
    *writer = (struct evx_writer){.engine = engine, .builder = encode_create(), .fd = fd};
    writer->log = log_consumer(&engine->memory, writer->builder);
    if (!writer->builder) {
        evx_writer_destroy(&writer);
        return no_memory(error);
    }
    encode_set_sink(writer->builder, write_on, writer);
    *ret_writer = writer;
    return EVX_OK;
}

void evx_writer_destroy(evx_writer **handle)
{
    if (!handle || !*handle)
        return;
    struct evx_writer *writer = *handle;
    log_consumer_destroy(&writer->log);
    encode_free(&writer->builder);
    memory_release(&writer->engine->memory, writer, sizeof *writer);
    *handle = NULL;
}

evx_status evx_writer_add(evx_writer *writer, evx_reader *reader,
                          const evx_convert_options *options, const evx_sink *sink,
                          evx_convert_result *result, evx_error *error)
{
    static const evx_sink nothing = {0};
    struct conversion conversion = {.sink = sink ? sink : &nothing};
    evx_convert_result ignored;
    result = result ? result : &ignored;
    *result = (evx_convert_result){0};
    if (reader->engine != writer->engine)
        return error_argument(error, "the reader is one of another engine");
    if (!ALL_NULL(conversion.sink->reserved))
        return error_argument(error, "a sink ends with zeros");
    evx_status status = options_read(writer->engine, options, &conversion, error);
    if (status != EVX_OK)
        return status;
    if (conversion.reverse || conversion.max_records)
        return error_argument(error, "a log is written in the order of its input, to the end");
    conversion.only_counts = true; // there is no text
    conversion.has_header = false;
    conversion.instead = &writer->log.consumer;
    conversion.job.threads = 1;
    status = convert_into(reader, &conversion, result, error);
    return encode_error(writer->builder) ? builder_error(writer, error) : status;
}

static bool write_header(struct evx_writer *writer)
{
    uint8_t header[128] = FILE_MAGIC;
    const uint64_t slots = encode_slots(writer->builder);
    EVX_CHECK(slots > 0);
    store_u64(header + FILE_LAST_CHUNK_OFFSET, slots - 1);
    store_u64(header + FILE_NEXT_RECORD_ID_OFFSET, writer->log.records + 1);
    store_u32(header + FILE_HEADER_SIZE_OFFSET, sizeof header);
    store_u16(header + FILE_MINOR_VERSION_OFFSET, 1);
    store_u16(header + FILE_MAJOR_VERSION_OFFSET, 3);
    store_u16(header + FILE_BLOCK_SIZE_OFFSET, FILE_HEADER_BLOCK_BYTES);
    store_u16(header + FILE_CHUNK_COUNT_OFFSET, (uint16_t)slots);
    encode_seal_file_header(header);
    return write_all(writer, header, sizeof header, 0);
}

evx_status evx_writer_finish(evx_writer *writer, uint64_t *ret_records, uint64_t *ret_left_out,
                             evx_error *error)
{
    if (writer->log.records == 0)
        encode_add_empty_chunk(writer->builder);
    if (encode_finish_stream(writer->builder) != 0 || !write_header(writer))
        return builder_error(writer, error);
    if (ret_records)
        *ret_records = writer->log.records;
    if (ret_left_out)
        *ret_left_out = writer->log.left_out;
    return EVX_OK;
}
