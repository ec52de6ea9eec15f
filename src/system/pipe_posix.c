// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "system/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/check.h"

struct pipe {
    struct memory *allocator;
    int fd;
    int wake[2]; // a pipe of our own: the first end is readable once this one is interrupted
};

int pipe_open(struct memory *allocator, int fd, struct pipe **ret_pipe)
{
    struct pipe *pipe = memory_allocate_zeroed(allocator, sizeof *pipe);
    if (!pipe)
        return ENOMEM;
    if (pipe2(pipe->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        int number = errno;
        memory_release(allocator, pipe, sizeof *pipe);
        return number;
    }
    pipe->allocator = allocator;
    pipe->fd = fd;
    *ret_pipe = pipe;
    return 0;
}

// Until the pipe has something to give: bytes, its end or an error.
static bool wait_for_bytes(const struct pipe *pipe)
{
    struct pollfd wanted[] = {{.fd = pipe->fd, .events = POLLIN},
                              {.fd = pipe->wake[0], .events = POLLIN}};
    while (poll(wanted, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    errno = ECANCELED;
    return !wanted[1].revents;
}

// The pipe may have come to us in non-blocking mode; to put it in that mode ourselves would change
// it for those who share it.
int64_t pipe_read(struct pipe *pipe, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        if (!wait_for_bytes(pipe))
            return -1;
        ssize_t n = read(pipe->fd, (uint8_t *)buffer + done, size - done);
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

void pipe_interrupt(struct pipe *pipe)
{
    ssize_t n = write(pipe->wake[1], "", 1);
    (void)n; // a full pipe is as readable
}

void pipe_close(struct pipe *pipe)
{
    close(pipe->fd);
    close(pipe->wake[0]);
    close(pipe->wake[1]);
    memory_release(pipe->allocator, pipe, sizeof *pipe);
}

#endif
