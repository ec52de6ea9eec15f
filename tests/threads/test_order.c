// SPDX-License-Identifier: MIT
// Guards the first N records and the newest first: what comes is a part of the whole output, or its exact
// reverse, for every number of threads and kind of input; no report in front of the end is lost; and no more
// is read than a few chunks for each thread.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/handles.h"
#include "gen/generate.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { CHUNKS = 24 };

// ------------------------------------------------------------------------------------------- runs

// Everything that a conversion tells, in its order: a line for each record, and one for each report.
struct told {
    struct text all, records;
    uint64_t reports;
    evx_convert_result result;
};

static int add_records(void *context, const void *bytes, size_t size)
{
    struct told *told = context;
    text_add_bytes(&told->all, bytes, size);
    text_add_bytes(&told->records, bytes, size);
    return 0;
}

static int add_report(void *context, const evx_error *error)
{
    struct told *told = context;
    char line[600];
    int size = snprintf(line, sizeof line, "! %s %llu %llu\n", evx_damage_name(error->kind),
                        (unsigned long long)error->chunk, (unsigned long long)error->offset);
    text_add_bytes(&told->all, line, (size_t)size);
    told->reports++;
    return 0;
}

static void told_free(struct told *told)
{
    text_free(&told->all);
    text_free(&told->records);
}

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static struct text generate(const char *damage, unsigned chunks)
{
    struct text log = {0};
    evx_error error;
    generate_options options = {
        .profile = "mixed", .size_bytes = chunks * CHUNK_BYTES, .seed = 7, .damage = damage};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

// With as many threads as asked for, whatever the cores.
static void convert(evx_reader *reader, const evx_convert_options *options, unsigned threads,
                    struct told *told)
{
    evx_error error;
    struct worker_counts counts;
    const evx_sink sink = {.write = add_records, .report = add_report, .context = told};
    struct conversion conversion = {.sink = &sink};

    assert_int_equal(options_read(reader->engine, options, &conversion, &error), EVX_OK);
    assert_int_equal(reader_start_pass(reader, conversion.reverse, &error), EVX_OK);
    reader_describe_job(reader, &conversion.job);
    conversion.job.threads = threads;
    assert_int_equal(convert_run(&conversion, &told->result, &counts, &error), EVX_OK);
    assert_int_equal(told->reports, told->result.errors);
}

static struct told run_told(const struct text *log, enum run_input input,
                            const evx_convert_options *options, unsigned threads)
{
    struct told told = {0};
    evx_engine *engine;
    evx_reader *reader;
    pthread_t thread;
    int ends[2];
    struct run_writer writer = {(const uint8_t *)log->bytes, log->size, 50000, -1};
    text_add_string(&told.all, "");
    text_add_string(&told.records, "");
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    if (input == RUN_MEMORY) {
        assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    } else if (input == RUN_FILE) {
        assert_int_equal(evx_open_fd(engine, run_file(log->bytes, log->size), &reader, NULL),
                         EVX_OK);
    } else {
        assert_int_equal(pipe(ends), 0);
        writer.fd = ends[1];
        assert_int_equal(pthread_create(&thread, NULL, run_writer_main, &writer), 0);
        assert_int_equal(evx_open_fd(engine, ends[0], &reader, NULL), EVX_OK);
    }
    convert(reader, options, threads, &told);
    evx_close(&reader);
    if (input == RUN_PIPE)
        pthread_join(thread, NULL);
    evx_engine_destroy(&engine);
    return told;
}

// ------------------------------------------------------------------------------------------ lines

static size_t line_count(const struct text *text)
{
    size_t count = 0;
    for (const char *p = text->bytes; (p = strchr(p, '\n')) != NULL; p++)
        count++;
    return count;
}

static struct text reversed_lines(const struct text *text)
{
    struct text reversed = {0};
    text_add_string(&reversed, "");
    for (size_t end = text->size; end > 0;) {
        size_t start = end - 1;
        while (start > 0 && text->bytes[start - 1] != '\n')
            start--;
        text_add_bytes(&reversed, text->bytes + start, end - start);
        end = start;
    }
    return reversed;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The lines of reports, sorted.
static struct text sorted_reports(const struct text *all)
{
    struct text copy = {0}, sorted = {0};
    text_add_bytes(&copy, all->bytes, all->size);
    text_add_string(&sorted, "");
    char **lines = calloc(line_count(all) + 1, sizeof *lines);
    assert_non_null(lines);
    size_t count = 0;
    for (char *line = strtok(copy.bytes, "\n"); line; line = strtok(NULL, "\n"))
        if (line[0] == '!')
            lines[count++] = line;
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        text_add_string(&sorted, lines[i]);
        text_add_string(&sorted, "\n");
    }
    free(lines);
    text_free(&copy);
    return sorted;
}

static bool begins_with(const struct text *text, const struct text *start)
{
    return start->size <= text->size && memcmp(text->bytes, start->bytes, start->size) == 0;
}

// ------------------------------------------------------------------------------------------ tests

static const evx_convert_options modes[] = {
    {.format = EVX_FORMAT_JSONL},
    {.format = EVX_FORMAT_JSONL, .recover = 1, .validate_checksums = 1},
};
static const char damage[] =
    "torn-page,bad-magic,zeroed-slot,wrapped,zero-size-record,slack-records,bad-token";

static void check_parts(const struct text *log, const evx_convert_options *mode,
                        const struct told *whole)
{
    const uint64_t sizes[] = {1, 2, 100, whole->result.records - 1, whole->result.records,
                              whole->result.records + 5};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        evx_convert_options options = *mode;
        options.max_records = sizes[i];
        struct told one = run_told(log, RUN_MEMORY, &options, 1);
        uint64_t wanted = sizes[i] < whole->result.records ? sizes[i] : whole->result.records;
        assert_int_equal(one.result.records, wanted);
        assert_int_equal(line_count(&one.records), wanted);
        assert_true(begins_with(&whole->all, &one.all));
        for (unsigned threads = i == 2 ? 1 : 8; threads <= 8; threads = threads * 2 + 1) {
            for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
                struct told many = run_told(log, input, &options, threads);
                assert_true(text_equals(&one.all, &many.all));
                assert_memory_equal(&one.result, &many.result, sizeof one.result);
                told_free(&many);
            }
        }
        told_free(&one);
    }
}

static void test_parts_of_the_output(void **state)
{
    (void)state;
    struct text log = generate(damage, CHUNKS);
    for (size_t i = 0; i < COUNT(modes); i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        struct told forward = run_told(&log, RUN_MEMORY, &options, 1);
        check_parts(&log, &options, &forward);
        options.reverse = 1;
        struct told backward = run_told(&log, RUN_MEMORY, &options, 1);
        struct text mirrored = reversed_lines(&forward.records);
        assert_true(text_equals(&mirrored, &backward.records));
        assert_memory_equal(&forward.result, &backward.result, sizeof forward.result);
        struct text usual = sorted_reports(&forward.all), reports = sorted_reports(&backward.all);
        assert_true(usual.size > 0 && text_equals(&usual, &reports));
        check_parts(&log, &options, &backward);
        text_free(&usual);
        text_free(&reports);
        text_free(&mirrored);
        told_free(&forward);
        told_free(&backward);
    }
    text_free(&log);
}

// Values that are refused are told of behind their record, in both directions.
static void test_reports_follow_their_record(void **state)
{
    (void)state;
    struct log small = log_make("1 2 3|4 5 6");
    log_put(log_record(&small, 1) + RECORD_HEADER_BYTES, 1, 0x77); // no token
    struct text text = {.bytes = (char *)small.bytes, .size = small.size};
    evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL};
    struct told forward = run_told(&text, RUN_MEMORY, &options, 1);
    options.reverse = 1;
    struct told backward = run_told(&text, RUN_MEMORY, &options, 1);
    assert_int_equal(forward.result.records, 5);
    assert_int_equal(forward.result.errors, 1);
    // Between 1 and 3, whichever comes first.
    const char *report = strchr(forward.all.bytes, '!');
    assert_true(strstr(forward.all.bytes, "record 1") < report && report < strstr(report, "record 3"));
    report = strchr(backward.all.bytes, '!');
    assert_true(strstr(backward.all.bytes, "record 1") < report);
    assert_true(strstr(backward.all.bytes, "record 3") < strstr(backward.all.bytes, "record 1"));
    told_free(&forward);
    told_free(&backward);
    log_free(&small);
}

struct counted_log {
    const struct text *log;
    _Atomic uint64_t bytes;
};

static int64_t counted_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    struct counted_log *counted = context;
    if (offset >= counted->log->size)
        return 0;
    size_t left = counted->log->size - (size_t)offset;
    size = size < left ? size : left;
    memcpy(buffer, counted->log->bytes + offset, size);
    counted->bytes += size;
    return (int64_t)size;
}

static int64_t counted_size(void *context)
{
    return (int64_t)((struct counted_log *)context)->log->size;
}

static void test_the_rest_is_not_read(void **state)
{
    (void)state;
    struct text log = generate("", 64);
    for (unsigned threads = 1; threads <= 4; threads++) {
        for (int reverse = 0; reverse <= 1; reverse++) {
            struct counted_log counted = {.log = &log};
            const evx_input input = {counted_read, counted_size, &counted};
            const evx_convert_options options = {.size = sizeof options,
                                                 .format = EVX_FORMAT_JSONL,
                                                 .max_records = 3,
                                                 .reverse = reverse};
            evx_engine *engine;
            evx_reader *reader;
            struct told told = {0};
            assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
            assert_int_equal(evx_open_input(engine, &input, &reader, NULL), EVX_OK);
            convert(reader, &options, threads, &told);
            assert_int_equal(told.result.records, 3);
            // Three batches for each thread, but for one alone; and the headers.
            const unsigned chunks = threads == 1 ? 1 : 3 * threads;
            assert_true(counted.bytes <= chunks * CHUNK_BYTES + 2 * FILE_HEADER_BLOCK_BYTES);
            evx_close(&reader);
            evx_engine_destroy(&engine);
            told_free(&told);
        }
    }
    text_free(&log);
}

static int ignore_broken_pipes(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_of_the_output),
        cmocka_unit_test(test_reports_follow_their_record),
        cmocka_unit_test(test_the_rest_is_not_read),
    };
    return cmocka_run_group_tests(tests, ignore_broken_pipes, NULL);
}
