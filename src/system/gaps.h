// SPDX-License-Identifier: MIT
// Windows alone, where the build includes it in front of every file: what the GNU C library has and
// the one there lacks.
#ifndef EVX_SYSTEM_GAPS_H
#define EVX_SYSTEM_GAPS_H

#include <stddef.h>

void *memmem(const void *bytes, size_t size, const void *part, size_t part_size);
char *strchrnul(const char *text, int c);
char *strndup(const char *text, size_t size);
char *strsep(char **rest, const char *separators);

#endif
