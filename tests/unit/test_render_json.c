// SPDX-License-Identifier: MIT
// Guards the shape of JSON: objects and scalars, repeated names, the Data children of EventData and
// UserData, separate attributes; and the rules on NULL and fragments that both formats share.
#include "render.h"

#define ROW(structure, values, json)                                                               \
    {                                                                                              \
        structure, values, json, NULL, NULL, NULL                                                  \
    }
#define SEPARATE(structure, values, separate)                                                      \
    {                                                                                              \
        structure, values, NULL, NULL, separate, NULL                                              \
    }
#define BOTH(structure, values, json, xml)                                                         \
    {                                                                                              \
        structure, values, json, xml, NULL, NULL                                                   \
    }
#define DATA(content, values, json)                                                                \
    ROW("<E><EventData>" content "</EventData></E>", values, "{\"E\":{\"EventData\":" json "}}")

static void test_element_values(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        ROW("<E><I Q='%0'>%1</I></E>", "06:0900|06:1012",
            "{\"E\":{\"I\":{\"#attributes\":{\"Q\":9},\"#text\":4624}}}"),
        ROW("<E><I Q='%0'>%1</I></E>", "n|06:1012", "{\"E\":{\"I\":4624}}"),
        // Attributes that do not show, in front of one that does and behind it.
        ROW("<E><I a='%0' b='%1' c='%2'/></E>", "n|n|u:3",
            "{\"E\":{\"I\":{\"#attributes\":{\"c\":3}}}}"),
        ROW("<E><I a='%0' b='%1' c='%2'/></E>", "u:1|n|n",
            "{\"E\":{\"I\":{\"#attributes\":{\"a\":1}}}}"),
        ROW("<E><I a='%0' b='%1' c='%2'/></E>", "n|n|n", "{\"E\":{\"I\":null}}"),
        ROW("<E><X/><Y></Y></E>", "", "{\"E\":{\"X\":null,\"Y\":null}}"),
        ROW("<E><X k='v'></X></E>", "", "{\"E\":{\"X\":{\"#attributes\":{\"k\":\"v\"}}}}"),
        ROW("<E><M>txt<In>x</In>tail</M></E>", "",
            "{\"E\":{\"M\":{\"#text\":\"txttail\",\"In\":\"x\"}}}"),
        ROW("<E xmlns='u'></E>", "", "{\"E\":{\"#attributes\":{\"xmlns\":\"u\"}}}"),
    };
    SHOW_ROWS(rows);
}

// A number is bare when nothing else is there: any other node spoils it, except beside attributes
// or elements, where nodes that print nothing do not count.
static void test_bare_values(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        ROW("<E><X>%0%1</X></E>", "u:5|u:6", "{\"E\":{\"X\":\"56\"}}"),
        ROW("<E><X ~->%0%?1</X></E>", "u:5|n", "{\"E\":{\"X\":5}}"),
        ROW("<E><X>%0%1</X></E>", "u:5|n", "{\"E\":{\"X\":\"5\"}}"),
        ROW("<E><X>%{05 01 0000}%0</X></E>", "u:5", "{\"E\":{\"X\":\"5\"}}"),
        ROW("<E><X><?t d?>%0</X></E>", "u:5", "{\"E\":{\"X\":\"5\"}}"),
        ROW("<E><X>5</X></E>", "", "{\"E\":{\"X\":\"5\"}}"),
        ROW("<E><X>a=%0</X></E>", "u:5", "{\"E\":{\"X\":\"a=5\"}}"),
        ROW("<E><X k='v'>%0%1</X></E>", "u:5|n",
            "{\"E\":{\"X\":{\"#attributes\":{\"k\":\"v\"},\"#text\":5}}}"),
        ROW("<E><X><C/>%0%1</X></E>", "u:5|n", "{\"E\":{\"X\":{\"#text\":5,\"C\":null}}}"),
        ROW("<E><X k='v'>a%0</X></E>", "u:5",
            "{\"E\":{\"X\":{\"#attributes\":{\"k\":\"v\"},\"#text\":\"a5\"}}}"),
        SEPARATE("<E><X k='v'>%0%1</X></E>", "u:5|n",
                 "{\"E\":{\"X_attributes\":{\"k\":\"v\"},\"X\":\"5\"}}"),
        SEPARATE("<E><X><C/>%0%1</X></E>", "u:5|n", "{\"E\":{\"X\":{\"#text\":5,\"C\":null}}}"),
    };
    SHOW_ROWS(rows);
}

static void test_named_data(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        DATA("<Data Name='A'>1</Data><Data Name='B'/>", "", "{\"A\":\"1\",\"B\":\"\"}"),
        DATA("<Data Name='A'>1</Data><Data Name='A'>2</Data><Data Name='A'>3</Data>"
             "<Data Name='B'>4</Data>",
             "", "{\"A\":[\"1\",\"2\",\"3\"],\"B\":\"4\"}"),
        DATA("<Data Name='A'>1</Data><Data Name='B'>2</Data><Data Name='A'>3</Data>", "",
             "{\"A\":\"1\",\"B\":\"2\",\"A_1\":\"3\"}"),
        DATA("<Data Name='A'>1</Data><Data Name='B'>2</Data><Data Name='A'>3</Data>"
             "<Data Name='A'>4</Data><Data Name='B'>5</Data><Data Name='A'>6</Data>",
             "", "{\"A\":\"1\",\"B\":\"2\",\"A_1\":[\"3\",\"4\"],\"B_1\":\"5\",\"A_2\":\"6\"}"),
        DATA("<Data Name='A'>1</Data><Z/><Data Name='A'>3</Data>", "",
             "{\"A\":\"1\",\"Z\":null,\"A_1\":\"3\"}"),
        // Another element is no member of the run, whatever its attributes.
        DATA("<Data Name='A'>1</Data><X Name='A'/>", "",
             "{\"A\":\"1\",\"X\":{\"#attributes\":{\"Name\":\"A\"}}}"),
        DATA("<Data Name='A'>%0</Data><Data Name='A'>y</Data>", "n", "{\"A\":[\"\",\"y\"]}"),
        DATA("<Data Name='A'>%0</Data><Data Name='M'>m</Data>", "U:1,2,3",
             "{\"A\":[1,2,3],\"M\":\"m\"}"),
        DATA("<Data Name='A'>%0</Data>", "U:7", "{\"A\":\"7\"}"),
        DATA("<Data Name='A'>%0</Data>", "88:", "{\"A\":\"\"}"),
        DATA("<Data Name='A'>%0</Data><Data Name='A'>m</Data>", "S:a,,c",
             "{\"A\":[\"a\",\"\",\"c\",\"m\"]}"),
        DATA("<Data Name='A'>%0</Data><Data Name='M'>m</Data><Data Name='A'>n</Data>", "S:p,q",
             "{\"A\":[\"p\",\"q\"],\"M\":\"m\",\"A_1\":\"n\"}"),
        DATA("<Data Name='%0'>t</Data>", "S:p,q", "{\"p\":\"t\",\"q\":\"t\"}"),
        DATA("<Data Name='%0'>t</Data>", "81:0000", "{\"\":\"t\"}"),
        DATA("<Data Name='%0'>t</Data>", "u:5", "{\"5\":\"t\"}"),
        DATA("<Data Name='A'><In>x</In></Data><Data Name='A'>t<In/></Data>", "",
             "{\"A\":[{\"In\":\"x\"},{\"#text\":\"t\",\"In\":null}]}"),
        // A literal name and an equal UTF-16 value are the same name.
        DATA("<Data Name='A'>1</Data><Data Name='%0'>2</Data>", "s:A", "{\"A\":[\"1\",\"2\"]}"),
        DATA("<Data Name='a&lt;\"'>1</Data>", "", "{\"a<\\\"\":\"1\"}"),
    };
    SHOW_ROWS(rows);
}

static void test_positional_data(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        DATA("<Data>one</Data>", "", "{\"Data\":{\"#text\":\"one\"}}"),
        DATA("<Data>one</Data><Data></Data><Data>%{05 01 0000}</Data>", "",
             "{\"Data\":{\"#text\":[\"one\",\"\",\"\"]}}"),
        DATA("<Data/>", "", "{\"Data\":{\"#text\":\"\"}}"),
        DATA("<Data>%0</Data><Data>5</Data><Data>%1</Data><Data>%2</Data>", "u:5|0D:01000000|n",
             "{\"Data\":{\"#text\":[5,\"5\",true,\"\"]}}"),
        DATA("<Z/><Data>1</Data><Y/><Data>2</Data>", "",
             "{\"Z\":null,\"Data\":{\"#text\":[\"1\",\"2\"]},\"Y\":null}"),
        DATA("<Data>%0</Data><Binary>%1</Binary>", "S:p,,q|0E:CAFE",
             "{\"Data\":{\"#text\":[\"p\",\"\",\"q\"]},\"Binary\":\"CAFE\"}"),
        DATA("<Data Name=''>1</Data>", "", "{\"Data\":{\"#text\":\"1\"}}"),
        DATA("<Data><In>x</In></Data>", "", "{\"Data\":{\"#text\":{\"In\":\"x\"}}}"),
        DATA("txt<Data>1</Data>", "", "{\"#text\":\"txt\",\"Data\":{\"#text\":\"1\"}}"),
        ROW("<E><UserData><My><Data Name='Q'>i</Data><Data>j</Data></My></UserData></E>", "",
            "{\"E\":{\"UserData\":{\"My\":{\"Data\":{\"#attributes\":{\"Name\":\"Q\"},\"#text\":"
            "\"i\"},\"Data_1\":\"j\"}}}}"),
        ROW("<E><EventData><EventData><Data Name='Q'>i</Data></EventData><Data Name='R'>o</Data>"
            "</EventData></E>",
            "", "{\"E\":{\"EventData\":{\"EventData\":{\"Q\":\"i\"},\"R\":\"o\"}}}"),
        ROW("<E>%0</E>", "f:<EventData><Data Name='n'>x</Data></EventData>",
            "{\"E\":{\"EventData\":{\"n\":\"x\"}}}"),
    };
    SHOW_ROWS(rows);
}

static void test_separate_attributes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        SEPARATE("<E xmlns='u'><I Q='%0'>%1</I><Sec/></E>", "u:1|u:5",
                 "{\"E_attributes\":{\"xmlns\":\"u\"},\"E\":{\"I_attributes\":{\"Q\":1},\"I\":5,"
                 "\"Sec\":null}}"),
        SEPARATE("<E><I Q='%0'>%1</I></E>", "n|u:5", "{\"E\":{\"I\":5}}"),
        SEPARATE("<E><I Q='%0'>%1</I></E>", "u:1|s:", "{\"E\":{\"I_attributes\":{\"Q\":1}}}"),
        SEPARATE("<E><I Q='%0' R='%1'/></E>", "n|n", "{\"E\":{\"I\":null}}"),
        SEPARATE("<E><I Q='%0' R='%1'/></E>", "n|s:x", "{\"E\":{\"I_attributes\":{\"R\":\"x\"}}}"),
        SEPARATE("<E><B/>%0</E>", "f:<C k='v'/><D k='w'>x</D>",
                 "{\"E\":{\"B\":null,\"C_attributes\":{\"k\":\"v\"},\"D_attributes\":{\"k\":\"w\"},"
                 "\"D\":\"x\"}}"),
        // What is made of one name may be another one.
        SEPARATE("<E><A_attributes/>%0</E>", "f:<A k='v'/>",
                 "{\"E\":{\"A_attributes\":null,\"A_attributes_1\":{\"k\":\"v\"}}}"),
        SEPARATE("<E><P Name='P'/></E>", "", "{\"E\":{\"P_attributes\":{\"Name\":\"P\"}}}"),
        SEPARATE("<E xmlns='u'></E>", "", "{\"E_attributes\":{\"xmlns\":\"u\"},\"E\":null}"),
        SEPARATE("<E><X/><X k='2'><C/></X><X/></E>", "",
                 "{\"E\":{\"X\":null,\"X_1_attributes\":{\"k\":\"2\"},\"X_1\":{\"C\":null},"
                 "\"X_2\":null}}"),
        SEPARATE("<E><X k='v'>%0</X></E>", "81:0000",
                 "{\"E\":{\"X_attributes\":{\"k\":\"v\"},\"X\":\"\"}}"),
        SEPARATE("<E><EventData k='v'><Data Name='n'>1</Data></EventData></E>", "",
                 "{\"E\":{\"EventData_attributes\":{\"k\":\"v\"},\"EventData\":{\"n\":\"1\"}}}"),
        // As the record's root it is no container there: the reference has one way only.
        SEPARATE("<EventData><Data Name='n'>x</Data></EventData>", "",
                 "{\"EventData\":{\"Data_attributes\":{\"Name\":\"n\"},\"Data\":\"x\"}}"),
    };
    SHOW_ROWS(rows);
}

static void test_dependencies(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E><P><A>%?0</A></P></E>", "n", "{\"E\":{\"P\":null}}", "<E><P></P></E>"),
        BOTH("<E><P><A>%?0</A></P></E>", "n4", "{\"E\":{\"P\":null}}", "<E><P></P></E>"),
        BOTH("<E><P><A>%?0</A></P></E>", "21:", "{\"E\":{\"P\":null}}", "<E><P></P></E>"),
        BOTH("<E><P><A>%?0</A></P></E>", "s:", "{\"E\":{\"P\":{\"A\":null}}}",
             "<E><P><A></A></P></E>"),
        BOTH("<E><P><A>%?0</A></P></E>", "f:", "{\"E\":{\"P\":{\"A\":null}}}",
             "<E><P><A></A></P></E>"),
        BOTH("<E><P><A>%?0</A></P></E>", "u:0", "{\"E\":{\"P\":{\"A\":0}}}",
             "<E><P><A>0</A></P></E>"),
        BOTH("<E><P><A ~9>%?9</A></P></E>", "u:0", "{\"E\":{\"P\":{\"A\":null}}}",
             "<E><P><A></A></P></E>"),
        BOTH("<E><A ~0 k='v'>%1</A></E>", "n|s:q", "{\"E\":null}", "<E></E>"),
        BOTH("<E><A ~-><B/>%?0</A></E>", "n", "{\"E\":{\"A\":{\"B\":null}}}", "<E><A><B/></A></E>"),
        BOTH("<E k='v'><A>%?0</A></E>", "n", "{\"E\":{\"#attributes\":{\"k\":\"v\"}}}",
             "<E k=\"v\"></E>"),
        BOTH("<E><Q ~0><A ~1>%1</A></Q></E>", "n|s:q", "{\"E\":null}", "<E></E>"),
        BOTH("<E><P><A ~0/>tail</P></E>", "n", "{\"E\":{\"P\":\"tail\"}}", "<E><P>tail</P></E>"),
        BOTH("<E><P><A ~0/>%0</P></E>", "n", "{\"E\":{\"P\":null}}", "<E><P></P></E>"),
        BOTH("<E><X>%?0</X><X>%?1</X><X>3</X></E>", "n|s:q", "{\"E\":{\"X\":\"q\",\"X_1\":\"3\"}}",
             "<E><X>q</X><X>3</X></E>"),
        BOTH("<E ~0>t</E>", "n", "{\"E\":\"t\"}", "<E>t</E>"), // a root stays
        DATA("<Data Name='A'>%?0</Data><Data Name='B'>%?0</Data>", "n", "null"),
        DATA("<Data Name='A'>%?0</Data><Data>%1</Data>", "n|s:q", "{\"Data\":{\"#text\":\"q\"}}"),
        DATA("<Data>%?0</Data><Data>%?1</Data><Binary>%?0</Binary>", "n|s:q",
             "{\"Data\":{\"#text\":\"q\"}}"),
    };
    SHOW_ROWS(rows);
}

static void test_fragments_are_spliced(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E><X/>%0<X/></E>", "f:<X>1</X><Y/><X>2</X>",
             "{\"E\":{\"X\":null,\"X_1\":\"1\",\"Y\":null,\"X_2\":\"2\",\"X_3\":null}}",
             "<E><X/><X>1</X><Y/><X>2</X><X/></E>"),
        BOTH("<E>%0</E>", "F:<X>1</X>", "{\"E\":{\"X\":\"1\"}}", "<E><X>1</X></E>"),
        BOTH("<E>%0</E>", "f:", "{\"E\":null}", "<E></E>"),
        BOTH("<E>%0</E>", "21:00", "{\"E\":null}", "<E></E>"),
        BOTH("<E>%0</E>", "21:0F01010000777777", "{\"E\":null}", "<E></E>"), // behind EOF
        BOTH("<E><A>%0</A><B>%0</B></E>", "f:<X>1</X>",
             "{\"E\":{\"A\":{\"X\":\"1\"},\"B\":{\"X\":\"1\"}}}",
             "<E><A><X>1</X></A><B><X>1</X></B></E>"),
        ROW("<E><EventData/>%0</E>", "f:<EventData><Data Name='a'>1</Data></EventData>",
            "{\"E\":{\"EventData\":null,\"EventData_1\":{\"a\":\"1\"}}}"),
    };
    SHOW_ROWS(rows);
}

// Below a value token of a definition the roots of instances are repeated, too, values in them
// included.
static void test_roots_in_value_tokens_are_repeated(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "{\"E\":{\"P\":{\"I\":{\"#attributes\":{\"a\":7},\"J\":7,\"J_1\":8},"
        "\"I_1\":{\"#attributes\":{\"a\":8},\"J\":7,\"J_1\":8}}}}\n",
        SHOW_DECLARATION "<E><P><I a=\"7\"><J>7</J><J>8</J></I>"
                         "<I a=\"8\"><J>7</J><J>8</J></I></P></E>\n"};
    encode_builder *b = encode_create();
    encode_template *i = encode_template_text(b, "<I a='%0'>%1:nested</I>");
    encode_template *j = encode_template_text(b, "<J>%0</J>");
    const encode_value array =
        encode_bytes(b, ENCODE_ARRAY | ENCODE_U32, (const uint32_t[]){7, 8}, 8);
    encode_node *instance = ENCODE_INSTANCE(b, i, array, ENCODE_NESTED_INSTANCE(b, j, array));
    encode_node *inner = encode_nodes_text(b, "<P></P>"), *outer = encode_nodes_text(b, "<E></E>");
    encode_append(encode_find(b, inner, "P"), instance);
    encode_append(encode_find(b, outer, "E"), encode_literal(b, encode_nested(inner)));
    ENCODE_EVENT(b, encode_template_of(b, outer), encode_null());
    size_t size;
    const uint8_t *log = encode_finish(b, &size);
    if (!log)
        fail_msg("%s", encode_error(b));
    for (int xml = 0; xml < 2; xml++) {
        evx_convert_options options = show_options(xml ? EVX_FORMAT_XML : EVX_FORMAT_JSONL);
        options.compact = xml;
        struct run run = run_convert(log, size, RUN_MEMORY, &options);
        assert_string_equal(run.out.bytes, expected[xml]);
        run_free(&run);
    }
    encode_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_element_values),
        cmocka_unit_test(test_bare_values),
        cmocka_unit_test(test_named_data),
        cmocka_unit_test(test_positional_data),
        cmocka_unit_test(test_separate_attributes),
        cmocka_unit_test(test_dependencies),
        cmocka_unit_test(test_fragments_are_spliced),
        cmocka_unit_test(test_roots_in_value_tokens_are_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
