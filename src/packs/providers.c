// SPDX-License-Identifier: MIT
#include "packs/providers.h"

#include <stdlib.h>

#include "base/load.h"
#include "text/ansi_codec.h"
#include "text/fold.h"

enum {
    TEXTS_BLOCK_BYTES = 64 << 10,
    TEXTS_BYTES_MAX = 512 << 20,
    ENGLISH = 0x409,
};

struct block {
    void *bytes;
    size_t size;
};

bool providers_init(struct providers *providers, struct memory *memory, uint16_t language)
{
    *providers = (struct providers){.memory = memory, .language = language};
    arena_init(&providers->texts, memory, TEXTS_BLOCK_BYTES, TEXTS_BYTES_MAX);
    return pthread_mutex_init(&providers->lock, NULL) == 0;
}

static void destroy_provider(struct memory *memory, struct provider *provider)
{
    list_destroy(&provider->events, memory, sizeof(struct provider_event));
    for (int kind = 0; kind < PROVIDER_ROW_KINDS; kind++)
        list_destroy(&provider->rows[kind], memory, sizeof(struct provider_row));
    list_destroy(&provider->templates, memory, sizeof(struct provider_template));
    list_destroy(&provider->items, memory, sizeof(struct provider_item));
    list_destroy(&provider->maps, memory, sizeof(struct provider_map));
    list_destroy(&provider->map_rows, memory, sizeof(struct provider_map_row));
    memory_release(memory, provider, sizeof *provider);
}

void providers_destroy(struct providers *providers)
{
    struct memory *memory = providers->memory;
    while (providers->sources) {
        struct provider_source *source = providers->sources;
        providers->sources = source->next;
        source->close(source);
    }
    while (providers->first) {
        struct provider *provider = providers->first;
        providers->first = provider->next;
        destroy_provider(memory, provider);
    }
    struct message_list **lists = providers->lists.items;
    for (size_t i = 0; i < providers->lists.count; i++) {
        list_destroy(&lists[i]->entries, memory, sizeof(struct message_entry));
        memory_release(memory, lists[i], sizeof *lists[i]);
    }
    list_destroy(&providers->lists, memory, sizeof *lists);
    struct block *blocks = providers->blocks.items;
    for (size_t i = 0; i < providers->blocks.count; i++)
        memory_release(memory, blocks[i].bytes, blocks[i].size);
    list_destroy(&providers->blocks, memory, sizeof *blocks);
    arena_destroy(&providers->texts);
    pthread_mutex_destroy(&providers->lock);
}

// ------------------------------------------------------------------------------------------
// filling

void providers_add_source(struct providers *providers, struct provider_source *source)
{
    source->next = NULL;
    source->rank = ++providers->rank;
    if (providers->last_source)
        providers->last_source->next = source;
    else
        providers->sources = source;
    providers->last_source = source;
    providers->rank++;
}

void providers_next_rank(struct providers *providers)
{
    providers->rank++;
}

bool providers_keep_block(struct providers *providers, void *bytes, size_t size)
{
    struct block *block = list_add(&providers->blocks, providers->memory, sizeof *block);
    if (block)
        *block = (struct block){bytes, size};
    return block != NULL;
}

static uint32_t hash_of_name(const struct wevt_text *name)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < name->count; i++)
        hash = (hash ^ fold_unit(load_u16(name->units + 2 * (size_t)i))) * 16777619u;
    return hash;
}

uint8_t *providers_text_room(struct providers *providers, size_t bytes)
{
    return bytes ? arena_allocate(&providers->texts, bytes) : NULL;
}

struct wevt_text providers_copy(struct providers *providers, struct wevt_text text)
{
    uint8_t *units = providers_text_room(providers, 2 * (size_t)text.count);
    if (!units)
        return (struct wevt_text){0};
    memcpy(units, text.units, 2 * (size_t)text.count);
    return (struct wevt_text){units, text.count};
}

// The scalar at the front of UTF-8; *ret_size bytes are used.
static uint32_t scalar_of_utf8(const uint8_t *p, size_t left, size_t *ret_size)
{
    static const uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    *ret_size = 1;
    if (more == 0)
        return p[0];
    if (p[0] < 0xC2 || p[0] > 0xF4 || more >= left)
        return 0xFFFD;
    uint32_t scalar = p[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0xFFFD;
        scalar = scalar << 6 | (p[i] & 0x3Fu);
    }
    if (scalar < lowest[more] || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF))
        return 0xFFFD;
    *ret_size = 1 + more;
    return scalar;
}

bool providers_copy_utf8(struct providers *providers, const char *text, size_t size,
                         struct wevt_text *ret)
{
    const uint8_t *bytes = (const uint8_t *)text;
    uint32_t count = 0;
    *ret = (struct wevt_text){0};
    if (size == 0)
        return true;
    uint8_t *units = size > UINT32_MAX / 2 ? NULL : providers_text_room(providers, 2 * size);
    if (!units)
        return false;
    for (size_t at = 0, used; at < size; at += used) {
        uint32_t scalar = scalar_of_utf8(bytes + at, size - at, &used);
        if (scalar > 0xFFFF) {
            store_u16(units + 2 * (size_t)count++, (uint16_t)(0xD7C0 + (scalar >> 10)));
            scalar = 0xDC00 | (scalar & 0x3FF);
        }
        store_u16(units + 2 * (size_t)count++, (uint16_t)scalar);
    }
    *ret = (struct wevt_text){units, count};
    return true;
}

struct provider *providers_add(struct providers *providers, const uint8_t *guid,
                               struct wevt_text name)
{
    struct provider *provider = memory_allocate_zeroed(providers->memory, sizeof *provider);
    if (!provider)
        return NULL;
    provider->name = providers_copy(providers, name);
    if (provider->name.count != name.count) {
        memory_release(providers->memory, provider, sizeof *provider);
        return NULL;
    }
    provider->name_hash = hash_of_name(&name);
    provider->rank = providers->rank;
    provider->message_id = NO_MESSAGE;
    provider->has_guid = guid != NULL;
    if (guid)
        memcpy(provider->guid, guid, sizeof provider->guid);
    // In the order of ranks: what a source brings later stands in front of what gives way to it.
    struct provider *before = NULL, *after = providers->first;
    if (providers->last && providers->last->rank <= provider->rank) {
        before = providers->last;
        after = NULL;
    }
    for (; after && after->rank <= provider->rank; after = after->next)
        before = after;
    provider->next = after;
    if (before)
        before->next = provider;
    else
        providers->first = provider;
    if (!after)
        providers->last = provider;
    return provider;
}

struct provider_event provider_event_of(const struct wevt_event *event, uint32_t template_index)
{
    return (struct provider_event){
        .id = event->id,
        .version = event->version,
        .channel = event->channel,
        .level = event->level,
        .opcode = event->opcode,
        .task = event->task,
        .keywords = event->keywords,
        .message_id = event->message_id,
        .template_index = template_index,
    };
}

bool provider_add_event(struct providers *providers, struct provider *provider,
                        const struct provider_event *event)
{
    struct provider_event *added = list_add(&provider->events, providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = *event;
    added->order = (uint32_t)provider->events.count;
    return true;
}

bool provider_add_row(struct providers *providers, struct provider *provider, enum wevt_kind kind,
                      const struct provider_row *row)
{
    EVX_CHECK(kind <= WEVT_CHANNELS && kind != WEVT_EVENTS);
    struct provider_row *added = list_add(&provider->rows[kind], providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = *row;
    added->name = providers_copy(providers, row->name);
    return added->name.count == row->name.count;
}

bool provider_add_template(struct providers *providers, struct provider *provider,
                           const uint8_t guid[16], uint32_t *ret_index)
{
    struct provider_template *added =
        list_add(&provider->templates, providers->memory, sizeof *added);
    if (!added)
        return false;
    memcpy(added->guid, guid, sizeof added->guid);
    added->first_item = (uint32_t)provider->items.count;
    *ret_index = (uint32_t)provider->templates.count - 1;
    return true;
}

bool provider_add_item(struct providers *providers, struct provider *provider,
                       const struct provider_item *item)
{
    EVX_CHECK(provider->templates.count > 0);
    struct provider_item *added = list_add(&provider->items, providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = *item;
    struct provider_template *templates = provider->templates.items;
    templates[provider->templates.count - 1].item_count++;
    return true;
}

bool provider_add_map(struct providers *providers, struct provider *provider, bool is_bits,
                      uint32_t *ret_index)
{
    struct provider_map *added = list_add(&provider->maps, providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = (struct provider_map){is_bits, (uint32_t)provider->map_rows.count, 0};
    *ret_index = (uint32_t)provider->maps.count - 1;
    return true;
}

bool provider_add_map_row(struct providers *providers, struct provider *provider, uint32_t value,
                          uint32_t message_id)
{
    EVX_CHECK(provider->maps.count > 0);
    struct provider_map_row *added =
        list_add(&provider->map_rows, providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = (struct provider_map_row){value, message_id};
    struct provider_map *maps = provider->maps.items;
    maps[provider->maps.count - 1].row_count++;
    return true;
}

static int compare_events(const void *a, const void *b)
{
    const struct provider_event *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    if (left->version != right->version)
        return left->version < right->version ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

void provider_finish(struct provider *provider)
{
    if (provider->events.count > 0)
        qsort(provider->events.items, provider->events.count, sizeof(struct provider_event),
              compare_events);
}

struct message_list *providers_add_messages(struct providers *providers)
{
    struct message_list **place =
        list_add(&providers->lists, providers->memory, sizeof(struct message_list *));
    if (!place)
        return NULL;
    *place = memory_allocate_zeroed(providers->memory, sizeof(struct message_list));
    if (!*place)
        providers->lists.count--;
    return *place;
}

bool message_list_add(struct providers *providers, struct message_list *list, uint32_t id,
                      uint16_t language, struct wevt_text text)
{
    struct message_entry *added = list_add(&list->entries, providers->memory, sizeof *added);
    if (!added)
        return false;
    *added = (struct message_entry){id, (uint32_t)list->entries.count, language, text};
    list->is_sorted = false;
    return true;
}

static unsigned rank_of_language(uint16_t language, uint16_t wanted)
{
    enum { PRIMARY = 0x3FF };
    if (language == wanted)
        return 0;
    if ((language & PRIMARY) == (wanted & PRIMARY))
        return 1;
    return language == ENGLISH ? 2 : language == 0 ? 3 : 4;
}

static int compare_entries(const void *a, const void *b)
{
    const struct message_entry *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

// While it is sorted, the order of an entry begins with the rank of its language.
void message_list_sort(struct providers *providers, struct message_list *list)
{
    struct message_entry *entries = list->entries.items;
    EVX_CHECK(list->entries.count < 1u << 28);
    for (size_t i = 0; i < list->entries.count; i++) {
        unsigned rank = rank_of_language(entries[i].language, providers->language);
        entries[i].order = rank << 28 | (entries[i].order & ((1u << 28) - 1));
    }
    if (list->entries.count > 1)
        qsort(entries, list->entries.count, sizeof *entries, compare_entries);
    list->is_sorted = true;
}

// ------------------------------------------------------------------------------------------
// finding

static bool names_are_equal(const struct wevt_text *left, const struct wevt_text *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (fold_unit(load_u16(left->units + 2 * i)) != fold_unit(load_u16(right->units + 2 * i)))
            return false;
    return true;
}

static const struct provider *find_guid(const struct provider *from, const uint8_t *guid)
{
    while (from && !(from->has_guid && memcmp(from->guid, guid, 16) == 0))
        from = from->next;
    return from;
}

static const struct provider *find_name(const struct provider *from, const struct wevt_text *name)
{
    uint32_t hash = hash_of_name(name);
    while (from &&
           !(from->name_hash == hash && from->name.count > 0 && names_are_equal(&from->name, name)))
        from = from->next;
    return from;
}

// The versions of a provider are those that the first thing it is known by leads to.
static const struct provider *find_in(const struct providers *providers, const uint8_t *guid,
                                      const struct wevt_text names[2], const struct provider *after)
{
    const struct provider *from = after ? after->next : providers->first;
    if (guid && find_guid(providers->first, guid))
        return find_guid(from, guid);
    for (int i = 0; i < 2; i++)
        if (names[i].count > 0 && find_name(providers->first, &names[i]))
            return find_name(from, &names[i]);
    return NULL;
}

const struct provider *providers_find(struct providers *providers, const uint8_t *guid,
                                      const struct wevt_text names[2], const struct provider *after)
{
    const uint32_t rank = providers->rank;
    pthread_mutex_lock(&providers->lock);
    for (struct provider_source *source = after ? NULL : providers->sources; source;
         source = source->next) {
        providers->rank = source->rank;
        if (!source->load(source, providers, guid, names))
            break; // what is there will do
    }
    providers->rank = rank;
    const struct provider *found = find_in(providers, guid, names, after);
    pthread_mutex_unlock(&providers->lock);
    return found;
}

const struct provider_event *provider_find_event(const struct provider *provider, uint16_t id,
                                                 uint8_t version)
{
    const struct provider_event *events = provider->events.items;
    const struct provider_event wanted = {.id = id, .version = version};
    size_t from = 0, to = provider->events.count;
    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (compare_events(&events[half], &wanted) < 0)
            from = half + 1;
        else
            to = half;
    }
    bool is_it =
        from < provider->events.count && events[from].id == id && events[from].version == version;
    return is_it ? &events[from] : NULL;
}

const struct provider_template *provider_find_template(const struct provider *provider,
                                                       const uint8_t guid[16])
{
    const struct provider_template *templates = provider->templates.items;
    for (size_t i = 0; i < provider->templates.count; i++)
        if (memcmp(templates[i].guid, guid, 16) == 0)
            return &templates[i];
    return NULL;
}

const struct provider_row *provider_find_row(const struct provider *provider, enum wevt_kind kind,
                                             uint64_t value)
{
    EVX_CHECK(kind <= WEVT_CHANNELS);
    const struct provider_row *rows = provider->rows[kind].items;
    for (size_t i = 0; i < provider->rows[kind].count; i++)
        if (rows[i].value == value)
            return &rows[i];
    return NULL;
}

const struct message_entry *message_list_find(const struct message_list *list, uint32_t id)
{
    const struct message_entry *entries = list->entries.items;
    size_t from = 0, to = list->entries.count;
    EVX_CHECK(list->is_sorted || to == 0);
    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (entries[half].id < id)
            from = half + 1;
        else
            to = half;
    }
    EVX_CHECK(from <= list->entries.count);
    return from < list->entries.count && entries[from].id == id ? &entries[from] : NULL;
}

const struct message_entry *provider_find_message(const struct provider *provider, uint32_t id)
{
    const struct message_entry *found = NULL;
    for (int i = 0; i < PROVIDER_MESSAGE_LISTS_MAX && !found && id != NO_MESSAGE; i++)
        if (provider->messages[i])
            found = message_list_find(provider->messages[i], id);
    return found;
}
