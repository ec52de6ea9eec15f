// SPDX-License-Identifier: MIT
// A line on the terminal that shows how far a long conversion is.
#ifndef EVX_CLI_PROGRESS_H
#define EVX_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool wanted;         // stderr is a terminal, and not the one that shows the output
    bool shown;          // the line is on the screen
    int64_t begin, next; // milliseconds
};

void progress_begin(struct progress *progress, int output_fd);
void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t size_bytes);
// Removes the line, before something else is printed and at the end.
void progress_clear(struct progress *progress);

#endif
