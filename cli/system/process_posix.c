// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// A closed standard descriptor would be reused for the next file opened, and our messages would end
// up in it.
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            exit(EXIT_FAILURE);
    }
}

void process_begin(int *argument_count, char ***arguments)
{
    (void)argument_count, (void)arguments;
    fill_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
}

void process_interrupt(void)
{
    raise(SIGINT);
}

bool process_input_is_empty(void)
{
    struct stat status;
    if (fstat(STDIN_FILENO, &status) < 0)
        return true;
    if (S_ISREG(status.st_mode))
        return lseek(STDIN_FILENO, 0, SEEK_CUR) >= status.st_size;
    if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) // /dev/null
        return true;
    int waiting = 1;
    poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, -1);
    return ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0;
}

bool process_shares_output(int fd, int other_fd)
{
    struct stat one, other;
    return fstat(fd, &one) == 0 && fstat(other_fd, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

void process_widen_pipe(int fd, size_t bytes)
{
#ifdef F_SETPIPE_SZ
    fcntl(fd, F_SETPIPE_SZ, (int)bytes); // refused on anything else
#else
    (void)fd, (void)bytes;
#endif
}

void process_expand_name(const char *name, void (*take)(void *context, const char *path),
                         void *context)
{
    take(context, name);
}

char process_list_separator(void)
{
    return ':';
}

#endif
