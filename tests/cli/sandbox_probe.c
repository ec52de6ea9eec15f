// SPDX-License-Identifier: MIT
// Enters the sandbox with the right to read one path, and then tells what can still be done.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox.h"

static const char *can_open(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? "yes" : "no";
}

int main(int count, char **arguments)
{
    struct sandbox sandbox;
    if (count < 3)
        return 2;
    sandbox_begin(&sandbox);
    if (sandbox.rules < 0)
        return 77;
    sandbox_let_usual(&sandbox);
    sandbox_let_read(&sandbox, arguments[1]);
    sandbox_enter(&sandbox);
    const char *folder = getenv("TMPDIR");
    printf("named %s\n", can_open(arguments[1], O_RDONLY));
    printf("write %s\n", can_open(arguments[1], O_WRONLY));
    printf("other %s\n", can_open(arguments[2], O_RDONLY));
    printf("temporary %s\n", can_open(folder ? folder : "/tmp", O_TMPFILE | O_RDWR));
    printf("socket %s\n", socket(AF_INET, SOCK_STREAM, 0) >= 0 ? "yes" : "no");
    fflush(stdout);
    execl("/bin/sh", "sh", "-c", "echo exec yes", (char *)NULL);
    printf("exec no\n");
    return 0;
}
