// SPDX-License-Identifier: MIT
// Guards whole files: any bytes, in every format, from memory and in parts, with one thread and two, cold
// and warm; all must agree and be well formed.
#include "cross_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size <= FILE_HEADER_BLOCK_BYTES + 4 * CHUNK_BYTES)
        cross_check(bytes, size, 2);
    return 0;
}
