// SPDX-License-Identifier: MIT
// From what was named on the command line to the list of files to read.
#ifndef EVX_CLI_WALK_INPUTS_H
#define EVX_CLI_WALK_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "system/file.h"

struct input_list {
    char **paths;
    size_t count;
    bool failed; // some folder could not be read or held no log; it was reported
};

// Folders stand for their *.evtx files at any depth, in the byte order of the paths; archives and
// compressed files for the logs in them (archives.h).
void input_list_walk(const char *const *names, size_t name_count, struct input_list *ret_list);
void input_list_free(struct input_list *list);

// "-" and its other names.
bool input_is_stdin(const char *name);

// The last part of a path.
const char *input_file_name(const char *path);
// What the inputs are, as far as they exist; for output_open_file. Returns their number; free().
size_t input_list_stat(const struct input_list *list, struct file_status **ret_stats);

#endif
