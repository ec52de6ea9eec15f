// SPDX-License-Identifier: MIT
// Reads of a pipe that another thread can end while they wait for the writer.
#ifndef EVX_SYSTEM_PIPE_H
#define EVX_SYSTEM_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

struct pipe;

// 0, or the errno value that stood in the way. The descriptor is closed with the pipe.
int pipe_open(struct memory *allocator, int fd, struct pipe **ret_pipe);
// Less than size only at the end; -1 with errno set, ECANCELED once the pipe is interrupted.
int64_t pipe_read(struct pipe *pipe, void *buffer, size_t size);
// By any thread: ends a read that waits, and every later one.
void pipe_interrupt(struct pipe *pipe);
void pipe_close(struct pipe *pipe);

#endif
