// SPDX-License-Identifier: MIT
// A pipe. It starts as a sequential source that remembers its first bytes (they decide whether the
// order of the chunks is certain); from there it is either read front to back or spooled to a
// temporary file.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "bytes/source.h"

enum {
    // The file header block, the header of the first slot and that of its first record.
    STREAM_HEAD_BYTES = 4096 + 512 + 24,
    SPOOL_PIECE_BYTES = 64 << 10,
};

struct source_stream {
    struct source source;
    int fd;
    int wake_fd;       // an eventfd; readable once the stream is interrupted
    int spool_fd;      // -1: not spooled
    uint64_t position; // bytes taken from the pipe
    size_t head_size;  // bytes of head that are filled
    uint8_t head[STREAM_HEAD_BYTES];
};

// Until the pipe has something to give: bytes, its end or an error.
static bool wait_for_pipe(const struct source_stream *stream)
{
    struct pollfd wanted[] = {{.fd = stream->fd, .events = POLLIN},
                              {.fd = stream->wake_fd, .events = POLLIN}};
    while (poll(wanted, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    errno = ECANCELED;
    return !wanted[1].revents;
}

// read(2) until the buffer is full or the pipe ends. The pipe may have come to us in non-blocking
// mode; to put it in that mode ourselves would change it for those who share it.
static int64_t read_fully(struct source_stream *stream, uint8_t *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        if (!wait_for_pipe(stream))
            return -1;
        ssize_t n = read(stream->fd, buffer + done, size - done);
        EVX_CHECK(n <= (ssize_t)(size - done));
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR && errno != EAGAIN)
            return -1;
    }
    return (int64_t)done;
}

static int64_t fill_head(struct source_stream *stream, uint64_t end)
{
    if (end > STREAM_HEAD_BYTES)
        end = STREAM_HEAD_BYTES;
    if (stream->position != stream->head_size || stream->head_size >= end)
        return 0;
    int64_t n =
        read_fully(stream, stream->head + stream->head_size, (size_t)end - stream->head_size);
    if (n < 0)
        return -1;
    stream->head_size += (size_t)n;
    stream->position += (uint64_t)n;
    return 0;
}

static int64_t read_from_pipe(struct source_stream *stream, uint8_t *buffer, size_t size,
                              uint64_t offset)
{
    EVX_CHECK(stream->position >= stream->head_size);
    if (offset != stream->position) {
        errno = ESPIPE;
        return -1;
    }
    int64_t n = read_fully(stream, buffer, size);
    if (n > 0)
        stream->position += (uint64_t)n;
    // What cannot be read any more has ended, too: no slot behind it will be asked for.
    if (n < 0 || (size_t)n < size)
        stream->source.size = stream->position;
    return n;
}

static int64_t stream_read_at(struct source *source, void *buffer, size_t size, uint64_t offset)
{
    struct source_stream *stream = (struct source_stream *)source;
    if (stream->spool_fd >= 0)
        return pread_fully(stream->spool_fd, buffer, size, offset);
    size_t done = 0;
    if (offset < STREAM_HEAD_BYTES) {
        if (fill_head(stream, offset + size) < 0)
            return -1;
        EVX_CHECK(stream->head_size <= STREAM_HEAD_BYTES);
        if (offset >= stream->head_size)
            return 0;
        done = stream->head_size - (size_t)offset;
        if (done > size)
            done = size;
        memcpy(buffer, stream->head + offset, done);
        if (done == size || stream->head_size < STREAM_HEAD_BYTES)
            return (int64_t)done;
    }
    int64_t n = read_from_pipe(stream, (uint8_t *)buffer + done, size - done, offset + done);
    return n < 0 ? -1 : (int64_t)done + n;
}

static void stream_close(struct source *source)
{
    struct source_stream *stream = (struct source_stream *)source;
    close(stream->fd);
    close(stream->wake_fd);
    if (stream->spool_fd >= 0)
        close(stream->spool_fd);
    memory_release(source->allocator, stream, sizeof *stream);
}

int source_open_stream(struct memory *allocator, int fd, struct source **ret_source)
{
    struct source_stream *stream = memory_allocate_zeroed(allocator, sizeof *stream);
    if (!stream)
        return ENOMEM;
    stream->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (stream->wake_fd < 0) {
        int number = errno;
        memory_release(allocator, stream, sizeof *stream);
        return number;
    }
    stream->source.read_at = stream_read_at;
    stream->source.close = stream_close;
    stream->source.allocator = allocator;
    stream->source.size = EVX_NONE;
    stream->source.sequential = true;
    stream->fd = fd;
    stream->spool_fd = -1;
    *ret_source = &stream->source;
    return 0;
}

void source_stream_interrupt(struct source *source)
{
    eventfd_write(((struct source_stream *)source)->wake_fd, 1);
}

int source_temporary_file(void)
{
    const char *directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/evx.XXXXXX", directory) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int write_fully(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static int copy_rest(struct source_stream *stream, int spool_fd, uint8_t *piece)
{
    int64_t n;
    while ((n = read_fully(stream, piece, SPOOL_PIECE_BYTES)) > 0) {
        int error = write_fully(spool_fd, piece, (size_t)n);
        if (error)
            return error;
        stream->position += (uint64_t)n;
    }
    return n < 0 ? errno : 0;
}

int source_stream_spool(struct source *source, int spool_fd)
{
    struct source_stream *stream = (struct source_stream *)source;
    uint8_t *piece = memory_allocate(source->allocator, SPOOL_PIECE_BYTES);
    int error = piece ? write_fully(spool_fd, stream->head, stream->head_size) : ENOMEM;
    if (!error)
        error = copy_rest(stream, spool_fd, piece);
    memory_release(source->allocator, piece, SPOOL_PIECE_BYTES);
    if (error)
        return error;
    stream->spool_fd = spool_fd;
    EVX_CHECK(source->sequential && stream->spool_fd == spool_fd);
    source->size = stream->position;
    source->sequential = false;
    return 0;
}
