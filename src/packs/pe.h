// SPDX-License-Identifier: MIT
// Resources of a PE file (EXE, DLL, SYS, MUI, MUN), 32 or 64 bits. The file is read piece by piece,
// never as a whole. Its resource tree may be anything: levels are three, and work and memory are
// bounded by the size of the file.
#ifndef EVX_PACKS_PE_H
#define EVX_PACKS_PE_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/attrs.h"
#include "base/memory.h"

// Which resources are wanted: the first type of this name, or of this number where there is none.
struct pe_type {
    const char *name; // ASCII; NULL: by number
    uint32_t number;
};

struct pe_resource {
    uint64_t offset; // in the file
    uint32_t size;   // not 0
    uint32_t language;
    uint32_t id; // of the resource; 0 when it has a name
};

struct pe_resources {
    struct pe_resource *list;
    uint32_t count, capacity;
};

enum { PE_FAULT_BYTES = 160 };

struct pe_fault {
    int system_errno; // of a read that failed; 0: the text says what is wrong
    bool no_memory;
    char text[PE_FAULT_BYTES];
};

// The resources of the type in the order of their directories; those with a named language are left
// out. None when the file has no such type. False with the fault, and then the list is empty. One
// bad resource spoils the file: it has been tampered with or cut.
EVX_MUST_USE bool pe_find(const evx_input *input, const struct pe_type *type, struct memory *memory,
                          struct pe_resources *ret, struct pe_fault *ret_fault);
void pe_resources_destroy(struct pe_resources *resources, struct memory *memory);

#endif
