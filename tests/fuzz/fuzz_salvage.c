// SPDX-License-Identifier: MIT
// Guards recovery from any bytes: records are looked for everywhere, definitions gathered, and all that is
// proved is written, as JSON lines by one thread and by two, which must be equal, and as XML.
#include "runs.h"

#include <evx/recovery.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct bytes {
    const uint8_t *data;
    size_t size;
};

static int64_t read_bytes(void *context, void *buffer, size_t size, uint64_t offset)
{
    const struct bytes *bytes = context;
    if (offset >= bytes->size)
        return 0;
    size = size < bytes->size - offset ? size : bytes->size - offset;
    memcpy(buffer, bytes->data + offset, size);
    return (int64_t)size;
}

static int64_t get_size(void *context)
{
    return (int64_t)((const struct bytes *)context)->size;
}

static int on_write(void *context, const void *text, size_t size)
{
    text_add_bytes(context, text, size);
    return 0;
}

static struct text convert(evx_reader *reader, evx_convert_options options, evx_convert_result *result)
{
    struct text out = {0};
    const evx_sink sink = {.write = on_write, .context = &out};
    if (evx_convert(reader, &options, &sink, result, NULL) != EVX_OK)
        abort();
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    const evx_input input = {.read = read_bytes, .get_size = get_size, .context = &bytes};
    evx_engine *engine;
    evx_recovery *recovery;
    evx_reader *reader;
    uint64_t next = 0;
    if (evx_engine_create(NULL, &engine, NULL) || evx_recovery_create(engine, &recovery, NULL))
        abort();
    if (evx_open_remains(engine, &input, 0, &reader, &next, NULL) ||
        evx_recovery_gather(recovery, reader, 1, NULL))
        abort();
    evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1,
                                   .recovery = recovery, .recovery_input = 1};
    evx_convert_result one, two, three;
    struct text first = convert(reader, options, &one);
    options.threads = 2;
    struct text second = convert(reader, options, &two);
    options.format = EVX_FORMAT_XML;
    struct text third = convert(reader, options, &three);
    if (!text_equals(&first, &second) || one.records != two.records || next != EVX_NONE)
        abort();
    text_free(&first);
    text_free(&second);
    text_free(&third);
    evx_close(&reader);
    evx_recovery_destroy(&recovery);
    evx_engine_destroy(&engine);
    return 0;
}
