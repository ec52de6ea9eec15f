// SPDX-License-Identifier: MIT
// Reads the value of one option.
#ifndef EVX_CLI_OPTION_VALUES_H
#define EVX_CLI_OPTION_VALUES_H

#include "options.h"

// Stores what value means in *options, or returns the usage error, for free().
char *option_value_read(const struct option_spec *option, const char *value,
                        struct options *options);

#endif
