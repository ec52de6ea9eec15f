// SPDX-License-Identifier: MIT
// The whole public error about damage or a note: its status, its place, and its causes in the words
// of the reference, or in ours where the reference is silent. An error may be NULL.
#ifndef EVX_COMPAT_DESCRIBE_H
#define EVX_COMPAT_DESCRIBE_H

#include "container/fault.h"
#include "container/note.h"

EVX_COLD void describe_damage(const struct damage *damage, evx_error *error);
// The same of a file, which is named.
EVX_COLD void describe_file_damage(const struct damage *damage, const char *path, evx_error *error);
EVX_COLD void describe_note(const struct note *note, evx_error *error);

// What is said about a kind: NULL where there is no further cause.
const char *describe_phrase(enum fault_kind kind, unsigned cause);

#endif
