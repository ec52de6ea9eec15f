// SPDX-License-Identifier: MIT
// Which columns a table has, read from a list such as `EventID,User=TargetUserName,"Category
// Name"`. Immutable once it is made, and shared by all threads. Knows no values.
#ifndef EVX_ROWS_COLUMNS_H
#define EVX_ROWS_COLUMNS_H

#include "filter/field_plan.h"
#include "filter/query_text.h"

enum { COLUMNS_MAX = 1024 };

enum column_kind {
    COLUMN_FIELD,     // values
    COLUMN_CONTENT,   // what EventData or else UserData has inside, as JSON
    COLUMN_RECORD_ID, // of the record's header, as are those that follow
    COLUMN_WRITTEN,
    COLUMN_CHUNK,
    COLUMN_OFFSET,
    COLUMN_SOURCE_FILE,
    COLUMN_RECOVERED,
    COLUMN_MESSAGE, // of RenderingInfo, as are those that follow
    COLUMN_LEVEL_NAME,
    COLUMN_TASK_NAME,
    COLUMN_OPCODE_NAME,
    COLUMN_KEYWORD_NAMES,
};

struct column {
    uint8_t kind;     // enum column_kind
    uint32_t field;   // FIELD
    const char *name; // UTF-8, as it was asked for
    uint32_t name_size;
    uint32_t key_size;
    const uint8_t *key; // the name and a colon, as in JSON
};

struct columns {
    struct query_tree tree; // steps of the paths, names
    struct column *columns;
    uint32_t count;
    struct field *fields; // of the columns that have one
    uint32_t field_count;
    bool has_content; // one of them is COLUMN_CONTENT
    bool has_messages;
};

// What there is without a list.
#define COLUMNS_DEFAULT                                                                            \
    "RecordID,TimeCreated,EventID,Level,Provider,Channel,Computer,UserID,ProcessID,ThreadID,"      \
    "EventRecordID,EventData,SourceFile"

// False with *error set; columns_destroy is due either way. has_messages: Message, LevelName and so
// on are those of RenderingInfo, and otherwise data of that name.
EVX_MUST_USE bool columns_init(struct columns *columns, struct memory *memory, bool has_messages,
                               const char *list, size_t size, struct query_error *error);
// The routes of a field by its name, into one without any. Names of data are tried as they are
// spelled, then in any case: `ProcessId` and `ProcessID` may stand side by side. Paths are left as
// they were written. False with *error set.
EVX_MUST_USE bool columns_find_field(struct query_tree *tree, const struct query_text *name,
                                     struct field *ret_field, struct query_error *error);
void columns_destroy(struct columns *columns);

#endif
