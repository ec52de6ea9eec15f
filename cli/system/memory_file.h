// SPDX-License-Identifier: MIT
// A FILE whose bytes end up in memory.
#ifndef EVX_CLI_SYSTEM_MEMORY_FILE_H
#define EVX_CLI_SYSTEM_MEMORY_FILE_H

#include <stdbool.h>
#include <stdio.h>

// NULL: not enough memory. What was written is in *ret_text, ended by a NUL, after each flush, and
// after closing, too: free() it then.
FILE *memory_file_open(char **ret_text, size_t *ret_size);
bool memory_file_flush(FILE *file);
bool memory_file_close(FILE *file);

#endif
