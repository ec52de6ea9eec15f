// SPDX-License-Identifier: MIT
// The command line as typed, checked against options.def. Usage errors have the texts of version
// 0.15.1 of the reference, which scripts and wrappers may compare; so the rules of its parser are
// followed too, down to the order in which mistakes are noticed.
#ifndef EVX_CLI_OPTIONS_H
#define EVX_CLI_OPTIONS_H

#include <evx/evx.h>

#include "command_table.h"

struct option_value {
    unsigned count;     // how often it was given
    const char **texts; // count of them; NULL for flags
    uint64_t number;    // of numeric kinds; the default when count is 0
};

struct options {
    const struct command_spec *command;
    struct option_value values[OPTION_COUNT];
    const char **inputs; // positional arguments
    size_t input_count;
    evx_id_range *ids; // of --events
    size_t id_count;
};

enum {
    OPTIONS_RUN = -1, // no exit code: go on with what was parsed
    EXIT_USAGE = 2,
};

// Prints help, version or a usage error and returns the exit code, or returns OPTIONS_RUN.
int options_parse(enum command_id program, char **arguments, size_t argument_count,
                  struct options *ret_options);
void options_free(struct options *options);

// What was given, or the default of the command; NULL without either.
const char *options_text(const struct options *options, enum option_id id);
static inline bool options_flag(const struct options *options, enum option_id id)
{
    return options->values[id].count > 0;
}

#endif
