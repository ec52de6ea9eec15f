// SPDX-License-Identifier: MIT
// Packs: making one, and looking into one.
#include <errno.h>
#include <string.h>

#include <evx/pack_file.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "bytes/source.h"
#include "packfile/pack_builder.h"
#include "packfile/pack_definitions.h"
#include "packfile/pack_reader.h"
#include "packfile/pack_source.h"
#include "system/file.h"

struct evx_pack_writer {
    struct memory memory;
    struct pack_writer writer;
    struct pack_builder builder;
};

struct evx_pack_file {
    struct memory memory;
    struct pack_reader reader;
    struct pack_model listed, asked; // provider whose turn it is; whose events are listed
    struct list text;                // ended by a NUL
};

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

static evx_status fault_error(evx_error *error, const struct database_fault *fault)
{
    EVX_CHECK(fault->status != EVX_OK);
    error_set(error, fault->status);
    if (fault->status == EVX_ERR_IO) {
        if (error)
            error->system_errno = fault->system_errno;
        error_add_cause(error, "%s (os error %d)", file_error_text(fault->system_errno),
                        fault->system_errno);
    } else if (fault->status == EVX_ERR_PACK) {
        error_add_cause(error, "%s", fault->text);
    }
    return fault->status;
}

// ------------------------------------------------------------------------------------------ making

evx_status evx_pack_create(const char *path, const evx_pack_build_options *options,
                           evx_pack_writer **ret_writer, evx_error *error)
{
    evx_pack_build_options own = {.size = sizeof own};
    struct memory memory;
    if (options &&
        !versioned_copy(&own, sizeof own, options, FIRST_SIZE(evx_pack_build_options, context)))
        return error_argument(error, "the size of the options is not set");
    memory_init(&memory, NULL);
    struct evx_pack_writer *writer = memory_allocate_zeroed(&memory, sizeof *writer);
    if (!writer)
        return no_memory(error);
    memory_init(&writer->memory, NULL);
    if (!pack_writer_open(&writer->writer, &writer->memory, path)) {
        evx_status status = fault_error(error, &writer->writer.database.fault);
        pack_writer_close(&writer->writer);
        memory_release(&memory, writer, sizeof *writer);
        return status;
    }
    pack_builder_init(&writer->builder, &writer->writer);
    writer->builder.no_registry = own.no_registry;
    writer->builder.note = own.note;
    writer->builder.context = own.context;
    *ret_writer = writer;
    return EVX_OK;
}

evx_status evx_pack_add(evx_pack_writer *writer, const char *path, evx_error *error)
{
    if (pack_builder_add(&writer->builder, path))
        return EVX_OK;
    return fault_error(error, &writer->writer.database.fault);
}

void evx_pack_discard(evx_pack_writer **writer)
{
    struct memory memory;
    if (!writer || !*writer)
        return;
    memory_init(&memory, NULL);
    pack_builder_destroy(&(*writer)->builder);
    pack_writer_close(&(*writer)->writer);
    memory_release(&memory, *writer, sizeof **writer);
    *writer = NULL;
}

evx_status evx_pack_finish(evx_pack_writer **writer, evx_pack_totals *totals, evx_error *error)
{
    const struct pack_counts *counts = &(*writer)->writer.counts;
    const evx_pack_totals own = {
        .size = totals ? totals->size : 0,
        .providers = counts->providers,
        .events = counts->events,
        .templates = counts->templates,
        .messages = counts->messages,
        .known_providers = counts->known_providers,
        .notes = (*writer)->builder.notes,
    };
    evx_status status = EVX_OK;
    if (!pack_writer_commit(&(*writer)->writer))
        status = fault_error(error, &(*writer)->writer.database.fault);
    if (totals)
        memcpy(totals, &own, totals->size < sizeof own ? totals->size : sizeof own);
    evx_pack_discard(writer);
    return status;
}

// ----------------------------------------------------------------------------------------- reading

evx_status evx_pack_file_open(const char *path, evx_pack_file **ret_file, evx_error *error)
{
    struct memory memory;
    memory_init(&memory, NULL);
    struct evx_pack_file *file = memory_allocate_zeroed(&memory, sizeof *file);
    if (!file)
        return no_memory(error);
    memory_init(&file->memory, NULL);
    pack_model_init(&file->listed, &file->memory);
    pack_model_init(&file->asked, &file->memory);
    bool fine = pack_reader_open(&file->reader, &file->memory, path);
    *ret_file = file;
    if (fine)
        return EVX_OK;
    evx_status status = fault_error(error, &file->reader.database.fault);
    evx_pack_file_close(ret_file);
    return status;
}

void evx_pack_file_close(evx_pack_file **file)
{
    struct memory memory;
    if (!file || !*file)
        return;
    memory_init(&memory, NULL);
    pack_model_destroy(&(*file)->listed);
    pack_model_destroy(&(*file)->asked);
    list_destroy(&(*file)->text, &(*file)->memory, 1);
    pack_reader_close(&(*file)->reader);
    memory_release(&memory, *file, sizeof **file);
    *file = NULL;
}

// A text of the model's arena, ended by a NUL; NULL without memory.
static const char *ended(struct pack_model *model, struct slice text)
{
    char *copy = arena_allocate(&model->texts, text.size + 1);
    if (!copy)
        return NULL;
    if (text.size > 0)
        memcpy(copy, text.bytes, text.size);
    copy[text.size] = 0;
    return copy;
}

static evx_status show_provider(struct evx_pack_file *file, int64_t id,
                                int (*visit)(void *context, const evx_pack_provider *provider),
                                void *context)
{
    struct pack_model *model = &file->listed;
    struct reader_origin origin = {0};
    pack_model_clear(model);
    if (!pack_reader_get(&file->reader, id, model))
        return file->reader.database.fault.status;
    pack_reader_get_origin(&file->reader, model->origin, &origin);
    const evx_pack_provider provider = {
        .size = sizeof provider,
        .id = id,
        .guid = model->has_guid ? model->guid : NULL,
        .name = ended(model, model->name),
        .origin = ended(model, origin.kind),
        .path = ended(model, origin.path),
        .file_version = ended(model, origin.version),
        .system = ended(model, origin.system),
        .event_count = model->events.count,
        .template_count = model->templates.count,
        .map_count = model->maps.count,
        .name_count = model->names.count,
        .table_count = model->uses.count,
    };
    if (!provider.name || !provider.origin || !provider.path || !provider.file_version ||
        !provider.system)
        return EVX_ERR_MEMORY;
    return visit(context, &provider) ? EVX_ERR_SINK : EVX_OK;
}

// The status, with what is wrong where the pack is what is wrong.
static evx_status finish(struct evx_pack_file *file, evx_status status, evx_error *error)
{
    const struct database_fault *fault = &file->reader.database.fault;
    if (fault->status != EVX_OK)
        return fault_error(error, fault);
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}

evx_status evx_pack_file_list_providers(evx_pack_file *file,
                                        int (*visit)(void *context,
                                                     const evx_pack_provider *provider),
                                        void *context, evx_error *error)
{
    evx_status status = EVX_OK;
    if (!pack_reader_list(&file->reader))
        return finish(file, EVX_ERR_PACK, error);
    for (size_t i = 0; i < file->reader.ids.count && status == EVX_OK; i++)
        status = show_provider(file, ((const int64_t *)file->reader.ids.items)[i], visit, context);
    return finish(file, status, error);
}

// The text of a message, in the first of a provider's tables that has it, English before others.
static struct slice find_text(struct evx_pack_file *file, const struct pack_model *model,
                              uint32_t id, uint32_t *ret_language)
{
    enum { ENGLISH = 0x409 };
    const struct model_use *uses = model->uses.items;
    int64_t best = 0;
    *ret_language = 0;
    for (size_t i = 0; i < model->uses.count && *ret_language != ENGLISH; i++) {
        struct reader_table table;
        if (uses[i].role != MODEL_EVENTS ||
            !pack_reader_get_message(&file->reader, uses[i].table, id).bytes ||
            !pack_reader_get_table(&file->reader, uses[i].table, &table))
            continue;
        if (best == 0 || table.language == ENGLISH) {
            best = uses[i].table;
            *ret_language = table.language;
        }
    }
    return best ? pack_reader_get_message(&file->reader, best, id) : (struct slice){0};
}

static bool keep_text(struct evx_pack_file *file, struct slice text)
{
    file->text.count = 0;
    for (size_t i = 0; i <= text.size; i++) {
        char *c = list_add(&file->text, &file->memory, 1);
        if (!c)
            return false;
        *c = i < text.size ? text.bytes[i] : 0;
    }
    return true;
}

static evx_status show_event(struct evx_pack_file *file, const struct provider_event *from,
                             int (*visit)(void *context, const evx_pack_event *event),
                             void *context)
{
    const struct pack_model *model = &file->asked;
    const struct model_template *templates = model->templates.items;
    struct slice text = {0};
    EVX_CHECK(from->template_index == NO_INDEX || from->template_index < model->templates.count);
    evx_pack_event event = {
        .size = sizeof event,
        .id = from->id,
        .task = from->task,
        .version = from->version,
        .channel = from->channel,
        .level = from->level,
        .opcode = from->opcode,
        .keywords = from->keywords,
    };
    if (from->template_index != NO_INDEX)
        event.template_guid = templates[from->template_index].guid;
    if (from->message_id != NO_MESSAGE)
        text = find_text(file, model, from->message_id, &event.language);
    if (text.bytes && !keep_text(file, text))
        return EVX_ERR_MEMORY;
    if (text.bytes)
        event.text = file->text.items;
    return visit(context, &event) ? EVX_ERR_SINK : EVX_OK;
}

evx_status evx_pack_file_list_events(evx_pack_file *file, int64_t provider,
                                     int (*visit)(void *context, const evx_pack_event *event),
                                     void *context, evx_error *error)
{
    evx_status status = EVX_OK;
    EVX_CHECK(file->reader.database.handle || file->reader.database.fault.status);
    pack_model_clear(&file->asked);
    if (!pack_reader_get(&file->reader, provider, &file->asked))
        return finish(file, EVX_ERR_PACK, error);
    const struct provider_event *events = file->asked.events.items;
    for (size_t i = 0; i < file->asked.events.count && status == EVX_OK; i++)
        status = show_event(file, &events[i], visit, context);
    return finish(file, status, error);
}

// ------------------------------------------------------------------------------------- definitions

static bool is_database(const char *path)
{
    char magic[16];
    int fd = file_open_at_once(path);
    bool fine = fd >= 0 && file_read_at(fd, magic, sizeof magic, 0) == sizeof magic &&
                memcmp(magic, "SQLite format 3", sizeof magic) == 0;
    if (fd >= 0)
        file_close(fd);
    return fine;
}

evx_status evx_pack_open(const char *path, evx_pack **ret_pack, evx_error *error)
{
    struct database_fault fault;
    if (!is_database(path))
        return evx_pack_open_wevtcache(path, ret_pack, error);
    struct evx_pack *pack = pack_create();
    if (!pack)
        return no_memory(error);
    if (pack_read_definitions(&pack->pack, path, &fault)) {
        *ret_pack = pack;
        return EVX_OK;
    }
    evx_status status = fault.status;
    if (status == EVX_ERR_PACK) {
        error_set(error, status);
        error_add_cause(error, "cannot use the pack `%s`", path);
        error_add_cause(error, "%s", fault.text);
    } else {
        status = fault_error(error, &fault);
    }
    evx_pack_close(&pack);
    return status;
}

// ---------------------------------------------------------------------------------------- messages

evx_status evx_messages_add_pack(evx_messages *messages, const char *path, evx_error *error)
{
    struct database_fault fault;
    evx_status status =
        evx_messages_end_group(messages, error); // what is being read stands in front
    if (status != EVX_OK || pack_source_add(&messages->providers, path, &fault))
        return status;
    return fault_error(error, &fault);
}
