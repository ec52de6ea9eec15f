// SPDX-License-Identifier: MIT
// Sets of providers, and the words that they have for records.
#include <evx/messages.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "packs/language.h"
#include "packs/message_text.h"
#include "print/unescaped.h"
#include "system/file.h"

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

evx_status evx_messages_create(const char *language, evx_messages **ret_messages, evx_error *error)
{
    struct memory memory;
    const uint16_t number = language_number(language ? language : "en-US");
    if (number == 0)
        return error_argument(error, "unknown language; a tag such as en-US is expected");
    memory_init(&memory, NULL);
    struct evx_messages *messages = memory_allocate_zeroed(&memory, sizeof *messages);
    if (!messages)
        return no_memory(error);
    memory_init(&messages->memory, NULL);
    if (!providers_init(&messages->providers, &messages->memory, number)) {
        memory_release(&memory, messages, sizeof *messages);
        return no_memory(error);
    }
    provider_files_init(&messages->files, &messages->providers);
    outbuf_init(&messages->text, &messages->memory);
    *ret_messages = messages;
    return EVX_OK;
}

void evx_messages_destroy(evx_messages **messages)
{
    if (!messages || !*messages)
        return;
    struct memory memory;
    memory_init(&memory, NULL);
    provider_files_destroy(&(*messages)->files);
    providers_destroy(&(*messages)->providers);
    outbuf_destroy(&(*messages)->text);
    memory_release(&memory, *messages, sizeof **messages);
    *messages = NULL;
}

// ------------------------------------------------------------------------------------------- files

static evx_status status_of(enum file_outcome outcome, const struct pe_fault *fault,
                            evx_error *error)
{
    switch (outcome) {
    case FILE_ADDED:
        return EVX_OK;
    case FILE_WITHOUT:
        return EVX_END;
    case FILE_NO_MEMORY:
        return no_memory(error);
    case FILE_REFUSED:
        break;
    }
    evx_status status = fault->system_errno ? EVX_ERR_IO : EVX_ERR_PACK;
    error_set(error, status);
    if (error)
        error->system_errno = fault->system_errno;
    error_add_cause(error, "%s",
                    fault->system_errno ? file_error_text(fault->system_errno) : fault->text);
    return status;
}

evx_status evx_messages_add_file(evx_messages *messages, const char *name, const evx_input *input,
                                 evx_error *error)
{
    struct pe_fault fault = {0};
    if (!ALL_NULL(input->reserved))
        return error_argument(error, "the reserved places of the input are not NULL");
    return status_of(provider_files_add(&messages->files, name, input, &fault), &fault, error);
}

evx_status evx_messages_add_resource(evx_messages *messages, const char *name,
                                     evx_resource_type type, uint32_t language, const void *bytes,
                                     size_t size, evx_error *error)
{
    if (type > EVX_RESOURCE_MESSAGE_TABLE)
        return error_argument(error, "unknown type of resource");
    const enum resource_kind kind =
        type == EVX_RESOURCE_MESSAGE_TABLE ? RESOURCE_MESSAGES : RESOURCE_DEFINITIONS;
    return status_of(
        provider_files_add_resource(&messages->files, name, kind, (uint16_t)language, bytes, size),
        NULL, error);
}

evx_status evx_messages_end_group(evx_messages *messages, evx_error *error)
{
    bool fine = provider_files_link(&messages->files);
    provider_files_destroy(&messages->files);
    provider_files_init(&messages->files, &messages->providers);
    return fine ? EVX_OK : no_memory(error);
}

// --------------------------------------------------------------------------------------- one event

// The facts and the text of an event's key, of which the names are put into `ret_units`.
static bool facts_of(evx_messages *messages, const evx_event_key *key,
                     struct event_facts *ret_facts, struct wevt_text *ret_units)
{
    const char *name = key->provider ? key->provider : "";
    *ret_facts = (struct event_facts){.id = key->event_id,
                                      .qualifiers = key->qualifiers,
                                      .version = key->version,
                                      .has_guid = key->provider_guid != NULL};
    if (key->provider_guid)
        memcpy(ret_facts->guid, key->provider_guid, sizeof ret_facts->guid);
    bool fine = providers_copy_utf8(&messages->providers, name, strlen(name), ret_units);
    ret_facts->provider = (struct fact_text){0, ret_units->count};
    return fine;
}

static bool find_texts(evx_messages *messages, const evx_event_key *key, struct event_texts *ret)
{
    struct event_facts facts;
    struct wevt_text units;
    if (!facts_of(messages, key, &facts, &units))
        return false;
    *ret = find_event_texts(&messages->providers, &facts, units.units, NULL, 0);
    return true;
}

static void put_piece(struct outbuf *out, const struct event_texts *texts,
                      const struct message_piece *piece, const char *const *values,
                      size_t value_count)
{
    const struct message_entry *parameter = NULL;
    struct wevt_text text = piece->text;
    if (piece->kind == PIECE_VALUE && piece->number <= value_count) {
        if (values[piece->number - 1])
            outbuf_text(out, values[piece->number - 1]);
        return;
    }
    if (piece->kind == PIECE_PARAMETER && texts->provider->parameters)
        parameter = message_list_find(texts->provider->parameters, piece->number);
    if (parameter)
        text = message_cut_end(parameter->text);
    put_plain_units(out, text.units, text.count);
}

evx_status evx_messages_format(evx_messages *messages, const evx_event_key *key,
                               const char *const *values, size_t value_count, const char **ret_text,
                               size_t *ret_size, evx_error *error)
{
    struct event_texts texts;
    struct outbuf *out = &messages->text;
    if (key->size < FIRST_SIZE(evx_event_key, version))
        return error_argument(error, "the size of the key is not set");
    out->length = 0;
    if (!find_texts(messages, key, &texts) || !outbuf_begin_record(out))
        return no_memory(error);
    if (!texts.message)
        return EVX_END;
    struct message_reading reading = message_reading(texts.message->text);
    for (struct message_piece piece = message_next_piece(&reading); piece.kind != PIECE_END;
         piece = message_next_piece(&reading))
        put_piece(out, &texts, &piece, values, value_count);
    if (out->failed) {
        error_set(error, EVX_ERR_LIMIT);
        return EVX_ERR_LIMIT;
    }
    *ret_text = (const char *)out->data;
    *ret_size = out->length;
    return EVX_OK;
}

evx_status evx_messages_find_template(evx_messages *messages, const evx_event_key *key,
                                      uint8_t ret_guid[16])
{
    struct event_texts texts;
    if (key->size < FIRST_SIZE(evx_event_key, version))
        return EVX_ERR_ARGUMENT;
    if (!find_texts(messages, key, &texts))
        return EVX_ERR_MEMORY;
    if (!texts.template)
        return EVX_END;
    memcpy(ret_guid, texts.template->guid, 16);
    return EVX_OK;
}

// ----------------------------------------------------------------------------------------- records

evx_status evx_engine_use_messages(evx_engine *engine, evx_messages *messages, evx_error *error)
{
    if (engine->has_messages)
        return error_argument(error, "the engine has messages already");
    if (!messages_init(&engine->messages, &engine->memory, &messages->providers, engine->no_plans))
        return no_memory(error);
    engine->has_messages = true;
    return EVX_OK;
}

static int compare_untold(const void *a, const void *b)
{
    const struct untold *left = *(const struct untold *const *)a;
    const struct untold *right = *(const struct untold *const *)b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    const uint32_t size =
        left->provider.size < right->provider.size ? left->provider.size : right->provider.size;
    int order = memcmp(left->provider.bytes, right->provider.bytes, size);
    return order ? order : left->provider.size < right->provider.size ? -1 : 1;
}

static evx_status visit_one(const struct untold *untold,
                            int (*visit)(void *context, const evx_untold *untold), void *context)
{
    struct memory memory;
    char *name = NULL;
    memory_init(&memory, NULL);
    if (untold->provider.bytes) {
        name = memory_allocate_zeroed(&memory, untold->provider.size + 1u);
        if (!name)
            return EVX_ERR_MEMORY;
        memcpy(name, untold->provider.bytes, untold->provider.size);
    }
    const evx_untold shown = {sizeof shown, name, untold->count};
    evx_status status = shown.events && visit(context, &shown) ? EVX_ERR_SINK : EVX_OK;
    memory_release(&memory, name, untold->provider.size + 1u);
    return status;
}

evx_status evx_visit_untold(evx_engine *engine,
                            int (*visit)(void *context, const evx_untold *untold), void *context,
                            evx_error *error)
{
    size_t count = 0;
    evx_status status = EVX_OK;
    if (!engine->has_messages)
        return EVX_OK;
    for (const struct untold *untold = engine->messages.untold; untold; untold = untold->next)
        count++;
    const size_t bytes = (count + 1) * sizeof(struct untold *);
    const struct untold **list = memory_allocate(&engine->memory, bytes);
    if (!list)
        return no_memory(error);
    count = 0;
    for (const struct untold *untold = engine->messages.untold; untold; untold = untold->next)
        list[count++] = untold;
    if (count > 1)
        qsort(list, count, sizeof *list, compare_untold);
    list[count++] = &engine->messages.others;
    for (size_t i = 0; i < count && status == EVX_OK; i++)
        status = visit_one(list[i], visit, context);
    memory_release(&engine->memory, list, bytes);
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}

evx_status evx_get_message(evx_reader *reader, const char **ret_text, size_t *ret_size,
                           evx_error *error)
{
    evx_error ignored;
    error = error ? error : &ignored;
    if (!reader->engine->has_messages)
        return error_argument(error, "the engine has no messages");
    evx_status status = render_message(reader, &reader->engine->messages, error);
    if (status != EVX_OK)
        return status;
    struct outbuf *out = &reader->rendered.out;
    if (out->length == 0)
        return EVX_END;
    out->length = json_unescape(out->data, out->length);
    *ret_text = (const char *)out->data;
    *ret_size = out->length;
    return EVX_OK;
}
