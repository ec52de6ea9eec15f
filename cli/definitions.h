// SPDX-License-Identifier: MIT
// Cache files of definitions, as the commands load them.
#ifndef EVX_CLI_DEFINITIONS_H
#define EVX_CLI_DEFINITIONS_H

#include <stdbool.h>

#include <evx/packs.h>

// NULL when the file cannot be used, which is reported. What is wrong with its resources stands in
// the first line of the report, or behind it as its cause.
evx_pack *definitions_load(const char *path, bool why_is_cause);

#endif
