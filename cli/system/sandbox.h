// SPDX-License-Identifier: MIT
// Gives up, for good, what a program does not need any more, so that a fault in a parser reaches no
// further: other files, other programs, the network. Where the system has no such thing, nothing is
// given up and nothing is said.
#ifndef EVX_CLI_SYSTEM_SANDBOX_H
#define EVX_CLI_SYSTEM_SANDBOX_H

struct sandbox {
    int rules; // -1: files cannot be told apart here
};

void sandbox_begin(struct sandbox *ret_sandbox);
// A file, or all that is below a folder. What is not there is passed over.
void sandbox_let_read(struct sandbox *sandbox, const char *path);
// Temporary files of the system, and libraries and time zones, which are loaded when they are needed.
void sandbox_let_usual(struct sandbox *sandbox);
// From here on. Descriptors that are open stay so. Before other threads are there.
void sandbox_enter(struct sandbox *sandbox);

#endif
