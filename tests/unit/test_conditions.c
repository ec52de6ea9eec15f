// SPDX-License-Identifier: MIT
// Guards against flags that select something else than their help says: the tree of each row, and
// the place of each error.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "filter/calendar.h"
#include "filter/conditions.h"
#include "filter/number_set.h"
#include "query_print.h"

enum flag {
    FLAG_ID,
    FLAG_RECORD_ID,
    FLAG_LEVEL,
    FLAG_KEYWORDS,
    FLAG_USER,
    FLAG_PROVIDER,
    FLAG_CHANNEL,
    FLAG_COMPUTER,
    FLAG_SEARCH,
    FLAG_REGEX,
    FLAG_DATA,
};

static uint32_t call(struct query_tree *tree, enum flag flag, const char *text, size_t size,
                     struct query_error *error)
{
    struct condition_text data = {text, size};
    size_t wrong;
    switch (flag) {
    case FLAG_ID:
        return condition_ids(tree, text, size, error);
    case FLAG_RECORD_ID:
        return condition_record_ids(tree, text, size, error);
    case FLAG_LEVEL:
        return condition_levels(tree, text, size, error);
    case FLAG_KEYWORDS:
        return condition_keywords(tree, text, size, error);
    case FLAG_USER:
        return condition_users(tree, text, size, error);
    case FLAG_PROVIDER:
    case FLAG_CHANNEL:
    case FLAG_COMPUTER:
        return condition_names(tree, (enum condition_name)(flag - FLAG_PROVIDER), text, size,
                               error);
    case FLAG_SEARCH:
        return condition_search(tree, text, size, error);
    case FLAG_REGEX:
        return condition_regex(tree, text, size, error);
    default:
        return condition_data(tree, &data, 1, &wrong, error);
    }
}

struct row {
    enum flag flag;
    const char *text, *tree;
};

static void assert_rows(const struct row *rows, size_t count)
{
    static char printed[1 << 16];
    for (size_t i = 0; i < count; i++) {
        struct memory memory;
        struct query_tree tree;
        struct query_error error;
        memory_init(&memory, NULL);
        query_tree_init(&tree, &memory);
        uint32_t root = call(&tree, rows[i].flag, rows[i].text, strlen(rows[i].text), &error);
        if (root == NO_EXPRESSION)
            query_error_print(&error, printed, sizeof printed);
        else
            query_print(&tree, root, printed, sizeof printed);
        if (strcmp(printed, rows[i].tree) != 0)
            print_message("# %s\n# %s\n", rows[i].text, printed);
        assert_string_equal(printed, rows[i].tree);
        query_tree_destroy(&tree);
    }
}

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

static void test_numbers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {FLAG_ID, "4624", "*/System/EventIDset{4624-4624}"},
        {FLAG_ID, "1, 1-100, -75", "*/System/EventIDset{1-74,76-100}"},
        {FLAG_ID, "10,200-500,-311", "*/System/EventIDset{10-10,200-310,312-500}"},
        {FLAG_ID, " 5 - 7 , 3 ,4 ", "*/System/EventIDset{3-7}"},
        {FLAG_ID, "-4600-4700, -1", "not(*/System/EventIDset{1-1,4600-4700})"},
        {FLAG_ID, "1-9,-2-3,-5,-9", "*/System/EventIDset{1-1,4-4,6-8}"},
        {FLAG_ID, "1,-1", "FALSE"},
        {FLAG_ID, "0-65535", "*/System/EventIDset{0-65535}"},
        {FLAG_RECORD_ID, "1,5-9,100-",
         "*/System/EventRecordIDset{1-1,5-9,100-18446744073709551615}"},
        {FLAG_RECORD_ID, "18446744073709551615",
         "*/System/EventRecordIDset{18446744073709551615-18446744073709551615}"},
        {FLAG_LEVEL, "info", "*/System/Levelset{0-0,4-4}"},
        {FLAG_LEVEL, "4", "*/System/Levelset{4-4}"},
        {FLAG_LEVEL, "Critical, ERROR,warning", "*/System/Levelset{1-3}"},
        {FLAG_LEVEL, "logalways,verbose,255", "*/System/Levelset{0-0,5-5,255-255}"},
        {FLAG_KEYWORDS, "audit-success,Audit-Failure", "band(*/System/Keywords,0x30000000000000)"},
        {FLAG_KEYWORDS, "-9214364837600034816", "band(*/System/Keywords,0x8020000000000000)"},
        {FLAG_KEYWORDS, "0x80000000000000,classic", "band(*/System/Keywords,0x80000000000000)"},
    };
    assert_rows(ROWS(rows));
}

static void test_texts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {FLAG_PROVIDER, "AD FS, Foo",
         "(*/System/Provider/@Name='AD FS' or */System/Provider/@Name='Foo')"},
        {FLAG_PROVIDER, "\"a, b\" ,c",
         "(*/System/Provider/@Name='a, b' or */System/Provider/@Name='c')"},
        {FLAG_PROVIDER, "Microsoft-*", "*/System/Provider/@Namestarts'Microsoft-'"},
        {FLAG_CHANNEL, "*/Operational", "*/System/Channelends'/Operational'"},
        {FLAG_CHANNEL, "a*b", "*/System/Channellike'a*b'"},
        {FLAG_CHANNEL, "a\\b", "*/System/Channel='a\\b'"},
        {FLAG_CHANNEL, "a\\?", "*/System/Channellike'a\\\\?'"},
        {FLAG_COMPUTER, "*dc*", "*/System/Computercontains'dc'"},
        {FLAG_COMPUTER, "*", "*/System/Computerlike'*'"},
        {FLAG_USER, "S-1-5-18,s-1-5-19",
         "(*/System/Security/@UserID='S-1-5-18' or */System/Security/@UserID='s-1-5-19')"},
        {FLAG_SEARCH, "a*b\\", "any contains'a*b\\'"},
        {FLAG_REGEX, "^a.*$", "any re.cased'^a.*$'"},
    };
    assert_rows(ROWS(rows));
}

#define DATA(name)     "*/EventData/Data[@Name='" name "']"
#define BOTH(name, op) "(" DATA(name) op " or */UserData/*/" name op ")"

static void test_fields(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {FLAG_DATA, "LogonType=3", BOTH("LogonType", "='3'#3")},
        {FLAG_DATA, "LogonType", BOTH("LogonType", "")},
        {FLAG_DATA, "LogonType=", BOTH("LogonType", "=''")},
        {FLAG_DATA, "Detection User=x", DATA("Detection User") "='x'"},
        {FLAG_DATA, "EventData.ProcessID=4", DATA("ProcessID") "='4'#4"},
        {FLAG_DATA, "Event.EventData.a.b.#text=4", DATA("a.b") "='4'#4"},
        {FLAG_DATA, "ProcessID=4", "*/System/Execution/@ProcessID='4'#4"},
        {FLAG_DATA, "ProcessId=4", BOTH("ProcessId", "='4'#4")},
        {FLAG_DATA, "EventID=4", "*/System/EventID='4'#4"},
        {FLAG_DATA, "Provider_Name=x", "*/System/Provider/@Name='x'"},
        {FLAG_DATA, "System.Provider.Name=x", "*/System/Provider/@Name='x'"},
        {FLAG_DATA, "Event.System.Provider.#attributes.Guid", "*/System/Provider/@Guid"},
        {FLAG_DATA, "Event.System.EventID.#text=1", "*/System/EventID='1'#1"},
        {FLAG_DATA, "UserData.Root.Leaf=x", "*/UserData/Root/Leaf='x'"},
        {FLAG_DATA, "UserData.*.Leaf=x", "*/UserData/*/Leaf='x'"},
        {FLAG_DATA, "Data=x", "*/EventData/Data='x'"},
        {FLAG_DATA, "Event.EventData.Data.#text=x", "*/EventData/Data='x'"},
        {FLAG_DATA, "EventData.EventID=x", DATA("EventID") "='x'"},
        {FLAG_DATA, "Data[3]=x", "*/EventData/Data[#=3]='x'"},
        {FLAG_DATA, "param3=x",
         "(" DATA("param3") "='x' or */EventData/Data[(#=3 and not(@Name))]='x' or */UserData/*/param3='x')"},
        {FLAG_DATA, "EventData.param3", "(" DATA("param3") " or */EventData/Data[(#=3 and not(@Name))])"},
        {FLAG_DATA, "System/EventID=1", "*/System/EventID='1'#1"},
        {FLAG_DATA, "/Event/System/Provider/@Name=a=b", "*/System/Provider/@Name='a=b'"},
        {FLAG_DATA, "EventData/Data[@Name='x']|contains=y",
         "*/EventData/Data[@Name='x']contains'y'"},
    };
    assert_rows(ROWS(rows));
}

#define F "System/F"
#define OR_ITSELF(given, meant) "(*/" F "='" given "' or */" F meant ")"

static void test_modifiers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {FLAG_DATA, F "=*\\cmd.exe", OR_ITSELF("*\\cmd.exe", "ends'\\cmd.exe'")},
        {FLAG_DATA, F "=a\\*b", OR_ITSELF("a\\*b", "='a*b'")},
        {FLAG_DATA, F "=a\\\\*", OR_ITSELF("a\\\\*", "starts'a\\'")},
        {FLAG_DATA, F "=a\\\\\\*", OR_ITSELF("a\\\\\\*", "='a\\*'")},
        {FLAG_DATA, F "=a\\b\\\\c", OR_ITSELF("a\\b\\\\c", "='a\\b\\c'")},
        {FLAG_DATA, F "=a?b\\*\\d", OR_ITSELF("a?b\\*\\d", "like'a?b\\*\\\\d'")},
        {FLAG_DATA, F "=*?", OR_ITSELF("*?", "like'*?'")},
        {FLAG_DATA, F "|contains=-enc", "*/" F "contains'-enc'"},
        {FLAG_DATA, F "|contains=a*b", "*/" F "like'*a*b*'"},
        {FLAG_DATA, F "|contains=", "*/" F "like'*'"},
        {FLAG_DATA, F "|startswith=a", "*/" F "starts'a'"},
        {FLAG_DATA, F "|endswith=\\cmd.exe", "*/" F "ends'\\cmd.exe'"},
        {FLAG_DATA, F "|contains|cased=a", "*/" F "contains.cased'a'"},
        {FLAG_DATA, F "|cased=a", "*/" F "like.cased'a'"},
        {FLAG_DATA, F "|neq=a", "not(*/" F "='a')"},
        {FLAG_DATA, F "|exists=true", "*/" F},
        {FLAG_DATA, F "|exists", "*/" F},
        {FLAG_DATA, F "|exists=False", "not(*/" F ")"},
        {FLAG_DATA, F "|gte=3", "*/" F ">=3#3"},
        {FLAG_DATA, F "|lt=-0x", "byte 12: expected a number, found \"-0x\""},
        {FLAG_DATA, F "|hour=3", "*/" F ".hour=3#3"},
        {FLAG_DATA, F "|hour|gt=3", "*/" F ".hour>3#3"},
        {FLAG_DATA, F "|re=^a(b", "*/" F "re.cased'^a(b'"},
        {FLAG_DATA, F "|re|i|m|s=a", "*/" F "re.i.m.s'a'"},
        {FLAG_DATA, F "|cidr=10.1.2.3/8", "*/" F "cidr:0a000000/8"},
        {FLAG_DATA, F "|cidr=10.1.2.3", "*/" F "cidr:0a010203/32"},
        {FLAG_DATA, F "|cidr=fe80::1/10", "*/" F "cidr:fe800000000000000000000000000000/10"},
        {FLAG_DATA, F "|base64=foobar", "*/" F "='Zm9vYmFy'"},
        {FLAG_DATA, F "|base64=foo\\*", "*/" F "='Zm9vKg=='"},
        {FLAG_DATA, F "|base64offset|contains=foobar",
         "(*/" F "contains'Zm9vYmFy' or */" F "contains'Zvb2Jhc' or */" F "contains'mb29iYX')"},
        {FLAG_DATA, F "|wide|base64=foo", "*/" F "='ZgBvAG8A'"},
        {FLAG_DATA, F "|utf16be|base64=foo", "*/" F "='AGYAbwBv'"},
        {FLAG_DATA, F "|utf16|base64=foo", "*/" F "='//5mAG8AbwA='"},
        {FLAG_DATA, F "|windash|contains=a -b-c",
         "(*/" F "contains'a -b-c' or */" F "contains'a /b-c' or */" F
         "contains'a {2013}b-c' or */" F "contains'a {2014}b-c' or */" F "contains'a {2015}b-c')"},
    };
    assert_rows(ROWS(rows));
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        enum flag flag;
        const char *text;
        uint32_t offset;
        const char *found;
    } rows[] = {
        {FLAG_ID, "", 0, ""},
        {FLAG_ID, "1,", 2, ""},
        {FLAG_ID, "1,,2", 2, ","},
        {FLAG_ID, "7-7", 0, "7-7"},
        {FLAG_ID, "1, 9-3", 3, "9-3"},
        {FLAG_ID, "--4", 0, "--4"},
        {FLAG_ID, "abc", 0, "abc"},
        {FLAG_ID, "4624.5", 0, "4624.5"},
        {FLAG_ID, "65536", 0, "65536"},
        {FLAG_ID, "5-", 0, "5-"},
        {FLAG_ID, "1 2", 0, "1 2"},
        {FLAG_RECORD_ID, "-5", 0, "-5"},
        {FLAG_RECORD_ID, "18446744073709551616", 0, "18446744073709551616"},
        {FLAG_LEVEL, "2,loud", 2, "loud"},
        {FLAG_LEVEL, "256", 0, "256"},
        {FLAG_KEYWORDS, "1.5", 0, "1.5"},
        {FLAG_USER, "DOMAIN\\me", 0, "DOMAIN\\me"},
        {FLAG_USER, "S-1-", 0, "S-1-"},
        {FLAG_PROVIDER, "a,\"b", 4, ""},
        {FLAG_PROVIDER, "\"a\"b", 3, "b"},
        {FLAG_PROVIDER, "\xFF", 0, "?"},
        {FLAG_SEARCH, "", 0, ""},
        {FLAG_DATA, "=x", 0, ""},
        {FLAG_DATA, "a|contains", 10, ""},
        {FLAG_DATA, "a|like=x", 2, "like"},
        {FLAG_DATA, "a|expand=%x%", 9, "%x%"},
        {FLAG_DATA, "a|re|contains=x", 5, "contains"},
        {FLAG_DATA, "a|i=x", 2, "i"},
        {FLAG_DATA, "a|wide=x", 2, "wide"},
        {FLAG_DATA, "a|base64|wide=x", 9, "wide"},
        {FLAG_DATA, "a|base64=x*", 10, "*"},
        {FLAG_DATA, "a|neq|all=x", 2, "neq|all"},
        {FLAG_DATA, "a|gt=b", 5, "b"},
        {FLAG_DATA, "a|cidr=10.0.0.0/33", 7, "10.0.0.0/33"},
        {FLAG_DATA, "a|exists=perhaps", 9, "perhaps"},
        {FLAG_DATA, "a//b=x", 1, "/"},
        {FLAG_DATA, "//b=x", 0, "/"},
        {FLAG_DATA, "a/b or */c=x", 0, "a/b or */c"},
        {FLAG_DATA, "System.=x", 7, ""},
        {FLAG_DATA, "System.a.b.c=x", 11, "c"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memory memory;
        struct query_tree tree;
        struct query_error error;
        char text[256];
        memory_init(&memory, NULL);
        query_tree_init(&tree, &memory);
        uint32_t root = call(&tree, rows[i].flag, rows[i].text, strlen(rows[i].text), &error);
        if (root == NO_EXPRESSION)
            query_error_print(&error, text, sizeof text);
        if (root != NO_EXPRESSION || error.offset != rows[i].offset ||
            strcmp(error.found, rows[i].found) != 0)
            print_message("# %s\n# %s\n", rows[i].text, root == NO_EXPRESSION ? text : "taken");
        assert_int_equal(root, NO_EXPRESSION);
        assert_int_equal(error.kind, QUERY_ERROR_SYNTAX);
        assert_int_equal(error.offset, rows[i].offset);
        assert_string_equal(error.found, rows[i].found);
        query_tree_destroy(&tree);
    }
}

static void test_several_data(void **state)
{
    (void)state;
    static const char *const texts[] = {"System/A=1",     "System/B|contains|all=x",
                                        "System/A=2",     "System/B|contains|all=y",
                                        "System/A|neq=3", "System/A|neq=4"};
    struct condition_text list[6];
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    size_t wrong;
    char printed[1024];
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    for (size_t i = 0; i < 6; i++)
        list[i] = (struct condition_text){texts[i], strlen(texts[i])};
    uint32_t root = condition_data(&tree, list, 6, &wrong, &error);
    assert_int_not_equal(root, NO_EXPRESSION);
    query_print(&tree, root, printed, sizeof printed);
    assert_string_equal(printed, "((*/System/A='1'#1 or */System/A='2'#2) and "
                                 "(*/System/Bcontains'x' and */System/Bcontains'y') and "
                                 "not((*/System/A='3'#3 or */System/A='4'#4)))");
    list[3] = (struct condition_text){"a|b=c", 5};
    assert_int_equal(condition_data(&tree, list, 6, &wrong, &error), NO_EXPRESSION);
    assert_int_equal(wrong, 3);
    query_tree_destroy(&tree);
}

static bool east(void *context, int64_t local, int64_t *ret_ticks)
{
    *ret_ticks = local - *(int64_t *)context;
    return true;
}

static void test_times(void **state)
{
    (void)state;
    static const int64_t second = CALENDAR_TICKS_PER_SECOND, hour = 3600 * second;
    int64_t two_hours = 2 * hour;
    struct condition_zone utc, west, named = {.to_utc = east, .context = &two_hours};
    assert_true(condition_zone_parse("UTC", 3, &utc));
    assert_true(condition_zone_parse("-05:30", 6, &west));
    assert_false(condition_zone_parse("Europe/Berlin", 13, &named));
    const struct {
        const char *text;
        const struct condition_zone *zone;
        bool is_end;
        int64_t ticks;
    } rows[] = {
        {"1601-01-02", &utc, false, 24 * hour},
        {"1601-01-02", &utc, true, 48 * hour - 1},
        {"1601-01-02", &west, true, 48 * hour - 1 + 5 * hour + 1800 * second},
        {"1601-01-02", &named, true, 46 * hour - 1},
        {"1601-01-02 00:00", &utc, true, 24 * hour},
        {"1601-01-02T10:00:00Z", &west, false, 34 * hour},
        {"1601-01-02 10:00:00.5 +01:00", &west, false, 33 * hour + second / 2},
        {"@0", &west, false, CALENDAR_UNIX_EPOCH_TICKS},
        {"@-1.5", &west, false, CALENDAR_UNIX_EPOCH_TICKS - second * 3 / 2},
        {"@1700000000.1234567", &utc, false,
         CALENDAR_UNIX_EPOCH_TICKS + 1700000000 * second + 1234567},
    };
    struct query_error error;
    int64_t ticks;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(condition_time_parse(rows[i].text, strlen(rows[i].text), rows[i].zone,
                                         rows[i].is_end, &ticks, &error));
        assert_int_equal(ticks, rows[i].ticks);
    }
    static const char *const wrong[] = {"",
                                        "2024",
                                        "2024-13-01",
                                        "2024-01-01T25:00",
                                        "@",
                                        "@x",
                                        "@99999999999999",
                                        "yesterday",
                                        "2024-01-01 12:00 CET"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(condition_time_parse(wrong[i], strlen(wrong[i]), &utc, false, &ticks, &error));
}

static void test_spans(void **state)
{
    (void)state;
    static const int64_t day = CALENDAR_TICKS_PER_DAY, second = CALENDAR_TICKS_PER_SECOND;
    const struct calendar_time now = {.year = 2024, .month = 3, .day = 31, .hour = 12};
    const struct calendar_time month = {.year = 2024, .month = 2, .day = 29, .hour = 12};
    const struct calendar_time years = {.year = 2021, .month = 2, .day = 28, .hour = 12};
    int64_t at = calendar_ticks(&now), ticks;
    const struct {
        const char *text;
        int64_t ticks;
    } rows[] = {
        {"24h", at - day},
        {"7d", at - 7 * day},
        {"2w", at - 14 * day},
        {"90m", at - 5400 * second},
        {"45s", at - 45 * second},
        {"1d12h", at - day * 3 / 2},
        {"1M", calendar_ticks(&month)},
        {"3y1M", calendar_ticks(&years)},
        {"1M1s", calendar_ticks(&month) - second},
        {"2000y", 0},
        {"2147483647y1w", 0},
    };
    struct query_error error;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(condition_before_parse(rows[i].text, strlen(rows[i].text), at, &ticks, &error));
        assert_int_equal(ticks, rows[i].ticks);
    }
    static const char *const wrong[] = {"",   "1",   "h",           "1h1",
                                        "1x", "-1h", "2147483648s", "2147483647w"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(condition_before_parse(wrong[i], strlen(wrong[i]), at, &ticks, &error));
    for (int64_t some = -400 * 366 * day; some < 9000 * 366 * day; some += 13 * day + 7777777777) {
        struct calendar_time time = calendar_of_ticks(some);
        assert_int_equal(calendar_ticks(&time), some);
    }
}

static void test_time_conditions(void **state)
{
    (void)state;
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    char printed[256];
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    query_print(&tree,
                query_and(&tree, condition_from(&tree, 133000000000000000, &error),
                          condition_to(&tree, -1, &error)),
                printed, sizeof printed);
    assert_string_equal(
        printed,
        "(*/System/TimeCreated/@SystemTime>='2022-06-18T04:26:40.0000000Z'@133000000000000000 and "
        "*/System/TimeCreated/@SystemTime<='1601-01-01T00:00:00.0000000Z'@-1)");
    query_print(&tree, condition_header(&tree, HEADER_FIELD_WRITTEN, 1, 2, &error), printed,
                sizeof printed);
    assert_string_equal(printed, "written 1-2");
    query_tree_destroy(&tree);
}

static void test_number_sets(void **state)
{
    (void)state;
    enum { COUNT = 100, ROUNDS = 2000 };
    uint32_t random = 1;
    for (int round = 0; round < ROUNDS; round++) {
        bool wanted[COUNT] = {false}, taken[COUNT] = {false};
        struct number_range from[12], away[12], out[24];
        for (int i = 0; i < 12; i++) {
            for (int k = 0; k < 2; k++) {
                random = random * 1664525 + 1013904223;
                uint64_t first = (random >> 8) % COUNT, last = first + (random >> 24) % 8;
                last = last < COUNT ? last : COUNT - 1;
                *(k ? &away[i] : &from[i]) = (struct number_range){first, last};
                for (uint64_t at = first; at <= last; at++)
                    *(k ? &taken[at] : &wanted[at]) = true;
            }
        }
        uint32_t from_count = number_set_normalise(from, 12);
        uint32_t away_count = number_set_normalise(away, 12);
        uint32_t count = number_set_subtract(from, from_count, away, away_count, out);
        bool found[COUNT] = {false};
        for (uint32_t i = 0; i < count; i++) {
            assert_true(out[i].first <= out[i].last);
            assert_true(i == 0 || out[i - 1].last + 1 < out[i].first);
            for (uint64_t at = out[i].first; at <= out[i].last; at++)
                found[at] = true;
        }
        for (int at = 0; at < COUNT; at++)
            assert_int_equal(found[at], wanted[at] && !taken[at]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_texts),
        cmocka_unit_test(test_fields),          cmocka_unit_test(test_modifiers),
        cmocka_unit_test(test_errors),          cmocka_unit_test(test_several_data),
        cmocka_unit_test(test_times),           cmocka_unit_test(test_spans),
        cmocka_unit_test(test_time_conditions), cmocka_unit_test(test_number_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
