// SPDX-License-Identifier: MIT
// Where the bytes of an input come from: a file, memory, the caller's callbacks, or a pipe. Knows
// nothing of EVTX except that a pipe is read in whole slots (bytes/source_stream.c).
#ifndef EVX_BYTES_SOURCE_H
#define EVX_BYTES_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/memory.h"

struct source {
    // Random access; thread-safe. Fewer bytes than asked for only at the end; -1 with errno set.
    int64_t (*read_at)(struct source *source, void *buffer, size_t size, uint64_t offset);
    // NULL, or whether nothing was ever written to this range, which lies in the input: zeros,
    // then.
    bool (*is_hole)(struct source *source, uint64_t offset, size_t size);
    // NULL, or what makes of an offset the one of the same byte in the input, when it is added: for
    // a source that shows parts of an input as slots of a log. Some of them lack their header.
    uint64_t (*shift_of)(struct source *source, uint64_t offset, bool *ret_is_loose);
    void (*close)(struct source *source);
    const uint8_t *memory; // the whole input when it lies in memory, else NULL
    uint64_t size;         // bytes when opened; EVX_NONE while a stream has not ended
    bool sequential; // a pipe: offsets must be asked for in rising order, by one thread at a time
    struct memory *allocator;
};

// Fills the buffer unless the input ends. Returns the bytes read or -1 with errno set.
static inline int64_t source_read(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    return source->read_at(source, buffer, size, offset);
}

static inline void source_close(struct source *source)
{
    if (source)
        source->close(source);
}

// Each sets *ret_source, or returns the errno value that stood in the way.
int source_open_file(struct memory *allocator, int fd, uint64_t base, struct source **ret_source);
int source_open_memory(struct memory *allocator, const void *bytes, size_t size,
                       struct source **ret_source);
int source_open_input(struct memory *allocator, const evx_input *input, struct source **ret_source);
int source_open_stream(struct memory *allocator, int fd, struct source **ret_source);

// Copies what a stream has given so far and all the rest into a file, so that it can be read at
// random. Takes the file's descriptor on success. A failure costs the stream some of its bytes.
int source_stream_spool(struct source *stream, int spool_fd);

// Ends a read of the stream that waits for its writer, and every later one, with ECANCELED. Any
// thread may call it while another one reads.
void source_stream_interrupt(struct source *stream);

#endif
