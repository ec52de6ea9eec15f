// SPDX-License-Identifier: MIT
// Where the programs write: the standard output or a file. Small pieces are collected, large ones
// are written as they are.
#ifndef EVX_CLI_OUTPUT_H
#define EVX_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "system/file.h"
#include "walk_inputs.h"

struct output {
    int fd;
    int write_errno; // what stopped it; 0: nothing
    bool closes_fd;
    size_t used;
    char *buffer;
};

// Zeros are a closed output.
void output_open_stdout(struct output *ret_output);
// Makes missing folders, asks before it overwrites unless overwrite is set, and never overwrites
// one of the files in inputs. Reports why when it fails.
bool output_open_file(const char *path, bool overwrite, const struct file_status *inputs,
                      size_t input_count, struct output *ret_output);

// Where the options say; asks as output_open_file does.
bool output_open_chosen(const struct options *options, const struct input_list *inputs,
                        struct output *ret_output);
// Makes the file, or empties it. False with errno set.
bool output_create(const char *path, struct output *ret_output);

// Return 0, or -1 when the output has failed: then write_errno says why.
int output_write(struct output *output, const void *bytes, size_t size);
int output_flush(struct output *output);
// Flushes and closes. Returns the exit code: a reader that has gone away is a normal end. Reports
// other failures.
int output_close(struct output *output);

// Text on the standard output; returns the exit code.
int output_print(const char *text, size_t size);

#endif
