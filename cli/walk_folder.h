// SPDX-License-Identifier: MIT
// All files below a folder.
#ifndef EVX_CLI_WALK_FOLDER_H
#define EVX_CLI_WALK_FOLDER_H

#include "system/file.h"

struct folder_visitor {
    // The kind is that of the path itself: a link is FILE_KIND_OTHER.
    void (*file)(void *context, const char *path, const char *name, enum file_kind kind);
    void (*refused)(void *context, const char *folder, int number);
    void *context;
};

// At any depth, in the byte order of names within each folder. A link that is the root is followed,
// links to folders below it are not: no cycles.
void walk_folder(const char *root, const struct folder_visitor *visitor);

#endif
