// SPDX-License-Identifier: MIT
#include "commands.h"

int main(int argument_count, char **arguments)
{
    return program_run(CMD_EVX, argument_count, arguments);
}
