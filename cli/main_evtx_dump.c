// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "commands.h"
#include "report.h"

static int run_command(const struct options *options)
{
    switch (options->command->id) {
    case CMD_EVTX_DUMP:
        return command_dump(options);
    case CMD_EVTX_DUMP_INFO:
        return command_info(options);
    case CMD_EVTX_DUMP_EXTRACT:
        return command_extract(options);
    case CMD_EVTX_DUMP_INSTANCES:
        return command_instances(options);
    case CMD_EVTX_DUMP_APPLY:
        return command_apply(options);
    default:
        report_line("Error: %s is not available in this version yet", options->command->word);
        return EXIT_FAILURE;
    }
}

int main(int argument_count, char **arguments)
{
    return program_run(CMD_EVTX_DUMP, run_command, argument_count, arguments);
}
