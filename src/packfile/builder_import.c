// SPDX-License-Identifier: MIT
// Other packs, .wevtcache files, and which of the databases that others have a file is.
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "packfile/foreign.h"
#include "packfile/pack_reader.h"
#include "packs/pack.h"
#include "system/file.h"

// Names in the other pack and in this one.
struct renamed {
    int64_t from, to;
};

struct merge {
    struct pack_builder *builder;
    struct pack_reader reader;
    struct list origins, tables; // struct renamed
};

static bool rename_to(struct merge *merge, struct list *list, int64_t from, int64_t to)
{
    EVX_CHECK(list == &merge->origins || list == &merge->tables);
    struct renamed *renamed = list_add(list, merge->builder->memory, sizeof *renamed);
    if (!renamed)
        return builder_no_memory(merge->builder);
    *renamed = (struct renamed){from, to};
    return to != 0;
}

static int64_t new_name(const struct list *list, int64_t from)
{
    const struct renamed *renamed = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (renamed[i].from == from)
            return renamed[i].to;
    return 0;
}

static bool merge_origins(struct merge *merge)
{
    struct statement ids = statement_open(&merge->reader.database, "SELECT id FROM origin "
                                                                   "ORDER BY id");
    bool fine = true;
    while (fine && statement_next(&ids)) {
        struct reader_origin from;
        int64_t id = column_int(&ids, 0);
        if (!pack_reader_get_origin(&merge->reader, id, &from) || !from.path.bytes)
            continue;
        char kind[32];
        snprintf(kind, sizeof kind, "%.*s", (int)from.kind.size,
                 from.kind.bytes ? from.kind.bytes : "");
        const struct pack_origin origin = {kind,         from.path,   from.sha256,
                                           from.version, from.system, from.size};
        fine = rename_to(merge, &merge->origins, id,
                         pack_writer_add_origin(merge->builder->writer, &origin));
    }
    statement_close(&ids);
    return fine;
}

static bool visit_message(void *context, uint32_t id, struct slice text)
{
    struct merge *merge = context;
    return pack_writer_add_message(merge->builder->writer, id, text);
}

static bool merge_table(struct merge *merge, int64_t id)
{
    struct pack_writer *writer = merge->builder->writer;
    struct reader_table table;
    char serves[32];
    if (!pack_reader_get_table(&merge->reader, id, &table))
        return true;
    snprintf(serves, sizeof serves, "%.*s", (int)table.serves.size,
             table.serves.bytes ? table.serves.bytes : "");
    pack_writer_begin_table(writer, table.language);
    int64_t origin = new_name(&merge->origins, table.origin);
    if (!origin || !pack_reader_visit_messages(&merge->reader, id, visit_message, merge))
        return database_is_fine(&merge->reader.database) && database_is_fine(&writer->database);
    return rename_to(
        merge, &merge->tables, id,
        pack_writer_end_table(writer, origin, table.language, table.serves.bytes ? serves : NULL));
}

static bool merge_tables(struct merge *merge)
{
    struct statement ids = statement_open(&merge->reader.database, "SELECT id FROM message_table "
                                                                   "ORDER BY id");
    bool fine = true;
    while (fine && statement_next(&ids))
        fine = merge_table(merge, column_int(&ids, 0));
    statement_close(&ids);
    return fine;
}

static bool merge_provider(struct merge *merge, struct pack_model *model, int64_t id)
{
    EVX_CHECK(merge->reader.database.is_foreign);
    pack_model_clear(model);
    if (!pack_reader_get(&merge->reader, id, model))
        return false;
    struct model_use *uses = model->uses.items;
    size_t kept = 0;
    for (size_t i = 0; i < model->uses.count; i++) {
        int64_t table = new_name(&merge->tables, uses[i].table);
        if (table)
            uses[kept++] = (struct model_use){uses[i].role, uses[i].position, table};
    }
    model->uses.count = kept;
    model->origin = new_name(&merge->origins, model->origin);
    return pack_writer_add_provider(merge->builder->writer, model);
}

static bool merge_all(struct merge *merge)
{
    struct pack_model model;
    bool fine = merge_origins(merge) && merge_tables(merge) && pack_reader_list(&merge->reader);
    pack_model_init(&model, merge->builder->memory);
    const int64_t *ids = merge->reader.ids.items;
    for (size_t i = 0; i < merge->reader.ids.count && fine; i++)
        fine = merge_provider(merge, &model, ids[i]);
    pack_model_destroy(&model);
    return fine;
}

// What is wrong with somebody else's database is told; what has been read of it stays.
static bool told(struct pack_builder *builder, const struct database *database, const char *path)
{
    if (database->fault.status == EVX_ERR_MEMORY)
        return builder_no_memory(builder);
    if (database->fault.status == EVX_ERR_IO)
        builder_note(builder, path, "%s", file_error_text(database->fault.system_errno));
    else if (!database_is_fine(database))
        builder_note(builder, path, "%s", database->fault.text);
    return database_is_fine(&builder->writer->database);
}

static bool import_pack(struct pack_builder *builder, const char *path)
{
    struct merge merge = {.builder = builder};
    bool fine = pack_reader_open(&merge.reader, builder->memory, path) && merge_all(&merge);
    EVX_CHECK(fine || !database_is_fine(&merge.reader.database) ||
              !database_is_fine(&builder->writer->database));
    list_destroy(&merge.origins, builder->memory, sizeof(struct renamed));
    list_destroy(&merge.tables, builder->memory, sizeof(struct renamed));
    fine = told(builder, &merge.reader.database, path);
    pack_reader_close(&merge.reader);
    return fine;
}

int64_t foreign_origin(struct pack_builder *builder, const char *kind, const char *path)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    const struct pack_origin origin = {
        .kind = kind, .path = {name, strlen(name)}, .size = UINT64_MAX};
    return pack_writer_add_origin(builder->writer, &origin);
}

bool builder_import_database(struct pack_builder *builder, const char *path)
{
    struct database database;
    bool fine = true, is_pack = false;
    if (database_open(&database, builder->memory, path)) {
        is_pack = database_has_table(&database, "provider") &&
                  database_has_table(&database, "provider_messages");
        if (is_pack)
            ;
        else if (database_has_table(&database, "winevtrc_message_string"))
            fine = foreign_import_plaso(builder, &database, path);
        else if (database_has_table(&database, "ProviderDetails"))
            fine = foreign_import_expert(builder, &database, path);
        else if (database_has_table(&database, "providers") &&
                 database_has_table(&database, "messages"))
            fine = foreign_import_lists(builder, &database, path);
        else
            database_refuse(&database, "it is a database of a kind that is not known");
    }
    fine = told(builder, &database, path) && fine;
    database_close(&database);
    return is_pack ? import_pack(builder, path) : fine;
}

// ---------------------------------------------------------------------------------------
// .wevtcache

struct cache_import {
    struct pack_builder *builder;
    int64_t origin;
};

static bool visit_cached(void *context, struct pack_model *model)
{
    const struct cache_import *import = context;
    model->origin = import->origin;
    return pack_writer_add_provider(import->builder->writer, model);
}

static bool import_blobs(struct pack_builder *builder, const char *path, const struct pack *pack)
{
    struct cache_import import = {builder, foreign_origin(builder, "wevtcache", path)};
    char why[BINARY_WHY_BYTES] = "";
    enum binary_outcome outcome = import.origin ? BINARY_FINE : BINARY_PACK_FAULT;
    for (size_t i = 0; i < pack->blob_count && outcome != BINARY_PACK_FAULT; i++) {
        outcome = manifest_visit(builder->memory, pack->blobs[i].data, pack->blobs[i].size,
                                 visit_cached, &import, why);
        if (outcome == BINARY_DAMAGED)
            builder_note(builder, path, "%s", why);
    }
    return outcome != BINARY_PACK_FAULT;
}

bool builder_import_wevtcache(struct pack_builder *builder, const char *path)
{
    struct pack pack;
    struct pack_fault fault;
    bool fine = true;
    pack_init(&pack, builder->memory);
    if (pack_read_wevtcache(&pack, path, &fault))
        fine = import_blobs(builder, path, &pack);
    else if (fault.kind == PACK_NO_MEMORY)
        fine = builder_no_memory(builder);
    else
        builder_note(builder, path, "it is damaged");
    pack_destroy(&pack);
    return fine;
}
