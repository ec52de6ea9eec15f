// SPDX-License-Identifier: MIT
// Finds chunks, and records without a chunk, wherever they lie in an input of any size: windows of
// at most CHUNK_BYTES that are read as chunks.
#ifndef EVX_SALVAGE_FINDER_H
#define EVX_SALVAGE_FINDER_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/source.h"

enum {
    WINDOWS_MAX = 1 << 16, // of one search: constant memory for inputs of any size
};

struct window {
    int64_t place;      // in the input, of the chunk's first byte; it may lie in front of it
    uint32_t from, end; // what is used of it: bytes from its place on
    bool is_loose;      // no header is used
};

struct found_windows {
    struct memory *memory;
    struct window *windows;
    uint32_t count, capacity;
    uint64_t next; // where to look on; EVX_NONE: the end of the input was reached
};

enum finding { FINDING_DONE, FINDING_NO_MEMORY, FINDING_UNREADABLE /* errno */ };

// Looks from an offset on. Bytes that cannot be read are passed over, unless they are the first.
enum finding find_windows(struct source *source, uint64_t from, struct memory *memory,
                          struct found_windows *ret);
void found_windows_destroy(struct found_windows *windows);

#endif
