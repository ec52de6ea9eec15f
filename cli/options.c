// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "option_values.h"
#include "output.h"
#include "report.h"
#include "system/memory_file.h"
#include "usage.h"
#include "usage_error.h"
#include "utf8.h"

// Of the reference: scripts ask for it.
static const char evtx_dump_version[] = "EVTX Parser 0.15.1\n";

struct parser {
    const struct command_spec *command;
    struct options *options;
    char **arguments; // what is left
    size_t argument_count;
    struct used_options used;
    size_t positional_count;
    bool trailing; // behind --
    // An option or word is looked at only when the next one comes, as in the reference: mistakes in
    // it are then less important than an unknown option behind it.
    bool has_pending;
    const struct option_spec *pending_option; // NULL: a positional argument
    const char *pending_text;                 // NULL: the option still waits for its value
    // How parsing ended early.
    char *message;
    bool message_is_help;
};

static bool parse_command(struct parser *parser);

static bool fail(struct parser *parser, char *message)
{
    parser->message = message;
    return false;
}

static void add_text(struct option_value *value, const char *text)
{
    const char **texts = realloc(value->texts, (value->count + 1) * sizeof *texts);
    if (!texts)
        report_no_memory();
    value->texts = texts;
    value->texts[value->count++] = text;
}

static void add_input(struct options *options, const char *text)
{
    const char **inputs = realloc(options->inputs, (options->input_count + 1) * sizeof *inputs);
    if (!inputs)
        report_no_memory();
    options->inputs = inputs;
    options->inputs[options->input_count++] = text;
}

static bool show_help(struct parser *parser, const struct command_spec *command, bool full)
{
    size_t size;
    FILE *out = memory_file_open(&parser->message, &size);
    if (!out)
        report_no_memory();
    help_write(out, command, full);
    if (!memory_file_close(out))
        report_no_memory();
    parser->message_is_help = true;
    return false;
}

static bool show_version(struct parser *parser)
{
    parser->message_is_help = true;
    if (parser->command->id == CMD_EVTX_DUMP)
        parser->message = strdup(evtx_dump_version);
    else if (asprintf(&parser->message, "evx %s\n" EVX_LEFT_OUT "%s", evx_version(),
                      sizeof EVX_LEFT_OUT > 1 ? "\n" : "") < 0)
        parser->message = NULL;
    if (!parser->message)
        report_no_memory();
    return false;
}

static bool take_option(struct parser *parser, const struct option_spec *option, const char *text)
{
    struct option_value *value = &parser->options->values[option->id];
    if (option_takes_value(option) && !text)
        return fail(parser, usage_error_value_missing(option));
    if (value->count > 0 && option->kind != KIND_COUNT && option->kind != KIND_LIST) {
        used_remove(&parser->used, option);
        return fail(parser, usage_error_repeated(parser->command, option));
    }
    used_add(&parser->used, option);
    if (!text) {
        value->count++;
        return true;
    }
    add_text(value, text);
    char *message = option_value_read(option, text, parser->options);
    return message ? fail(parser, message) : true;
}

static bool take_pending(struct parser *parser)
{
    if (!parser->has_pending)
        return true;
    parser->has_pending = false;
    if (parser->pending_option)
        return take_option(parser, parser->pending_option, parser->pending_text);
    parser->used.positional = true;
    add_input(parser->options, parser->pending_text);
    return true;
}

// Another mistake was found, which is reported instead of one in the pending option.
static void drop_pending(struct parser *parser)
{
    if (take_pending(parser))
        return;
    free(parser->message);
    parser->message = NULL;
}

static bool apply_option(struct parser *parser, const struct option_spec *option, const char *text,
                         bool full_help)
{
    if (!take_pending(parser))
        return false;
    if (option_takes_value(option) && !text) {
        parser->has_pending = true;
        parser->pending_option = option;
        parser->pending_text = NULL;
        return true;
    }
    if (option->kind == KIND_HELP)
        return show_help(parser, parser->command, full_help);
    if (option->kind == KIND_VERSION)
        return show_version(parser);
    return take_option(parser, option, text);
}

static const struct option_spec *find_long(const struct command_spec *command, const char *name,
                                           size_t size)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        if (size > 0 && strlen(option->long_name) == size && !memcmp(option->long_name, name, size))
            break;
    }
    return option;
}

// argument: behind the dashes.
static bool parse_long(struct parser *parser, char *argument)
{
    size_t size = strcspn(argument, "=");
    const char *value = argument[size] ? argument + size + 1 : NULL;
    const struct option_spec *option = find_long(parser->command, argument, size);
    if (!option) {
        drop_pending(parser);
        argument[size] = '\0';
        return fail(parser, usage_error_unknown_long(parser->command, &parser->used, argument,
                                                     parser->arguments, parser->argument_count));
    }
    if (value && !option_takes_value(option)) {
        struct used_options used = parser->used;
        if (!used_contains(&used, option))
            used_add(&used, option);
        return fail(parser, usage_error_unneeded_value(parser->command, &used, option, value));
    }
    return apply_option(parser, option, value, true);
}

static const struct option_spec *find_short(const struct command_spec *command, char name)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        if (option->short_name == name)
            break;
    }
    return option;
}

static bool fail_unknown_short(struct parser *parser, const char *letter)
{
    uint32_t code;
    size_t size = utf8_next(letter, &code);
    if (code == UTF8_REPLACEMENT) // no character: everything from here on is shown
        size = strlen(letter);
    char *name;
    if (asprintf(&name, "-%.*s", (int)size, letter) < 0)
        report_no_memory();
    drop_pending(parser);
    char *message = usage_error_unknown_short(parser->command, name);
    free(name);
    return fail(parser, message);
}

// argument: letters behind the dash.
static bool parse_short(struct parser *parser, const char *argument)
{
    for (; *argument; argument++) {
        const struct option_spec *option = find_short(parser->command, *argument);
        if (!option)
            return fail_unknown_short(parser, argument);
        if (option_takes_value(option)) {
            const char *value = argument[1] ? argument + 1 : NULL;
            if (value && *value == '=')
                value++;
            return apply_option(parser, option, value, false);
        }
        if (!apply_option(parser, option, NULL, false))
            return false;
    }
    return true;
}

static bool parse_help_words(struct parser *parser)
{
    const struct command_spec *command = parser->command;
    for (size_t i = 0; i < parser->argument_count; i++) {
        const struct command_spec *child = command_find(command, parser->arguments[i]);
        if (!child)
            return fail(parser, usage_error_no_such_command(command, parser->arguments[i]));
        command = child;
    }
    return show_help(parser, command, true);
}

// What stood in front of a command is checked, but not used.
static bool parse_child(struct parser *parser, const struct command_spec *child)
{
    if (strcmp(child->word, "help") == 0)
        return parse_help_words(parser);
    struct options own = *parser->options;
    *parser->options = (struct options){.command = child};
    struct parser inner = {
        .command = child,
        .options = parser->options,
        .arguments = parser->arguments,
        .argument_count = parser->argument_count,
    };
    bool ok = parse_command(&inner);
    parser->message = inner.message;
    parser->message_is_help = inner.message_is_help;
    parser->options = &own;
    ok = ok && take_pending(parser);
    parser->options = inner.options;
    options_free(&own);
    return ok;
}

static bool parse_positional(struct parser *parser, const char *word)
{
    const struct command_spec *command = parser->command;
    bool fits =
        command->positional[0] && (command_takes_many(command) || !parser->positional_count);
    if (!fits) {
        drop_pending(parser);
        return fail(parser, usage_error_extra_word(command, word, parser->trailing));
    }
    if (!take_pending(parser))
        return false;
    parser->has_pending = true;
    parser->pending_option = NULL;
    parser->pending_text = word;
    parser->positional_count++;
    return true;
}

static bool parse_argument(struct parser *parser, char *argument)
{
    bool wants_value = parser->has_pending && parser->pending_option && !parser->pending_text;
    if (parser->trailing)
        return parse_positional(parser, argument);
    if (strcmp(argument, "--") == 0) {
        parser->trailing = true;
        return true;
    }
    if (strncmp(argument, "--", 2) == 0)
        return parse_long(parser, argument + 2);
    if (argument[0] == '-' && argument[1])
        return parse_short(parser, argument + 1);
    if (!wants_value)
        return parse_positional(parser, argument);
    parser->pending_text = argument;
    return true;
}

static bool check_required(struct parser *parser)
{
    struct used_options missing = {0};
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(parser->command, i)) != NULL; i++) {
        if (option->kind == KIND_REQUIRED && parser->options->values[option->id].count == 0)
            used_add(&missing, option);
    }
    if (missing.count == 0)
        return true;
    return fail(parser, usage_error_required(parser->command, &parser->used, &missing));
}

// Numbers of options that were not given.
static void set_defaults(struct parser *parser)
{
    const struct option_spec *option;
    for (size_t i = 0; (option = option_of(parser->command, i)) != NULL; i++) {
        bool is_number = option->kind >= KIND_UINT8 && option->kind <= KIND_SIZE;
        if (is_number && option->fallback[0])
            free(option_value_read(option, option->fallback, parser->options));
    }
}

static bool parse_command(struct parser *parser)
{
    set_defaults(parser);
    while (parser->argument_count > 0) {
        char *argument = *parser->arguments++;
        parser->argument_count--;
        bool wants_value = parser->has_pending && parser->pending_option && !parser->pending_text;
        const struct command_spec *child =
            parser->trailing || wants_value ? NULL : command_find(parser->command, argument);
        if (child)
            return parse_child(parser, child);
        if (!parse_argument(parser, argument))
            return false;
    }
    return take_pending(parser) && check_required(parser);
}

int options_parse(enum command_id program, char **arguments, size_t argument_count,
                  struct options *ret_options)
{
    struct parser parser = {
        .command = command_get(program),
        .options = ret_options,
        .arguments = arguments,
        .argument_count = argument_count,
    };
    *ret_options = (struct options){.command = parser.command};
    if (parse_command(&parser) && !command_needs_child(ret_options->command))
        return OPTIONS_RUN;
    if (!parser.message) {
        show_help(&parser, ret_options->command, false);
        parser.message_is_help = false;
    }
    int code = EXIT_USAGE;
    if (parser.message_is_help)
        code = output_print(parser.message, strlen(parser.message));
    else
        report_text(parser.message);
    free(parser.message);
    return code;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        free(options->values[i].texts);
    free(options->inputs);
    free(options->ids);
    *options = (struct options){0};
}

const char *options_text(const struct options *options, enum option_id id)
{
    const struct option_value *value = &options->values[id];
    if (value->count > 0)
        return value->texts[value->count - 1];
    const struct option_spec *option = option_of_id(options->command, id);
    return option && option->fallback[0] ? option->fallback : NULL;
}
