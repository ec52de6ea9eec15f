// SPDX-License-Identifier: MIT
// Fields that are not of the event: of the record's header and of the log that it stands in.
#ifndef EVX_FILTER_FILE_FIELD_H
#define EVX_FILTER_FILE_FIELD_H

#include "filter/query_text.h"

enum file_field {
    FILE_FIELD_NONE,
    FILE_FIELD_RECORD_ID,
    FILE_FIELD_WRITTEN,
    FILE_FIELD_CHUNK,
    FILE_FIELD_OFFSET,
    FILE_FIELD_SOURCE_FILE,
    FILE_FIELD_RECOVERED,
};

// FILE_FIELD_NONE: the name means none of them.
enum file_field file_field_of(const struct query_text *name);

#endif
