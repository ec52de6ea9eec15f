// SPDX-License-Identifier: MIT
#include "commands.h"
#include "input.h"

static int run_command(const struct options *options)
{
    switch (options->command->id) {
    case CMD_EVX_QUERY:
        return command_query(options);
    case CMD_EVX_STATS:
        return command_stats(options);
    case CMD_EVX_INFO:
        return command_info(options);
    case CMD_EVX_VERIFY:
        return command_verify(options);
    case CMD_EVX_TEMPLATES:
        return command_templates(options);
    case CMD_EVX_PACK_BUILD:
    case CMD_EVX_PACK_IMPORT:
    case CMD_EVX_PACK_SHOW:
    case CMD_EVX_PACK_DIFF:
    case CMD_EVX_PACK_MERGE:
        return command_pack(options);
    case CMD_EVX_GEN:
        return command_gen(options);
    default:
        return command_dump(options);
    }
}

int main(int argument_count, char **arguments)
{
    input_explain_wrong_files();
    return program_run(CMD_EVX, run_command, argument_count, arguments);
}
