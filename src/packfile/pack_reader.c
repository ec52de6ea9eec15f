// SPDX-License-Identifier: MIT
#include "packfile/pack_reader.h"

#include <string.h>

#include "base/check.h"
#include "packfile/pack_schema.h"

static const char *const statement_texts[READER_STATEMENTS] = {
    [READ_PROVIDER] = "SELECT guid,name,message,origin FROM provider WHERE id=?",
    [READ_BY_GUID] = "SELECT id FROM provider WHERE guid=? ORDER BY id",
    [READ_BY_NAME] = "SELECT id FROM provider WHERE name=? COLLATE NOCASE ORDER BY id",
    [READ_EVENTS] = "SELECT id,version,channel,level,opcode,task,keywords,message,template"
                    " FROM event WHERE provider=? ORDER BY position",
    [READ_NAMES] = "SELECT kind,value,message,name FROM name WHERE provider=? ORDER BY position",
    [READ_TEMPLATES] = "SELECT position,guid,body FROM template WHERE provider=? ORDER BY position",
    [READ_ITEMS] = "SELECT template,name,in_type,out_type,map,flags,count,length"
                   " FROM item WHERE provider=? ORDER BY template,position",
    [READ_MAPS] = "SELECT position,name,is_bits FROM map WHERE provider=? ORDER BY position",
    [READ_MAP_ROWS] = "SELECT map,value,message FROM map_row WHERE provider=?"
                      " ORDER BY map,position",
    [READ_USES] = "SELECT role,position,message_table FROM provider_messages WHERE provider=?"
                  " ORDER BY role,position,message_table",
    [READ_TABLE] = "SELECT origin,language,serves FROM message_table WHERE id=?",
    [READ_MESSAGES] = "SELECT m.id,t.value FROM message m JOIN text t ON t.id=m.text"
                      " WHERE m.message_table=? ORDER BY m.id",
    [READ_MESSAGE] = "SELECT t.value FROM message m JOIN text t ON t.id=m.text"
                     " WHERE m.message_table=? AND m.id=?",
    [READ_ORIGIN] = "SELECT kind,path,sha256,version,system,size FROM origin WHERE id=?",
};

// ------------------------------------------------------------------------------------------
// opening

static int64_t read_pragma(struct database *database, const char *sql)
{
    struct statement statement = statement_open(database, sql);
    int64_t number = statement_next(&statement) ? column_int(&statement, 0) : 0;
    statement_close(&statement);
    return number;
}

static bool check_schema(struct database *database)
{
    static const char *const tables[] = {"origin", "text", "message_table",     "message",
                                         "event",  "name", "provider_messages", "provider",
                                         "item",   "map",  "map_row",           "template"};
    if (read_pragma(database, "PRAGMA application_id") != PACK_APPLICATION_ID)
        return database_refuse(database, "it is no pack");
    int64_t version = read_pragma(database, "PRAGMA user_version");
    if (version != PACK_SCHEMA_VERSION)
        return database_refuse(database, "its version is %lld, and this program knows %d",
                               (long long)version, PACK_SCHEMA_VERSION);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!database_has_table(database, tables[i]))
            return database_refuse(database, "it has no table %s", tables[i]);
    return database_is_fine(database);
}

bool pack_reader_open(struct pack_reader *reader, struct memory *memory, const char *path)
{
    *reader = (struct pack_reader){0};
    if (!database_open(&reader->database, memory, path) || !check_schema(&reader->database))
        return false;
    for (size_t i = 0; i < READER_STATEMENTS; i++)
        reader->statements[i] = statement_open(&reader->database, statement_texts[i]);
    return database_is_fine(&reader->database);
}

void pack_reader_close(struct pack_reader *reader)
{
    for (size_t i = 0; i < READER_STATEMENTS; i++)
        statement_close(&reader->statements[i]);
    list_destroy(&reader->ids, reader->database.memory, sizeof(int64_t));
    database_close(&reader->database);
}

// ------------------------------------------------------------------------------------------
// listing

static bool collect(struct pack_reader *reader, struct statement *statement)
{
    reader->ids.count = 0;
    while (statement_next(statement)) {
        int64_t *id = list_add(&reader->ids, reader->database.memory, sizeof *id);
        if (!id)
            return database_no_memory(&reader->database);
        *id = column_int(statement, 0);
    }
    return database_is_fine(&reader->database);
}

bool pack_reader_list(struct pack_reader *reader)
{
    struct statement statement =
        statement_open(&reader->database, "SELECT id FROM provider ORDER BY id");
    bool fine = collect(reader, &statement);
    statement_close(&statement);
    return fine;
}

bool pack_reader_find_guid(struct pack_reader *reader, const uint8_t guid[16])
{
    struct statement *statement = &reader->statements[READ_BY_GUID];
    statement_bind(statement, "g", guid);
    return collect(reader, statement);
}

bool pack_reader_find_name(struct pack_reader *reader, struct slice name)
{
    struct statement *statement = &reader->statements[READ_BY_NAME];
    statement_bind(statement, "t", name);
    return collect(reader, statement);
}

// ---------------------------------------------------------------------------------------- a
// provider

// The statement, begun for a provider.
static struct statement *begin(struct pack_reader *reader, enum reader_statement which, int64_t id)
{
    EVX_CHECK(which < READER_STATEMENTS);
    statement_bind(&reader->statements[which], "i", id);
    return &reader->statements[which];
}

static bool copy(struct pack_reader *reader, struct pack_model *model, struct slice text,
                 struct slice *ret)
{
    return pack_model_copy(model, text, ret) || database_no_memory(&reader->database);
}

static bool get_head(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    struct statement *statement = begin(reader, READ_PROVIDER, id);
    if (!statement_next(statement))
        return database_refuse(&reader->database, "it has no provider %lld", (long long)id);
    model->has_guid = column_guid(statement, 0, model->guid);
    model->message_id = column_u32(statement, 2, UINT32_MAX, NO_MESSAGE);
    model->origin = column_int(statement, 3);
    return copy(reader, model, column_text(statement, 1), &model->name);
}

static bool get_events(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    EVX_CHECK(model->memory == reader->database.memory);
    struct statement *statement = begin(reader, READ_EVENTS, id);
    while (statement_next(statement)) {
        struct provider_event *event = list_add(&model->events, model->memory, sizeof *event);
        if (!event)
            return database_no_memory(&reader->database);
        *event = (struct provider_event){
            .id = (uint16_t)column_u32(statement, 0, UINT16_MAX, 0),
            .version = (uint8_t)column_u32(statement, 1, UINT8_MAX, 0),
            .channel = (uint8_t)column_u32(statement, 2, UINT8_MAX, 0),
            .level = (uint8_t)column_u32(statement, 3, UINT8_MAX, 0),
            .opcode = (uint8_t)column_u32(statement, 4, UINT8_MAX, 0),
            .task = (uint16_t)column_u32(statement, 5, UINT16_MAX, 0),
            .keywords = (uint64_t)column_int(statement, 6),
            .message_id = column_u32(statement, 7, UINT32_MAX, NO_MESSAGE),
            .template_index = column_u32(statement, 8, UINT32_MAX, NO_INDEX),
            .order = (uint32_t)model->events.count - 1,
        };
        if (event->template_index >= model->templates.count)
            event->template_index = NO_INDEX;
    }
    return database_is_fine(&reader->database);
}

static bool is_word(struct slice text, const char *word)
{
    return word && text.size == strlen(word) && memcmp(text.bytes, word, text.size) == 0;
}

static bool get_names(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    struct statement *statement = begin(reader, READ_NAMES, id);
    while (statement_next(statement)) {
        struct slice kind = column_text(statement, 0);
        unsigned known = 0;
        while (known < PROVIDER_ROW_KINDS && !is_word(kind, model_kind_names[known]))
            known++;
        if (known == PROVIDER_ROW_KINDS)
            continue;
        struct model_name *name = list_add(&model->names, model->memory, sizeof *name);
        if (!name)
            return database_no_memory(&reader->database);
        name->kind = (enum wevt_kind)known;
        name->value = (uint64_t)column_int(statement, 1);
        name->message_id = column_u32(statement, 2, UINT32_MAX, NO_MESSAGE);
        if (!copy(reader, model, column_text(statement, 3), &name->name))
            return false;
    }
    return database_is_fine(&reader->database);
}

static bool get_templates(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    struct statement *statement = begin(reader, READ_TEMPLATES, id);
    while (statement_next(statement)) {
        uint8_t guid[16];
        if (column_int(statement, 0) != (int64_t)model->templates.count ||
            !column_guid(statement, 1, guid))
            return database_refuse(&reader->database, "its templates are damaged");
        struct model_template *template =
            list_add(&model->templates, model->memory, sizeof *template);
        if (!template)
            return database_no_memory(&reader->database);
        memcpy(template->guid, guid, sizeof guid);
        if (!copy(reader, model, column_blob(statement, 2), &template->body))
            return false;
    }
    statement = begin(reader, READ_ITEMS, id);
    while (statement_next(statement)) {
        uint32_t index = column_u32(statement, 0, UINT32_MAX, NO_INDEX);
        if (index >= model->templates.count)
            continue;
        struct model_item *item = list_add(&model->items, model->memory, sizeof *item);
        if (!item)
            return database_no_memory(&reader->database);
        *item = (struct model_item){
            .template_index = index,
            .flags = column_u32(statement, 5, UINT32_MAX, 0),
            .map_index = column_u32(statement, 4, UINT32_MAX, NO_INDEX),
            .in_type = (uint8_t)column_u32(statement, 2, UINT8_MAX, 0),
            .out_type = (uint8_t)column_u32(statement, 3, UINT8_MAX, 0),
            .count = (uint16_t)column_u32(statement, 6, UINT16_MAX, 0),
            .length = (uint16_t)column_u32(statement, 7, UINT16_MAX, 0),
        };
        if (!copy(reader, model, column_text(statement, 1), &item->name))
            return false;
    }
    return database_is_fine(&reader->database);
}

static bool get_maps(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    struct statement *statement = begin(reader, READ_MAPS, id);
    while (statement_next(statement)) {
        if (column_int(statement, 0) != (int64_t)model->maps.count)
            return database_refuse(&reader->database, "its maps are damaged");
        struct model_map *map = list_add(&model->maps, model->memory, sizeof *map);
        if (!map)
            return database_no_memory(&reader->database);
        map->is_bits = column_int(statement, 2) != 0;
        if (!copy(reader, model, column_text(statement, 1), &map->name))
            return false;
    }
    statement = begin(reader, READ_MAP_ROWS, id);
    while (statement_next(statement)) {
        uint32_t index = column_u32(statement, 0, UINT32_MAX, NO_INDEX);
        if (index >= model->maps.count)
            continue;
        struct model_map_row *row = list_add(&model->map_rows, model->memory, sizeof *row);
        if (!row)
            return database_no_memory(&reader->database);
        *row = (struct model_map_row){index, column_u32(statement, 1, UINT32_MAX, 0),
                                      column_u32(statement, 2, UINT32_MAX, NO_MESSAGE)};
    }
    struct model_item *items = model->items.items;
    for (size_t i = 0; i < model->items.count; i++)
        if (items[i].map_index >= model->maps.count)
            items[i].map_index = NO_INDEX;
    return database_is_fine(&reader->database);
}

static bool get_uses(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    struct statement *statement = begin(reader, READ_USES, id);
    while (statement_next(statement)) {
        struct slice text = column_text(statement, 0);
        for (int role = 0; role < MODEL_ROLES; role++)
            if (is_word(text, model_role_names[role]) &&
                !pack_model_add_use(model, (enum model_role)role,
                                    column_u32(statement, 1, UINT32_MAX, 0),
                                    column_int(statement, 2)))
                return database_no_memory(&reader->database);
    }
    return database_is_fine(&reader->database);
}

bool pack_reader_get(struct pack_reader *reader, int64_t id, struct pack_model *model)
{
    EVX_CHECK(model->events.count == 0 && model->templates.count == 0 && model->uses.count == 0);
    return get_head(reader, id, model) && get_templates(reader, id, model) &&
           get_maps(reader, id, model) && get_events(reader, id, model) &&
           get_names(reader, id, model) && get_uses(reader, id, model);
}

// ------------------------------------------------------------------------------- tables and
// origins

bool pack_reader_get_table(struct pack_reader *reader, int64_t table, struct reader_table *ret)
{
    struct statement *statement = begin(reader, READ_TABLE, table);
    if (!statement_next(statement))
        return false;
    *ret = (struct reader_table){column_int(statement, 0), column_u32(statement, 1, UINT16_MAX, 0),
                                 column_text(statement, 2)};
    return true;
}

bool pack_reader_visit_messages(struct pack_reader *reader, int64_t table,
                                bool (*visit)(void *context, uint32_t id, struct slice text),
                                void *context)
{
    struct statement *statement = begin(reader, READ_MESSAGES, table);
    while (statement_next(statement)) {
        struct slice text = column_text(statement, 1);
        int64_t id = column_int(statement, 0);
        if (text.bytes && id >= 0 && id <= (int64_t)UINT32_MAX &&
            !visit(context, (uint32_t)id, text))
            return false;
    }
    return database_is_fine(&reader->database);
}

struct slice pack_reader_get_message(struct pack_reader *reader, int64_t table, uint32_t id)
{
    struct statement *statement = &reader->statements[READ_MESSAGE];
    statement_bind(statement, "ii", table, (int64_t)id);
    return statement_next(statement) ? column_text(statement, 0) : (struct slice){0};
}

bool pack_reader_get_origin(struct pack_reader *reader, int64_t origin, struct reader_origin *ret)
{
    struct statement *statement = begin(reader, READ_ORIGIN, origin);
    if (!statement_next(statement))
        return false;
    *ret = (struct reader_origin){
        .kind = column_text(statement, 0),
        .path = column_text(statement, 1),
        .sha256 = column_text(statement, 2),
        .version = column_text(statement, 3),
        .system = column_text(statement, 4),
        .size = column_is_null(statement, 5) ? UINT64_MAX : (uint64_t)column_int(statement, 5),
    };
    return true;
}
