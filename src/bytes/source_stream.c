// SPDX-License-Identifier: MIT
// A pipe. It starts as a sequential source that remembers its first bytes (they decide whether the
// order of the chunks is certain); from there it is either read front to back or spooled to a
// temporary file.
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "bytes/source.h"
#include "system/file.h"
#include "system/pipe.h"

enum {
    // The file header block, the header of the first slot and that of its first record.
    STREAM_HEAD_BYTES = 4096 + 512 + 24,
    SPOOL_PIECE_BYTES = 64 << 10,
};

struct source_stream {
    struct source source;
    struct pipe *pipe;
    int spool_fd;      // -1: not spooled
    uint64_t position; // bytes taken from the pipe
    size_t head_size;  // bytes of head that are filled
    uint8_t head[STREAM_HEAD_BYTES];
};

static int64_t fill_head(struct source_stream *stream, uint64_t end)
{
    if (end > STREAM_HEAD_BYTES)
        end = STREAM_HEAD_BYTES;
    if (stream->position != stream->head_size || stream->head_size >= end)
        return 0;
    int64_t n =
        pipe_read(stream->pipe, stream->head + stream->head_size, (size_t)end - stream->head_size);
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
    int64_t n = pipe_read(stream->pipe, buffer, size);
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
        return file_read_at(stream->spool_fd, buffer, size, offset);
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
    pipe_close(stream->pipe);
    if (stream->spool_fd >= 0)
        file_close(stream->spool_fd);
    memory_release(source->allocator, stream, sizeof *stream);
}

int source_open_stream(struct memory *allocator, int fd, struct source **ret_source)
{
    struct source_stream *stream = memory_allocate_zeroed(allocator, sizeof *stream);
    if (!stream)
        return ENOMEM;
    int number = pipe_open(allocator, fd, &stream->pipe);
    if (number) {
        memory_release(allocator, stream, sizeof *stream);
        return number;
    }
    stream->source.read_at = stream_read_at;
    stream->source.close = stream_close;
    stream->source.allocator = allocator;
    stream->source.size = EVX_NONE;
    stream->source.sequential = true;
    stream->spool_fd = -1;
    *ret_source = &stream->source;
    return 0;
}

void source_stream_interrupt(struct source *source)
{
    pipe_interrupt(((struct source_stream *)source)->pipe);
}

static int copy_rest(struct source_stream *stream, int spool_fd, uint8_t *piece)
{
    int64_t n;
    while ((n = pipe_read(stream->pipe, piece, SPOOL_PIECE_BYTES)) > 0) {
        int error = file_write(spool_fd, piece, (size_t)n);
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
    int error = piece ? file_write(spool_fd, stream->head, stream->head_size) : ENOMEM;
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
