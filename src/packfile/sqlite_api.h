// SPDX-License-Identifier: MIT
// SQLite, loaded when a database is opened first: programs and libraries are not linked with it,
// and who uses no pack pays nothing for it.
#ifndef EVX_PACKFILE_SQLITE_API_H
#define EVX_PACKFILE_SQLITE_API_H

#include <stdbool.h>

#if EVX_HAVE_SQLITE

#include <sqlite3.h>

#define SQLITE_API_CALLS(CALL)                                                                     \
    CALL(open_v2)                                                                                  \
    CALL(close_v2)                                                                                 \
    CALL(exec)                                                                                     \
    CALL(prepare_v2)                                                                               \
    CALL(step)                                                                                     \
    CALL(reset)                                                                                    \
    CALL(finalize)                                                                                 \
    CALL(bind_int64)                                                                               \
    CALL(bind_text)                                                                                \
    CALL(bind_blob)                                                                                \
    CALL(bind_null)                                                                                \
    CALL(column_type)                                                                              \
    CALL(column_int64)                                                                             \
    CALL(column_text)                                                                              \
    CALL(column_blob)                                                                              \
    CALL(column_bytes)                                                                             \
    CALL(errmsg)                                                                                   \
    CALL(extended_errcode)                                                                         \
    CALL(db_config)                                                                                \
    CALL(limit)                                                                                    \
    CALL(progress_handler)                                                                         \
    CALL(last_insert_rowid)

struct sqlite_api {
    void *library;
#define MEMBER(name) __typeof__(&sqlite3_##name) name;
    SQLITE_API_CALLS(MEMBER)
#undef MEMBER
};

// False when the library is not installed, or too old.
bool sqlite_api_load(struct sqlite_api *ret_api);
void sqlite_api_unload(struct sqlite_api *api);

#endif

#endif
