// SPDX-License-Identifier: MIT
// MTA files to sorted lists. Any part may overlap any other; the work is bounded by the size of the
// file, and the first thing that is wrong ends it.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/mta_order.h"
#include "system/file.h"

enum {
    HEADER_BYTES = 24,
    DESCRIPTOR_BYTES = 20, // in front of the name
    PAGE_BYTES = 888,
    PAGE_NEXT = 72,
    PAGE_SELF = 80,
    PAGE_SLOTS = 88,
    SLOT_COUNT = 100,
    RECORD_HEADER = 8,
    EVENT_BYTES = 16,
    READ_STEP = 1 << 20,
    // Rows are read once for each entry that holds them; entries may overlap, but not without end.
    OVERLAPS_MAX = 16,
};

struct section {
    const char *name;
    uint64_t offset, size;
    bool is_there;
};

struct reading {
    struct mta *mta;
    struct mta_fault *fault;
    struct section sections[3];     // EVT, MSG, PUB
    struct mta_list places;         // uint64_t: of the entries of publishers that have been read
    uint64_t rows_left, names_left; // that may be read: rows, and units of names
};

static bool fail(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold));

static bool fail(struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->fault->text, sizeof reading->fault->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_cut(struct reading *reading, const char *what, uint64_t offset)
{
    return fail(reading, "MTA %s at offset 0x%llx is truncated or out of bounds", what,
                (unsigned long long)offset);
}

static uint64_t saturated_sum(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

// Room for one more; NULL without memory.
static void *add(struct reading *reading, struct mta_list *list, size_t size)
{
    EVX_CHECK(list->count <= list->capacity);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        void *items = memory_reallocate(reading->mta->memory, list->items, list->capacity * size,
                                        capacity * size);
        if (!items) {
            reading->fault->no_memory = true;
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    return (uint8_t *)list->items + size * list->count++;
}

// Sorts, and keeps the first of equal ones when `merge` says what is equal.
static void sort(struct mta_list *list, size_t size, int (*order)(const void *a, const void *b),
                 int (*merge)(const void *a, const void *b))
{
    uint8_t *items = list->items;
    size_t kept = 0;
    if (list->count > 0)
        qsort(items, list->count, size, order);
    for (size_t i = 0; i < list->count && merge; i++)
        if (kept == 0 || merge(items + (kept - 1) * size, items + i * size) != 0)
            memmove(items + kept++ * size, items + i * size, size);
    if (merge)
        list->count = kept;
}

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

// ------------------------------------------------------------------------------------------ header

static bool read_header(struct reading *reading, uint32_t *ret_sections)
{
    const uint8_t *m = reading->mta->bytes;
    if (reading->mta->size < HEADER_BYTES)
        return fail_cut(reading, "header", 0);
    if (memcmp(m, "MTAFile", 8) != 0)
        return fail(reading,
                    "not an MTA file (magic [%02x, %02x, %02x, %02x, %02x, %02x, %02x, %02x])",
                    m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]);
    if (load_u32(m + 8) != 1)
        return fail(reading, "unsupported MTA version %u.%u", load_u32(m + 8), load_u32(m + 12));
    *ret_sections = load_u32(m + 20);
    return true;
}

static bool is_name(const uint8_t *units, uint64_t bytes, const char *name)
{
    uint64_t count = bytes / 2, size = strlen(name);
    if (count == size + 1 && load_u16(units + 2 * size) == 0)
        count--;
    if (bytes % 2 || count != size)
        return false;
    for (uint64_t i = 0; i < size; i++)
        if (load_u16(units + 2 * i) != (uint8_t)name[i])
            return false;
    return true;
}

static bool read_descriptors(struct reading *reading, uint32_t count)
{
    const uint8_t *bytes = reading->mta->bytes;
    uint64_t at = HEADER_BYTES, size = reading->mta->size;
    for (uint32_t i = 0; i < count; i++) {
        EVX_CHECK(at <= size);
        if (size - at < DESCRIPTOR_BYTES)
            return fail_cut(reading, "section descriptor", at);
        uint64_t name_bytes = load_u32(bytes + at + 16), name = at + DESCRIPTOR_BYTES;
        if (name_bytes > size - name)
            return fail_cut(reading, "section name", at);
        for (int k = 0; k < 3; k++) {
            struct section *section = &reading->sections[k];
            if (section->is_there || !is_name(bytes + name, name_bytes, section->name))
                continue;
            section->is_there = true;
            section->offset = load_u64(bytes + at);
            section->size = load_u64(bytes + at + 8);
        }
        at = name + name_bytes;
    }
    for (int k = 0; k < 3; k++)
        if (!reading->sections[k].is_there)
            return fail(reading, "MTA file has no %s section", reading->sections[k].name);
    for (int k = 0; k < 3; k++) {
        const struct section *section = &reading->sections[k];
        if (section->offset > size || section->size > size - section->offset)
            return fail_cut(reading, "section", section->offset);
    }
    return true;
}

// ------------------------------------------------------------------------------------------- pages

struct record {
    uint64_t place; // in the file
    uint32_t index;
    const uint8_t *payload;
    uint64_t size;
};

typedef bool read_record(struct reading *reading, const struct record *record);

static bool read_slot(struct reading *reading, const struct section *section, uint64_t offset,
                      read_record *read)
{
    uint64_t place = saturated_sum(section->offset, offset);
    if (offset > section->size || section->size - offset < RECORD_HEADER)
        return fail_cut(reading, "record", place);
    const uint8_t *bytes = reading->mta->bytes + place;
    struct record record = {place, load_u32(bytes), bytes + RECORD_HEADER, load_u32(bytes + 4)};
    if (record.size > section->size - offset - RECORD_HEADER)
        return fail_cut(reading, "record", place);
    return read(reading, &record);
}

static bool read_pages(struct reading *reading, const struct section *section, read_record *read)
{
    uint64_t page = 0, left = section->size / PAGE_BYTES + 1;
    while (section->size > 0) {
        if (page > section->size || section->size - page < PAGE_BYTES)
            return fail_cut(reading, "page", saturated_sum(section->offset, page));
        if (left-- == 0)
            return fail(reading, "MTA %s section has a page chain that does not end",
                        section->name);
        const uint8_t *bytes = reading->mta->bytes + section->offset + page;
        for (int i = 0; load_u32(bytes) != 0 && i < SLOT_COUNT; i++) {
            uint64_t offset = load_u64(bytes + PAGE_SLOTS + 8 * i);
            if (offset != 0 && !read_slot(reading, section, offset, read))
                return false;
        }
        page = load_u64(bytes + PAGE_NEXT);
        if (page == load_u64(bytes + PAGE_SELF))
            break;
    }
    return true;
}

// ----------------------------------------------------------------------------------------- records

static bool read_message(struct reading *reading, const struct record *record)
{
    if (record->size < 4 || load_u32(record->payload) > record->size - 4)
        return fail_cut(reading, "MSG entry", record->place);
    struct mta_message *message = add(reading, &reading->mta->messages, sizeof *message);
    if (!message)
        return false;
    *message = (struct mta_message){record->index,
                                    (uint32_t)reading->mta->messages.count,
                                    {record->payload + 4, load_u32(record->payload) / 2}};
    return true;
}

static bool read_event(struct reading *reading, const struct record *record)
{
    if (record->size < EVENT_BYTES)
        return fail_cut(reading, "EVT entry", record->place);
    struct mta_event *event = add(reading, &reading->mta->events, sizeof *event);
    if (!event)
        return false;
    *event = (struct mta_event){record->index, (uint32_t)reading->mta->events.count,
                                load_u64(record->payload), load_u64(record->payload + 8)};
    return true;
}

static int order_rows(const void *a, const void *b)
{
    const struct mta_row *left = a, *right = b;
    int order = COMPARE(left->key, right->key);
    return order ? order : COMPARE(left->order, right->order);
}

static int merge_rows(const void *a, const void *b)
{
    return COMPARE(((const struct mta_row *)a)->key, ((const struct mta_row *)b)->key);
}

// Rows whose message is not there do not count.
static bool read_table(struct reading *reading, const uint8_t *rows, uint32_t count,
                       enum mta_table table, struct mta_publisher *publisher)
{
    struct mta *mta = reading->mta;
    size_t first = mta->rows.count;
    for (uint32_t i = 0; i < count; i++) {
        const struct mta_message *message = mta_message_at(mta, load_u32(rows + 8 * (size_t)i + 4));
        struct mta_row *row = message ? add(reading, &mta->rows, sizeof *row) : NULL;
        if (message && !row)
            return false;
        uint32_t key = load_u32(rows + 8 * (size_t)i);
        if (row) // the upper half of a task is of no use
            *row = (struct mta_row){table == MTA_TASKS ? key & 0xFFFF : key, i, message->text};
    }
    struct mta_list part = {NULL, mta->rows.count - first, 0};
    if (part.count > 0)
        part.items = (struct mta_row *)mta->rows.items + first;
    sort(&part, sizeof(struct mta_row), order_rows, merge_rows);
    mta->rows.count = first + part.count;
    EVX_CHECK(mta->rows.count <= UINT32_MAX);
    publisher->tables[table].first = (uint32_t)first;
    publisher->tables[table].count = (uint32_t)part.count;
    return true;
}

static bool read_publisher(struct reading *reading, const struct record *record)
{
    struct mta_publisher publisher = {.index = record->index};
    uint64_t at = 0;
    for (int table = 0; table < MTA_TABLES; table++) {
        if (record->size - at < 4)
            return fail_cut(reading, "PUB entry", record->place);
        uint32_t count = load_u32(record->payload + at);
        if ((record->size - at - 4) / 8 < count)
            return fail_cut(reading, "PUB entry", record->place);
        if (count > reading->rows_left)
            return fail(reading, "MTA PUB section has entries that overlap too often");
        reading->rows_left -= count;
        if (!read_table(reading, record->payload + at + 4, count, (enum mta_table)table,
                        &publisher))
            return false;
        at += 4 + 8 * (uint64_t)count;
    }
    if (record->size - at < 4 || load_u32(record->payload + at) > record->size - at - 4)
        return fail_cut(reading, "PUB entry", record->place);
    uint32_t name_units = load_u32(record->payload + at) / 2;
    if (name_units > reading->names_left)
        return fail(reading, "MTA PUB section has entries that overlap too often");
    reading->names_left -= name_units;
    publisher.name = mta_cut_text((struct mta_text){record->payload + at + 4, name_units});
    struct mta_publisher *kept = add(reading, &reading->mta->publishers, sizeof *kept);
    if (kept)
        *kept = publisher;
    return kept != NULL;
}

static bool note_place(struct reading *reading, const struct record *record)
{
    uint64_t *place = add(reading, &reading->places, sizeof *place);
    if (place)
        *place = record->place;
    return place != NULL;
}

static int order_places(const void *a, const void *b)
{
    return COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

// Entries of publishers are large: each is read once, however many slots lead to it.
static bool read_publishers(struct reading *reading)
{
    const struct section *section = &reading->sections[2];
    if (!read_pages(reading, section, note_place))
        return false;
    sort(&reading->places, sizeof(uint64_t), order_places, order_places);
    const uint64_t *places = reading->places.items;
    for (size_t i = 0; i < reading->places.count; i++)
        if (!read_slot(reading, section, places[i] - section->offset, read_publisher))
            return false;
    return true;
}

// ----------------------------------------------------------------------------------------- sorting

static int order_messages(const void *a, const void *b)
{
    const struct mta_message *left = a, *right = b;
    int order = COMPARE(left->index, right->index);
    return order ? order : COMPARE(left->order, right->order);
}

static int merge_messages(const void *a, const void *b)
{
    return COMPARE(((const struct mta_message *)a)->index, ((const struct mta_message *)b)->index);
}

static int order_events(const void *a, const void *b)
{
    const struct mta_event *left = a, *right = b;
    int order = COMPARE(left->index, right->index);
    return order ? order : COMPARE(left->order, right->order);
}

static int merge_events(const void *a, const void *b)
{
    return COMPARE(((const struct mta_event *)a)->index, ((const struct mta_event *)b)->index);
}

static int order_records(const void *a, const void *b)
{
    const struct mta_event *left = a, *right = b;
    int order = COMPARE(left->record_id, right->record_id);
    return order ? order : COMPARE(left->index, right->index);
}

static int order_publishers(const void *a, const void *b)
{
    const struct mta_publisher *left = a, *right = b;
    int order = mta_compare_texts(&left->name, &right->name, false);
    return order ? order : COMPARE(left->index, right->index);
}

static int order_folded(const void *a, const void *b)
{
    const struct mta_publisher *left = a, *right = b;
    int order = mta_compare_texts(&left->name, &right->name, true);
    return order ? order : COMPARE(left->index, right->index);
}

static bool copy_list(struct reading *reading, const struct mta_list *from, struct mta_list *to,
                      size_t size)
{
    for (size_t i = 0; i < from->count; i++) {
        void *item = add(reading, to, size);
        if (!item)
            return false;
        memcpy(item, (const uint8_t *)from->items + i * size, size);
    }
    return true;
}

static bool read_all(struct reading *reading)
{
    struct mta *mta = reading->mta;
    uint32_t count = 0;
    if (!read_header(reading, &count) || !read_descriptors(reading, count) ||
        !read_pages(reading, &reading->sections[1], read_message))
        return false;
    sort(&mta->messages, sizeof(struct mta_message), order_messages, merge_messages);
    if (!read_pages(reading, &reading->sections[0], read_event))
        return false;
    sort(&mta->events, sizeof(struct mta_event), order_events, merge_events);
    if (!read_publishers(reading) ||
        !copy_list(reading, &mta->events, &mta->by_record, sizeof(struct mta_event)) ||
        !copy_list(reading, &mta->publishers, &mta->by_folded_name, sizeof(struct mta_publisher)))
        return false;
    sort(&mta->by_record, sizeof(struct mta_event), order_records, NULL);
    sort(&mta->publishers, sizeof(struct mta_publisher), order_publishers, NULL);
    sort(&mta->by_folded_name, sizeof(struct mta_publisher), order_folded, NULL);
    return true;
}

static void release(struct mta *mta, struct mta_list *list, size_t size)
{
    memory_release(mta->memory, list->items, list->capacity * size);
}

static bool parse(struct mta *mta, struct mta_fault *fault)
{
    struct reading reading = {
        .mta = mta,
        .fault = fault,
        .sections = {{.name = "EVT"}, {.name = "MSG"}, {.name = "PUB"}},
        .rows_left = (uint64_t)mta->size * OVERLAPS_MAX / 8,
        .names_left = (uint64_t)mta->size * OVERLAPS_MAX / 2,
    };
    EVX_CHECK(mta->size <= mta->block_bytes);
    bool fine = read_all(&reading);
    release(mta, &reading.places, sizeof(uint64_t));
    return fine;
}

bool mta_parse(struct mta *mta, struct memory *memory, uint8_t *bytes, size_t size,
               struct mta_fault *ret_fault)
{
    *mta = (struct mta){.memory = memory, .bytes = bytes, .size = size, .block_bytes = size};
    *ret_fault = (struct mta_fault){0};
    return parse(mta, ret_fault);
}

void mta_destroy(struct mta *mta)
{
    release(mta, &mta->messages, sizeof(struct mta_message));
    release(mta, &mta->events, sizeof(struct mta_event));
    release(mta, &mta->by_record, sizeof(struct mta_event));
    release(mta, &mta->rows, sizeof(struct mta_row));
    release(mta, &mta->publishers, sizeof(struct mta_publisher));
    release(mta, &mta->by_folded_name, sizeof(struct mta_publisher));
    memory_release(mta->memory, mta->bytes, mta->block_bytes);
    *mta = (struct mta){.memory = mta->memory};
}

// -------------------------------------------------------------------------------------------- file

// Takes the file into the block that will be the MTA's.
static bool read_file(struct mta *mta, int fd, struct mta_fault *fault)
{
    for (;;) {
        if (mta->size == mta->block_bytes) {
            size_t more = mta->block_bytes ? 2 * mta->block_bytes : READ_STEP;
            uint8_t *grown = memory_reallocate(mta->memory, mta->bytes, mta->block_bytes, more);
            if (!grown) {
                fault->no_memory = true;
                return false;
            }
            mta->bytes = grown;
            mta->block_bytes = more;
        }
        int64_t n = file_read(fd, mta->bytes + mta->size, mta->block_bytes - mta->size);
        if (n == 0)
            return true;
        if (n < 0) {
            fault->system_errno = errno;
            return false;
        }
        mta->size += (size_t)n;
    }
}

bool mta_read(struct mta *mta, struct memory *memory, const char *path, struct mta_fault *ret_fault)
{
    *mta = (struct mta){.memory = memory};
    *ret_fault = (struct mta_fault){0};
    int fd = file_open(path);
    if (fd < 0) {
        ret_fault->system_errno = errno;
        return false;
    }
    bool fine = read_file(mta, fd, ret_fault);
    file_close(fd);
    return fine && parse(mta, ret_fault);
}
