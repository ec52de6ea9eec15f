// SPDX-License-Identifier: MIT
#include "packfile/database.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "packfile/sqlite_api.h"
#include "print/number.h"
#include "system/file.h"

bool database_refuse(struct database *database, const char *format, ...)
{
    va_list arguments;
    if (!database_is_fine(database))
        return false;
    database->fault.status = EVX_ERR_PACK;
    va_start(arguments, format);
    vsnprintf(database->fault.text, sizeof database->fault.text, format, arguments);
    va_end(arguments);
    return false;
}

bool database_no_memory(struct database *database)
{
    if (database_is_fine(database))
        database->fault.status = EVX_ERR_MEMORY;
    return false;
}

void guid_print(const uint8_t guid[16], char ret_text[GUID_TEXT_BYTES])
{
    uint8_t *end = put_guid((uint8_t *)ret_text, guid);
    EVX_CHECK(end == (uint8_t *)ret_text + GUID_TEXT_BYTES - 1);
    *end = 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool guid_parse(struct slice text, uint8_t ret_guid[16])
{
    static const uint8_t places[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t guid[16];
    if (text.size == 38 && text.bytes[0] == '{' && text.bytes[37] == '}')
        text = (struct slice){text.bytes + 1, 36};
    if (text.size != 36)
        return false;
    for (size_t i = 0, at = 0; i < 16; i++, at += 2) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.bytes[at++] != '-')
            return false;
        int high = hex_digit(text.bytes[at]), low = hex_digit(text.bytes[at + 1]);
        if (high < 0 || low < 0)
            return false;
        guid[places[i]] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret_guid, guid, sizeof guid);
    return true;
}

#if EVX_HAVE_SQLITE

enum {
    TICK_STEPS = 10000,
    LENGTH_MAX = 64 << 20, // of a value
    SQL_MAX = 64 << 10,
    COLUMNS_MAX = 64,
    LIST_MIN = 1 << 20, // rows, and bytes, that even the smallest file may have
};

static bool refuse_by_sqlite(struct database *database)
{
    int code = database->api->extended_errcode(database->handle);
    if ((code & 0xFF) == SQLITE_NOMEM)
        return database_no_memory(database);
    if ((code & 0xFF) == SQLITE_INTERRUPT)
        return database_refuse(database, "it takes too many steps for its size");
    return database_refuse(database, "%s", database->api->errmsg(database->handle));
}

static int count_tick(void *context)
{
    struct database *database = context;
    if (database->ticks_left == 0)
        return 1;
    database->ticks_left--;
    return 0;
}

static bool load(struct database *database, struct memory *memory)
{
    *database = (struct database){.memory = memory};
    database->rows_left = database->bytes_left = database->ticks_left = UINT64_MAX;
    database->api = memory_allocate(memory, sizeof *database->api);
    if (!database->api)
        return database_no_memory(database);
    if (sqlite_api_load(database->api))
        return true;
    memory_release(memory, database->api, sizeof *database->api);
    database->api = NULL;
    return database_refuse(database, "SQLite is not installed (libsqlite3.so.0)");
}

static bool open_name(struct database *database, const char *name, int flags)
{
    sqlite3 *handle = NULL;
    EVX_CHECK(database->api && !database->handle);
    int code = database->api->open_v2(name, &handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    database->handle = handle;
    if (!handle)
        return database_no_memory(database);
    return code == SQLITE_OK || refuse_by_sqlite(database);
}

static bool refuse_by_system(struct database *database)
{
    database->fault.status = EVX_ERR_IO;
    database->fault.system_errno = errno ? errno : EIO;
    return false;
}

bool database_create(struct database *database, struct memory *memory, const char *path)
{
    if (!load(database, memory))
        return false;
    int fd = file_create_new(path);
    if (fd < 0)
        return refuse_by_system(database);
    file_close(fd);
    // Nobody reads it before it is whole, and who is cut off makes it again: no journal is needed.
    return open_name(database, path, SQLITE_OPEN_READWRITE) &&
           database_run(database, "PRAGMA journal_mode=OFF;"
                                  "PRAGMA synchronous=OFF;"
                                  "PRAGMA cache_size=-8192;");
}

bool database_create_in_memory(struct database *database, struct memory *memory)
{
    return load(database, memory) &&
           open_name(database, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

// The path as a URI, with which SQLite can be told that nothing but the file is to be looked at: no
// journal beside it, no lock. NULL without memory.
static char *immutable_name(struct memory *memory, const char *path, size_t *ret_size)
{
    static const char begin[] = "file:", end[] = "?immutable=1", digits[] = "0123456789ABCDEF";
    size_t size = sizeof begin + sizeof end + 3 * strlen(path) + 2;
    char *name = memory_allocate(memory, size), *to = name;
    if (!name)
        return NULL;
    memcpy(to, begin, sizeof begin - 1);
    to += sizeof begin - 1;
    if (path[0] == '/' && path[1] == '/') // would name a host
        path++;
    for (const char *from = path; *from; from++) {
        uint8_t byte = (uint8_t)*from;
        if (byte == '%' || byte == '?' || byte == '#') {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        } else {
            *to++ = *from;
        }
    }
    memcpy(to, end, sizeof end);
    *ret_size = size;
    return name;
}

static bool set_limits(struct database *database)
{
    static const struct {
        int what, limit;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, LENGTH_MAX},  {SQLITE_LIMIT_SQL_LENGTH, SQL_MAX},
        {SQLITE_LIMIT_COLUMN, COLUMNS_MAX}, {SQLITE_LIMIT_EXPR_DEPTH, 20},
        {SQLITE_LIMIT_COMPOUND_SELECT, 3},  {SQLITE_LIMIT_VDBE_OP, 25000},
        {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    };
    static const struct {
        int what, value;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},       {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},     {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    };
    EVX_CHECK(database->is_foreign && database->ticks_left != UINT64_MAX);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        database->api->limit(database->handle, limits[i].what, limits[i].limit);
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (database->api->db_config(database->handle, switches[i].what, switches[i].value,
                                     (int *)NULL) != SQLITE_OK)
            return refuse_by_sqlite(database);
    database->api->progress_handler(database->handle, TICK_STEPS, count_tick, database);
    return database_run(database, "PRAGMA trusted_schema=OFF;"
                                  "PRAGMA cell_size_check=ON;"
                                  "PRAGMA mmap_size=0;"
                                  "PRAGMA query_only=ON;");
}

bool database_open(struct database *database, struct memory *memory, const char *path)
{
    struct file_status status;
    size_t size;
    if (!load(database, memory))
        return false;
    database->is_foreign = true;
    if (!file_find_status(path, &status))
        return refuse_by_system(database);
    if (status.kind != FILE_KIND_REGULAR) {
        errno = status.kind == FILE_KIND_FOLDER ? EISDIR : EINVAL;
        return refuse_by_system(database);
    }
    uint64_t bytes = status.size_bytes;
    database->rows_left = LIST_MIN + 16 * bytes;
    database->bytes_left = 64 * LIST_MIN + 256 * bytes;
    database->ticks_left = 1000 + bytes / 64;
    char *name = immutable_name(memory, path, &size);
    if (!name)
        return database_no_memory(database);
    bool fine = open_name(database, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    memory_release(memory, name, size);
    return fine && set_limits(database);
}

void database_close(struct database *database)
{
    if (database->handle) {
        int code = database->api->close_v2(database->handle);
        EVX_CHECK(code == SQLITE_OK);
    }
    if (database->api) {
        sqlite_api_unload(database->api);
        memory_release(database->memory, database->api, sizeof *database->api);
    }
    database->handle = database->api = NULL;
}

bool database_run(struct database *database, const char *sql)
{
    if (!database_is_fine(database))
        return false;
    return database->api->exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           refuse_by_sqlite(database);
}

int64_t database_last_id(struct database *database)
{
    EVX_CHECK(database->handle && !database->is_foreign);
    return database->api->last_insert_rowid(database->handle);
}

bool database_has_table(struct database *database, const char *name)
{
    struct statement statement =
        statement_open(database, "SELECT 1 FROM sqlite_master WHERE name=? COLLATE NOCASE AND "
                                 "type='table' AND rootpage>0");
    statement_bind(&statement, "t", (struct slice){name, strlen(name)});
    bool found = statement_next(&statement);
    statement_close(&statement);
    return found;
}

// ----------------------------------------------------------------------------------------
// statements

struct statement statement_open(struct database *database, const char *sql)
{
    struct statement statement = {.database = database};
    sqlite3_stmt *handle = NULL;
    if (!database_is_fine(database))
        return statement;
    if (database->api->prepare_v2(database->handle, sql, -1, &handle, NULL) != SQLITE_OK)
        refuse_by_sqlite(database);
    statement.handle = handle;
    return statement;
}

void statement_close(struct statement *statement)
{
    if (statement->handle)
        statement->database->api->finalize(statement->handle);
    statement->handle = NULL;
}

static void bind_one(struct statement *statement, char kind, int at, va_list *arguments)
{
    const struct sqlite_api *api = statement->database->api;
    int code = SQLITE_OK;
    if (kind == 'i') {
        code = api->bind_int64(statement->handle, at, va_arg(*arguments, int64_t));
    } else if (kind == 'k') {
        code = api->bind_int64(statement->handle, at, (int64_t)va_arg(*arguments, uint64_t));
    } else if (kind == 'u') {
        uint32_t number = va_arg(*arguments, uint32_t);
        code = number == UINT32_MAX ? api->bind_null(statement->handle, at)
                                    : api->bind_int64(statement->handle, at, number);
    } else if (kind == 't') {
        struct slice text = va_arg(*arguments, struct slice);
        EVX_CHECK(text.size <= INT32_MAX);
        code = api->bind_text(statement->handle, at, text.bytes, (int)text.size, SQLITE_STATIC);
    } else if (kind == 'b') {
        const void *bytes = va_arg(*arguments, const void *);
        size_t size = va_arg(*arguments, size_t);
        EVX_CHECK(size <= INT32_MAX);
        code = api->bind_blob(statement->handle, at, bytes ? bytes : "", (int)size, SQLITE_STATIC);
    } else {
        EVX_CHECK(kind == 'g');
        const uint8_t *guid = va_arg(*arguments, const uint8_t *);
        char text[GUID_TEXT_BYTES];
        if (guid)
            guid_print(guid, text);
        code = guid ? api->bind_text(statement->handle, at, text, -1, SQLITE_TRANSIENT)
                    : api->bind_null(statement->handle, at);
    }
    if (code != SQLITE_OK)
        refuse_by_sqlite(statement->database);
}

void statement_bind(struct statement *statement, const char *kinds, ...)
{
    va_list arguments;
    if (!statement->handle || !database_is_fine(statement->database))
        return;
    statement->database->api->reset(statement->handle);
    va_start(arguments, kinds);
    for (int i = 0; kinds[i]; i++)
        bind_one(statement, kinds[i], i + 1, &arguments);
    va_end(arguments);
}

bool statement_next(struct statement *statement)
{
    struct database *database = statement->database;
    if (!statement->handle || !database_is_fine(database))
        return false;
    int code = database->api->step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return refuse_by_sqlite(database);
    if (code == SQLITE_DONE)
        return false;
    if (database->rows_left == 0)
        return database_refuse(database, "it has more rows than fit into it");
    database->rows_left--;
    return true;
}

bool statement_run(struct statement *statement)
{
    bool has_row = statement_next(statement);
    EVX_CHECK(!has_row);
    if (statement->handle) // what was bound is let go
        statement->database->api->reset(statement->handle);
    return database_is_fine(statement->database);
}

bool column_is_null(struct statement *statement, int column)
{
    EVX_CHECK(statement->handle != NULL);
    return statement->database->api->column_type(statement->handle, column) == SQLITE_NULL;
}

int64_t column_int(struct statement *statement, int column)
{
    EVX_CHECK(statement->handle != NULL);
    const struct sqlite_api *api = statement->database->api;
    if (api->column_type(statement->handle, column) != SQLITE_INTEGER)
        return 0;
    return api->column_int64(statement->handle, column);
}

uint32_t column_u32(struct statement *statement, int column, uint32_t max, uint32_t fallback)
{
    const struct sqlite_api *api = statement->database->api;
    EVX_CHECK(statement->handle != NULL);
    if (api->column_type(statement->handle, column) != SQLITE_INTEGER)
        return fallback;
    int64_t number = api->column_int64(statement->handle, column);
    return number >= 0 && number <= (int64_t)max ? (uint32_t)number : fallback;
}

// Of a column of the type; the bytes are counted.
static struct slice column_bytes(struct statement *statement, int column, int type)
{
    struct database *database = statement->database;
    const struct sqlite_api *api = database->api;
    EVX_CHECK(statement->handle && (type == SQLITE_TEXT || type == SQLITE_BLOB));
    if (api->column_type(statement->handle, column) != type)
        return (struct slice){0};
    const char *bytes = type == SQLITE_TEXT
                            ? (const char *)api->column_text(statement->handle, column)
                            : api->column_blob(statement->handle, column);
    int size = api->column_bytes(statement->handle, column);
    if (!bytes && size > 0)
        database_no_memory(database);
    if (!bytes || size < 0)
        return (struct slice){"", 0};
    if ((uint64_t)size > database->bytes_left) {
        database_refuse(database, "it has more text than fits into it");
        return (struct slice){0};
    }
    database->bytes_left -= (uint64_t)size;
    return (struct slice){bytes, (size_t)size};
}

struct slice column_text(struct statement *statement, int column)
{
    return column_bytes(statement, column, SQLITE_TEXT);
}

struct slice column_blob(struct statement *statement, int column)
{
    return column_bytes(statement, column, SQLITE_BLOB);
}

bool column_guid(struct statement *statement, int column, uint8_t ret_guid[16])
{
    struct slice text = column_text(statement, column);
    return text.bytes && guid_parse(text, ret_guid);
}

#else

static bool refuse_all(struct database *database, struct memory *memory)
{
    *database = (struct database){.memory = memory};
    return database_refuse(database, "this program has been built without SQLite");
}

bool database_create(struct database *database, struct memory *memory, const char *path)
{
    (void)path;
    return refuse_all(database, memory);
}

bool database_create_in_memory(struct database *database, struct memory *memory)
{
    return refuse_all(database, memory);
}

bool database_open(struct database *database, struct memory *memory, const char *path)
{
    (void)path;
    return refuse_all(database, memory);
}

void database_close(struct database *database)
{
    (void)database;
}

bool database_run(struct database *database, const char *sql)
{
    (void)database, (void)sql;
    return false;
}

int64_t database_last_id(struct database *database)
{
    (void)database;
    return 0;
}

bool database_has_table(struct database *database, const char *name)
{
    (void)database, (void)name;
    return false;
}

struct statement statement_open(struct database *database, const char *sql)
{
    (void)sql;
    return (struct statement){.database = database};
}

void statement_close(struct statement *statement)
{
    (void)statement;
}

void statement_bind(struct statement *statement, const char *kinds, ...)
{
    (void)statement, (void)kinds;
}

bool statement_next(struct statement *statement)
{
    (void)statement;
    return false;
}

bool statement_run(struct statement *statement)
{
    (void)statement;
    return false;
}

bool column_is_null(struct statement *statement, int column)
{
    (void)statement, (void)column;
    return true;
}

int64_t column_int(struct statement *statement, int column)
{
    (void)statement, (void)column;
    return 0;
}

uint32_t column_u32(struct statement *statement, int column, uint32_t max, uint32_t fallback)
{
    (void)statement, (void)column, (void)max;
    return fallback;
}

struct slice column_text(struct statement *statement, int column)
{
    (void)statement, (void)column;
    return (struct slice){0};
}

struct slice column_blob(struct statement *statement, int column)
{
    (void)statement, (void)column;
    return (struct slice){0};
}

bool column_guid(struct statement *statement, int column, uint8_t ret_guid[16])
{
    (void)statement, (void)column, (void)ret_guid;
    return false;
}

#endif
