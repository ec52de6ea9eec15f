// SPDX-License-Identifier: MIT
// Files of definitions, and resources of PE files.
#include <string.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/load.h"
#include "packs/pe.h"
#include "system/file.h"

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

// ----------------------------------------------------------------------------------------
// resources

static evx_status pe_error(evx_error *error, const struct pe_fault *fault)
{
    if (fault->no_memory)
        return no_memory(error);
    evx_status status = fault->system_errno ? EVX_ERR_IO : EVX_ERR_PACK;
    error_set(error, status);
    if (error)
        error->system_errno = fault->system_errno;
    if (fault->system_errno)
        error_add_cause(error, "%s (os error %d)", file_error_text(fault->system_errno),
                        fault->system_errno);
    else
        error_add_cause(error, "%s", fault->text);
    return status;
}

static evx_status visit_all(const struct pe_resources *found,
                            int (*visit)(void *context, const evx_resource *resource),
                            void *context)
{
    for (uint32_t i = 0; i < found->count; i++) {
        const evx_resource resource = {
            .size = sizeof resource,
            .offset = found->list[i].offset,
            .size_bytes = found->list[i].size,
            .language = found->list[i].language,
            .id = found->list[i].id,
        };
        EVX_CHECK(resource.size_bytes > 0);
        if (visit(context, &resource))
            return EVX_ERR_SINK;
    }
    return EVX_OK;
}

evx_status evx_find_resources(const evx_input *input, evx_resource_type type,
                              int (*visit)(void *context, const evx_resource *resource),
                              void *context, evx_error *error)
{
    static const struct pe_type types[] = {
        [EVX_RESOURCE_WEVT_TEMPLATE] = {"WEVT_TEMPLATE", 0},
        [EVX_RESOURCE_MESSAGE_TABLE] = {NULL, 11},
    };
    struct memory memory;
    struct pe_resources found;
    struct pe_fault fault;
    if (type > EVX_RESOURCE_MESSAGE_TABLE)
        return error_argument(error, "unknown type of resource");
    memory_init(&memory, NULL);
    if (!pe_find(input, &types[type], &memory, &found, &fault))
        return pe_error(error, &fault);
    evx_status status = visit_all(&found, visit, context);
    pe_resources_destroy(&found, &memory);
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}

void evx_wevtcache_put_header(uint8_t ret_bytes[EVX_WEVTCACHE_HEADER_SIZE], uint32_t entry_count)
{
    _Static_assert((int)EVX_WEVTCACHE_HEADER_SIZE == (int)WEVTCACHE_HEADER_BYTES, "one file");
    memcpy(ret_bytes, WEVTCACHE_MAGIC, 8);
    store_u32(ret_bytes + 8, WEVTCACHE_VERSION);
    store_u32(ret_bytes + 12, entry_count);
}

void evx_wevtcache_put_entry(uint8_t ret_bytes[EVX_WEVTCACHE_ENTRY_SIZE], uint64_t size_bytes)
{
    _Static_assert((int)EVX_WEVTCACHE_ENTRY_SIZE == (int)WEVTCACHE_ENTRY_BYTES, "one file");
    ret_bytes[0] = WEVTCACHE_KIND_CRIM;
    store_u64(ret_bytes + 1, size_bytes);
}

// --------------------------------------------------------------------------------------------
// packs

static void add_crim_cause(evx_error *error, const struct crim_fault *fault)
{
    char text[EVX_CAUSE_SIZE];
    crim_describe(fault, text, sizeof text);
    error_add_cause(error, "%s", text);
}

static evx_status io_error(evx_error *error, const char *doing, const char *path, int number)
{
    const char *text = number ? file_error_text(number) : "failed to fill whole buffer";
    evx_status status = number ? EVX_ERR_IO : EVX_ERR_PACK;
    error_set(error, status);
    if (error)
        error->system_errno = number;
    if (number) {
        error_add_cause(error, "I/O error while %s `%s`: %s (os error %d)", doing, path, text,
                        number);
        error_add_cause(error, "%s (os error %d)", text, number);
    } else {
        error_add_cause(error, "I/O error while %s `%s`: %s", doing, path, text);
        error_add_cause(error, "%s", text);
    }
    return status;
}

static evx_status pack_error(evx_error *error, const char *path, const struct pack *pack,
                             const struct pack_fault *fault)
{
    const unsigned long long number = fault->number;
    error_set(error, EVX_ERR_PACK);
    switch (fault->kind) {
    case PACK_FINE:
    case PACK_NO_MEMORY:
        return no_memory(error);
    case PACK_REFUSED_OPEN:
        return io_error(error, "open", path, fault->system_errno);
    case PACK_REFUSED_HEADER:
    case PACK_CUT_HEADER:
        return io_error(error, "read header", path, fault->system_errno);
    case PACK_REFUSED_ENTRY_HEADER:
    case PACK_CUT_ENTRY_HEADER:
        return io_error(error, "read entry header", path, fault->system_errno);
    case PACK_REFUSED_ENTRY:
        return io_error(error, "read entry payload", path, fault->system_errno);
    case PACK_MAGIC:
        error_add_cause(error, "invalid `.wevtcache` magic for `%s`", path);
        break;
    case PACK_VERSION:
        error_add_cause(error, "unsupported `.wevtcache` version %llu for `%s` (expected %d)",
                        number, path, WEVTCACHE_VERSION);
        break;
    case PACK_KIND:
        error_add_cause(error, "unknown `.wevtcache` entry kind %llu for `%s`", number, path);
        break;
    case PACK_TOO_LARGE:
        error_add_cause(error, "`.wevtcache` entry length %llu is larger than the rest of `%s`",
                        number, path);
        break;
    case PACK_BLOB:
        error_add_cause(error, "failed to parse CRIM/WEVT blob");
        add_crim_cause(error, &pack->first_fault);
        break;
    }
    return EVX_ERR_PACK;
}

struct evx_pack *pack_create(void)
{
    struct memory memory;
    memory_init(&memory, NULL);
    struct evx_pack *pack = memory_allocate_zeroed(&memory, sizeof *pack);
    if (pack) {
        memory_init(&pack->memory, NULL);
        pack_init(&pack->pack, &pack->memory);
    }
    return pack;
}

evx_status evx_pack_open_wevtcache(const char *path, evx_pack **ret_pack, evx_error *error)
{
    struct pack_fault fault;
    struct evx_pack *pack = pack_create();
    if (!pack)
        return no_memory(error);
    if (pack_read_wevtcache(&pack->pack, path, &fault)) {
        *ret_pack = pack;
        return EVX_OK;
    }
    evx_status status = pack_error(error, path, &pack->pack, &fault);
    evx_pack_close(&pack);
    return status;
}

void evx_pack_close(evx_pack **pack)
{
    if (!pack || !*pack)
        return;
    struct memory memory;
    memory_init(&memory, NULL);
    pack_destroy(&(*pack)->pack);
    memory_release(&memory, *pack, sizeof **pack);
    *pack = NULL;
}

uint64_t evx_pack_refused(const evx_pack *pack, evx_error *ret_why)
{
    if (pack->pack.refused_count > 0 && ret_why) {
        error_set(ret_why, EVX_ERR_PACK);
        add_crim_cause(ret_why, &pack->pack.first_fault);
    }
    return pack->pack.refused_count;
}

int evx_pack_has_template(const evx_pack *pack, const uint8_t guid[16])
{
    return pack_find_template(&pack->pack, guid) != NULL;
}

evx_status evx_pack_find_event(const evx_pack *pack, const uint8_t provider_guid[16],
                               uint16_t event_id, uint8_t version, uint8_t ret_guid[16])
{
    const struct pack_event *event = pack_find_event(&pack->pack, provider_guid, event_id, version);
    if (!event)
        return EVX_END;
    memcpy(ret_guid, event->template_guid, 16);
    return EVX_OK;
}

evx_status evx_engine_use_pack(evx_engine *engine, const evx_pack *pack, evx_error *error)
{
    if (engine->pack)
        return error_argument(error, "the engine has a pack already");
    if (!definitions_init(&engine->definitions, &pack->pack, &engine->memory, &engine->store))
        return no_memory(error);
    engine->pack = pack;
    engine->store.outside = &engine->definitions.outside;
    return EVX_OK;
}

// --------------------------------------------------------------------------------------------
// texts

static evx_status mta_error(evx_error *error, const char *path, const struct mta_fault *fault)
{
    if (fault->no_memory)
        return no_memory(error);
    evx_status status = fault->system_errno ? EVX_ERR_IO : EVX_ERR_PACK;
    error_set(error, status);
    if (error)
        error->system_errno = fault->system_errno;
    if (fault->system_errno) {
        error_add_cause(error, "failed to read `%s`", path);
        error_add_cause(error, "%s (os error %d)", file_error_text(fault->system_errno),
                        fault->system_errno);
    } else {
        error_add_cause(error, "%s", fault->text);
    }
    return status;
}

evx_status evx_mta_open(const char *path, evx_mta **ret_mta, evx_error *error)
{
    struct memory memory;
    struct mta_fault fault;
    memory_init(&memory, NULL);
    struct evx_mta *mta = memory_allocate_zeroed(&memory, sizeof *mta);
    if (!mta)
        return no_memory(error);
    memory_init(&mta->memory, NULL);
    if (mta_read(&mta->mta, &mta->memory, path, &fault)) {
        *ret_mta = mta;
        return EVX_OK;
    }
    evx_status status = mta_error(error, path, &fault);
    evx_mta_close(&mta);
    return status;
}

void evx_mta_close(evx_mta **mta)
{
    if (!mta || !*mta)
        return;
    struct memory memory;
    memory_init(&memory, NULL);
    mta_destroy(&(*mta)->mta);
    memory_release(&memory, *mta, sizeof **mta);
    *mta = NULL;
}
