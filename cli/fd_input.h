// SPDX-License-Identifier: MIT
// A file of which the library reads pieces.
#ifndef EVX_CLI_FD_INPUT_H
#define EVX_CLI_FD_INPUT_H

#include <stddef.h>
#include <stdint.h>

// For the callbacks of an evx_input; less than `size` only at the end, -1 with errno.
int64_t fd_input_read(int fd, void *buffer, size_t size, uint64_t offset);
int64_t fd_input_size(int fd);

#endif
