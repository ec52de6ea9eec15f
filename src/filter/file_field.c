// SPDX-License-Identifier: MIT
#include "filter/file_field.h"

#include <string.h>

enum file_field file_field_of(const struct query_text *name)
{
    static const char *const names[] = {
        [FILE_FIELD_RECORD_ID] = "RecordID",
        [FILE_FIELD_WRITTEN] = "Written",
        [FILE_FIELD_CHUNK] = "Chunk",
        [FILE_FIELD_OFFSET] = "Offset",
        [FILE_FIELD_SOURCE_FILE] = "SourceFile",
        [FILE_FIELD_RECOVERED] = "Recovered",
    };
    for (size_t i = FILE_FIELD_RECORD_ID; i < sizeof names / sizeof *names; i++)
        if (name->size == strlen(names[i]) && memcmp(name->bytes, names[i], name->size) == 0)
            return (enum file_field)i;
    return FILE_FIELD_NONE;
}
