// SPDX-License-Identifier: MIT
#include "commands.h"

int main(int argument_count, char **arguments)
{
    return program_run(CMD_EVTX_DUMP, argument_count, arguments);
}
