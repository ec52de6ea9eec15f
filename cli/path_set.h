// SPDX-License-Identifier: MIT
// Paths of files, each once, in the order of their components. Two spellings are one path when they
// differ in doubled slashes or in a "." that is not in front.
#ifndef EVX_CLI_PATH_SET_H
#define EVX_CLI_PATH_SET_H

#include <stdbool.h>
#include <stddef.h>

struct path_set {
    char **paths;
    size_t count, capacity;
};

// The path is copied.
void path_set_add(struct path_set *set, const char *path);
// Sorts them, and drops all spellings of a path but the one that was added first.
void path_set_sort(struct path_set *set);
void path_set_free(struct path_set *set);

// "folder/name", without a second slash; free().
char *path_join(const char *folder, const char *name);
// What is behind the last dot of the last component; NULL: there is none, or nothing in front of
// it. Not ended by a NUL: its size is in *ret_size.
const char *path_extension(const char *path, size_t *ret_size);

#endif
