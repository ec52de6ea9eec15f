// SPDX-License-Identifier: MIT
// Inputs that the caller holds: bytes in memory, or callbacks for random access.
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "bytes/source.h"

struct source_input {
    struct source source;
    evx_input input;
};

static int64_t memory_read_at(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    if (offset >= source->size)
        return 0;
    size_t n = size < source->size - offset ? size : (size_t)(source->size - offset);
    memcpy(buffer, source->memory + offset, n);
    return (int64_t)n;
}

static void memory_close(struct source *source)
{
    memory_release(source->allocator, source, sizeof *source);
}

int source_open_memory(struct memory *allocator, const void *bytes, size_t size,
                       struct source **ret_source)
{
    struct source *source = memory_allocate_zeroed(allocator, sizeof *source);
    if (!source)
        return ENOMEM;
    source->read_at = memory_read_at;
    source->close = memory_close;
    source->allocator = allocator;
    source->memory = bytes;
    source->size = size;
    *ret_source = source;
    return 0;
}

static int64_t input_read_at(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    evx_input *input = &((struct source_input *)source)->input;
    size_t done = 0;
    while (done < size) {
        int64_t n =
            input->read(input->context, (uint8_t *)buffer + done, size - done, offset + done);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (uint64_t)n < size - done ? (size_t)n : size - done;
    }
    EVX_CHECK(done <= size);
    return (int64_t)done;
}

static void input_close(struct source *source)
{
    memory_release(source->allocator, source, sizeof(struct source_input));
}

int source_open_input(struct memory *allocator, const evx_input *input, struct source **ret_source)
{
    errno = EIO; // for callbacks that do not set it
    int64_t size = input->get_size(input->context);
    if (size < 0)
        return errno;
    struct source_input *source = memory_allocate_zeroed(allocator, sizeof *source);
    if (!source)
        return ENOMEM;
    source->source.read_at = input_read_at;
    source->source.close = input_close;
    source->source.allocator = allocator;
    source->source.size = (uint64_t)size;
    source->input = *input;
    *ret_source = &source->source;
    return 0;
}
