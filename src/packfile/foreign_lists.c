// SPDX-License-Identifier: MIT
#include <string.h>

#include "base/check.h"
#include "packfile/foreign.h"

static bool put(struct list *room, struct memory *memory, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char *c = list_add(room, memory, 1);
        if (!c)
            return false;
        *c = bytes[i];
    }
    return true;
}

// "{12:s}" as "%13"; the bytes it takes, 0: it is something else.
static size_t put_insert(struct list *room, struct memory *memory, struct slice rest)
{
    unsigned number = 0;
    size_t at = 1;
    while (at < rest.size && at < 4 && rest.bytes[at] >= '0' && rest.bytes[at] <= '9')
        number = number * 10 + (unsigned)(rest.bytes[at++] - '0');
    if (at == 1 || number > 98)
        return 0;
    while (at < rest.size && rest.bytes[at] != '}' && rest.bytes[at] != '{')
        at++;
    if (at == rest.size || rest.bytes[at] != '}')
        return 0;
    number++;
    char insert[3] = {'%', (char)('0' + number / 10), (char)('0' + number % 10)};
    if (number < 10)
        insert[1] = insert[2];
    return put(room, memory, insert, number < 10 ? 2 : 3) ? at + 1 : 0;
}

struct slice foreign_text(struct list *room, struct memory *memory, struct slice text,
                          bool is_pep3101)
{
    room->count = 0;
    bool fine = true;
    for (size_t i = 0; i < text.size && fine; i++) {
        char c = text.bytes[i], next = i + 1 < text.size ? text.bytes[i + 1] : 0;
        size_t taken = 0;
        if (is_pep3101 && c == '{' && next != '{')
            taken = put_insert(room, memory, (struct slice){text.bytes + i, text.size - i});
        if (taken > 0)
            i += taken - 1;
        else if (c == '\r' && next == '\n')
            continue;
        else if (c == '\n')
            fine = put(room, memory, "%n", 2);
        else if (c == '\t')
            fine = put(room, memory, "%t", 2);
        else if (is_pep3101 && c == '\\' && next == 'n')
            fine = put(room, memory, "%n", taken = 2);
        else if (is_pep3101 && c == '\\' && next == 't')
            fine = put(room, memory, "%t", taken = 2);
        else if (is_pep3101 && c == '\\' && next == 'r')
            taken = 2;
        else if (is_pep3101 && c == '%')
            fine = put(room, memory, "%%", 2);
        else
            fine = put(room, memory, &c, 1);
        bool is_pair = is_pep3101 && taken == 0 && (c == '{' || c == '}') && next == c;
        i += is_pair || (taken == 2 && c == '\\');
    }
    fine = fine && put(room, memory, "", 1);
    EVX_CHECK(!fine || room->count > 0);
    return fine ? (struct slice){room->items, room->count - 1} : (struct slice){0};
}

enum { ROWS_OF_JUNK = 65535 };

struct lists {
    struct pack_builder *builder;
    struct database *database;
    struct pack_model model;
    struct list room;
    struct list junk; // int64_t: providers that have a row for each number there is
    int64_t origin;
};

static bool find_junk(struct lists *lists)
{
    struct statement statement =
        statement_open(lists->database, "SELECT provider_id,count(*) FROM messages"
                                        " GROUP BY provider_id");
    bool fine = true;
    while (fine && statement_next(&statement)) {
        int64_t *id = NULL;
        if (column_int(&statement, 1) < ROWS_OF_JUNK)
            continue;
        id = list_add(&lists->junk, lists->builder->memory, sizeof *id);
        fine = id || builder_no_memory(lists->builder);
        if (id)
            *id = column_int(&statement, 0);
    }
    statement_close(&statement);
    return fine;
}

static bool is_junk(const struct lists *lists, int64_t id)
{
    const int64_t *junk = lists->junk.items;
    for (size_t i = 0; i < lists->junk.count; i++)
        if (junk[i] == id)
            return true;
    return false;
}

// The messages of a provider: a table of its own, and an event for each of them. Numbers are those
// of events; which version a text is of, nobody has kept.
static bool add_messages(struct lists *lists, struct statement *messages)
{
    struct pack_model *model = &lists->model;
    struct pack_writer *writer = lists->builder->writer;
    EVX_CHECK(model->events.count == 0 && lists->origin != 0);
    pack_writer_begin_table(writer, LANGUAGE_ENGLISH);
    while (statement_next(messages)) {
        uint32_t id = column_u32(messages, 0, UINT32_MAX, NO_MESSAGE);
        struct slice text = column_text(messages, 1);
        if (id == NO_MESSAGE || text.size == 0)
            continue;
        text = foreign_text(&lists->room, lists->builder->memory, text, false);
        if (!text.bytes)
            return builder_no_memory(lists->builder);
        if (!pack_writer_add_message(writer, id, text))
            return false;
        struct provider_event *event = list_add(&model->events, model->memory, sizeof *event);
        if (!event)
            return builder_no_memory(lists->builder);
        *event = (struct provider_event){
            .id = (uint16_t)id, .message_id = id, .template_index = NO_INDEX};
    }
    if (model->events.count == 0)
        return true;
    int64_t table = pack_writer_end_table(writer, lists->origin, LANGUAGE_ENGLISH, NULL);
    return table &&
           (pack_model_add_use(model, MODEL_EVENTS, 0, table) || builder_no_memory(lists->builder));
}

static bool add_providers(struct lists *lists, struct statement *providers,
                          struct statement *messages)
{
    struct pack_model *model = &lists->model;
    while (statement_next(providers)) {
        if (is_junk(lists, column_int(providers, 0)))
            continue;
        pack_model_clear(model);
        model->origin = lists->origin;
        model->has_guid = column_guid(providers, 2, model->guid);
        if (!pack_model_copy(model, column_text(providers, 1), &model->name))
            return builder_no_memory(lists->builder);
        statement_bind(messages, "i", column_int(providers, 0));
        if (!add_messages(lists, messages))
            return false;
        if (model->events.count > 0 && !pack_writer_add_provider(lists->builder->writer, model))
            return false;
    }
    return true;
}

bool foreign_import_lists(struct pack_builder *builder, struct database *database, const char *path)
{
    struct lists lists = {.builder = builder, .database = database};
    struct statement column =
        statement_open(database, "SELECT 1 FROM pragma_table_info('providers') WHERE name='guid'");
    bool has_guid = statement_next(&column);
    statement_close(&column);
    lists.origin = foreign_origin(builder, has_guid ? "ts-evtx" : "velocidex", path);
    pack_model_init(&lists.model, builder->memory);
    struct statement providers =
        statement_open(database, has_guid ? "SELECT id,name,guid FROM providers ORDER BY id"
                                          : "SELECT id,name,NULL FROM providers ORDER BY id");
    struct statement messages =
        statement_open(database, "SELECT event_id,message FROM messages WHERE provider_id=?"
                                 " GROUP BY event_id,message ORDER BY event_id,min(rowid)");
    bool fine = lists.origin && find_junk(&lists) && add_providers(&lists, &providers, &messages);
    statement_close(&providers);
    statement_close(&messages);
    list_destroy(&lists.room, builder->memory, 1);
    list_destroy(&lists.junk, builder->memory, sizeof(int64_t));
    pack_model_destroy(&lists.model);
    return fine;
}
