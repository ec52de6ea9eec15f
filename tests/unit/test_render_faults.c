// SPDX-License-Identifier: MIT
// Guards the words in which a lost record is reported, which are the reference's, and that nothing
// of it is printed.
#include "base/load.h"
#include "render.h"

#define LOST(structure, values, fault)                                                             \
    {                                                                                              \
        structure, values, "!" fault, "!" fault, "!" fault, NULL                                   \
    }
#define MODEL(structure, values, fault)                                                            \
    LOST(structure, values, "Failed to create record model, reason: " fault)
// A start tag that stays open. Its name is the empty one at offset 8, in every chunk's header.
#define START  "%{01 08000000 08000000}"
#define STREAM "An error occurred while trying to deserialize evtx stream. / "

static void test_order_of_tokens(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        MODEL("<E>%{02}</E>", NULL, "close start - Bad parser state"),
        MODEL("<E>%{03}</E>", NULL, "close empty - Bad parser state"),
        MODEL("<E>t</E>%{04}", NULL, "close element - Bad parser state"),
        MODEL("%{04}", NULL, "close element - Bad parser state"),
        MODEL("<E/>t", NULL, "value outside of element"),
        MODEL("t", NULL, "value outside of element"),
        MODEL("<![CDATA[t]]>", NULL, "value outside of element"),
        MODEL("&#65;", NULL, "value outside of element"),
        MODEL("&lt;", NULL, "value outside of element"),
        MODEL(START "%{05 01 0000}", NULL, "unfinished element start"),
        MODEL(START "%{08 4100}", NULL, "unfinished element start"),
        MODEL(START, NULL, "unfinished element start"),
        MODEL(START START, NULL, "open start - Bad parser state"),
        MODEL("<E>" START "</E>", NULL, "unfinished element start"),
        MODEL("%{06 08000000}", NULL, "attribute - Bad parser state"),
        MODEL("<E>%{06 08000000}</E>", NULL, "attribute - Bad parser state"),
        MODEL(START "%{06 08000000 05 21 0000}", NULL, "nested BinXML inside attribute value"),
        MODEL("<E>%{00}</E>", NULL, "unbalanced element stack"),
        MODEL("<E>%0</E>", NULL, "substitution outside template definition"),
        MODEL("<E a='%{05 21 0400 0f010100}'/>", NULL, "nested BinXML inside attribute value"),
        {"<E>%{0b 0100 6400}</E>", NULL, "{\"E\":null}", "!PIData without PITarget", "{\"E\":null}",
         NULL},
    };
    SHOW_ROWS(rows);
}

static void test_definitions(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        MODEL("", "u:1", "missing root element"),
        MODEL("<A/><B/>", "u:1", "multiple root elements"),
        MODEL("<A>%{0c 01 00000000 00020000 00000000}</A>", "u:1",
              "template instance inside template definition"),
        LOST("<A>%{77}</A>", "u:1", STREAM "Offset 0x"),
        LOST("<A>%{0d 0000 22}</A>", "u:1", STREAM "Offset 0x"),
    };
    SHOW_ROWS(rows);
}

static void test_unreadable_bytes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        LOST("<E>%{77}</E>", NULL, "Tried to read an invalid byte `0x77` as binxml token"),
        LOST("<E>%{10}</E>", NULL, "Tried to read an invalid byte `0x10` as binxml token"),
        LOST("<E>%{4d}</E>", NULL, "Tried to read an invalid byte `0x4d` as binxml token"),
        LOST("<E>%{05 16}</E>", NULL,
             "Tried to read an invalid byte `0x16` as binxml value variant"),
        LOST("<E>%{05 a1}</E>", NULL,
             "Tried to read an invalid byte `0xa1` as binxml value variant"),
        LOST("<E>%{05 02 0000}</E>", NULL,
             "Value variant `AnsiString` (size None) is unimplemented"),
        LOST("<E>%{05 0e 0000}</E>", NULL,
             "Value variant `BinaryType` (size None) is unimplemented"),
        LOST("<E>%{05 10 0000}</E>", NULL, "Value variant `SizeT` (size None) is unimplemented"),
        LOST("<E>%{05 20 0000}</E>", NULL,
             "Value variant `EvtHandle` (size None) is unimplemented"),
        LOST("<E>%{05 23 0000}</E>", NULL,
             "Value variant `EvtXmlType` (size None) is unimplemented"),
        LOST("<E>%{09 ffffffff}</E>", NULL, "string table offset overflow"),
        LOST("<E>%{09 00000200}</E>", NULL,
             "cursor.position at offset 131078 is past the end of the data (65536 bytes)"),
        {"<E a='%0%{0a 00020000}'/>", "u:1", "{\"E\":{\"#attributes\":{\"a\":\"1\"}}}",
         "!Unimplemented: processing instruction in attribute value", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

// A record with several faults: the reference reads the types of an instance, its values, its
// definition, and then the elements in its values.
static void test_first_of_several_faults(void **state)
{
    (void)state;
#define BAD_DEFINITION "<E>%0%1%{77}</E>"
#define BAD_TYPE       "binxml value variant"
#define BAD_STRING     "sized utf-16 string at offset"
#define BAD_TOKEN      "invalid byte `0x77` as binxml token"
    static const struct shown rows[] = {
        LOST(BAD_DEFINITION, "01:610062|22:00", BAD_TYPE),
        LOST(BAD_DEFINITION, "01:610062|s:t", BAD_STRING),
        LOST(BAD_DEFINITION, "20:00|01:610062", "`EvtHandle` (size Some(1)) is unimplemented"),
        LOST(BAD_DEFINITION, "86:000000|s:t", "u16_array: misaligned sized array"),
        LOST(BAD_DEFINITION, "21:78|s:t", BAD_TOKEN),
        LOST("<E>%0%1</E>", "21:78|01:610062", BAD_STRING),
        LOST("<E>%0%1</E>", "21:78|21:77", "invalid byte `0x78` as binxml token"),
        // Of an instance where none may be it reads no more than the values.
        LOST("<E>%{0c 01 00000000 ffffff00 01000000 00002200}</E>", "s:t", BAD_TYPE),
        LOST("<E>%{0c 01 00000000 ffffff00 01000000 01000100}</E>", "s:t", BAD_STRING),
        LOST("<E>%{0c 01 00000000 ffffff00 01000000 00000000}</E>", "s:t",
             "template instance inside template definition"),
        // What nothing shows is read by the reference, too, once the record is lost.
        LOST("<E>%1</E>", "10:0102|21:77", "`SizeT` (size Some(2)) is unimplemented"),
        LOST("<E>%0</E>", "21:0c0100000000ffff000000000000|20:00",
             "`EvtHandle` (size Some(1)) is unimplemented"),
        LOST("<E>%0</E>", "21:0c0100000000ffff000000000000|s:t", "next_template_offset at offset"),
    };
    SHOW_ROWS(rows);
}

// Faults with their places: one record, which begins at 512, so its stream at 536.
static void expect_report(encode_builder *b, const char *expected)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_int_equal(run.out.size, 0);
    assert_string_equal(run.reports.bytes, expected);
    run_free(&run);
    encode_free(&b);
}

static void expect_raw_report(const char *stream, const char *expected)
{
    encode_builder *b = encode_create();
    encode_node *nodes = encode_nodes_text(b, stream);
    nodes->has_header = nodes->has_eof = false;
    encode_add_fragment(b, nodes);
    expect_report(b, expected);
}

#define RECORD_1 "Failed to parse record number 1 / "

static void test_places_of_faults(void **state)
{
    (void)state;
    // Offsets of bytes that cannot be read are those behind them; of values, where they begin.
    expect_raw_report("%{77}", RECORD_1 STREAM
                      "Offset 0x00000219: Tried to read an invalid byte `0x77` as binxml token\n");
    expect_raw_report(
        "%{01 08000000 ffff0000}", RECORD_1 STREAM
        "cursor.position at offset 65541 is past the end of the data (65536 bytes)\n");
    expect_raw_report("%{01 08000000 faff0000}", RECORD_1 STREAM
                      "buffer too small for name at offset 65536 (need 2 bytes, have 0)\n");
    expect_raw_report(
        "%{0c 01 01000000 00000100 00000000}", RECORD_1 STREAM
        "buffer too small for next_template_offset at offset 65536 (need 4 bytes, have "
        "0)\n");
}

// A stream that ends with the chunk: what each token asks for where nothing is left.
static void expect_cut(const char *bytes, const char *fault)
{
    encode_builder *b = encode_create();
    encode_node *nodes = encode_nodes_text(b, bytes);
    nodes->has_header = nodes->has_eof = false;
    uint32_t stream = 0;
    for (const encode_node *node = nodes->first_child; node; node = node->next)
        stream += (uint32_t)node->byte_count;
    uint32_t record_size =
        RECORD_HEADER_BYTES + stream + 4; // of which the last 4 lie behind the chunk
    // A record in front fills the chunk up to there.
    uint32_t filler = CHUNK_BYTES - CHUNK_HEADER_BYTES - (record_size - 4);
    uint8_t *raw = encode_allocate(b, filler + record_size);
    store_u32(raw, 0x2A2A);
    store_u32(raw + 4, filler);
    store_u64(raw + 8, 1);
    store_u32(raw + filler - 4, filler);
    uint8_t *last = raw + filler;
    store_u32(last, 0x2A2A);
    store_u32(last + 4, record_size);
    store_u64(last + 8, 2);
    uint32_t used = RECORD_HEADER_BYTES;
    for (const encode_node *node = nodes->first_child; node; node = node->next) {
        memcpy(last + used, node->bytes, node->byte_count);
        used += (uint32_t)node->byte_count;
    }
    const encode_record record = {.raw = raw, .raw_size = filler + record_size - 4, .id = 1};
    encode_add(b, &record);
    encode_poke_chunk(b, 32, 8, 2); // last id
    encode_poke_chunk(b, 48, 4, CHUNK_BYTES);
    size_t size;
    const uint8_t *log = encode_finish(b, &size);
    if (!log)
        fail_msg("%s: %s", bytes, encode_error(b));
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(log, size, RUN_MEMORY, &options);
    char expected[256];
    snprintf(expected, sizeof expected,
             "Failed to parse record number 2 / " STREAM "buffer too small for %s\n", fault);
    assert_string_equal(run.out.bytes, "{\"Event\":null}\n");
    assert_string_equal(run.reports.bytes, expected);
    assert_int_equal(run.note_count, 1); // of the bytes behind the first record's event
    run_free(&run);
    encode_free(&b);
}

static void test_tokens_cut_at_the_end_of_the_chunk(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *fault;
    } rows[] = {
        {"%{0f}", "fragment_header_major_version at offset 65536 (need 1 bytes, have 0)"},
        {"%{0f 01}", "fragment_header_minor_version at offset 65536 (need 1 bytes, have 0)"},
        {"%{0f 01 01}", "fragment_header_flags at offset 65536 (need 1 bytes, have 0)"},
        {"%{01 05}", "open_start_element_data_size at offset 65535 (need 4 bytes, have 1)"},
        {"%{01 05000000 0002}", "name_offset at offset 65534 (need 4 bytes, have 2)"},
        {"%{41 05000000 00020000 00}",
         "open_start_element_attribute_list_data_size at offset 65535 (need 4 bytes, have 1)"},
        {"%{05}", "u8 at offset 65536 (need 1 bytes, have 0)"},
        {"%{05 01 05}", "<string_value> at offset 65535 (need 2 bytes, have 1)"},
        {"%{05 01 0500 6100}", "<string_value> at offset 65534 (need 10 bytes, have 2)"},
        {"%{05 21 05}", "binxml_payload_len at offset 65535 (need 2 bytes, have 1)"},
        {"%{05 08 05}", "u32 at offset 65535 (need 4 bytes, have 1)"},
        {"%{05 0f 05}", "guid at offset 65535 (need 16 bytes, have 1)"},
        {"%{05 13 05}", "sid at offset 65535 (need 8 bytes, have 1)"},
        {"%{07 05}", "cdata at offset 65535 (need 2 bytes, have 1)"},
        {"%{08 05}", "char_ref at offset 65535 (need 2 bytes, have 1)"},
        {"%{09 05}", "name_offset at offset 65535 (need 4 bytes, have 1)"},
        {"%{0b 05}", "pi_data at offset 65535 (need 2 bytes, have 1)"},
        {"%{0c}", "u8 at offset 65536 (need 1 bytes, have 0)"},
        {"%{0c 01 00}", "u32 at offset 65535 (need 4 bytes, have 1)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_cut(rows[i].bytes, rows[i].fault);
}

// Elements in one another, closed; the innermost by 03 when it is a leaf.
static char *nested_text(unsigned levels, bool leaf)
{
    char *text = malloc(8 * levels + 8);
    char *p = text;
    assert_non_null(text);
    for (unsigned i = 0; i + leaf < levels; i++)
        p += snprintf(p, 4, "<L>");
    if (leaf)
        p += snprintf(p, 5, "<L/>");
    for (unsigned i = 0; i + leaf < levels; i++)
        p += snprintf(p, 5, "</L>");
    return text;
}

static void test_open_elements_are_limited(void **state)
{
    (void)state;
    for (int definition = 0; definition < 2; definition++) {
        for (unsigned levels = 512; levels <= 514; levels++) {
            for (int leaf = 0; leaf < 2; leaf++) {
                char *text = nested_text(levels, leaf);
                struct shown row = {.structure = text, .values = definition ? "u:1" : NULL};
                bool fine = levels - (unsigned)leaf <= 512;
                row.xml = fine ? NULL : "!BinXML elements nested too deeply";
                show_rows(&row, 1);
                free(text);
            }
        }
    }
}

// A record and `levels` fragments in one another below it.
static struct run run_nested_fragments(unsigned levels)
{
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<W>%0:nested</W>");
    encode_value value = encode_string(b, "x");
    for (unsigned i = 0; i < levels; i++)
        value = ENCODE_NESTED_INSTANCE(b, t, value);
    ENCODE_EVENT(b, t, value);
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    encode_free(&b);
    return run;
}

static void test_nested_fragments_are_limited(void **state)
{
    (void)state;
    struct run run = run_nested_fragments(64);
    assert_int_equal(run.result.records, 1);
    run_free(&run);
    run = run_nested_fragments(65);
    assert_int_equal(run.result.records, 0);
    assert_string_equal(run.reports.bytes, RECORD_1 "Failed to create record model, reason: "
                                                    "BinXML fragments nested too deeply\n");
    run_free(&run);
}

// `literal` bytes of text and `count` times one string of `size` characters, as one JSON string.
static struct run run_large_record(unsigned literal, unsigned count, unsigned size)
{
    encode_builder *b = encode_create();
    encode_node *root = encode_element(b, "E");
    char *text = malloc((literal > size ? literal : size) + 1);
    assert_non_null(text);
    memset(text, 'x', literal > size ? literal : size);
    text[literal] = 0;
    encode_append(root, encode_text(b, text));
    for (unsigned i = 0; i < count; i++)
        encode_append(root, encode_substitution(b, 0, ENCODE_STRING, false));
    memset(text, 'x', size);
    text[size] = 0;
    encode_template *t = encode_template_of(b, encode_append(encode_fragment(b), root));
    ENCODE_EVENT(b, t, encode_string(b, text));
    free(text);
    size_t bytes_size;
    const uint8_t *bytes = encode_finish(b, &bytes_size);
    assert_non_null(bytes);
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(bytes, bytes_size, RUN_MEMORY, &options);
    encode_free(&b);
    return run;
}

static void test_output_of_a_record_is_limited(void **state)
{
    (void)state;
    enum { AROUND = 8 }; // {"E":""}
    unsigned literal = (16 << 20) - AROUND - 1000 * 16777;
    assert_true(literal < 2000);
    struct run run = run_large_record(literal, 1000, 16777);
    assert_int_equal(run.out.size, (16 << 20) + 1);
    assert_int_equal(run.result.errors, 0);
    run_free(&run);
    run = run_large_record(literal + 1, 1000, 16777);
    assert_int_equal(run.out.size, 0);
    assert_string_equal(run.reports.bytes, RECORD_1 "Failed to create record model, reason: "
                                                    "record renders to more than 16 MiB\n");
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_tokens),
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_unreadable_bytes),
        cmocka_unit_test(test_first_of_several_faults),
        cmocka_unit_test(test_places_of_faults),
        cmocka_unit_test(test_tokens_cut_at_the_end_of_the_chunk),
        cmocka_unit_test(test_open_elements_are_limited),
        cmocka_unit_test(test_nested_fragments_are_limited),
        cmocka_unit_test(test_output_of_a_record_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
