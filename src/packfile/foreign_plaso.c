// SPDX-License-Identifier: MIT
// plaso's database: a table for each class of things, which name each other as "class.number".
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "packfile/foreign.h"

struct plaso_table {
    int64_t number, file; // as they are named there
    uint32_t language;
    int64_t table; // in the pack; 0: none yet
};

struct plaso_file {
    int64_t number;
    struct slice path; // as it stands in providers, folded
};

struct plaso {
    struct pack_builder *builder;
    struct database *database;
    struct database json; // in memory: takes lists apart
    struct statement items;
    struct pack_model model;
    struct list room;
    struct list tables; // struct plaso_table
    struct list files;  // struct plaso_file
    int64_t origin;
    bool is_pep3101;
};

// The number behind the dot; -1: none.
static int64_t named_number(struct slice name)
{
    int64_t number = 0;
    size_t at = 0;
    while (at < name.size && name.bytes[at] != '.')
        at++;
    if (++at >= name.size || name.size - at > 15)
        return -1;
    for (; at < name.size; at++) {
        if (name.bytes[at] < '0' || name.bytes[at] > '9')
            return -1;
        number = number * 10 + (name.bytes[at] - '0');
    }
    return number;
}

static bool list_tables(struct plaso *plaso)
{
    struct statement statement =
        statement_open(plaso->database, "SELECT _identifier,_message_file_identifier,"
                                        "language_identifier FROM winevtrc_message_table");
    bool fine = true;
    while (fine && statement_next(&statement)) {
        struct plaso_table *table = list_add(&plaso->tables, plaso->builder->memory, sizeof *table);
        fine = table || builder_no_memory(plaso->builder);
        if (table)
            *table = (struct plaso_table){column_int(&statement, 0),
                                          named_number(column_text(&statement, 1)),
                                          column_u32(&statement, 2, UINT16_MAX, 0), 0};
    }
    statement_close(&statement);
    return fine;
}

static bool list_files(struct plaso *plaso)
{
    struct statement statement = statement_open(
        plaso->database, "SELECT _identifier,windows_path FROM winevtrc_message_file");
    bool fine = true;
    while (fine && statement_next(&statement)) {
        struct slice path = column_text(&statement, 1);
        struct plaso_file *file = list_add(&plaso->files, plaso->builder->memory, sizeof *file);
        fine = file || builder_no_memory(plaso->builder);
        if (!file)
            continue;
        file->number = column_int(&statement, 0);
        if (path.bytes)
            file->path = builder_fold(plaso->builder, path);
    }
    statement_close(&statement);
    return fine && database_is_fine(&plaso->builder->writer->database);
}

static struct plaso_table *find_table(struct plaso *plaso, int64_t number)
{
    struct plaso_table *tables = plaso->tables.items;
    for (size_t i = 0; i < plaso->tables.count; i++)
        if (tables[i].number == number)
            return &tables[i];
    return NULL;
}

static bool end_table(struct plaso *plaso, struct plaso_table *table)
{
    if (!table || table->table) // one in pieces: the first counts
        return true;
    table->table =
        pack_writer_end_table(plaso->builder->writer, plaso->origin, table->language, NULL);
    return table->table != 0;
}

static bool add_messages(struct plaso *plaso, struct statement *messages)
{
    struct pack_writer *writer = plaso->builder->writer;
    struct plaso_table *table = NULL;
    int64_t number = -1;
    while (statement_next(messages)) {
        int64_t next = named_number(column_text(messages, 0));
        if (next != number && !end_table(plaso, table))
            return false;
        if (next != number) {
            number = next;
            table = find_table(plaso, number);
            pack_writer_begin_table(writer, table ? table->language : 0);
        }
        uint32_t id = column_u32(messages, 1, UINT32_MAX, NO_MESSAGE);
        struct slice text = column_text(messages, 2);
        if (!table || table->table || id == NO_MESSAGE || !text.bytes)
            continue;
        text = foreign_text(&plaso->room, plaso->builder->memory, text, plaso->is_pep3101);
        if (!text.bytes)
            return builder_no_memory(plaso->builder);
        if (!pack_writer_add_message(writer, id, text))
            return false;
    }
    return end_table(plaso, table);
}

// ----------------------------------------------------------------------------------------
// providers

static bool use_path(struct plaso *plaso, struct slice path, enum model_role role,
                     uint32_t position)
{
    struct slice folded = builder_fold(plaso->builder, path);
    const struct plaso_file *files = plaso->files.items;
    const struct plaso_table *tables = plaso->tables.items;
    EVX_CHECK(role < MODEL_ROLES);
    if (!folded.bytes)
        return false;
    for (size_t i = 0; i < plaso->files.count; i++) {
        if (files[i].path.size != folded.size ||
            memcmp(files[i].path.bytes, folded.bytes, folded.size) != 0)
            continue;
        for (size_t k = 0; k < plaso->tables.count; k++)
            if (tables[k].file == files[i].number && tables[k].table &&
                !pack_model_add_use(&plaso->model, role, position, tables[k].table))
                return builder_no_memory(plaso->builder);
    }
    return true;
}

// Begins to take a list apart. What was no JSON has been passed over.
static void begin_list(struct plaso *plaso, struct statement *statement, struct slice json)
{
    plaso->json.fault.status = EVX_OK;
    statement_bind(statement, "t", json.bytes ? json : SLICE("[]"));
}

// A list of paths as JSON.
static bool use_list(struct plaso *plaso, struct slice json, enum model_role role)
{
    uint32_t position = 0;
    begin_list(plaso, &plaso->items, json);
    while (statement_next(&plaso->items)) {
        struct slice path = column_text(&plaso->items, 0);
        if (path.bytes && !use_path(plaso, path, role, position++))
            return false;
    }
    return true;
}

static bool add_events(struct plaso *plaso, struct statement *mapping, struct slice identifier)
{
    struct pack_model *model = &plaso->model;
    if (!identifier.bytes)
        return true;
    statement_bind(mapping, "t", identifier);
    while (statement_next(mapping)) {
        struct provider_event *event = list_add(&model->events, model->memory, sizeof *event);
        if (!event)
            return builder_no_memory(plaso->builder);
        *event = (struct provider_event){
            .id = (uint16_t)column_u32(mapping, 0, UINT16_MAX, 0),
            .version = (uint8_t)column_u32(mapping, 1, UINT8_MAX, 0),
            .message_id = column_u32(mapping, 2, UINT32_MAX, NO_MESSAGE),
            .template_index = NO_INDEX,
        };
    }
    return true;
}

static bool add_provider(struct plaso *plaso, struct statement *provider, struct statement *mapping,
                         struct slice name)
{
    struct pack_model *model = &plaso->model;
    EVX_CHECK(plaso->origin != 0 && name.size > 0);
    pack_model_clear(model);
    model->origin = plaso->origin;
    model->has_guid = column_guid(provider, 0, model->guid);
    if (!pack_model_copy(model, name, &model->name))
        return builder_no_memory(plaso->builder);
    return use_list(plaso, column_text(provider, 3), MODEL_EVENTS) &&
           use_list(plaso, column_text(provider, 4), MODEL_PARAMETERS) &&
           use_list(plaso, column_text(provider, 5), MODEL_CATEGORIES) &&
           add_events(plaso, mapping, column_text(provider, 0)) &&
           (model->uses.count == 0 || pack_writer_add_provider(plaso->builder->writer, model));
}

// A provider has a name, or else is known as the sources that it logs as.
static bool add_providers(struct plaso *plaso, struct statement *provider,
                          struct statement *mapping)
{
    struct statement sources = statement_open(&plaso->json, "SELECT value FROM json_each(?)");
    bool fine = true;
    while (fine && statement_next(provider)) {
        struct slice name = column_text(provider, 1), list = column_text(provider, 2);
        if (name.size > 0)
            fine = add_provider(plaso, provider, mapping, name);
        begin_list(plaso, &sources, list);
        while (fine && name.size == 0 && statement_next(&sources)) {
            struct slice source = column_text(&sources, 0);
            if (source.size > 0)
                fine = add_provider(plaso, provider, mapping, source);
        }
    }
    statement_close(&sources);
    return fine;
}

static bool import(struct plaso *plaso)
{
    struct statement messages =
        statement_open(plaso->database, "SELECT _message_table_identifier,message_identifier,text"
                                        " FROM winevtrc_message_string ORDER BY rowid");
    struct statement provider =
        statement_open(plaso->database, "SELECT identifier,name,log_sources,event_message_files,"
                                        "parameter_message_files,category_message_files"
                                        " FROM winevtrc_eventlog_provider ORDER BY rowid");
    struct statement mapping = statement_open(
        plaso->database, "SELECT event_identifier,event_version,message_identifier FROM"
                         " winevtrc_message_string_mapping WHERE provider_identifier=?"
                         " ORDER BY event_identifier,event_version,rowid");
    bool fine = list_tables(plaso) && list_files(plaso) && add_messages(plaso, &messages) &&
                add_providers(plaso, &provider, &mapping);
    statement_close(&messages);
    statement_close(&provider);
    statement_close(&mapping);
    return fine;
}

bool foreign_import_plaso(struct pack_builder *builder, struct database *database, const char *path)
{
    struct plaso plaso = {.builder = builder, .database = database};
    struct statement format = statement_open(
        database, "SELECT 1 FROM metadata WHERE key='string_format' AND value='pep3101'");
    plaso.is_pep3101 = statement_next(&format);
    statement_close(&format);
    plaso.origin = foreign_origin(builder, "plaso", path);
    pack_model_init(&plaso.model, builder->memory);
    bool fine = plaso.origin != 0;
    if (fine && database_create_in_memory(&plaso.json, builder->memory)) {
        plaso.items = statement_open(&plaso.json, "SELECT value FROM json_each(?)");
        fine = import(&plaso);
        statement_close(&plaso.items);
    } else if (fine)
        builder_note(builder, path, "%s", plaso.json.fault.text);
    database_close(&plaso.json);
    list_destroy(&plaso.room, builder->memory, 1);
    list_destroy(&plaso.tables, builder->memory, sizeof(struct plaso_table));
    list_destroy(&plaso.files, builder->memory, sizeof(struct plaso_file));
    pack_model_destroy(&plaso.model);
    EVX_CHECK(fine || !database_is_fine(&builder->writer->database));
    return fine;
}
