// SPDX-License-Identifier: MIT
// Guards docs/differences.md: one test for each row. What the reference prints instead stands
// there.
#include "base/load.h"
#include "render.h"

#define BOTH(structure, values, json, xml)                                                         \
    {                                                                                              \
        structure, values, json, xml, NULL, NULL                                                   \
    }
#define NOTED(structure, values, json, note)                                                       \
    {                                                                                              \
        structure, values, json, NULL, NULL, note                                                  \
    }

static void test_names_are_encoded_in_xml(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *root = encode_element(b, "a b");
    encode_append(root, encode_append(encode_attribute(b, "1x"), encode_text(b, "v")));
    encode_append(root, encode_element(b, ""));
    encode_append(root, encode_element(b, "<\"&"));
    encode_append(root, encode_element(b, "\u00E9_x0041_"));
    encode_append(root, encode_element(b, "a b:c_x0041_"));
    encode_append(root, encode_element(b, "a:b"));
    encode_append(root, encode_element(b, "a:1"));
    encode_append(root, encode_element(b, "\u0218\U00010000"));
    encode_add_fragment(b, encode_append(encode_fragment(b), root));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    evx_convert_options options = show_options(EVX_FORMAT_XML);
    options.compact = 1;
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_string_equal(run.out.bytes,
                        SHOW_DECLARATION "<a_x0020_b _x0031_x=\"v\"><_></_>"
                                         "<_x003C__x0022__x0026_></_x003C__x0022__x0026_>"
                                         "<\u00E9_x0041_></\u00E9_x0041_>"
                                         "<a_x0020_b_x003A_c_x005F_x0041_>"
                                         "</a_x0020_b_x003A_c_x005F_x0041_>"
                                         "<a:b></a:b><a_x003A_1></a_x003A_1>"
                                         "<_x0218__x00010000_></_x0218__x00010000_></a_x0020_b>\n");
    run_free(&run);
    options = show_options(EVX_FORMAT_JSONL);
    run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_string_equal(run.out.bytes, "{\"a b\":{\"#attributes\":{\"1x\":\"v\"},\"\":null,"
                                       "\"<\\\"&\":null,\"\u00E9_x0041_\":null,\"a b:c_x0041_\":null,"
                                       "\"a:b\":null,\"a:1\":null,"
                                       "\"\u0218\U00010000\":null}}\n");
    run_free(&run);
    encode_free(&b);
}

// More attributes than the parser compares with each other.
#define MANY(F)                                                                                            \
    F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15) F(16) F(17)      \
    F(18) F(19) F(20) F(21) F(22) F(23) F(24) F(25) F(26) F(27) F(28) F(29) F(30) F(31) F(32) F(33)
#define SOURCE(n) " a" #n "='x'"
#define XML(n)    " a" #n "=\"x\""
#define JSON(n)   ",\"a" #n "\":\"x\""

static void test_repeated_attributes_get_numbers(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E><X a='1' a='2' b='3' a='%0'/></E>", "u:4",
             "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"1\",\"a_1\":\"2\",\"b\":\"3\",\"a_2\":4}}}}",
             "<E><X a=\"1\" a_1=\"2\" b=\"3\" a_2=\"4\"/></E>"),
        // One that is not written takes no number: this is no difference.
        BOTH("<E><X a='%0' a='%1'/></E>", "n|u:4", "{\"E\":{\"X\":{\"#attributes\":{\"a\":4}}}}",
             "<E><X a=\"4\"/></E>"),
        BOTH("<E z='x'" MANY(SOURCE) "/>", "", "{\"E\":{\"#attributes\":{\"z\":\"x\"" MANY(JSON) "}}}",
             "<E z=\"x\"" MANY(XML) "/>"),
        BOTH("<E z='x'" MANY(SOURCE) " z='%0'/>", "s:y", NULL, "<E z=\"x\"" MANY(XML) " z_1=\"y\"/>"),
    };
    SHOW_ROWS(rows);
}

static void test_keys_are_unique(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E><X>1</X><X_1>real</X_1><X>2</X></E>", "",
             "{\"E\":{\"X\":\"1\",\"X_1\":\"real\",\"X_2\":\"2\"}}", NULL),
        BOTH("<E><X>1</X><X>2</X><X_1>real</X_1></E>", "",
             "{\"E\":{\"X\":\"1\",\"X_1\":\"2\",\"X_1_1\":\"real\"}}", NULL),
        BOTH("<E><EventData k='v'>t<Data Name='#attributes'>1</Data><Data Name='#text'>2</Data><A/>"
             "<Data Name='A'>3</Data></EventData></E>",
             "",
             "{\"E\":{\"EventData\":{\"#attributes\":{\"k\":\"v\"},\"#text\":\"t\","
             "\"#attributes_1\":\"1\",\"#text_1\":\"2\",\"A\":null,\"A_1\":\"3\"}}}",
             NULL),
        // Equal text from unequal nodes: ANSI, and UTF-16 with a NUL behind it.
        BOTH("<E><EventData><Data Name='A'>1</Data><Data Name='%0'>2</Data><Data Name='%1'>3</Data>"
             "</EventData></E>",
             "a:A|01:41000000", "{\"E\":{\"EventData\":{\"A\":\"1\",\"A_1\":\"2\",\"A_2\":\"3\"}}}",
             NULL),
        {"<E><X_attributes>real</X_attributes><X k='v'>t</X></E>", "", NULL, NULL,
         "{\"E\":{\"X_attributes\":\"real\",\"X_attributes_1\":{\"k\":\"v\"},\"X\":\"t\"}}", NULL},
    };
    SHOW_ROWS(rows);
}

// A program splices an instance without a look at the keys of the object, but for names that could
// be among those that are no name of an element.
static void test_keys_of_spliced_instances_are_unique(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *root = encode_append(encode_element(b, "#attributes"), encode_text(b, "1"));
    encode_template *inner = encode_template_of(b, encode_append(encode_fragment(b), root));
    encode_template *outer = encode_template_text(b, "<E k='v'><X>%1</X>%0:nested</E>");
    ENCODE_EVENT(b, outer, ENCODE_NESTED_INSTANCE(b, inner, encode_null()), encode_u32(2));
    show_expect_json(b, "{\"E\":{\"#attributes\":{\"k\":\"v\"},\"X\":2,\"#attributes_1\":\"1\"}}\n", 0,
                NULL);
}

static void test_references_are_legal(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E a='&#0;'>&#1;&#31;&#55296;&#65534;&#9;</E>", "", NULL, "<E a=\"_\">____&#9;</E>"),
        BOTH("<E a='&nbsp;'>&nbsp;</E>", "",
             "{\"E\":{\"#attributes\":{\"a\":\"&nbsp;\"},\"#text\":\"&nbsp;\"}}",
             "<E a=\"&amp;nbsp;\">&amp;nbsp;</E>"),
    };
    SHOW_ROWS(rows);
    encode_builder *b = encode_create();
    encode_node *root = encode_append(encode_element(b, "E"), encode_entity(b, "a\"b\\"));
    encode_add_fragment(b, encode_append(encode_fragment(b), root));
    show_expect_json(b, "{\"E\":\"&a\\\"b\\\\;\"}\n", 0, NULL);
}

static void test_instructions_and_cdata_are_legal(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E>%{07 0300 6100 0100 feff}</E>", "", "{\"E\":\"a\\u0001\xEF\xBF\xBE\"}",
             "<E><![CDATA[a__]]></E>"),
        BOTH("<E><?t \x01?></E>", "", NULL, "<E><?t _?></E>"),
        BOTH("<E><?xml d?><?XML d?><?xml-x d?><?a:b d?></E>", "", "{\"E\":null}",
             "<E><?_x0078_ml d?><?_x0058_ML d?><?xml-x d?><?a_x003A_b d?></E>"),
    };
    SHOW_ROWS(rows);
    encode_builder *b = encode_create();
    encode_node *root = encode_element(b, "E");
    encode_append(root, encode_pi_target(b, "t"));
    encode_append(root, encode_pi_data(b, "a?>b"));
    encode_add_fragment(b, encode_append(encode_fragment(b), root));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    evx_convert_options options = show_options(EVX_FORMAT_XML);
    options.compact = 1;
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_string_equal(run.out.bytes, SHOW_DECLARATION "<E><?t a? >b?></E>\n");
    run_free(&run);
    encode_free(&b);
}

#define REFUSED(value, text)                                                                       \
    NOTED("<E><X>%0</X><Y>%1</Y></E>", value "|s:next",                                            \
          "{\"E\":{\"X\":\"" text "\",\"Y\":\"next\"}}", "damaged value")

static void test_refused_values_show_their_bytes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        REFUSED("01:610062", "610062"), // UTF-16 of odd size
        REFUSED("10:0102", "0102"),     // size_t of neither 4 nor 8 bytes
        REFUSED("20:0102", "0102"),
        REFUSED("23:01", "01"),
        REFUSED("8E:0102", "0102"),
        REFUSED("90:0102030405060708", "0102030405060708"),
        REFUSED("88:010000000200", "010000000200"), // no multiple of its item
        REFUSED("16:01", "01"),
        REFUSED("7F:01", "01"),
        REFUSED("A1:01", "01"),
        // All are told, whichever is shown first, and those without bytes, which are stored at one place.
        {"<E><X>%1</X><Y>%0</Y></E>", "20:0102|23:01", "{\"E\":{\"X\":\"01\",\"Y\":\"0102\"}}",
         .note = "damaged value", .note_count = 2},
        {"<E><X>%0</X><Y>%1</Y></E>", "08:|06:", "{\"E\":{\"X\":\"\",\"Y\":\"\"}}",
         .note = "and size 0 at", .note_count = 2},
        // The value is in use nowhere: nothing is lost and nothing to report.
        BOTH("<E><Y>%1</Y></E>", "20:0102|s:next", "{\"E\":{\"Y\":\"next\"}}",
             "<E><Y>next</Y></E>"),
    };
    SHOW_ROWS(rows);
}

static void test_values_end_where_their_descriptor_says(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        REFUSED("08:0102", "0102"),
        REFUSED("0D:01", "01"),
        REFUSED("0F:0102", "0102"),
        REFUSED("13:01090000000000050000000000000000", "01090000000000050000000000000000"),
        REFUSED("13:010200000000000520000000", "010200000000000520000000"), // one number is missing
        REFUSED("08:", ""),
        REFUSED("13:", ""),
        BOTH("<E><X>%0</X><Y>%1</Y></E>", "81:6100000062006300|s:next",
             "{\"E\":{\"X\":\"a\",\"X_1\":\"bc\",\"Y\":\"next\"}}", NULL),
        REFUSED("81:61", "61"),
        // The last SID of an array is cut.
        NOTED("<E><X>%0</X><Y>%1</Y></E>", "93:0101000000000005120000000101|s:next",
              "{\"E\":{\"X\":\"S-1-5-18\",\"X_1\":\"0101\",\"Y\":\"next\"}}", "damaged value"),
        // Nothing shows the value: nothing is lost.
        BOTH("<E><Y>%1</Y></E>", "08:|s:next", "{\"E\":{\"Y\":\"next\"}}", "<E><Y>next</Y></E>"),
        // A larger size is no difference: the value is there, the rest is skipped.
        BOTH("<E><X>%0</X><Y>%1</Y></E>", "08:010000000909|s:next",
             "{\"E\":{\"X\":1,\"Y\":\"next\"}}", NULL),
    };
    SHOW_ROWS(rows);
}

// An instance whose one value claims so many bytes, and nothing behind it.
static encode_node *cut_instance(encode_builder *b, encode_template *t, encode_value value,
                                 uint32_t claimed)
{
    encode_node *fragment =
        encode_append(encode_fragment(b), ENCODE_INSTANCE(b, t, encode_with_size(value, claimed)));
    fragment->has_eof = false;
    return fragment;
}

static void test_values_end_with_their_record(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0</E>");
    encode_add_fragment(b, cut_instance(b, t, encode_string(b, "ab"), 600));
    ENCODE_EVENT(b, t, encode_string(b, "of another record"));
    show_expect_json(b, "{\"E\":\"ab\"}\n{\"E\":\"of another record\"}\n", 1,
                "value of type 0x01 and size");
}

// What is left of a string may end in the middle of a unit, which shows nothing.
static void test_values_end_with_the_value_around_them(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0</E>");
    encode_value cut = encode_nested(
        cut_instance(b, t, encode_bytes(b, ENCODE_STRING, "a\0b\0c", 5), 600));
    ENCODE_EVENT(b, encode_template_text(b, "<O>%0%1</O>"), cut, encode_string(b, "next"));
    show_expect_json(b, "{\"O\":{\"#text\":\"next\",\"E\":\"ab\"}}\n", 1,
                "value of type 0x01 and size");
    for (uint32_t foreign = 1; foreign <= 8; foreign++) {
        b = encode_create();
        t = encode_template_text(b, "<E>%0</E>");
        cut = encode_nested(
            cut_instance(b, t, encode_bytes(b, ENCODE_BINARY, "ab", 2), 2 + foreign));
        ENCODE_EVENT(b, encode_template_text(b, "<O>%0%1</O>"), cut, encode_string(b, "next"));
        char note[80];
        snprintf(note, sizeof note, "value of type 0x0e and size %u at offset", 2 + foreign);
        show_expect_json(b, "{\"O\":{\"#text\":\"next\",\"E\":\"6162\"}}\n", 1, note);
    }
}

static struct run run_utf8(encode_builder *b)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    const evx_engine_options engine_options = {.size = sizeof engine_options,
                                               .ansi_codec = "utf-8"};
    evx_engine *engine;
    evx_reader *reader;
    evx_error error;
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    struct run run = {0};
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    evx_status status = evx_open_memory(engine, bytes, size, &reader, &error);
    run_reader(&run, status, reader, &options, &error);
    evx_engine_destroy(&engine);
    encode_free(&b);
    return run;
}

static void test_ansi_that_is_no_text_shows_its_bytes(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0</E>");
    ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_ANSI, "a\xFF", 2));
    struct run run = run_utf8(b);
    assert_string_equal(run.out.bytes, "{\"E\":\"61FF\"}\n");
    assert_int_equal(run.result.errors, 1);
    run_free(&run);
}

static void test_ansi_that_is_no_text_costs_no_record(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0%1</E>");
    ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_ANSI, "a\xFF", 2),
                 encode_bytes(b, ENCODE_NESTED, "\x77", 1));
    struct run run = run_utf8(b);
    assert_int_equal(run.out.size, 0);
    assert_non_null(strstr(run.reports.bytes, "invalid byte `0x77` as binxml token"));
    run_free(&run);
}

static void test_fragments_without_elements_take_no_lines(void **state)
{
    (void)state;
    show_indented("<E><P>%0</P></E>", "f:", "<E>\n  <P></P>\n</E>");
}

static void test_record_roots_are_never_repeated(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<Data>%0</Data>", "S:p,q", "{\"Data\":\"p,q\"}", "<Data>p,q</Data>"),
    };
    SHOW_ROWS(rows);
}

// The values of `row` fill the template `inner`, which stands in a value of the row's structure,
// beside one more of it or alone. Every way a record takes must give what the row says.
static void show_in_value(const struct shown *row, const char *inner, bool twice,
                          const char *indented)
{
    encode_builder *b = encode_create();
    char text[64];
    encode_value values[SHOW_VALUES_MAX];
    snprintf(text, sizeof text, "%s", row->values);
    unsigned count = show_values(b, text, values);
    encode_template *in = encode_template_text(b, inner);
    encode_template *out = encode_template_text(b, row->structure);
    encode_node *nested = encode_fragment(b);
    for (int i = 0; i <= twice; i++)
        encode_append(nested, encode_instance(b, in, values, count));
    for (int i = 0; i < SHOW_PLAIN + SHOW_IRREGULAR; i++)
        show_add(b,
                 encode_append(encode_fragment(b), ENCODE_INSTANCE(b, out, encode_nested(nested))),
                 i >= SHOW_PLAIN);
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    show_check(row, inner, bytes, size, &options, "", row->json, "\n");
    options = show_options(EVX_FORMAT_XML);
    show_check(row, inner, bytes, size, &options, SHOW_DECLARATION, indented, "\n\n");
    options.compact = 1;
    show_check(row, inner, bytes, size, &options, SHOW_DECLARATION, row->xml, "\n");
    encode_free(&b);
}

static void test_data_roots_in_values_are_repeated(void **state)
{
    (void)state;
    static const struct {
        struct shown row;
        const char *inner;
        bool twice;
        const char *indented;
    } rows[] = {
        {BOTH("<E>%0</E>", "S:p,,q", "{\"E\":{\"Data\":\"p,,q\"}}",
              "<E><Data>p</Data><Data></Data><Data>q</Data></E>"),
         "<Data>%0</Data>", false,
         "<E>\n  <Data>p</Data>\n  <Data></Data>\n  <Data>q</Data>\n</E>"},
        {BOTH("<E><A/>%0<B/></E>", "S:p,q", "{\"E\":{\"A\":null,\"Data\":\"p,q\",\"B\":null}}",
              "<E><A/><Data>p</Data><Data>q</Data><B/></E>"),
         "<Data>%?0</Data>", false, NULL},
        // An attribute that never shows is none. In a value with more than one element the
        // reference has only the way that joins the items.
        {BOTH("<E>%0</E>", "S:p,q", "{\"E\":{\"Data\":\"p,q\",\"Data_1\":\"p,q\"}}",
              "<E><Data>p</Data><Data>q</Data><Data>p</Data><Data>q</Data></E>"),
         "<Data Name=''>%0</Data>", true, NULL},
        // No differences: other roots, other contents, other arrays.
        {BOTH("<E>%0</E>", "S:p", "{\"E\":{\"Data\":\"p\"}}", "<E><Data>p</Data></E>"),
         "<Data>%0</Data>", false, NULL},
        {BOTH("<E>%0</E>", "S:p,q", "{\"E\":{\"X\":\"p,q\"}}", "<E><X>p,q</X></E>"), "<X>%0</X>",
         false, NULL},
        {BOTH("<E>%0</E>", "S:p,q",
              "{\"E\":{\"Data\":{\"#attributes\":{\"k\":\"v\"},\"#text\":\"p,q\"}}}",
              "<E><Data k=\"v\">p,q</Data></E>"),
         "<Data k='v'>%0</Data>", false, NULL},
        {BOTH("<E>%0</E>", "S:p,q|n", "{\"E\":{\"Data\":\"p,q\"}}", "<E><Data>p,q</Data></E>"),
         "<Data k='%1'>%0</Data>", false, NULL},
        {BOTH("<E>%0</E>", "S:p,q", "{\"E\":{\"Data\":\"tp,q\"}}", "<E><Data>tp,q</Data></E>"),
         "<Data>t%0</Data>", false, NULL},
        {BOTH("<E>%0</E>", "S:p,q", "{\"E\":{\"Data\":\"p,qt\"}}", "<E><Data>p,qt</Data></E>"),
         "<Data>%0t</Data>", false, NULL},
        {BOTH("<E>%0</E>", "A:p,q", "{\"E\":{\"Data\":\"p,q\"}}", "<E><Data>p,q</Data></E>"),
         "<Data>%0</Data>", false, NULL},
        {BOTH("<E>%0</E>", "U:1,2", "{\"E\":{\"Data\":\"1,2\"}}", "<E><Data>1,2</Data></E>"),
         "<Data>%0</Data>", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        show_in_value(&rows[i].row, rows[i].inner, rows[i].twice, rows[i].indented);
}

static void test_root_containers_are_containers(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<EventData><Data>x</Data></EventData>", "",
             "{\"EventData\":{\"Data\":{\"#text\":\"x\"}}}", NULL),
        BOTH("<UserData><Data Name='n'>%0</Data></UserData>", "s:x", "{\"UserData\":{\"n\":\"x\"}}",
             NULL),
        // What the other way refuses: an element beside text in an attribute of Data.
        BOTH("<EventData><Data Name='n' k='t%0'>x</Data></EventData>", "f:<In/>",
             "{\"EventData\":{\"n_attributes\":{\"k\":\"t\"},\"n\":\"x\"}}", NULL),
    };
    SHOW_ROWS(rows);
}

// Templates of 100 levels in one another: more than 512 elements, through values.
static void test_deep_records_print(void **state)
{
    (void)state;
    enum { TEMPLATES = 12, LEVELS = 100 };
    encode_builder *b = encode_create();
    encode_node *top = encode_element(b, "L");
    encode_append(top, encode_substitution(b, 0, ENCODE_NESTED, false));
    for (int i = 1; i < LEVELS; i++)
        top = encode_append(encode_element(b, "L"), top);
    encode_template *t = encode_template_of(b, encode_append(encode_fragment(b), top));
    encode_value value = encode_string(b, "x");
    for (int i = 1; i < TEMPLATES; i++)
        value = ENCODE_NESTED_INSTANCE(b, t, value);
    ENCODE_EVENT(b, t, value);
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    for (int format = EVX_FORMAT_XML; format <= EVX_FORMAT_JSONL; format++) {
        const evx_convert_options options = show_options((evx_format)format);
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        assert_int_equal(run.result.records, 1);
        assert_int_equal(run.result.errors, 0);
        run_free(&run);
    }
    encode_free(&b);
}

static void test_unused_fragments_are_not_looked_at(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E>%1</E>", "21:77|s:t", "{\"E\":\"t\"}", "<E>t</E>", "{\"E\":\"t\"}", NULL},
        {"<E>%0</E>", "21:77|s:t", "!invalid byte `0x77` as binxml token",
         "!invalid byte `0x77` as binxml token", "!invalid byte `0x77` as binxml token", NULL},
    };
    SHOW_ROWS(rows);
}

static void test_one_bad_name_costs_its_records_only(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *good = encode_template_text(b, "<E>%0</E>");
    encode_node *bad =
        encode_append(encode_fragment(b),
                      encode_append(encode_element(b, "E"), encode_element(b, "\xED\xA0\x80")));
    ENCODE_EVENT(b, good, encode_string(b, "1"));
    encode_add_fragment(b, bad);
    ENCODE_EVENT(b, good, encode_string(b, "3"));
    // A table entry that leads nowhere is no name that a record needs.
    encode_poke_chunk(b, 128 + 4 * 7, 4, 70000);
    struct run run = show_run_json(b);
    assert_string_equal(run.out.bytes, "{\"E\":\"1\"}\n{\"E\":\"3\"}\n");
    assert_non_null(strstr(run.reports.bytes, "Failed to parse record number 2 / "));
    assert_non_null(strstr(run.reports.bytes, ": invalid data"));
    assert_int_equal(run.result.errors, 1);
    run_free(&run);
}

// Records of 14 MB spend the reference's budget of 64 MiB for a chunk; a small one behind them is
// lost.
static void test_no_chunk_has_a_budget(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *root = encode_element(b, "E");
    for (int i = 0; i < 1000; i++)
        encode_append(root, encode_substitution(b, 0, ENCODE_STRING, false));
    encode_template *t = encode_template_of(b, encode_append(encode_fragment(b), root));
    static char text[14001];
    memset(text, 'x', sizeof text - 1);
    encode_template *small = encode_template_text(b, "<E>%0</E>");
    // Each of these shows its 14,000 bytes a thousand times.
    encode_value value = encode_bytes(b, ENCODE_ANSI, text, sizeof text - 1);
    for (int i = 0; i < 4; i++)
        ENCODE_EVENT(b, t, value);
    ENCODE_EVENT(b, small, encode_string(b, "last"));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    assert_int_equal(size, FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES);
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_int_equal(run.result.records, 5);
    assert_int_equal(run.result.errors, 0);
    run_free(&run);
    encode_free(&b);
}

static void test_definitions_need_a_root_of_their_own(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        // A root inside a value token: the token holds 01, size, name at 8 (empty), 03.
        BOTH("%{05 21 0a00 01 05000000 08000000 03}", "u:1", "!root element inside a value token",
             "!root element inside a value token"),
    };
    SHOW_ROWS(rows);
}

// Three arrays of 40 items repeat their element 64,000 times: 5 nodes each, more than 2^18.
static void test_nodes_are_counted_one_way(void **state)
{
    (void)state;
    for (unsigned items = 40; items <= 60; items += 20) {
        static const uint8_t bytes[60];
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<E><X>%0%1%2</X></E>");
        const encode_value value = encode_bytes(b, ENCODE_ARRAY | ENCODE_U8, bytes, items);
        ENCODE_EVENT(b, t, value, value, value);
        size_t size;
        const uint8_t *log = encode_finish(b, &size);
        assert_non_null(log);
        const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
        struct run run = run_convert(log, size, RUN_MEMORY, &options);
        assert_int_equal(run.result.records, items == 40);
        if (items != 40)
            assert_non_null(strstr(run.reports.bytes, "record renders more than 2^18 nodes"));
        run_free(&run);
        encode_free(&b);
    }
}

// A value token in a definition that holds another one, and so on, under an instance in a value.
static void test_fragments_are_counted_from_the_record(void **state)
{
    (void)state;
    for (unsigned tokens = 63; tokens <= 64; tokens++) {
        encode_builder *b = encode_create();
        encode_node *inner = encode_text(b, "x");
        for (unsigned i = 0; i < tokens; i++) {
            encode_node *elements = encode_fragment(b);
            elements->has_header = elements->has_eof = false;
            encode_append(elements, encode_append(encode_element(b, "L"), inner));
            inner = encode_literal(b, encode_nested(elements));
        }
        encode_node *root = encode_append(encode_element(b, "K"), inner);
        encode_template *deep = encode_template_of(b, encode_append(encode_fragment(b), root));
        encode_template *outer = encode_template_text(b, "<E>%0:nested</E>");
        for (int i = 0; i < SHOW_PLAIN; i++)
            ENCODE_EVENT(b, outer,
                         encode_nested(
                             encode_append(encode_fragment(b), encode_instance(b, deep, NULL, 0))));
        struct run run = show_run_json(b);
        assert_int_equal(run.result.records, tokens == 63 ? SHOW_PLAIN : 0);
        run_free(&run);
    }
}

// Definitions that use one another in value tokens; the same whichever of them is met first.
static void test_definitions_in_one_another(void **state)
{
    (void)state;
    enum { DEFINITIONS = 10, DEEPEST = 8 };
    for (int reversed = 0; reversed < 2; reversed++) {
        encode_builder *b = encode_create();
        encode_template *templates[DEFINITIONS];
        for (int i = 0; i < DEFINITIONS; i++) {
            encode_node *root = encode_element(b, "K");
            encode_append(root, encode_text(b, "x"));
            if (i > 0)
                encode_append(root, encode_literal(b, encode_nested(encode_append(
                                                          encode_fragment(b),
                                                          encode_instance(b, templates[i - 1], NULL, 0)))));
            templates[i] = encode_template_of(b, encode_append(encode_fragment(b), root));
        }
        for (int i = 0; i < DEFINITIONS; i++)
            ENCODE_EVENT(b, templates[reversed ? DEFINITIONS - 1 - i : i]);
        struct run run = show_run_json(b);
        assert_int_equal(run.result.records, DEEPEST);
        assert_int_equal(run.result.errors, DEFINITIONS - DEEPEST);
        assert_non_null(strstr(run.reports.bytes, "BinXML fragments nested too deeply"));
        run_free(&run);
    }
}

// What an instance says of its template: the start of a GUID that is made of the structure.
static uint32_t template_id(const char *structure)
{
    encode_builder *b = encode_create();
    encode_place place = ENCODE_EVENT(b, encode_template_text(b, structure), encode_u8(0));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    uint32_t id = load_u32(bytes + FILE_HEADER_BLOCK_BYTES + place.offset + RECORD_HEADER_BYTES + 6);
    encode_free(&b);
    return id;
}

static void test_heads_end_with_their_record(void **state)
{
    (void)state;
    static const char structure[] = "<E>%0<V>%?5</V></E>";
    static const struct {
        const char *stream, *shown, *note;
    } rows[] = {
        // An instance token is the last byte of its record.
        {"%%{0c}", "{\"Event\":null}\n", "template instance at offset"},
        // Seven values, of which the record has room for one descriptor. V would not be there if
        // the sixth were read from the header of the next record, where it is a NULL.
        {"%%{0c 01 %08x 26020000 07000000}", "{\"E\":{\"V\":null}}\n",
         "table of values at offset"},
        // And of two.
        {"%%{0c 01 %08x 26020000 02000000}", "{\"E\":{\"V\":null}}\n",
         "table of values at offset"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char expected[128], text[64];
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, structure);
        ENCODE_EVENT(b, t, encode_string(b, "1"));
        snprintf(text, sizeof text, rows[i].stream, __builtin_bswap32(template_id(structure)));
        encode_node *stream = encode_nodes_text(b, text);
        stream->has_header = stream->has_eof = false;
        encode_add_fragment(b, stream);
        ENCODE_EVENT(b, t, encode_string(b, "3"));
        snprintf(expected, sizeof expected,
                 "{\"E\":{\"#text\":\"1\",\"V\":null}}\n%s{\"E\":{\"#text\":\"3\",\"V\":null}}\n",
                 rows[i].shown);
        show_expect_json(b, expected, 1, rows[i].note);
    }
}

// A record that ends at every byte of its own: what lies in front of the end is shown, or the
// record is lost; what lies behind it is never shown; and there is a report.
static void test_cut_records_show_what_they_have(void **state)
{
    (void)state;
    static const char *const steps[] = {"{\"E\":{\"S\":\"front\"}}", "\"In\":{\"V\":null}",
                                        "\"In\":{\"V\":\"ba\"}", "\"P\":\"back\"",
                                        "{\"E\":{\"#text\":\"01"};
    bool seen[sizeof steps / sizeof steps[0]] = {false};
    for (int plain = 0; plain < 2; plain++) {
        encode_builder *b = encode_create();
        encode_template *outer = encode_template_text(b, "<E><S>%0</S>%1:nested</E>");
        encode_template *inner = encode_template_text(b, "<In><V>%0</V></In>");
        ENCODE_EVENT(b, outer, encode_string(b, "first"), encode_null());
        encode_node *elements = encode_nodes_text(b, "<P>back</P>");
        elements->has_header = elements->has_eof = false;
        encode_value nested = plain ? encode_nested(elements)
                                    : ENCODE_NESTED_INSTANCE(b, inner, encode_string(b, "back"));
        const encode_value values[] = {encode_string(b, "front"), nested};
        const encode_place place = encode_add_event(b, outer, values, 2);
        ENCODE_EVENT(b, outer, encode_string(b, "last"), encode_null());
        size_t size;
        uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        uint8_t *record = bytes + FILE_HEADER_BLOCK_BYTES + place.offset;
        for (uint32_t cut = RECORD_BYTES_MIN; cut <= place.size; cut++) {
            store_u32(record + RECORD_SIZE_OFFSET, cut);
            const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
            struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
            assert_non_null(strstr(run.out.bytes, "{\"E\":{\"S\":\"first\"}}\n"));
            assert_non_null(strstr(run.out.bytes, "{\"E\":{\"S\":\"last\"}}\n"));
            assert_true(cut == place.size || run.result.errors > 0);
            assert_true(run.result.records == 3 || run.result.errors > 1);
            for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
                seen[i] |= strstr(run.out.bytes, steps[i]) != NULL;
            run_free(&run);
        }
        encode_free(&b);
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (!seen[i])
            fail_msg("never seen: %s", steps[i]);
}

// The descriptor of the first value says too little, and what follows it seems to begin in it. The
// reference reads the value at its natural size and finds the rest.
static void test_nothing_is_lost_that_the_reference_shows(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E><N>%0:u32</N>%1:nested</E>");
    encode_value value = encode_with_size(encode_u32(0x00017707), 1);
    ENCODE_EVENT(b, t, value, encode_bytes(b, ENCODE_NESTED, "\0\0\0", 3));
    show_expect_json(b, "{\"E\":{\"#text\":\"770100\",\"N\":\"07\"}}\n", 2,
                "value of type 0x21 and size 3 at offset");
    b = encode_create();
    t = encode_template_text(b, "<E>%0:u32</E>");
    value = encode_with_size(encode_u32(0x77777707), 1);
    ENCODE_EVENT(b, t, value);
    show_expect_json(b, "{\"E\":\"07\"}\n", 2, "what follows its first element cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_encoded_in_xml),
        cmocka_unit_test(test_repeated_attributes_get_numbers),
        cmocka_unit_test(test_keys_are_unique),
        cmocka_unit_test(test_keys_of_spliced_instances_are_unique),
        cmocka_unit_test(test_references_are_legal),
        cmocka_unit_test(test_instructions_and_cdata_are_legal),
        cmocka_unit_test(test_refused_values_show_their_bytes),
        cmocka_unit_test(test_values_end_where_their_descriptor_says),
        cmocka_unit_test(test_values_end_with_their_record),
        cmocka_unit_test(test_values_end_with_the_value_around_them),
        cmocka_unit_test(test_ansi_that_is_no_text_shows_its_bytes),
        cmocka_unit_test(test_ansi_that_is_no_text_costs_no_record),
        cmocka_unit_test(test_fragments_without_elements_take_no_lines),
        cmocka_unit_test(test_record_roots_are_never_repeated),
        cmocka_unit_test(test_data_roots_in_values_are_repeated),
        cmocka_unit_test(test_root_containers_are_containers),
        cmocka_unit_test(test_deep_records_print),
        cmocka_unit_test(test_unused_fragments_are_not_looked_at),
        cmocka_unit_test(test_one_bad_name_costs_its_records_only),
        cmocka_unit_test(test_no_chunk_has_a_budget),
        cmocka_unit_test(test_definitions_need_a_root_of_their_own),
        cmocka_unit_test(test_nodes_are_counted_one_way),
        cmocka_unit_test(test_fragments_are_counted_from_the_record),
        cmocka_unit_test(test_definitions_in_one_another),
        cmocka_unit_test(test_heads_end_with_their_record),
        cmocka_unit_test(test_cut_records_show_what_they_have),
        cmocka_unit_test(test_nothing_is_lost_that_the_reference_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
