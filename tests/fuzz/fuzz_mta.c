// SPDX-License-Identifier: MIT
// Guards MTA files: whatever is found lies in the file.
#include <stdlib.h>
#include <string.h>

#include "packs/mta.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(const struct mta *mta, struct mta_text text)
{
    if (text.count > 0 && (text.units < mta->bytes ||
                           text.units + 2 * (size_t)text.count > mta->bytes + mta->size))
        abort();
}

static void ask(const struct mta *mta)
{
    const struct mta_publisher *publishers = mta->publishers.items;
    for (size_t i = 0; i < mta->publishers.count && i < 100; i++) {
        check_text(mta, publishers[i].name);
        const struct mta_publisher *found =
            mta_find_publisher(mta, publishers[i].name.units, publishers[i].name.count);
        if (!found)
            abort();
        for (uint32_t key = 0; key < 64; key++) {
            struct mta_text text;
            if (mta_find_row(mta, found, (enum mta_table)(key % MTA_TABLES), key / 4, &text))
                check_text(mta, text);
        }
    }
    for (uint64_t id = 0; id < 64; id++)
        check_text(mta, mta_find_message(mta, id, id));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct memory memory;
    struct mta mta;
    struct mta_fault fault;
    memory_init(&memory, NULL);
    uint8_t *copy = memory_allocate(&memory, size ? size : 1);
    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    bool fine = mta_parse(&mta, &memory, copy, size ? size : 1, &fault);
    if (fine)
        ask(&mta);
    else if (!fault.no_memory && !*fault.text)
        abort();
    mta_destroy(&mta);
    return 0;
}
