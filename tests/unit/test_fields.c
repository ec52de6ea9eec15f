// SPDX-License-Identifier: MIT
// Guards the way from a path to a value: a field that is looked for in the wrong hole shows another field's
// values under its name.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decoder.h"
#include "encode/encode.h"
#include "fields/path.h"
#include "fields/template_path.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

// ------------------------------------------------------------------------------------------- paths

static struct path path_of(const char *text)
{
    struct path path;
    size_t offset = 0;
    if (!path_parse(&path, text, strlen(text), &offset))
        fail_msg("%s: byte %zu", text, offset);
    return path;
}

static void expect_text(const struct path *path, struct path_text text, const char *expected)
{
    const uint8_t *units = path_units(path, text);
    assert_int_equal(text.count, strlen(expected));
    for (size_t i = 0; i < text.count; i++)
        assert_int_equal(load_u16(units + 2 * i), (uint8_t)expected[i]);
}

static void test_paths_are_read(void **state)
{
    (void)state;
    struct path path = path_of("EventData/Data[@Name='Target \"x\"']/@Kind");
    assert_int_equal(path.step_count, 2);
    expect_text(&path, path.steps[0].name, "EventData");
    assert_false(path.steps[0].has_condition);
    expect_text(&path, path.steps[1].name, "Data");
    assert_true(path.steps[1].has_condition);
    expect_text(&path, path.steps[1].attribute, "Name");
    expect_text(&path, path.steps[1].value, "Target \"x\"");
    assert_true(path.has_attribute);
    expect_text(&path, path.attribute, "Kind");
    path = path_of("@xmlns");
    assert_int_equal(path.step_count, 0);
    assert_true(path.has_attribute);
    path = path_of("A[@b=\"it's\"]");
    expect_text(&path, path.steps[0].value, "it's");
    path = path_of("A[@b='']");
    assert_int_equal(path.steps[0].value.count, 0);
}

static void test_characters_become_units(void **state)
{
    (void)state;
    static const uint8_t units[] = {0xE4, 0x00, 0x3D, 0xD8, 0x00, 0xDE};
    struct path path = path_of("\xC3\xA4\xF0\x9F\x98\x80");
    assert_int_equal(path.steps[0].name.count, 3);
    assert_memory_equal(path_units(&path, path.steps[0].name), units, sizeof units);
}

static void test_bad_paths_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset; // of what does not fit
    } rows[] = {
        {"", 0}, {"/", 0}, {"/A", 0}, {"A/", 2}, {"A//B", 2}, {"A B", 1}, {"A/@", 3}, {"@a/B", 2}, {"A/@a/B", 4},
        {"A]", 1}, {"A[", 2}, {"A[B]", 2}, {"A[@]", 3}, {"A[@b]", 4}, {"A[@b=]", 5}, {"A[@b=c]", 5},
        {"A[@b='c]", 8}, {"A[@b='c'", 8}, {"A[@b='c\"]", 9}, {"A[@b='c']B", 9}, {"A[@b='c'][@d='e']", 9},
        {"A\x80", 1}, {"\xC3", 0}, {"A/\xED\xA0\x80", 2}, {"\xC0\x80", 0}, {"\xF4\x90\x80\x80", 0}, {"a=b", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct path path;
        size_t offset = 99;
        if (path_parse(&path, rows[i].text, strlen(rows[i].text), &offset) || offset != rows[i].offset)
            fail_msg("%s: %zu", rows[i].text, offset);
    }
    struct path path;
    size_t offset = 99;
    assert_false(path_parse(&path, "A\0B", 3, &offset));
    assert_int_equal(offset, 1);
}

static void test_long_paths_are_refused(void **state)
{
    (void)state;
    char text[2 * PATH_UNITS_MAX + 1];
    struct path path;
    size_t offset = 0;
    for (size_t i = 0; i <= PATH_STEPS_MAX; i++)
        memcpy(text + 2 * i, "A/", 2);
    assert_true(path_parse(&path, text, 2 * PATH_STEPS_MAX - 1, &offset));
    assert_false(path_parse(&path, text, 2 * PATH_STEPS_MAX + 1, &offset));
    assert_int_equal(offset, 2 * PATH_STEPS_MAX);
    memset(text, 'A', sizeof text);
    assert_true(path_parse(&path, text, PATH_UNITS_MAX, &offset));
    assert_false(path_parse(&path, text, PATH_UNITS_MAX + 1, &offset));
    assert_int_equal(offset, PATH_UNITS_MAX);
}

// --------------------------------------------------------------------------------------- templates

enum { PLACES_MAX = 4 };

// The template of the first record of a log.
struct desk {
    struct memory memory;
    struct store store;
    struct decoder decoder;
    struct chunk chunk;
    encode_builder *builder;
    const struct template *template;
    struct place places[PLACES_MAX];
};

// Ends the log, whose first record is an instance of the template.
static void desk_start(struct desk *desk, encode_template *t)
{
    size_t size;
    struct fragment fragment;
    encode_place place = ENCODE_EVENT(desk->builder, t, encode_null());
    const uint8_t *log = encode_finish(desk->builder, &size);
    if (!log)
        fail_msg("%s", encode_error(desk->builder));
    memory_init(&desk->memory, NULL);
    assert_true(store_init(&desk->store, &desk->memory));
    decoder_init(&desk->decoder, &desk->store);
    desk->chunk =
        (struct chunk){.data = log + FILE_HEADER_BLOCK_BYTES, .loaded = CHUNK_BYTES, .size = CHUNK_BYTES};
    chunk_parse_header(&desk->chunk);
    decoder_start_chunk(&desk->decoder, &desk->chunk);
    decoder_start_record(&desk->decoder, false);
    assert_true(decode_record(&desk->decoder, place.offset + RECORD_HEADER_BYTES, place.offset + place.size - 4,
                              &fragment));
    assert_int_equal(fragment.tape[0].kind, NODE_INSTANCE);
    desk->template = fragment.tape[0].instance->template;
}

static void desk_open(struct desk *desk, const char *structure)
{
    desk->builder = encode_create();
    desk_start(desk, encode_template_text(desk->builder, structure));
}

static void desk_close(struct desk *desk)
{
    decoder_destroy(&desk->decoder);
    store_destroy(&desk->store);
    encode_free(&desk->builder);
}

static unsigned find(struct desk *desk, const char *text)
{
    struct path path = path_of(text);
    memset(desk->places, 0xAA, sizeof desk->places);
    return template_path(desk->template, &path, desk->places, PLACES_MAX);
}

static unsigned find_rest(struct desk *desk, const char *text, uint32_t rest)
{
    struct path path = path_of(text);
    memset(desk->places, 0xAA, sizeof desk->places);
    return template_path_rest(desk->template, &path, rest, desk->places, PLACES_MAX);
}

static void append_nodes(const struct node *tape, uint32_t first, uint32_t end, char *out, size_t room)
{
    for (uint32_t i = first; i < end; i = tape[i].next) {
        size_t used = strlen(out);
        if (tape[i].kind == NODE_TEXT)
            for (uint32_t k = 0; k < tape[i].text.count && used + 1 < room; k++) {
                out[used++] = (char)tape[i].text.units[2 * k];
                out[used] = 0;
            }
        else if (tape[i].kind == NODE_ELEMENT)
            snprintf(out + used, room - used, "<%.*s>", (int)tape[i].element.name->xml_size,
                     (const char *)tape[i].element.name->xml);
        else if (tape[i].kind == NODE_HOLE)
            snprintf(out + used, room - used, "%%%u", tape[i].slot);
        else
            snprintf(out + used, room - used, "?");
    }
}

// "literal TEXT", "hole 3:06?", "nested 4:21 rest 1", "walk NODES rest 2", with " if 5" for dependencies,
// joined by "; ".
static const char *describe(const struct desk *desk, unsigned count)
{
    static const char *const kinds[] = {"literal", "hole", "nested", "walk"};
    static char out[400];
    out[0] = 0;
    for (unsigned i = 0; i < count && i < PLACES_MAX; i++) {
        const struct place *place = &desk->places[i];
        bool is_hole = place->kind == PLACE_HOLE || place->kind == PLACE_NESTED;
        size_t used = strlen(out);
        snprintf(out + used, sizeof out - used, "%s%s ", i ? "; " : "", kinds[place->kind]);
        used = strlen(out);
        if (is_hole)
            snprintf(out + used, sizeof out - used, "%u:%02X%s", place->slot, place->type,
                     place->is_optional ? "?" : "");
        else
            append_nodes(desk->template->tape, place->first, place->end, out, sizeof out);
        used = strlen(out);
        if (place->kind == PLACE_NESTED || place->kind == PLACE_WALK)
            snprintf(out + used, sizeof out - used, " rest %u", place->rest);
        for (unsigned k = 0; k < place->dependency_count; k++) {
            used = strlen(out);
            snprintf(out + used, sizeof out - used, " if %u", place->dependencies[k]);
        }
    }
    return out;
}

static const char security[] =
    "<Event xmlns='urn:e' Id='%20'><System><Provider Name='Prov' Guid='%14:guid'/><EventID Qualifiers=''>4624"
    "</EventID><Version>%11:u8</Version><Level>%?0:u8</Level><Empty/></System>%17:nested</Event>";

static const char data[] =
    "<EventData><Data Name='A'>%0</Data><Data Name='B'>%?1:u32</Data><Data Name='%2'>%3</Data><Data>%4</Data>"
    "<Data Name='A'>x</Data></EventData>";

// The value behind System may hold a System, too: it is looked for behind the one that is known.
static const struct {
    const char *structure, *path, *places;
} rows[] = {
    {security, "System/EventID", "literal 4624; nested 17:21 rest 0"},
    {security, "System/EventID/@Qualifiers", "literal ; nested 17:21 rest 0"},
    {security, "System/EventID/@qualifiers", "nested 17:21 rest 0"},
    {security, "System/Provider/@Name", "literal Prov; nested 17:21 rest 0"},
    {security, "System/Provider/@Guid", "hole 14:0F; nested 17:21 rest 0"},
    {security, "System/Provider", "literal ; nested 17:21 rest 0"},
    {security, "System/Empty", "literal ; nested 17:21 rest 0"},
    {security, "System/Version", "hole 11:04; nested 17:21 rest 0"},
    {security, "System/Level", "hole 0:04? if 0; nested 17:21 rest 0"},
    {security, "System", "walk <Provider><EventID><Version><Level><Empty> rest 1; nested 17:21 rest 0"},
    {security, "@xmlns", "literal urn:e"},
    {security, "@Id", "hole 20:01"},
    {security, "Event/System", "nested 17:21 rest 0"}, // the root element is no step
    {security, "EventData/Data", "nested 17:21 rest 0"},
    {security, "EventData/Data[@Name='A']", "nested 17:21 rest 0"},
    {security, "System/Version/Deeper", "nested 11:04 rest 2; nested 17:21 rest 0"}, // a record may break the declared type
    {security, "System/EventID/Deeper", "nested 17:21 rest 0"},
    {security, "System/Levels", "nested 17:21 rest 0"},
    {security, "System/Leve", "nested 17:21 rest 0"},
    // Below the root.
    {"<E><D><I Name='A'>%0</I><I Name='A'>x</I></D></E>", "D/I[@Name='A']", "hole 0:01; literal x"},
    {"<E><D><I>%0</I></D><D><I>%1</I></D></E>", "D/I", "hole 0:01; hole 1:01"},
    {"<E><D><I Name='%1'>%0</I></D></E>", "D/I[@Name='A']", "walk <I> rest 1"},
    {"<E><D><I Name='%1'>%0</I></D></E>", "D/I[@Other='A']", ""},
    {"<E><D><I Name='%1'>%0</I></D></E>", "D/I/@Name", "hole 1:01"},
    {"<E><D><I Name='A%1'>%0</I></D></E>", "D/I[@Name='A']", "walk <I> rest 1"},
    {"<E><D><I Name='B&amp;'>%0</I></D></E>", "D/I[@Name='B&']", "walk <I> rest 1"},
    {"<E><D><I Name='%1'><J>%0</J></I></D></E>", "D/I[@Name='A']/J", "walk <I> rest 1"},
    {"<E><I Name='AB'>%0</I></E>", "I[@Name='A']", ""},
    {"<E><I Name='A'>%0</I></E>", "I[@Name='AB']", ""},
    {"<E><I Name=''>%0</I></E>", "I[@Name='']", "hole 0:01"},
    {"<E><I>%0</I></E>", "I[@Name='']", ""},
    {"<E><I>a%0</I></E>", "I", "walk a%0 rest 1"},
    {"<E><I>%0%1</I></E>", "I", "walk %0%1 rest 1"},
    {"<E><I>%0<J/></I></E>", "I", "walk %0<J> rest 1"},
    {"<E><I>a<J>b</J></I></E>", "I/J", "literal b"},
    {"<E><I>%0<J>b</J></I></E>", "I/J", "nested 0:01 rest 1; literal b"},
    {"<E><I a='%0%1'/></E>", "I/@a", "walk %0%1 rest 1"},
    {"<E><I ~3><J ~4><K ~3>%0:nested</K></J></I></E>", "I/J/K", "hole 0:21 if 3 if 4"},
    {"<E><I ~3><J ~4>%0:nested</J></I></E>", "I/J/K", "nested 0:21 rest 2 if 3 if 4"},
    {"<E ~5><I>%0:null</I></E>", "I/J", "nested 0:00 rest 1"}, // roots stay
    {"<E><A><B><C>x</C></B></A><A><B/><B><C>%?1:u16[]</C></B></A></E>", "A/B/C", "literal x; hole 1:86? if 1"},
};

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct desk desk;
        desk_open(&desk, rows[i].structure);
        const char *places = describe(&desk, find(&desk, rows[i].path));
        if (strcmp(places, rows[i].places) != 0)
            fail_msg("%s in %s:\n  %s\nnot\n  %s", rows[i].path, rows[i].structure, places, rows[i].places);
        desk_close(&desk);
    }
}

static void test_the_rest_of_a_path(void **state)
{
    (void)state;
    struct desk desk;
    static const struct {
        const char *path;
        uint32_t rest;
        const char *places;
    } rests[] = {
        {"EventData/Data[@Name='B']", 0, "hole 1:08? if 1; walk <Data> rest 1"},
        {"EventData/Data[@Name='A']", 0, "hole 0:01; walk <Data> rest 1; literal x"},
        {"UserData/EventData/Data[@Name='A']", 1, "hole 0:01; walk <Data> rest 2; literal x"},
        {"UserData/Data", 0, ""},
        {"Data", 0, ""},
        {"EventData", 0, "walk <Data><Data><Data><Data><Data> rest 1"},
        {"EventData/@Name", 0, ""},
    };
    desk_open(&desk, data);
    for (size_t i = 0; i < COUNT(rests); i++)
        assert_string_equal(describe(&desk, find_rest(&desk, rests[i].path, rests[i].rest)), rests[i].places);
    desk_close(&desk);
}

// The value of a hole vanishes as a whole, not its root element.
static void test_roots_stay(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, "<E ~5><I ~6>%0</I></E>");
    assert_string_equal(describe(&desk, find_rest(&desk, "E/I", 0)), "hole 0:01 if 6");
    assert_string_equal(describe(&desk, find(&desk, "I")), "hole 0:01 if 6");
    desk_close(&desk);
}

// As many places as there is room for, and the number of all.
static void test_more_places_than_room(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, data);
    assert_int_equal(find_rest(&desk, "EventData/Data", 0), 5);
    assert_string_equal(describe(&desk, 4), "hole 0:01; hole 1:08? if 1; hole 3:01; hole 4:01");
    struct path path = path_of("EventData/Data");
    memset(desk.places, 0xAA, sizeof desk.places);
    assert_int_equal(template_path_rest(desk.template, &path, 0, desk.places, 1), 5);
    assert_int_equal(desk.places[0].slot, 0);
    assert_int_equal(desk.places[1].slot, 0xAAAA);
    assert_int_equal(template_path_rest(desk.template, &path, 0, NULL, 0), 5);
    desk_close(&desk);
}

// Elements in a value token stand in the template's place but not on its tape.
static void test_elements_in_a_token(void **state)
{
    (void)state;
    struct desk desk;
    encode_builder *b = desk.builder = encode_create();
    encode_node *root = encode_nodes_text(b, "<E><A></A></E>");
    encode_append(encode_find(b, root, "A"), encode_literal(b, encode_nested(encode_nodes_text(b, "<B>x</B>"))));
    desk_start(&desk, encode_template_of(b, root));
    assert_string_equal(describe(&desk, find(&desk, "A/B")), "walk ? rest 1");
    assert_string_equal(describe(&desk, find(&desk, "A")), "walk ? rest 1");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_are_read),
        cmocka_unit_test(test_characters_become_units),
        cmocka_unit_test(test_bad_paths_are_refused),
        cmocka_unit_test(test_long_paths_are_refused),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_the_rest_of_a_path),
        cmocka_unit_test(test_roots_stay),
        cmocka_unit_test(test_more_places_than_room),
        cmocka_unit_test(test_elements_in_a_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
