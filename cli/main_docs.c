// SPDX-License-Identifier: MIT
// Build tool: writes man pages and shell completions from the option table, on the standard output.
//   cli_docs man PROGRAM SECTIONS_FILE | bash PROGRAM | zsh PROGRAM | fish PROGRAM
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docs.h"

static int copy_file(const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return EXIT_FAILURE;
    for (int c; (c = getc(in)) != EOF;)
        putchar(c);
    fclose(in);
    return EXIT_SUCCESS;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 3)
        return EXIT_FAILURE;
    const char *kind = arguments[1];
    enum command_id id = strcmp(arguments[2], "evx") == 0 ? CMD_EVX : CMD_EVTX_DUMP;
    const struct command_spec *program = command_get(id);
    int code = EXIT_SUCCESS;
    if (strcmp(kind, "man") == 0 && argument_count == 4) {
        docs_write_man(stdout, program);
        code = copy_file(arguments[3]);
    } else if (strcmp(kind, "bash") == 0) {
        docs_write_bash(stdout, program);
    } else if (strcmp(kind, "zsh") == 0) {
        docs_write_zsh(stdout, program);
    } else if (strcmp(kind, "fish") == 0) {
        docs_write_fish(stdout, program);
    } else {
        code = EXIT_FAILURE;
    }
    return fflush(stdout) == 0 ? code : EXIT_FAILURE;
}
