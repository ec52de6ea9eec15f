// SPDX-License-Identifier: MIT
// Guards rows of fields: what a name means, and cells that other programs read back as they were.
#include "render.h"

#include "base/memory.h"
#include "rows/cell.h"
#include "rows/columns.h"
#include "rows/content.h"

#define EVENT                                                                                      \
    "<Event><System><Provider Name='P,q' Guid='%0'/><EventID Qualifiers='7'>%1</EventID>"          \
    "<Execution ProcessID='%1'/></System>%2</Event>"
#define DATA                                                                                       \
    "f:<EventData><Data Name='A'>one</Data><Data Name='A'>two</Data><Data>x</Data>"                \
    "<Data Name='My name'>-1</Data><Data Name='E'></Data></EventData>"
#define USER "f:<UserData><Root><Leaf>5</Leaf><A>user</A></Root></UserData>"

struct case_ {
    const char *list, *values, *json, *csv; // csv: with the header, and escapes
};

static evx_fields *compile(evx_engine *engine, const char *list, evx_error *error)
{
    evx_fields *fields = NULL;
    evx_fields_compile(engine, list, strlen(list), &fields, error);
    return fields;
}

// CSV has its header once.
static void check_csv(const struct case_ *row, const uint8_t *bytes, size_t size,
                      const evx_convert_options *options)
{
    struct run run = run_convert(bytes, size, RUN_MEMORY, options);
    const char *line = strchr(row->csv, '\n') + 1;
    struct text wanted = {0};
    text_add_bytes(&wanted, row->csv, (size_t)(line - row->csv));
    for (int i = 0; i < SHOW_PLAIN + SHOW_IRREGULAR; i++)
        text_add_string(&wanted, line);
    assert_string_equal(run.out.bytes, wanted.bytes);
    text_free(&wanted);
    run_free(&run);
}

static void check(const struct case_ *rows, size_t count)
{
    evx_engine *engine;
    evx_error error = {0};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    for (const struct case_ *row = rows; row < rows + count; row++) {
        const struct shown shown = {.structure = EVENT, .values = row->values};
        uint8_t *bytes;
        size_t size;
        encode_builder *b = show_log(&shown, &bytes, &size);
        evx_fields *fields = compile(engine, row->list, &error);
        if (!fields)
            fail_msg("%s: %s", row->list, error.cause[0]);
        evx_convert_options options = show_options(EVX_FORMAT_JSONL);
        options.fields = fields;
        options.header = options.csv_safe = 1;
        options.source_file = "=log";
        show_check(&shown, row->list, bytes, size, &options, "", row->json, "\n");
        options.format = EVX_FORMAT_CSV;
        if (row->csv)
            check_csv(row, bytes, size, &options);
        evx_fields_destroy(&fields);
        encode_free(&b);
    }
    evx_engine_destroy(&engine);
}

static void test_names(void **state)
{
    (void)state;
    static const struct case_ rows[] = {
        {"EventID", "n|u:4624|" DATA, "{\"EventID\":4624}", "EventID\n4624\n"},
        {"id=System/EventID", "n|u:5|" DATA, "{\"id\":5}", "id\n5\n"},
        {"System.EventID", "n|u:5|" DATA, "{\"System.EventID\":5}", NULL},
        {"Event.System.Provider.#attributes.Name", "n|u:5|" DATA,
         "{\"Event.System.Provider.#attributes.Name\":\"P,q\"}", NULL},
        {"Provider,Qualifiers", "n|u:5|" DATA, "{\"Provider\":\"P,q\",\"Qualifiers\":\"7\"}",
         "Provider,Qualifiers\n\"P,q\",7\n"},
        {"ProviderGuid,Execution_ProcessID", "n|u:5|" DATA,
         "{\"ProviderGuid\":null,\"Execution_ProcessID\":5}",
         "ProviderGuid,Execution_ProcessID\n,5\n"},
        // Data wins over elements of UserData, and System over both.
        {"A", "n|u:5|" DATA, "{\"A\":[\"one\",\"two\"]}", "A\n\"one, two\"\n"},
        {"A", "n|u:5|" USER, "{\"A\":\"user\"}", "A\nuser\n"},
        {"Leaf,UserData.Root.Leaf", "n|u:5|" USER, "{\"Leaf\":\"5\",\"UserData.Root.Leaf\":\"5\"}",
         NULL},
        {"Data[3],param3,EventData.E,E,Nobody", "n|u:5|" DATA,
         "{\"Data[3]\":\"x\",\"param3\":\"x\",\"EventData.E\":\"\",\"E\":\"\",\"Nobody\":null}",
         "Data[3],param3,EventData.E,E,Nobody\nx,x,,,\n"},
        {"\"My name\",EventID", "n|u:5|" DATA, "{\"My name\":\"-1\",\"EventID\":5}",
         "My name,EventID\n'-1,5\n"},
        {"EventData/Data[@Name='My name']", "n|u:5|" DATA,
         "{\"EventData/Data[@Name='My name']\":\"-1\"}", NULL},
        {"SourceFile,Chunk,Recovered", "n|u:5|" DATA,
         "{\"SourceFile\":\"=log\",\"Chunk\":0,\"Recovered\":false}",
         "SourceFile,Chunk,Recovered\n'=log,0,false\n"},
        {"EventData", "n|u:5|" USER, "{\"EventData\":{\"Root\":{\"Leaf\":\"5\",\"A\":\"user\"}}}",
         "EventData\n\"{\"\"Root\"\":{\"\"Leaf\"\":\"\"5\"\",\"\"A\"\":\"\"user\"\"}}\"\n"},
        {"EventData", "n|u:5|n", "{\"EventData\":null}", "EventData\n\"\"\n"},
        {"Nobody", "n|u:5|" DATA, "{\"Nobody\":null}", "Nobody\n\"\"\n"},
        // The exact spelling first, then any case; an element's name has its case.
        {"B,b,bb,BB",
         "n|u:5|f:<EventData><Data Name='b'>1</Data><Data Name='B'>2</Data>"
         "<Data Name='Bb'>3</Data></EventData>",
         "{\"B\":\"2\",\"b\":\"1\",\"bb\":\"3\",\"BB\":\"3\"}", NULL},
        {"leaf", "n|u:5|" USER, "{\"leaf\":null}", NULL},
        // What an element holds is no value.
        {"EventData.Root,UserData.Root", "n|u:5|" USER,
         "{\"EventData.Root\":null,\"UserData.Root\":null}", NULL},
    };
    check(rows, sizeof rows / sizeof *rows);
}

static void test_lists_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        unsigned offset;
        const char *part;
    } rows[] = {
        {"", 0, "the name of a field"},
        {"EventID,,Level", 8, "the name of a field"},
        {"EventID,EventID", 8, "Name=Field gives another name"},
        {"Level,System.Provder.Name", 6, "System.Provider.Name is like it"},
        {"System.eventid", 0, "System.EventID is like it"},
        {"System.Provider.#attributes.Gid", 0, "System.Provider.Guid is like it"},
        {"System.Zzzzzzzzzz", 0, "a name that System has"},
        {"\"EventID", 8, "the end of the quotes"},
        {"System/EventID='1'", 0, "a path to a field"},
        {"\xFF", 0, ""},
    };
    evx_engine *engine;
    evx_error error = {0};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        evx_fields *fields = compile(engine, rows[i].list, &error);
        if (fields || !strstr(error.cause[0], rows[i].part) || error.offset != rows[i].offset)
            fail_msg("%s: offset %u, %s", rows[i].list, (unsigned)error.offset, error.cause[0]);
    }
    evx_engine_destroy(&engine);
}

static void test_fields_need_a_format_with_rows(void **state)
{
    (void)state;
    struct log log = log_make("1");
    evx_convert_options options = show_options(EVX_FORMAT_CSV);
    struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    assert_int_equal(run.status, EVX_ERR_ARGUMENT);
    run_free(&run);
    log_free(&log);
}

// A header without a record, and rows in the place of no other call.
static void test_header_of_no_records(void **state)
{
    (void)state;
    struct log log = log_make("e");
    evx_engine *engine;
    evx_error error = {0};
    evx_reader *reader;
    const char *text;
    size_t size;
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    evx_fields *fields = compile(engine, "Level,\"a\"", &error);
    evx_convert_options options = show_options(EVX_FORMAT_TSV);
    options.fields = fields;
    struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    assert_int_equal(run.out.size, 0);
    run_free(&run);
    options.header = 1;
    run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    assert_string_equal(run.out.bytes, "Level\ta\n");
    run_free(&run);
    assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, &error), EVX_OK);
    const evx_render_options form = {.size = sizeof form, .format = EVX_FORMAT_TSV};
    assert_int_equal(evx_render(reader, &form, &text, &size, &error), EVX_ERR_ARGUMENT);
    evx_close(&reader);
    evx_fields_destroy(&fields);
    evx_engine_destroy(&engine);
    log_free(&log);
}

// ---- cells --------------------------------------------------------------------------------------

static void test_cells(void **state)
{
    (void)state;
    static const struct {
        struct cell_style style;
        const char *values[3];
        const char *cell;
    } rows[] = {
        {{ROW_CSV, false}, {"a b"}, "a b"},
        {{ROW_CSV, false}, {"a,b"}, "\"a,b\""},
        {{ROW_CSV, false}, {"\""}, "\"\"\"\""},
        {{ROW_CSV, false}, {"\"a\"\"b\""}, "\"\"\"a\"\"\"\"b\"\"\""},
        {{ROW_CSV, false}, {"a\r\nb"}, "\"a\r\nb\""},
        {{ROW_CSV, false}, {"a", "b"}, "\"a, b\""},
        {{ROW_CSV, false}, {"=1"}, "=1"},
        {{ROW_CSV, true}, {"=1"}, "'=1"},
        {{ROW_CSV, true}, {"+\"1\""}, "\"'+\"\"1\"\"\""},
        {{ROW_CSV, true}, {"\t1"}, "'\t1"},
        {{ROW_CSV, true}, {"1-"}, "1-"},
        {{ROW_CSV, true}, {""}, ""},
        {{ROW_TSV, false}, {"a", "b"}, "a, b"},
        {{ROW_TSV, false}, {"a\tb"}, "\"a\tb\""},
        {{ROW_JSON, false}, {"a\"\n"}, "\"a\\\"\\n\""},
        {{ROW_JSON, false}, {"a", "b"}, "[\"a\",\"b\"]"},
        {{ROW_JSON, false}, {NULL}, "null"},
        {{ROW_JSON, true}, {"=1"}, "\"=1\""},
    };
    struct memory memory;
    struct outbuf out;
    memory_init(&memory, NULL);
    outbuf_init(&out, &memory);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(outbuf_begin_record(&out));
        const size_t start = out.length;
        struct cell cell = cell_start(&rows[i].style, &out);
        for (int k = 0; k < 3 && rows[i].values[k]; k++)
            cell_put_text(&cell, rows[i].values[k], strlen(rows[i].values[k]));
        cell_end(&cell);
        if (out.length - start != strlen(rows[i].cell) ||
            memcmp(out.data + start, rows[i].cell, out.length - start) != 0)
            fail_msg("%s: %.*s", rows[i].cell, (int)(out.length - start), out.data + start);
    }
    outbuf_destroy(&out);
}

// Longer than a reservation may be, and quotes all over.
static void test_large_cells(void **state)
{
    (void)state;
    static const struct cell_style style = {ROW_CSV, false};
    enum { SIZE = 3 << 20 };
    struct memory memory;
    struct outbuf out;
    char *quotes = malloc(SIZE);
    assert_non_null(quotes);
    memset(quotes, '"', SIZE);
    memory_init(&memory, NULL);
    outbuf_init(&out, &memory);
    assert_true(outbuf_begin_record(&out));
    struct cell cell = cell_start(&style, &out);
    cell_put_text(&cell, quotes, SIZE);
    cell_end(&cell);
    assert_int_equal(out.failed, OUTBUF_FINE);
    assert_int_equal(out.length, 2 * (size_t)SIZE + 2);
    for (size_t i = 0; i < out.length; i++)
        assert_int_equal(out.data[i], '"');
    outbuf_destroy(&out);
    free(quotes);
}

static void test_content(void **state)
{
    (void)state;
    static const struct {
        const char *json, *content;
    } rows[] = {
        {"{\"Event\":{\"System\":{\"EventData\":1},\"EventData\":{\"a\":\"}\\\"\"}}}",
         "{\"a\":\"}\\\"\"}"},
        {"{\"Event\":{\"#attributes\":{\"x\":\"EventData\"},\"UserData\":[1,2],\"Z\":null}}",
         "[1,2]"},
        {"{\"Event\":{\"UserData\":{},\"EventData\":null}}", "null"},
        {"{\"Event\":{\"EventData\":5}}", "5"},
        {"{\"Event\":null}", NULL},
        {"{\"Other\":{\"EventData\":5}}", NULL},
        {"{\"Event\":{\"EventData", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct content content = {0};
        bool found = content_find((const uint8_t *)rows[i].json, strlen(rows[i].json), &content);
        if (found != (rows[i].content != NULL) ||
            (found && (content.size != strlen(rows[i].content) ||
                       memcmp(content.json, rows[i].content, content.size) != 0)))
            fail_msg("%s: %.*s", rows[i].json, (int)content.size, (const char *)content.json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_lists_that_are_refused),
        cmocka_unit_test(test_fields_need_a_format_with_rows),
        cmocka_unit_test(test_header_of_no_records),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_large_cells),
        cmocka_unit_test(test_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
