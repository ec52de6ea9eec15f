// SPDX-License-Identifier: MIT
// What a PE file has for a pack: its message tables go straight into it, and its manifests become
// models, one for each provider.
#ifndef EVX_PACKFILE_PACK_BINARY_H
#define EVX_PACKFILE_PACK_BINARY_H

#include "packfile/pack_writer.h"
#include "packs/crim.h"

// A table of a file that has been put into the pack.
struct binary_table {
    int64_t id;
    uint32_t language, message_count;
};

struct binary_manifest {
    uint64_t offset; // in the file
    uint32_t size;
};

struct binary_found {
    int64_t origin;        // 0: the file has nothing, and is not in the pack
    struct list tables;    // struct binary_table
    struct list manifests; // struct binary_manifest
};

enum binary_outcome {
    BINARY_FINE,
    BINARY_REFUSED,    // by the system: *ret_errno
    BINARY_DAMAGED,    // why
    BINARY_PACK_FAULT, // the pack could not be written
};

enum { BINARY_WHY_BYTES = 200 };

// Reads a file's resources. `shown` is what the pack calls it, `system` (may be none) where it is
// from. What is no PE file is fine and has nothing. `serves`: see pack_writer_end_table().
enum binary_outcome binary_read(struct pack_writer *writer, int fd, struct slice shown,
                                struct slice system, const char *serves,
                                struct binary_found *ret_found, int *ret_errno,
                                char why[BINARY_WHY_BYTES]);
void binary_found_destroy(struct binary_found *found, struct memory *memory);

// Calls visit for each provider of a manifest with its model, which has no origin and no tables
// yet. visit returns false to stop.
enum binary_outcome binary_read_manifest(struct memory *memory, int fd,
                                         const struct binary_manifest *manifest,
                                         bool (*visit)(void *context, struct pack_model *model),
                                         void *context, int *ret_errno, char why[BINARY_WHY_BYTES]);
// The same of a resource in memory.
enum binary_outcome manifest_visit(struct memory *memory, const uint8_t *bytes, size_t size,
                                   bool (*visit)(void *context, struct pack_model *model),
                                   void *context, char why[BINARY_WHY_BYTES]);

#endif
