// SPDX-License-Identifier: MIT
// What is in a folder, in the order in which the system gives it.
#ifndef EVX_SYSTEM_FOLDER_H
#define EVX_SYSTEM_FOLDER_H

#include "system/file.h"

struct folder_reader;

// NULL with errno set.
struct folder_reader *folder_open(const char *path);
// The next name but for "." and "..", valid until the next call, and what it is itself: a link is
// FILE_KIND_OTHER. NULL at the end, with errno 0, or when the folder cannot be read on.
const char *folder_next(struct folder_reader *folder, enum file_kind *ret_kind);
void folder_close(struct folder_reader *folder);

#endif
