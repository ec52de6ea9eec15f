// SPDX-License-Identifier: MIT
// A registry hive, read by libhivex, which is loaded when a hive is opened first.
#ifndef EVX_PACKFILE_HIVE_H
#define EVX_PACKFILE_HIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

struct hive_api;

struct hive {
    struct memory *memory;
    struct hive_api *api;
    void *handle;
    const char *why; // it could not be opened: static text, or the system's
};

typedef uint64_t hive_key; // 0: none

// False with hive->why; hive_close() is due either way.
bool hive_open(struct hive *hive, struct memory *memory, const char *path);
void hive_close(struct hive *hive);

hive_key hive_root(struct hive *hive);
// By a path with / between names, in any case.
hive_key hive_find(struct hive *hive, hive_key key, const char *path);
// Calls visit for each key below with its name (UTF-8), until it returns false. False then, too.
bool hive_visit(struct hive *hive, hive_key key,
                bool (*visit)(void *context, hive_key key, const char *name), void *context);
// The bytes of a value ("": the default one); for hive_free(). NULL: none.
void *hive_value(struct hive *hive, hive_key key, const char *name, size_t *ret_size);
void hive_free(void *bytes);

#endif
