// SPDX-License-Identifier: MIT
// The smallest whole use of the library: opens a log, converts it, counts records. The tests of the
// installed library build it in every way that users may.  usage: consumer LOG
#include <evx/evx.h>

#include <stdio.h>

static int count(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

int main(int argc, char **argv)
{
    const evx_convert_options options = {.size = sizeof(options), .format = EVX_FORMAT_JSONL};
    size_t written = 0;
    const evx_sink sink = {.write = count, .context = &written};
    evx_convert_result result = {0};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error = {0};

    if (argc != 2 || evx_abi_version() != EVX_ABI_VERSION)
        return 2;
    evx_status status = evx_engine_create(NULL, &engine, &error);
    if (status == EVX_OK)
        status = evx_open_file(engine, argv[1], &reader, &error);
    if (status == EVX_OK)
        status = evx_convert(reader, &options, &sink, &result, &error);
    printf("evx %s: %s, %llu records, %zu bytes of JSONL\n", evx_version(), evx_status_name(status),
           (unsigned long long)result.records, written);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return status == EVX_OK && result.records > 0 && result.errors == 0 ? 0 : 1;
}
