// SPDX-License-Identifier: MIT
// Guards against logs that only our own reader would accept: wrong hashes and buckets, chains that
// do not fall, sizes that do not nest, checksums that do not fit, identifiers with gaps,
// definitions or names that are referenced from a chunk that does not hold them, state of a record
// that did not fit and was rolled back, broken input that turns out intact (a forced size that is
// ignored), generated logs that differ between runs, and damage that does not damage. The walker
// below knows the format from its description and shares no code with the encoder.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "encode/private.h"
#include "gen/generate.h"

// -------------------------------------------------------------------------------------------------
// Walker.

typedef struct walk {
    const uint8_t *chunk;
    uint32_t records;
    uint32_t inline_names, inline_definitions;
} walk;

static uint32_t hash_units(const uint8_t *units, unsigned count)
{
    uint32_t hash = 0;
    for (unsigned i = 0; i < count; i++)
        hash = hash * 65599 + (uint32_t)(units[2 * i] | units[2 * i + 1] << 8);
    return hash;
}

static uint32_t walk_name_record(const walk *w, uint32_t at)
{
    assert_in_range(at, 512, 65536 - 10);
    unsigned count = load_u16(w->chunk + at + 6);
    assert_in_range(at + 10 + 2 * count, 522, 65536);
    assert_int_equal(load_u16(w->chunk + at + 4), hash_units(w->chunk + at + 8, count) & 0xFFFF);
    assert_int_equal(load_u16(w->chunk + at + 8 + 2 * count), 0);
    return at + 10 + 2 * count;
}

static uint32_t walk_name(walk *w, uint32_t at)
{
    uint32_t offset = load_u32(w->chunk + at);
    at += 4;
    if (offset == at) {
        w->inline_names++;
        return walk_name_record(w, at);
    }
    assert_true(offset < at);
    walk_name_record(w, offset);
    return at;
}

static uint32_t walk_fragment(walk *w, uint32_t at, uint32_t end, bool definition);

// Character data of an attribute or element; *ret_more: the flag of the last token with one.
static uint32_t walk_data(walk *w, uint32_t at, bool definition, bool *ret_more)
{
    uint8_t token = w->chunk[at];
    *ret_more = token & 0x40;
    switch (token & 0xBF) {
    case 0x05:
        assert_int_equal(w->chunk[at + 1], 1);
        return at + 4 + 2 * load_u16(w->chunk + at + 2);
    case 0x07:
        return at + 3 + 2 * load_u16(w->chunk + at + 1);
    case 0x08:
        return at + 3;
    case 0x09:
        return walk_name(w, at + 1);
    default:
        assert_true(definition && (token == 0x0D || token == 0x0E));
        return at + 4;
    }
}

static bool is_data(uint8_t token)
{
    token &= 0xBF;
    return token == 5 || token == 7 || token == 8 || token == 9 || token == 0x0D || token == 0x0E;
}

static uint32_t walk_run(walk *w, uint32_t at, bool definition)
{
    while (is_data(w->chunk[at])) {
        bool more;
        uint8_t token = w->chunk[at];
        at = walk_data(w, at, definition, &more);
        if (token != 0x0D && token != 0x0E)
            assert_int_equal(more, is_data(w->chunk[at]));
    }
    return at;
}

static uint32_t walk_attributes(walk *w, uint32_t at, bool definition)
{
    uint32_t end = at + 4 + load_u32(w->chunk + at);
    at += 4;
    assert_true(at < end);
    while (at < end) {
        uint8_t token = w->chunk[at];
        assert_int_equal(token & 0xBF, 0x06);
        at = walk_run(w, walk_name(w, at + 1), definition);
        assert_int_equal((token & 0x40) != 0, at < end);
    }
    assert_int_equal(at, end);
    return at;
}

static uint32_t walk_element(walk *w, uint32_t at, uint32_t limit, bool definition)
{
    bool attributes = w->chunk[at++] == 0x41;
    unsigned dependency = definition ? load_u16(w->chunk + at) : 0xFFFF, optional = 0xFFFF;
    at += definition ? 2 : 0;
    uint32_t end = at + 4 + load_u32(w->chunk + at);
    assert_in_range(end, at, limit);
    at = walk_name(w, at + 4);
    if (attributes)
        at = walk_attributes(w, at, definition);
    if (w->chunk[at] == 0x03) {
        assert_int_equal(at + 1, end);
        return end;
    }
    assert_int_equal(w->chunk[at++], 0x02);
    while (w->chunk[at] != 0x04) {
        uint8_t token = w->chunk[at];
        if (token == 0x0E && optional == 0xFFFF)
            optional = load_u16(w->chunk + at + 1);
        if (token == 0x01 || token == 0x41) {
            at = walk_element(w, at, end, definition);
        } else if (token == 0x0A) {
            at = walk_name(w, at + 1);
            assert_int_equal(w->chunk[at], 0x0B);
            at += 3 + 2 * load_u16(w->chunk + at + 1);
        } else {
            bool more;
            at = walk_data(w, at, definition, &more);
        }
    }
    if (definition)
        assert_int_equal(dependency, optional);
    assert_int_equal(at + 1, end);
    return end;
}

static uint32_t walk_instance(walk *w, uint32_t at, uint32_t limit)
{
    assert_int_equal(w->chunk[at + 1], 1);
    uint32_t id = load_u32(w->chunk + at + 2), offset = load_u32(w->chunk + at + 6);
    at += 10;
    assert_true(offset <= at);
    assert_int_equal(load_u32(w->chunk + offset + 4), id);
    if (offset == at) {
        w->inline_definitions++;
        uint32_t end = at + 24 + load_u32(w->chunk + at + 20);
        assert_in_range(end, at, limit);
        assert_int_equal(walk_fragment(w, at + 24, end, true), end);
        at = end;
    }
    uint32_t count = load_u32(w->chunk + at), descriptors = at + 4;
    at = descriptors + 4 * count;
    assert_in_range(at, descriptors, limit);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *descriptor = w->chunk + descriptors + 4 * i;
        uint32_t end = at + load_u16(descriptor);
        assert_in_range(end, at, limit);
        assert_int_equal(descriptor[3], 0);
        if (descriptor[2] == 0x21 && end > at)
            assert_int_equal(walk_fragment(w, at, end, false), end);
        at = end;
    }
    return at;
}

static uint32_t walk_fragment(walk *w, uint32_t at, uint32_t end, bool definition)
{
    if (w->chunk[at] == 0x0F) {
        assert_memory_equal(w->chunk + at, "\x0F\x01\x01\x00", 4);
        at += 4;
    }
    while (w->chunk[at] != 0) {
        if (w->chunk[at] == 0x0C) {
            assert_false(definition);
            at = walk_instance(w, at, end);
        } else {
            assert_int_equal(w->chunk[at] & 0xBF, 0x01);
            at = walk_element(w, at, end, definition);
        }
        assert_true(at < end);
    }
    return at + 1;
}

// Chains fall strictly and hold as many entries as the records brought in.
static void walk_tables(const walk *w)
{
    uint32_t names = 0, definitions = 0;
    for (unsigned bucket = 0; bucket < 64; bucket++) {
        uint32_t limit = 65536;
        for (uint32_t at = load_u32(w->chunk + 128 + 4 * bucket); at;
             at = load_u32(w->chunk + at)) {
            assert_true(at < limit);
            limit = at;
            walk_name_record(w, at);
            assert_int_equal(load_u16(w->chunk + at + 4) % 64, bucket);
            names++;
        }
    }
    for (unsigned bucket = 0; bucket < 32; bucket++) {
        uint32_t limit = 65536;
        for (uint32_t at = load_u32(w->chunk + 384 + 4 * bucket); at;
             at = load_u32(w->chunk + at)) {
            assert_true(at < limit);
            limit = at;
            assert_int_equal(hash_units(w->chunk + at + 4, 8) % 32, bucket);
            assert_int_equal(load_u32(w->chunk + at - 4), at);
            assert_int_equal(w->chunk[at - 10], 0x0C);
            definitions++;
        }
    }
    assert_int_equal(names, w->inline_names);
    assert_int_equal(definitions, w->inline_definitions);
}

static void check_crcs(const uint8_t *chunk)
{
    uint32_t free = load_u32(chunk + 48);
    assert_in_range(free, 512, 65536);
    assert_int_equal(load_u32(chunk + 52), libdeflate_crc32(0, chunk + 512, free - 512));
    uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, chunk, 120), chunk + 128, 384);
    assert_int_equal(load_u32(chunk + 124), crc);
}

// Returns the number of records; *id goes on behind the last one.
static uint32_t walk_chunk(const uint8_t *chunk, uint64_t *id)
{
    walk w = {.chunk = chunk};
    uint32_t free = load_u32(chunk + 48), at = 512, last = 0;
    assert_memory_equal(chunk, "ElfChnk", 8);
    assert_int_equal(load_u32(chunk + 40), 128);
    assert_int_equal(load_u32(chunk + 120), 1);
    check_crcs(chunk);
    assert_true(load_u64(chunk + 24) == *id);
    uint64_t time = 0;
    for (; at < free; at += load_u32(chunk + at + 4)) {
        uint32_t size = load_u32(chunk + at + 4);
        assert_int_equal(load_u32(chunk + at), 0x2A2A);
        assert_in_range(size, 32, free - at);
        assert_int_equal(size % 8, 0);
        assert_int_equal(load_u32(chunk + at + size - 4), size);
        assert_true(load_u64(chunk + at + 8) == (*id)++);
        uint32_t end = walk_fragment(&w, at + 24, at + size - 4, false);
        assert_in_range(end, at + size - 11, at + size - 4);
        time += load_u64(chunk + at + 16);
        last = at;
        w.records++;
    }
    assert_int_equal(at, free);
    assert_int_equal(load_u32(chunk + 44), last);
    assert_true(load_u64(chunk + 32) == *id - 1);
    assert_true(load_u64(chunk + 16) - load_u64(chunk + 8) + 1 == w.records);
    assert_true(time != 0);
    walk_tables(&w);
    return w.records;
}

// A whole log of chunks in order; returns the number of records.
static uint64_t walk_log(const uint8_t *log, size_t size, uint64_t first_id)
{
    uint64_t id = first_id, records = 0;
    size_t slots = (size - 4096) / 65536;
    assert_int_equal(size, 4096 + slots * 65536);
    assert_memory_equal(log, "ElfFile", 8);
    for (size_t i = 0; i < slots; i++)
        records += walk_chunk(log + 4096 + i * 65536, &id);
    assert_true(load_u64(log + 8) == 0);
    assert_true(load_u64(log + 16) == slots - 1);
    assert_true(load_u64(log + 24) == id);
    assert_int_equal(load_u16(log + 42), slots);
    assert_int_equal(load_u32(log + 124), libdeflate_crc32(0, log, 120));
    for (size_t i = 128; i < 4096; i++)
        assert_int_equal(log[i], 0);
    return records;
}

static uint8_t *finish(encode_builder *b, size_t *ret_size)
{
    uint8_t *bytes = encode_finish(b, ret_size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    return bytes;
}

// -------------------------------------------------------------------------------------------------
// Builder.

static const char rich_text[] =
    "<EventData><Data Name='A'>%0</Data><Data Name='B&amp;'>%1:string[]</Data><X a='1' "
    "b=\"%2:u32\">"
    "text &quot;more&#65;<![CDATA[a<b]]></X><?target some data?><Empty/><Binary>%?3:binary</Binary>"
    "</EventData>";

static void add_rich_records(encode_builder *b, unsigned count)
{
    encode_template *data = encode_template_text(b, rich_text);
    encode_template *event = encode_template_text(
        b,
        "<Event xmlns='http://x/'><System><EventID Qualifiers='%?0:u16'>%?1:u16</EventID></System>"
        "%?2:nested</Event>");
    const char *items[] = {"one", "", "tw\u00f6 \U0001F600"};
    for (unsigned i = 0; i < count; i++) {
        encode_mark mark = encode_get_mark(b);
        ENCODE_EVENT(b, event, encode_null(), encode_u16((uint16_t)i),
                     ENCODE_NESTED_INSTANCE(b, data, encode_string(b, "hello"),
                                            encode_strings(b, i % 4, items), encode_u32(i),
                                            i % 2 ? encode_null() : encode_binary(b, "abc", 3)));
        encode_rewind(b, mark);
        encode_add_fragment(b, encode_nodes_text(b, "<Event><X y='z'>plain</X></Event>"));
        encode_rewind(b, mark);
    }
}

static void test_worked_example(void **state)
{
    (void)state;
    static const uint8_t guid[16] = {0x0c, 0xa6, 0xde, 0x49, 0xd9, 0x22, 0x94, 0x80,
                                     0xe9, 0x5d, 0x06, 0x70, 0xe7, 0xb3, 0x58, 0xab};
    encode_builder *b = encode_create();
    assert_int_equal(encode_name_of(b, "Data")->hash, 0x8C076F8A);
    assert_int_equal(encode_name_of(b, "Event")->hash, 0xF3040CBA);
    assert_int_equal(encode_name_of(b, "EventData")->hash, 0x693C8244);
    assert_int_equal(encode_guid_bucket(guid), 27);

    encode_template *t = encode_template_text(b, "<EventData><Data/></EventData>");
    encode_template_set_guid(t, guid);
    ENCODE_EVENT(b, t);
    size_t size;
    const uint8_t *chunk = finish(b, &size) + 4096;
    uint32_t data = load_u32(chunk + 0xA8), event_data = load_u32(chunk + 128 + 4 * 4);
    assert_int_equal(load_u16(chunk + data + 4), 0x6F8A);
    assert_int_equal(load_u16(chunk + event_data + 4), 0x8244);
    assert_int_equal(load_u32(chunk + 0x1EC), 0x226); // where the example has its first definition
    encode_free(&b);
}

static void test_rich_log(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    add_rich_records(b, 1500);
    size_t size;
    const uint8_t *log = finish(b, &size);
    assert_true(size > 4096 + 3 * 65536);
    assert_int_equal(walk_log(log, size, 1), 3000);
    encode_free(&b);
}

static void test_bytes_of_a_record(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E a='%1:hex64'>%?0:sid</E>");
    ENCODE_EVENT(b, t, encode_sid(b, "S-1-5-18"), encode_hex64(0x123456789A));
    encode_place place = ENCODE_EVENT(b, t, encode_null(), encode_hex64(1));
    size_t size;
    const uint8_t *log = finish(b, &size), *record = log + 4096 + place.offset;
    assert_int_equal(place.id, 2);
    assert_int_equal(load_u32(record + 4), place.size);
    const uint8_t *first = log + 4096 + 512 + 24;
    static const uint8_t start[] = {0x0F, 1, 1, 0, 0x0C, 1};
    assert_memory_equal(first, start, sizeof start);
    static const uint8_t body[] = {
        0x0F, 1, 1, 0, 0x41, 0, 0, 47, 0, 0, 0, 0x4D, 2, 0, 0, // element, dependency 0, name
        0, 0, 0, 0, 0x45, 0, 1, 0, 'E', 0, 0, 0,               // name record, hash 0x45
        21, 0, 0, 0, 0x06, 0x62, 2, 0, 0,                      // attribute list, attribute
        0, 0, 0, 0, 0x61, 0, 1, 0, 'a', 0, 0, 0,               // name record
        0x0D, 1, 0, 0x15, 0x02, 0x0E, 0, 0, 0x13, 0x04, 0x00,  // substitutions, end, EOF
        2, 0, 0, 0, 12, 0, 0x13, 0, 8, 0, 0x15, 0,             // count, descriptors, values, EOF
        1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 0x9A, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0x00,
    };
    assert_memory_equal(first + 14 + 24, body, sizeof body);
    assert_int_equal(load_u32(record + 24 + 10), 0x226); // a reference: no second definition
    assert_int_equal(load_u32(record + 24 + 14), 2);
    encode_free(&b);
}

static void test_guids_follow_the_content(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<A>%0</A>",      "<A>%1</A>", "<A>%?0</A>", "<A>%0:u32</A>", "<B>%0</B>",
        "<A b=''>%0</A>", "<A>0</A>",  "<A/>",       "<A></A>",       "<A ~3>%0</A>",
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    uint8_t guids[2][COUNT][16];
    for (unsigned round = 0; round < 2; round++) {
        encode_builder *b = encode_create();
        for (unsigned i = 0; i < COUNT; i++) {
            unsigned k = round ? COUNT - 1 - i : i;
            encode_template_get_guid(encode_template_text(b, texts[k]), guids[round][k]);
        }
        encode_free(&b);
    }
    assert_memory_equal(guids[0], guids[1], sizeof guids[0]);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(guids[0][i][7] >> 4, 5);
        for (unsigned k = 0; k < i; k++)
            assert_memory_not_equal(guids[0][i], guids[0][k], 16);
    }
}

static void test_largest_record(void **state)
{
    (void)state;
    enum { BODY = ENCODE_RECORD_BYTES_MAX - 24 - 4 };
    static const uint8_t bytes[BODY + 1];
    encode_builder *b = encode_create();
    encode_add_fragment(b, encode_raw(b, bytes, 100)); // the next one must move on
    encode_place place = encode_add_fragment(b, encode_raw(b, bytes, BODY));
    assert_int_equal(place.chunk, 1);
    assert_int_equal(place.size, ENCODE_RECORD_BYTES_MAX);
    place = encode_add(b, &(encode_record){.fragment = encode_raw(b, bytes, 8), .stay = true});
    assert_int_equal(place.size, 0);
    size_t size;
    const uint8_t *log = finish(b, &size);
    assert_int_equal(load_u32(log + 4096 + 65536 + 48), 65536);

    encode_add_fragment(b, encode_raw(b, bytes, BODY + 1));
    assert_null(encode_finish(b, &size));
    assert_non_null(strstr(encode_error(b), "does not fit in a chunk: 65024 bytes"));
    encode_free(&b);
}

static void check_error(const char *text, const char *expected)
{
    encode_builder *b = encode_create();
    ENCODE_EVENT(b, encode_template_text(b, text), encode_u8(1));
    size_t size;
    assert_null(encode_finish(b, &size));
    if (!strstr(encode_error(b), expected))
        fail_msg("\"%s\" gives \"%s\"", text, encode_error(b));
    encode_free(&b);
}

static void test_errors_are_sticky(void **state)
{
    (void)state;
    check_error("<A>", "not closed at byte 3");
    check_error("<A></B>", "end tag without its start tag");
    check_error("<A b=1/>", "no ='..'");
    check_error("<A b='1/>", "no end of an attribute value");
    check_error("<A>%x</A>", "no number");
    check_error("<A>%99999</A>", "too large");
    check_error("<A>%0:nosuch</A>", "unknown type");
    check_error("<A>&x</A>", "no ; behind a reference");
    check_error("<A>%{0</A>", "bad raw bytes");
    check_error("<A>\xFF</A>", "is not UTF-8");
    check_error("<A><![CDATA[x</A>", "no end of CDATA");

    encode_builder *b = encode_create();
    static const uint8_t large[0x10000];
    encode_template *t = encode_template_text(b, "<A>%0</A>");
    ENCODE_EVENT(b, t, encode_binary(b, large, sizeof large));
    assert_string_equal(encode_error(b),
                        "value 0 of 65536 bytes: a descriptor holds 65535 at most");
    encode_guid_text(b, "no guid"); // the first error stays
    assert_non_null(strstr(encode_error(b), "descriptor"));
    encode_free(&b);
    b = encode_create();
    encode_sid(b, "S-1");
    assert_string_equal(encode_error(b), "\"S-1\" is no SID");
    encode_free(&b);
}

static void test_broken_on_purpose(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *nodes = encode_nodes_text(b, "<E a='x'><F>t</F></E>");
    encode_node *f = encode_find(b, nodes, "F");
    f->size = 0x11223344;
    f->token = 0x37;
    f->first_child->size = 0x5566;
    encode_find(b, nodes, "E")->list_size = 0x778899AA;
    encode_place plain = encode_add_fragment(b, nodes);
    encode_node *instance = ENCODE_INSTANCE(b, NULL, encode_with_size(encode_u8(7), 0x1234));
    instance->definition_offset = 0xDDEE;
    instance->template_id = 0x01020304;
    instance->size = 0x55;
    encode_place wild = encode_add_fragment(b, instance);
    static const uint8_t raw[40] = {0xEE};
    encode_place raw_place = encode_add(b, &(encode_record){.raw = raw, .raw_size = sizeof raw});
    size_t size;
    const uint8_t *chunk = finish(b, &size) + 4096, *p = chunk + plain.offset + 24 + 4;
    assert_int_equal(p[0], 0x41); // no dependency id outside of definitions
    p += 5 + 4 + 12;
    assert_int_equal(load_u32(p), 0x778899AA);
    p += 4 + 1 + 4 + 12 + 6; // attribute with its inline name and text
    assert_int_equal(p[0], 0x02);
    assert_int_equal(p[1], 0x37);
    assert_int_equal(load_u32(p + 2), 0x11223344);
    static const uint8_t text[] = {0x02, 0x05, 0x01, 0x66, 0x55, 't', 0x00, 0x04, 0x04, 0x00};
    assert_memory_equal(p + 6 + 4 + 12, text, sizeof text);
    static const uint8_t bytes[] = {0x0C, 1, 4, 3, 2,    1,    0xEE, 0xDD, 0, 0,
                                    0x55, 0, 0, 0, 0x34, 0x12, 4,    0,    7};
    assert_memory_equal(chunk + wild.offset + 24, bytes, sizeof bytes);
    assert_memory_equal(chunk + raw_place.offset, raw, sizeof raw);
    check_crcs(chunk);
    encode_free(&b);
}

static void test_pokes_and_slots(void **state)
{
    (void)state;
    static const uint8_t slot[65536] = {'x'};
    encode_builder *b = encode_create();
    encode_set_header_block(b, 512);
    encode_add_empty_chunk(b);
    encode_set_next(b, 5, 1000);
    encode_place place = encode_add_fragment(b, encode_nodes_text(b, "<A/>"));
    encode_poke_chunk(b, place.offset + RECORD_SIZE_OFFSET, 4, 0);
    encode_poke_chunk(b, CHUNK_FREE_OFFSET, 4, 70000);
    encode_close_chunk(b);
    encode_set_next(b, 1, 900); // older than the chunk in front: a wrapped log
    encode_add_fragment(b, encode_nodes_text(b, "<A/>"));
    encode_poke_chunk(b, CHUNK_RECORDS_CRC32_OFFSET, 4, 0xAABBCCDD);
    encode_add_zero_slots(b, 2);
    encode_add_raw_slot(b, slot);
    encode_add_trailing(b, "tail", 4);
    encode_poke_file(b, FILE_FLAGS_OFFSET, 4, EVTX_FLAG_DIRTY);
    size_t size;
    const uint8_t *log = finish(b, &size), *chunks = log + 512;
    assert_int_equal(size, 512 + 6 * 65536 + 4);
    assert_true(load_u64(log + 8) == 2 && load_u64(log + 16) == 1 && load_u64(log + 24) == 1001);
    assert_int_equal(load_u16(log + 40), 512);
    assert_int_equal(load_u16(log + 42), 6);
    assert_int_equal(load_u32(log + 120), 1);
    assert_true(load_u64(chunks + 24) == UINT64_MAX && load_u32(chunks + 48) == 512);
    check_crcs(chunks);
    const uint8_t *second = chunks + 65536, *third = second + 65536;
    assert_true(load_u64(second + 8) == 5 && load_u64(second + 24) == 1000);
    assert_int_equal(load_u32(second + 512 + 4), 0);
    assert_int_equal(load_u32(second + 52), libdeflate_crc32(0, second + 512, 65536 - 512));
    assert_int_equal(load_u32(third + 52), 0xAABBCCDD); // the header checksum covers it
    uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, third, 120), third + 128, 384);
    assert_int_equal(load_u32(third + 124), crc);
    const uint8_t *zeros = chunks + 3 * 65536;
    assert_true(zeros[0] == 0 && memcmp(zeros, zeros + 1, 2 * 65536 - 1) == 0);
    assert_memory_equal(chunks + 5 * 65536, slot, 2);
    assert_memory_equal(log + size - 4, "tail", 4);
    encode_free(&b);
}

static void test_slack_stands_alone(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<A>%0:u8</A>");
    ENCODE_EVENT(b, t, encode_u8(1));
    encode_begin_slack(b);
    encode_place place = ENCODE_EVENT(b, t, encode_u8(2));
    encode_close_chunk(b);
    ENCODE_EVENT(b, t, encode_u8(3));
    size_t size;
    const uint8_t *log = finish(b, &size), *chunk = log + 4096;
    uint64_t id = 1;
    assert_int_equal(walk_chunk(chunk, &id), 1);
    assert_int_equal(load_u32(chunk + 48), place.offset);
    walk w = {.chunk = chunk};
    walk_fragment(&w, place.offset + 24, place.offset + place.size, false);
    assert_int_equal(w.inline_definitions, 1);
    assert_int_equal(w.inline_names, 1);
    assert_int_equal(walk_chunk(chunk + 65536, &id), 1);
    encode_free(&b);
}

// -------------------------------------------------------------------------------------------------
// Generator.

typedef struct output {
    uint8_t *bytes;
    size_t size;
    size_t stop_at; // 0: never
} output;

static int collect(void *context, const void *bytes, size_t size)
{
    output *out = context;
    uint8_t *grown = realloc(out->bytes, out->size + size);
    assert_non_null(grown);
    memcpy(grown + out->size, bytes, size);
    out->bytes = grown;
    out->size += size;
    return out->stop_at && out->size >= out->stop_at;
}

static output generate(const char *profile, uint64_t size, uint64_t seed, const char *damage)
{
    output out = {0};
    generate_options options = {profile, size, seed, damage};
    evx_error error;
    if (generate_log(&options, collect, &out, &error) != EVX_OK)
        fail_msg("%s: %s", profile, error.cause[0]);
    return out;
}

static void test_profiles_are_sound(void **state)
{
    (void)state;
    for (const char *const *name = generate_profile_names(); *name; name++) {
        output out = generate(*name, 1500000, 11, NULL);
        assert_int_equal(out.size, 4096 + 23 * 65536);
        uint64_t records = walk_log(out.bytes, out.size, 1);
        assert_in_range(records, 300, 6000);
        free(out.bytes);
    }
}

static void test_same_options_same_bytes(void **state)
{
    (void)state;
    for (const char *const *name = generate_profile_names(); *name; name++) {
        output first = generate(*name, 300000, 5, "torn-page,slack-records");
        output again = generate(*name, 300000, 5, "torn-page,slack-records");
        output other = generate(*name, 300000, 6, "torn-page,slack-records");
        assert_int_equal(first.size, again.size);
        assert_memory_equal(first.bytes, again.bytes, first.size);
        assert_memory_not_equal(first.bytes, other.bytes, first.size);
        free(first.bytes);
        free(again.bytes);
        free(other.bytes);
    }
}

static void test_sizes_are_whole_chunks(void **state)
{
    (void)state;
    static const uint64_t sizes[][2] = {
        {0, 1}, {4096, 1}, {69632, 1}, {69632 + 32767, 1}, {69632 + 32768, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        output out = generate("security", sizes[i][0], 1, NULL);
        assert_int_equal(out.size, 4096 + sizes[i][1] * 65536);
        free(out.bytes);
    }
}

// Compares a damaged log with the whole one: chunk by chunk, and what must be right stays right.
static void check_damage(const char *name, const output *whole, const output *damaged,
                         unsigned different)
{
    unsigned count = 0;
    for (size_t at = 4096; at + 65536 <= whole->size && at + 65536 <= damaged->size; at += 65536) {
        const uint8_t *chunk = damaged->bytes + at;
        if (memcmp(whole->bytes + at, chunk, 65536) == 0)
            continue;
        count++;
        if (strcmp(name, "zeroed-slot") == 0)
            assert_true(chunk[0] == 0 && memcmp(chunk, chunk + 1, 65535) == 0);
        else if (strcmp(name, "bad-magic") == 0 || strcmp(name, "garbage-slot") == 0)
            assert_memory_not_equal(chunk, "ElfChnk", 8);
        else if (strcmp(name, "bad-checksums") == 0)
            assert_int_not_equal(load_u32(chunk + 52), load_u32(whole->bytes + at + 52));
        else if (strcmp(name, "torn-page") != 0)
            check_crcs(chunk);
    }
    if (count != different)
        fail_msg("%s: %u chunks differ instead of %u", name, count, different);
}

static void test_damage(void **state)
{
    (void)state;
    static const char *const one_chunk_in_16[] = {
        "torn-page",        "bad-magic",     "zeroed-slot",  "name-link-cycle",
        "zero-size-record", "bad-checksums", "garbage-slot", "bad-token"};
    output whole = generate("sysmon", 4096 + 20 * 65536, 9, NULL);
    for (size_t i = 0; i < sizeof one_chunk_in_16 / sizeof one_chunk_in_16[0]; i++) {
        output out = generate("sysmon", 4096 + 20 * 65536, 9, one_chunk_in_16[i]);
        assert_int_equal(out.size, whole.size);
        check_damage(one_chunk_in_16[i], &whole, &out, 1);
        free(out.bytes);
    }
    output stale = generate("sysmon", 4096 + 20 * 65536, 9, "stale-header");
    check_damage("stale-header", &whole, &stale, 0);
    assert_int_equal(load_u32(stale.bytes + 120), 1);
    assert_int_equal(load_u16(stale.bytes + 42), 10);
    free(stale.bytes);
    output cut = generate("sysmon", 4096 + 20 * 65536, 9, "truncated");
    assert_true(cut.size > 4096 + 19 * 65536 && cut.size < whole.size);
    assert_memory_equal(cut.bytes, whole.bytes, cut.size);
    free(cut.bytes);
    free(whole.bytes);
}

static void test_wrapped(void **state)
{
    (void)state;
    output out = generate("security", 4096 + 9 * 65536, 2, "wrapped");
    uint64_t first = load_u64(out.bytes + 8), id = 0, time = 0;
    assert_true(first == 3 && load_u64(out.bytes + 16) == 2);
    for (unsigned i = 0; i < 9; i++) {
        const uint8_t *chunk = out.bytes + 4096 + (first + i) % 9 * 65536;
        id = i ? id : load_u64(chunk + 24);
        walk_chunk(chunk, &id);
        assert_true(load_u64(chunk + 512 + 16) > time);
        time = load_u64(chunk + load_u32(chunk + 44) + 16) - 10000000; // written a little late
    }
    assert_true(load_u64(out.bytes + 24) == id);
    free(out.bytes);
}

static void test_slack_records(void **state)
{
    (void)state;
    output out = generate("security", 4096 + 3 * 65536, 2, "slack-records");
    uint64_t id = load_u64(out.bytes + 4096 + 24);
    unsigned older = 0;
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *chunk = out.bytes + 4096 + i * 65536;
        walk_chunk(chunk, &id);
        uint32_t at = load_u32(chunk + 48);
        while (at + 28 <= 65536 && load_u32(chunk + at) == 0x2A2A) {
            assert_true(load_u64(chunk + at + 8) < load_u64(chunk + 24));
            walk w = {.chunk = chunk};
            walk_fragment(&w, at + 24, at + load_u32(chunk + at + 4), false);
            at += load_u32(chunk + at + 4);
            older++;
        }
    }
    assert_in_range(older, 5, 60);
    free(out.bytes);
}

static void test_generator_arguments(void **state)
{
    (void)state;
    output out = {.stop_at = 100000};
    evx_error error;
    generate_options options = {"nosuch", 1, 1, NULL};
    assert_int_equal(generate_log(&options, collect, &out, &error), EVX_ERR_ARGUMENT);
    assert_string_equal(error.cause[0],
                        "unknown profile \"nosuch\"; known: security, system, sysmon, "
                        "powershell, mixed");
    options.profile = "system";
    options.damage = "torn-page,tornpage";
    assert_int_equal(generate_log(&options, collect, &out, &error), EVX_ERR_ARGUMENT);
    assert_non_null(strstr(error.cause[0], "\"tornpage\"; known: torn-page, bad-magic"));
    assert_non_null(strstr(error.cause[0], ", bad-token"));
    assert_int_equal(out.size, 0);
    options.damage = NULL;
    options.size_bytes = 1000000;
    assert_int_equal(generate_log(&options, collect, &out, &error), EVX_ERR_SINK);
    assert_in_range(out.size, 100000, 200000);
    free(out.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_rich_log),
        cmocka_unit_test(test_bytes_of_a_record),
        cmocka_unit_test(test_guids_follow_the_content),
        cmocka_unit_test(test_largest_record),
        cmocka_unit_test(test_errors_are_sticky),
        cmocka_unit_test(test_broken_on_purpose),
        cmocka_unit_test(test_pokes_and_slots),
        cmocka_unit_test(test_slack_stands_alone),
        cmocka_unit_test(test_profiles_are_sound),
        cmocka_unit_test(test_same_options_same_bytes),
        cmocka_unit_test(test_sizes_are_whole_chunks),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_slack_records),
        cmocka_unit_test(test_generator_arguments),
    };
    return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
