// SPDX-License-Identifier: MIT
// What a program has from the system when it starts: arguments, standard descriptors, signals.
#ifndef EVX_CLI_SYSTEM_PROCESS_H
#define EVX_CLI_SYSTEM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

enum { PROCESS_INPUT = 0, PROCESS_OUTPUT = 1, PROCESS_ERRORS = 2 }; // descriptors

// First in main: the arguments become UTF-8, the standard descriptors exist and pass bytes on as
// they are; a reader of the output that goes away is told by EPIPE.
void process_begin(int *argument_count, char ***arguments);
// Ends the program as an interrupt by the user does.
void process_interrupt(void);

// Whether the standard input can give nothing at all, found out without reading. Waits for the
// writer of a pipe.
bool process_input_is_empty(void);
// Whether both lead to one place, as far as the system tells: what is written to them then comes in
// the order of writing.
bool process_shares_output(int fd, int other_fd);
// Makes larger the pieces in which a pipe passes bytes on, where that can be.
void process_widen_pipe(int fd, size_t bytes);

// Where the shell leaves it to programs to say which files "*.evtx" stands for: calls take for
// each. Else, and when there is none, for the name itself.
void process_expand_name(const char *name, void (*take)(void *context, const char *path),
                         void *context);
// What stands between the paths of a list in an environment variable.
char process_list_separator(void);

#endif
