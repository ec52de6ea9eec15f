// SPDX-License-Identifier: MIT
// Guards the places of fields in templates: a row read from there is the row that a walk over the
// record's elements gives, whatever stands in the holes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runs.h"

enum { RECORDS = 9 };

static const char system_text[] =
    "<Event><System><Provider Name='Maker' Guid='%0:guid'/><EventID Q='%1:u16'>%2:u16</EventID>"
    "<Level>%3:u8</Level><Security UserID='%4'/><Two>a%3:u8</Two><Channel></Channel></System>"
    "%5:nested</Event>";
static const char data_text[] =
    "<EventData><Data Name='User'>%0</Data><Data Name='Port'>%?1:u32</Data>"
    "<Data Name='Fixed'>same</Data><Data Name='%2'>%3</Data><Data>%4</Data></EventData>";

static encode_value nested(encode_builder *b, encode_node *instance)
{
    return encode_nested(encode_append(encode_fragment(b), instance));
}

static const uint8_t *make_log(encode_builder *b, size_t *ret_size)
{
    static const char *const strings[] = {"one", "t,wo", "three"};
    encode_template *system = encode_template_text(b, system_text);
    encode_template *data = encode_template_text(b, data_text);
    encode_template *user =
        encode_template_text(b, "<UserData><X><User>%0</User>%1:nested</X></UserData>");
    encode_template *leaf = encode_template_text(b, "<Leaf Name='%1'>%0</Leaf>");
    encode_template *again = encode_template_text(
        b, "<System><EventID>%0:u16</EventID><Data Name='User'>no</Data></System>");
    encode_template *root = encode_template_text(b, "<Data Name='%1'>%0</Data>");
#define DATA(...)         nested(b, ENCODE_INSTANCE(b, data, __VA_ARGS__))
#define SYSTEM(q, id, ...) ENCODE_EVENT(b, system, encode_null(), q, id, encode_u8(3), __VA_ARGS__)
    const encode_value nothing = encode_null();
    SYSTEM(nothing, encode_u16(1), encode_sid(b, "S-1-5-18"),
           DATA(encode_string(b, "al\"ice"), encode_u32(443), encode_string(b, "Port"),
                encode_u16(80), encode_string(b, "x")));
    SYSTEM(encode_u16(7), encode_u16(2), nothing,
           DATA(nothing, nothing, nothing, nothing, encode_strings(b, 3, strings)));
    // Arrays: of an element, and of an attribute, which repeats its element.
    SYSTEM(encode_strings(b, 2, strings), encode_u16(3), nothing,
           DATA(encode_strings(b, 3, strings), encode_u32(1), encode_strings(b, 2, strings),
                encode_string(b, "of two"), nothing));
    SYSTEM(nothing, encode_strings(b, 2, strings), encode_string(b, ""),
           nested(b, ENCODE_INSTANCE(b, user, encode_string(b, "carol"),
                                     nested(b, ENCODE_INSTANCE(b, leaf, encode_string(b, "deep"),
                                                               encode_strings(b, 2, strings))))));
    SYSTEM(nothing, nothing, nothing, encode_string(b, "no elements"));
    SYSTEM(nothing, encode_u16(6), nothing, nested(b, ENCODE_INSTANCE(b, again, encode_u16(60))));
    SYSTEM(nothing, encode_u16(7), nothing,
           nested(b, ENCODE_INSTANCE(b, root, encode_strings(b, 3, strings),
                                     encode_string(b, "User"))));
    // Elements where text should be, and a value that does not fit its type.
    SYSTEM(nothing, encode_u16(8), encode_bytes(b, 0x13, "\1\2\3", 3),
           DATA(nested(b, ENCODE_INSTANCE(b, leaf, encode_string(b, "in"), nothing)), encode_u32(5),
                nothing, encode_string(b, "-"), nothing));
    encode_add_fragment(b, encode_nodes_text(b, "<Event><System><EventID>9</EventID></System>"
                                                "<EventData><Data Name='User'>eve</Data>"
                                                "</EventData></Event>"));
    const uint8_t *bytes = encode_finish(b, ret_size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    return bytes;
}

static int append(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static int report(void *context, const evx_error *error)
{
    text_add_string(context, error->cause[0]);
    text_add_string(context, "\n");
    return 0;
}

struct way {
    evx_format format;
    const char *list;
    bool no_plans;
    unsigned threads;
};

// Rows and reports of the log, the second time that they are asked for: plans are there then.
static struct text rows_of(const uint8_t *bytes, size_t size, const struct way *way)
{
    const evx_engine_options engine_options = {.size = sizeof engine_options,
                                               .no_plans = way->no_plans};
    evx_engine *engine;
    evx_reader *reader;
    evx_fields *fields;
    evx_error error;
    struct text out = {0};
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    assert_int_equal(evx_fields_compile(engine, way->list, strlen(way->list), &fields, &error),
                     EVX_OK);
    assert_int_equal(evx_open_memory(engine, bytes, size, &reader, &error), EVX_OK);
    const evx_convert_options options = {.size = sizeof options,
                                         .format = way->format,
                                         .threads = way->threads,
                                         .fields = fields};
    const evx_sink sink = {.write = append, .report = report, .context = &out};
    for (int pass = 0; pass < 2; pass++) {
        text_free(&out);
        assert_int_equal(evx_convert(reader, &options, &sink, NULL, &error), EVX_OK);
    }
    evx_engine_stats stats = {.size = sizeof stats};
    assert_int_equal(evx_engine_get_stats(engine, &stats), EVX_OK);
    assert_int_equal(stats.records_compiled, way->no_plans ? 0 : 2 * (RECORDS - 1));
    evx_close(&reader);
    evx_fields_destroy(&fields);
    evx_engine_destroy(&engine);
    return out;
}

static void expect(const char *list, const char *rows)
{
    encode_builder *b = encode_create();
    size_t size;
    const uint8_t *bytes = make_log(b, &size);
    struct way way = {.list = list, .threads = 1};
    const evx_format formats[] = {EVX_FORMAT_CSV, EVX_FORMAT_TSV, EVX_FORMAT_JSONL};
    for (int format = 0; format < 3; format++) {
        way.format = formats[format];
        way.no_plans = true;
        struct text walked = rows_of(bytes, size, &way);
        way.no_plans = false;
        struct text planned = rows_of(bytes, size, &way);
        if (strcmp(walked.bytes, planned.bytes) != 0)
            fail_msg("%s: walked:\n%splanned:\n%s", list, walked.bytes, planned.bytes);
        if (format == 0 && strcmp(walked.bytes, rows) != 0)
            fail_msg("%s:\n%sinstead of\n%s", list, walked.bytes, rows);
        text_free(&walked);
        text_free(&planned);
    }
    encode_free(&b);
}

static void test_places(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"EventID",
         "1\n2\n\"3, 3\"\n\"one, t,wo\"\n\"\"\n\"6, 60\"\n7\n8\n9\n"},
        {"System/EventID/@Q",
         "\"\"\n7\n\"one, t,wo\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n"},
        {"System/Two",
         "a3\na3\na3\na3\na3\na3\na3\na3\n\"\"\n"},
        {"System/Channel",
         "\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n"},
        {"Level,Provider,ProviderGuid,UserID",
         "3,Maker,,S-1-5-18\n3,Maker,,\n3,Maker,,\n3,Maker,,\n3,Maker,,\n3,Maker,,\n"
         "3,Maker,,\n3,Maker,,010203\nRecord number 8 of chunk 0 has a damaged value\n,,,\n"},
        {"User",
         "\"al\"\"ice\"\n\"\"\n\"one, t,wo, three\"\ncarol\n\"\"\n\"\"\n\"\"\n\"\"\neve\n"},
        {"EventData.User,port",
         "\"al\"\"ice\",\"443, 80\"\n,\n\"one, t,wo, three\",1\n,\n,\n,\n,\n,5\neve,\n"},
        {"Fixed,Port",
         "same,\"443, 80\"\nsame,\nsame,1\n,\n,\n,\n,\nsame,5\n,\n"},
        {"EventData/Data",
         "\"al\"\"ice, 443, same, 80, x\"\n\", same, , one, t,wo, three\"\n"
         "\"one, t,wo, three, 1, same, of two, of two, \"\n\"\"\n\"\"\n\"\"\n\"\"\n"
         "\"5, same, -, \"\neve\n"},
        {"EventData/Data/@Name",
         "\"User, Port, Fixed, Port\"\n\"User, Fixed\"\n"
         "\"User, User, User, Port, Fixed, one, t,wo\"\n\"\"\n\"\"\n\"\"\n\"\"\n"
         "\"User, Port, Fixed\"\nUser\n"},
        {"Leaf",
         "\"\"\n\"\"\n\"\"\ndeep\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n"},
        {"UserData/X/Leaf/@Name",
         "\"\"\n\"\"\n\"\"\n\"one,t,wo\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n"},
        {"Data/@Name",
         "\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\nUser\n\"\"\n\"\"\n"},
        {"param1,Data[2]",
         ",443\n,same\n,\"t,wo\"\n,\n,\n,\n,\n,5\n,\n"},
        {"System",
         "\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(rows[i][0], rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
