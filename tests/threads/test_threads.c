// SPDX-License-Identifier: MIT
// Guards against races and lost order: the same log with one thread and with many, several readers of one
// engine at once, sinks that stop in the middle, runs that wait for a pipe when they should end, and sinks that are called under a lock. ./dev test runs this under ThreadSanitizer.
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "api/handles.h"
#include "gen/generate.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { READERS = 4, CHUNKS = 24 };

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static struct text generate(const char *profile, uint64_t seed)
{
    struct text log = {0};
    evx_error error;
    generate_options options = {
        .profile = profile,
        .size_bytes = CHUNKS * CHUNK_BYTES,
        .seed = seed,
        .damage = "torn-page,bad-magic,zeroed-slot,wrapped,zero-size-record,slack-records,bad-token"};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

static const evx_convert_options modes[] = {
    {.format = EVX_FORMAT_XML},
    {.format = EVX_FORMAT_XML, .compact = 1, .recover = 1},
    {.format = EVX_FORMAT_JSON, .separate_attributes = 1},
    {.format = EVX_FORMAT_JSONL, .recover = 1, .validate_checksums = 1},
};

// Fewer, as many and more than there are cores.
static const unsigned thread_counts[] = {2, 3, 8};

static void test_threads_change_nothing(void **state)
{
    (void)state;
    struct text log = generate("mixed", 5);
    for (size_t i = 0; i < COUNT(modes); i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        options.threads = 1;
        struct run one = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        assert_true(one.result.errors > 0 && one.result.records > 100);
        for (size_t k = 0; k < COUNT(thread_counts); k++) {
            options.threads = thread_counts[k];
            for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
                struct run many = run_convert(log.bytes, log.size, input, &options);
                assert_true(run_equals(&one, &many));
                run_free(&many);
            }
        }
        run_free(&one);
    }
    text_free(&log);
}

// The public interface takes no more threads than there are cores; the ring must serve any number.
static evx_status convert_crowd(evx_reader *reader, const evx_sink *sink,
                                const evx_convert_options *options, unsigned threads,
                                evx_convert_result *ret_result)
{
    evx_error error;
    struct worker_counts counts;
    struct conversion conversion = {.sink = sink};
    assert_int_equal(options_read(reader->engine, options, &conversion, &error), EVX_OK);
    assert_int_equal(reader_start_pass(reader, conversion.reverse, &error), EVX_OK);
    reader_describe_job(reader, &conversion.job);
    conversion.job.threads = threads;
    return convert_run(&conversion, ret_result, &counts, &error);
}

static struct run run_crowd(const struct text *log, const evx_convert_options *options,
                            unsigned threads)
{
    struct run run = {0};
    evx_engine *engine;
    evx_reader *reader;
    evx_error error;
    evx_sink sink = {.write = run_write, .report = run_report, .context = &run};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, &error), EVX_OK);
    run.status = convert_crowd(reader, &sink, options, threads, &run.result);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return run;
}

static void test_more_threads_than_cores(void **state)
{
    (void)state;
    struct text log = generate("mixed", 9);
    for (size_t i = 0; i < COUNT(modes); i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        struct run one = run_crowd(&log, &options, 1);
        for (unsigned threads = 2; threads <= 32; threads *= 2) {
            struct run many = run_crowd(&log, &options, threads);
            assert_true(run_equals(&one, &many));
            run_free(&many);
        }
        run_free(&one);
    }
    text_free(&log);
}

struct threads_job {
    evx_engine *engine;
    const struct text *log;
    evx_convert_options options;
    struct run run;
};

static void *run_job(void *context)
{
    struct threads_job *job = context;
    evx_reader *reader = NULL;
    evx_error error = {0};
    evx_status status = evx_open_memory(job->engine, job->log->bytes, job->log->size, &reader, &error);
    run_reader(&job->run, status, reader, &job->options, &error);
    return NULL;
}

// Names, templates and programs are shared by all readers of an engine, whatever their format.
static void test_readers_share_an_engine(void **state)
{
    (void)state;
    struct text logs[] = {generate("security", 1), generate("mixed", 2)};
    for (int round = 0; round < 3; round++) {
        struct threads_job jobs[READERS] = {0};
        pthread_t threads[READERS];
        evx_engine *engine;
        evx_error error;
        assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
        for (size_t i = 0; i < READERS; i++) {
            jobs[i] = (struct threads_job){.engine = engine, .log = &logs[i % 2], .options = modes[i]};
            jobs[i].options.size = sizeof jobs[i].options;
            jobs[i].options.threads = 1 + (unsigned)i % 3;
            assert_int_equal(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
        }
        for (size_t i = 0; i < READERS; i++) {
            pthread_join(threads[i], NULL);
            struct run alone =
                run_convert(jobs[i].log->bytes, jobs[i].log->size, RUN_MEMORY, &jobs[i].options);
            assert_true(run_equals(&alone, &jobs[i].run));
            run_free(&alone);
            run_free(&jobs[i].run);
        }
        evx_engine_destroy(&engine);
    }
    text_free(&logs[0]);
    text_free(&logs[1]);
}

struct stopper {
    unsigned left;
};

static int stop_write(void *context, const void *bytes, size_t size)
{
    struct stopper *stopper = context;
    (void)bytes;
    (void)size;
    return stopper->left-- == 0;
}

static void test_stopping(void **state)
{
    (void)state;
    struct text log = generate("system", 3);
    for (unsigned writes = 0; writes < 12; writes++) {
        for (int from_pipe = 0; from_pipe < 2; from_pipe++) {
            struct stopper stopper = {writes};
            evx_engine *engine;
            evx_reader *reader;
            evx_error error;
            int ends[2] = {-1, -1};
            pthread_t thread;
            struct run_writer writer = {(const uint8_t *)log.bytes, log.size, 9000, -1};
            assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
            if (from_pipe) {
                assert_int_equal(pipe(ends), 0);
                writer.fd = ends[1];
                assert_int_equal(pthread_create(&thread, NULL, run_writer_main, &writer), 0);
                assert_int_equal(evx_open_fd(engine, ends[0], &reader, &error), EVX_OK);
            } else {
                assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, &error), EVX_OK);
            }
            evx_sink sink = {.write = stop_write, .context = &stopper};
            evx_convert_options options = {.size = sizeof options, .threads = 8};
            assert_int_equal(evx_convert(reader, &options, &sink, NULL, &error), EVX_ERR_SINK);
            evx_close(&reader);
            if (from_pipe)
                pthread_join(thread, NULL);
            evx_engine_destroy(&engine);
        }
    }
    text_free(&log);
}

// The writer of the pipe says nothing more and does not go away either.
struct silent_pipe {
    int ends[2];
    bool stops_in_write;
};

// Returns when the other thread has taken all there is, so that it waits for more or is about to.
static int wait_and_stop(const struct silent_pipe *silent)
{
    int left;
    while (ioctl(silent->ends[0], FIONREAD, &left) == 0 && left > 0)
        sched_yield();
    return 1;
}

static int silent_write(void *context, const void *bytes, size_t size)
{
    struct silent_pipe *silent = context;
    (void)bytes;
    (void)size;
    return silent->stops_in_write ? wait_and_stop(silent) : 0;
}

static int silent_report(void *context, const evx_error *error)
{
    (void)error;
    wait_and_stop(context);
    return 0; // it is stop_after_error that stops
}

static void test_stopping_while_a_pipe_is_silent(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3|4");
    log_put(log_record(&log, 1), 4, 0); // the magic
    for (int stops_in_write = 0; stops_in_write < 2; stops_in_write++) {
        struct silent_pipe silent = {.stops_in_write = stops_in_write};
        size_t size = FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES + 1000;
        evx_engine *engine;
        evx_reader *reader;
        evx_error error;
        evx_convert_result result;
        assert_int_equal(pipe(silent.ends), 0);
        assert_true(fcntl(silent.ends[1], F_SETPIPE_SZ, 2 * CHUNK_BYTES) > 0);
        assert_int_equal(write(silent.ends[1], log.bytes, size), size);
        assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
        assert_int_equal(evx_open_fd(engine, dup(silent.ends[0]), &reader, &error), EVX_OK);
        evx_sink sink = {.write = silent_write, .report = silent_report, .context = &silent};
        evx_convert_options options = {.size = sizeof options, .stop_after_error = 1};
        assert_int_equal(convert_crowd(reader, &sink, &options, 2, &result),
                         stops_in_write ? EVX_ERR_SINK : EVX_ERR_STOPPED);
        close(silent.ends[1]); // not before
        evx_close(&reader);
        evx_engine_destroy(&engine);
        close(silent.ends[0]);
    }
    log_free(&log);
}

// A log that counts the reads of its chunks.
struct counted_log {
    const struct text *log;
    _Atomic unsigned chunk_reads;
    unsigned progress_calls;
    uint64_t done;
};

static int64_t counted_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    struct counted_log *counted = context;
    if (offset >= counted->log->size)
        return 0;
    size_t left = counted->log->size - (size_t)offset;
    size = size < left ? size : left;
    memcpy(buffer, counted->log->bytes + offset, size);
    if (offset >= FILE_HEADER_BLOCK_BYTES && size > CHUNK_HEADER_BYTES)
        counted->chunk_reads++;
    return (int64_t)size;
}

static int64_t counted_size(void *context)
{
    return (int64_t)((struct counted_log *)context)->log->size;
}

static int counted_write(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

// The first call returns when all chunks have been claimed, which takes the lock.
static void counted_progress(void *context, uint64_t done_bytes, uint64_t size_bytes)
{
    struct counted_log *counted = context;
    assert_true(done_bytes > counted->done && done_bytes <= size_bytes);
    counted->done = done_bytes;
    if (counted->progress_calls++ == 0)
        while (counted->chunk_reads < 4)
            sched_yield();
}

static void test_progress_is_called_without_the_lock(void **state)
{
    (void)state;
    struct log small = log_make("1|2|3|4");
    struct text text = {.bytes = (char *)small.bytes, .size = small.size};
    struct counted_log counted = {.log = &text};
    evx_input input = {counted_read, counted_size, &counted};
    evx_sink sink = {.write = counted_write, .progress = counted_progress, .context = &counted};
    evx_convert_options options = {.size = sizeof options};
    evx_engine *engine;
    evx_reader *reader;
    evx_convert_result result;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_input(engine, &input, &reader, NULL), EVX_OK);
    assert_int_equal(convert_crowd(reader, &sink, &options, 2, &result), EVX_OK);
    assert_int_equal(counted.progress_calls, 4);
    assert_int_equal(counted.done, small.size);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    log_free(&small);
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
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_more_threads_than_cores),
        cmocka_unit_test(test_readers_share_an_engine),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_stopping_while_a_pipe_is_silent),
        cmocka_unit_test(test_progress_is_called_without_the_lock),
    };
    return cmocka_run_group_tests(tests, ignore_broken_pipes, NULL);
}
