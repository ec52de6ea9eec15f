// SPDX-License-Identifier: MIT
// Guards against a query that means something else than the user wrote, or that is refused without
// saying where and why: the tree of each row, and the place and the words of each error.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "filter/query_parse.h"
#include "filter/reading.h"
#include "query_print.h"
#include "text/fold.h"

static const struct query_parse_options usual = {.now = 133000000000000000};

struct row {
    const char *query, *tree;
};

struct error_row {
    const char *query;
    uint32_t offset;
    const char *found, *expected;
    const char *hint; // a part of it
};

static void assert_tree(const char *query, const char *expected)
{
    static char printed[1 << 16];
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    uint32_t root = query_parse(&tree, query, strlen(query), &usual, &error);
    if (root == NO_EXPRESSION) {
        query_error_print(&error, printed, sizeof printed);
        print_message("# %s\n# %s\n", query, printed);
    }
    assert_int_not_equal(root, NO_EXPRESSION);
    query_print(&tree, root, printed, sizeof printed);
    if (strcmp(printed, expected) != 0)
        print_message("# %s\n", query);
    assert_string_equal(printed, expected);
    query_tree_destroy(&tree);
}

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_tree(rows[i].query, rows[i].tree);
}

static struct query_error error_of(const char *query, size_t size)
{
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    if (query_parse(&tree, query, size, &usual, &error) != NO_EXPRESSION)
        print_message("# taken: %.200s\n", query);
    assert_int_not_equal(error.kind, QUERY_ERROR_NONE);
    query_tree_destroy(&tree);
    return error;
}

static void assert_errors(const struct error_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct query_error error = error_of(rows[i].query, strlen(rows[i].query));
        char text[256];
        query_error_print(&error, text, sizeof text);
        if (error.offset != rows[i].offset || strcmp(error.found, rows[i].found) != 0 ||
            strcmp(error.expected, rows[i].expected) != 0)
            print_message("# %s\n# %s\n", rows[i].query, text);
        assert_int_equal(error.kind, QUERY_ERROR_SYNTAX);
        assert_int_equal(error.offset, rows[i].offset);
        assert_string_equal(error.found, rows[i].found);
        assert_string_equal(error.expected, rows[i].expected);
        if (rows[i].hint)
            assert_non_null(strstr(error.hint ? error.hint : "", rows[i].hint));
    }
}

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

static void test_paths(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*", "*"},
        {"Event", "*"},
        {"\xEF\xBB\xBF*", "*"},
        {" \t\r\n* ", "*"},
        {"Event/System", "*/System"},
        {"*[System]", "*[System]"},
        {"*[System/EventID]", "*[System/EventID]"},
        {"*[System[Provider[@Name]]]", "*[System[Provider[@Name]]]"},
        {"*[System[Provider[attribute::Name]]]", "*[System[Provider[@Name]]]"},
        {"*[child::System[child::*/@*]]", "*[System[*/@*]]"},
        {"child::Event/System", "*/System"},
        {"* [ System [ Security [ @ UserID ] ] ]", "*[System[Security[@UserID]]]"},
        {"*/*", "*/*"},
        {"*[Event]", "*[Event]"},
        {"*[EventData/Data/text()='x']", "*[EventData/Data/text()='x']"},
        {"*[EventData/Data[text ( ) = 'x']]", "*[EventData/Data[text()='x']]"},
        {"*[text]", "*[text]"},
        {"*[a-b.c_d]", "*[a-b.c_d]"},
        {"*[\xC3\xA4]", "*[{00E4}]"},
        {"*[and]", "*[and]"},
        {"*[or and and]", "*[(or and and)]"},
        {"*[band]", "*[band]"},
        {"*[EventData[Data[1]][Data='x']]", "*[EventData[Data[#=1]][Data='x']]"},
        {"*[1]", "*[#=1]"},
    };
    assert_rows(ROWS(rows));
}

static void test_operators(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*[A and B or C and D]", "*[((A and B) or (C and D))]"},
        {"*[A or B and C or D]", "*[(A or (B and C) or D)]"},
        {"*[(A or B) and C]", "*[((A or B) and C)]"},
        {"*[((A))]", "*[A]"},
        {"*[A and (B and C)]", "*[(A and (B and C))]"},
        {"*[A] and *[B]", "(*[A] and *[B])"},
        {"(*[A] and ((*[B]))) or *[C]", "((*[A] and *[B]) or *[C])"},
        {"*[A=1]", "*[A=1#1]"},
        {"*[A!='1']", "*[A!='1'#1]"},
        {"*[A<1 and A<=2 and A>3 and A>=4]", "*[(A<1#1 and A<=2#2 and A>3#3 and A>=4#4)]"},
        {"*/UserData/*/Param2='Windows x64'", "*/UserData/*/Param2='Windows x64'"},
        {"*[System[EventID=1or Level=2]]", "*[System[(EventID=1#1 or Level=2#2)]]"},
        {"*[A=\"it's\"]", "*[A='it's']"},
        {"*[A='']", "*[A='']"},
        {"*[EventID-1=1]", "*[EventID-1=1#1]"},
    };
    assert_rows(ROWS(rows));
}

static void test_functions(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*[Data[position()=4]='x']", "*[Data[#=4]='x']"},
        {"*[Data[position ( ) != '2.5']]", "*[Data[#!=2.5]]"},
        {"*[Data[POSITION()>=-1]]", "*[Data[#>=-1]]"},
        {"*[System[band(Keywords,36028797018963968)]]",
         "*[System[band(Keywords,0x80000000000000)]]"},
        {"*[System[Band(Keywords,-9214364837600034816)]]",
         "*[System[band(Keywords,0x8020000000000000)]]"},
        {"*[System[band(0x10,Keywords)=0]]", "*[System[band(0x10,Keywords)=0]]"},
        {"*[System[band(A/@B,C[2])!='true']]", "*[System[band(A/@B,C[#=2])!=1]]"},
        {"band(*/System/Keywords,1)", "band(*/System/Keywords,0x1)"},
        {"*[System[TimeCreated[timediff(@SystemTime) <= 86400000]]]",
         "*[System[TimeCreated[timediff(@SystemTime,now=133000000000000000)<=86400000]]]"},
        {"*[timediff(A,130000000000000000)>0.5]", "*[timediff(A,130000000000000000)>0.5]"},
        {"*[timediff(A,'2020-01-01T00:00:00Z')>-1]", "*[timediff(A,132223104000000000)>-1]"},
        {"*[timediff(A,B/@C)=0]", "*[timediff(A,B/@C)=0]"},
    };
    assert_rows(ROWS(rows));
}

static void test_readings_of_literals(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*[A=-5]", "*[A=-5#-5]"},
        {"*[A=0x1F]", "*[A=0x1F#31]"},
        {"*[A=1.50]", "*[A=1.50#1.5]"},
        {"*[A=2.0]", "*[A=2.0#2]"},
        {"*[A=3.]", "*[A=3.#3]"},
        {"*[A='0XfF']", "*[A='0XfF'#255]"},
        {"*[A=' 007 ']", "*[A=' 007 '#7]"},
        {"*[A='+1e3']", "*[A='+1e3'#1000]"},
        {"*[A='-1.5E-1']", "*[A='-1.5E-1'#-0.14999999999999999]"},
        {"*[A=18446744073709551615]", "*[A=18446744073709551615#18446744073709551615]"},
        {"*[A=18446744073709551616]", "*[A=18446744073709551616#1.8446744073709552e+19]"},
        {"*[A='-0']", "*[A='-0'#0]"},
        {"*[A='10.00.']", "*[A='10.00.']"},
        {"*[A='0x']", "*[A='0x']"},
        {"*[A='1e']", "*[A='1e']"},
        {"*[A='.']", "*[A='.']"},
        {"*[A='TRUE']", "*[A='TRUE'?1]"},
        {"*[A='false']", "*[A='false'?0]"},
        {"*[A='1601-01-01']", "*[A='1601-01-01'@0]"},
        {"*[A='1601-01-01T00:00:01']", "*[A='1601-01-01T00:00:01'@10000000]"},
        {"*[A='1601-01-01 00:00:00.123456789Z']", "*[A='1601-01-01 00:00:00.123456789Z'@1234567]"},
        {"*[A='1601-01-01T01:00+01:00']", "*[A='1601-01-01T01:00+01:00'@0]"},
        {"*[A='1601-01-01 01:00 +0100']", "*[A='1601-01-01 01:00 +0100'@0]"},
        {"*[A='1601-01-01 00:00:00 UTC']", "*[A='1601-01-01 00:00:00 UTC'@0]"},
        {"*[A='2024-02-29']", "*[A='2024-02-29'@133536384000000000]"},
        {"*[A='2023-02-29']", "*[A='2023-02-29']"},
        {"*[A='2024-01-01T24:00']", "*[A='2024-01-01T24:00']"},
        {"*[A='{00112233-4455-6677-8899-aABBCCDDEEFF}']",
         "*[A='{00112233-4455-6677-8899-aABBCCDDEEFF}'$33221100554477668899aabbccddeeff]"},
        {"*[A='00112233-4455-6677-8899-AABBCCDDEEFF']",
         "*[A='00112233-4455-6677-8899-AABBCCDDEEFF'$33221100554477668899aabbccddeeff]"},
        {"*[A='{00112233-4455-6677-8899-AABBCCDDEEFF']",
         "*[A='{00112233-4455-6677-8899-AABBCCDDEEFF']"},
        {"*[A='\xF0\x9F\x98\x80']", "*[A='{D83D}{DE00}']"},
    };
    assert_rows(ROWS(rows));
}

static void test_channel_in_front(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Security!*", "(log ='Security' and *)"},
        {" Directory Service !*[A]", "(log ='Directory Service' and *[A])"},
        {"Event/System/EventID!=4", "*/System/EventID!=4#4"},
        {"file://C:\\logs\\Old%20Security.evtx!*", "(file ='Old Security.evtx' and *)"},
        {"*[A!='b!c']", "*[A!='b!c']"},
    };
    assert_rows(ROWS(rows));
}

#define OR_CLOSE "'and', 'or' or ']'"
#define ROOT     "'*' or 'Event'"
#define CONSTANT "a number or a text in quotes"

static void test_errors(void **state)
{
    (void)state;
    static const struct error_row rows[] = {
        {"", 0, "", ROOT, NULL},
        {"*[System[EventID=", 17, "", CONSTANT, NULL},
        {"*[System[EventID=1", 18, "", OR_CLOSE, NULL},
        {"*[]", 2, "]", "a path", NULL},
        {"*[A or]", 6, "]", "a path", NULL},
        {"*]", 1, "]", "'and', 'or' or the end", NULL},
        {"*[System[foo(EventID)]]", 9, "foo", "a path", "functions are"},
        {"*[System[EventID=6005 and not(Level=2)]]", 26, "not", "a path", "!=, or Suppress"},
        {"*[System[(EventID=1100 or EventID=1104 OR EventID=1105)]]", 39, "OR",
         "'and', 'or' or ')'", "lower case"},
        {"*[A AND B]", 4, "AND", OR_CLOSE, "lower case"},
        {"*[System[EventID &lt;= 5]]", 17, "&lt;", OR_CLOSE, "write <"},
        {"*[EventData[contains(Data,'x')]]", 12, "contains", "a path", "|contains="},
        {"*[EventData[starts-with(Data,'x')]]", 12, "starts-with", "a path", "|startswith="},
        {"*[System[5=EventID]]", 9, "5", "a path", "constants on the right"},
        {"*[System['a'=EventID]]", 9, "'a'", "a path", "constants on the right"},
        {"*[System[EventID=Level]]", 17, "Level", CONSTANT, "constants on the right"},
        {"*[System[EventID==1]]", 17, "=", CONSTANT, "once"},
        {"/Event/System[EventID=1]", 0, "/", ROOT, "absolute"},
        {"//EventID", 0, "/", ROOT, "absolute"},
        {"*//EventID", 1, "/", "a name", "no //"},
        {"*[System[EventID=1]/..]", 20, "..", "a path", "lead down"},
        {"*[ancestor::Event]", 2, "ancestor", "child:: or attribute::", "lead down"},
        {"*[System[EventID[last()]=1]]", 17, "last", "a path", "size of a list"},
        {"*[System[EventID=1]] | *[System[EventID=2]]", 21, "|", "'and', 'or' or the end", "or"},
        {"*[System[EventID=1+1]]", 18, "+", OR_CLOSE, "arithmetic"},
        {"*[System[EventID=$x]]", 17, "$", CONSTANT, "variables"},
        {"System[EventID=1]", 0, "System", ROOT, "*[System["},
        {"EventCode=4624", 0, "EventCode", ROOT, "EventID"},
        {"*[A] and (EventID=1001)", 10, "EventID", ROOT, "*[System["},
        {"[System[(EventID=1138)]]", 0, "[", ROOT, "* in front"},
        {"*[EventData[Data='it's']]", 21, "s", OR_CLOSE, "the other"},
        {"*[A='x]", 4, "'x]", CONSTANT, "not closed"},
        {"position()=1", 0, "position", ROOT, "predicate"},
        {"1", 0, "1", ROOT, NULL},
        {"@a", 1, "a", ROOT, NULL},
        {"*[@a/b]", 4, "/", "the end of the path", NULL},
        {"*[text()/b]", 8, "/", "the end of the path", NULL},
        {"*[a/text(b)]", 9, "b", "')'", NULL},
        {"*[@1]", 3, "1", "the name of an attribute", NULL},
        {"*[x:y]", 3, ":", OR_CLOSE, "prefixes"},
        {"*[band(a,'1')]", 9, "'1'", "a path", NULL},
        {"*[band(a)]", 8, ")", "','", NULL},
        {"*[band(a,1.5)]", 9, "1.5", "a whole number of 64 bits", NULL},
        {"*[timediff(a)]", 13, "]", "a comparison", NULL},
        {"*[timediff(a)='b']", 14, "'b'", "a number", NULL},
        {"*[timediff(a,'b')=1]", 13, "'b'", "a time: FILETIME ticks or 'YYYY-MM-DDThh:mm:ssZ'",
         NULL},
        {"*[position()]", 12, "]", "a comparison", NULL},
        {"*[A=1e5]", 5, "e5", OR_CLOSE, NULL},
        {"*[\xC3\x28]", 2, "?", "text in UTF-8", NULL},
        {"Security!System", 9, "System", ROOT, NULL},
        {"*[A\\<2]", 3, "\\", OR_CLOSE, "without a backslash"},
    };
    assert_errors(ROWS(rows));
}

static char *repeated(const char *front, const char *one, size_t count, const char *middle,
                      const char *other, const char *back)
{
    size_t size =
        strlen(front) + count * (strlen(one) + strlen(other)) + strlen(middle) + strlen(back) + 1;
    char *text = malloc(size), *at = text;
    assert_non_null(text);
    at = stpcpy(at, front);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, one);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, other);
    stpcpy(at, back);
    return text;
}

static bool is_taken(char *query)
{
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    bool taken = query_parse_root(&tree, query, strlen(query), &usual, &error);
    if (!taken)
        assert_int_equal(error.kind, QUERY_ERROR_LIMIT);
    query_tree_destroy(&tree);
    free(query);
    return taken;
}

static void test_limits(void **state)
{
    (void)state;
    assert_true(is_taken(repeated("", "(", 256, "*", ")", "")));
    assert_false(is_taken(repeated("", "(", 257, "*", ")", "")));
    assert_true(is_taken(repeated("", "*[", 256, "a", "]", "")));
    assert_false(is_taken(repeated("", "*[", 257, "a", "]", "")));
    assert_true(is_taken(repeated("*", "/a", 255, "", "", "")));
    assert_false(is_taken(repeated("*", "/a", 256, "", "", "")));
    assert_true(is_taken(repeated("*[System[EventID=1", " or EventID=2", 5000, "", "", "]]")));
    assert_true(is_taken(repeated("*[System[EventID=1", " or EventID=2", 60000, "", "", "]]")));
    assert_false(is_taken(repeated("*[a", " or a", 70000, "", "", "]")));
    assert_true(is_taken(repeated("*", " ", (1 << 20) - 1, "", "", "")));
    assert_false(is_taken(repeated("*", " ", 1 << 20, "", "", "")));
}

// The allocator gives `left` blocks, then none.
struct allowance {
    size_t left;
};

static void *allowed(void *context, size_t size)
{
    struct allowance *allowance = context;
    return allowance->left > 0 ? (allowance->left--, malloc(size)) : NULL;
}

static void *allowed_again(void *context, void *block, size_t old_size, size_t size)
{
    struct allowance *allowance = context;
    (void)old_size;
    return allowance->left > 0 ? (allowance->left--, realloc(block, size)) : NULL;
}

static void release(void *context, void *block, size_t size)
{
    (void)context;
    (void)size;
    free(block);
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    char *query = repeated("*[System[EventID=1", " or EventID=2", 2000, "", "", "]]");
    bool taken = false;
    for (size_t blocks = 0; !taken; blocks++) {
        struct allowance allowance = {blocks};
        const evx_allocator hooks = {allowed, allowed_again, release, &allowance};
        struct memory memory;
        struct query_tree tree;
        struct query_error error;
        memory_init(&memory, &hooks);
        query_tree_init(&tree, &memory);
        taken = query_parse_root(&tree, query, strlen(query), &usual, &error);
        assert_true(taken || error.kind == QUERY_ERROR_MEMORY);
        query_tree_destroy(&tree);
        assert_true(blocks < 200);
    }
    free(query);
}

static void test_folding(void **state)
{
    (void)state;
    static const uint16_t pairs[][2] = {
        {'a', 'A'},       {'Z', 'Z'},       {'{', '{'},       {0xE4, 0xC4},     {0xFF, 0x178},
        {0xDF, 0xDF},     {0x131, 0x131},   {0x17F, 0x17F},   {0xB5, 0xB5},     {0x3C2, 0x3A3},
        {0x3C3, 0x3A3},   {0x1C5, 0x1C4},   {0x1C6, 0x1C4},   {0x451, 0x401},   {0x1F80, 0x1F88},
        {0x10D0, 0x10D0}, {0xD83D, 0xD83D}, {0xFF41, 0xFF21}, {0xFFFF, 0xFFFF}, {0x130, 0x130},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(fold_unit(pairs[i][0]), pairs[i][1]);
    for (uint32_t unit = 0; unit <= UINT16_MAX; unit++)
        assert_int_equal(fold_unit(fold_unit((uint16_t)unit)), fold_unit((uint16_t)unit));
}

// Digits beyond those that matter, and exponents beyond all numbers.
static void test_long_numbers(void **state)
{
    (void)state;
    struct literal_number number;
    char *nines = repeated("", "9", 2000, "", "", "");
    assert_true(reading_number(reading_of_bytes(nines, 300), &number));
    assert_false(number.is_integer);
    assert_true(number.real == 1e300);
    assert_true(reading_number(reading_of_bytes(nines, 2000), &number));
    assert_true(number.real > 1e308);
    free(nines);
    char *zeros = repeated("0.", "0", 300, "1", "0", "");
    assert_true(reading_number(reading_of_bytes(zeros, strlen(zeros)), &number));
    assert_true(number.real == 1e-301);
    free(zeros);
    static const struct {
        const char *text;
        double real;
    } rows[] = {{"1e999999999999", 1.0 / 0.0},
                {"1e-999999999999", 0},
                {"0e999999999999", 0},
                {"0.1", 0.1},
                {"1.7976931348623157e308", 1.7976931348623157e308},
                {"2.5e-324", 4.9406564584124654e-324}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(reading_number(reading_of_bytes(rows[i].text, strlen(rows[i].text)), &number));
        assert_true(number.real == rows[i].real);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_readings_of_literals),
        cmocka_unit_test(test_channel_in_front),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_lack_of_memory),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_long_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
