// SPDX-License-Identifier: MIT
// What reading a group of files and putting it into a set share. Internal to packs/.
#ifndef EVX_PACKS_PROVIDER_LINK_H
#define EVX_PACKS_PROVIDER_LINK_H

#include "packs/provider_files.h"

struct file_name {
    const char *text; // not ended
    size_t size;
    struct message_list *messages; // of all files that are called so; NULL: none
};

struct file_definitions {
    struct crim crim;
    uint32_t name; // index
};

// In any case of ASCII letters.
bool file_name_is(const struct file_name *name, const char *text, size_t size);

#endif
