// SPDX-License-Identifier: MIT
#include "fd_input.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t fd_input_read(int fd, void *buffer, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, (char *)buffer + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

int64_t fd_input_size(int fd)
{
    struct stat status;
    return fstat(fd, &status) < 0 ? -1 : status.st_size;
}
