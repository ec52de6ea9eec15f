// SPDX-License-Identifier: MIT
// A seekable descriptor, read with pread: bytes that change or vanish under the reader (a live log,
// a truncation) can then never fault, unlike with a memory map.
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "bytes/source.h"

struct source_file {
    struct source source;
    int fd;
    uint64_t base; // where the input begins in the descriptor
};

int64_t pread_fully(int fd, void *buffer, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, (uint8_t *)buffer + done, size - done, (off_t)(offset + done));
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return -1;
    }
    EVX_CHECK(done <= size);
    return (int64_t)done;
}

static int64_t file_read_at(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    struct source_file *file = (struct source_file *)source;
    return pread_fully(file->fd, buffer, size, file->base + offset);
}

#ifdef SEEK_DATA
static bool file_is_hole(struct source *source, uint64_t offset, size_t size)
{
    const struct source_file *file = (struct source_file *)source;
    struct stat status;
    const uint64_t start = file->base + offset, end = start + size;
    off_t data = lseek(file->fd, (off_t)start, SEEK_DATA);
    if (data >= 0)
        return (uint64_t)data >= end;
    // No data from here on: a hole, unless the file has meanwhile become shorter.
    return errno == ENXIO && fstat(file->fd, &status) == 0 && (uint64_t)status.st_size >= end;
}
#endif

static void file_close(struct source *source)
{
    struct source_file *file = (struct source_file *)source;
    close(file->fd);
    memory_release(source->allocator, file, sizeof *file);
}

int source_open_file(struct memory *allocator, int fd, uint64_t base, struct source **ret_source)
{
    off_t end = lseek(fd, 0, SEEK_END); // also the size of a block device
    if (end < 0)
        return errno;
    struct source_file *file = memory_allocate_zeroed(allocator, sizeof *file);
    if (!file)
        return ENOMEM;
    file->source.read_at = file_read_at;
#ifdef SEEK_DATA
    file->source.is_hole = file_is_hole;
#endif
    file->source.close = file_close;
    file->source.allocator = allocator;
    file->source.size = (uint64_t)end > base ? (uint64_t)end - base : 0;
    file->fd = fd;
    file->base = base;
    *ret_source = &file->source;
    return 0;
}
