// SPDX-License-Identifier: MIT
// What is asked of an MTA file. Every list is sorted: nothing is looked through.
#include "packs/mta.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/mta_order.h"

static uint16_t unit_at(const struct mta_text *text, uint32_t index, bool folded)
{
    uint16_t unit = load_u16(text->units + 2 * (size_t)index);
    return folded && unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit + 32) : unit;
}

int mta_compare_texts(const struct mta_text *left, const struct mta_text *right, bool folded)
{
    for (uint32_t i = 0; i < left->count && i < right->count; i++) {
        uint16_t a = unit_at(left, i, folded), b = unit_at(right, i, folded);
        if (a != b)
            return a < b ? -1 : 1;
    }
    return left->count < right->count ? -1 : left->count > right->count;
}

struct mta_text mta_cut_text(struct mta_text text)
{
    uint32_t count = 0;
    while (count < text.count && load_u16(text.units + 2 * (size_t)count) != 0)
        count++;
    return (struct mta_text){text.units, count};
}

// The first item of a sorted list that is not below what is wanted, or NULL.
static const void *find_first(const void *items, size_t count, size_t item_bytes,
                              bool (*is_below)(const void *item, const void *wanted),
                              const void *wanted)
{
    size_t from = 0, to = count;
    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (is_below((const uint8_t *)items + half * item_bytes, wanted))
            from = half + 1;
        else
            to = half;
    }
    return from < count ? (const uint8_t *)items + from * item_bytes : NULL;
}

struct wanted_name {
    const struct mta_text *name;
    bool folded;
};

static bool name_is_below(const void *item, const void *wanted)
{
    const struct wanted_name *name = wanted;
    return mta_compare_texts(&((const struct mta_publisher *)item)->name, name->name,
                             name->folded) < 0;
}

static bool row_is_below(const void *item, const void *wanted)
{
    return ((const struct mta_row *)item)->key < *(const uint32_t *)wanted;
}

static bool message_is_below(const void *item, const void *wanted)
{
    return ((const struct mta_message *)item)->index < *(const uint64_t *)wanted;
}

static bool event_is_below(const void *item, const void *wanted)
{
    return ((const struct mta_event *)item)->index < *(const uint64_t *)wanted;
}

static bool record_is_below(const void *item, const void *wanted)
{
    return ((const struct mta_event *)item)->record_id < *(const uint64_t *)wanted;
}

// The first of equal ones.
static const struct mta_publisher *find_name(const struct mta_list *publishers,
                                             const struct mta_text *name, bool folded)
{
    const struct wanted_name wanted = {name, folded};
    const struct mta_publisher *found =
        find_first(publishers->items, publishers->count, sizeof *found, name_is_below, &wanted);
    return found && mta_compare_texts(&found->name, name, folded) == 0 ? found : NULL;
}

const struct mta_publisher *mta_find_publisher(const struct mta *mta, const uint8_t *units,
                                               size_t count)
{
    EVX_CHECK(count <= UINT32_MAX);
    const struct mta_text name = {units, (uint32_t)count};
    const struct mta_publisher *found = find_name(&mta->publishers, &name, false);
    return found ? found : find_name(&mta->by_folded_name, &name, true);
}

const struct mta_publisher *mta_default_publisher(const struct mta *mta)
{
    static const uint8_t units[] = "D\0E\0F\0A\0U\0L\0T\0_\0P\0U\0B\0L\0I\0S\0H\0E\0R\0";
    const struct mta_text name = {units, (sizeof units - 1) / 2};
    return find_name(&mta->publishers, &name, false);
}

bool mta_find_row(const struct mta *mta, const struct mta_publisher *publisher,
                  enum mta_table table, uint32_t key, struct mta_text *ret_text)
{
    if (!publisher)
        return false;
    const struct mta_row *rows = mta->rows.items;
    size_t first = publisher->tables[table].first, count = publisher->tables[table].count;
    EVX_CHECK(first + count <= mta->rows.count);
    const struct mta_row *found =
        count ? find_first(rows + first, count, sizeof *rows, row_is_below, &key) : NULL;
    if (!found || found->key != key)
        return false;
    *ret_text = mta_cut_text(found->text);
    return true;
}

const struct mta_message *mta_message_at(const struct mta *mta, uint64_t index)
{
    const struct mta_message *found = find_first(mta->messages.items, mta->messages.count,
                                                 sizeof *found, message_is_below, &index);
    return found && found->index == index ? found : NULL;
}

static const struct mta_event *event_at(const struct mta *mta, uint64_t index)
{
    const struct mta_event *found =
        find_first(mta->events.items, mta->events.count, sizeof *found, event_is_below, &index);
    return found && found->index == index ? found : NULL;
}

static const struct mta_event *event_of_record(const struct mta *mta, uint64_t record_id)
{
    const struct mta_event *found = find_first(mta->by_record.items, mta->by_record.count,
                                               sizeof *found, record_is_below, &record_id);
    return found && found->record_id == record_id ? found : NULL;
}

struct mta_text mta_find_message(const struct mta *mta, uint64_t record_id, uint64_t header_id)
{
    // Records are numbered from 1 in the order of the entries, as a rule.
    const struct mta_event *event = header_id >= 1 ? event_at(mta, header_id - 1) : NULL;
    if (!event || event->record_id != record_id)
        event = event_of_record(mta, record_id);
    const struct mta_message *message = event ? mta_message_at(mta, event->message) : NULL;
    return message ? mta_cut_text(message->text) : (struct mta_text){0};
}
