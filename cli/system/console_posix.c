// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "console.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

struct console_keys {
    int fd;
    struct termios before;
};

bool console_is(int fd)
{
    return isatty(fd);
}

bool console_is_same(int fd, int other_fd)
{
    struct stat one, other;
    return isatty(fd) && fstat(fd, &one) == 0 && fstat(other_fd, &other) == 0 &&
           one.st_rdev == other.st_rdev;
}

struct console_keys *console_open_keys(void)
{
    struct console_keys *keys = malloc(sizeof *keys);
    if (!keys)
        return NULL;
    keys->fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    if (keys->fd < 0 || tcgetattr(keys->fd, &keys->before) < 0) {
        if (keys->fd > STDERR_FILENO)
            close(keys->fd);
        free(keys);
        return NULL;
    }
    struct termios raw = keys->before;
    // Signals are off too: an interrupt must not leave the terminal without echo and cursor.
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    raw.c_iflag &= ~(tcflag_t)ICRNL;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(keys->fd, TCSADRAIN, &raw);
    return keys;
}

int console_read_key(struct console_keys *keys)
{
    unsigned char key;
    return read(keys->fd, &key, 1) == 1 ? key : -1;
}

void console_close_keys(struct console_keys *keys)
{
    tcsetattr(keys->fd, TCSADRAIN, &keys->before);
    if (keys->fd != STDIN_FILENO)
        close(keys->fd);
    free(keys);
}

#endif
