// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/pipe.h"

#include <errno.h>
#include <io.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <windows.h>

#include "base/check.h"
#include "system/file.h"

struct pipe {
    struct memory *allocator;
    int fd;
    CRITICAL_SECTION lock; // of the reader's handle
    HANDLE reader;         // the thread that reads; NULL: none does
    atomic_bool is_interrupted;
};

int pipe_open(struct memory *allocator, int fd, struct pipe **ret_pipe)
{
    struct pipe *pipe = memory_allocate_zeroed(allocator, sizeof *pipe);
    if (!pipe)
        return ENOMEM;
    InitializeCriticalSection(&pipe->lock);
    pipe->allocator = allocator;
    pipe->fd = fd;
    *ret_pipe = pipe;
    return 0;
}

static void set_reader(struct pipe *pipe, HANDLE reader)
{
    EnterCriticalSection(&pipe->lock);
    if (pipe->reader)
        CloseHandle(pipe->reader);
    pipe->reader = reader;
    LeaveCriticalSection(&pipe->lock);
}

int64_t pipe_read(struct pipe *pipe, void *buffer, size_t size)
{
    size_t done = 0;
    int64_t n = 1;
    HANDLE reader = NULL, process = GetCurrentProcess();
    DuplicateHandle(process, GetCurrentThread(), process, &reader, 0, FALSE, DUPLICATE_SAME_ACCESS);
    set_reader(pipe, reader);
    while (n > 0 && done < size && !atomic_load(&pipe->is_interrupted)) {
        n = file_read(pipe->fd, (uint8_t *)buffer + done, size - done);
        EVX_CHECK(n <= (int64_t)(size - done));
        done += n > 0 ? (size_t)n : 0;
    }
    set_reader(pipe, NULL);
    if (atomic_load(&pipe->is_interrupted)) {
        errno = ECANCELED;
        return -1;
    }
    return n < 0 ? -1 : (int64_t)done;
}

// The call that waits is cancelled; between the look at the flag and the call there is a gap, so
// that this goes on until the reader has left.
void pipe_interrupt(struct pipe *pipe)
{
    atomic_store(&pipe->is_interrupted, true);
    for (;;) {
        EnterCriticalSection(&pipe->lock);
        const bool is_read = pipe->reader != NULL;
        if (is_read)
            CancelSynchronousIo(pipe->reader);
        LeaveCriticalSection(&pipe->lock);
        if (!is_read)
            return;
        Sleep(1);
    }
}

void pipe_close(struct pipe *pipe)
{
    set_reader(pipe, NULL);
    DeleteCriticalSection(&pipe->lock);
    EVX_CHECK(!pipe->reader);
    _close(pipe->fd);
    memory_release(pipe->allocator, pipe, sizeof *pipe);
}

#endif
