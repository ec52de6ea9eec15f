// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "archives.h"
#include "commands.h"
#include "report.h"
#include "system/process.h"

int program_run(enum command_id program, int (*run_command)(const struct options *options),
                int argument_count, char **arguments)
{
    process_begin(&argument_count, &arguments);
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
    return code == EXIT_SUCCESS && archive_was_damaged() ? EXIT_FAILURE : code;
}
