// SPDX-License-Identifier: MIT
#include "usage_error.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "similar.h"
#include "system/memory_file.h"
#include "utf8.h"

struct message {
    FILE *out;
    char *text;
    size_t size;
};

static void message_begin(struct message *message)
{
    message->out = memory_file_open(&message->text, &message->size);
    if (!message->out)
        report_no_memory();
    fputs("error: ", message->out);
}

// command NULL: no usage line.
static char *message_end(struct message *message, const struct command_spec *command,
                         const struct used_options *used)
{
    bool has_help = !command || option_of(command, 0);
    if (command) {
        fputs("\n\n", message->out);
        usage_write(message->out, command, used);
    }
    fputs(has_help ? "\n\nFor more information, try '--help'.\n" : "\n", message->out);
    if (!memory_file_close(message->out))
        report_no_memory();
    return message->text;
}

static void write_quoted(struct message *message, const char *before, const char *text,
                         const char *after)
{
    fputs(before, message->out);
    utf8_write(message->out, text);
    fputs(after, message->out);
}

static void write_unexpected(struct message *message, const char *argument)
{
    write_quoted(message, "unexpected argument '", argument, "' found");
}

static void write_tip_of_escape(struct message *message, const char *dashes, const char *name)
{
    fprintf(message->out, "\n\n  tip: to pass '%s", dashes);
    write_quoted(message, "", name, "' as a value, use '-- ");
    write_quoted(message, dashes, name, "'");
}

static void write_option(struct message *message, const char *before,
                         const struct option_spec *option, const char *after)
{
    char text[128];
    option_format(option, text, sizeof text);
    fprintf(message->out, "%s%s%s", before, text, after);
}

static void write_choices(struct message *message, const struct option_spec *option)
{
    const char *choice;
    size_t size;
    for (size_t i = 0; (choice = option_choice(option, i, &size)) != NULL; i++)
        fprintf(message->out, "%s%.*s", i ? ", " : "\n  [possible values: ", (int)size, choice);
    if (option->choices[0])
        fputc(']', message->out);
}

static struct similar_best find_similar_option(const struct command_spec *command, const char *name,
                                               const struct option_spec **ret_option)
{
    struct similar_best best = {0};
    const struct option_spec *option;
    *ret_option = NULL;
    for (size_t i = 0; (option = option_of(command, i)) != NULL; i++) {
        const char *before = best.name;
        similar_offer(&best, name, option->long_name, strlen(option->long_name));
        if (best.name != before)
            *ret_option = option;
    }
    return best;
}

// An option of a command that stands further to the right.
static bool write_tip_of_child(struct message *message, const struct command_spec *command,
                               const char *name, char **rest, size_t rest_count)
{
    for (size_t i = 0; i < rest_count; i++) {
        const struct command_spec *child = command_find(command, rest[i]);
        if (!child)
            continue;
        const struct option_spec *option;
        if (!find_similar_option(child, name, &option).name)
            continue;
        fprintf(message->out, "\n\n  tip: '%s --%s' exists", child->word, option->long_name);
        return true;
    }
    return false;
}

char *usage_error_unknown_long(const struct command_spec *command, struct used_options *used,
                               const char *name, char **rest, size_t rest_count)
{
    struct message message;
    message_begin(&message);
    write_quoted(&message, "unexpected argument '--", name, "' found");
    const struct option_spec *option;
    if (find_similar_option(command, name, &option).name) {
        fprintf(message.out, "\n\n  tip: a similar argument exists: '--%s'", option->long_name);
        if (!used_contains(used, option))
            used_add(used, option);
    } else if (!write_tip_of_child(&message, command, name, rest, rest_count) &&
               command->positional[0]) {
        write_tip_of_escape(&message, "--", name);
    }
    return message_end(&message, command, used);
}

char *usage_error_unknown_short(const struct command_spec *command, const char *name)
{
    struct message message;
    message_begin(&message);
    write_unexpected(&message, name);
    if (command->positional[0])
        write_tip_of_escape(&message, "", name);
    return message_end(&message, command, NULL);
}

// Commands that resemble word, the best one last.
static size_t find_similar_commands(const struct command_spec *command, const char *word,
                                    struct similar_best ret_found[COMMAND_COUNT])
{
    size_t count = 0;
    const struct command_spec *child;
    for (size_t i = 0; (child = command_child(command, i)) != NULL; i++) {
        struct similar_best found = {0};
        similar_offer(&found, word, child->word, strlen(child->word));
        if (!found.name)
            continue;
        size_t at = count++;
        for (; at > 0 && ret_found[at - 1].score > found.score; at--)
            ret_found[at] = ret_found[at - 1];
        ret_found[at] = found;
    }
    return count;
}

char *usage_error_no_such_command(const struct command_spec *command, const char *word)
{
    struct message message;
    message_begin(&message);
    write_quoted(&message, "unrecognized subcommand '", word, "'");
    return message_end(&message, command, NULL);
}

char *usage_error_extra_word(const struct command_spec *command, const char *word, bool trailing)
{
    struct similar_best found[COMMAND_COUNT];
    size_t count = find_similar_commands(command, word, found);
    struct message message;
    if (trailing && command_find(command, word)) {
        message_begin(&message);
        write_unexpected(&message, word);
        fprintf(message.out,
                "\n\n  tip: subcommand '%s' exists; to use it, remove the '--' before it", word);
        return message_end(&message, command, NULL);
    }
    if (count == 0 && command_needs_child(command))
        return usage_error_no_such_command(command, word);
    message_begin(&message);
    if (count == 0) {
        write_unexpected(&message, word);
        return message_end(&message, command, NULL);
    }
    write_quoted(&message, "unrecognized subcommand '", word, "'\n\n  tip: ");
    fputs(count == 1 ? "a similar subcommand exists: " : "some similar subcommands exist: ",
          message.out);
    for (size_t i = 0; i < count; i++)
        fprintf(message.out, "%s'%s'", i ? ", " : "", found[i].name);
    return message_end(&message, command, NULL);
}

char *usage_error_unneeded_value(const struct command_spec *command,
                                 const struct used_options *used, const struct option_spec *option,
                                 const char *value)
{
    struct message message;
    message_begin(&message);
    write_quoted(&message, "unexpected value '", value, "' for ");
    write_option(&message, "'", option, "' found; no more were expected");
    return message_end(&message, command, used);
}

char *usage_error_value_missing(const struct option_spec *option)
{
    struct message message;
    message_begin(&message);
    write_option(&message, "a value is required for '", option, "' but none was supplied");
    write_choices(&message, option);
    return message_end(&message, NULL, NULL);
}

char *usage_error_repeated(const struct command_spec *command, const struct option_spec *option)
{
    struct message message;
    message_begin(&message);
    write_option(&message, "the argument '", option, "' cannot be used multiple times");
    return message_end(&message, command, NULL);
}

char *usage_error_bad_choice(const struct option_spec *option, const char *value)
{
    struct message message;
    message_begin(&message);
    write_quoted(&message, "invalid value '", value, "' for ");
    write_option(&message, "'", option, "'");
    write_choices(&message, option);
    struct similar_best best = {0};
    const char *choice;
    size_t size;
    for (size_t i = 0; (choice = option_choice(option, i, &size)) != NULL; i++)
        similar_offer(&best, value, choice, size);
    if (best.name)
        fprintf(message.out, "\n\n  tip: a similar value exists: '%.*s'", (int)best.name_size,
                best.name);
    return message_end(&message, NULL, NULL);
}

char *usage_error_bad_value(const struct option_spec *option, const char *value, const char *why)
{
    struct message message;
    message_begin(&message);
    write_quoted(&message, "invalid value '", value, "' for ");
    write_option(&message, "'", option, "': ");
    fputs(why, message.out);
    return message_end(&message, NULL, NULL);
}

char *usage_error_not_utf8(const struct command_spec *command)
{
    struct message message;
    message_begin(&message);
    fputs("invalid UTF-8 was detected in one or more arguments", message.out);
    return message_end(&message, command, NULL);
}

char *usage_error_required(const struct command_spec *command, const struct used_options *used,
                           const struct used_options *missing)
{
    struct message message;
    message_begin(&message);
    fputs("the following required arguments were not provided:", message.out);
    struct used_options all = *used;
    for (size_t i = 0; i < missing->count; i++) {
        write_option(&message, "\n  ", missing->options[i], "");
        used_add(&all, missing->options[i]);
    }
    return message_end(&message, command, &all);
}
