// SPDX-License-Identifier: MIT
#include "emit/message_names.h"

#include <string.h>

#include "base/load.h"
#include "packs/message_text.h"

#define KEYWORD_CLASSIC (UINT64_C(1) << 55)

static struct wevt_text text_of(const uint8_t *units, struct fact_text text)
{
    return (struct wevt_text){units + text.start, text.count};
}

// The classic way to report events has no definitions: the number of the text is what it says.
static bool is_classic(const struct event_facts *facts)
{
    return facts->qualifiers != 0 || (facts->keywords & KEYWORD_CLASSIC) != 0;
}

static uint32_t classic_id(const struct event_facts *facts)
{
    return (uint32_t)(facts->qualifiers << 16 | facts->id);
}

static const struct provider_template *template_of(const struct provider *provider,
                                                   const struct provider_event *event)
{
    const struct provider_template *templates = provider->templates.items;
    return event && event->template_index < provider->templates.count
               ? &templates[event->template_index]
               : NULL;
}

// An event of the same number in another version, if it has as many values.
static const struct provider_event *find_other_version(const struct provider *provider,
                                                       const struct event_facts *facts,
                                                       uint32_t value_count)
{
    const struct provider_event *events = provider->events.items;
    for (size_t i = 0; i < provider->events.count; i++) {
        const struct provider_template *template = template_of(provider, &events[i]);
        if (events[i].id == facts->id && (template ? template->item_count : 0) == value_count)
            return &events[i];
    }
    return NULL;
}

static struct event_texts texts_of(const struct provider *provider, const struct event_facts *facts,
                                   const uint8_t *template_guid, uint32_t value_count)
{
    struct event_texts texts = {.provider = provider};
    const struct provider_event *event =
        provider_find_event(provider, (uint16_t)facts->id, (uint8_t)facts->version);
    if (is_classic(facts)) {
        texts.message = provider_find_message(provider, classic_id(facts));
        event = event && event->message_id == classic_id(facts) ? event : NULL;
    } else {
        if (!event)
            event = find_other_version(provider, facts, value_count);
        texts.message =
            provider_find_message(provider, event ? event->message_id : classic_id(facts));
    }
    if (template_guid)
        texts.template = provider_find_template(provider, template_guid);
    if (!texts.template)
        texts.template = template_of(provider, event);
    return texts;
}

struct event_texts find_event_texts(struct providers *providers, const struct event_facts *facts,
                                    const uint8_t *units, const uint8_t *template_guid,
                                    uint32_t value_count)
{
    const struct wevt_text names[2] = {text_of(units, facts->source),
                                       text_of(units, facts->provider)};
    const uint8_t *guid = facts->has_guid ? facts->guid : NULL;
    struct event_texts first = {0}, found = {0};
    // The version that has the record's own template is the right one.
    for (const struct provider *provider = providers_find(providers, guid, names, NULL); provider;
         provider = providers_find(providers, guid, names, provider)) {
        struct event_texts texts = texts_of(provider, facts, template_guid, value_count);
        if (!first.provider)
            first = texts;
        if (!texts.message)
            continue;
        if (template_guid && provider_find_template(provider, template_guid))
            return texts;
        if (!found.provider)
            found = texts;
    }
    return found.provider ? found : first;
}

// ------------------------------------------------------------------------------------------- names

// The text of a name's message, with its escapes as characters. False without room.
static bool expand(struct wevt_text raw, struct arena *arena, struct mta_text *ret)
{
    struct message_reading reading = message_reading(raw);
    // No piece is longer than what spells it, but for a line end.
    uint8_t *units = arena_allocate(arena, 2 * (size_t)raw.count + 2);
    uint32_t count = 0;
    if (!units)
        return false;
    for (;;) {
        const struct message_piece piece = message_next_piece(&reading);
        if (piece.kind == PIECE_END)
            break;
        memcpy(units + 2 * (size_t)count, piece.text.units, 2 * (size_t)piece.text.count);
        count += piece.text.count;
    }
    *ret = (struct mta_text){units, count};
    return true;
}

static bool copy_ascii(const char *text, struct arena *arena, struct mta_text *ret)
{
    const size_t count = strlen(text);
    uint8_t *units = arena_allocate(arena, 2 * count + 1);
    if (!units)
        return false;
    for (size_t i = 0; i < count; i++)
        store_u16(units + 2 * i, (uint8_t)text[i]);
    *ret = (struct mta_text){units, (uint32_t)count};
    return true;
}

struct winmeta_name {
    uint8_t number;
    const char *name;
};

// What Windows calls what no provider has to name. False without room.
static bool find_winmeta(const struct winmeta_name *names, size_t count, uint64_t number,
                         struct arena *arena, struct mta_text *ret)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number)
            return copy_ascii(names[i].name, arena, ret);
    return true;
}

// The name of a row: its message, else what the manifest calls it.
static bool name_of_row(const struct provider *provider, const struct provider_row *row,
                        struct arena *arena, struct mta_text *ret)
{
    static const uint8_t prefix[] = "w\0i\0n\0:\0";
    const struct message_entry *entry = provider_find_message(provider, row->message_id);
    if (entry)
        return expand(entry->text, arena, ret);
    struct wevt_text name = row->name;
    if (name.count > 4 && memcmp(name.units, prefix, 8) == 0)
        name = (struct wevt_text){name.units + 8, name.count - 4};
    *ret = (struct mta_text){name.units, name.count};
    return true;
}

static bool find_row_name(const struct provider *provider, enum wevt_kind kind, uint64_t value,
                          struct arena *arena, struct mta_text *ret, bool *ret_found)
{
    const struct provider_row *row = provider_find_row(provider, kind, value);
    *ret_found = row != NULL;
    return !row || name_of_row(provider, row, arena, ret);
}

static bool find_level(const struct provider *provider, const struct event_facts *facts,
                       struct arena *arena, struct mta_text *ret)
{
    static const struct winmeta_name levels[] = {{0, "Log Always"},  {1, "Critical"},
                                                 {2, "Error"},       {3, "Warning"},
                                                 {4, "Information"}, {5, "Verbose"}};
    bool found;
    if (!find_row_name(provider, WEVT_LEVELS, facts->level, arena, ret, &found))
        return false;
    return found || find_winmeta(levels, sizeof levels / sizeof *levels, facts->level, arena, ret);
}

static bool find_opcode(const struct provider *provider, const struct event_facts *facts,
                        struct arena *arena, struct mta_text *ret)
{
    static const struct winmeta_name opcodes[] = {{0, "Info"},    {1, "Start"},    {2, "Stop"},
                                                  {3, "DCStart"}, {4, "DCStop"},   {5, "Extension"},
                                                  {6, "Reply"},   {7, "Resume"},   {8, "Suspend"},
                                                  {9, "Send"},    {240, "Receive"}};
    bool found;
    if (is_classic(facts))
        return true;
    const uint64_t opcode = facts->opcode << 16;
    if (!find_row_name(provider, WEVT_OPCODES, opcode | facts->task, arena, ret, &found))
        return false;
    if (!found && !find_row_name(provider, WEVT_OPCODES, opcode, arena, ret, &found))
        return false;
    return found ||
           find_winmeta(opcodes, sizeof opcodes / sizeof *opcodes, facts->opcode, arena, ret);
}

static bool find_keywords(const struct provider *provider, const struct event_facts *facts,
                          struct arena *arena, struct rendering_info *ret)
{
    static const struct winmeta_name keywords[] = {
        {48, "Response Time"}, {50, "WDI Diag"},         {51, "SQM"},    {52, "Audit Failure"},
        {53, "Audit Success"}, {54, "Correlation Hint"}, {55, "Classic"}};
    for (uint8_t bit = 0; bit < RENDERING_KEYWORDS_MAX; bit++) {
        struct mta_text text = {0};
        bool found;
        if (!(facts->keywords >> bit & 1))
            continue;
        if (!find_row_name(provider, WEVT_KEYWORDS, UINT64_C(1) << bit, arena, &text, &found))
            return false;
        if (!found &&
            !find_winmeta(keywords, sizeof keywords / sizeof *keywords, bit, arena, &text))
            return false;
        if (text.count > 0)
            ret->keywords[ret->keyword_count++] = text;
    }
    return true;
}

// By its path; the name of an imported one is its provider's to say.
static bool find_channel(const struct provider *provider, struct wevt_text path,
                         struct arena *arena, struct mta_text *ret)
{
    const struct provider_row *rows = provider->rows[WEVT_CHANNELS].items;
    *ret = (struct mta_text){path.units, path.count};
    for (size_t i = 0; i < provider->rows[WEVT_CHANNELS].count; i++) {
        const struct wevt_text *name = &rows[i].name;
        const struct message_entry *entry;
        if (name->count == path.count && path.count > 0 &&
            memcmp(name->units, path.units, 2 * (size_t)path.count) == 0 &&
            (entry = provider_find_message(provider, rows[i].message_id)))
            return expand(entry->text, arena, ret);
    }
    return true;
}

static bool find_task(const struct event_texts *texts, const struct event_facts *facts,
                      struct arena *arena, struct mta_text *ret)
{
    const struct message_list *categories = texts->provider->categories;
    bool found;
    if (!find_row_name(texts->provider, WEVT_TASKS, facts->task, arena, ret, &found))
        return false;
    if (found || !categories || facts->task == 0)
        return true;
    const struct message_entry *entry = message_list_find(categories, (uint32_t)facts->task);
    return !entry || expand(entry->text, arena, ret);
}

bool find_event_names(const struct event_texts *texts, const struct event_facts *facts,
                      const uint8_t *units, struct arena *arena, struct rendering_info *ret)
{
    const struct provider *provider = texts->provider;
    const struct message_entry *name = provider_find_message(provider, provider->message_id);
    const struct wevt_text plain = text_of(units, facts->provider);
    ret->provider = (struct mta_text){plain.units, plain.count};
    return find_level(provider, facts, arena, &ret->level) &&
           find_task(texts, facts, arena, &ret->task) &&
           find_opcode(provider, facts, arena, &ret->opcode) &&
           find_channel(provider, text_of(units, facts->channel), arena, &ret->channel) &&
           (!name || expand(name->text, arena, &ret->provider)) &&
           find_keywords(provider, facts, arena, ret);
}
