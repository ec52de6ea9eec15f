// SPDX-License-Identifier: MIT
#ifndef EVX_CLI_TIME_TEXT_H
#define EVX_CLI_TIME_TEXT_H

#include <stdint.h>

// A FILETIME as the records show it; the caller frees it.
char *time_text(uint64_t ticks);

#endif
