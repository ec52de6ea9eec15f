// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "report.h"

// A closed standard descriptor would be reused for the next file opened, and our messages would end
// up in it.
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            exit(EXIT_FAILURE);
    }
}

int program_run(enum command_id program, int (*run_command)(const struct options *options),
                int argument_count, char **arguments)
{
    fill_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); // a reader that goes away is told by EPIPE, and is no error
    if (evx_abi_version() != EVX_ABI_VERSION) {
        report_line("Error: libevx %s does not fit this program; install both from one release",
                    evx_version());
        return EXIT_FAILURE;
    }
    struct options options;
    size_t skip = argument_count > 0;
    int code = options_parse(program, arguments + skip, (size_t)argument_count - skip, &options);
    if (code == OPTIONS_RUN)
        code = run_command(&options);
    options_free(&options);
    return code;
}
