// SPDX-License-Identifier: MIT
// Guards against a query that selects other records than it means: the rules of comparison, what paths
// lead to, and that plans give the answers of a walk, for regular and irregular records. The tables of
// tests/query/ ask the same of real logs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct desk {
    encode_builder *b;
    encode_template *system, *data, *classic, *user;
    const uint8_t *bytes;
    size_t size;
};

static const char system_text[] =
    "<Event xmlns='ns'><System><Provider Name='%0' Guid='%1'/><EventID Qualifiers='%2'>%3:u16</EventID>"
    "<Level>%4:u8</Level><Keywords>%5:hex64</Keywords><TimeCreated SystemTime='%6'/>"
    "<Channel>Security</Channel><Security UserID='%7'/></System>%8:nested</Event>";

static encode_value nested(encode_builder *b, encode_node *instance)
{
    return encode_nested(encode_append(encode_fragment(b), instance));
}

static void add(struct desk *desk, unsigned id, unsigned level, encode_value user, encode_value data)
{
    encode_builder *b = desk->b;
    ENCODE_EVENT(b, desk->system, encode_string(b, "Maker"),
                 encode_guid_text(b, "{0f1e2d3c-0000-1111-2222-333344445555}"),
                 id == 3 ? encode_u16(16384) : encode_null(), encode_u16((uint16_t)id),
                 encode_u8((uint8_t)level), encode_hex64(UINT64_C(0x8020000000000000)),
                 encode_filetime(UINT64_C(132000000000000000) + 10000000 * (uint64_t)id), user, data);
}

// Records 1 to 5: named data, the same with a NULL, strings of the classic kind, UserData, and elements of
// its own.
static void desk_open(struct desk *desk)
{
    encode_builder *b = desk->b = encode_create();
    desk->system = encode_template_text(b, system_text);
    desk->data = encode_template_text(
        b, "<EventData><Data Name='User'>%0</Data><Data Name='Port'>%1:u32</Data>"
           "<Data Name='Empty'></Data><Data Name='Text'>%2</Data></EventData>");
    desk->classic = encode_template_text(b, "<EventData><Data>%0</Data></EventData>");
    desk->user = encode_template_text(b, "<UserData><X><Leaf>%0</Leaf><On>%1:bool</On></X></UserData>");
    static const char *const strings[] = {"one", "two", "three"};
    add(desk, 1, 0, encode_sid(b, "S-1-5-18"),
        nested(b, ENCODE_INSTANCE(b, desk->data, encode_string(b, "Alice"), encode_u32(443),
                                  encode_string(b, "0x10"))));
    add(desk, 2, 4, encode_null(),
        nested(b, ENCODE_INSTANCE(b, desk->data, encode_string(b, "bob"), encode_null(),
                                  encode_string(b, "10.00."))));
    add(desk, 3, 4, encode_null(),
        nested(b, ENCODE_INSTANCE(b, desk->classic, encode_strings(b, 3, strings))));
    add(desk, 4, 2, encode_null(),
        nested(b, ENCODE_INSTANCE(b, desk->user, encode_string(b, "leaf"), encode_bool(1))));
    encode_add_fragment(
        b, encode_nodes_text(b, "<Event><System><EventID>5</EventID></System>"
                                "<EventData><Data Name='User'>carol</Data></EventData></Event>"));
    desk->bytes = encode_finish(b, &desk->size);
    if (!desk->bytes)
        fail_msg("%s", encode_error(b));
}

static int append(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

// The "Record N" lines of the records that are meant.
static void select_ids(const struct desk *desk, const evx_condition *conditions, size_t count,
                       bool no_plans, unsigned threads, char *ret_ids)
{
    const evx_engine_options engine_options = {.size = sizeof engine_options, .no_plans = no_plans};
    evx_engine *engine;
    evx_reader *reader;
    evx_query *query;
    evx_error error;
    struct text out = {0};
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    if (evx_query_compile(engine, conditions, count, NULL, &query, &error) != EVX_OK)
        fail_msg("%.*s: %s", (int)conditions->size, conditions->text, error.cause[0]);
    assert_int_equal(evx_open_memory(engine, desk->bytes, desk->size, &reader, &error), EVX_OK);
    const evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSON,
                                         .threads = threads, .query = query, .file_name = "Log.evtx"};
    const evx_sink sink = {.write = append, .context = &out};
    for (int pass = 0; pass < 2; pass++) { // plans are there in the second
        text_free(&out);
        assert_int_equal(evx_convert(reader, &options, &sink, NULL, &error), EVX_OK);
    }
    *ret_ids = 0;
    for (const char *line = out.bytes; line && (line = strstr(line, "Record ")) != NULL; line += 7)
        snprintf(ret_ids + strlen(ret_ids), 64 - strlen(ret_ids), *ret_ids ? " %d" : "%d",
                 atoi(line + 7));
    text_free(&out);
    evx_close(&reader);
    evx_query_destroy(&query);
    evx_engine_destroy(&engine);
}

static void expect(const struct desk *desk, evx_condition_kind kind, const char *text, const char *ids)
{
    const evx_condition condition = {kind, text, strlen(text)};
    char found[64];
    for (unsigned way = 0; way < 4; way++) {
        select_ids(desk, &condition, 1, way % 2, 1 + way / 2, found);
        if (strcmp(found, ids) != 0)
            fail_msg("%s%s: \"%s\" instead of \"%s\"", text, way % 2 ? " without plans" : "", found, ids);
    }
}

struct row {
    const char *query, *ids;
};

static void expect_rows(evx_condition_kind kind, const struct row *rows, size_t count)
{
    struct desk desk;
    desk_open(&desk);
    for (size_t i = 0; i < count; i++)
        expect(&desk, kind, rows[i].query, rows[i].ids);
    encode_free(&desk.b);
}

static void test_xpath(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*", "1 2 3 4 5"},
        {"Event[System]", "1 2 3 4 5"},
        {"*[system]", ""},
        // Numbers, whatever Qualifiers says and however they are written.
        {"*[System[EventID=3]]", "3"},
        {"*[System[EventID='03']]", "3"},
        {"*[System[EventID=0x3]]", "3"},
        {"*[System[EventID=5]]", "5"},
        {"*[System[EventID=1 or EventID=4 or EventID=5]]", "1 4 5"},
        {"*[System[(EventID>=2 and EventID<4)]]", "2 3"},
        {"*[System[EventID!=2]]", "1 3 4 5"},
        {"*[System[Level=0]]", "1"},
        {"*[System[EventID[@Qualifiers=16384]]]", "3"},
        {"*[System/EventID/@Qualifiers]", "3"},
        // Text folds; the digits of a number compare as text with what is no number.
        {"*[EventData[Data[@Name='User']='ALICE']]", "1"},
        {"*[EventData[Data[@Name='user']='CAROL']]", "5"},
        {"*[EventData/Data='alice']", "1"},
        {"*[EventData[Data[@Name='Text']=16]]", "1"},
        {"*[EventData[Data[@Name='Text']<1000]]", "1 2"},
        {"*[EventData[Data[@Name='Port']>442]]", "1"},
        // Existence: of several nodes one is enough, of none nothing holds.
        {"*[EventData[Data[@Name='Port']!=443]]", "2"},
        {"*[EventData[Data[@Name='Nobody']!='x']]", ""},
        {"*[EventData[Data[@Name='Empty']='']]", "1 2"},
        {"*[EventData/Data!='one']", "1 2 3 5"},
        // Five strings are five elements.
        {"*[EventData[Data[2]='TWO']]", "3"},
        {"*[EventData[Data[position()=3]='three']]", "3"},
        {"*[EventData[Data[4]]]", "1 2"},
        {"*[EventData/Data='three']", "3"},
        {"*[UserData/*/Leaf='LEAF']", "4"},
        {"*[UserData/X[On='true']]", "4"},
        {"*[UserData/X/On=1]", "4"},
        // SIDs, GUIDs, masks, times.
        {"*[System[Security[@UserID='s-1-5-18']]]", "1"},
        {"*[System/Security]", "1 2 3 4"},
        {"*[System/Security/@UserID]", "1"},
        {"*[System/Provider[@Guid='0F1E2D3C-0000-1111-2222-333344445555']]", "1 2 3 4"},
        {"*[System[band(Keywords,9007199254740992)]]", "1 2 3 4"},
        {"*[System[band(Keywords,1)]]", ""},
        {"*[System[TimeCreated[@SystemTime>='2019-04-17T18:40:03Z']]]", "3 4"},
        {"*[System[TimeCreated[timediff(@SystemTime,'2019-04-17T18:40:03Z')>=0]]]", "1 2 3"},
        {"*[System/EventID=1] and *[EventData]", "1"},
        {"*[System[Channel='SECURITY']]", "1 2 3 4"},
        {"Security!*[System[Level=2]]", "4"},
        {"log!*[System[EventID=5]]", "5"},
        {"Other!*", ""},
        {"<QueryList><Query><Select Path='Log'>*[System[EventID&lt;4]]</Select>"
         "<Suppress Path='Log'>*[System[EventID=2]]</Suppress></Query></QueryList>", "1 3"},
    };
    expect_rows(EVX_CONDITION_QUERY, rows, COUNT(rows));
}

static void test_data_and_search(void **state)
{
    (void)state;
    static const struct row data[] = {
        {"User=alice", "1"},
        {"User|contains=L", "1 5"},
        {"User|startswith|cased=b", "2"},
        {"User|endswith=OB", "2"},
        {"User|re=^[ab]", "2"},
        {"User|re|i=^[ab]", "1 2"},
        {"Port|gte=443", "1"},
        {"Port", "1 2"},
        {"Leaf=leaf", "4"},
        {"Text|fieldref=User", ""},
        {"User|fieldref=User", "1 2 5"},
        {"Data|fieldref|cased=System/Channel", ""},
        {"Channel|contains|fieldref=Channel", "1 2 3 4"},
        {"Provider_Name|expand=maker", "1 2 3 4"},
    };
    static const struct row search[] = {{"LICE", "1"}, {"maker", "1 2 3 4"}, {"wo", "3"}, {"leaf", "4"}};
    expect_rows(EVX_CONDITION_DATA, data, COUNT(data));
    expect_rows(EVX_CONDITION_SEARCH, search, COUNT(search));
}

// Conditions of one kind are alternatives, those of several kinds are all wanted.
static void test_combinations(void **state)
{
    (void)state;
    struct desk desk;
    char found[64];
#define CONDITION(kind, text) {EVX_CONDITION_##kind, text, sizeof text - 1}
    const evx_condition conditions[] = {CONDITION(IDS, "1-2"), CONDITION(IDS, "4"),
                                        CONDITION(LEVELS, "info,error"), CONDITION(SUPPRESS, "*[UserData]")};
    const evx_condition inverted[] = {CONDITION(IDS, "1-4"), CONDITION(INVERT, "")};
    desk_open(&desk);
    select_ids(&desk, conditions, COUNT(conditions), false, 1, found);
    assert_string_equal(found, "1 2");
    select_ids(&desk, inverted, COUNT(inverted), false, 1, found);
    assert_string_equal(found, "5");
    encode_free(&desk.b);
}

// A value may hold more than one element, and one that is named like what stands beside it.
static void test_elements_of_a_value(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    encode_builder *b = desk.b;
    encode_template *system =
        encode_template_text(b, "<System><EventID>%0:u16</EventID></System>");
    encode_node *data[2];
    for (int i = 0; i < 2; i++) // the chunk's definition stands in the first one
        data[i] = ENCODE_INSTANCE(b, desk.data, encode_string(b, "Dora"), encode_u32(1),
                                  encode_string(b, ""));
    add(&desk, 6, 0, encode_null(), nested(b, data[0]));
    encode_node *both = encode_append(encode_fragment(b), data[1]);
    add(&desk, 7, 0, encode_null(),
        encode_nested(encode_append(both, ENCODE_INSTANCE(b, system, encode_u16(77)))));
    add(&desk, 8, 0, encode_null(), nested(b, ENCODE_INSTANCE(b, system, encode_u16(77))));
    desk.bytes = encode_finish(b, &desk.size);
    assert_non_null(desk.bytes);
    expect(&desk, EVX_CONDITION_QUERY, "*[System[EventID=77]]", "7 8");
    expect(&desk, EVX_CONDITION_QUERY, "*[System[EventID=6]]", "6");
    expect(&desk, EVX_CONDITION_QUERY, "*[EventData[Data='Dora']]", "6 7");
    encode_free(&desk.b);
}

// Record by record the query means what a conversion selects.
static void test_match(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*[System[EventID=1 or EventID=5]]", "1 5"},
        {"*[EventData/Data='three']", "3"},
        {"log!*[System[Level=4]]", "2 3"},
        {"Other!*", ""},
    };
    struct desk desk;
    evx_engine *engine;
    evx_reader *reader;
    evx_query *query;
    evx_error error;
    evx_record record;
    int is_meant;
    desk_open(&desk);
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const evx_condition condition = {EVX_CONDITION_QUERY, rows[i].query, strlen(rows[i].query)};
        char found[64] = "";
        assert_int_equal(evx_query_compile(engine, &condition, 1, NULL, &query, &error), EVX_OK);
        assert_int_equal(evx_open_memory(engine, desk.bytes, desk.size, &reader, &error), EVX_OK);
        assert_int_equal(evx_match(reader, query, NULL, &is_meant, &error), EVX_ERR_ARGUMENT);
        while (evx_next(reader, &record, &error) == EVX_OK) {
            const char *text;
            size_t size;
            assert_int_equal(evx_match(reader, query, "Log.evtx", &is_meant, &error), EVX_OK);
            assert_int_equal(evx_render(reader, NULL, &text, &size, &error), EVX_OK);
            if (is_meant)
                snprintf(found + strlen(found), sizeof found - strlen(found), *found ? " %d" : "%d",
                         (int)record.id);
        }
        assert_string_equal(found, rows[i].ids);
        evx_query_destroy(&query);
        evx_close(&reader);
    }
    evx_engine_destroy(&engine);
    encode_free(&desk.b);
}

static void test_errors(void **state)
{
    (void)state;
    evx_engine *engine;
    evx_query *query;
    evx_error error;
    const evx_condition wrong[] = {CONDITION(IDS, "1"), CONDITION(QUERY, "*[System[EventID=]]")};
    const evx_condition regex[] = {CONDITION(REGEX, "a(b")};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    assert_int_equal(evx_query_compile(engine, wrong, 2, NULL, &query, &error), EVX_ERR_ARGUMENT);
    assert_null(query);
    assert_int_equal(error.input, 1);
    assert_int_equal(error.offset, 17);
    assert_non_null(strstr(error.cause[0], "expected a number"));
    assert_int_equal(evx_query_compile(engine, regex, 1, NULL, &query, &error), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_query_compile(engine, NULL, 0, NULL, &query, &error), EVX_OK);
    evx_query_destroy(&query);
    evx_engine_destroy(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xpath),
        cmocka_unit_test(test_data_and_search),
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_elements_of_a_value),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
