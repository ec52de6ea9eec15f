// SPDX-License-Identifier: MIT
#include "usage.h"

#include <string.h>

void used_remove(struct used_options *used, const struct option_spec *option)
{
    size_t kept = 0;
    for (size_t i = 0; i < used->count; i++) {
        if (used->options[i] != option)
            used->options[kept++] = used->options[i];
    }
    used->count = kept;
}

void used_add(struct used_options *used, const struct option_spec *option)
{
    used_remove(used, option);
    used->options[used->count++] = option;
}

bool used_contains(const struct used_options *used, const struct option_spec *option)
{
    for (size_t i = 0; i < used->count; i++) {
        if (used->options[i] == option)
            return true;
    }
    return false;
}

static bool has_optional(const struct command_spec *command)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        if (option->kind != KIND_HELP && option->kind != KIND_VERSION &&
            option->kind != KIND_REQUIRED)
            return true;
    }
    return false;
}

// "INPUT..." is shown as [INPUT]... or, when there is one, <INPUT>...
static void write_positional(FILE *out, const struct command_spec *command, bool given)
{
    int size = (int)strcspn(command->positional, ".");
    fprintf(out, given ? "<%.*s>%s" : "[%.*s]%s", size, command->positional,
            command->positional + size);
}

static void write_option(FILE *out, const struct option_spec *option)
{
    char text[128];
    option_format(option, text, sizeof text);
    fprintf(out, " %s", text);
}

void usage_write(FILE *out, const struct command_spec *command, const struct used_options *used)
{
    bool general = !used || (used->count == 0 && !used->positional);
    fprintf(out, "Usage: %s", command->usage_name);
    if (general && has_optional(command))
        fputs(" [OPTIONS]", out);
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        if (option->kind == KIND_REQUIRED)
            write_option(out, option);
    }
    for (size_t i = 0; !general && i < used->count; i++) {
        if (used->options[i]->kind != KIND_REQUIRED)
            write_option(out, used->options[i]);
    }
    if (command->positional[0]) {
        fputc(' ', out);
        write_positional(out, command, !general && used->positional);
    }
    if (command_needs_child(command))
        fputs(" <COMMAND>", out);
    else if (general && command_child(command, 0))
        fputs(" [COMMAND]", out);
}

// "-t, --threads <num-threads>"
static void format_names(const struct option_spec *option, char *buffer, size_t size)
{
    char rest[128];
    option_format(option, rest, sizeof rest);
    if (option->long_name[0] == '\0')
        snprintf(buffer, size, "%s", rest);
    else if (option->short_name)
        snprintf(buffer, size, "-%c, %s", option->short_name, rest);
    else
        snprintf(buffer, size, "    %s", rest);
}

static void write_defaults(FILE *out, const struct option_spec *option, const char *before)
{
    if (option->fallback[0])
        fprintf(out, "%s[default: %s]", before, option->fallback);
    if (!option->choices[0])
        return;
    fprintf(out, "%s[possible values: ", before);
    for (const char *c = option->choices; *c; c++) {
        if (*c == '|')
            fputs(", ", out);
        else
            fputc(*c, out);
    }
    fputc(']', out);
}

static void write_paragraph(FILE *out, const char *text)
{
    while (*text) {
        int size = (int)strcspn(text, "\n");
        fprintf(out, "          %.*s\n", size, text);
        text += size + (text[size] == '\n');
    }
}

static void write_options_full(FILE *out, const struct command_spec *command)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        char names[160];
        format_names(option, names, sizeof names);
        fprintf(out, "%s  %s\n", i ? "\n" : "", names);
        write_paragraph(out, option->help);
        write_paragraph(out, option->more);
        if (option->fallback[0] || option->choices[0]) {
            write_defaults(out, option, "\n          ");
            fputc('\n', out);
        }
    }
}

static void write_options_short(FILE *out, const struct command_spec *command)
{
    char names[160];
    int width = 0;
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        format_names(option, names, sizeof names);
        if ((int)strlen(names) > width)
            width = (int)strlen(names);
    }
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        format_names(option, names, sizeof names);
        fprintf(out, "  %-*s  %s", width, names, option->help);
        write_defaults(out, option, " ");
        fputc('\n', out);
    }
}

static void write_children(FILE *out, const struct command_spec *command)
{
    const struct command_spec *child;
    int width = 0;
    for (size_t i = 0; (child = command_child(command, i)) != NULL; i++) {
        if ((int)strlen(child->word) > width)
            width = (int)strlen(child->word);
    }
    if (width)
        fputs("\nCommands:\n", out);
    for (size_t i = 0; (child = command_child(command, i)) != NULL; i++)
        fprintf(out, "  %-*s  %s\n", width, child->word, child->summary);
}

void help_write(FILE *out, const struct command_spec *command, bool full)
{
    fprintf(out, "%s\n\n", command->summary);
    if (full && command->description[0])
        fprintf(out, "%s\n\n", command->description);
    usage_write(out, command, NULL);
    fputc('\n', out);
    write_children(out, command);
    if (command->positional[0]) {
        fputs("\nArguments:\n  ", out);
        write_positional(out, command, false);
        fprintf(out, full ? "\n          %s\n" : "  %s\n", command->positional_help);
    }
    if (!option_of(command, 0))
        return;
    fputs("\nOptions:\n", out);
    if (full)
        write_options_full(out, command);
    else
        write_options_short(out, command);
}
