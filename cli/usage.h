// SPDX-License-Identifier: MIT
// Usage lines and help texts, from the command table.
#ifndef EVX_CLI_USAGE_H
#define EVX_CLI_USAGE_H

#include <stdio.h>

#include "command_table.h"

// The options that a usage line of an error names, in the order they were used.
struct used_options {
    const struct option_spec *options[OPTION_COUNT];
    size_t count;
    bool positional;
};
void used_add(struct used_options *used, const struct option_spec *option);
bool used_contains(const struct used_options *used, const struct option_spec *option);
void used_remove(struct used_options *used, const struct option_spec *option);

// One line without LF. used NULL or empty: the general form, as in the help.
void usage_write(FILE *out, const struct command_spec *command, const struct used_options *used);
void help_write(FILE *out, const struct command_spec *command, bool full);

#endif
