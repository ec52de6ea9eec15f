// SPDX-License-Identifier: MIT
// EventLogExpert's database: a row for each provider and content, its lists as JSON, compressed
// with gzip in newer ones. Events bring their texts themselves; they get numbers that no message
// table uses.
#include <libdeflate.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packfile/foreign.h"

enum {
    JSON_BYTES_MAX = 64 << 20,
    DEFLATE_RATIO_MAX = 1032,
    GZIP_TAIL_BYTES = 8,
};

#define DESCRIPTION_ID 0xE0000000u // of the first event's text

enum expert_query { ASK_MESSAGES, ASK_EVENTS, ASK_NAMES, EXPERT_QUERIES };

struct expert {
    struct pack_builder *builder;
    struct database *database;
    struct database json; // in memory: takes lists apart
    struct statement queries[EXPERT_QUERIES];
    struct pack_model model;
    struct list room;
    struct libdeflate_decompressor *inflater;
    int64_t origin;
    char *text; // of the list that is read
    size_t text_bytes;
};

static const char *const query_texts[EXPERT_QUERIES] = {
    [ASK_MESSAGES] = "SELECT json_extract(value,'$.RawId'),json_extract(value,'$.Text')"
                     " FROM json_each(?)",
    [ASK_EVENTS] = "SELECT json_extract(value,'$.Id'),json_extract(value,'$.Version'),"
                   "json_extract(value,'$.Level'),json_extract(value,'$.Opcode'),"
                   "json_extract(value,'$.Task'),json_extract(value,'$.Description')"
                   " FROM json_each(?)",
    [ASK_NAMES] = "SELECT CAST(key AS INTEGER),value FROM json_each(?)",
};

// The JSON of a column, until the next call; no bytes: there is none, or it is damaged.
static struct slice inflate(struct expert *expert, struct statement *row, int column)
{
    struct slice plain = column_text(row, column), packed = column_blob(row, column);
    size_t size;
    if (plain.bytes || packed.size < GZIP_TAIL_BYTES)
        return plain;
    uint32_t wanted = load_u32(packed.bytes + packed.size - 4);
    if (wanted > JSON_BYTES_MAX || wanted / DEFLATE_RATIO_MAX > packed.size)
        return plain;
    memory_release(expert->builder->memory, expert->text, expert->text_bytes);
    expert->text_bytes = (size_t)wanted + 1;
    expert->text = memory_allocate(expert->builder->memory, expert->text_bytes);
    if (!expert->text) {
        expert->text_bytes = 0;
        builder_no_memory(expert->builder);
        return plain;
    }
    if (libdeflate_gzip_decompress(expert->inflater, packed.bytes, packed.size, expert->text,
                                   wanted, &size) != LIBDEFLATE_SUCCESS)
        return plain;
    EVX_CHECK(size < expert->text_bytes);
    return (struct slice){expert->text, size};
}

static struct statement *ask(struct expert *expert, enum expert_query which, struct slice json)
{
    expert->json.fault.status = EVX_OK; // what was no JSON has been passed over
    statement_bind(&expert->queries[which], "t", json.bytes ? json : SLICE("[]"));
    return &expert->queries[which];
}

static struct slice read_text(struct expert *expert, struct statement *item, int column)
{
    struct slice text = column_text(item, column);
    if (!text.bytes)
        return text;
    return foreign_text(&expert->room, expert->builder->memory, text, false);
}

// A list of messages as a table.
static bool add_messages(struct expert *expert, struct slice json, enum model_role role)
{
    struct pack_writer *writer = expert->builder->writer;
    EVX_CHECK(role == MODEL_EVENTS || role == MODEL_PARAMETERS);
    struct statement *item = ask(expert, ASK_MESSAGES, json);
    pack_writer_begin_table(writer, LANGUAGE_ENGLISH);
    while (statement_next(item)) {
        struct slice text = read_text(expert, item, 1);
        int64_t id = column_int(item, 0);
        if (text.bytes && id >= INT32_MIN && id <= (int64_t)UINT32_MAX &&
            !pack_writer_add_message(writer, (uint32_t)id, text))
            return false;
    }
    if (writer->messages.count == 0)
        return true;
    int64_t table = pack_writer_end_table(writer, expert->origin, LANGUAGE_ENGLISH, NULL);
    return table && (pack_model_add_use(&expert->model, role, 0, table) ||
                     builder_no_memory(expert->builder));
}

static bool add_events(struct expert *expert, struct slice json)
{
    struct pack_writer *writer = expert->builder->writer;
    struct pack_model *model = &expert->model;
    struct statement *item = ask(expert, ASK_EVENTS, json);
    pack_writer_begin_table(writer, LANGUAGE_ENGLISH);
    while (statement_next(item)) {
        struct slice text = read_text(expert, item, 5);
        struct provider_event *event = list_add(&model->events, model->memory, sizeof *event);
        if (!event)
            return builder_no_memory(expert->builder);
        *event = (struct provider_event){
            .id = (uint16_t)column_int(item, 0),
            .version = (uint8_t)column_u32(item, 1, UINT8_MAX, 0),
            .level = (uint8_t)column_u32(item, 2, UINT8_MAX, 0),
            .opcode = (uint8_t)column_u32(item, 3, UINT8_MAX, 0),
            .task = (uint16_t)column_u32(item, 4, UINT16_MAX, 0),
            .message_id = NO_MESSAGE,
            .template_index = NO_INDEX,
        };
        if (text.size == 0)
            continue;
        event->message_id = DESCRIPTION_ID + (uint32_t)writer->messages.count;
        if (!pack_writer_add_message(writer, event->message_id, text))
            return false;
    }
    if (writer->messages.count == 0)
        return true;
    int64_t table = pack_writer_end_table(writer, expert->origin, LANGUAGE_ENGLISH, NULL);
    return table && (pack_model_add_use(model, MODEL_EVENTS, 1, table) ||
                     builder_no_memory(expert->builder));
}

static bool add_names(struct expert *expert, struct slice json, enum wevt_kind kind)
{
    struct pack_model *model = &expert->model;
    EVX_CHECK(model_kind_names[kind] != NULL);
    struct statement *item = ask(expert, ASK_NAMES, json);
    while (statement_next(item)) {
        struct model_name *name = list_add(&model->names, model->memory, sizeof *name);
        if (!name)
            return builder_no_memory(expert->builder);
        *name = (struct model_name){kind, (uint64_t)column_int(item, 0), NO_MESSAGE, {0}};
        if (kind == WEVT_OPCODES) // there without its task
            name->value = name->value << 16 & UINT32_MAX;
        if (!pack_model_copy(model, column_text(item, 1), &name->name))
            return builder_no_memory(expert->builder);
    }
    return true;
}

static bool add_provider(struct expert *expert, struct statement *row)
{
    struct pack_model *model = &expert->model;
    pack_model_clear(model);
    model->origin = expert->origin;
    return (pack_model_copy(model, column_text(row, 0), &model->name) ||
            builder_no_memory(expert->builder)) &&
           add_messages(expert, inflate(expert, row, 1), MODEL_EVENTS) &&
           add_messages(expert, inflate(expert, row, 2), MODEL_PARAMETERS) &&
           add_events(expert, inflate(expert, row, 3)) &&
           add_names(expert, inflate(expert, row, 4), WEVT_KEYWORDS) &&
           add_names(expert, inflate(expert, row, 5), WEVT_OPCODES) &&
           add_names(expert, inflate(expert, row, 6), WEVT_TASKS) &&
           database_is_fine(&expert->builder->writer->database) &&
           pack_writer_add_provider(expert->builder->writer, model);
}

static bool import(struct expert *expert, bool has_parameters)
{
    bool fine = true;
    struct statement row = statement_open(
        expert->database, has_parameters
                              ? "SELECT ProviderName,Messages,Parameters,Events,Keywords,Opcodes,"
                                "Tasks FROM ProviderDetails ORDER BY rowid"
                              : "SELECT ProviderName,Messages,NULL,Events,Keywords,Opcodes,Tasks"
                                " FROM ProviderDetails ORDER BY rowid");
    for (int i = 0; i < EXPERT_QUERIES; i++)
        expert->queries[i] = statement_open(&expert->json, query_texts[i]);
    while (fine && statement_next(&row))
        fine = add_provider(expert, &row);
    for (int i = 0; i < EXPERT_QUERIES; i++)
        statement_close(&expert->queries[i]);
    statement_close(&row);
    return fine;
}

bool foreign_import_expert(struct pack_builder *builder, struct database *database,
                           const char *path)
{
    struct expert expert = {.builder = builder, .database = database};
    struct statement column = statement_open(
        database, "SELECT 1 FROM pragma_table_info('ProviderDetails') WHERE name='Parameters'");
    bool has_parameters = statement_next(&column), fine = true;
    statement_close(&column);
    pack_model_init(&expert.model, builder->memory);
    expert.origin = foreign_origin(builder, "eventlogexpert", path);
    expert.inflater = libdeflate_alloc_decompressor();
    if (!expert.inflater)
        fine = builder_no_memory(builder);
    fine = fine && expert.origin;
    if (fine && database_create_in_memory(&expert.json, builder->memory))
        fine = import(&expert, has_parameters);
    else if (fine)
        builder_note(builder, path, "%s", expert.json.fault.text);
    EVX_CHECK(fine || !database_is_fine(&builder->writer->database));
    database_close(&expert.json);
    libdeflate_free_decompressor(expert.inflater);
    memory_release(builder->memory, expert.text, expert.text_bytes);
    list_destroy(&expert.room, builder->memory, 1);
    pack_model_destroy(&expert.model);
    return fine;
}
