// SPDX-License-Identifier: MIT
// A SQLite database: one that is written, or one that somebody else wrote and that is believed
// nothing. Such a one is opened so that no byte of it or beside it changes and nothing in it runs
// (views, triggers, functions), its tables must be tables, and the steps of looking at it are
// counted: an index whose pages form a ring has an end.
//
// The first failure is kept and all later calls fail, so that callers look once.
#ifndef EVX_PACKFILE_DATABASE_H
#define EVX_PACKFILE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/attrs.h"
#include "base/memory.h"

// UTF-8, not ended by a NUL. No bytes pointer: none.
struct slice {
    const char *bytes;
    size_t size;
};
#define SLICE(text) ((struct slice){(text), sizeof(text) - 1})

enum { DATABASE_FAULT_BYTES = 200 };

struct database_fault {
    evx_status
        status; // EVX_OK: none. EVX_ERR_IO with system_errno; EVX_ERR_PACK: it is damaged, ...
    int system_errno;
    char text[DATABASE_FAULT_BYTES]; // of EVX_ERR_PACK
};

struct database {
    struct memory *memory;
    struct sqlite_api *api;
    void *handle;
    bool is_foreign;     // written by somebody else
    uint64_t rows_left;  // that may be looked at: an honest file has more bytes than rows
    uint64_t bytes_left; // of texts and blobs that may be looked at
    uint64_t ticks_left; // of SQLite's own steps
    struct database_fault fault;
};

struct statement {
    struct database *database;
    void *handle;
};

// A new file, for writing; it must not be there. False with database->fault. database_close() is
// due either way.
EVX_MUST_USE bool database_create(struct database *database, struct memory *memory,
                                  const char *path);
// A database in memory.
EVX_MUST_USE bool database_create_in_memory(struct database *database, struct memory *memory);
// Somebody else's file, for reading.
EVX_MUST_USE bool database_open(struct database *database, struct memory *memory, const char *path);
void database_close(struct database *database);

// EVX_ERR_PACK with a text. Returns false.
EVX_COLD EVX_PRINTF(2, 3) bool database_refuse(struct database *database, const char *format, ...);
EVX_COLD bool database_no_memory(struct database *database);
static inline bool database_is_fine(const struct database *database)
{
    return database->fault.status == EVX_OK;
}

bool database_run(struct database *database, const char *sql);
int64_t database_last_id(struct database *database);
// Whether there is a table of this name: no view, no virtual one.
bool database_has_table(struct database *database, const char *name);

// The statement's handle is NULL after a failure; statement_close() is fine then, too.
struct statement statement_open(struct database *database, const char *sql);
void statement_close(struct statement *statement);
// A letter for each parameter from the first on:
//   i int64_t   u uint32_t, UINT32_MAX is NULL   t struct slice   b const void *, size_t
//   k uint64_t as int64_t   g const uint8_t *: a GUID as text, NULL is NULL
// What is bound must live until the statement is begun again. Begins the statement anew.
void statement_bind(struct statement *statement, const char *kinds, ...);
// Whether there is a row. False behind the last one, or with a fault.
bool statement_next(struct statement *statement);
// Runs a statement without rows.
bool statement_run(struct statement *statement);

// Columns of the row, 0 or nothing when they are of another type. Text and blob live until the next
// row.
bool column_is_null(struct statement *statement, int column);
int64_t column_int(struct statement *statement, int column);
// A number in its range; anything else is the fallback.
uint32_t column_u32(struct statement *statement, int column, uint32_t max, uint32_t fallback);
struct slice column_text(struct statement *statement, int column);
struct slice column_blob(struct statement *statement, int column);
// A GUID written as {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}, or without braces.
bool column_guid(struct statement *statement, int column, uint8_t ret_guid[16]);

enum { GUID_TEXT_BYTES = 39 }; // with its NUL
void guid_print(const uint8_t guid[16], char ret_text[GUID_TEXT_BYTES]);
bool guid_parse(struct slice text, uint8_t ret_guid[16]);

#endif
