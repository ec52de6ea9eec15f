// SPDX-License-Identifier: MIT
// Man pages and shell completions, from the command table.
#ifndef EVX_CLI_DOCS_H
#define EVX_CLI_DOCS_H

#include <stdio.h>

#include "command_table.h"

// Name, synopsis, description, options and commands; the other sections are written by hand.
void docs_write_man(FILE *out, const struct command_spec *program);
void docs_write_bash(FILE *out, const struct command_spec *program);
void docs_write_zsh(FILE *out, const struct command_spec *program);
void docs_write_fish(FILE *out, const struct command_spec *program);

#endif
