// SPDX-License-Identifier: MIT
// The rows of options.def as data. Knows no values: what was typed lives in struct options
// (options.h).
#ifndef EVX_CLI_COMMAND_TABLE_H
#define EVX_CLI_COMMAND_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_id {
#define COMMAND(id, parent, word, usage_name, positional, positional_help, summary, description)   \
    CMD_##id,
#define OPTION(commands, id, kind, short_name, long_name, value_name, fallback, choices, help, more)
#include "options.def"
#undef COMMAND
#undef OPTION
    COMMAND_COUNT,
};

enum option_kind {
    KIND_FLAG,
    KIND_COUNT, // a flag that may be repeated
    KIND_HELP,
    KIND_VERSION,
    KIND_TEXT,
    KIND_REQUIRED, // text that must be given
    KIND_LIST,     // text that may be repeated
    KIND_PATH,     // text that is not empty
    KIND_CHOICE,
    KIND_UINT8,
    KIND_UINT16,
    KIND_UINT32,
    KIND_UINT64,
    KIND_SIZE,
    KIND_RANGES,
    KIND_CODEC,
};

// What an option means. Several rows may share one: they never meet in one command.
enum option_id {
    OPT_THREADS,
    OPT_FORMAT,
    OPT_OUTPUT,
    OPT_NO_CONFIRM_OVERWRITE,
    OPT_EVENTS,
    OPT_VALIDATE_CHECKSUMS,
    OPT_RECOVER_RECORDS,
    OPT_SHOW_DUPLICATES,
    OPT_NO_SANDBOX,
    OPT_WRITE,
    OPT_NO_INDENT,
    OPT_SEPARATE_JSON_ATTRIBUTES,
    OPT_DONT_SHOW_RECORD_NUMBER,
    OPT_ANSI_CODEC,
    OPT_WEVT_CACHE,
    OPT_MTA,
    OPT_MESSAGES,
    OPT_LANGUAGE,
    OPT_LEDGER,
    OPT_ON_DAMAGE,
    OPT_STRICT_EXIT,
    OPT_ERROR_FORMAT,
    OPT_STOP_AFTER_ONE_ERROR,
    OPT_VERBOSE,
    OPT_INPUT,
    OPT_GLOB,
    OPT_RECURSIVE,
    OPT_EXTENSIONS,
    OPT_OVERWRITE,
    OPT_RECORD_ID,
    OPT_INSTANCE_INDEX,
    OPT_CACHE,
    OPT_TEMPLATE_GUID,
    OPT_PROVIDER_GUID,
    OPT_EVENT_ID,
    OPT_EVENT_VERSION,
    OPT_EVTX,
    OPT_SUBSTITUTIONS,
    OPT_SUBSTITUTIONS_FILE,
    OPT_NO_REGISTRY,
    OPT_PROFILE,
    OPT_SIZE,
    OPT_SEED,
    OPT_DAMAGE,
    OPT_QUERY,
    OPT_QUERY_FILE,
    OPT_SUPPRESS,
    OPT_ID,
    OPT_EXCLUDE_ID,
    OPT_PROVIDER,
    OPT_EXCLUDE_PROVIDER,
    OPT_CHANNEL,
    OPT_EXCLUDE_CHANNEL,
    OPT_COMPUTER,
    OPT_EXCLUDE_COMPUTER,
    OPT_LEVEL,
    OPT_KEYWORDS,
    OPT_USER,
    OPT_EVENT_RECORD_ID,
    OPT_FROM,
    OPT_TO,
    OPT_LAST,
    OPT_NOW,
    OPT_ZONE,
    OPT_DATA,
    OPT_SEARCH,
    OPT_REGEX,
    OPT_INVERT,
    OPT_WRITTEN_FROM,
    OPT_WRITTEN_TO,
    OPT_EXPLAIN,
    OPT_ADD_SOURCE,
    OPT_ANY_CHANNEL,
    OPT_FIELDS,
    OPT_CSV_SAFE,
    OPT_BOM,
    OPT_COUNT,
    OPT_MAX_EVENTS,
    OPT_REVERSE,
    OPT_BY,
    OPT_TOP,
    OPT_PER_FILE,
    OPT_HELP,
    OPT_VERSION,
    OPTION_COUNT,
};

struct command_spec {
    enum command_id id, parent; // a program is its own parent; commands may have commands
    const char *word;           // as typed
    const char *usage_name;     // as a usage line begins
    const char *positional;     // "" none
    const char *positional_help;
    const char *summary, *description;
};

struct option_spec {
    uint32_t commands; // bit 1 << command_id
    enum option_id id;
    enum option_kind kind;
    char short_name;        // '\0' none
    const char *long_name;  // "" none
    const char *value_name; // "" takes no value
    const char *fallback;   // the value when not given; "" none
    const char *choices;    // separated by |
    const char *help, *more;
};

const struct command_spec *command_get(enum command_id id);
static inline bool command_is_program(const struct command_spec *command)
{
    return command->id == command->parent;
}
// Commands directly below; index from 0, NULL behind the last.
const struct command_spec *command_child(const struct command_spec *command, size_t index);
// By the word typed, word_size bytes of it.
const struct command_spec *command_find(const struct command_spec *parent, const char *word);
// evx does nothing without a command, nor does a group of commands; evtx_dump converts.
bool command_needs_child(const struct command_spec *command);
bool command_takes_many(const struct command_spec *command);

// Options of a command in the order of the table; index from 0, NULL behind the last.
const struct option_spec *option_of(const struct command_spec *command, size_t index);
// The one of this identifier; NULL: the command has none.
const struct option_spec *option_of_id(const struct command_spec *command, enum option_id id);
static inline bool option_takes_value(const struct option_spec *option)
{
    return option->value_name[0] != '\0';
}

// The index-th piece of choices (its size in *ret_size), NULL behind the last.
const char *option_choice(const struct option_spec *option, size_t index, size_t *ret_size);

// "--format <output-format>", "--no-indent", "-v..."
void option_format(const struct option_spec *option, char *buffer, size_t size);

#endif
