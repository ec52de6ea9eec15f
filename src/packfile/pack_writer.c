// SPDX-License-Identifier: MIT
#include "packfile/pack_writer.h"

#include <stdlib.h>
#include <string.h>

#include <evx/evx_version.h>

#include "base/check.h"
#include "packfile/pack_schema.h"

static const char *const statement_texts[WRITER_STATEMENTS] = {
    [PUT_ORIGIN] = "INSERT INTO origin(kind,path,size,sha256,version,system)"
                   " VALUES(?,?,?,?,?,?)",
    [GET_ORIGIN] = "SELECT id FROM origin WHERE kind IS ?1 AND path IS ?2 AND size IS ?3"
                   " AND sha256 IS ?4 AND version IS ?5 AND system IS ?6",
    [PUT_TEXT] = "INSERT INTO text(value) VALUES(?)",
    [GET_TEXT] = "SELECT 1 FROM text WHERE id=? AND value=?",
    [PUT_TABLE] = "INSERT INTO message_table(origin,language,serves,digest) VALUES(?,?,?,?)",
    [GET_TABLE] = "SELECT id FROM message_table WHERE digest=?",
    [PUT_MESSAGE] = "INSERT INTO message(message_table,id,text) VALUES(?,?,?)",
    [PUT_PROVIDER] = "INSERT INTO provider(guid,name,message,origin,digest) VALUES(?,?,?,?,?)",
    [GET_PROVIDER] = "SELECT id FROM provider WHERE digest=?",
    [PUT_USE] = "INSERT OR IGNORE INTO provider_messages VALUES(?,?,?,?)",
    [PUT_EVENT] = "INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_NAME] = "INSERT INTO name VALUES(?,?,?,?,?,?)",
    [PUT_TEMPLATE] = "INSERT INTO template VALUES(?,?,?,?)",
    [PUT_ITEM] = "INSERT INTO item VALUES(?,?,?,?,?,?,?,?,?,?)",
    [PUT_MAP] = "INSERT INTO map VALUES(?,?,?,?)",
    [PUT_MAP_ROW] = "INSERT INTO map_row VALUES(?,?,?,?,?)",
};

bool pack_writer_open(struct pack_writer *writer, struct memory *memory, const char *path)
{
    *writer = (struct pack_writer){0};
    if (!database_create(&writer->database, memory, path) ||
        !database_run(&writer->database, PACK_SCHEMA) ||
        !database_run(&writer->database, "INSERT INTO meta VALUES"
                                         "('format','evx pack'),"
                                         "('writer','evx " EVX_VERSION_STRING "');"
                                         "BEGIN"))
        return false;
    for (size_t i = 0; i < WRITER_STATEMENTS; i++)
        writer->statements[i] = statement_open(&writer->database, statement_texts[i]);
    return database_is_fine(&writer->database);
}

bool pack_writer_commit(struct pack_writer *writer)
{
    return database_run(&writer->database, "COMMIT");
}

void pack_writer_close(struct pack_writer *writer)
{
    struct memory *memory = writer->database.memory;
    for (size_t i = 0; i < WRITER_STATEMENTS; i++)
        statement_close(&writer->statements[i]);
    list_destroy(&writer->messages, memory, sizeof(struct table_message));
    memory_release(memory, writer->texts, writer->text_capacity * sizeof *writer->texts);
    writer->texts = NULL;
    writer->text_capacity = writer->text_count = 0;
    database_close(&writer->database);
}

// Runs one of the statements that put something; 0 when it failed, else the id of the row.
#define PUT(writer, which, kinds, ...)                                                             \
    (statement_bind(&(writer)->statements[which], kinds, __VA_ARGS__),                             \
     statement_run(&(writer)->statements[which]) ? database_last_id(&(writer)->database) : 0)

// The first column of the row that a statement finds; 0: none.
static int64_t get(struct pack_writer *writer, enum writer_statement which)
{
    int64_t found = 0;
    struct statement *statement = &writer->statements[which];
    if (statement_next(statement))
        found = column_int(statement, 0);
    statement_bind(statement, ""); // ends it
    return found;
}

int64_t pack_writer_add_origin(struct pack_writer *writer, const struct pack_origin *origin)
{
    struct slice kind = {origin->kind, strlen(origin->kind)};
    int64_t id = 0;
    EVX_CHECK(origin->path.bytes != NULL);
    statement_bind(&writer->statements[GET_ORIGIN], "ttittt", kind, origin->path,
                   (int64_t)origin->size, origin->sha256, origin->version, origin->system);
    id = get(writer, GET_ORIGIN);
    if (!id)
        id = PUT(writer, PUT_ORIGIN, "ttittt", kind, origin->path, (int64_t)origin->size,
                 origin->sha256, origin->version, origin->system);
    EVX_CHECK(id != 0 || !database_is_fine(&writer->database));
    return id;
}

// --------------------------------------------------------------------------------------------
// texts

static uint64_t hash_text(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (uint8_t)text.bytes[i]) * 0x100000001b3;
    return hash;
}

static struct known_text *find_slot(struct known_text *texts, size_t capacity, uint64_t hash)
{
    size_t at = hash & (capacity - 1);
    while (texts[at].id && texts[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &texts[at];
}

static bool make_room(struct pack_writer *writer)
{
    struct memory *memory = writer->database.memory;
    if (2 * (writer->text_count + 1) <= writer->text_capacity)
        return true;
    size_t capacity = writer->text_capacity ? 2 * writer->text_capacity : 1024;
    struct known_text *texts = memory_allocate_zeroed(memory, capacity * sizeof *texts);
    if (!texts)
        return database_no_memory(&writer->database);
    for (size_t i = 0; i < writer->text_capacity; i++)
        if (writer->texts[i].id)
            *find_slot(texts, capacity, writer->texts[i].hash) = writer->texts[i];
    memory_release(memory, writer->texts, writer->text_capacity * sizeof *texts);
    writer->texts = texts;
    writer->text_capacity = capacity;
    return true;
}

static int64_t add_text(struct pack_writer *writer, struct slice text)
{
    if (!make_room(writer))
        return 0;
    uint64_t hash = hash_text(text);
    EVX_CHECK((writer->text_capacity & (writer->text_capacity - 1)) == 0);
    struct known_text *slot = find_slot(writer->texts, writer->text_capacity, hash);
    EVX_CHECK(2 * writer->text_count < writer->text_capacity);
    if (slot->id) {
        statement_bind(&writer->statements[GET_TEXT], "it", slot->id, text);
        if (get(writer, GET_TEXT))
            return slot->id;
    }
    int64_t id = PUT(writer, PUT_TEXT, "t", text);
    if (!slot->id && id) {
        *slot = (struct known_text){hash, id};
        writer->text_count++;
    }
    return id;
}

// -------------------------------------------------------------------------------------------
// tables

void pack_writer_begin_table(struct pack_writer *writer, uint32_t language)
{
    writer->messages.count = 0;
    sha256_init(&writer->sha);
    sha256_add(&writer->sha, &language, sizeof language);
}

bool pack_writer_add_message(struct pack_writer *writer, uint32_t id, struct slice text)
{
    struct table_message *message =
        list_add(&writer->messages, writer->database.memory, sizeof *message);
    if (!message)
        return database_no_memory(&writer->database);
    const uint32_t head[2] = {id, (uint32_t)text.size};
    EVX_CHECK(text.bytes != NULL && text.size < UINT32_MAX);
    sha256_add(&writer->sha, head, sizeof head);
    sha256_add(&writer->sha, text.bytes, text.size);
    *message = (struct table_message){id, (uint32_t)writer->messages.count, add_text(writer, text)};
    return message->text != 0;
}

static int compare_messages(const void *a, const void *b)
{
    const struct table_message *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static bool put_messages(struct pack_writer *writer, int64_t table)
{
    struct table_message *messages = writer->messages.items;
    size_t count = writer->messages.count;
    bool is_sorted = true;
    for (size_t i = 1; i < count && is_sorted; i++)
        is_sorted = messages[i - 1].id <= messages[i].id;
    if (!is_sorted) // as nearly all are
        qsort(messages, count, sizeof *messages, compare_messages);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && messages[i - 1].id == messages[i].id)
            continue;
        EVX_CHECK(messages[i].text != 0);
        PUT(writer, PUT_MESSAGE, "iii", table, (int64_t)messages[i].id, messages[i].text);
        writer->counts.messages++;
    }
    return database_is_fine(&writer->database);
}

int64_t pack_writer_end_table(struct pack_writer *writer, int64_t origin, uint32_t language,
                              const char *serves)
{
    uint8_t digest[SHA256_BYTES];
    struct slice serves_text = {serves, serves ? strlen(serves) : 0};
    if (serves)
        sha256_add(&writer->sha, serves, strlen(serves));
    sha256_end(&writer->sha, digest);
    statement_bind(&writer->statements[GET_TABLE], "b", (const void *)digest, sizeof digest);
    int64_t id = get(writer, GET_TABLE);
    if (id) {
        writer->counts.known_tables++;
        return id;
    }
    id = PUT(writer, PUT_TABLE, "iitb", origin, (int64_t)language, serves_text,
             (const void *)digest, sizeof digest);
    return id && put_messages(writer, id) ? id : 0;
}

// ----------------------------------------------------------------------------------------
// providers

static bool digest_model(struct pack_writer *writer, const struct pack_model *model,
                         uint8_t ret_digest[SHA256_BYTES])
{
    struct sha256 sha;
    const struct model_use *uses = model->uses.items;
    sha256_init(&sha);
    pack_model_digest(model, &sha);
    for (size_t i = 0; i < model->uses.count; i++) {
        // By its id: a table that is there already has been given the same.
        const int64_t use[3] = {(int64_t)uses[i].role, (int64_t)uses[i].position, uses[i].table};
        sha256_add(&sha, use, sizeof use);
    }
    sha256_end(&sha, ret_digest);
    return database_is_fine(&writer->database);
}

static void put_events(struct pack_writer *writer, const struct pack_model *model, int64_t id)
{
    const struct provider_event *events = model->events.items;
    for (size_t i = 0; i < model->events.count && database_is_fine(&writer->database); i++) {
        const struct provider_event *event = &events[i];
        EVX_CHECK(event->template_index == NO_INDEX ||
                  event->template_index < model->templates.count);
        PUT(writer, PUT_EVENT, "iiiiiiiikuu", id, (int64_t)i, (int64_t)event->id,
            (int64_t)event->version, (int64_t)event->channel, (int64_t)event->level,
            (int64_t)event->opcode, (int64_t)event->task, event->keywords, event->message_id,
            event->template_index);
    }
}

static void put_names(struct pack_writer *writer, const struct pack_model *model, int64_t id)
{
    const struct model_name *names = model->names.items;
    for (size_t i = 0; i < model->names.count && database_is_fine(&writer->database); i++) {
        EVX_CHECK((unsigned)names[i].kind < PROVIDER_ROW_KINDS);
        const char *kind = model_kind_names[names[i].kind];
        EVX_CHECK(kind != NULL);
        PUT(writer, PUT_NAME, "iitkut", id, (int64_t)i, ((struct slice){kind, strlen(kind)}),
            names[i].value, names[i].message_id, names[i].name);
    }
}

static void put_templates(struct pack_writer *writer, const struct pack_model *model, int64_t id)
{
    const struct model_template *templates = model->templates.items;
    const struct model_item *items = model->items.items;
    int64_t position = 0;
    for (size_t i = 0; i < model->templates.count && database_is_fine(&writer->database); i++)
        PUT(writer, PUT_TEMPLATE, "iigb", id, (int64_t)i, (const uint8_t *)templates[i].guid,
            (const void *)templates[i].body.bytes, templates[i].body.size);
    for (size_t i = 0; i < model->items.count && database_is_fine(&writer->database); i++) {
        const struct model_item *item = &items[i];
        EVX_CHECK(item->template_index < model->templates.count);
        EVX_CHECK(item->map_index == NO_INDEX || item->map_index < model->maps.count);
        bool goes_on = i > 0 && items[i - 1].template_index == item->template_index;
        position = goes_on ? position + 1 : 0;
        PUT(writer, PUT_ITEM, "iiitiiuiii", id, (int64_t)item->template_index, position, item->name,
            (int64_t)item->in_type, (int64_t)item->out_type, item->map_index, (int64_t)item->flags,
            (int64_t)item->count, (int64_t)item->length);
    }
}

static void put_maps(struct pack_writer *writer, const struct pack_model *model, int64_t id)
{
    const struct model_map *maps = model->maps.items;
    const struct model_map_row *rows = model->map_rows.items;
    int64_t position = 0;
    for (size_t i = 0; i < model->maps.count && database_is_fine(&writer->database); i++)
        PUT(writer, PUT_MAP, "iiti", id, (int64_t)i, maps[i].name, (int64_t)maps[i].is_bits);
    for (size_t i = 0; i < model->map_rows.count && database_is_fine(&writer->database); i++) {
        EVX_CHECK(rows[i].map_index < model->maps.count);
        bool goes_on = i > 0 && rows[i - 1].map_index == rows[i].map_index;
        position = goes_on ? position + 1 : 0;
        PUT(writer, PUT_MAP_ROW, "iiiiu", id, (int64_t)rows[i].map_index, position,
            (int64_t)rows[i].value, rows[i].message_id);
    }
}

static int compare_uses(const void *a, const void *b)
{
    const struct model_use *left = a, *right = b;
    if (left->role != right->role)
        return left->role < right->role ? -1 : 1;
    if (left->position != right->position)
        return left->position < right->position ? -1 : 1;
    return left->table < right->table ? -1 : left->table > right->table;
}

bool pack_writer_add_provider(struct pack_writer *writer, struct pack_model *model)
{
    uint8_t digest[SHA256_BYTES];
    const struct model_use *uses = model->uses.items;
    if (model->uses.count > 0)
        qsort(model->uses.items, model->uses.count, sizeof *uses, compare_uses);
    if (!digest_model(writer, model, digest))
        return false;
    statement_bind(&writer->statements[GET_PROVIDER], "b", (const void *)digest, sizeof digest);
    if (get(writer, GET_PROVIDER)) {
        writer->counts.known_providers++;
        return true;
    }
    int64_t id =
        PUT(writer, PUT_PROVIDER, "gtuib", model->has_guid ? model->guid : NULL, model->name,
            model->message_id, model->origin, (const void *)digest, sizeof digest);
    for (size_t i = 0; i < model->uses.count && database_is_fine(&writer->database); i++) {
        EVX_CHECK(uses[i].role < MODEL_ROLES && uses[i].table > 0);
        const char *role = model_role_names[uses[i].role];
        PUT(writer, PUT_USE, "itii", id, ((struct slice){role, strlen(role)}),
            (int64_t)uses[i].position, uses[i].table);
    }
    put_events(writer, model, id);
    put_names(writer, model, id);
    put_templates(writer, model, id);
    put_maps(writer, model, id);
    writer->counts.providers++;
    writer->counts.events += model->events.count;
    writer->counts.templates += model->templates.count;
    return database_is_fine(&writer->database);
}
