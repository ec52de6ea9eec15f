// SPDX-License-Identifier: MIT
// What was found in an input, as a log: each window is the chunk in a slot.
#ifndef EVX_SALVAGE_WINDOW_SOURCE_H
#define EVX_SALVAGE_WINDOW_SOURCE_H

#include "salvage/finder.h"

// Takes over the input and the windows. NULL without memory: then they are the caller's.
struct source *window_source_open(struct source *input, struct found_windows *windows);

// Where to look on: struct found_windows.
uint64_t window_source_next(const struct source *remains);

#endif
