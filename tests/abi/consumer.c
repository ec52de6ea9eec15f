// SPDX-License-Identifier: MIT
// The smallest whole use of the library: makes a log, converts it, counts records. The tests of the
// installed library build it in every way that users may.
#include <evx/evx.h>
#include <evx/evx_generate.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    char *bytes;
    size_t size;
};

static int append(void *context, const void *bytes, size_t size)
{
    struct buffer *buffer = context;
    char *grown = realloc(buffer->bytes, buffer->size + size);
    if (!grown)
        return -1;
    memcpy(grown + buffer->size, bytes, size);
    buffer->bytes = grown;
    buffer->size += size;
    return 0;
}

int main(void)
{
    const evx_generate_options gen = {
        .size = sizeof(gen), .profile = "security", .size_bytes = 200000, .seed = 1};
    const evx_convert_options options = {.size = sizeof(options), .format = EVX_FORMAT_JSONL};
    struct buffer log = {0}, text = {0};
    const evx_sink sink = {.write = append, .context = &text};
    evx_convert_result result = {0};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error = {0};

    if (evx_abi_version() != EVX_ABI_VERSION)
        return 2;
    evx_status status = evx_generate(&gen, append, &log, &error);
    if (status == EVX_OK)
        status = evx_engine_create(NULL, &engine, &error);
    if (status == EVX_OK)
        status = evx_open_memory(engine, log.bytes, log.size, &reader, &error);
    if (status == EVX_OK)
        status = evx_convert(reader, &options, &sink, &result, &error);
    printf("evx %s: %s, %llu records, %zu bytes of JSONL\n", evx_version(), evx_status_name(status),
           (unsigned long long)result.records, text.size);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    free(log.bytes);
    free(text.bytes);
    return status == EVX_OK && result.records > 0 && result.errors == 0 ? 0 : 1;
}
