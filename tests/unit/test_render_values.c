// SPDX-License-Identifier: MIT
// Guards the text of every value type, in element content and in attributes, bare or quoted in
// JSON, and what counts as empty.
#include "render.h"

#define IN_X(value, json, xml)                                                                     \
    {                                                                                              \
        "<E><X>%0</X></E>", value, "{\"E\":{\"X\":" json "}}", "<E><X>" xml "</X></E>",            \
            "{\"E\":{\"X\":" json "}}", NULL                                                       \
    }
#define IN_A(value, json, xml)                                                                     \
    {                                                                                              \
        "<E><X a='%0'></X></E>", value, "{\"E\":{\"X\":{\"#attributes\":{\"a\":" json "}}}}",      \
            "<E><X a=\"" xml "\"></X></E>", "{\"E\":{\"X_attributes\":{\"a\":" json "}}}", NULL    \
    }
#define BARE(value, text)   IN_X(value, text, text), IN_A(value, text, text)
#define QUOTED(value, text) IN_X(value, "\"" text "\"", text), IN_A(value, "\"" text "\"", text)

static void test_numbers_and_booleans_are_bare(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BARE("03:80", "-128"),
        BARE("04:FF", "255"),
        BARE("05:0080", "-32768"),
        BARE("06:FFFF", "65535"),
        BARE("07:00000080", "-2147483648"),
        BARE("08:FFFFFFFF", "4294967295"),
        BARE("09:0000000000000080", "-9223372036854775808"),
        BARE("0A:FFFFFFFFFFFFFFFF", "18446744073709551615"),
        BARE("0D:00000000", "false"),
        BARE("0D:01000000", "true"),
        BARE("0D:02000000", "2"), // 0.15.1 shows the number, Windows true
        BARE("0D:FFFFFFFF", "-1"),
    };
    SHOW_ROWS(rows);
}

static void test_other_types_are_quoted(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        QUOTED("0B:CDCCCC3D", "0.1"),
        QUOTED("0C:000000000000F03F", "1.0"),
        QUOTED("0C:0080E03779C34143", "1e+16"),
        QUOTED("0C:000000000000F0FF", "-inf"),
        QUOTED("0C:000000000000F8FF", "NaN"),
        QUOTED("0E:00AB", "00AB"),
        QUOTED("0F:000102030405060708090A0B0C0D0E0F", "{03020100-0504-0706-0809-0a0b0c0d0e0f}"),
        QUOTED("10:EFBEADDE", "0xdeadbeef"),
        QUOTED("10:0000000000000000", "0x0"),
        QUOTED("14:E7030000", "0x3e7"),
        QUOTED("15:0000000000002080", "0x8020000000000000"),
        QUOTED("11:0000000000000000", "1601-01-01T00:00:00.0000000Z"),
        QUOTED("11:0100000000000000", "1601-01-01T00:00:00.0000001Z"),
        QUOTED("12:E00707000500080012000C0033001503", "2016-07-08T18:12:51.7890000Z"),
        QUOTED("13:01020000000000052000000021020000", "S-1-5-32-545"),
        QUOTED("13:0100FFFFFFFFFFFF", "S-1-281474976710655"),
    };
    SHOW_ROWS(rows);
}

static void test_strings_are_escaped(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        IN_X("s:a<b>&\"'\\", "\"a<b>&\\\"'\\\\\"", "a&lt;b&gt;&amp;\"'\\"),
        IN_A("s:a<b>&\"'\\", "\"a<b>&\\\"'\\\\\"", "a&lt;b&gt;&amp;&quot;&apos;\\"),
        IN_X("a:a<b>&\"'\\", "\"a<b>&\\\"'\\\\\"", "a&lt;b&gt;&amp;\"'\\"),
        IN_A("a:a<b>&\"'\\", "\"a<b>&\\\"'\\\\\"", "a&lt;b&gt;&amp;&quot;&apos;\\"),
        IN_X("s:\t\n\r", "\"\\t\\n\\r\"", "\t\n\r"), IN_A("s:\t\n\r", "\"\\t\\n\\r\"", "\t\n\r"),
        IN_X("s:\b\f\x01\x7F", "\"\\b\\f\\u0001\x7F\"", "___\x7F"),
        // The case of the digits tells where the text came from.
        IN_X("s:\v", "\"\\u000B\"", "_"), IN_X("a:\v", "\"\\u000b\"", "_"),
        IN_X("s:\u2028\U0001F600", "\"\u2028\U0001F600\"", "\u2028\U0001F600"),
        // U+FFFE, and a high surrogate in front of a pair.
        IN_X("01:FEFF", "\"\xEF\xBF\xBE\"", "_"),
        IN_X("01:00D800D800DC", "\"\xEF\xBF\xBD\U00010000\"", "_\U00010000"),
        IN_A("01:00DC", "\"\xEF\xBF\xBD\"", "_"),
        // The end is the first NUL unit; of ANSI all NULs are taken out.
        IN_X("01:6100620000006300", "\"ab\"", "ab"), IN_X("02:6100E900", "\"a\u00E9\"", "a\u00E9"),
        IN_X("02:818D", "\"\xC2\x81\xC2\x8D\"", "\xC2\x81\xC2\x8D"), // of windows-1252
    };
    SHOW_ROWS(rows);
}

#define EMPTY(value)                                                                               \
    {"<E><X>%0</X></E>", value, "{\"E\":{\"X\":null}}", "<E><X></X></E>", NULL, NULL},             \
        {"<E><X a='%0'/></E>", value, "{\"E\":{\"X\":null}}", "<E><X/></E>", NULL, NULL},          \
    {                                                                                              \
        "<E><X a='&lt;%0'/></E>", value, "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"<\"}}}}",        \
            "<E><X a=\"&lt;\"/></E>", NULL, NULL                                                   \
    }

static void test_empty_values(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        EMPTY("n"),
        EMPTY("n4"), // the bytes of a NULL are skipped
        EMPTY("s:"),
        EMPTY("01:00006100"),
        EMPTY("a:"),
        EMPTY("02:0000"),
        EMPTY("0E:"),
        EMPTY("21:"),
        EMPTY("81:"),
        EMPTY("82:"),
        EMPTY("88:"),
        // A slot behind the values is empty, too.
        {"<E><X>%7</X><Y a='%7'/></E>", "u:1", "{\"E\":{\"X\":null,\"Y\":null}}",
         "<E><X></X><Y/></E>", NULL, NULL},
        // Values behind a NULL with bytes are where they belong.
        {"<E><X>%0</X><Y>%1</Y></E>", "n4|u:7", "{\"E\":{\"X\":null,\"Y\":7}}",
         "<E><X></X><Y>7</Y></E>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

// Eight values at once: where each begins is summed up four at a time.
static void test_a_table_of_many_values(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><A>%0</A><B>%1</B><C>%2</C><D>%3</D><F>%4</F><G>%5</G><H>%6</H><I>%7</I></E>",
         "u:1|04:02|s:abc|06:0400|n3|0E:050607|04:08|s:i",
         "{\"E\":{\"A\":1,\"B\":2,\"C\":\"abc\",\"D\":4,\"F\":null,\"G\":\"050607\",\"H\":8,"
         "\"I\":\"i\"}}",
         "<E><A>1</A><B>2</B><C>abc</C><D>4</D><F></F><G>050607</G><H>8</H><I>i</I></E>", NULL,
         NULL},
    };
    SHOW_ROWS(rows);
}

// 524292 is 04 00 08 00: whoever reads one descriptor too many takes it for one of a u32.
#define ONE_TOO_FEW(structure, json, xml)                                                          \
    {"<E><X>%0</X>" structure "</E>", "u:524292", "{\"E\":{\"X\":524292" json "}}",                \
     "<E><X>524292</X>" xml "</E>", NULL, NULL}

static void test_one_value_too_few(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        ONE_TOO_FEW("<Y>%1</Y>", ",\"Y\":null", "<Y></Y>"),
        ONE_TOO_FEW("<Y>%?1</Y>", ",\"Y\":null", "<Y></Y>"), // only a NULL makes it vanish
        ONE_TOO_FEW("<Y ~- a='%1'/>", ",\"Y\":null", "<Y/>"),
        ONE_TOO_FEW("<Y a='%1'>t</Y>", ",\"Y\":\"t\"", "<Y>t</Y>"),
        ONE_TOO_FEW("<Y a='%1'><Z/></Y>", ",\"Y\":{\"Z\":null}", "<Y><Z/></Y>"),
        ONE_TOO_FEW("<Y ~1>t</Y>", ",\"Y\":\"t\"", "<Y>t</Y>"),
        ONE_TOO_FEW("<Y ~1><Z>%0</Z></Y>", ",\"Y\":{\"Z\":524292}", "<Y><Z>524292</Z></Y>"),
        ONE_TOO_FEW("%?1", "", ""),
        {"<E><EventData><Data Name='a'>%0</Data><Data Name='b'>%1</Data></EventData></E>",
         "u:524292", "{\"E\":{\"EventData\":{\"a\":524292,\"b\":\"\"}}}",
         "<E><EventData><Data Name=\"a\">524292</Data><Data Name=\"b\"></Data></EventData></E>",
         NULL, NULL},
        // None at all: behind the table there is the record's end.
        {"<E><X>%0</X></E>", "", "{\"E\":{\"X\":null}}", "<E><X></X></E>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

#define ITEMS(value, json, xml)                                                                    \
    {                                                                                              \
        "<E><X>%0</X></E>", value, "{\"E\":{" json "}}", "<E>" xml "</E>", "{\"E\":{" json "}}",   \
            NULL                                                                                   \
    }

static void test_arrays_repeat_their_element(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        ITEMS("S:a,,c", "\"X\":\"a\",\"X_1\":null,\"X_2\":\"c\"", "<X>a</X><X></X><X>c</X>"),
        ITEMS("A:a,,c", "\"X\":\"a\",\"X_1\":null,\"X_2\":\"c\"", "<X>a</X><X></X><X>c</X>"),
        ITEMS("82:61006200", "\"X\":\"a\",\"X_1\":\"b\"", "<X>a</X><X>b</X>"),
        ITEMS("83:807F", "\"X\":-128,\"X_1\":127", "<X>-128</X><X>127</X>"),
        ITEMS("84:8001", "\"X\":128,\"X_1\":1", "<X>128</X><X>1</X>"),
        ITEMS("85:FFFF0100", "\"X\":-1,\"X_1\":1", "<X>-1</X><X>1</X>"),
        ITEMS("86:FFFF0100", "\"X\":65535,\"X_1\":1", "<X>65535</X><X>1</X>"),
        ITEMS("87:FFFFFFFF01000000", "\"X\":-1,\"X_1\":1", "<X>-1</X><X>1</X>"),
        ITEMS("U:7,8", "\"X\":7,\"X_1\":8", "<X>7</X><X>8</X>"),
        ITEMS("89:FFFFFFFFFFFFFFFF0100000000000000", "\"X\":-1,\"X_1\":1", "<X>-1</X><X>1</X>"),
        ITEMS("8A:FFFFFFFFFFFFFFFF0100000000000000", "\"X\":18446744073709551615,\"X_1\":1",
              "<X>18446744073709551615</X><X>1</X>"),
        ITEMS("8B:0000C03F00000040", "\"X\":\"1.5\",\"X_1\":\"2.0\"", "<X>1.5</X><X>2.0</X>"),
        ITEMS("8C:000000000000F83F0000000000000040", "\"X\":\"1.5\",\"X_1\":\"2.0\"",
              "<X>1.5</X><X>2.0</X>"),
        ITEMS("8D:0000000001000000", "\"X\":false,\"X_1\":true", "<X>false</X><X>true</X>"),
        // One item that is no boolean makes numbers of all.
        ITEMS("8D:000000000100000002000000", "\"X\":0,\"X_1\":1,\"X_2\":2",
              "<X>0</X><X>1</X><X>2</X>"),
        ITEMS("8F:0000000000000000000000000000000001000000000000000000000000000000",
              "\"X\":\"{00000000-0000-0000-0000-000000000000}\","
              "\"X_1\":\"{00000001-0000-0000-0000-000000000000}\"",
              "<X>{00000000-0000-0000-0000-000000000000}</X>"
              "<X>{00000001-0000-0000-0000-000000000000}</X>"),
        ITEMS("91:00000000000000000100000000000000",
              "\"X\":\"1601-01-01T00:00:00.0000000Z\",\"X_1\":\"1601-01-01T00:00:00.0000001Z\"",
              "<X>1601-01-01T00:00:00.0000000Z</X><X>1601-01-01T00:00:00.0000001Z</X>"),
        ITEMS("92:E00707000500080012000C003300150341060100000001000000000000000000",
              "\"X\":\"2016-07-08T18:12:51.7890000Z\",\"X_1\":\"1601-01-01T00:00:00.0000000Z\"",
              "<X>2016-07-08T18:12:51.7890000Z</X><X>1601-01-01T00:00:00.0000000Z</X>"),
        ITEMS("93:01010000000000051200000001020000000000052000000021020000",
              "\"X\":\"S-1-5-18\",\"X_1\":\"S-1-5-32-545\"", "<X>S-1-5-18</X><X>S-1-5-32-545</X>"),
        ITEMS("94:01000000FF000000", "\"X\":\"0x1\",\"X_1\":\"0xff\"", "<X>0x1</X><X>0xff</X>"),
        ITEMS("95:0100000000000000FF00000000000000", "\"X\":\"0x1\",\"X_1\":\"0xff\"",
              "<X>0x1</X><X>0xff</X>"),
    };
    SHOW_ROWS(rows);
}

static void test_arrays_of_one_item_are_text(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        ITEMS("U:7", "\"X\":\"7\"", "<X>7</X>"),
        ITEMS("8D:01000000", "\"X\":\"true\"", "<X>true</X>"),
        ITEMS("8D:02000000", "\"X\":\"2\"", "<X>2</X>"),
        ITEMS("S:a", "\"X\":\"a\"", "<X>a</X>"),
        ITEMS("81:0000", "\"X\":\"\"", "<X></X>"), // content that prints nothing
        IN_A("81:0000", "\"\"", ""),
        IN_A("U:7", "\"7\"", "7"),
    };
    SHOW_ROWS(rows);
}

static void test_arrays_in_several_places(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        {"<E><X>&lt;%0&gt;</X></E>", "S:a,b", "{\"E\":{\"X\":\"<a>\",\"X_1\":\"<b>\"}}",
         "<E><X>&lt;a&gt;</X><X>&lt;b&gt;</X></E>", NULL, NULL},
        {"<E><X a='%0'>t</X></E>", "S:a,,c",
         "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"a\"},\"#text\":\"t\"},\"X_1\":\"t\","
         "\"X_2\":{\"#attributes\":{\"a\":\"c\"},\"#text\":\"t\"}}}",
         "<E><X a=\"a\">t</X><X>t</X><X a=\"c\">t</X></E>", NULL, NULL},
        {"<E><X>%0%1</X></E>", "S:p,q|U:1,2,3",
         "{\"E\":{\"X\":\"p1\",\"X_1\":\"p2\",\"X_2\":\"p3\",\"X_3\":\"q1\",\"X_4\":\"q2\","
         "\"X_5\":\"q3\"}}",
         "<E><X>p1</X><X>p2</X><X>p3</X><X>q1</X><X>q2</X><X>q3</X></E>", NULL, NULL},
        {"<E><X a='%0'>%1</X></E>", "S:p,q|U:1,2,3", NULL,
         "<E><X a=\"p\">1</X><X a=\"q\">1</X><X a=\"p\">2</X><X a=\"q\">2</X><X a=\"p\">3</X>"
         "<X a=\"q\">3</X></E>",
         NULL, NULL},
        {"<E><X a='%0'>%0</X></E>", "S:p,q", NULL,
         "<E><X a=\"p\">p</X><X a=\"q\">p</X><X a=\"p\">q</X><X a=\"q\">q</X></E>", NULL, NULL},
        // The root of a template is never repeated: its items are joined.
        {"<E>%0</E>", "S:p,q", "{\"E\":\"p,q\"}", "<E>p,q</E>", NULL, NULL},
        {"<E a='%0'></E>", "U:1,2,3", "{\"E\":{\"#attributes\":{\"a\":\"1,2,3\"}}}",
         "<E a=\"1,2,3\"></E>", NULL, NULL},
    };
    SHOW_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_and_booleans_are_bare),
        cmocka_unit_test(test_other_types_are_quoted),
        cmocka_unit_test(test_strings_are_escaped),
        cmocka_unit_test(test_empty_values),
        cmocka_unit_test(test_a_table_of_many_values),
        cmocka_unit_test(test_one_value_too_few),
        cmocka_unit_test(test_arrays_repeat_their_element),
        cmocka_unit_test(test_arrays_of_one_item_are_text),
        cmocka_unit_test(test_arrays_in_several_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
