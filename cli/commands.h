// SPDX-License-Identifier: MIT
// What the commands do, once their options are parsed. Each returns the exit code of the program.
#ifndef EVX_CLI_COMMANDS_H
#define EVX_CLI_COMMANDS_H

#include "options.h"

int command_dump(const struct options *options);
int command_query(const struct options *options);
int command_stats(const struct options *options);
int command_verify(const struct options *options);
int command_info(const struct options *options);
int command_templates(const struct options *options);
int command_extract(const struct options *options);
int command_instances(const struct options *options);
int command_apply(const struct options *options);
int command_pack(const struct options *options);
int command_gen(const struct options *options);

// Everything between main and its end. Each program knows which commands it has, so that evtx_dump
// is not linked with what is evx's alone.
int program_run(enum command_id program, int (*run_command)(const struct options *options),
                int argument_count, char **arguments);

#endif
