// SPDX-License-Identifier: MIT
#include "docs.h"

#include <stdlib.h>
#include <string.h>

#include <evx/evx_version.h>

#include "findings.h"
#include "system/memory_file.h"
#include "usage.h"

static void write_text(FILE *out, const char *text)
{
    bool line_begins = true;
    for (; *text; text++) {
        if (line_begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
        line_begins = *text == '\n';
    }
}

static void write_sentences(FILE *out, const char *help, const char *more)
{
    write_text(out, help);
    fputs(".\n", out);
    if (more[0]) {
        write_text(out, more);
        fputc('\n', out);
    }
}

static void write_option(FILE *out, const struct option_spec *option)
{
    fputs(".TP\n", out);
    if (option->short_name)
        fprintf(out, "\\fB\\-%c\\fR%s", option->short_name, option->long_name[0] ? ", " : "");
    if (option->long_name[0]) {
        fputs("\\fB\\-\\-", out);
        write_text(out, option->long_name);
        fputs("\\fR", out);
    }
    if (option_takes_value(option)) {
        fputs(" \\fI", out);
        write_text(out, option->value_name);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    write_sentences(out, option->help, option->more);
    const char *choice;
    size_t size;
    for (size_t i = 0; (choice = option_choice(option, i, &size)) != NULL; i++)
        fprintf(out, "%s%.*s", i ? ", " : "One of ", (int)size, choice);
    if (option->choices[0])
        fputs(".\n", out);
    if (option->fallback[0]) {
        fputs("The default is ", out);
        write_text(out, option->fallback);
        fputs(".\n", out);
    }
}

static void write_options(FILE *out, const struct command_spec *command)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++)
        write_option(out, option);
}

static void write_usage(FILE *out, const struct command_spec *command)
{
    char *text;
    size_t size;
    FILE *line = memory_file_open(&text, &size);
    if (!line)
        exit(EXIT_FAILURE);
    usage_write(line, command, NULL);
    if (!memory_file_close(line))
        exit(EXIT_FAILURE);
    write_text(out, text + strlen("Usage: "));
    fputc('\n', out);
    free(text);
}

static void write_command(FILE *out, const struct command_spec *command)
{
    fputs(".SS ", out);
    write_text(out, command->usage_name);
    fputc('\n', out);
    write_sentences(out, command->summary, command->description);
    write_options(out, command);
}

static void write_commands(FILE *out, const struct command_spec *program)
{
    const struct command_spec *child, *inner;
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        write_command(out, child);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++)
            write_command(out, inner);
    }
}

// Those of evx verify.
static void write_findings(FILE *out)
{
    const struct finding_text *text;
    fputs(".SH FINDINGS\n", out);
    for (size_t i = 0; (text = finding_text_at(i)) != NULL; i++) {
        fputs(".TP\n\\fB", out);
        write_text(out, text->name);
        fputs("\\fR\n", out);
        write_text(out, text->means);
        fputc('\n', out);
        if (text->innocent[0]) {
            fputs("Innocent: ", out);
            write_text(out, text->innocent);
            fputc('\n', out);
        }
    }
}

void docs_write_man(FILE *out, const struct command_spec *program)
{
    const struct command_spec *child, *inner;
    fputs(".\\\" SPDX-License-Identifier: MIT\n.\\\" Made from cli/options.def.\n.TH ", out);
    for (const char *c = program->word; *c; c++)
        fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
    fprintf(out, " 1 \"\" \"evx %s\" \"User Commands\"\n.SH NAME\n", EVX_VERSION_STRING);
    fprintf(out, "%s \\- ", program->word);
    write_text(out, program->summary);
    fputs("\n.SH SYNOPSIS\n.nf\n", out);
    write_usage(out, program);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        if (!command_child(child, 0))
            write_usage(out, child);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++)
            write_usage(out, inner);
    }
    fputs(".fi\n.SH DESCRIPTION\n", out);
    write_text(out, program->description);
    fputs("\n.SH OPTIONS\n", out);
    if (program->positional[0]) {
        fprintf(out, ".TP\n\\fI%s\\fR\n", program->positional);
        write_sentences(out, program->positional_help, "");
    }
    write_options(out, program);
    fputs(".SH COMMANDS\n", out);
    write_commands(out, program);
    if (program->id == CMD_EVX)
        write_findings(out);
}
