// SPDX-License-Identifier: MIT
// Patterns that stand for paths, by the rules of the reference: ? * [a-z] [!a-z] within a
// component, and ** as a component for any number of folders. Case matters; a leading dot is like
// any character.
#ifndef EVX_CLI_GLOB_PATHS_H
#define EVX_CLI_GLOB_PATHS_H

#include "path_set.h"

// NULL, or what is wrong with the pattern: free().
char *glob_check(const char *pattern);

// Adds what a pattern that is fine stands for: files and folders. What cannot be read is told on
// the standard error stream and passed over.
void glob_expand(const char *pattern, struct path_set *set);

#endif
