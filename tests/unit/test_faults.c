// SPDX-License-Identifier: MIT
// Guards against bad error paths: every allocation fails once and for good, reads fail or give little at
// a time, files shrink and grow under the reader, pipes are slow and interrupted, sinks stop. Nothing may
// crash, leak, hang, or lose something without saying so; and memory stays bounded while sinks are slow.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#include <cmocka.h>

#include "gen/generate.h"
#include "meter.h"
#include "random.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static struct text generate(const char *profile, uint64_t size, const char *damage)
{
    struct text log = {0};
    evx_error error;
    generate_options options = {
        .profile = profile, .size_bytes = size, .seed = 7, .damage = damage};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

static evx_convert_options options_of(evx_format format, unsigned threads)
{
    return (evx_convert_options){
        .size = sizeof(evx_convert_options), .format = format, .threads = threads, .recover = 1};
}

static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_JSONL};

// ---------------------------------------------------------------------------------------- allocations

// A whole conversion with a metered engine. ENGINE and OPEN failures end in run->status, too.
static struct run metered(struct meter *meter, const struct text *log,
                          const evx_convert_options *options, enum run_input input)
{
    struct run run = {0};
    evx_allocator allocator = meter_allocator(meter);
    evx_engine_options engine_options = {.size = sizeof engine_options, .allocator = &allocator};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error = {0};
    run.status = evx_engine_create(&engine_options, &engine, &error);
    if (run.status)
        return run;
    int fd = input == RUN_FILE ? run_file(log->bytes, log->size) : -1;
    evx_status status = input == RUN_FILE
                            ? evx_open_fd(engine, fd, &reader, &error)
                            : evx_open_memory(engine, log->bytes, log->size, &reader, &error);
    if (status && fd >= 0)
        close(fd);
    run_reader(&run, status, reader, options, &error);
    evx_engine_destroy(&engine);
    return run;
}

static void check_failed_run(const struct run *run, const struct run *healthy, uint64_t k)
{
    if (run->status == EVX_ERR_MEMORY)
        return;
    // What could do without the memory must have come out the same.
    if (run->status != EVX_OK || !text_equals(&run->out, &healthy->out) ||
        !text_equals(&run->reports, &healthy->reports))
        fail_msg("allocation %" PRIu64 " failed: %s, and the output differs", k,
                 evx_status_name(run->status));
}

static void fail_every_allocation(const struct text *log, const evx_convert_options *options,
                                  enum run_input input, bool for_good, uint64_t step)
{
    struct meter healthy_meter = {0};
    struct run healthy = metered(&healthy_meter, log, options, input);
    assert_int_equal(healthy.status, EVX_OK);
    assert_int_equal(healthy_meter.used, 0);
    for (uint64_t k = 1; k <= healthy_meter.calls; k += step) {
        struct meter meter = {.fail_at = k, .fail_for_good = for_good};
        struct run run = metered(&meter, log, options, input);
        assert_true(meter.failed || options->threads > 1);
        check_failed_run(&run, &healthy, k);
        assert_int_equal(meter.used, 0);
        run_free(&run);
    }
    run_free(&healthy);
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    struct text log = generate("mixed", 2 * CHUNK_BYTES, "slack-records,bad-token");
    for (size_t i = 0; i < COUNT(formats); i++) {
        for (unsigned threads = 1; threads <= 2; threads++) {
            evx_convert_options options = options_of(formats[i], threads);
            fail_every_allocation(&log, &options, RUN_MEMORY, false, 1);
            fail_every_allocation(&log, &options, RUN_FILE, true, 3);
        }
    }
    text_free(&log);
}

// Records that need much: large outputs, deep nesting, many names.
static void test_allocations_of_large_records(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E><EventData><Data Name='%0:string[]'>%1</Data>"
                                                 "</EventData>%2:nested</E>");
    static char16_t names[2000], units[12000];
    for (size_t i = 0; i < COUNT(names); i += 2)
        names[i] = (char16_t)(0x4E00 + i);
    for (size_t i = 0; i < COUNT(units); i++)
        units[i] = '&';
    encode_value nested = encode_null();
    for (int i = 0; i < 20; i++)
        nested = ENCODE_NESTED_INSTANCE(b, t, encode_null(), encode_null(), nested);
    ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_ARRAY | ENCODE_STRING, names, sizeof names),
                 encode_string16(b, units, COUNT(units)), nested);
    struct text log = {0};
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    text_add_bytes(&log, bytes, size);
    encode_free(&b);
    for (size_t i = 0; i < COUNT(formats); i++) {
        evx_convert_options options = options_of(formats[i], 1);
        fail_every_allocation(&log, &options, RUN_MEMORY, false, 1);
    }
    text_free(&log);
}

struct watch {
    struct run run;
    evx_engine *engine;
    uint64_t writes;
    uint64_t at_tenth, at_last; // allocations
};

static int watch_write(void *context, const void *bytes, size_t size)
{
    struct watch *watch = context;
    (void)bytes;
    (void)size;
    evx_engine_stats stats = {.size = sizeof stats};
    evx_engine_get_stats(watch->engine, &stats);
    watch->at_last = stats.allocations;
    if (++watch->writes == 10)
        watch->at_tenth = stats.allocations;
    return 0;
}

static void test_steady_state_allocates_nothing(void **state)
{
    (void)state;
    struct text log = generate("security", 60 * CHUNK_BYTES, NULL);
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct watch watch = {0};
        evx_reader *reader;
        evx_error error;
        assert_int_equal(evx_engine_create(NULL, &watch.engine, &error), EVX_OK);
        assert_int_equal(evx_open_memory(watch.engine, log.bytes, log.size, &reader, &error), EVX_OK);
        evx_sink sink = {.write = watch_write, .context = &watch};
        evx_convert_options options = options_of(formats[i], 1);
        // Templates are compiled when they are warm: after a few passes the rarest one is, too.
        for (int pass = 0; pass < 4; pass++) {
            watch.writes = 0;
            assert_int_equal(evx_convert(reader, &options, &sink, NULL, &error), EVX_OK);
        }
        assert_true(watch.writes >= 50);
        assert_int_equal(watch.at_last, watch.at_tenth);
        evx_close(&reader);
        evx_engine_destroy(&watch.engine);
    }
    text_free(&log);
}

// ---------------------------------------------------------------------------------------------- reads

struct callbacks {
    const struct text *log;
    _Atomic uint64_t calls;
    uint64_t fail_at;   // 0: never
    bool fail_for_good;
    bool fail_size;
    size_t piece;       // most bytes a call gives; 0: all
};

static int64_t callback_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    struct callbacks *from = context;
    uint64_t call = atomic_fetch_add(&from->calls, 1) + 1;
    if (from->fail_at && (call == from->fail_at || (call > from->fail_at && from->fail_for_good))) {
        errno = EIO;
        return -1;
    }
    if (offset >= from->log->size)
        return 0;
    size_t left = from->log->size - (size_t)offset;
    size = size < left ? size : left;
    if (from->piece && size > from->piece)
        size = from->piece;
    memcpy(buffer, from->log->bytes + offset, size);
    return (int64_t)size;
}

static int64_t callback_size(void *context)
{
    struct callbacks *from = context;
    errno = EACCES;
    return from->fail_size ? -1 : (int64_t)from->log->size;
}

static struct run run_callbacks(struct callbacks *callbacks, const evx_convert_options *options)
{
    struct run run = {0};
    evx_engine *engine;
    evx_reader *reader = NULL;
    evx_error error = {0};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    evx_input input = {callback_read, callback_size, callbacks};
    evx_status status = evx_open_input(engine, &input, &reader, &error);
    run_reader(&run, status, reader, options, &error);
    evx_engine_destroy(&engine);
    return run;
}

static void test_every_read_fails(void **state)
{
    (void)state;
    struct text log = generate("system", 6 * CHUNK_BYTES, "slack-records,wrapped");
    for (int for_good = 0; for_good < 2; for_good++) {
        for (unsigned threads = 1; threads <= 2; threads++) {
            evx_convert_options options = options_of(EVX_FORMAT_JSONL, threads);
            struct callbacks callbacks = {.log = &log};
            struct run healthy = run_callbacks(&callbacks, &options);
            uint64_t calls = callbacks.calls;
            assert_int_equal(healthy.status, EVX_OK);
            for (uint64_t k = 1; k <= calls; k++) {
                struct callbacks failing = {
                    .log = &log, .fail_at = k, .fail_for_good = for_good};
                struct run run = run_callbacks(&failing, &options);
                if (failing.calls < k) { // two threads need not read in the same pieces as before
                    assert_true(run_equals(&run, &healthy));
                    run_free(&run);
                    continue;
                }
                const char *reports = run.reports.bytes ? run.reports.bytes : "";
                bool said = strstr(reports, "Input/output error (os error 5)") != NULL ||
                            run.status == EVX_ERR_IO;
                if ((run.status != EVX_OK && run.status != EVX_ERR_IO) || !said)
                    fail_msg("read %" PRIu64 " failed: %s\n%s", k, evx_status_name(run.status),
                             reports);
                assert_true(run.result.records < healthy.result.records);
                run_free(&run);
            }
            run_free(&healthy);
        }
    }
    struct callbacks no_size = {.log = &log, .fail_size = true};
    evx_convert_options options = options_of(EVX_FORMAT_JSONL, 1);
    struct run run = run_callbacks(&no_size, &options);
    assert_int_equal(run.status, EVX_ERR_IO);
    assert_non_null(strstr(run.reports.bytes, "Permission denied (os error 13)"));
    run_free(&run);
    text_free(&log);
}

static struct run iterate_callbacks(struct callbacks *callbacks)
{
    struct run run = {0};
    evx_engine *engine;
    evx_reader *reader = NULL;
    evx_record record;
    evx_error error;
    const char *text;
    size_t size;
    evx_input input = {callback_read, callback_size, callbacks};
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    run.status = evx_open_input(engine, &input, &reader, &error);
    if (run.status)
        run_report(&run, &error);
    while (run.status == EVX_OK) {
        evx_status status = evx_next(reader, &record, &error);
        if (status == EVX_OK) {
            status = evx_render(reader, NULL, &text, &size, &error);
            if (status >= EVX_OK)
                text_add_bytes(&run.out, text, size);
        }
        if (status == EVX_NOTE || status == EVX_ERR_CHUNK || status == EVX_ERR_RECORD)
            run_report(&run, &error);
        else
            run.status = status;
    }
    if (run.status == EVX_END)
        run.status = EVX_OK;
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return run;
}

// Record by record as in a conversion, whatever is lost. The second record of the second chunk reaches
// behind what its chunk is said to use, so the rest is read when it is met.
static void test_every_read_of_an_iteration_fails(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3 4|5");
    log_put(log_record(&log, 3) + RECORD_SIZE_OFFSET, 4, 20000);
    struct text bytes = {.bytes = (char *)log.bytes, .size = log.size};
    const evx_convert_options options = {.size = sizeof options, .threads = 1};
    struct callbacks healthy = {.log = &bytes};
    struct run run = iterate_callbacks(&healthy);
    run_free(&run);
    for (uint64_t k = 0; k <= healthy.calls; k++) {
        struct callbacks one = {.log = &bytes, .fail_at = k}, other = {.log = &bytes, .fail_at = k};
        struct run whole = run_callbacks(&one, &options);
        run = iterate_callbacks(&other);
        assert_int_equal(run.status, whole.status);
        assert_true(text_equals(&run.out, &whole.out) && text_equals(&run.reports, &whole.reports) &&
                    text_equals(&run.notes, &whole.notes));
        run_free(&whole);
        run_free(&run);
    }
    log_free(&log);
}

static void test_short_reads(void **state)
{
    (void)state;
    struct text log = generate("mixed", 3 * CHUNK_BYTES, "torn-page");
    evx_convert_options options = options_of(EVX_FORMAT_XML, 2);
    struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    static const size_t pieces[] = {1, 7, 4095, 65535};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct callbacks callbacks = {.log = &log, .piece = pieces[i]};
        struct run run = run_callbacks(&callbacks, &options);
        assert_true(run_equals(&run, &whole));
        run_free(&run);
    }
    run_free(&whole);
    text_free(&log);
}

// ------------------------------------------------------------------------- files that change, and pipes

struct changing {
    struct run run;
    int fd;
    off_t size; // what the file becomes at the first write
    bool done;
};

static int change_file(void *context, const void *bytes, size_t size)
{
    struct changing *changing = context;
    if (!changing->done && ftruncate(changing->fd, changing->size))
        return 1;
    changing->done = true;
    text_add_bytes(&changing->run.out, bytes, size);
    return 0;
}

static int change_report(void *context, const evx_error *error)
{
    return run_report(&((struct changing *)context)->run, error);
}

static void test_file_changes_while_it_is_read(void **state)
{
    (void)state;
    struct text log = generate("security", 20 * CHUNK_BYTES, NULL);
    evx_convert_options options = options_of(EVX_FORMAT_JSONL, 1);
    struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    for (off_t size = 0; size < 2 * (off_t)log.size; size += 150000) {
        for (options.threads = 1; options.threads <= 2; options.threads++) {
            struct changing changing = {.fd = run_file(log.bytes, log.size), .size = size};
            evx_engine *engine;
            evx_reader *reader;
            evx_error error;
            int fd = dup(changing.fd);
            assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
            assert_int_equal(evx_open_fd(engine, fd, &reader, &error), EVX_OK);
            evx_sink sink = {.write = change_file, .report = change_report, .context = &changing};
            struct run *run = &changing.run;
            assert_int_equal(evx_convert(reader, &options, &sink, &run->result, &error), EVX_OK);
            if ((size_t)size >= log.size)
                assert_true(text_equals(&run->out, &whole.out) && run->result.errors == 0);
            else // what is lost is said; what comes out is what was there
                assert_true(run->result.errors > 0 && run->out.size < whole.out.size);
            evx_close(&reader);
            evx_engine_destroy(&engine);
            run_free(run);
            close(changing.fd);
        }
    }
    run_free(&whole);
    text_free(&log);
}

static void ignore_signal(int number)
{
    (void)number;
}

struct slow_writer {
    const struct text *log;
    int fd;
    bool sleeps;
};

static void *slow_writer_main(void *context)
{
    struct slow_writer *writer = context;
    sigset_t all;
    sigfillset(&all); // the signals are for the reader
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (size_t done = 0; done < writer->log->size;) {
        size_t piece = 1 + random_below(20000), left = writer->log->size - done;
        ssize_t n = write(writer->fd, writer->log->bytes + done, piece < left ? piece : left);
        if (n <= 0)
            break;
        done += (size_t)n;
        if (writer->sleeps)
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    close(writer->fd);
    return NULL;
}

static struct run run_slow_pipe(const struct text *log, const evx_convert_options *options,
                                int flags)
{
    struct run run = {0};
    int ends[2];
    pthread_t thread;
    evx_engine *engine;
    evx_reader *reader = NULL;
    evx_error error = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, flags), 0);
    struct slow_writer writer = {log, ends[1], true};
    assert_int_equal(pthread_create(&thread, NULL, slow_writer_main, &writer), 0);
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    evx_status status = evx_open_fd(engine, ends[0], &reader, &error);
    if (status)
        close(ends[0]);
    run_reader(&run, status, reader, options, &error);
    evx_engine_destroy(&engine);
    pthread_join(thread, NULL);
    return run;
}

static void test_slow_and_interrupted_pipes(void **state)
{
    (void)state;
    random_start();
    struct sigaction action = {.sa_handler = ignore_signal}, old; // no SA_RESTART
    struct itimerval often = {{0, 700}, {0, 700}}, never = {0};
    static const char *const damages[] = {NULL, "wrapped"}; // read in order, and spooled
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct text log = generate("sysmon", 12 * CHUNK_BYTES, damages[i]);
        evx_convert_options options = options_of(EVX_FORMAT_JSON, 1);
        struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        sigaction(SIGALRM, &action, &old);
        setitimer(ITIMER_REAL, &often, NULL);
        for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
            for (options.threads = 1; options.threads <= 2; options.threads++) {
                struct run run = run_slow_pipe(&log, &options, flags);
                assert_true(run_equals(&run, &whole));
                run_free(&run);
            }
        }
        setitimer(ITIMER_REAL, &never, NULL);
        sigaction(SIGALRM, &old, NULL);
        run_free(&whole);
        text_free(&log);
    }
}

static void test_stream_is_read_once(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3 4");
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct run_writer writer = {log.bytes, log.size, 4096, ends[1]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_writer_main, &writer), 0);
    evx_engine *engine;
    evx_reader *reader;
    evx_error error;
    struct run run = {0};
    evx_sink sink = {.write = run_write, .context = &run};
    evx_convert_options options = options_of(EVX_FORMAT_JSON, 1);
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    assert_int_equal(evx_open_fd(engine, ends[0], &reader, &error), EVX_OK);
    assert_int_equal(evx_convert(reader, &options, &sink, &run.result, &error), EVX_OK);
    assert_int_equal(run.result.records, 4);
    assert_int_equal(evx_convert(reader, &options, &sink, &run.result, &error), EVX_ERR_ARGUMENT);
    evx_record record;
    assert_int_equal(evx_next(reader, &record, &error), EVX_ERR_ARGUMENT);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    pthread_join(thread, NULL);
    run_free(&run);
    log_free(&log);
}

// ---------------------------------------------------------------------------------------------- sinks

struct stopping {
    struct text out;
    uint64_t calls, stop_at;
    uint64_t sleep_ns;
    bool discards; // what it is given; counts only
    uint64_t written;
    bool stopped, called_after;
};

static int stopping_call(struct stopping *stopping)
{
    stopping->called_after |= stopping->stopped;
    if (stopping->sleep_ns)
        nanosleep(&(struct timespec){.tv_nsec = (long)stopping->sleep_ns}, NULL);
    stopping->stopped = ++stopping->calls == stopping->stop_at;
    return stopping->stopped;
}

static int stopping_write(void *context, const void *bytes, size_t size)
{
    struct stopping *stopping = context;
    int stop = stopping_call(stopping);
    stopping->written += stop ? 0 : size;
    if (!stop && !stopping->discards)
        text_add_bytes(&stopping->out, bytes, size);
    return stop;
}

static int stopping_report(void *context, const evx_error *error)
{
    (void)error;
    return stopping_call(context);
}

static evx_status run_stopping(const struct text *log, struct stopping *stopping, unsigned threads,
                               struct meter *meter)
{
    evx_allocator allocator = meter_allocator(meter);
    evx_engine_options engine_options = {.size = sizeof engine_options, .allocator = &allocator};
    evx_engine *engine;
    evx_reader *reader;
    evx_error error;
    evx_sink sink = {stopping_write, stopping_report, NULL, stopping};
    evx_convert_options options = options_of(EVX_FORMAT_JSONL, threads);
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, &error), EVX_OK);
    evx_status status = evx_convert(reader, &options, &sink, NULL, &error);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    assert_int_equal(meter->used, 0);
    return status;
}

static void test_sink_stops(void **state)
{
    (void)state;
    struct text log = generate("mixed", 10 * CHUNK_BYTES, "bad-token,zero-size-record,bad-magic");
    struct meter meter = {0};
    struct stopping healthy = {0};
    assert_int_equal(run_stopping(&log, &healthy, 1, &meter), EVX_OK);
    for (unsigned threads = 1; threads <= 4; threads++) {
        for (uint64_t k = 1; k <= healthy.calls; k++) {
            struct stopping stopping = {.stop_at = k};
            assert_int_equal(run_stopping(&log, &stopping, threads, &meter), EVX_ERR_SINK);
            assert_int_equal(stopping.calls, k);
            assert_false(stopping.called_after);
            assert_true(stopping.out.size <= healthy.out.size);
            if (stopping.out.size > 0)
                assert_memory_equal(stopping.out.bytes, healthy.out.bytes, stopping.out.size);
            text_free(&stopping.out);
        }
    }
    text_free(&healthy.out);
    text_free(&log);
}

// However slow the sink is, only so many chunks are in memory.
static void test_slow_sink_bounds_memory(void **state)
{
    (void)state;
    struct text log = generate("security", 300 * CHUNK_BYTES, NULL);
    size_t peaks[2];
    for (int slow = 0; slow < 2; slow++) {
        struct meter meter = {0};
        struct stopping sink = {.sleep_ns = slow ? 500000 : 0, .discards = true};
        assert_int_equal(run_stopping(&log, &sink, 8, &meter), EVX_OK);
        peaks[slow] = meter.peak;
    }
    assert_true(peaks[1] < (100u << 20) && peaks[1] < 2 * peaks[0] + (16u << 20));
    text_free(&log);
}

// Records of the largest output there may be, many of them: the buffers do not add up.
static void test_large_records_bound_memory(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    static char16_t units[30000];
    for (size_t i = 0; i < COUNT(units); i++)
        units[i] = 1; // \u0001 in JSON
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < 80; i++)
        encode_append(root, encode_substitution(b, 0, ENCODE_STRING, false));
    encode_template *t = encode_template_of(b, fragment);
    for (int i = 0; i < 24; i++)
        ENCODE_EVENT(b, t, encode_string16(b, units, COUNT(units)));
    struct text log = {0};
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    text_add_bytes(&log, bytes, size);
    encode_free(&b);
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct meter meter = {0};
        struct stopping sink = {.discards = true};
        assert_int_equal(run_stopping(&log, &sink, threads, &meter), EVX_OK);
        assert_true(sink.written > 24 * (13u << 20));
        assert_true(meter.peak < threads * (48u << 20));
    }
    text_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_allocations_of_large_records),
        cmocka_unit_test(test_steady_state_allocates_nothing),
        cmocka_unit_test(test_every_read_fails),
        cmocka_unit_test(test_every_read_of_an_iteration_fails),
        cmocka_unit_test(test_short_reads),
        cmocka_unit_test(test_file_changes_while_it_is_read),
        cmocka_unit_test(test_slow_and_interrupted_pipes),
        cmocka_unit_test(test_stream_is_read_once),
        cmocka_unit_test(test_sink_stops),
        cmocka_unit_test(test_slow_sink_bounds_memory),
        cmocka_unit_test(test_large_records_bound_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
