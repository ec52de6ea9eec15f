// SPDX-License-Identifier: MIT
// Guards documents of all records: what stands around them and between them, in both orders, and that a
// record alone is framed as the conversion frames it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void test_framing(void **state)
{
    (void)state;
    static const evx_id_range absent = {9, 9};
    static const struct {
        evx_convert_options options;
        const char *expected;
    } rows[] = {
        {{.format = EVX_FORMAT_XML_DOCUMENT},
         "<Event>\n  <V>value of record 1</V>\n</Event>\n<Event>\n  <V>value of record 8</V>\n</Event>\n"},
        {{.format = EVX_FORMAT_XML_DOCUMENT, .recover = 1, .compact = 1},
         "<Event><V>value of record 1</V></Event>\n<!-- recovered -->\n"
         "<Event><V>value of record 7</V></Event>\n<Event><V>value of record 8</V></Event>\n"},
        {{.format = EVX_FORMAT_JSON_ARRAY, .recover = 1},
         "\n{\"Event\":{\"V\":\"value of record 1\"}},\n"
         "{\"recovered\":true,\"Event\":{\"V\":\"value of record 7\"}},\n"
         "{\"Event\":{\"V\":\"value of record 8\"}}"},
        {{.format = EVX_FORMAT_JSON_ARRAY, .reverse = 1},
         "\n{\"Event\":{\"V\":\"value of record 8\"}},\n{\"Event\":{\"V\":\"value of record 1\"}}"},
        {{.format = EVX_FORMAT_JSON_ARRAY, .follows_records = 1, .max_records = 1, .separate_attributes = 1},
         ",\n{\"Event\":{\"V\":\"value of record 1\"}}"},
        {{.format = EVX_FORMAT_JSON_ARRAY, .ids = &absent, .id_count = 1}, ""},
    };
    struct log log = log_make("1 / 7|8");
    for (size_t i = 0; i < COUNT(rows); i++) {
        evx_convert_options options = rows[i].options;
        options.size = sizeof options;
        struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        assert_string_equal(run.out.bytes ? run.out.bytes : "", rows[i].expected);
        run_free(&run);
    }
    log_free(&log);
}

static void test_front_and_back(void **state)
{
    (void)state;
    static const char *const nothing[] = {"", ""};
    static const char *const xml[] = {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>\n",
                                      "</Events>\n"};
    static const char *const json[] = {"[", "\n]\n"};
    const char *const *rows[] = {nothing, nothing, nothing, xml, json, nothing};
    for (unsigned format = 0; format < COUNT(rows); format++) {
        assert_string_equal(evx_document_front((evx_format)format), rows[format][0]);
        assert_string_equal(evx_document_back((evx_format)format), rows[format][1]);
    }
}

static void test_record_by_record(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3|4");
    log_put(log_record(&log, 0) + RECORD_HEADER_BYTES, 1, 0x77); // the first one is damaged
    for (evx_format format = EVX_FORMAT_XML_DOCUMENT; format <= EVX_FORMAT_JSON_ARRAY; format++) {
        const evx_convert_options all = {.size = sizeof all, .format = format};
        evx_render_options options = {.size = sizeof options, .format = format};
        struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, &all);
        struct text out = {0};
        evx_engine *engine;
        evx_reader *reader;
        evx_record record;
        evx_status status;
        const char *text;
        size_t size;
        assert_int_equal(whole.result.errors, 1);
        assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
        assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
        while ((status = evx_next(reader, &record, NULL)) != EVX_END) {
            if (status != EVX_OK || evx_render(reader, &options, &text, &size, NULL) != EVX_OK)
                continue;
            text_add_bytes(&out, text, size);
            options.follows_records = 1;
        }
        assert_true(text_equals(&out, &whole.out));
        evx_close(&reader);
        evx_engine_destroy(&engine);
        text_free(&out);
        run_free(&whole);
    }
    log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_front_and_back),
        cmocka_unit_test(test_record_by_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
