// SPDX-License-Identifier: MIT
#include "command_table.h"

#include <stdio.h>
#include <string.h>

static const struct command_spec commands[] = {
#define COMMAND(id, parent, word, usage_name, positional, positional_help, summary, description)   \
    {CMD_##id, CMD_##parent, word, usage_name, positional, positional_help, summary, description},
#define OPTION(commands, id, kind, short_name, long_name, value_name, fallback, choices, help, more)
#include "options.def"
#undef COMMAND
#undef OPTION
};

static const struct option_spec options[] = {
#define ON(id) (UINT32_C(1) << CMD_##id)
#define COMMAND(id, parent, word, usage_name, positional, positional_help, summary, description)
#define OPTION(commands, id, kind, short_name, long_name, value_name, fallback, choices, help,     \
               more)                                                                               \
    {commands,   OPT_##id, KIND_##kind, short_name, long_name,                                     \
     value_name, fallback, choices,     help,       more},
#include "options.def"
#undef COMMAND
#undef OPTION
#undef ON
};

const struct command_spec *command_get(enum command_id id)
{
    return &commands[id];
}

const struct command_spec *command_child(const struct command_spec *command, size_t index)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (commands[i].parent != command->id || command_is_program(&commands[i]))
            continue;
        if (index-- == 0)
            return &commands[i];
    }
    return NULL;
}

const struct command_spec *command_find(const struct command_spec *parent, const char *word)
{
    const struct command_spec *child;
    for (size_t i = 0; (child = command_child(parent, i)) != NULL; i++) {
        if (strcmp(child->word, word) == 0)
            return child;
    }
    return NULL;
}

bool command_needs_child(const struct command_spec *command)
{
    return command->positional[0] == '\0' && command_child(command, 0) != NULL;
}

bool command_takes_many(const struct command_spec *command)
{
    size_t size = strlen(command->positional);
    return size > 3 && strcmp(command->positional + size - 3, "...") == 0;
}

const struct option_spec *option_of(const struct command_spec *command, size_t index)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!(options[i].commands & UINT32_C(1) << command->id))
            continue;
        if (index-- == 0)
            return &options[i];
    }
    return NULL;
}

const struct option_spec *option_of_id(const struct command_spec *command, enum option_id id)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].id == id && options[i].commands & UINT32_C(1) << command->id)
            return &options[i];
    return NULL;
}

const char *option_choice(const struct option_spec *option, size_t index, size_t *ret_size)
{
    const char *piece = option->choices;
    while (*piece) {
        size_t size = strcspn(piece, "|");
        if (index-- == 0) {
            *ret_size = size;
            return piece;
        }
        piece += size + (piece[size] == '|');
    }
    return NULL;
}

void option_format(const struct option_spec *option, char *buffer, size_t size)
{
    if (option_takes_value(option))
        snprintf(buffer, size, "--%s <%s>", option->long_name, option->value_name);
    else if (option->long_name[0])
        snprintf(buffer, size, "--%s", option->long_name);
    else
        snprintf(buffer, size, "-%c...", option->short_name);
}
