// SPDX-License-Identifier: MIT
// Terminals: what is one, and single keys of one.
#ifndef EVX_CLI_SYSTEM_CONSOLE_H
#define EVX_CLI_SYSTEM_CONSOLE_H

#include <stdbool.h>

bool console_is(int fd);
// Whether both lead to one terminal.
bool console_is_same(int fd, int other_fd);

struct console_keys;

// Keys of the terminal that the user sits at, without Enter and echo, Ctrl-C as key 3. NULL: there
// is none. free() by console_close_keys.
struct console_keys *console_open_keys(void);
// -1 at the end of the input, else a byte.
int console_read_key(struct console_keys *keys);
void console_close_keys(struct console_keys *keys);

#endif
