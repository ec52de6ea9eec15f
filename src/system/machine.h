// SPDX-License-Identifier: MIT
// Processors and clocks.
#ifndef EVX_SYSTEM_MACHINE_H
#define EVX_SYSTEM_MACHINE_H

#include <stdint.h>

// That this process may use; at least 1.
unsigned machine_core_count(void);
// 100 ns since 1970, UTC.
int64_t machine_time(void);
// For distances.
int64_t machine_milliseconds(void);

#endif
