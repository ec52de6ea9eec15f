// SPDX-License-Identifier: MIT
// A seekable descriptor, read with pread: bytes that change or vanish under the reader (a live log,
// a truncation) can then never fault, unlike with a memory map.
#include <errno.h>

#include "bytes/source.h"
#include "system/file.h"

struct source_file {
    struct source source;
    int fd;
    uint64_t base; // where the input begins in the descriptor
};

static int64_t source_file_read_at(struct source *source, void *buffer, size_t size,
                                   uint64_t offset)
{
    struct source_file *file = (struct source_file *)source;
    return file_read_at(file->fd, buffer, size, file->base + offset);
}

static bool source_file_is_hole(struct source *source, uint64_t offset, size_t size)
{
    const struct source_file *file = (struct source_file *)source;
    return file_is_hole(file->fd, file->base + offset, size);
}

static void source_file_close(struct source *source)
{
    struct source_file *file = (struct source_file *)source;
    file_close(file->fd);
    memory_release(source->allocator, file, sizeof *file);
}

int source_open_file(struct memory *allocator, int fd, uint64_t base, struct source **ret_source)
{
    int64_t end = file_end(fd); // also the size of a block device
    if (end < 0)
        return errno;
    struct source_file *file = memory_allocate_zeroed(allocator, sizeof *file);
    if (!file)
        return ENOMEM;
    file->source.read_at = source_file_read_at;
    file->source.is_hole = source_file_is_hole;
    file->source.close = source_file_close;
    file->source.allocator = allocator;
    file->source.size = (uint64_t)end > base ? (uint64_t)end - base : 0;
    file->fd = fd;
    file->base = base;
    *ret_source = &file->source;
    return 0;
}
