// SPDX-License-Identifier: MIT
// Guards the whole way from the bytes of a file to text: any bytes, each format, with recovery and without,
// through programs and through the walker.
#include "runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_JSONL};
    for (int i = 0; i < 6; i++) {
        const evx_convert_options options = {.size = sizeof(options), .format = formats[i % 3],
                                             .threads = 1, .recover = i / 3, .compact = i / 3,
                                             .separate_attributes = i / 3};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        run_free(&run);
    }
    return 0;
}
