// SPDX-License-Identifier: MIT
// Which rules of a time zone mktime() follows.
#ifndef EVX_CLI_SYSTEM_ZONE_RULES_H
#define EVX_CLI_SYSTEM_ZONE_RULES_H

#include <stdbool.h>

// NULL: those of the machine. False: the system knows no zone of this name.
bool zone_rules_use(const char *name);

#endif
