// SPDX-License-Identifier: MIT
#include "packfile/pack_definitions.h"

#include <string.h>

#include "base/check.h"
#include "packfile/pack_reader.h"
#include "packs/pack_build.h"

// The model's templates and events, with copies of what lives as long as it.
static bool put_provider(struct pack *pack, const struct pack_model *model)
{
    const struct model_template *templates = model->templates.items;
    const struct provider_event *events = model->events.items;
    size_t first = pack->template_count;
    uint8_t *guid = NULL;
    if (model->templates.count == 0)
        return true;
    for (size_t i = 0; i < model->templates.count; i++) {
        size_t size = templates[i].body.size;
        uint8_t *bytes = pack_add_blob(pack, sizeof templates[i].guid + size);
        if (!bytes)
            return false;
        memcpy(bytes, templates[i].guid, sizeof templates[i].guid);
        if (size > 0)
            memcpy(bytes + sizeof templates[i].guid, templates[i].body.bytes, size);
        if (!pack_put_template(pack, bytes, bytes + sizeof templates[i].guid, (uint32_t)size))
            return false;
    }
    if (!model->has_guid)
        return true;
    guid = pack_add_blob(pack, sizeof model->guid);
    if (!guid)
        return false;
    memcpy(guid, model->guid, sizeof model->guid);
    for (size_t i = 0; i < model->events.count; i++) {
        const struct provider_event *event = &events[i];
        EVX_CHECK(event->template_index == NO_INDEX ||
                  event->template_index < model->templates.count);
        if (event->template_index != NO_INDEX &&
            !pack_put_event(pack, guid, event->id, event->version,
                            pack->templates[first + event->template_index].guid))
            return false;
    }
    return true;
}

static bool read_all(struct pack *pack, struct pack_reader *reader, struct pack_model *model)
{
    if (!pack_reader_list(reader))
        return false;
    const int64_t *ids = reader->ids.items;
    for (size_t i = 0; i < reader->ids.count; i++) {
        pack_model_clear(model);
        if (!pack_reader_get(reader, ids[i], model))
            return false;
        if (!put_provider(pack, model))
            return database_no_memory(&reader->database);
    }
    pack_sort(pack);
    return true;
}

bool pack_read_definitions(struct pack *pack, const char *path, struct database_fault *ret_fault)
{
    struct pack_reader reader;
    struct pack_model model;
    pack_model_init(&model, pack->memory);
    bool fine = pack_reader_open(&reader, pack->memory, path) && read_all(pack, &reader, &model);
    pack_model_destroy(&model);
    *ret_fault = reader.database.fault;
    pack_reader_close(&reader);
    return fine;
}
