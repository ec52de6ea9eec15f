// SPDX-License-Identifier: MIT
// Guards against dates that look real and are not: years whose first digit is missing, and the epoch in the
// place of what is no time. The rows of docs/differences.md on times.
#include "render.h"

#define BOTH(structure, values, json, xml)                                                         \
    {                                                                                              \
        structure, values, json, xml, NULL, NULL                                                   \
    }

static void test_years_have_all_their_digits(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        BOTH("<E><X a='%0'>%1</X></E>", "11:FF3FC0D15E5AC824|11:0040C0D15E5AC824",
             "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"9999-12-31T23:59:59.9999999Z\"},"
             "\"#text\":\"10000-01-01T00:00:00.0000000Z\"}}}",
             "<E><X a=\"9999-12-31T23:59:59.9999999Z\">10000-01-01T00:00:00.0000000Z</X></E>"),
        BOTH("<E><X>%0</X></E>", "91:0000000000000000FFFFFFFFFFFFFF7F",
             "{\"E\":{\"X\":\"1601-01-01T00:00:00.0000000Z\","
             "\"X_1\":\"30828-09-14T02:48:05.4775807Z\"}}",
             NULL),
        BOTH("<E><X>%0</X></E>", "12:6B780C0000001F0017003B003B00E703",
             "{\"E\":{\"X\":\"30827-12-31T23:59:59.9990000Z\"}}",
             "<E><X>30827-12-31T23:59:59.9990000Z</X></E>"),
    };
    SHOW_ROWS(rows);
}

#define NO_TIME "00000000000000C0"
#define NO_DATE "E707020000001D000000000000000000" // 2023-02-29
#define NEVER(structure, values, json, xml, type)                                                  \
    {                                                                                              \
        structure, values, json, xml, NULL, "value of type " type " at offset"                     \
    }

// Wherever a value can stand, and whatever was shown in its place before.
static void test_times_that_do_not_exist_show_their_bytes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        NEVER("<E><X a='%0'>%1</X></E>", "11:" NO_TIME "|s:t",
              "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"" NO_TIME "\"},\"#text\":\"t\"}}}",
              "<E><X a=\"" NO_TIME "\">t</X></E>", "0x11 and size 8"),
        NEVER("<E><X a='v'>%0</X></E>", "11:" NO_TIME,
              "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"v\"},\"#text\":\"" NO_TIME "\"}}}",
              "<E><X a=\"v\">" NO_TIME "</X></E>", "0x11 and size 8"),
        NEVER("<E><X>%0</X></E>", "12:" NO_DATE, "{\"E\":{\"X\":\"" NO_DATE "\"}}",
              "<E><X>" NO_DATE "</X></E>", "0x12 and size 16"),
        NEVER("<E><X>%0</X></E>", "11:FFFFFFFFFFFFFFFFAA",
              "{\"E\":{\"X\":\"FFFFFFFFFFFFFFFFAA\"}}", NULL, "0x11 and size 9"),
        NEVER("<E><X>%0</X></E>", "91:0000000000000000" NO_TIME,
              "{\"E\":{\"X\":\"1601-01-01T00:00:00.0000000Z\",\"X_1\":\"" NO_TIME "\"}}",
              "<E><X>1601-01-01T00:00:00.0000000Z</X><X>" NO_TIME "</X></E>", "0x11 and size 8"),
        NEVER("<E><X>%0</X></E>", "92:" NO_DATE, "{\"E\":{\"X\":\"" NO_DATE "\"}}",
              "<E><X>" NO_DATE "</X></E>", "0x12 and size 16"),
        {"<E><EventData><Data>%0</Data></EventData></E>", "91:" NO_TIME NO_TIME,
         "{\"E\":{\"EventData\":{\"Data\":{\"#text\":[\"" NO_TIME "\",\"" NO_TIME "\"]}}}}",
         .note = "value of type 0x11 and size 8 at offset", .note_count = 2},
        // Value tokens: in an element without holes, in an attribute, in a record without a
        // template, in a value.
        NEVER("<E><X>%{05 11 " NO_TIME "}</X><Y>%0</Y></E>", "s:t",
              "{\"E\":{\"X\":\"" NO_TIME "\",\"Y\":\"t\"}}",
              "<E><X>" NO_TIME "</X><Y>t</Y></E>", "0x11 and size 8"),
        NEVER("<E><X a='%{05 12 " NO_DATE "}'>%0</X></E>", "s:t",
              "{\"E\":{\"X\":{\"#attributes\":{\"a\":\"" NO_DATE "\"},\"#text\":\"t\"}}}",
              "<E><X a=\"" NO_DATE "\">t</X></E>", "0x12 and size 16"),
        NEVER("<E>%{05 11 " NO_TIME "}</E>", NULL, "{\"E\":\"" NO_TIME "\"}",
              "<E>" NO_TIME "</E>", "0x11 and size 8"),
        NEVER("<E>%0</E>", "f:<X>%{05 11 " NO_TIME "}</X>", "{\"E\":{\"X\":\"" NO_TIME "\"}}",
              "<E><X>" NO_TIME "</X></E>", "0x11 and size 8"),
        // Nothing shows the value: nothing to report.
        BOTH("<E><Y>%1</Y></E>", "11:" NO_TIME "|s:t", "{\"E\":{\"Y\":\"t\"}}",
             "<E><Y>t</Y></E>"),
    };
    SHOW_ROWS(rows);
    // A program that expects something else here.
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0</E>");
    ENCODE_EVENT(b, t, encode_u32(7));
    ENCODE_EVENT(b, t, encode_filetime(UINT64_MAX));
    show_expect_json(b, "{\"E\":7}\n{\"E\":\"FFFFFFFFFFFFFFFF\"}\n", 1, "time that does not exist");
}

static void test_dates_that_do_not_exist_show_their_bytes(void **state)
{
    (void)state;
    static const uint16_t dates[][8] = {
        {2023, 2, 0, 29, 0, 0, 0, 0},  {2100, 2, 0, 29, 0, 0, 0, 0},   {2023, 4, 0, 31, 0, 0, 0, 0},
        {2023, 1, 0, 32, 0, 0, 0, 0},  {2023, 1, 0, 0, 0, 0, 0, 0},    {2023, 0, 0, 1, 0, 0, 0, 0},
        {2023, 13, 0, 1, 0, 0, 0, 0},  {1600, 1, 0, 1, 0, 0, 0, 0},    {30828, 1, 0, 1, 0, 0, 0, 0},
        {2023, 1, 0, 1, 24, 0, 0, 0},  {2023, 1, 0, 1, 0, 60, 0, 0},   {2023, 1, 0, 1, 0, 0, 60, 0},
        {2023, 1, 0, 1, 0, 0, 0, 1000}, {0},
    };
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        char hex[33], expected[64];
        for (size_t k = 0; k < 16; k++)
            snprintf(hex + 2 * k, 3, "%02X", ((const uint8_t *)dates[i])[k]);
        snprintf(expected, sizeof expected, "{\"E\":\"%s\"}\n", hex);
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<E>%0</E>");
        ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_SYSTEMTIME, dates[i], 16));
        show_expect_json(b, expected, 1, "time that does not exist");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_years_have_all_their_digits),
        cmocka_unit_test(test_times_that_do_not_exist_show_their_bytes),
        cmocka_unit_test(test_dates_that_do_not_exist_show_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
