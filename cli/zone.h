// SPDX-License-Identifier: MIT
// Zones by name, such as Europe/Berlin, through the system's table of them.
#ifndef EVX_CLI_ZONE_H
#define EVX_CLI_ZONE_H

#include <stdbool.h>

#include <evx/evx.h>

// Sets how times without a zone are read: UTC and distances by their text, `local` and names by the
// system's rules, which this process then has for its local time. False: there is no such zone.
bool zone_set(const char *name, evx_query_options *options);

#endif
