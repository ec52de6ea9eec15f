// SPDX-License-Identifier: MIT
// Guards what literal tokens show in content, beside elements and in attributes; the lines of
// indented XML; and the lines around a record.
#include "render.h"

static void test_tokens_in_content(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><X><![CDATA[a<b]]></X></E>", NULL, "{\"E\":{\"X\":\"a<b\"}}",
         "<E><X><![CDATA[a<b]]></X></E>", "{\"E\":{\"X\":\"a<b\"}}", NULL},
        {"<E><X>%{07 0400 6100 5d00 5d00 3e00}</X></E>", NULL, "{\"E\":{\"X\":\"a]]>\"}}",
         "<E><X><![CDATA[a]]]]><![CDATA[>]]></X></E>", NULL, NULL},
        {"<E><X><![CDATA[]]></X></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X><![CDATA[]]></X></E>",
         NULL, NULL},
        {"<E><X><![CDATA[a]]><![CDATA[b]]></X></E>", NULL, "{\"E\":{\"X\":\"ab\"}}",
         "<E><X><![CDATA[a]]><![CDATA[b]]></X></E>", NULL, NULL},
        {"<E><X>&#65;&#38;</X></E>", NULL, "{\"E\":{\"X\":\"A&\"}}", "<E><X>&#65;&#38;</X></E>",
         NULL, NULL},
        {"<E><X>&quot;&apos;&amp;&lt;&gt;</X></E>", NULL, "{\"E\":{\"X\":\"\\\"'&<>\"}}",
         "<E><X>&quot;&apos;&amp;&lt;&gt;</X></E>", NULL, NULL},
        {"<E><X><?t d?></X></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X><?t d?></X></E>", NULL,
         NULL},
        {"<E><X><?t ?></X></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X><?t ?></X></E>", NULL, NULL},
        // Beside an element a PI prints nothing.
        {"<E><X><?t d?><C/></X></E>", NULL, "{\"E\":{\"X\":{\"C\":null}}}", "<E><X><C/></X></E>",
         NULL, NULL},
        {"<E><X>a<![CDATA[b<]]><C/>c</X></E>", NULL,
         "{\"E\":{\"X\":{\"#text\":\"ab<c\",\"C\":null}}}", "<E><X>a<![CDATA[b<]]><C/>c</X></E>",
         NULL, NULL},
    };
    SHOW_ROWS(rows);
}

// What nearly all records without a template are made of has ways of its own.
static void test_elements_of_text(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><A/><B x='1' y='2'>t</B><C>u</C><C>v</C><D></D></E>", NULL,
         "{\"E\":{\"A\":null,\"B\":{\"#attributes\":{\"x\":\"1\",\"y\":\"2\"},\"#text\":\"t\"},"
         "\"C\":\"u\",\"C_1\":\"v\",\"D\":null}}",
         "<E><A/><B x=\"1\" y=\"2\">t</B><C>u</C><C>v</C><D></D></E>", NULL, NULL},
        {"<E><A x='' y='2'/><B y='2' x=''/><C x=''>t</C></E>", NULL,
         "{\"E\":{\"A\":{\"#attributes\":{\"y\":\"2\"}},\"B\":{\"#attributes\":{\"y\":\"2\"}},"
         "\"C\":\"t\"}}",
         "<E><A y=\"2\"/><B y=\"2\"/><C>t</C></E>", NULL, NULL},
        {"<E><A x='1' x='2'/><B>t</B></E>", NULL,
         "{\"E\":{\"A\":{\"#attributes\":{\"x\":\"1\",\"x_1\":\"2\"}},\"B\":\"t\"}}",
         "<E><A x=\"1\" x_1=\"2\"/><B>t</B></E>", NULL, NULL},
        {"<E><EventData><Data Name='a'>1</Data><F z='3'>2</F><Data Name='b'>4</Data></EventData>"
         "</E>",
         NULL,
         "{\"E\":{\"EventData\":{\"a\":\"1\",\"F\":{\"#attributes\":{\"z\":\"3\"},\"#text\":\"2\"},"
         "\"b\":\"4\"}}}",
         "<E><EventData><Data Name=\"a\">1</Data><F z=\"3\">2</F><Data Name=\"b\">4</Data>"
         "</EventData></E>",
         NULL, NULL},
        {"<E><A q='a\"b'>a\"b</A><B>c<C/>d</B><D>e<![CDATA[f]]></D></E>", NULL,
         "{\"E\":{\"A\":{\"#attributes\":{\"q\":\"a\\\"b\"},\"#text\":\"a\\\"b\"},"
         "\"B\":{\"#text\":\"cd\",\"C\":null},\"D\":\"ef\"}}",
         "<E><A q=\"a&quot;b\">a\"b</A><B>c<C/>d</B><D>e<![CDATA[f]]></D></E>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

// Wherever the first NUL of a literal stands.
static void test_literals_end_at_nul(void **state)
{
    (void)state;
    enum { UNITS = 10 };
    static const struct shown nothing[] = {
        {"<E a='%{05 01 0500 0000 7800 7800 7800 7800}'>%{05 01 0500 0000 7800 7800 7800 7800}</E>",
         "", "{\"E\":null}", "<E></E>", NULL, NULL},
    };
    SHOW_ROWS(nothing);
    for (int length = 1; length < UNITS; length++) {
        char literal[64], structure[160], json[96], xml[96];
        int end = snprintf(literal, sizeof literal, "%%{05 01 0a00");
        for (int i = 0; i < UNITS; i++)
            end += snprintf(literal + end, sizeof literal - (size_t)end, "%s",
                            i == length ? " 0000" : i > length ? " 7800" : " 6100");
        snprintf(literal + end, sizeof literal - (size_t)end, "}");
        snprintf(structure, sizeof structure, "<E a='%s'>%s</E>", literal, literal);
        snprintf(json, sizeof json, "{\"E\":{\"#attributes\":{\"a\":\"%.*s\"},\"#text\":\"%.*s\"}}",
                 length, "aaaaaaaaaa", length, "aaaaaaaaaa");
        snprintf(xml, sizeof xml, "<E a=\"%.*s\">%.*s</E>", length, "aaaaaaaaaa", length,
                 "aaaaaaaaaa");
        const struct shown rows[] = {{structure, NULL, json, xml, NULL, NULL},
                                     {structure, "", json, xml, NULL, NULL}};
        SHOW_ROWS(rows);
    }
}

static void test_tokens_in_attributes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><X a='%{07 0300 6100 3c00 6200}'/></E>", NULL,
         "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"a<b\"}}}}", "<E><X a=\"a&lt;b\"/></E>", NULL,
         NULL},
        {"<E><X a='&#65;&lt;'/></E>", NULL, "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"A<\"}}}}",
         "<E><X a=\"&#65;&lt;\"/></E>", NULL, NULL},
        // An empty CDATA keeps the attribute in XML and not in JSON; an empty literal keeps it
        // nowhere.
        {"<E><X a='%{07 0000}'/></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X a=\"\"/></E>", NULL,
         NULL},
        {"<E><X a='%{05 01 0000}'/></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X/></E>", NULL, NULL},
        {"<E><X a=''/></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X/></E>", NULL, NULL},
        {"<E><X a='&lt;%0&gt;'/></E>", "n", "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"<>\"}}}}",
         "<E><X a=\"&lt;&gt;\"/></E>", NULL, NULL},
        {"<E><X a='%0'/></E>", "f:", "{\"E\":{\"X\":null}}", "<E><X/></E>", NULL, NULL},
        {"<E><X a='%0'/></E>", "f:<In/>", "{\"E\":{\"X\":null}}",
         "!element node inside attribute value", NULL, NULL},
        {"<E><X a='t%0'/></E>", "f:<In/>", "!unexpected element node in text context",
         "!element node inside attribute value", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

// Value tokens of other types than string: 05, the type, the bytes.
static void test_typed_value_tokens(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><X>%{05 08 05000000}</X></E>", NULL, "{\"E\":{\"X\":5}}", "<E><X>5</X></E>", NULL,
         NULL},
        {"<E><X>%{45 0d 01000000}</X></E>", NULL, "{\"E\":{\"X\":true}}", "<E><X>true</X></E>",
         NULL, NULL},
        {"<E><X>%{05 00}</X></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X></X></E>", NULL, NULL},
        {"<E><X a='%{05 14 ff000000}'/></E>", NULL,
         "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"0xff\"}}}}", "<E><X a=\"0xff\"/></E>", NULL,
         NULL},
        {"<E><X>%{05 13 01010000000000051200000 0}</X></E>", NULL, "{\"E\":{\"X\":\"S-1-5-18\"}}",
         "<E><X>S-1-5-18</X></E>", NULL, NULL},
        // Elements as a value, inside an element and at the top level; none; length 0.
        {"<E><X>a%{05 21 0500 0f01010000}b</X></E>", NULL, "{\"E\":{\"X\":\"ab\"}}",
         "<E><X>ab</X></E>", NULL, NULL},
        {"<E><X>%{05 21 0000}</X></E>", NULL, "{\"E\":{\"X\":null}}", "<E><X></X></E>", NULL, NULL},
        {"%{05 21 0500 0f01010000}<E>t</E>", NULL, "{\"E\":\"t\"}", "<E>t</E>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

static void test_indented_lines(void **state)
{
    (void)state;
    show_indented("<E xmlns='u'><S><I Q='%0'>%1</I><Sec/><T></T></S></E>", "u:1|u:5",
                  "<E xmlns=\"u\">\n"
                  "  <S>\n"
                  "    <I Q=\"1\">5</I>\n"
                  "    <Sec/>\n"
                  "    <T></T>\n"
                  "  </S>\n"
                  "</E>");
    // With an element beside it every node has a line, the empty value of a normal substitution,
    // too.
    show_indented("<E><M>txt<In>x</In>%0</M></E>", "n",
                  "<E>\n  <M>\n    txt\n    <In>x</In>\n    \n  </M>\n</E>");
    show_indented("<E><M>txt<In>x</In>%?0</M></E>",
                  "s:", "<E>\n  <M>\n    txt\n    <In>x</In>\n  </M>\n</E>");
    show_indented("<E><M><?t d?><In/></M></E>", NULL,
                  "<E>\n  <M>\n    \n    \n    <In/>\n  </M>\n</E>");
    show_indented("<E>%0</E>", "f:<A/><B>t</B>", "<E>\n  <A/>\n  <B>t</B>\n</E>");
    show_indented("<E></E>", "", "<E></E>");
    show_indented("<E/>", "", "<E/>");
}

static void test_lines_around_records(void **state)
{
    (void)state;
    struct log log = log_make("7 8");
    evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_XML, .threads = 1};
    static const struct {
        evx_format format;
        int compact, hide;
        const char *expected;
    } rows[] = {
        {EVX_FORMAT_XML, 0, 0,
         "Record 7\n" SHOW_DECLARATION "<Event>\n  <V>value of record 7</V>\n</Event>\n\n"
         "Record 8\n" SHOW_DECLARATION "<Event>\n  <V>value of record 8</V>\n</Event>\n\n"},
        {EVX_FORMAT_XML, 1, 1,
         SHOW_DECLARATION "<Event><V>value of record 7</V></Event>\n" SHOW_DECLARATION
                          "<Event><V>value of record 8</V></Event>\n"},
        {EVX_FORMAT_JSON, 0, 0,
         "Record 7\n{\"Event\":{\"V\":\"value of record 7\"}}\n"
         "Record 8\n{\"Event\":{\"V\":\"value of record 8\"}}\n"},
        {EVX_FORMAT_JSONL, 0, 0,
         "{\"Event\":{\"V\":\"value of record 7\"}}\n{\"Event\":{\"V\":\"value of record 8\"}}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        options.format = rows[i].format;
        options.compact = rows[i].compact;
        options.hide_record_numbers = rows[i].hide;
        struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        assert_string_equal(run.out.bytes, rows[i].expected);
        run_free(&run);
    }
    log_free(&log);
}

static void test_streams_without_elements(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"", NULL, "{\"Event\":null}", "<Event></Event>", "{\"Event\":null}", NULL},
        // Of several top-level elements the first one is the record.
        {"<A>1</A><B>2</B>", NULL, "{\"A\":\"1\"}", "<A>1</A>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_in_content),
        cmocka_unit_test(test_elements_of_text),
        cmocka_unit_test(test_literals_end_at_nul),
        cmocka_unit_test(test_tokens_in_attributes),
        cmocka_unit_test(test_typed_value_tokens),
        cmocka_unit_test(test_indented_lines),
        cmocka_unit_test(test_lines_around_records),
        cmocka_unit_test(test_streams_without_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
