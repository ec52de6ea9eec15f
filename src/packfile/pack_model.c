// SPDX-License-Identifier: MIT
#include "packfile/pack_model.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"

enum {
    TEXTS_BLOCK_BYTES = 64 << 10,
    TEXTS_MAX = 256 << 20, // of one provider
};

const char *const model_role_names[MODEL_ROLES] = {"event", "parameter", "category"};
const char *const model_kind_names[PROVIDER_ROW_KINDS] = {
    [WEVT_LEVELS] = "level",     [WEVT_TASKS] = "task",       [WEVT_OPCODES] = "opcode",
    [WEVT_KEYWORDS] = "keyword", [WEVT_CHANNELS] = "channel",
};

void pack_model_init(struct pack_model *model, struct memory *memory)
{
    *model = (struct pack_model){.memory = memory, .message_id = NO_MESSAGE};
    arena_init(&model->texts, memory, TEXTS_BLOCK_BYTES, TEXTS_MAX);
}

void pack_model_clear(struct pack_model *model)
{
    struct list *lists[] = {&model->events, &model->names,    &model->templates, &model->items,
                            &model->maps,   &model->map_rows, &model->uses};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        lists[i]->count = 0;
    arena_reset(&model->texts);
    model->has_guid = false;
    model->name = (struct slice){0};
    model->message_id = NO_MESSAGE;
    model->origin = 0;
}

void pack_model_destroy(struct pack_model *model)
{
    list_destroy(&model->events, model->memory, sizeof(struct provider_event));
    list_destroy(&model->names, model->memory, sizeof(struct model_name));
    list_destroy(&model->templates, model->memory, sizeof(struct model_template));
    list_destroy(&model->items, model->memory, sizeof(struct model_item));
    list_destroy(&model->maps, model->memory, sizeof(struct model_map));
    list_destroy(&model->map_rows, model->memory, sizeof(struct model_map_row));
    list_destroy(&model->uses, model->memory, sizeof(struct model_use));
    arena_destroy(&model->texts);
}

bool pack_model_copy(struct pack_model *model, struct slice text, struct slice *ret_copy)
{
    *ret_copy = (struct slice){0};
    if (!text.bytes)
        return true;
    char *copy = arena_allocate(&model->texts, text.size + 1);
    if (!copy)
        return false;
    if (text.size > 0)
        memcpy(copy, text.bytes, text.size);
    *ret_copy = (struct slice){copy, text.size};
    return true;
}

static char *put_point(char *to, uint32_t point)
{
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = (char)(0xE0 | point >> 12);
        } else {
            *to++ = (char)(0xF0 | point >> 18);
            *to++ = (char)(0x80 | (point >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (point & 0x3F));
    return to;
}

size_t utf8_of_units(const uint8_t *units, size_t count, char *to)
{
    char *end = to;
    for (size_t i = 0; i < count; i++) {
        uint32_t point = load_u16(units + 2 * i);
        if (point >= 0xD800 && point < 0xDC00 && i + 1 < count &&
            (load_u16(units + 2 * i + 2) & 0xFC00) == 0xDC00) {
            point = 0x10000 + ((point - 0xD800) << 10) + (load_u16(units + 2 * i + 2) - 0xDC00u);
            i++;
        } else if (point >= 0xD800 && point < 0xE000) {
            point = 0xFFFD;
        }
        end = put_point(end, point);
    }
    EVX_CHECK((size_t)(end - to) <= UTF8_BYTES_OF_UNIT * count);
    return (size_t)(end - to);
}

bool pack_model_copy_units(struct pack_model *model, struct wevt_text text, struct slice *ret_copy)
{
    *ret_copy = (struct slice){0};
    if (text.count == 0)
        return true;
    char *copy = arena_allocate(&model->texts, UTF8_BYTES_OF_UNIT * (size_t)text.count);
    if (!copy)
        return false;
    *ret_copy = (struct slice){copy, utf8_of_units(text.units, text.count, copy)};
    return true;
}

bool pack_model_add_use(struct pack_model *model, enum model_role role, uint32_t position,
                        int64_t table)
{
    EVX_CHECK(role < MODEL_ROLES);
    struct model_use *use = list_add(&model->uses, model->memory, sizeof *use);
    if (use)
        *use = (struct model_use){role, position, table};
    return use != NULL;
}

static void add_number(struct sha256 *sha, uint64_t number)
{
    sha256_add(sha, &number, sizeof number); // both supported machines are little-endian
}

static void add_slice(struct sha256 *sha, struct slice text)
{
    add_number(sha, text.bytes ? text.size : UINT64_MAX);
    sha256_add(sha, text.bytes, text.size);
}

static void add_events(struct sha256 *sha, const struct pack_model *model)
{
    const struct provider_event *events = model->events.items;
    for (size_t i = 0; i < model->events.count; i++) {
        const struct provider_event *event = &events[i];
        add_number(sha, (uint64_t)event->id << 32 | event->version << 24 | event->channel << 16 |
                            event->level << 8 | event->opcode);
        add_number(sha, event->keywords);
        add_number(sha, (uint64_t)event->task << 32 | event->message_id);
        add_number(sha, event->template_index);
    }
}

static void add_templates(struct sha256 *sha, const struct pack_model *model)
{
    const struct model_template *templates = model->templates.items;
    const struct model_item *items = model->items.items;
    for (size_t i = 0; i < model->templates.count; i++) {
        sha256_add(sha, templates[i].guid, sizeof templates[i].guid);
        add_slice(sha, templates[i].body);
    }
    for (size_t i = 0; i < model->items.count; i++) {
        const struct model_item *item = &items[i];
        add_number(sha, (uint64_t)item->template_index << 32 | item->map_index);
        add_number(sha, (uint64_t)item->flags << 32 | item->in_type << 8 | item->out_type);
        add_number(sha, (uint64_t)item->count << 32 | item->length);
        add_slice(sha, item->name);
    }
}

void pack_model_digest(const struct pack_model *model, struct sha256 *sha)
{
    const struct model_name *names = model->names.items;
    const struct model_map *maps = model->maps.items;
    const struct model_map_row *rows = model->map_rows.items;
    add_number(sha, model->has_guid);
    if (model->has_guid)
        sha256_add(sha, model->guid, sizeof model->guid);
    add_slice(sha, model->name);
    add_number(sha, model->message_id);
    const struct list *lists[] = {&model->events, &model->names, &model->templates,
                                  &model->items,  &model->maps,  &model->map_rows};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_number(sha, lists[i]->count);
    add_events(sha, model);
    add_templates(sha, model);
    for (size_t i = 0; i < model->names.count; i++) {
        add_number(sha, (uint64_t)names[i].kind << 32 | names[i].message_id);
        add_number(sha, names[i].value);
        add_slice(sha, names[i].name);
    }
    for (size_t i = 0; i < model->maps.count; i++) {
        add_number(sha, maps[i].is_bits);
        add_slice(sha, maps[i].name);
    }
    for (size_t i = 0; i < model->map_rows.count; i++) {
        add_number(sha, (uint64_t)rows[i].map_index << 32 | rows[i].value);
        add_number(sha, rows[i].message_id);
    }
}
