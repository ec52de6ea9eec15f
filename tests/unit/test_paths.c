// SPDX-License-Identifier: MIT
// Guards against a silent fall off the fast path: output stays right when a template's program no longer
// fits and the walker serves every record, so only a count can show it.
//
// With --real-logs: the same of real logs, and nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <evx/evx.h>

#include "corpus.h"
#include "gen/generate.h"

struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

static int append(void *context, const void *data, size_t size)
{
    struct bytes *bytes = context;
    if (bytes->size + size > bytes->capacity) {
        bytes->capacity = 2 * (bytes->size + size);
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (!bytes->data)
            return 1;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return 0;
}

static int count_bytes(void *context, const void *data, size_t size)
{
    (void)data;
    *(size_t *)context += size;
    return 0;
}

static evx_engine_stats convert(evx_reader *reader, evx_engine *engine, evx_format format)
{
    size_t written = 0;
    const evx_sink sink = {.write = count_bytes, .context = &written};
    const evx_convert_options options = {.size = sizeof options, .format = format, .threads = 1};
    assert_int_equal(evx_convert(reader, &options, &sink, NULL, NULL), EVX_OK);
    assert_true(written > 0);
    evx_engine_stats stats = {.size = sizeof stats};
    evx_engine_get_stats(engine, &stats);
    return stats;
}

static void assert_fast(const char *what, const evx_engine_stats *stats)
{
    print_message("# %s: %llu records: %llu compiled, %llu walked, %llu irregular\n", what,
                  (unsigned long long)stats->records, (unsigned long long)stats->records_compiled,
                  (unsigned long long)stats->records_walked,
                  (unsigned long long)stats->records_irregular);
    assert_int_equal(stats->records, stats->records_compiled + stats->records_walked +
                                         stats->records_irregular);
    assert_true(stats->records_irregular * 100 <= stats->records);
    assert_true(stats->records_walked * 100 <= stats->records);
}

static void test_generated_logs_are_served_by_programs(void **state)
{
    (void)state;
    static const char *const profiles[] = {"security", "system", "sysmon", "powershell"};
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSONL};
    for (size_t i = 0; i < 8; i++) {
        struct bytes log = {0};
        const generate_options options = {
            .profile = profiles[i / 2], .size_bytes = 2 << 20, .seed = 5};
        assert_int_equal(generate_log(&options, append, &log, NULL), EVX_OK);
        evx_engine *engine;
        evx_reader *reader;
        assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
        assert_int_equal(evx_open_memory(engine, log.data, log.size, &reader, NULL), EVX_OK);
        evx_engine_stats stats = convert(reader, engine, formats[i % 2]);
        assert_fast(profiles[i / 2], &stats);
        assert_true(stats.records_compiled * 100 >= stats.records * 94);
        evx_close(&reader);
        evx_engine_destroy(&engine);
        free(log.data);
    }
}

static void test_real_logs_are_served_by_programs(void **state)
{
    (void)state;
    static const char *const samples[] = {"security", "system", "sysmon"};
    for (size_t i = 0; i < 6; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/samples/%s.evtx", corpus_folder(), samples[i / 2]);
        evx_engine *engine;
        evx_reader *reader;
        assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
        assert_int_equal(evx_open_file(engine, path, &reader, NULL), EVX_OK);
        evx_engine_stats stats = convert(reader, engine, i % 2 ? EVX_FORMAT_JSONL : EVX_FORMAT_XML);
        assert_fast(samples[i / 2], &stats);
        evx_close(&reader);
        evx_engine_destroy(&engine);
    }
}

// The second conversion finds every template warm.
static void test_an_engine_stays_warm(void **state)
{
    (void)state;
    struct bytes log = {0};
    const generate_options options = {.profile = "security", .size_bytes = 1 << 20, .seed = 6};
    assert_int_equal(generate_log(&options, append, &log, NULL), EVX_OK);
    evx_engine *engine;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    evx_engine_stats before = {0}, after = {0};
    for (int i = 0; i < 4; i++) {
        evx_reader *reader;
        assert_int_equal(evx_open_memory(engine, log.data, log.size, &reader, NULL), EVX_OK);
        before = after;
        after = convert(reader, engine, EVX_FORMAT_JSONL);
        evx_close(&reader);
    }
    assert_int_equal(after.records_walked, before.records_walked);
    assert_int_equal(after.templates, before.templates);
    assert_int_equal(after.programs, before.programs);
    evx_engine_destroy(&engine);
    free(log.data);
}

// What all comparisons of programs with the walker rest on.
static void test_without_plans_every_record_is_walked(void **state)
{
    (void)state;
    struct bytes log = {0};
    const generate_options log_options = {.profile = "security", .size_bytes = 1, .seed = 7};
    assert_int_equal(generate_log(&log_options, append, &log, NULL), EVX_OK);
    for (int i = 0; i < 2; i++) {
        const evx_engine_options options = {.size = sizeof options, .no_plans = 1};
        evx_engine *engine;
        evx_reader *reader;
        assert_int_equal(evx_engine_create(&options, &engine, NULL), EVX_OK);
        assert_int_equal(evx_open_memory(engine, log.data, log.size, &reader, NULL), EVX_OK);
        evx_engine_stats stats = convert(reader, engine, i ? EVX_FORMAT_JSONL : EVX_FORMAT_XML);
        assert_true(stats.records > 0);
        assert_int_equal(stats.records_compiled + stats.programs, 0);
        evx_close(&reader);
        evx_engine_destroy(&engine);
    }
    free(log.data);
}

static void test_only_an_unset_corpus_means_the_default(void **state)
{
    (void)state;
    char *before = getenv("EVX_CORPUS") ? strdup(getenv("EVX_CORPUS")) : NULL;
    setenv("EVX_CORPUS", "/named", 1);
    assert_string_equal(corpus_folder(), "/named");
    setenv("EVX_CORPUS", "", 1);
    assert_null(corpus_folder());
    unsetenv("EVX_CORPUS");
    assert_string_equal(corpus_folder(), EVX_DEFAULT_CORPUS);
    if (before)
        setenv("EVX_CORPUS", before, 1);
    free(before);
}

static int run_real_logs(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_logs_are_served_by_programs)};
    const char *corpus = corpus_folder();
    char samples[4096];
    snprintf(samples, sizeof samples, "%s/samples", corpus ? corpus : "");
    if (!corpus || access(samples, F_OK) != 0) {
        // Not cmocka's skip(): Meson counts what that prints as a failure.
        printf("1..0 # SKIP no real logs in %s; EVX_CORPUS may name a folder with samples/\n",
               corpus ? corpus : "an empty EVX_CORPUS");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated_logs_are_served_by_programs),
        cmocka_unit_test(test_an_engine_stays_warm),
        cmocka_unit_test(test_without_plans_every_record_is_walked),
        cmocka_unit_test(test_only_an_unset_corpus_means_the_default),
    };
    if (argc > 1 && strcmp(argv[1], "--real-logs") == 0)
        return run_real_logs();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
