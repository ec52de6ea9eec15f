// SPDX-License-Identifier: MIT
// Reads a pack that anybody may have written: each number and text is checked where it is used, and
// what is out of its range counts as not known.
#ifndef EVX_PACKFILE_PACK_READER_H
#define EVX_PACKFILE_PACK_READER_H

#include "packfile/pack_model.h"

enum reader_statement {
    READ_PROVIDER,
    READ_BY_GUID,
    READ_BY_NAME,
    READ_EVENTS,
    READ_NAMES,
    READ_TEMPLATES,
    READ_ITEMS,
    READ_MAPS,
    READ_MAP_ROWS,
    READ_USES,
    READ_TABLE,
    READ_MESSAGES,
    READ_MESSAGE,
    READ_ORIGIN,
    READER_STATEMENTS,
};

struct pack_reader {
    struct database database;
    struct statement statements[READER_STATEMENTS];
    struct list ids; // int64_t: of the providers that are looked at
};

// False with reader->database.fault; pack_reader_close() is due either way.
EVX_MUST_USE bool pack_reader_open(struct pack_reader *reader, struct memory *memory,
                                   const char *path);
void pack_reader_close(struct pack_reader *reader);

// The ids of all providers into reader->ids, in their order.
EVX_MUST_USE bool pack_reader_list(struct pack_reader *reader);
// Those of a GUID, the newest first; or of a name in any case of ASCII letters.
EVX_MUST_USE bool pack_reader_find_guid(struct pack_reader *reader, const uint8_t guid[16]);
EVX_MUST_USE bool pack_reader_find_name(struct pack_reader *reader, struct slice name);

// Fills an empty model. False without memory, without such a provider, or when the pack is damaged:
// database.fault says which.
EVX_MUST_USE bool pack_reader_get(struct pack_reader *reader, int64_t id, struct pack_model *model);

struct reader_table {
    int64_t origin;
    uint32_t language;
    struct slice serves; // until the next call
};
bool pack_reader_get_table(struct pack_reader *reader, int64_t table, struct reader_table *ret);
// Calls visit for each message of a table. The text lives until it returns; it returns false to
// stop.
bool pack_reader_visit_messages(struct pack_reader *reader, int64_t table,
                                bool (*visit)(void *context, uint32_t id, struct slice text),
                                void *context);
// One message, until the next call. No bytes: none.
struct slice pack_reader_get_message(struct pack_reader *reader, int64_t table, uint32_t id);

struct reader_origin {
    struct slice kind, path, sha256, version, system; // until the next call
    uint64_t size;                                    // UINT64_MAX: not known
};
bool pack_reader_get_origin(struct pack_reader *reader, int64_t origin, struct reader_origin *ret);

#endif
