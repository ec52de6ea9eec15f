// SPDX-License-Identifier: MIT
// Guards against loss that is silent and against records that are made up: logs cut inside a chunk,
// records that are promised and not there, bytes behind an event, and structure that belongs to another
// record. A note costs nothing: no exit code, no record.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/load.h"
#include "render.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static evx_convert_options numbered(void)
{
    return (evx_convert_options){
        .size = sizeof(evx_convert_options), .format = EVX_FORMAT_JSON, .threads = 1, .recover = 1};
}

// A conversion that every kind of input and an error that stops must agree with.
static struct run convert(const void *bytes, size_t size)
{
    evx_convert_options options = numbered();
    struct run first = run_convert(bytes, size, RUN_MEMORY, &options);
    options.stop_after_error = first.reports.size == 0;
    for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
        struct run other = run_convert(bytes, size, input, &options);
        if (!run_equals(&first, &other))
            fail_msg("input %d differs", input);
        run_free(&other);
    }
    return first;
}

static void expect(const struct run *run, const char *ids, unsigned notes, const char *note)
{
    struct text shown = run_ids(run);
    if (strcmp(shown.bytes, ids) != 0 || run->note_count != notes ||
        (note && (!run->notes.bytes || !strstr(run->notes.bytes, note))))
        fail_msg("\"%s\", %u notes instead of \"%s\", %u with %s:\n%s%s", shown.bytes,
                 run->note_count, ids, notes, note ? note : "", run->notes.bytes ? run->notes.bytes : "",
                 run->reports.bytes ? run->reports.bytes : "");
    text_free(&shown);
}

static void expect_of_log(struct log *log, const char *ids, unsigned notes, const char *note)
{
    struct run run = convert(log->bytes, log->size);
    expect(&run, ids, notes, note);
    run_free(&run);
    log_free(log);
}

// At every byte: the records that are whole are shown, the size copy at their end apart.
static void test_logs_cut_in_a_chunk(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3");
    const uint32_t first = FILE_HEADER_BLOCK_BYTES;
    uint32_t end = log.places[2].offset + log.places[2].size;
    for (uint32_t left = 1; left < end + 20; left++) {
        char ids[16] = "", note[80];
        unsigned whole = 0;
        while (left >= CHUNK_HEADER_BYTES && whole < 3 &&
               log.places[whole].offset + log.places[whole].size - 4 <= left)
            whole++;
        for (unsigned i = 1; i <= whole; i++)
            snprintf(ids + strlen(ids), sizeof ids - strlen(ids), i > 1 ? " %u" : "%u", i);
        snprintf(note, sizeof note, "the input ends within chunk 0: %u of its 65536 bytes", left);
        struct run run = convert(log.bytes, first + left);
        bool is_missing = left >= CHUNK_HEADER_BYTES && whole < 3;
        expect(&run, ids, 1 + is_missing, note);
        assert_int_equal(run.result.errors, run.note_count);
        assert_int_equal(run.status, EVX_OK);
        run_free(&run);
    }
    log_free(&log);
}

// A damaged size that passes the cut hides no record in front of it.
static void test_sizes_that_pass_the_cut(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 4");
    uint32_t end = log.places[3].offset + log.places[3].size;
    log_put(log_chunk(&log, 0) + log.places[1].offset + RECORD_SIZE_OFFSET, 4, 60000);
    log.size = FILE_HEADER_BLOCK_BYTES + end;
    struct run run = convert(log.bytes, log.size);
    expect(&run, "1 3 4", 2, "the header of chunk 0 promises 4 records, and 3 are there");
    assert_non_null(strstr(run.reports.bytes, "record BinXML slice is out of bounds"));
    run_free(&run);
    log_free(&log);
}

// What a chunk may show does not depend on the chunks in front of it: names that are charged once per
// chunk are charged again neither by their use nor by a record that is taken back.
static void test_charges_of_a_cut_chunk(void **state)
{
    (void)state;
    static char name[10001], text[600000];
    memset(name, 'n', sizeof name - 1);
    size_t length = (size_t)snprintf(text, sizeof text, "<E><%s>%%0</%s>", name, name);
    for (int i = 0; i < 50; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "<%s/>", name);
    snprintf(text + length, sizeof text - length, "</E>");
    for (unsigned first = 0; first < 2; first++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, text);
        encode_place last = {0};
        if (first) {
            ENCODE_EVENT(b, t, encode_string(b, "first"));
            encode_close_chunk(b);
        }
        for (int i = 0; i < 12; i++) {
            ENCODE_EVENT(b, t, encode_string(b, "value"));
            last = encode_add_fragment(b, encode_nodes_text(b, "%{01 08000000 00F00000 03}"));
        }
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        size = FILE_HEADER_BLOCK_BYTES + first * CHUNK_BYTES + last.offset + last.size;
        evx_convert_options options = {
            .size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1, .recover = 1};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        assert_int_equal(run.result.records, 12 + first);
        assert_int_equal(run.note_count, 13);
        assert_null(run.reports.bytes);
        run_free(&run);
        encode_free(&b);
    }
}

// Room that was reserved and never used is no loss.
static void test_zeros_behind_the_last_chunk(void **state)
{
    (void)state;
    struct log log = log_make("1 2|z");
    log.size -= 100;
    expect_of_log(&log, "1 2", 0, NULL);
}

// A record whose name stands behind the cut: nothing is made of bytes that are not there, and nothing of
// it is kept for the records behind.
static void test_names_behind_the_cut(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    const encode_place first =
        encode_add_fragment(b, encode_nodes_text(b, "%{01 08000000 00000000 03}"));
    const encode_place second = encode_add_fragment(b, encode_nodes_text(b, "<Fine></Fine>"));
    const encode_place late = encode_add_fragment(b, encode_nodes_text(b, "<Late></Late>"));
    size_t size;
    uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    enum { NAME_IN_RECORD = RECORD_HEADER_BYTES + 4 + 5 }; // behind fragment header, token and size
    uint8_t *chunk = bytes + FILE_HEADER_BLOCK_BYTES;
    store_u32(chunk + first.offset + NAME_IN_RECORD, late.offset + NAME_IN_RECORD + 4);
    struct run run = convert(bytes, size);
    expect(&run, "1 2 3", 0, NULL);
    assert_non_null(strstr(run.out.bytes, "Record 1\n{\"Late\":null}"));
    run_free(&run);
    run = convert(bytes, FILE_HEADER_BLOCK_BYTES + second.offset + second.size);
    expect(&run, "2", 3, "record number 1 of chunk 0 is not shown: it needs bytes behind the end");
    run_free(&run);
    encode_free(&b);
}

static void test_promises(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 4 5 6");
    uint32_t stop = log.places[3].offset, end = log.places[5].offset + log.places[5].size;
    char note[160];
    memset(log_chunk(&log, 0) + stop, 0, end - stop);
    snprintf(note, sizeof note,
             "the header of chunk 0 promises 6 records, and 3 are there, up to file offset 0x%x (%u "
             "used bytes behind it were not read as records)",
             FILE_HEADER_BLOCK_BYTES + stop, end - stop);
    expect_of_log(&log, "1 2 3", 1, note);
    log = log_make("1|2|3");
    log_put(log.bytes + FILE_CHUNK_COUNT_OFFSET, 2, 4);
    expect_of_log(&log, "1 2 3", 1, "the file header promises 4 chunks, and there are 3");
}

// A record that says it is larger than it is hides the next one.
static void test_bytes_behind_an_event(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3");
    uint8_t *record = log_record(&log, 0);
    char note[100];
    uint32_t size = log.places[0].size + log.places[1].size;
    log_put(record + RECORD_SIZE_OFFSET, 4, size);
    snprintf(note, sizeof note, "record number 1 of chunk 0 has ");
    expect_of_log(&log, "1 3", 2, note);
    // Up to seven bytes are padding.
    for (uint32_t more = 0; more <= 12; more++) {
        encode_builder *b = encode_create();
        const encode_record padded = {
            .fragment = encode_nodes_text(b, "<E>abc</E>"), .tail = "XXXXXXXXXXXX", .tail_size = more};
        encode_place place = encode_add(b, &padded);
        size_t log_size;
        const uint8_t *bytes = encode_finish(b, &log_size);
        assert_non_null(bytes);
        encode_builder *plain = encode_create();
        uint32_t used = encode_add_fragment(plain, encode_nodes_text(plain, "<E>abc</E>")).size;
        encode_free(&plain);
        struct run run = convert(bytes, log_size);
        expect(&run, "1", place.size > used + (more > 7 ? 0 : 7), NULL);
        run_free(&run);
        encode_free(&b);
    }
}

enum { ID_IN_RECORD = RECORD_HEADER_BYTES + 4 + 2 }; // behind fragment header, token and a byte

// An instance names another template than the one that stands at its offset.
static void test_foreign_templates(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3");
    log_put(log_record(&log, 1) + ID_IN_RECORD, 4, 0xABCDEF01);
    expect_of_log(&log, "1 3", 1,
                  "record number 2 of chunk 0 is not shown: it was written with template 0xabcdef01, and "
                  "the one at file offset 0x");
    log = log_make("1 2 / 3 4");
    log_put(log_record(&log, 2) + ID_IN_RECORD, 4, 0xABCDEF01);
    const evx_id_range others = {4, 9}; // what is not asked for is not told of
    evx_convert_options options = numbered();
    options.ids = &others;
    options.id_count = 1;
    struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    expect(&run, "4r", 0, NULL);
    run_free(&run);
    expect_of_log(&log, "1 2 4r", 1, "old record number 3 of chunk 0 is not shown: it was written with");
}

// The rest of a live record is shown.
static void test_foreign_templates_inside(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *outer = encode_template_text(b, "<E><S>%0</S>%1:nested</E>");
    encode_template *inner = encode_template_text(b, "<In>%0</In>");
    encode_place place = {0};
    for (int i = 0; i < 2; i++) {
        const encode_value values[] = {encode_string(b, "s"),
                                       ENCODE_NESTED_INSTANCE(b, inner, encode_string(b, "i"))};
        place = encode_add_event(b, outer, values, 2);
    }
    size_t size;
    uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    uint8_t *record = bytes + FILE_HEADER_BLOCK_BYTES + place.offset;
    static const uint8_t head[] = {0x0F, 0x01, 0x01, 0x00, 0x0C, 0x01};
    uint8_t *nested = memmem(record + ID_IN_RECORD, place.size - ID_IN_RECORD, head, sizeof head);
    assert_non_null(nested);
    nested[sizeof head] ^= 0xFF;
    struct run run = convert(bytes, size);
    expect(&run, "1 2", 0, NULL);
    assert_int_equal(run.result.errors, 1);
    assert_non_null(strstr(run.reports.bytes, "elements that were written with another template"));
    assert_non_null(strstr(run.out.bytes, "Record 1\n{\"E\":{\"S\":\"s\",\"In\":\"i\"}}"));
    assert_non_null(strstr(run.out.bytes, "Record 2\n{\"E\":{\"#text\":\"0F0101000C01"));
    run_free(&run);
    encode_free(&b);
}

// A name with another hash than its own: live records are shown all the same, old ones whose structure
// uses it are not.
static void test_names_of_old_records(void **state)
{
    (void)state;
    static const struct {
        const char *counted; // as a name record has it, behind the hash
        size_t size;
    } names[] = {{"\5\0E\0v\0e\0n\0t\0\0", 14}, {"\1\0V\0\0", 6}};
    for (size_t i = 0; i < 2 * COUNT(names); i++) {
        bool old = i % 2;
        struct log log = log_make("1 / 2 3");
        uint8_t *name = memmem(log_record(&log, old), log.places[old].size, names[i / 2].counted,
                               names[i / 2].size);
        assert_non_null(name);
        name[-2] ^= 0x40;
        char note[100];
        snprintf(note, sizeof note,
                 "old record number 3 of chunk 0 is not shown: the name at file offset 0x%x has the hash 0x",
                 (unsigned)(name - NAME_COUNT_OFFSET - log.bytes));
        expect_of_log(&log, old ? "1" : "1 2r 3r", old ? 2 : 0, old ? note : NULL);
    }
}

static void expect_values(const char *structure, const encode_value *values, unsigned count,
                          encode_builder *b, bool old, const char *json, unsigned reports)
{
    encode_template *t = encode_template_text(b, structure);
    encode_add_event(b, t, values, count);
    if (old)
        encode_begin_slack(b);
    encode_add_event(b, t, values, count);
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    struct run run = convert(bytes, size);
    assert_int_equal(run.result.errors - run.note_count, reports);
    assert_int_equal(run.note_count, old);
    assert_non_null(strstr(run.out.bytes, json));
    if (old)
        assert_non_null(strstr(run.notes.bytes, "old record number 2 of chunk 0 is not shown: its "
                                                "value of type 0x01 and size 3 at file offset 0x"));
    assert_int_equal(run.result.records, old ? 1 : 2);
    run_free(&run);
    encode_free(&b);
}

// What is damage in a live record is doubt about an old one.
static void test_damaged_values_of_old_records(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        encode_builder *b = encode_create();
        const encode_value values[] = {encode_bytes(b, ENCODE_STRING, "abc", 3)};
        expect_values("<E><V>%0</V></E>", values, 1, b, old, "{\"E\":{\"V\":\"616263\"}}", old ? 1 : 2);
    }
}

static void test_all_damaged_values_are_told(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_value values[RECORD_NOTES_MAX + 2];
    for (unsigned i = 0; i < COUNT(values); i++)
        values[i] = encode_bytes(b, ENCODE_U32, "ab", 2);
    expect_values("<E><A>%0</A><B>%2</B><C>%1</C></E>", values, 3, b, false,
                  "{\"E\":{\"A\":\"6162\",\"B\":\"6162\",\"C\":\"6162\"}}", 6);
    b = encode_create();
    for (unsigned i = 0; i < COUNT(values); i++)
        values[i] = encode_bytes(b, ENCODE_U32, "ab", 2);
    expect_values("<E>%0%1%2%3%4%5%6%7%8%9</E>", values, COUNT(values), b, false, "6162",
                  2 * (RECORD_NOTES_MAX + 1));
}

static struct run run_built(encode_builder *b, bool recover)
{
    evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1,
                                   .recover = recover};
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    return run_convert(bytes, size, RUN_MEMORY, &options);
}

// That there are more damaged values is said of the record that has them, and of no other.
static void test_more_values_are_those_of_one_record(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0%1%2%3%4%5%6%7%8%9</E>");
    encode_value bad[RECORD_NOTES_MAX + 2], good[RECORD_NOTES_MAX + 2];
    for (unsigned i = 0; i < COUNT(bad); i++) {
        bad[i] = encode_bytes(b, ENCODE_U32, "xy", 2);
        good[i] = encode_u32(i);
    }
    encode_add_event(b, t, bad, COUNT(bad));
    const encode_record tailed = {
        .fragment = encode_append(encode_fragment(b), encode_instance(b, t, good, COUNT(good))),
        .tail = "XXXXXXXXXXXXXXXXXXXX", .tail_size = 20};
    encode_add(b, &tailed);
    struct run run = run_built(b, false);
    assert_int_equal(run.result.errors - run.note_count, RECORD_NOTES_MAX + 1);
    assert_int_equal(run.note_count, 1);
    run_free(&run);
    encode_free(&b);
}

// A record of which a part is refused is read in another way; what is hidden behind it is told.
static void test_bytes_behind_a_damaged_event(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *outer = encode_template_text(b, "<E>%0:nested</E>");
    encode_template *inner = encode_template_text(b, "<In>%0</In>");
    encode_node *fragment = encode_fragment(b);
    encode_node *instance = encode_instance(b, inner, ENCODE_VALUES(encode_string(b, "i")), 1);
    instance->template_id = 0x12345678;
    encode_append(fragment, instance);
    const encode_record hiding = {
        .fragment = encode_append(encode_fragment(b), ENCODE_INSTANCE(b, outer, encode_nested(fragment))),
        .tail = "HIDDENHIDDENHIDDEN", .tail_size = 18};
    encode_add(b, &hiding);
    struct run run = run_built(b, false);
    assert_int_equal(run.result.records, 1);
    assert_non_null(strstr(run.notes.bytes, "bytes behind its event"));
    run_free(&run);
    encode_free(&b);
}

// An old record that is the first to use a definition, in which a name has another hash than is stored
// with it: it is not shown, and costs the live ones behind it nothing, whatever the store has.
static void test_names_of_old_records_cost_no_live_ones(void **state)
{
    (void)state;
    static const char name[] = "Z\0e\0d\0x\0";
    for (unsigned first = 0; first < 2; first++) {
        encode_builder *b = encode_create();
        encode_template *plain = encode_template_text(b, "<E><a>%0</a></E>");
        encode_template *named = encode_template_text(b, "<Event><Zedx>%0</Zedx></Event>");
        encode_place places[3];
        if (first) {
            ENCODE_EVENT(b, named, encode_string(b, "first"));
            encode_close_chunk(b);
        }
        places[0] = ENCODE_EVENT(b, plain, encode_string(b, "one"));
        places[1] = ENCODE_EVENT(b, plain, encode_string(b, "two"));
        places[2] = ENCODE_EVENT(b, named, encode_string(b, "old"));
        ENCODE_EVENT(b, named, encode_string(b, "live"));
        size_t size;
        uint8_t *bytes = (uint8_t *)encode_finish(b, &size), *found = bytes;
        assert_non_null(bytes);
        while ((found = memmem(found, size - (size_t)(found - bytes), name, 8)) != NULL) {
            found[-4] ^= 0x55;
            found += 8;
        }
        uint8_t *chunk = bytes + FILE_HEADER_BLOCK_BYTES + first * CHUNK_BYTES;
        chunk[places[1].offset] = 0x77; // no magic: what is behind it is looked for, and old
        log_put(chunk + places[2].offset + RECORD_ID_OFFSET, 8, 100000);
        evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL,
                                       .threads = 1, .recover = 1};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        assert_non_null(strstr(run.out.bytes, "{\"Event\":{\"Zedx\":\"live\"}}"));
        assert_null(strstr(run.out.bytes, "\"old\""));
        run_free(&run);
        encode_free(&b);
    }
}

// The descriptor of a SID says too little, and its own size leads to the end of the values.
static void test_natural_sizes_of_sids(void **state)
{
    (void)state;
    for (int nested = 0; nested < 2; nested++) {
        encode_builder *b = encode_create();
        const encode_value values[] = {encode_with_size(encode_sid(b, "S-1-5-21-1-2"), 12),
                                       encode_string(b, "next"), encode_u32(9)};
        encode_template *t = encode_template_text(b, "<E><X>%0</X><Y>%1</Y><Z>%2</Z></E>");
        encode_template *outer = encode_template_text(b, "<O>%0:nested</O>");
        encode_node *instance = encode_instance(b, t, values, 3);
        for (int i = 0; i < 2; i++) {
            encode_node *fragment = encode_append(encode_fragment(b), instance);
            if (nested)
                ENCODE_EVENT(b, outer, encode_nested(fragment));
            else
                encode_add_fragment(b, fragment);
        }
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        struct run run = convert(bytes, size);
        const char *shown = strstr(run.out.bytes, "{\"X\":\"S-1-5-21-1-2\",\"Y\":\"next\",\"Z\":9}");
        assert_non_null(shown);
        assert_non_null(strstr(shown + 1, "{\"X\":\"S-1-5-21-1-2\",\"Y\":\"next\",\"Z\":9}"));
        assert_int_equal(run.result.errors, 2);
        assert_non_null(strstr(run.reports.bytes, "value of type 0x13 and size 12 at offset"));
        run_free(&run);
        encode_free(&b);
    }
}

// Where the descriptors could lead to the end as well, because the last value is 0 and looks like the
// padding of a record, the natural size is still the SID's.
static void test_natural_sizes_in_front_of_zeros(void **state)
{
    (void)state;
    static const char *const names[] = {"n", "ne", "nex", "next"};
    for (unsigned i = 0; i < 8; i++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<E><X>%0</X><Y>%1</Y><Z>%2</Z></E>");
        for (int twice = 0; twice < 2; twice++)
            ENCODE_EVENT(b, t, encode_with_size(encode_sid(b, "S-1-5-21-2"), 12),
                         encode_string(b, names[i / 2]), encode_u32(i % 2 ? 0 : 9));
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        struct run run = convert(bytes, size);
        char expected[80];
        snprintf(expected, sizeof expected, "{\"X\":\"S-1-5-21-2\",\"Y\":\"%s\",\"Z\":%d}",
                 names[i / 2], i % 2 ? 0 : 9);
        const char *shown = strstr(run.out.bytes, expected);
        if (!shown || !strstr(shown + 1, expected))
            fail_msg("no %s twice in %s", expected, run.out.bytes);
        assert_int_equal(run.result.errors, 2);
        run_free(&run);
        encode_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logs_cut_in_a_chunk),
        cmocka_unit_test(test_sizes_that_pass_the_cut),
        cmocka_unit_test(test_charges_of_a_cut_chunk),
        cmocka_unit_test(test_zeros_behind_the_last_chunk),
        cmocka_unit_test(test_names_behind_the_cut),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_bytes_behind_an_event),
        cmocka_unit_test(test_foreign_templates),
        cmocka_unit_test(test_foreign_templates_inside),
        cmocka_unit_test(test_names_of_old_records),
        cmocka_unit_test(test_damaged_values_of_old_records),
        cmocka_unit_test(test_all_damaged_values_are_told),
        cmocka_unit_test(test_more_values_are_those_of_one_record),
        cmocka_unit_test(test_bytes_behind_a_damaged_event),
        cmocka_unit_test(test_names_of_old_records_cost_no_live_ones),
        cmocka_unit_test(test_natural_sizes_of_sids),
        cmocka_unit_test(test_natural_sizes_in_front_of_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
