// SPDX-License-Identifier: MIT
// Guards counts: they are of the records that would be written, whatever is wrong with them, and no record
// of a healthy log is rendered for them.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/load.h"
#include "container/layout.h"
#include "gen/generate.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static struct text generate(const char *profile, const char *damage)
{
    struct text log = {0};
    evx_error error;
    generate_options options = {
        .profile = profile, .size_bytes = 4 * CHUNK_BYTES, .seed = 11, .damage = damage};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

static const evx_convert_options modes[] = {
    {.format = EVX_FORMAT_XML},
    {.format = EVX_FORMAT_XML, .recover = 1, .validate_checksums = 1},
    {.format = EVX_FORMAT_JSONL, .recover = 1},
    {.format = EVX_FORMAT_JSON_ARRAY, .separate_attributes = 1},
    {.format = EVX_FORMAT_JSONL, .max_records = 50},
    {.format = EVX_FORMAT_XML_DOCUMENT, .max_records = 50, .reverse = 1},
};

static void check_counts(const struct text *log)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        struct run written = run_convert(log->bytes, log->size, RUN_MEMORY, &options);
        options.count_only = 1;
        for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
            struct run counted = run_convert(log->bytes, log->size, input, &options);
            assert_int_equal(counted.status, written.status);
            assert_int_equal(counted.out.size, 0);
            assert_int_equal(counted.result.records, written.result.records);
            assert_int_equal(counted.result.recovered, written.result.recovered);
            assert_true(text_equals(&counted.reports, &written.reports));
            run_free(&counted);
        }
        run_free(&written);
    }
}

static void test_damaged_logs(void **state)
{
    (void)state;
    static const char *const kinds[] = {"", "torn-page,zeroed-slot", "bad-magic,wrapped",
                                        "zero-size-record,slack-records,bad-token"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct text log = generate("mixed", kinds[i]);
        check_counts(&log);
        text_free(&log);
    }
}

// Every byte of a record, changed: whatever that does to it.
static void test_damaged_records(void **state)
{
    (void)state;
    struct log small = log_make("1 2");
    const uint32_t size = load_u32(log_record(&small, 0) + RECORD_SIZE_OFFSET);
    for (uint32_t at = RECORD_HEADER_BYTES; at < size - 4; at++) {
        uint8_t *byte = log_record(&small, 0) + at;
        const uint8_t kept = *byte;
        for (unsigned bit = 0; bit < 8; bit++) {
            *byte = kept ^ (uint8_t)(1u << bit);
            evx_convert_options options = {.size = sizeof options, .threads = 1};
            options.format = bit % 2 ? EVX_FORMAT_JSONL : EVX_FORMAT_XML;
            struct run written = run_fresh(small.bytes, small.size, RUN_MEMORY, &options, false);
            options.count_only = 1;
            struct run counted = run_fresh(small.bytes, small.size, RUN_MEMORY, &options, false);
            assert_int_equal(counted.result.records, written.result.records);
            // But for values that are refused when they are shown.
            assert_true(counted.result.errors <= written.result.errors);
            run_free(&written);
            run_free(&counted);
        }
        *byte = kept;
    }
    log_free(&small);
}

static void test_nothing_is_rendered(void **state)
{
    (void)state;
    static const char *const profiles[] = {"security", "sysmon"};
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct text log = generate(profiles[i], "");
        const evx_convert_options options = {.size = sizeof options, .count_only = 1};
        const evx_sink sink = {.write = add_to_text};
        evx_engine_stats stats = {.size = sizeof stats};
        evx_convert_result result;
        evx_engine *engine;
        evx_reader *reader;
        assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
        assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
        assert_int_equal(evx_convert(reader, &options, &sink, &result, NULL), EVX_OK);
        assert_int_equal(evx_engine_get_stats(engine, &stats), EVX_OK);
        assert_true(result.records > 100);
        assert_int_equal(stats.programs, 0);
        evx_close(&reader);
        evx_engine_destroy(&engine);
        text_free(&log);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); // conversions that have enough leave pipes
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_logs),
        cmocka_unit_test(test_damaged_records),
        cmocka_unit_test(test_nothing_is_rendered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
