// SPDX-License-Identifier: MIT
// Small files for tests of what comes from outside of logs: PE files with resources, WEVT_TEMPLATE
// resources, caches of them, message tables, and MTA files.
#ifndef EVX_SUPPORT_MAKERS_H
#define EVX_SUPPORT_MAKERS_H

#include "runs.h"

static inline void put_bytes(struct text *out, const void *bytes, size_t size)
{
    text_add_bytes(out, bytes, size);
}

static inline void put_u16(struct text *out, unsigned value)
{
    put_bytes(out, &(uint16_t){(uint16_t)value}, 2);
}

static inline void put_u32(struct text *out, uint64_t value)
{
    put_bytes(out, &(uint32_t){(uint32_t)value}, 4);
}

static inline void put_u64(struct text *out, uint64_t value)
{
    put_bytes(out, &value, 8);
}

static inline void put_zeros(struct text *out, size_t count)
{
    while (count-- > 0)
        put_bytes(out, "", 1);
}

static inline void put_units(struct text *out, const char *ascii)
{
    for (; *ascii; ascii++)
        put_u16(out, (unsigned char)*ascii);
}

static inline void patch_u32(struct text *out, size_t at, uint64_t value)
{
    memcpy(out->bytes + at, &(uint32_t){(uint32_t)value}, 4);
}

// ------------------------------------------------------------------------------------------------- PE

struct made_resource {
    const char *type_name; // NULL: by number
    uint32_t type, id, language;
    const void *bytes;
    size_t size;
};

enum { MADE_TREE_RVA = 0x1000, MADE_TREE_OFFSET = 0x400 };

static inline size_t begin_directory(struct text *out, unsigned named, unsigned numbered)
{
    put_zeros(out, 12);
    put_u16(out, named);
    put_u16(out, numbered);
    size_t first = out->size;
    put_zeros(out, 8 * (named + numbered));
    return first;
}

// One type directory for each resource, each with one id and one language. Named types first, please.
static inline struct text make_pe(bool is_64, const struct made_resource *resources, unsigned count)
{
    struct text tree = {0}, pe = {0};
    unsigned named = 0;
    for (unsigned i = 0; i < count; i++)
        named += resources[i].type_name != NULL;
    size_t types = begin_directory(&tree, named, count - named);
    for (unsigned i = 0; i < count; i++) {
        const struct made_resource *resource = &resources[i];
        patch_u32(&tree, types + 8 * i, resource->type);
        if (resource->type_name) {
            patch_u32(&tree, types + 8 * i, 0x80000000u | tree.size);
            put_u16(&tree, (unsigned)strlen(resource->type_name));
            put_units(&tree, resource->type_name);
        }
        patch_u32(&tree, types + 8 * i + 4, 0x80000000u | tree.size);
        size_t ids = begin_directory(&tree, 0, 1);
        patch_u32(&tree, ids, resource->id);
        patch_u32(&tree, ids + 4, 0x80000000u | tree.size);
        size_t languages = begin_directory(&tree, 0, 1);
        patch_u32(&tree, languages, resource->language);
        patch_u32(&tree, languages + 4, tree.size);
        put_u32(&tree, MADE_TREE_RVA + tree.size + 16);
        put_u32(&tree, resource->size);
        put_u64(&tree, 0);
        put_bytes(&tree, resource->bytes, resource->size);
    }
    unsigned directories = is_64 ? 112 : 96, optional = directories + 16 * 8;
    put_units(&pe, "");
    put_bytes(&pe, "MZ", 2);
    put_zeros(&pe, 58);
    put_u32(&pe, 64);
    put_bytes(&pe, "PE\0\0", 4);
    put_u16(&pe, is_64 ? 0x8664 : 0x14c);
    put_u16(&pe, 1);
    put_zeros(&pe, 12);
    put_u16(&pe, optional);
    put_u16(&pe, 0);
    size_t start = pe.size;
    put_u16(&pe, is_64 ? 0x20b : 0x10b);
    put_zeros(&pe, directories - 6);
    put_u32(&pe, 16);
    put_zeros(&pe, 16);
    put_u32(&pe, MADE_TREE_RVA);
    put_u32(&pe, tree.size);
    put_zeros(&pe, start + optional - pe.size);
    put_bytes(&pe, ".rsrc\0\0\0", 8);
    put_u32(&pe, tree.size);
    put_u32(&pe, MADE_TREE_RVA);
    put_u32(&pe, tree.size);
    put_u32(&pe, MADE_TREE_OFFSET);
    put_zeros(&pe, 16);
    put_zeros(&pe, MADE_TREE_OFFSET - pe.size);
    put_bytes(&pe, tree.bytes, tree.size);
    text_free(&tree);
    return pe;
}

// ----------------------------------------------------------------------------------------------- CRIM

// A name in BinXML that stands where it is used.
static inline void put_name(struct text *out, const char *name)
{
    uint32_t hash = 0;
    for (const char *c = name; *c; c++)
        hash = hash * 65599 + (unsigned char)*c;
    put_u16(out, hash & 0xFFFF);
    put_u16(out, (unsigned)strlen(name));
    put_units(out, name);
    put_u16(out, 0);
}

// <EventData><Data Name="NAME">%0</Data></EventData>
static inline struct text make_body(const char *name)
{
    struct text body = {0};
    put_bytes(&body, "\x0f\x01\x01\x00\x01\xff\xff", 7);
    put_u32(&body, 0);
    put_name(&body, "EventData");
    put_bytes(&body, "\x02\x41\xff\xff", 4);
    put_u32(&body, 0);
    put_name(&body, "Data");
    put_u32(&body, 0);
    put_bytes(&body, "\x06", 1);
    put_name(&body, "Name");
    put_bytes(&body, "\x05\x01", 2);
    put_u16(&body, (unsigned)strlen(name));
    put_units(&body, name);
    put_bytes(&body, "\x02\x0d\x00\x00\x01\x04\x04\x00", 8);
    return body;
}

// A text with its size in front of it.
static inline void put_sized(struct text *out, const char *text)
{
    put_u32(out, 6 + 2 * strlen(text));
    put_units(out, text);
    put_u16(out, 0);
}

static inline size_t begin_table(struct text *out, size_t *pair, unsigned type, const char *signature)
{
    size_t start = out->size;
    patch_u32(out, *pair, type);
    patch_u32(out, *pair + 4, start);
    *pair += 8;
    put_bytes(out, signature, 4);
    put_u32(out, 0);
    put_u32(out, 1);
    return start;
}

static inline void end_table(struct text *out, size_t start)
{
    patch_u32(out, start + 4, out->size - start);
}

enum { MADE_PROVIDER = 0x11, MADE_TEMPLATE = 0x22, MADE_EVENT = 7036 };

// One row of each kind of table, with a name and a map.
static inline void put_rows(struct text *crim, size_t *pair, size_t name, size_t map)
{
    size_t table = begin_table(crim, pair, 5, "CHAN");
    put_u32(crim, 1);
    put_u32(crim, name);
    put_u32(crim, 16);
    put_u32(crim, 5);
    end_table(crim, table);
    table = begin_table(crim, pair, 3, "KEYW");
    put_u64(crim, 1ull << 40);
    put_u32(crim, 6);
    put_u32(crim, name);
    end_table(crim, table);
    table = begin_table(crim, pair, 0, "LEVL");
    put_u32(crim, 4);
    put_u32(crim, 7);
    put_u32(crim, name);
    end_table(crim, table);
    table = begin_table(crim, pair, 2, "OPCO");
    put_u32(crim, 0x10002);
    put_u32(crim, 8);
    put_u32(crim, name);
    end_table(crim, table);
    table = begin_table(crim, pair, 1, "TASK");
    put_u32(crim, 3);
    put_u32(crim, 9);
    put_zeros(crim, 16);
    put_u32(crim, name);
    end_table(crim, table);
    table = begin_table(crim, pair, 6, "MAPS");
    put_u32(crim, map);
    end_table(crim, table);
    table = begin_table(crim, pair, 13, "PRVA");
    put_u32(crim, 0x10000001);
    put_u32(crim, name + 4);
    end_table(crim, table);
}

// A table of one template; returns where that is.
static inline size_t put_template(struct text *crim, size_t *pair, size_t map)
{
    uint8_t guid[16];
    struct text body = make_body("param1");
    memset(guid, MADE_TEMPLATE, 16);
    size_t table = begin_table(crim, pair, 7, "TTBL");
    size_t temp = crim->size;
    put_bytes(crim, "TEMP", 4);
    put_u32(crim, 0);
    put_u32(crim, 1);
    put_u32(crim, 1);
    put_u32(crim, 0);
    put_u32(crim, 1);
    put_bytes(crim, guid, 16);
    put_bytes(crim, body.bytes, body.size);
    patch_u32(crim, temp + 16, crim->size);
    put_u32(crim, 0);
    put_u32(crim, 1);
    put_u32(crim, map);
    put_u16(crim, 1);
    put_u16(crim, 0);
    put_u32(crim, crim->size + 4);
    put_sized(crim, "param1");
    patch_u32(crim, temp + 4, crim->size - temp);
    end_table(crim, table);
    text_free(&body);
    return temp;
}

static inline void put_event(struct text *crim, size_t *pair, size_t temp)
{
    size_t table = begin_table(crim, pair, 4, "EVNT");
    put_u32(crim, 0);
    put_u16(crim, MADE_EVENT);
    put_bytes(crim, "\x01\x10\x04\x02", 4);
    put_u16(crim, 3);
    put_u64(crim, 1ull << 40);
    put_u32(crim, 99);
    put_u32(crim, temp);
    put_zeros(crim, 24);
    end_table(crim, table);
}

// A provider with one row of each kind and one template, whose parameter is `param1`.
static inline struct text make_crim(unsigned major)
{
    struct text crim = {0};
    uint8_t provider[16];
    memset(provider, MADE_PROVIDER, 16);
    put_bytes(&crim, "CRIM", 4);
    put_u32(&crim, 0);
    put_u16(&crim, major);
    put_u16(&crim, 1);
    put_u32(&crim, 1);
    put_bytes(&crim, provider, 16);
    put_u32(&crim, 36);
    put_bytes(&crim, "WEVT", 4);
    put_u32(&crim, 0);
    put_u32(&crim, 0x90000001);
    put_u32(&crim, 9);
    size_t pair = crim.size;
    put_zeros(&crim, 9 * 8);
    size_t name = crim.size;
    put_sized(&crim, "a name");
    size_t map = crim.size;
    put_bytes(&crim, "BMAP", 4);
    put_u32(&crim, 28);
    put_u32(&crim, name);
    put_u32(&crim, 1);
    put_u32(&crim, 1);
    put_u32(&crim, 4);
    put_u32(&crim, 77);
    put_rows(&crim, &pair, name, map);
    put_event(&crim, &pair, put_template(&crim, &pair, map));
    patch_u32(&crim, 4, crim.size);
    return crim;
}

// A .wevtcache file of resources.
static inline struct text make_cache(const struct text *blobs, unsigned count)
{
    struct text cache = {0};
    put_bytes(&cache, "WEVTCACH", 8);
    put_u32(&cache, 1);
    put_u32(&cache, count);
    for (unsigned i = 0; i < count; i++) {
        put_bytes(&cache, "\x01", 1);
        put_u64(&cache, blobs[i].size);
        put_bytes(&cache, blobs[i].bytes, blobs[i].size);
    }
    return cache;
}

// -------------------------------------------------------------------------------------- message tables

// Two blocks: 1 and 2, "one" and "two" in UTF-16; 0x40000007, "seven" in a code page.
static inline struct text make_messages(void)
{
    struct text table = {0};
    put_u32(&table, 2);
    put_u32(&table, 1);
    put_u32(&table, 2);
    put_u32(&table, 28);
    put_u32(&table, 0x40000007);
    put_u32(&table, 0x40000007);
    put_u32(&table, 28 + 24);
    for (int i = 0; i < 2; i++) {
        put_u16(&table, 12);
        put_u16(&table, 1);
        put_units(&table, i ? "two" : "one");
        put_u16(&table, 0);
    }
    put_u16(&table, 12);
    put_u16(&table, 0);
    put_bytes(&table, "seven\0\0\0", 8);
    return table;
}

// ------------------------------------------------------------------------------------------------ MTA

// A page with as many records as have been added, and its records.
struct made_section {
    struct text records;
    uint64_t slots[100];
    unsigned count;
};

static inline void add_record(struct made_section *section, uint32_t index, const struct text *payload)
{
    section->slots[section->count++] = 888 + section->records.size;
    put_u32(&section->records, index);
    put_u32(&section->records, payload->size);
    put_bytes(&section->records, payload->bytes, payload->size);
}

static inline void add_message(struct made_section *section, uint32_t index, const char *message)
{
    struct text payload = {0};
    put_u32(&payload, 2 * strlen(message));
    put_units(&payload, message);
    add_record(section, index, &payload);
    text_free(&payload);
}

static inline void add_event(struct made_section *section, uint32_t index, uint64_t record_id,
                             uint64_t message)
{
    struct text payload = {0};
    put_u64(&payload, record_id);
    put_u64(&payload, message);
    add_record(section, index, &payload);
    text_free(&payload);
}

// tables: for each of the four kinds a key and a message, or -1 and anything.
static inline void add_publisher(struct made_section *section, uint32_t index, const char *name,
                                 const int64_t tables[4][2])
{
    struct text payload = {0};
    for (int i = 0; i < 4; i++) {
        put_u32(&payload, tables[i][0] >= 0);
        if (tables[i][0] >= 0) {
            put_u32(&payload, (uint64_t)tables[i][0]);
            put_u32(&payload, (uint64_t)tables[i][1]);
        }
    }
    put_u32(&payload, 2 * strlen(name));
    put_units(&payload, name);
    add_record(section, index, &payload);
    text_free(&payload);
}

// The sections EVT, MSG and PUB, which are given up.
static inline struct text make_mta(struct made_section sections[3])
{
    static const char *const names[] = {"EVT", "MSG", "PUB"};
    struct text mta = {0};
    uint64_t offset = 24 + 3 * 26;
    put_bytes(&mta, "MTAFile\0", 8);
    put_u32(&mta, 1);
    put_u32(&mta, 0);
    put_u32(&mta, 0);
    put_u32(&mta, 3);
    for (int i = 0; i < 3; i++) {
        put_u64(&mta, offset);
        put_u64(&mta, 888 + sections[i].records.size);
        put_u32(&mta, 6);
        put_units(&mta, names[i]);
        offset += 888 + sections[i].records.size;
    }
    for (int i = 0; i < 3; i++) {
        put_u32(&mta, sections[i].count ? UINT32_MAX : 0);
        put_zeros(&mta, 84);
        put_bytes(&mta, sections[i].slots, sizeof sections[i].slots);
        put_bytes(&mta, sections[i].records.bytes, sections[i].records.size);
        text_free(&sections[i].records);
    }
    return mta;
}

#endif
