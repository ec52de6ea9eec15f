// SPDX-License-Identifier: MIT
// Guards tables of logs: the same rows for every number of threads, size of batches, split and way of reading;
// reports in their places; nothing lost or leaked when a stream ends early, memory ends, or arrays live on.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "arrow_text.h"
#include "gen/generate.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { CHUNKS = 12 };

static const char damage[] =
    "torn-page,bad-magic,zeroed-slot,wrapped,zero-size-record,slack-records,bad-token";
static const evx_table_field fields[] = {
    {.name = "TargetUserName"},
    {.name = "logon", .field = "LogonType"},
    {.name = "ProcessId", .type = EVX_TABLE_TEXTS},
    {.name = "SubjectUserSid", .type = EVX_TABLE_NAMES},
    {.name = "Level", .field = "System/Computer", .type = EVX_TABLE_INT64}, // none of them fits
    {.name = "when", .field = "System/TimeCreated/@SystemTime", .type = EVX_TABLE_TIME},
    {.name = "real", .field = "System/EventID", .type = EVX_TABLE_FLOAT64},
    {.name = "truth", .field = "System/Version", .type = EVX_TABLE_BOOL},
};

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static struct text generate_sized(const char *profile, const char *what, unsigned chunks)
{
    struct text log = {0};
    evx_error error;
    generate_options options = {
        .profile = profile, .size_bytes = chunks * CHUNK_BYTES, .seed = 7, .damage = what};
    if (generate_log(&options, add_to_text, &log, &error))
        fail_msg("generate_log: %s", error.cause[0]);
    return log;
}

static struct text generate(const char *profile, const char *what)
{
    return generate_sized(profile, what, CHUNKS);
}

// ------------------------------------------------------------------------------------------------- runs

struct told {
    struct text rows, reports;
    uint64_t batches;
    evx_table_totals totals;
    int error;
};

static int add_report(void *context, const evx_error *error)
{
    struct told *told = context;
    char line[600];
    int size = snprintf(line, sizeof line, "%s %llu %llu %s\n", evx_damage_name(error->kind),
                        (unsigned long long)error->chunk, (unsigned long long)error->offset, error->cause[0]);
    text_add_bytes(&told->reports, line, (size_t)size);
    return 0;
}

static void told_free(struct told *told)
{
    text_free(&told->rows);
    text_free(&told->reports);
}

static evx_engine *make_engine(const evx_engine_options *options)
{
    evx_engine *engine;
    assert_int_equal(evx_engine_create(options, &engine, NULL), EVX_OK);
    return engine;
}

static struct ArrowArrayStream open_stream(evx_engine *engine, const struct text *log,
                                           const evx_table_options *options)
{
    struct ArrowArrayStream stream;
    evx_reader *reader;
    evx_error error;
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    if (evx_table_open(reader, options, &stream, &error))
        fail_msg("evx_table_open: %s", error.cause[0]);
    return stream;
}

static void pull(struct ArrowArrayStream *stream, struct told *told)
{
    struct ArrowSchema schema;
    struct ArrowArray batch;
    assert_int_equal(stream->get_schema(stream, &schema), 0);
    while ((told->error = stream->get_next(stream, &batch)) == 0 && batch.release) {
        assert_true(batch.length > 0);
        arrow_put_rows(&told->rows, &schema, &batch);
        told->batches++;
        batch.release(&batch);
    }
    told->totals.size = sizeof told->totals;
    assert_int_equal(evx_table_result(stream, &told->totals), EVX_OK);
    schema.release(&schema);
}

static struct told run_with(const evx_engine_options *engine_options, const struct text *log,
                            evx_table_options options)
{
    struct told told = {0};
    text_add_string(&told.rows, "");
    text_add_string(&told.reports, "");
    options.size = sizeof options;
    options.report = add_report;
    options.context = &told;
    evx_engine *engine = make_engine(engine_options);
    struct ArrowArrayStream stream = open_stream(engine, log, &options);
    pull(&stream, &told);
    stream.release(&stream);
    evx_engine_destroy(&engine);
    return told;
}

static struct told run(const struct text *log, evx_table_options options)
{
    return run_with(NULL, log, options);
}

static const evx_table_options settings[] = {
    {.fields = fields, .field_count = COUNT(fields)},
    {.fields = fields, .field_count = COUNT(fields), .profile = EVX_TABLE_SPARK, .event_data = EVX_TABLE_PAIRS,
     .recover = 1, .validate_checksums = 1},
    {.profile = EVX_TABLE_EXACT, .event_data = EVX_TABLE_JSON, .time_unit = EVX_TABLE_US, .no_dictionaries = 1},
};

static void assert_same(const struct told *a, const struct told *b)
{
    assert_int_equal(a->error, b->error);
    assert_string_equal(a->reports.bytes, b->reports.bytes);
    assert_string_equal(a->rows.bytes, b->rows.bytes);
    assert_int_equal(a->totals.rows, b->totals.rows);
    assert_int_equal(a->totals.recovered, b->totals.recovered);
    assert_int_equal(a->totals.conversions, b->totals.conversions);
}

static size_t line_count(const char *text)
{
    size_t count = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        count++;
    return count;
}

// ------------------------------------------------------------------------------------------------ tests

static void test_all_ways_give_the_same(void **state)
{
    (void)state;
    struct text logs[] = {generate("mixed", damage), generate("security", NULL)};
    for (size_t l = 0; l < COUNT(logs); l++) {
        for (size_t i = 0; i < COUNT(settings); i++) {
            const evx_engine_options walked = {.size = sizeof walked, .no_plans = 1};
            evx_table_options options = settings[i];
            options.threads = 1;
            struct told one = run(&logs[l], options);
            assert_true(one.totals.rows > 100);
            assert_int_equal(line_count(one.rows.bytes), one.totals.rows);
            assert_int_equal(line_count(one.reports.bytes), one.totals.errors);
            options.threads = 0;
            struct told many = run(&logs[l], options);
            assert_same(&one, &many);
            struct told by_walk = run_with(&walked, &logs[l], options);
            assert_same(&one, &by_walk);
            options.batch_rows = 7;
            struct told small = run(&logs[l], options);
            assert_same(&one, &small);
            assert_int_equal(small.batches, (one.totals.rows + 6) / 7);
            options.batch_rows = 0;
            options.batch_bytes = 20000;
            struct told bytes = run(&logs[l], options);
            assert_same(&one, &bytes);
            assert_true(bytes.batches > 3);
            struct told *told[] = {&one, &many, &by_walk, &small, &bytes};
            for (size_t t = 0; t < COUNT(told); t++)
                told_free(told[t]);
        }
    }
    text_free(&logs[0]);
    text_free(&logs[1]);
}

static void test_splits_are_the_whole(void **state)
{
    (void)state;
    struct text log = generate("mixed", "torn-page,bad-magic,zeroed-slot,bad-token");
    struct told whole = run(&log, settings[0]);
    for (uint64_t size = 1; size < CHUNKS + 3; size += 3) {
        struct told parts = {0};
        for (uint64_t first = 0; first < CHUNKS + 3; first += size) {
            evx_table_options options = settings[0];
            options.first_chunk = first;
            options.chunk_count = size;
            struct told part = run(&log, options);
            text_add_bytes(&parts.rows, part.rows.bytes, part.rows.size);
            // The first that does not fit is told by each part.
            assert_true(part.totals.errors <= 20);
            told_free(&part);
        }
        assert_string_equal(parts.rows.bytes, whole.rows.bytes);
        told_free(&parts);
    }
    told_free(&whole);
    text_free(&log);
}

static void test_row_limit_is_a_beginning(void **state)
{
    (void)state;
    struct text log = generate("mixed", damage);
    struct told whole = run(&log, settings[0]);
    const uint64_t limits[] = {1, 2, 100, whole.totals.rows - 1, whole.totals.rows, whole.totals.rows + 9};
    for (size_t i = 0; i < COUNT(limits); i++) {
        evx_table_options options = settings[0];
        options.row_limit = limits[i];
        options.batch_rows = 64;
        struct told part = run(&log, options);
        assert_int_equal(part.totals.rows, limits[i] < whole.totals.rows ? limits[i] : whole.totals.rows);
        assert_memory_equal(part.rows.bytes, whole.rows.bytes, part.rows.size);
        assert_memory_equal(part.reports.bytes, whole.reports.bytes, part.reports.size);
        told_free(&part);
    }
    told_free(&whole);
    text_free(&log);
}

static void test_several_files_follow_each_other(void **state)
{
    (void)state;
    struct text logs[] = {generate("mixed", damage), generate("system", NULL)};
    char names[2][32];
    const char *paths[] = {names[0], "/nonexistent.evtx", names[1]};
    struct told parts = {0}, told = {0};
    evx_table_options options = settings[0];
    const char *const columns[] = {"event_data", "offset", "record_id", "provider"};
    options.columns = columns;
    options.column_count = COUNT(columns);
    for (size_t i = 0; i < 2; i++) {
        snprintf(names[i], sizeof names[i], "/dev/fd/%d", run_file(logs[i].bytes, logs[i].size));
        struct told part = run(&logs[i], options);
        text_add_bytes(&parts.rows, part.rows.bytes, part.rows.size);
        told_free(&part);
    }
    evx_engine *engine = make_engine(NULL);
    struct ArrowArrayStream stream;
    options.size = sizeof options;
    options.report = add_report;
    options.context = &told;
    options.infer = EVX_TABLE_INFER_FEW;
    assert_int_equal(evx_table_open_paths(engine, paths, 3, &options, &stream, NULL), EVX_OK);
    pull(&stream, &told);
    assert_string_equal(told.rows.bytes, parts.rows.bytes);
    assert_non_null(strstr(told.reports.bytes, "EVX_DAMAGE_INPUT_OPEN"));
    stream.release(&stream);
    // Nobody is told: it is an error.
    options.report = NULL;
    assert_int_equal(evx_table_open_paths(engine, paths + 1, 2, &options, &stream, NULL), EVX_OK);
    struct ArrowArray batch;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stream.get_next(&stream, &batch), EIO);
        assert_non_null(strstr(stream.get_last_error(&stream), "nonexistent"));
    }
    stream.release(&stream);
    evx_engine_destroy(&engine);
    told_free(&parts);
    told_free(&told);
    text_free(&logs[0]);
    text_free(&logs[1]);
}

static void test_queries_select_rows(void **state)
{
    (void)state;
    static const char xpath[] = "*[System[Level=4]]";
    const char *const columns[] = {"level"};
    const evx_condition condition = {EVX_CONDITION_QUERY, xpath, sizeof xpath - 1};
    struct text log = generate("mixed", damage);
    evx_table_options options = {.size = sizeof options, .columns = columns, .column_count = 1};
    struct told whole = run(&log, options), told = {0};
    evx_engine *engine = make_engine(NULL);
    evx_query *query;
    assert_int_equal(evx_query_compile(engine, &condition, 1, NULL, &query, NULL), EVX_OK);
    options.query = query;
    struct ArrowArrayStream stream = open_stream(engine, &log, &options);
    pull(&stream, &told);
    stream.release(&stream);
    uint64_t wanted = 0;
    for (const char *p = whole.rows.bytes; (p = strstr(p, "4|\n")) != NULL; p++)
        wanted += p == whole.rows.bytes || p[-1] == '\n';
    assert_true(wanted > 0 && wanted < whole.totals.rows);
    assert_int_equal(told.totals.rows, wanted);
    assert_int_equal(told.rows.size, 3 * wanted);
    evx_query_destroy(&query);
    evx_engine_destroy(&engine);
    told_free(&told);
    told_free(&whole);
    text_free(&log);
}

static void test_streams_are_read_once(void **state)
{
    (void)state;
    struct text log = generate("security", NULL);
    struct told whole = run(&log, settings[2]), told = {0};
    struct ArrowArrayStream stream;
    evx_table_options options = settings[2];
    evx_reader *reader;
    pthread_t thread;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct run_writer writer = {(const uint8_t *)log.bytes, log.size, 50000, ends[1]};
    assert_int_equal(pthread_create(&thread, NULL, run_writer_main, &writer), 0);
    evx_engine *engine = make_engine(NULL);
    assert_int_equal(evx_open_fd(engine, ends[0], &reader, NULL), EVX_OK);
    options.size = sizeof options;
    options.first_chunk = 1;
    assert_int_equal(evx_table_open(reader, &options, &stream, NULL), EVX_ERR_ARGUMENT);
    options.first_chunk = 0;
    assert_int_equal(evx_table_open(reader, &options, &stream, NULL), EVX_OK);
    pull(&stream, &told);
    assert_string_equal(told.rows.bytes, whole.rows.bytes);
    stream.release(&stream);
    pthread_join(thread, NULL);
    evx_engine_destroy(&engine);
    told_free(&told);
    told_free(&whole);
    text_free(&log);
}

static int find_field(void *context, const evx_table_field_info *info)
{
    unsigned *found = context;
    if (strcmp(info->name, "LogonType") == 0)
        *found |= info->type == EVX_TABLE_INT64 && info->uses > 0 ? 1 : 4;
    if (strcmp(info->name, "TargetUserName") == 0)
        *found |= info->type == EVX_TABLE_TEXT && strcmp(info->declared, "string") == 0 ? 2 : 4;
    return 0;
}

static void test_types_are_those_of_templates(void **state)
{
    (void)state;
    struct text log = generate("security", NULL);
    evx_engine *engine = make_engine(NULL);
    evx_reader *reader;
    assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
    for (evx_table_infer_mode mode = EVX_TABLE_INFER_FEW; mode <= EVX_TABLE_INFER_ALL; mode++) {
        unsigned found = 0;
        assert_int_equal(evx_table_infer(reader, mode, find_field, &found, NULL), EVX_OK);
        assert_int_equal(found, 3);
    }
    evx_close(&reader);
    evx_engine_destroy(&engine);
    text_free(&log);
}

static void *release_stream(void *context)
{
    struct ArrowArrayStream *stream = context;
    stream->release(stream);
    return NULL;
}

static void test_release_at_any_time(void **state)
{
    (void)state;
    struct text log = generate("mixed", NULL);
    for (unsigned batches = 0; batches < 6; batches++) {
        evx_table_options options = settings[batches % COUNT(settings)];
        struct ArrowArray held[6];
        struct ArrowSchema schema;
        options.size = sizeof options;
        options.batch_rows = 50;
        evx_engine *engine = make_engine(NULL);
        struct ArrowArrayStream stream = open_stream(engine, &log, &options);
        for (unsigned i = 0; i < batches; i++)
            assert_int_equal(stream.get_next(&stream, &held[i]), 0);
        assert_int_equal(stream.get_schema(&stream, &schema), 0);
        void (*release)(struct ArrowArrayStream *) = stream.release;
        if (batches % 2) {
            pthread_t thread;
            assert_int_equal(pthread_create(&thread, NULL, release_stream, &stream), 0);
            pthread_join(thread, NULL);
        } else {
            stream.release(&stream);
        }
        assert_null(stream.release);
        release(&stream); // a second time: nothing
        evx_engine_destroy(&engine);
        // What was given lives on, and a child may be taken out of it.
        for (unsigned i = 0; i < batches; i++) {
            struct ArrowArray *child = held[i].children[batches];
            struct ArrowArray moved = *child;
            child->release = NULL;
            held[i].release(&held[i]);
            assert_null(held[i].release);
            assert_int_equal(moved.length, 50);
            arrow_check(&moved);
            moved.release(&moved);
        }
        struct ArrowSchema moved = *schema.children[3];
        schema.children[3]->release = NULL;
        schema.release(&schema);
        assert_string_equal(moved.name, "event_id");
        moved.release(&moved);
    }
    text_free(&log);
}

static void test_schema_needs_no_input(void **state)
{
    (void)state;
    evx_engine *engine = make_engine(NULL);
    const char *const twice[] = {"level", "chunk", "level"}, *const unknown[] = {"level", "Level"};
    const evx_table_options refused[] = {
        {.size = sizeof refused[0], .columns = twice, .column_count = 3},
        {.size = sizeof refused[0], .columns = unknown, .column_count = 2},
        {.size = sizeof refused[0], .columns = twice, .column_count = 0},
        {.size = sizeof refused[0], .columns = twice, .column_count = 2, .fields = &(evx_table_field){"x", "System.Provder", 0, {NULL}}, .field_count = 1},
        {.size = sizeof refused[0], .fields = (evx_table_field[]){{.name = "X"}, {.name = "x"}}, .field_count = 2},
        {.size = sizeof refused[0], .profile = 3},
        {.size = 8},
    };
    struct ArrowSchema schema;
    evx_error error;
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_int_equal(evx_table_schema(engine, &refused[i], &schema, &error), EVX_ERR_ARGUMENT);
        assert_true(error.cause[0][0] != 0);
        if (i == 0)
            assert_int_equal(error.input, 2);
    }
    const evx_table_options taken = {.size = sizeof taken, .fields = (evx_table_field[]){{.name = "Version"}}, .field_count = 1};
    assert_int_equal(evx_table_schema(engine, &taken, &schema, NULL), EVX_OK);
    assert_string_equal(schema.children[schema.n_children - 1]->name, "data_Version");
    schema.release(&schema);
    assert_int_equal(evx_table_schema(engine, NULL, &schema, NULL), EVX_OK);
    evx_engine_destroy(&engine); // the schema lives on
    evx_table_column column = {.size = sizeof column};
    for (int64_t i = 0; i < schema.n_children; i++) {
        assert_int_equal(evx_table_columns((size_t)i, &column), EVX_OK);
        assert_string_equal(schema.children[i]->name, column.name);
    }
    assert_int_equal(evx_table_columns(1000, &column), EVX_END);
    schema.release(&schema);
}

static void test_what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct text log = generate("security", NULL);
    struct told told = run(&log, settings[0]);
    assert_true(told.totals.conversions >= told.totals.rows); // each Computer
    assert_non_null(strstr(told.reports.bytes, "EVX_DAMAGE_VALUE_COLUMN"));
    told_free(&told);
    evx_engine *engine = make_engine(NULL);
    evx_table_options options = settings[0];
    options.size = sizeof options;
    struct ArrowArrayStream stream = open_stream(engine, &log, &options);
    struct told pulled = {0};
    pull(&stream, &pulled);
    evx_table_conversion conversion = {.size = sizeof conversion};
    uint64_t sum = 0;
    for (size_t i = 0; evx_table_conversions(&stream, i, &conversion) == EVX_OK; i++) {
        sum += conversion.count;
        if (strcmp(conversion.column, "data_Level") == 0) {
            assert_int_equal(conversion.count, pulled.totals.rows);
            assert_string_equal(conversion.type, "string");
        }
    }
    assert_int_equal(sum, pulled.totals.conversions);
    stream.release(&stream);
    options.strict = 1;
    stream = open_stream(engine, &log, &options);
    struct ArrowArray batch;
    assert_int_equal(stream.get_next(&stream, &batch), EINVAL);
    assert_non_null(strstr(stream.get_last_error(&stream), "data_Level"));
    assert_int_equal(stream.get_next(&stream, &batch), EINVAL);
    stream.release(&stream);
    evx_engine_destroy(&engine);
    told_free(&pulled);
    text_free(&log);
}

static void test_the_steady_state_allocates_nothing(void **state)
{
    (void)state;
    struct text log = generate_sized("security", NULL, 64);
    evx_engine *engine = make_engine(NULL);
    const evx_table_options options = {.size = sizeof options, .threads = 1, .batch_rows = 64};
    struct ArrowArrayStream stream = open_stream(engine, &log, &options);
    evx_engine_stats stats = {.size = sizeof stats};
    struct ArrowArray batch;
    uint64_t before = 0, batches = 0;
    while (stream.get_next(&stream, &batch) == 0 && batch.release) {
        batch.release(&batch);
        evx_engine_get_stats(engine, &stats);
        if (++batches == 50)
            before = stats.allocations;
    }
    assert_true(batches > 80);
    // New templates, and names that outgrow their room.
    assert_in_range(stats.allocations - before, 0, 60);
    stream.release(&stream);
    evx_engine_destroy(&engine);
    text_free(&log);
}

// ------------------------------------------------------------------------------------------- no memory

struct meter {
    _Atomic long left;
    _Atomic long blocks;
};

static void *meter_allocate(void *context, size_t size)
{
    struct meter *meter = context;
    if (meter->left-- <= 0)
        return NULL;
    meter->blocks++;
    return malloc(size);
}

static void *meter_reallocate(void *context, void *block, size_t old_size, size_t size)
{
    struct meter *meter = context;
    (void)old_size;
    return meter->left-- <= 0 ? NULL : realloc(block, size);
}

static void meter_release(void *context, void *block, size_t size)
{
    struct meter *meter = context;
    (void)size;
    meter->blocks--;
    free(block);
}

// True when all went well.
static bool run_metered(const struct text *log, const evx_table_options *options, struct meter *meter)
{
    const evx_allocator allocator = {meter_allocate, meter_reallocate, meter_release, meter, {NULL}};
    const evx_engine_options engine_options = {.size = sizeof engine_options, .allocator = &allocator};
    evx_engine *engine;
    evx_reader *reader;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    if (evx_engine_create(&engine_options, &engine, NULL))
        return false;
    bool fine = evx_open_memory(engine, log->bytes, log->size, &reader, NULL) == EVX_OK;
    if (fine && evx_table_open(reader, options, &stream, NULL)) {
        evx_close(&reader);
        fine = false;
    } else if (fine) {
        int error;
        fine = stream.get_schema(&stream, &schema) == 0;
        if (fine)
            schema.release(&schema);
        while ((error = stream.get_next(&stream, &batch)) == 0 && batch.release)
            batch.release(&batch);
        assert_true(error == 0 || error == ENOMEM);
        fine = fine && error == 0;
        stream.release(&stream);
    }
    evx_engine_destroy(&engine);
    return fine;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    struct text log = {0};
    evx_error error;
    generate_options wanted = {.profile = "mixed", .size_bytes = 2 * CHUNK_BYTES, .seed = 3};
    assert_int_equal(generate_log(&wanted, add_to_text, &log, &error), EVX_OK);
    for (size_t i = 0; i < COUNT(settings); i++) {
        evx_table_options options = settings[i];
        options.size = sizeof options;
        options.threads = 1;
        options.batch_rows = 100;
        long limit = 0, last = -1;
        for (bool fine = false; !fine; limit += 1 + limit / 60) {
            struct meter meter = {limit, 0};
            fine = run_metered(&log, &options, &meter);
            assert_int_equal(meter.blocks, 0);
            last = limit;
        }
        assert_true(last > 100);
    }
    text_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways_give_the_same),
        cmocka_unit_test(test_splits_are_the_whole),
        cmocka_unit_test(test_row_limit_is_a_beginning),
        cmocka_unit_test(test_several_files_follow_each_other),
        cmocka_unit_test(test_queries_select_rows),
        cmocka_unit_test(test_streams_are_read_once),
        cmocka_unit_test(test_types_are_those_of_templates),
        cmocka_unit_test(test_release_at_any_time),
        cmocka_unit_test(test_schema_needs_no_input),
        cmocka_unit_test(test_what_does_not_fit_is_counted),
        cmocka_unit_test(test_the_steady_state_allocates_nothing),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
