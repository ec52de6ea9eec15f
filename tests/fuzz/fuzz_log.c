// SPDX-License-Identifier: MIT
// Guards the whole way from the bytes of a file to text: any bytes, each format, with recovery and without.
#include <stddef.h>
#include <stdint.h>

#include <evx/evx.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int discard(void *context, const void *bytes, size_t size)
{
    *(uint64_t *)context += size;
    (void)bytes;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_JSONL};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error;
    uint64_t written = 0;

    if (evx_engine_create(NULL, &engine, &error) != EVX_OK)
        return 0;
    for (int i = 0; i < 6; i++) {
        const evx_sink sink = {.write = discard, .context = &written};
        const evx_convert_options options = {.size = sizeof(options), .format = formats[i % 3],
                                             .threads = 1, .recover = i / 3, .compact = i / 3,
                                             .separate_attributes = i / 3};
        if (evx_open_memory(engine, bytes, size, &reader, &error) != EVX_OK)
            break;
        evx_convert(reader, &options, &sink, NULL, &error);
        evx_close(&reader);
    }
    evx_engine_destroy(&engine);
    return 0;
}
