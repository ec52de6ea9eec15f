// SPDX-License-Identifier: MIT
// Runs a program and writes what it took to descriptor 3: "WALL_NS CPU_NS PEAK_BYTES EXIT_CODE".
//
// A small process in between: a new program's peak of memory begins with that of the process which
// started it, and the Python of the laboratory is larger than what it measures.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { REPORT = 3 };

static long long now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long ns(struct timeval time)
{
    return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

int main(int argc, char **argv)
{
    pid_t child;
    int status;
    struct rusage usage;
    if (argc < 2 || fcntl(REPORT, F_SETFD, FD_CLOEXEC) != 0)
        return 2;
    long long start = now_ns();
    int error = posix_spawnp(&child, argv[1], NULL, NULL, argv + 1, environ);
    if (error != 0) {
        dprintf(REPORT, "%s", strerror(error));
        return 1;
    }
    while (wait4(child, &status, 0, &usage) != child)
        if (errno != EINTR)
            return 2;
    long long wall = now_ns() - start;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    dprintf(REPORT, "%lld %lld %ld %d", wall, ns(usage.ru_utime) + ns(usage.ru_stime),
            usage.ru_maxrss * 1024, code);
    return 0;
}
