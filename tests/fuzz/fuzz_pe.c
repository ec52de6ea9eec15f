// SPDX-License-Identifier: MIT
// Guards the reader of PE resources: whatever it finds lies in the file, and there is not more of it than the
// file's size allows.
#include <stdlib.h>
#include <string.h>

#include "packs/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct file {
    const uint8_t *bytes;
    size_t size;
};

static int64_t read_file(void *context, void *buffer, size_t size, uint64_t offset)
{
    const struct file *file = context;
    if (offset > file->size)
        return 0;
    size = size < file->size - offset ? size : file->size - offset;
    if (size > 0)
        memcpy(buffer, file->bytes + offset, size);
    return (int64_t)size;
}

static int64_t file_size(void *context)
{
    return (int64_t)((const struct file *)context)->size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct pe_type types[] = {{"WEVT_TEMPLATE", 0}, {NULL, 11}};
    struct file file = {bytes, size};
    const evx_input input = {read_file, file_size, &file};
    struct memory memory;
    memory_init(&memory, NULL);
    for (int i = 0; i < 2; i++) {
        struct pe_resources found;
        struct pe_fault fault;
        bool fine = pe_find(&input, &types[i], &memory, &found, &fault);
        if (!fine && (found.count > 0 || !*fault.text))
            abort();
        for (uint32_t k = 0; k < found.count; k++)
            if (found.list[k].offset > size || found.list[k].size > size - found.list[k].offset)
                abort();
        if (found.count > size)
            abort();
        pe_resources_destroy(&found, &memory);
    }
    return 0;
}
