// SPDX-License-Identifier: MIT
// The texts of usage errors. Each function returns the whole message, for free().
#ifndef EVX_CLI_USAGE_ERROR_H
#define EVX_CLI_USAGE_ERROR_H

#include "usage.h"

char *usage_error_unknown_long(const struct command_spec *command, struct used_options *used,
                               const char *name, char **rest, size_t rest_count);
char *usage_error_unknown_short(const struct command_spec *command, const char *name);
char *usage_error_extra_word(const struct command_spec *command, const char *word, bool trailing);
char *usage_error_no_such_command(const struct command_spec *command, const char *word);
char *usage_error_unneeded_value(const struct command_spec *command,
                                 const struct used_options *used, const struct option_spec *option,
                                 const char *value);
char *usage_error_value_missing(const struct option_spec *option);
char *usage_error_repeated(const struct command_spec *command, const struct option_spec *option);
char *usage_error_bad_choice(const struct option_spec *option, const char *value);
char *usage_error_bad_value(const struct option_spec *option, const char *value, const char *why);
char *usage_error_not_utf8(const struct command_spec *command);
// missing: the required options that were not given.
char *usage_error_required(const struct command_spec *command, const struct used_options *used,
                           const struct used_options *missing);

#endif
