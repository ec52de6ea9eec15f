// SPDX-License-Identifier: MIT
// Providers out of PE files: a group of files that belong together, such as a folder of Windows.
// WEVT_TEMPLATE resources say which events there are; their texts stand in the message table of the
// same file or of the .mui and .mun files that are called after it, else in the file that holds
// nearly all of their numbers.
#ifndef EVX_PACKS_PROVIDER_FILES_H
#define EVX_PACKS_PROVIDER_FILES_H

#include "packs/pe.h"
#include "packs/providers.h"

enum resource_kind { RESOURCE_DEFINITIONS, RESOURCE_MESSAGES };

struct provider_files {
    struct providers *providers;
    struct list names;       // struct file_name: what files are called, without .mui and .mun
    struct list definitions; // struct file_definitions
};

void provider_files_init(struct provider_files *files, struct providers *providers);
void provider_files_destroy(struct provider_files *files);

enum file_outcome {
    FILE_ADDED,
    FILE_WITHOUT, // it has neither of the resources, or nothing in them can be used
    FILE_REFUSED, // see the fault: it is no PE file, is damaged or cannot be read
    FILE_NO_MEMORY,
};

// Reads the resources of a PE file. The name (UTF-8, without folders) is what it is called.
enum file_outcome provider_files_add(struct provider_files *files, const char *name,
                                     const evx_input *input, struct pe_fault *ret_fault);
// One resource of such a file; the bytes are copied.
enum file_outcome provider_files_add_resource(struct provider_files *files, const char *name,
                                              enum resource_kind kind, uint16_t language,
                                              const uint8_t *bytes, size_t size);

// Puts the providers of the group into the set. Once, when all files have been added. False without
// memory.
EVX_MUST_USE bool provider_files_link(struct provider_files *files);

#endif
