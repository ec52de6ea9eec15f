// SPDX-License-Identifier: MIT
#include "packfile/pack_source.h"

#include <string.h>

#include "base/check.h"
#include "packfile/pack_reader.h"

enum {
    NAME_UNITS_MAX = 512,
    TABLES_MAX = 64, // languages of one file
    ENGLISH = 0x409,
    PRIMARY_LANGUAGE = 0x3FF,
};

// A list of the set and what it is of: the tables of one file, a language each.
struct loaded_list {
    int64_t tables[TABLES_MAX];
    size_t count;
    struct message_list *list;
};

struct pack_source {
    struct provider_source source;
    struct providers *providers;
    struct pack_reader reader;
    struct pack_model model;
    struct list loaded; // int64_t: providers that are in the set
    struct list lists;  // struct loaded_list
    struct message_list *filled;
    uint32_t language; // of the table that is read
};

// ------------------------------------------------------------------------------------------
// messages

static bool visit_message(void *context, uint32_t id, struct slice text)
{
    struct pack_source *source = context;
    struct wevt_text units;
    return (providers_copy_utf8(source->providers, text.bytes, text.size, &units) &&
            message_list_add(source->providers, source->filled, id, (uint16_t)source->language,
                             units)) ||
           database_no_memory(&source->reader.database);
}

// 3 the language itself, 2 another form of it, 1 one that does instead, 0 any other.
static int fit_of(const struct pack_source *source, uint32_t language)
{
    uint32_t wanted = source->providers->language;
    if (language == wanted)
        return 3;
    if ((language & PRIMARY_LANGUAGE) == (wanted & PRIMARY_LANGUAGE))
        return 2;
    return language == ENGLISH || language == 0;
}

// Which tables are read: those of languages that come before others, or all where none does.
static size_t choose_tables(struct pack_source *source, int64_t *tables, size_t count)
{
    uint32_t languages[TABLES_MAX];
    bool any = false;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct reader_table table = {0};
        pack_reader_get_table(&source->reader, tables[i], &table);
        languages[i] = table.language;
        any = any || fit_of(source, table.language) > 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!any || fit_of(source, languages[i]) > 0)
            tables[kept++] = tables[i];
    return kept;
}

static bool fill_list(struct pack_source *source, struct loaded_list *loaded)
{
    size_t count = choose_tables(source, loaded->tables, loaded->count);
    EVX_CHECK(count <= loaded->count && loaded->list);
    source->filled = loaded->list;
    for (size_t i = 0; i < count; i++) {
        struct reader_table table;
        if (!pack_reader_get_table(&source->reader, loaded->tables[i], &table))
            continue;
        source->language = table.language;
        if (!pack_reader_visit_messages(&source->reader, loaded->tables[i], visit_message, source))
            return false;
    }
    message_list_sort(source->providers, loaded->list);
    return true;
}

// The list of these tables; NULL with a fault.
static struct message_list *list_of(struct pack_source *source, const int64_t *tables, size_t count)
{
    const struct loaded_list *known = source->lists.items;
    EVX_CHECK(count <= TABLES_MAX);
    for (size_t i = 0; i < source->lists.count; i++)
        if (known[i].count == count && !memcmp(known[i].tables, tables, count * sizeof *tables))
            return known[i].list;
    struct loaded_list loaded = {.count = count};
    memcpy(loaded.tables, tables, count * sizeof *tables);
    struct loaded_list *kept = list_add(&source->lists, source->providers->memory, sizeof *kept);
    loaded.list = kept ? providers_add_messages(source->providers) : NULL;
    if (kept)
        *kept = loaded;
    if (!loaded.list) {
        database_no_memory(&source->reader.database);
        return NULL;
    }
    return fill_list(source, &loaded) ? loaded.list : NULL;
}

// The tables of one role and place, from the index-th use on. Returns the index behind them.
static size_t next_file(const struct pack_model *model, size_t index, int64_t tables[TABLES_MAX],
                        size_t *ret_count)
{
    const struct model_use *uses = model->uses.items;
    const struct model_use *first = &uses[index];
    *ret_count = 0;
    for (; index < model->uses.count && uses[index].role == first->role &&
           uses[index].position == first->position;
         index++)
        if (*ret_count < TABLES_MAX)
            tables[(*ret_count)++] = uses[index].table;
    return index;
}

static bool add_lists(struct pack_source *source, struct provider *provider)
{
    const struct pack_model *model = &source->model;
    const struct model_use *uses = model->uses.items;
    size_t used = 0;
    for (size_t i = 0; i < model->uses.count;) {
        int64_t tables[TABLES_MAX];
        size_t count;
        EVX_CHECK(used <= PROVIDER_MESSAGE_LISTS_MAX);
        enum model_role role = uses[i].role;
        i = next_file(model, i, tables, &count);
        if (role == MODEL_EVENTS && used == PROVIDER_MESSAGE_LISTS_MAX)
            continue;
        struct message_list *list = list_of(source, tables, count);
        if (!list)
            return false;
        if (role == MODEL_EVENTS)
            provider->messages[used++] = list;
        else if (role == MODEL_PARAMETERS && !provider->parameters)
            provider->parameters = list;
        else if (role == MODEL_CATEGORIES && !provider->categories)
            provider->categories = list;
    }
    return true;
}

// -----------------------------------------------------------------------------------------
// providers

static bool add_names(struct pack_source *source, struct provider *provider)
{
    const struct model_name *names = source->model.names.items;
    for (size_t i = 0; i < source->model.names.count; i++) {
        struct provider_row row = {.value = names[i].value, .message_id = names[i].message_id};
        struct slice name = names[i].name;
        if ((name.size > 0 &&
             !providers_copy_utf8(source->providers, name.bytes, name.size, &row.name)) ||
            !provider_add_row(source->providers, provider, names[i].kind, &row))
            return false;
    }
    return true;
}

static bool add_templates(struct pack_source *source, struct provider *provider)
{
    const struct pack_model *model = &source->model;
    const struct model_template *templates = model->templates.items;
    const struct model_item *items = model->items.items;
    size_t at = 0;
    for (size_t i = 0; i < model->templates.count; i++) {
        uint32_t index;
        if (!provider_add_template(source->providers, provider, templates[i].guid, &index))
            return false;
        for (; at < model->items.count && items[at].template_index == i; at++) {
            const struct provider_item item = {items[at].in_type, items[at].out_type,
                                               items[at].map_index};
            if (!provider_add_item(source->providers, provider, &item))
                return false;
        }
    }
    return true;
}

static bool add_maps(struct pack_source *source, struct provider *provider)
{
    const struct pack_model *model = &source->model;
    const struct model_map *maps = model->maps.items;
    const struct model_map_row *rows = model->map_rows.items;
    size_t at = 0;
    for (size_t i = 0; i < model->maps.count; i++) {
        uint32_t index;
        if (!provider_add_map(source->providers, provider, maps[i].is_bits, &index))
            return false;
        for (; at < model->map_rows.count && rows[at].map_index == i; at++)
            if (!provider_add_map_row(source->providers, provider, rows[at].value,
                                      rows[at].message_id))
                return false;
    }
    return true;
}

static bool add_events(struct pack_source *source, struct provider *provider)
{
    const struct provider_event *events = source->model.events.items;
    for (size_t i = 0; i < source->model.events.count; i++)
        if (!provider_add_event(source->providers, provider, &events[i]))
            return false;
    return true;
}

// What the model has, as a provider of the set.
static bool add_provider(struct pack_source *source)
{
    const struct pack_model *model = &source->model;
    struct wevt_text name = {0};
    EVX_CHECK(source->providers->memory == model->memory);
    if (model->name.size > 0 &&
        !providers_copy_utf8(source->providers, model->name.bytes, model->name.size, &name))
        return false;
    struct provider *provider =
        providers_add(source->providers, model->has_guid ? model->guid : NULL, name);
    if (!provider)
        return false;
    provider->message_id = model->message_id;
    bool fine = add_names(source, provider) && add_templates(source, provider) &&
                add_maps(source, provider) && add_events(source, provider) &&
                add_lists(source, provider);
    provider_finish(provider);
    return fine || source->reader.database.fault.status == EVX_ERR_PACK;
}

static bool is_loaded(const struct pack_source *source, int64_t id)
{
    const int64_t *loaded = source->loaded.items;
    for (size_t i = 0; i < source->loaded.count; i++)
        if (loaded[i] == id)
            return true;
    return false;
}

// Those that have just been found. A pack that turns out to be damaged has nothing more to say.
static bool add_found(struct pack_source *source)
{
    const int64_t *ids = source->reader.ids.items;
    for (size_t i = 0; i < source->reader.ids.count; i++) {
        if (is_loaded(source, ids[i]))
            continue;
        int64_t *loaded = list_add(&source->loaded, source->providers->memory, sizeof *loaded);
        if (!loaded)
            return false;
        *loaded = ids[i];
        pack_model_clear(&source->model);
        if (pack_reader_get(&source->reader, ids[i], &source->model) && !add_provider(source))
            return false;
    }
    return true;
}

static bool find_by_name(struct pack_source *source, struct wevt_text name)
{
    char text[NAME_UNITS_MAX * UTF8_BYTES_OF_UNIT];
    if (name.count == 0 || name.count > NAME_UNITS_MAX)
        return true;
    struct slice wanted = {text, utf8_of_units(name.units, name.count, text)};
    return !pack_reader_find_name(&source->reader, wanted) || add_found(source);
}

static bool load(struct provider_source *base, struct providers *providers, const uint8_t *guid,
                 const struct wevt_text names[2])
{
    struct pack_source *source = (struct pack_source *)base;
    EVX_CHECK(source->providers == providers);
    if (guid && pack_reader_find_guid(&source->reader, guid) && !add_found(source))
        return false;
    // Texts of others may know the provider by its name only.
    bool fine = find_by_name(source, names[0]) && find_by_name(source, names[1]);
    return fine && source->reader.database.fault.status != EVX_ERR_MEMORY;
}

static void close_source(struct provider_source *base)
{
    struct pack_source *source = (struct pack_source *)base;
    struct memory *memory = source->providers->memory;
    pack_model_destroy(&source->model);
    list_destroy(&source->loaded, memory, sizeof(int64_t));
    list_destroy(&source->lists, memory, sizeof(struct loaded_list));
    pack_reader_close(&source->reader);
    memory_release(memory, source, sizeof *source);
}

// -------------------------------------------------------------------------------------------
// opening

// The texts of the system's errors, if the pack has them and the set has none yet.
static bool load_served(struct pack_source *source, const char *serves, struct message_list **ret)
{
    int64_t tables[TABLES_MAX];
    size_t count = 0;
    struct statement statement = statement_open(
        &source->reader.database, "SELECT id FROM message_table WHERE serves=? ORDER BY id");
    statement_bind(&statement, "t", (struct slice){serves, strlen(serves)});
    while (!*ret && count < TABLES_MAX && statement_next(&statement))
        tables[count++] = column_int(&statement, 0);
    statement_close(&statement);
    if (count > 0)
        *ret = list_of(source, tables, count);
    return database_is_fine(&source->reader.database);
}

bool pack_source_add(struct providers *providers, const char *path,
                     struct database_fault *ret_fault)
{
    struct pack_source *source = memory_allocate_zeroed(providers->memory, sizeof *source);
    *ret_fault = (struct database_fault){.status = EVX_ERR_MEMORY};
    if (!source)
        return false;
    source->source = (struct provider_source){.load = load, .close = close_source};
    source->providers = providers;
    pack_model_init(&source->model, providers->memory);
    if (pack_reader_open(&source->reader, providers->memory, path) &&
        load_served(source, "ntstatus", &providers->ntstatus) &&
        load_served(source, "errors", &providers->errors)) {
        providers_add_source(providers, &source->source);
        return true;
    }
    *ret_fault = source->reader.database.fault;
    close_source(&source->source);
    return false;
}
