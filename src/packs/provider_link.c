// SPDX-License-Identifier: MIT
// WEVT_TEMPLATE resources as providers of a set, and where their texts are.
#include "packs/provider_link.h"

#include <stdlib.h>

#include "base/load.h"

// Where maps and templates stand, and their numbers in the provider.
struct placed {
    uint32_t offset, index;
};

// Rows may be named any number of times, so they are counted: no more than could be there.
struct filling {
    struct providers *providers;
    struct provider *provider;
    const struct crim *crim;
    struct list maps, templates; // struct placed, by offset once they are all there
    uint64_t budget;
    bool no_memory;
};

static bool pay(struct filling *filling)
{
    if (filling->no_memory || filling->budget == 0)
        return false;
    filling->budget--;
    return true;
}

static void must(struct filling *filling, bool fine)
{
    filling->no_memory |= !fine;
}

static int compare_placed(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

static void sort_placed(const struct list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(struct placed), compare_placed);
}

static uint32_t find_placed(const struct list *list, uint32_t offset)
{
    const struct placed wanted = {.offset = offset};
    const struct placed *found = list->count && offset ? bsearch(&wanted, list->items, list->count,
                                                                 sizeof wanted, compare_placed)
                                                       : NULL;
    return found ? found->index : NO_INDEX;
}

static void add_placed(struct filling *filling, struct list *list, uint32_t offset, uint32_t index)
{
    struct placed *added = list_add(list, filling->providers->memory, sizeof *added);
    must(filling, added != NULL);
    if (added)
        *added = (struct placed){offset, index};
}

static void add_maps(struct filling *filling, const struct wevt_element *element)
{
    for (uint32_t i = 0; i < element->count && pay(filling); i++) {
        struct wevt_map map;
        uint32_t offset, index;
        if (!crim_map_offset(filling->crim, element, i, &offset) ||
            !crim_map_at(filling->crim, offset, &map))
            continue;
        must(filling, provider_add_map(filling->providers, filling->provider, map.is_bits, &index));
        if (filling->no_memory)
            return;
        add_placed(filling, &filling->maps, offset, index);
        for (uint32_t k = 0; k < map.count && pay(filling); k++)
            must(filling, provider_add_map_row(filling->providers, filling->provider,
                                               load_u32(map.rows + 8 * (size_t)k),
                                               load_u32(map.rows + 8 * (size_t)k + 4)));
    }
}

static void add_template(struct filling *filling, const struct wevt_template *template)
{
    uint32_t index;
    must(filling,
         provider_add_template(filling->providers, filling->provider, template->guid, &index));
    if (filling->no_memory)
        return;
    add_placed(filling, &filling->templates, template->offset, index);
    for (uint32_t i = 0; i < template->item_count && pay(filling); i++) {
        enum { IS_STRUCT = 1 };
        struct wevt_item item = crim_item(filling->crim, template, i);
        const bool is_struct = item.flags & IS_STRUCT; // then the types are something else
        const struct provider_item added = {
            .in_type = is_struct ? 0 : item.in_type,
            .out_type = is_struct ? 0 : item.out_type,
            .map_index = find_placed(&filling->maps, item.map_offset),
        };
        must(filling, provider_add_item(filling->providers, filling->provider, &added));
    }
}

static void add_templates(struct filling *filling, const struct wevt_element *element)
{
    struct wevt_template template;
    struct wevt_walk walk = crim_templates(element);
    while (pay(filling) && crim_next_template(filling->crim, &walk, &template))
        add_template(filling, &template);
}

static void add_rows(struct filling *filling, const struct wevt_element *element)
{
    for (uint32_t i = 0; i < element->count && pay(filling); i++) {
        struct wevt_row row = crim_row(filling->crim, element, i);
        const struct provider_row added = {row.value, row.message_id, row.name};
        must(filling,
             provider_add_row(filling->providers, filling->provider, element->kind, &added));
    }
}

static void add_events(struct filling *filling, const struct wevt_element *element)
{
    for (uint32_t i = 0; i < element->count && pay(filling); i++) {
        struct wevt_event event = crim_event(filling->crim, element, i);
        const struct provider_event added =
            provider_event_of(&event, find_placed(&filling->templates, event.template_offset));
        must(filling, provider_add_event(filling->providers, filling->provider, &added));
    }
}

// Maps come before templates and those before events, which name them.
static void add_elements(struct filling *filling, const struct wevt_provider *provider)
{
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t i = 0; i < provider->element_count && pay(filling); i++) {
            struct wevt_element element = crim_element(filling->crim, provider, i);
            if (element.kind == WEVT_MAPS && pass == 0)
                add_maps(filling, &element);
            else if (element.kind == WEVT_TEMPLATES && pass == 1)
                add_templates(filling, &element);
            else if (element.kind == WEVT_EVENTS && pass == 2)
                add_events(filling, &element);
            else if (element.kind <= WEVT_CHANNELS && element.kind != WEVT_EVENTS && pass == 2)
                add_rows(filling, &element);
        }
        sort_placed(pass == 0 ? &filling->maps : &filling->templates);
    }
}

static struct wevt_text name_of(const struct crim *crim, const struct wevt_provider *provider)
{
    enum { IS_NAME = 0x10000001 };
    for (uint32_t i = 0; i < provider->element_count; i++) {
        struct wevt_element element = crim_element(crim, provider, i);
        for (uint32_t k = 0; element.kind == WEVT_NAMES && k < element.count && k < 8; k++) {
            struct wevt_row row = crim_row(crim, &element, k);
            if (row.value == IS_NAME && row.name.count > 0)
                return row.name;
        }
    }
    return (struct wevt_text){0};
}

// ------------------------------------------------------------------------------------------- texts

static struct message_list *messages_of(const struct provider_files *files, const char *name)
{
    const struct file_name *names = files->names.items;
    for (size_t i = 0; i < files->names.count; i++)
        if (file_name_is(&names[i], name, strlen(name)))
            return names[i].messages;
    return NULL;
}

// How many of a provider's events have their text in a list; *ret_all: of how many.
static size_t count_texts(const struct provider *provider, const struct message_list *list,
                          size_t *ret_all)
{
    const struct provider_event *events = provider->events.items;
    size_t found = 0;
    *ret_all = 0;
    for (size_t i = 0; i < provider->events.count; i++) {
        if (events[i].message_id == NO_MESSAGE)
            continue;
        ++*ret_all;
        found += message_list_find(list, events[i].message_id) != NULL;
    }
    return found;
}

// The file that holds nine in ten of its texts, and the most of them.
static struct message_list *find_messages(const struct provider_files *files,
                                          const struct provider *provider)
{
    const struct file_name *names = files->names.items;
    struct message_list *best = NULL;
    size_t most = 0, all;
    for (size_t i = 0; i < files->names.count; i++) {
        size_t found = names[i].messages ? count_texts(provider, names[i].messages, &all) : 0;
        if (found <= most || 10 * found < 9 * all)
            continue;
        best = names[i].messages;
        most = found;
    }
    return best;
}

// The registry says which file has a provider's parameter texts; of these two it is known.
static struct message_list *find_parameters(const struct provider_files *files,
                                            const struct provider *provider)
{
    static const struct {
        uint8_t guid[16];
        const char *file;
    } known[] = {
        {{0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 0x03, 0x28, 0xc3,
          0x0d},
         "msobjs.dll"}, // Microsoft-Windows-Security-Auditing
        {{0xd1, 0x08, 0x59, 0x55, 0xd7, 0xa6, 0x95, 0x46, 0x8e, 0x1e, 0x26, 0x93, 0x1d, 0x20, 0x12,
          0xf4},
         "kernel32.dll"}, // Service Control Manager
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (memcmp(provider->guid, known[i].guid, 16) == 0)
            return messages_of(files, known[i].file);
    return NULL;
}

static bool link_provider(struct provider_files *files, const struct file_definitions *definitions,
                          uint32_t index)
{
    const struct crim *crim = &definitions->crim;
    EVX_CHECK(definitions->name < files->names.count);
    struct wevt_provider provider = crim_provider(crim, index);
    struct filling filling = {files->providers, .crim = crim, .budget = crim->size};
    filling.provider = providers_add(files->providers, provider.guid, name_of(crim, &provider));
    if (!filling.provider)
        return false;
    filling.provider->message_id = provider.message_id;
    add_elements(&filling, &provider);
    list_destroy(&filling.maps, files->providers->memory, sizeof(struct placed));
    list_destroy(&filling.templates, files->providers->memory, sizeof(struct placed));
    provider_finish(filling.provider);
    const struct file_name *names = files->names.items;
    struct message_list *own = names[definitions->name].messages;
    size_t all;
    // A file may have texts, and those of its events elsewhere.
    if (own && count_texts(filling.provider, own, &all) == 0 && all > 0)
        filling.provider->messages[1] = find_messages(files, filling.provider);
    else if (!own)
        filling.provider->messages[1] = find_messages(files, filling.provider);
    filling.provider->messages[0] = own;
    filling.provider->parameters = find_parameters(files, filling.provider);
    return !filling.no_memory;
}

// A source of classic events that is called as a file with messages has them there.
static bool link_classic(struct provider_files *files, const struct file_name *name)
{
    size_t size = name->size;
    struct wevt_text text;
    for (size_t i = name->size; i > 1 && size == name->size; i--)
        if (name->text[i - 1] == '.')
            size = i - 1;
    if (!providers_copy_utf8(files->providers, name->text, size, &text))
        return false;
    struct provider *provider = providers_add(files->providers, NULL, text);
    if (provider)
        provider->messages[0] = name->messages;
    return provider != NULL;
}

bool provider_files_link(struct provider_files *files)
{
    struct providers *providers = files->providers;
    const struct file_name *names = files->names.items;
    for (size_t i = 0; i < files->names.count; i++)
        if (names[i].messages)
            message_list_sort(providers, names[i].messages);
    const struct file_definitions *definitions = files->definitions.items;
    for (size_t i = 0; i < files->definitions.count; i++)
        for (uint32_t k = 0; k < definitions[i].crim.provider_count; k++)
            if (!link_provider(files, &definitions[i], k))
                return false;
    for (size_t i = 0; i < files->names.count; i++)
        if (names[i].messages && !link_classic(files, &names[i]))
            return false;
    if (!providers->ntstatus)
        providers->ntstatus = messages_of(files, "ntdll.dll");
    if (!providers->errors)
        providers->errors = messages_of(files, "kernel32.dll");
    providers_next_rank(providers);
    return true;
}
