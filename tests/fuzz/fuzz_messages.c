// SPDX-License-Identifier: MIT
// Guards message tables: what the walk gives is found by its number where numbers do not repeat, and all of it
// lies in the resource.
#include <stdlib.h>

#include "packs/message_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct message_table table;
    struct message message, found;
    if (!message_table_open(bytes, size, &table))
        return 0;
    struct message_walk walk = message_table_walk(&table);
    for (size_t count = 0; message_table_next(&table, &walk, &message); count++) {
        if (message.text < bytes || message.text + message.size > bytes + size || count > size / 4)
            abort();
        if (count < 100 && table.is_sorted &&
            (!message_table_find(&table, message.id, &found) || found.text != message.text))
            abort();
    }
    return 0;
}
