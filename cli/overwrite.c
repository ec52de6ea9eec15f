// SPDX-License-Identifier: MIT
#include "overwrite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "report.h"

#define HIDE_CURSOR "\x1b[?25l"
#define SHOW_CURSOR "\x1b[?25h"
#define CLEAR_LINE  "\r\x1b[2K"

static const char question[] = "Are you sure you want to override output file at";

// One key without Enter. -1 at the end of the input, else its byte.
static int read_key(int fd)
{
    unsigned char key;
    return read(fd, &key, 1) == 1 ? key : -1;
}

// 1 yes, 0 no, -1 no answer, 2 interrupted
static int read_answer(int fd)
{
    for (;;) {
        switch (read_key(fd)) {
        case 'y':
        case 'Y':
            return 1;
        case 'n':
        case 'N':
        case '\r':
        case '\n':
            return 0;
        case 3: // Ctrl-C
            return 2;
        case -1:
            return -1;
        }
    }
}

static int ask(int fd)
{
    struct termios before;
    if (tcgetattr(fd, &before) < 0)
        return -1;
    struct termios raw = before;
    // Signals are off too: an interrupt must not leave the terminal without echo and cursor.
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    raw.c_iflag &= ~(tcflag_t)ICRNL;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(fd, TCSADRAIN, &raw);
    int answer = read_answer(fd);
    tcsetattr(fd, TCSADRAIN, &before);
    return answer;
}

const char *overwrite_refused(const char *path)
{
    static const char no_prompt[] = "Failed to display confirmation prompt";
    if (!isatty(STDERR_FILENO))
        return no_prompt;
    int fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return no_prompt;
    dprintf(STDERR_FILENO, "%s %s [y/N] " HIDE_CURSOR, question, path);
    int answer = ask(fd);
    if (fd != STDIN_FILENO)
        close(fd);
    if (answer == 0 || answer == 1)
        dprintf(STDERR_FILENO, CLEAR_LINE "%s %s %s\n", question, path, answer ? "yes" : "no");
    report_text(SHOW_CURSOR);
    if (answer == 2)
        raise(SIGINT);
    if (answer < 0)
        return no_prompt;
    return answer == 1 ? NULL : "Cancelled";
}
