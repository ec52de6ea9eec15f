// SPDX-License-Identifier: MIT
// Guards the seam between decoding and its consumers: one that is no text counts the same events with
// any number of threads, alone and in front of a text, and takes back what a later one refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/handles.h"
#include "counts.h"
#include "gen/generate.h"
#include "runs.h"

enum { CHUNKS = 24 };

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
        .profile = profile, .size_bytes = CHUNKS * CHUNK_BYTES, .seed = 3, .damage = damage};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

struct sums {
    uint64_t events, records, reports;
    uint64_t by_id[EVENT_IDS + 1];
    struct text text; // of the second consumer, if there is one
};

static void add_batch(struct sums *sums, const struct batch *batch)
{
    const struct counts_payload *counted = (const struct counts_payload *)batch->payloads[0];
    sums->events += counted->payload.mark;
    sums->records += batch->records;
    sums->reports += batch->report_count;
    for (size_t i = 0; i <= EVENT_IDS; i++)
        sums->by_id[i] += counted->by_id[i];
    if (batch->chain->count > 1) {
        const struct text_payload *text = (const struct text_payload *)batch->payloads[1];
        text_add_bytes(&sums->text, text->out.data, text->out.length);
    }
}

static void pull_all(const struct job *job, struct sums *sums)
{
    struct worker_counts counts = {0};
    struct ring_progress progress;
    const struct batch *batch;
    struct ring *ring = ring_create(job);
    evx_status status;
    assert_non_null(ring);
    while ((status = ring_next(ring, &batch)) == EVX_OK) {
        add_batch(sums, batch);
        ring_give_back(ring, &progress);
    }
    assert_int_equal(status, EVX_END);
    ring_destroy(ring, &counts);
}

static struct sums *run_chain(const struct text *log, bool with_text, unsigned threads)
{
    struct sums *sums = calloc(1, sizeof *sums);
    struct plans plans;
    evx_engine *engine;
    evx_reader *reader;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    assert_int_equal(reader_start_pass(reader, false, NULL), EVX_OK);
    assert_true(plans_init(&plans, &engine->memory));
    const struct counts counting = counts_consumer(&plans);
    const struct text_consumer text =
        text_consumer(&formats[FORMAT_JSON_SEPARATE], &engine->plans[FORMAT_JSON_SEPARATE],
                      engine->codec, false);
    struct job job = {.chain = {{&counting.consumer, &text.consumer}, with_text ? 2 : 1},
                      .threads = threads};
    reader_describe_job(reader, &job);
    pull_all(&job, sums);
    plans_destroy(&plans);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return sums;
}

// What the text says of each event.
static void check_text(const struct sums *sums)
{
    static const char key[] = "\"EventID\":";
    static uint64_t told[EVENT_IDS + 1];
    memset(told, 0, sizeof told);
    const char *p = (const char *)sums->text.bytes, *end = p + sums->text.size;
    uint64_t lines = 0;
    while (p < end) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        assert_non_null(line_end);
        const char *found = memmem(p, (size_t)(line_end - p), key, sizeof key - 1);
        const char *digits = found ? found + sizeof key - 1 : "x";
        digits += *digits == '"'; // one that the template spells is text
        told[*digits >= '0' && *digits <= '9' ? strtoul(digits, NULL, 10) : NO_EVENT_ID]++;
        lines++;
        p = line_end + 1;
    }
    assert_int_equal(lines, sums->events);
    assert_memory_equal(told, sums->by_id, sizeof told);
}

static void check_log(const char *profile, const char *damage)
{
    struct text log = generate(profile, damage);
    struct sums *first = run_chain(&log, true, 1);
    assert_true(first->events > 100);
    assert_int_equal(first->events, first->records);
    check_text(first);
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        struct sums *both = run_chain(&log, true, threads), *alone = run_chain(&log, false, threads);
        assert_memory_equal(first->by_id, both->by_id, sizeof first->by_id);
        assert_int_equal(first->reports, both->reports);
        if (!damage) // alone it takes events whose text would fail
            assert_memory_equal(first->by_id, alone->by_id, sizeof first->by_id);
        text_free(&both->text);
        free(both);
        free(alone);
    }
    text_free(&first->text);
    free(first);
    text_free(&log);
}

static void test_counts(void **state)
{
    (void)state;
    check_log("security", NULL);
    check_log("mixed", NULL);
}

static void test_what_is_refused_is_taken_back(void **state)
{
    (void)state;
    check_log("mixed", "torn-page,bad-magic,zeroed-slot,wrapped,zero-size-record,bad-token");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_what_is_refused_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
