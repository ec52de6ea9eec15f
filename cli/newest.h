// SPDX-License-Identifier: MIT
// When the newest record of logs was created: "now" of a machine that is off.
#ifndef EVX_CLI_NEWEST_H
#define EVX_CLI_NEWEST_H

#include <stdbool.h>
#include <stddef.h>

#include <evx/evx.h>

enum { NEWEST_TEXT_BYTES = 48 };

// As a time that options take. False, and it is told why, when no record has a time, or one of the
// inputs can be read only once. What else is wrong with them is told when they are read again.
bool newest_time(evx_engine *engine, char *const *paths, size_t count, char *ret_text);

#endif
