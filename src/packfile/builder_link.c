// SPDX-License-Identifier: MIT
// Which tables belong to a provider: by the registry, else by the names of files, else by what is
// in them.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "packfile/pack_builder.h"
#include "system/file.h"

enum {
    IDS_LOOKED_UP_MAX = 256, // of a provider, to find its messages
    IDS_ENOUGH_PERCENT = 90,
};

// Parameter files of providers that name one outside of their registry entry, too.
static const struct {
    const char *guid, *base;
} known_parameters[] = {
    {"{54849625-5478-4994-a5ba-3e3b0328c30d}", "msobjs.dll"},
    {"{555908d1-a6d7-4695-8e1e-26931d2012f4}", "kernel32.dll"},
};

// Whose messages are texts of the system's errors.
static const char *serves_what(struct slice base)
{
    static const struct {
        const char *base, *serves;
    } files[] = {{"ntdll.dll", "ntstatus"}, {"kernel32.dll", "errors"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (base.size == strlen(files[i].base) && !memcmp(base.bytes, files[i].base, base.size))
            return files[i].serves;
    return NULL;
}

static bool is_same(struct slice a, struct slice b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

// -------------------------------------------------------------------------------------------
// tables

static bool take_outcome(struct pack_builder *builder, const struct binary *binary,
                         enum binary_outcome outcome, int number, const char *why)
{
    if (outcome == BINARY_REFUSED)
        builder_note(builder, binary->path, "%s", file_error_text(number));
    if (outcome == BINARY_DAMAGED)
        builder_note(builder, binary->path, "%s", why);
    return outcome != BINARY_PACK_FAULT && database_is_fine(&builder->writer->database);
}

static bool read_tables(struct pack_builder *builder, struct binary *binary)
{
    int number = 0, fd = file_open_at_once(binary->path);
    char why[BINARY_WHY_BYTES] = "";
    if (fd < 0)
        return take_outcome(builder, binary, BINARY_REFUSED, errno, why);
    enum binary_outcome outcome =
        binary_read(builder->writer, fd, binary->shown, builder->system, serves_what(binary->base),
                    &binary->found, &number, why);
    file_close(fd);
    return take_outcome(builder, binary, outcome, number, why);
}

// ----------------------------------------------------------------------------------------
// providers

// Whether a file (by its home) is this one or a companion of it.
static bool is_of(const struct binary *binary, struct slice home, struct slice base)
{
    return is_same(binary->home, home) || (is_same(binary->home, binary->base) &&
                                           binary->is_companion && is_same(binary->base, base));
}

static struct slice base_of(struct slice home)
{
    size_t at = home.size;
    while (at > 0 && home.bytes[at - 1] != '/')
        at--;
    return (struct slice){home.bytes + at, home.size - at};
}

static bool use_tables(struct pack_builder *builder, struct pack_model *model,
                       const struct binary *binary, enum model_role role, uint32_t position)
{
    const struct binary_table *tables = binary->found.tables.items;
    EVX_CHECK(role < MODEL_ROLES);
    for (size_t i = 0; i < binary->found.tables.count; i++)
        if (tables[i].message_count > 0 && !pack_model_add_use(model, role, position, tables[i].id))
            return builder_no_memory(builder);
    return true;
}

static bool use_file(struct pack_builder *builder, struct pack_model *model, struct slice home,
                     enum model_role role, uint32_t position)
{
    const struct binary *binaries = builder->binaries.items;
    struct slice base = base_of(home);
    for (size_t i = 0; i < builder->binaries.count; i++)
        if (is_of(&binaries[i], home, base) &&
            !use_tables(builder, model, &binaries[i], role, position))
            return false;
    return true;
}

// Files of this name in any folder: `count` of them are told.
static bool use_base(struct pack_builder *builder, struct pack_model *model, struct slice base,
                     enum model_role role)
{
    const struct binary *binaries = builder->binaries.items;
    for (size_t i = 0; i < builder->binaries.count; i++)
        if (is_same(binaries[i].base, base) && !use_tables(builder, model, &binaries[i], role, 0))
            return false;
    return true;
}

// How many of a provider's messages are in a table, in percent.
static unsigned overlap(struct pack_builder *builder, const struct pack_model *model, int64_t table)
{
    struct statement statement = statement_open(
        &builder->writer->database, "SELECT 1 FROM message WHERE message_table=? AND id=?");
    const struct provider_event *events = model->events.items;
    unsigned asked = 0, found = 0;
    EVX_CHECK(table != 0);
    for (size_t i = 0; i < model->events.count && asked < IDS_LOOKED_UP_MAX; i++) {
        if (events[i].message_id == NO_MESSAGE)
            continue;
        asked++;
        statement_bind(&statement, "ii", table, (int64_t)events[i].message_id);
        found += statement_next(&statement);
    }
    statement_close(&statement);
    return asked ? 100 * found / asked : 0;
}

static bool has_texts(struct pack_builder *builder, const struct pack_model *model)
{
    const struct model_use *uses = model->uses.items;
    for (size_t i = 0; i < model->uses.count; i++)
        if (uses[i].role == MODEL_EVENTS && overlap(builder, model, uses[i].table) > 0)
            return true;
    return false;
}

// The one file that has nearly all of a provider's messages, where its name does not tell.
static bool use_fitting(struct pack_builder *builder, struct pack_model *model)
{
    const struct binary *binaries = builder->binaries.items;
    const struct binary *best = NULL;
    unsigned best_percent = IDS_ENOUGH_PERCENT - 1;
    for (size_t i = 0; i < builder->binaries.count; i++) {
        const struct binary_table *tables = binaries[i].found.tables.items;
        unsigned percent = 0;
        if (binaries[i].found.tables.count > 0)
            percent = overlap(builder, model, tables[0].id);
        if (percent > best_percent) {
            best = &binaries[i];
            best_percent = percent;
        }
    }
    return !best || use_base(builder, model, best->base, MODEL_EVENTS);
}

static const struct registered *find_registered(const struct pack_builder *builder,
                                                const uint8_t guid[16])
{
    const struct registered *registered = builder->registered.items;
    for (size_t i = 0; i < builder->registered.count; i++)
        if (registered[i].has_guid && !registered[i].is_classic &&
            memcmp(registered[i].guid, guid, 16) == 0)
            return &registered[i];
    return NULL;
}

static bool use_registered(struct pack_builder *builder, struct pack_model *model,
                           const struct registered *registered)
{
    for (int role = 0; role < MODEL_ROLES; role++) {
        const struct slice *homes = registered->files[role].items;
        for (size_t i = 0; i < registered->files[role].count; i++)
            if (!use_file(builder, model, homes[i], (enum model_role)role, (uint32_t)i))
                return false;
    }
    return true;
}

static bool use_known_parameters(struct pack_builder *builder, struct pack_model *model)
{
    char guid[GUID_TEXT_BYTES];
    EVX_CHECK(model->has_guid);
    guid_print(model->guid, guid);
    for (size_t i = 0; i < sizeof known_parameters / sizeof *known_parameters; i++) {
        const char *base = known_parameters[i].base;
        if (strcmp(known_parameters[i].guid, guid) == 0)
            return use_base(builder, model, (struct slice){base, strlen(base)}, MODEL_PARAMETERS);
    }
    return true;
}

static bool visit_provider(void *context, struct pack_model *model)
{
    struct pack_builder *builder = context;
    const struct registered *registered = find_registered(builder, model->guid);
    EVX_CHECK(builder->binary && builder->binary->found.origin);
    model->origin = builder->binary->found.origin;
    bool fine;
    if (registered) {
        fine = use_registered(builder, model, registered);
        if (!model->name.bytes)
            fine = fine && pack_model_copy(model, registered->name, &model->name);
    } else {
        fine = use_file(builder, model, builder->binary->home, MODEL_EVENTS, 0) &&
               use_known_parameters(builder, model);
        if (fine && !has_texts(builder, model) && model->events.count > 0) {
            model->uses.count = 0;
            fine = use_base(builder, model, builder->binary->base, MODEL_EVENTS) &&
                   use_known_parameters(builder, model);
            if (fine && !has_texts(builder, model))
                fine = use_fitting(builder, model);
        }
    }
    return fine && pack_writer_add_provider(builder->writer, model);
}

static bool read_manifests(struct pack_builder *builder, struct binary *binary)
{
    const struct binary_manifest *manifests = binary->found.manifests.items;
    char why[BINARY_WHY_BYTES] = "";
    bool fine = true;
    int number = 0;
    if (binary->found.manifests.count == 0)
        return true;
    int fd = file_open_at_once(binary->path);
    if (fd < 0)
        return take_outcome(builder, binary, BINARY_REFUSED, errno, why);
    builder->binary = binary;
    for (size_t i = 0; i < binary->found.manifests.count && fine; i++) {
        enum binary_outcome outcome = binary_read_manifest(builder->memory, fd, &manifests[i],
                                                           visit_provider, builder, &number, why);
        fine = take_outcome(builder, binary, outcome, number, why);
    }
    file_close(fd);
    return fine;
}

// Sources of logs that have no manifest: a name and files.
static bool add_classic(struct pack_builder *builder, const struct registered *registered)
{
    const struct binary *binaries = builder->binaries.items;
    struct pack_model model;
    pack_model_init(&model, builder->memory);
    model.has_guid = registered->has_guid;
    memcpy(model.guid, registered->guid, sizeof model.guid);
    bool fine =
        pack_model_copy(&model, registered->name, &model.name) || builder_no_memory(builder);
    fine = fine && use_registered(builder, &model, registered);
    const struct slice *homes = registered->files[MODEL_EVENTS].items;
    EVX_CHECK(registered->is_classic && registered->files[MODEL_EVENTS].count > 0);
    for (size_t i = 0; i < builder->binaries.count && !model.origin && model.uses.count; i++)
        if (binaries[i].found.origin && is_of(&binaries[i], homes[0], base_of(homes[0])))
            model.origin = binaries[i].found.origin;
    if (fine && model.uses.count > 0 && model.origin)
        fine = pack_writer_add_provider(builder->writer, &model);
    pack_model_destroy(&model);
    return fine;
}

bool builder_link(struct pack_builder *builder)
{
    struct binary *binaries = builder->binaries.items;
    const struct registered *registered = builder->registered.items;
    bool fine = true;
    for (size_t i = 0; i < builder->binaries.count && fine; i++)
        fine = read_tables(builder, &binaries[i]);
    for (size_t i = 0; i < builder->binaries.count && fine; i++)
        fine = read_manifests(builder, &binaries[i]);
    for (size_t i = 0; i < builder->registered.count && fine; i++)
        if (registered[i].is_classic && registered[i].files[MODEL_EVENTS].count > 0)
            fine = add_classic(builder, &registered[i]);
    return fine;
}
