// SPDX-License-Identifier: MIT
// One archive, member by member, by libarchive. What fails is told as text that lives until the
// next call.
#ifndef EVX_CLI_UNPACK_H
#define EVX_CLI_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

struct unpack;

// Takes the descriptor, also when it fails. NULL: it is open; else why not.
const char *unpack_open(int fd, struct unpack **ret_unpack);
void unpack_close(struct unpack **unpack);

// The name of the next regular file in it, without control characters; NULL at the end and when the
// archive cannot be read on: unpack_error then says why.
const char *unpack_next(struct unpack *unpack);
const char *unpack_error(const struct unpack *unpack); // NULL: nothing is wrong
// Whether it is one compressed file, without a name of its own.
bool unpack_is_raw(const struct unpack *unpack);
// Begins again. NULL: fine.
const char *unpack_rewind(struct unpack *unpack);

// The bytes of the file whose name was given last, from the front of `fd` on, up to the limit: with
// more of them that is what is wrong. NULL: all are written; else *ret_size are.
const char *unpack_copy(struct unpack *unpack, int fd, uint64_t limit_bytes, uint64_t *ret_size);

#endif
