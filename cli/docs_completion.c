// SPDX-License-Identifier: MIT
#include "docs.h"

#include <string.h>

// Help texts stand between single quotes in the scripts.
static void write_quoted(FILE *out, const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(escaped, *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void write_choices(FILE *out, const struct option_spec *option)
{
    for (const char *c = option->choices; *c; c++)
        fputc(*c == '|' ? ' ' : *c, out);
}

// --- bash

static void write_bash_names(FILE *out, const struct option_spec *option, const char *before,
                             const char *separator)
{
    if (option->short_name)
        fprintf(out, "%s-%c", before, option->short_name);
    if (option->short_name && option->long_name[0])
        fputs(separator, out);
    if (option->long_name[0])
        fprintf(out, "%s--%s", before, option->long_name);
}

static void write_bash_values(FILE *out, const struct command_spec *command, const char *word)
{
    const struct option_spec *option;
    char before[64];
    snprintf(before, sizeof before, "%s:", word);
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        if (!option_takes_value(option))
            continue;
        fputs("    ", out);
        write_bash_names(out, option, before, "|");
        if (option->choices[0]) {
            fputs(") COMPREPLY=($(compgen -W '", out);
            write_choices(out, option);
            fputs("' -- \"$cur\")); return ;;\n", out);
        } else {
            fputs(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", out);
        }
    }
}

static void write_bash_words(FILE *out, const struct command_spec *command, const char *word)
{
    const struct option_spec *option;
    fprintf(out, "    %s:-*) words='", word);
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        fputs(i ? " " : "", out);
        write_bash_names(out, option, "", " ");
    }
    fputs("' ;;\n", out);
}

// What may stand behind a command that has commands.
static void write_bash_children(FILE *out, const struct command_spec *command, const char *word)
{
    const struct command_spec *child;
    fprintf(out, "    %s:*%s) words='", word, word[0] ? "" : "|help:*");
    for (size_t i = 0; (child = command_child(command, i)) != NULL; i++)
        fprintf(out, "%s%s", i ? " " : "", child->word);
    fputs("' ;;\n", out);
}

void docs_write_bash(FILE *out, const struct command_spec *program)
{
    const struct command_spec *child, *inner;
    fprintf(out, "# Made from cli/options.def.\n_%s() {\n", program->word);
    fputs("    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command= word words=\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $command:$word in\n        ",
          out);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        fprintf(out, "%s:%s", i ? "|" : "", child->word);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++)
            fprintf(out, "|%s:%s", child->word, inner->word);
    }
    fputs(") command=$word ;;\n        esac\n    done\n    case $command:$prev in\n", out);
    write_bash_values(out, program, "");
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        write_bash_values(out, child, child->word);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++)
            write_bash_values(out, inner, inner->word);
    }
    fputs("    esac\n    case $command:$cur in\n", out);
    write_bash_words(out, program, "");
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        write_bash_words(out, child, child->word);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++)
            write_bash_words(out, inner, inner->word);
        if (command_child(child, 0))
            write_bash_children(out, child, child->word);
    }
    write_bash_children(out, program, "");
    fputs("    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    [[ $cur == -* || $command == help ]] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
          "}\n",
          out);
    fprintf(out, "complete -o filenames -F _%s %s\n", program->word, program->word);
}

// --- zsh

static void write_zsh_spec(FILE *out, const struct option_spec *option)
{
    static const char special[] = "[]:\\";
    bool repeats = option->kind == KIND_COUNT || option->kind == KIND_LIST;
    const char *names[] = {NULL, NULL};
    char short_name[3] = {'-', option->short_name, '\0'}, long_name[64];
    snprintf(long_name, sizeof long_name, "--%s", option->long_name);
    if (option->short_name)
        names[0] = short_name;
    if (option->long_name[0])
        names[1] = long_name;
    for (size_t i = 0; i < 2; i++) {
        if (!names[i])
            continue;
        fprintf(out, " \\\n            '%s%s[", repeats ? "*" : "", names[i]);
        write_quoted(out, option->help, special);
        fputc(']', out);
        if (option_takes_value(option)) {
            fprintf(out, ":%s:", option->value_name);
            if (option->choices[0]) {
                fputc('(', out);
                write_choices(out, option);
                fputc(')', out);
            } else {
                fputs("_files", out);
            }
        }
        fputc('\'', out);
    }
}

static void write_zsh_arguments(FILE *out, const struct command_spec *command)
{
    const struct option_spec *option;
    fputs("        _arguments", out);
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++)
        write_zsh_spec(out, option);
    if (command->positional[0] && option_of(command, 0))
        fputs(" \\\n            '*:file:_files'", out);
    fputs(" ;;\n", out);
}

// The commands of a command, and the beginning of which of them is there.
static void write_zsh_children(FILE *out, const struct command_spec *parent, int indent,
                               const char *chosen)
{
    const struct command_spec *child;
    fprintf(out, "%*scommands=(\n", indent, "");
    for (size_t i = 0; (child = command_child(parent, i)) != NULL; i++) {
        fprintf(out, "%*s'%s:", indent + 4, "", child->word);
        write_quoted(out, child->summary, ":\\");
        fputs("'\n", out);
    }
    fprintf(out, "%*s)\n%*s%s=${words[(r)", indent, "", indent, "", chosen);
    for (size_t i = 0; (child = command_child(parent, i)) != NULL; i++)
        fprintf(out, "%s%s", i ? "|" : "(", child->word);
}

// A command that has commands: the one of them that is there, or what may be.
static void write_zsh_group(FILE *out, const struct command_spec *group)
{
    if (!command_child(group, 0))
        return;
    fprintf(out, "    if [[ $command == %s ]]; then\n", group->word);
    write_zsh_children(out, group, 8, "command");
    fprintf(out, ")]:-%s}\n    fi\n", group->word);
}

void docs_write_zsh(FILE *out, const struct command_spec *program)
{
    const struct command_spec *child, *inner;
    fprintf(out, "#compdef %s\n# Made from cli/options.def.\n_%s() {\n    local -a commands\n",
            program->word, program->word);
    write_zsh_children(out, program, 4, "local command");
    fputs(")]}\n", out);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++)
        write_zsh_group(out, child);
    fputs("    case $command in\n", out);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++) {
            fprintf(out, "    %s)\n", inner->word);
            write_zsh_arguments(out, inner);
        }
        if (!option_of(child, 0) || command_child(child, 0)) {
            fprintf(out, "    %s)\n        _describe command commands ;;\n", child->word);
            continue;
        }
        fprintf(out, "    %s)\n", child->word);
        write_zsh_arguments(out, child);
    }
    fputs("    *)\n        (( CURRENT == 2 )) && _describe command commands\n", out);
    write_zsh_arguments(out, program);
    fprintf(out, "    esac\n}\n_%s \"$@\"\n", program->word);
}

// --- fish

static void write_fish_options(FILE *out, const struct command_spec *program,
                               const struct command_spec *command)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        fprintf(out, "complete -c %s -n '", program->word);
        if (command == program)
            fputs("__fish_use_subcommand", out);
        else
            fprintf(out, "__fish_seen_subcommand_from %s", command->word);
        fputc('\'', out);
        if (option->short_name)
            fprintf(out, " -s %c", option->short_name);
        if (option->long_name[0])
            fprintf(out, " -l %s", option->long_name);
        if (option->choices[0]) {
            fputs(" -x -a '", out);
            write_choices(out, option);
            fputc('\'', out);
        } else if (option_takes_value(option)) {
            fputs(" -r", out);
        }
        fputs(" -d '", out);
        for (const char *c = option->help; *c; c++) // fish has another rule for quotes in quotes
            fprintf(out, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
        fputs("'\n", out);
    }
}

void docs_write_fish(FILE *out, const struct command_spec *program)
{
    const struct command_spec *child, *inner;
    fputs("# Made from cli/options.def.\n", out);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++)
        fprintf(out, "complete -c %s -n __fish_use_subcommand -a %s -d '%s'\n", program->word,
                child->word, child->summary);
    write_fish_options(out, program, program);
    for (size_t i = 0; (child = command_child(program, i)) != NULL; i++) {
        write_fish_options(out, program, child);
        for (size_t k = 0; (inner = command_child(child, k)) != NULL; k++) {
            fprintf(out, "complete -c %s -n '__fish_seen_subcommand_from %s' -a %s -d '%s'\n",
                    program->word, child->word, inner->word, inner->summary);
            write_fish_options(out, program, inner);
        }
    }
}
