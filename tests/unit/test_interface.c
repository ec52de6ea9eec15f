// SPDX-License-Identifier: MIT
// Guards the promises of include/evx/evx.h that no other test is about: which arguments are refused, which
// may be NULL, what an allocator may count on, which status a limit has, what stops a run.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/handles.h"
#include "base/versioned.h"
#include "gen/generate.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static evx_engine *engine;
static struct log plain; // three records in two chunks

static int set_up(void **state)
{
    (void)state;
    plain = log_make("1 2|3");
    return evx_engine_create(NULL, &engine, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    log_free(&plain);
    evx_engine_destroy(&engine);
    return engine != NULL;
}

static evx_reader *open_log(const struct log *log)
{
    evx_reader *reader;
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    return reader;
}

static int drop(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

// ---------------------------------------------------------------------------------- sizes of structs

// Status of a struct that says this size, wherever a struct goes in.
static evx_status with_engine_options(size_t size)
{
    evx_engine *other = NULL;
    evx_engine_options options = {.size = size};
    evx_status status = evx_engine_create(&options, &other, NULL);
    evx_engine_destroy(&other);
    return status;
}

static evx_status with_stats(size_t size)
{
    evx_engine_stats stats = {.size = size};
    return evx_engine_get_stats(engine, &stats);
}

static int skip_template(void *context, const evx_template_info *info)
{
    (void)context;
    (void)info;
    return 0;
}

static evx_status with_totals(size_t size)
{
    evx_reader *reader = open_log(&plain);
    evx_template_totals totals = {.size = size};
    evx_status status = evx_list_templates(reader, skip_template, NULL, &totals, NULL);
    evx_close(&reader);
    return status;
}

static evx_status with_convert_options(size_t size)
{
    evx_reader *reader = open_log(&plain);
    evx_convert_options options = {.size = size};
    evx_sink sink = {.write = drop};
    evx_status status = evx_convert(reader, &options, &sink, NULL, NULL);
    evx_close(&reader);
    return status;
}

static evx_status with_render_options(size_t size)
{
    evx_reader *reader = open_log(&plain);
    evx_render_options options = {.size = size};
    evx_record record;
    const char *text;
    size_t text_size;
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    evx_status status = evx_render(reader, &options, &text, &text_size, NULL);
    evx_close(&reader);
    return status;
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        evx_status (*use)(size_t size);
        size_t first; // of version 0.1
    } rows[] = {{with_engine_options, FIRST_SIZE(evx_engine_options, ansi_codec)},
                {with_stats, FIRST_SIZE(evx_engine_stats, allocations)},
                {with_totals, sizeof(evx_template_totals)},
                {with_convert_options, FIRST_SIZE(evx_convert_options, id_count)},
                {with_render_options, FIRST_SIZE(evx_render_options, mta)}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rows[i].use(0), EVX_ERR_ARGUMENT);
        assert_int_equal(rows[i].use(rows[i].first - 1), EVX_ERR_ARGUMENT);
        assert_int_equal(rows[i].use(rows[i].first), EVX_OK);
    }
}

static void test_cpus(void **state)
{
    (void)state;
    const evx_engine_options unknown = {.size = sizeof unknown, .cpu = "z80"};
    evx_engine *other = NULL;
    assert_int_equal(evx_engine_create(&unknown, &other, NULL), EVX_ERR_ARGUMENT);
    assert_null(other);
}

// A program that knows more fields than this library.
static void test_newer_structs(void **state)
{
    (void)state;
    struct {
        evx_convert_options known;
        uint64_t unknown;
    } options = {.known = {.size = sizeof options, .format = EVX_FORMAT_JSONL}};
    struct {
        evx_engine_stats known;
        uint64_t unknown;
    } stats = {.known = {.size = sizeof stats}, .unknown = 7};
    struct run run = run_convert(plain.bytes, plain.size, RUN_MEMORY, &options.known);
    assert_int_equal(run.status, EVX_OK);
    assert_int_equal(run.out.bytes[0], '{');
    run_free(&run);
    assert_int_equal(evx_engine_get_stats(engine, &stats.known), EVX_OK);
    assert_true(stats.known.allocations > 0);
    assert_int_equal(stats.unknown, 7);
}

// ---------------------------------------------------------------------------------------- allocators

enum { ALIGNMENT = _Alignof(max_align_t), SHIFT = 2 * ALIGNMENT };

// Blocks that are aligned for max_align_t and for nothing larger.
static void *shifted_allocate(void *context, size_t size)
{
    (void)context;
    assert_true(size > 0);
    char *block = aligned_alloc(SHIFT, (ALIGNMENT + size + SHIFT - 1) / SHIFT * SHIFT);
    return block ? block + ALIGNMENT : NULL;
}

static void shifted_release(void *context, void *block, size_t size)
{
    (void)context;
    assert_true(block && size > 0);
    free((char *)block - ALIGNMENT);
}

static void *shifted_reallocate(void *context, void *block, size_t old_size, size_t size)
{
    assert_true(block && old_size > 0);
    void *larger = shifted_allocate(context, size);
    if (larger) {
        memcpy(larger, block, old_size < size ? old_size : size);
        shifted_release(context, block, old_size);
    }
    return larger;
}

static int add_to_text(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

// The sanitizers of ./dev test see code that counts on more.
static void test_blocks_aligned_as_by_malloc(void **state)
{
    (void)state;
    struct text log = {0};
    const evx_allocator allocator = {shifted_allocate, shifted_reallocate, shifted_release, NULL};
    evx_engine_options engine_options = {.size = sizeof engine_options, .allocator = &allocator};
    generate_options log_options = {.profile = "mixed",
                                    .size_bytes = 4 * CHUNK_BYTES,
                                    .damage = "slack-records,bad-token"};
    assert_int_equal(generate_log(&log_options, add_to_text, &log, NULL), EVX_OK);
    for (evx_format format = EVX_FORMAT_XML; format <= EVX_FORMAT_JSON_ARRAY; format++) {
        evx_convert_options options = {.size = sizeof options, .format = format, .recover = 1};
        struct run expected = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        struct run run = {0};
        evx_engine *shifted;
        evx_reader *reader;
        evx_error error;
        assert_int_equal(evx_engine_create(&engine_options, &shifted, &error), EVX_OK);
        assert_int_equal((uintptr_t)shifted % SHIFT, ALIGNMENT);
        evx_status opened = evx_open_memory(shifted, log.bytes, log.size, &reader, &error);
        run_reader(&run, opened, reader, &options, &error);
        assert_true(run_equals(&run, &expected));
        evx_engine_destroy(&shifted);
        run_free(&run);
        run_free(&expected);
    }
    text_free(&log);
}

static void test_half_an_allocator(void **state)
{
    (void)state;
    const evx_allocator whole = {shifted_allocate, shifted_reallocate, shifted_release, NULL};
    for (int missing = 0; missing < 3; missing++) {
        evx_allocator half = whole;
        if (missing == 0)
            half.allocate = NULL;
        else if (missing == 1)
            half.reallocate = NULL;
        else
            half.release = NULL;
        evx_engine_options options = {.size = sizeof options, .allocator = &half};
        evx_engine *other;
        assert_int_equal(evx_engine_create(&options, &other, NULL), EVX_ERR_ARGUMENT);
    }
}

// -------------------------------------------------------------------------------------------- errors

static int64_t no_size(void *context)
{
    (void)context;
    errno = EACCES;
    return -1;
}

static int64_t no_bytes(void *context, void *buffer, size_t size, uint64_t offset)
{
    (void)context;
    (void)buffer;
    (void)size;
    (void)offset;
    errno = EIO;
    return -1;
}

static int64_t some_size(void *context)
{
    (void)context;
    return 70000;
}

static void *refuse_to_allocate(void *context, size_t size)
{
    (void)context;
    (void)size;
    return NULL;
}

static void *refuse_to_reallocate(void *context, void *block, size_t old_size, size_t size)
{
    (void)context;
    (void)block;
    (void)old_size;
    (void)size;
    return NULL;
}

static void refuse_to_release(void *context, void *block, size_t size)
{
    (void)context;
    (void)block;
    (void)size;
}

// What may have a meaning one day is refused today, and what is filled leaves zeros there.
static void test_reserved_places(void **state)
{
    (void)state;
    evx_sink sinks[2] = {{.write = drop}, {.write = drop}};
    evx_allocator allocator = {.allocate = refuse_to_allocate,
                               .reallocate = refuse_to_reallocate,
                               .release = refuse_to_release};
    evx_engine_options options = {.size = sizeof options, .allocator = &allocator};
    evx_input input = {no_bytes, no_size, NULL, {NULL}};
    evx_convert_result result;
    evx_record record;
    evx_file_info info;
    evx_chunk_info chunk;
    evx_error error;
    evx_engine *other;
    evx_reader *reader = open_log(&plain), *unused;
    allocator.reserved[1] = input.reserved[3] = sinks[1].reserved[3] = &record;
    assert_int_equal(evx_engine_create(&options, &other, &error), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_open_input(engine, &input, &unused, &error), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_convert(reader, NULL, &sinks[1], NULL, &error), EVX_ERR_ARGUMENT);
    memset(&error, 0x55, sizeof error);
    memset(&result, 0x55, sizeof result);
    memset(&record, 0x55, sizeof record);
    memset(&info, 0x55, sizeof info);
    memset(&chunk, 0x55, sizeof chunk);
    assert_int_equal(evx_convert(reader, NULL, &sinks[0], &result, &error), EVX_OK);
    assert_int_equal(evx_next(reader, &record, &error), EVX_OK);
    evx_get_file_info(reader, &info);
    assert_int_equal(evx_get_chunk_info(reader, 0, &chunk, &error), EVX_OK);
    assert_int_equal(evx_open_file(engine, "no/such/file", &unused, &error), EVX_ERR_IO);
    static const uint64_t zeros[8] = {0};
    assert_memory_equal(error.reserved, zeros, sizeof error.reserved);
    assert_memory_equal(result.reserved, zeros, sizeof result.reserved);
    assert_memory_equal(record.reserved, zeros, sizeof record.reserved);
    assert_memory_equal(info.reserved, zeros, sizeof info.reserved);
    assert_memory_equal(chunk.reserved, zeros, sizeof chunk.reserved);
    evx_close(&reader);
}

// Every kind of failure; the engine and the reader are whole afterwards.
static evx_status go_wrong(int how, evx_error *error)
{
    static uint8_t zeros[FILE_HEADER_BLOCK_BYTES];
    static const evx_input sizeless = {no_bytes, no_size, NULL}, dumb = {no_bytes, some_size, NULL};
    evx_engine_options bad_codec = {.size = sizeof bad_codec, .ansi_codec = "klingon"};
    evx_engine_options utf16 = {.size = sizeof utf16, .ansi_codec = "utf-16"};
    evx_convert_options bad_format = {.size = sizeof bad_format, .format = (evx_format)7};
    evx_sink sink = {.write = drop};
    evx_engine *other;
    evx_reader *reader = open_log(&plain), *unused;
    evx_status status = EVX_OK;
    const char *text;
    size_t size;
    switch (how) {
    case 0: status = evx_engine_create(&bad_codec, &other, error); break;
    case 1: status = evx_engine_create(&utf16, &other, error); break;
    case 2: status = evx_open_file(engine, "no/such/file", &unused, error); break;
    case 3: status = evx_open_file(engine, "/", &unused, error); break;
    case 4: status = evx_open_fd(engine, -1, &unused, error); break;
    case 5: status = evx_open_memory(engine, "", 0, &unused, error); break;
    case 6: status = evx_open_memory(engine, zeros, 10, &unused, error); break;
    case 7: status = evx_open_memory(engine, zeros, sizeof zeros, &unused, error); break;
    case 8: status = evx_open_input(engine, &sizeless, &unused, error); break;
    case 9: status = evx_open_input(engine, &dumb, &unused, error); break;
    case 10: status = evx_convert(reader, &bad_format, &sink, NULL, error); break;
    case 11: status = evx_render(reader, NULL, &text, &size, error); break;
    }
    evx_close(&reader);
    return status;
}

static void test_error_may_be_null(void **state)
{
    (void)state;
    enum { FAILURES = 12 };
    for (int how = 0; how < FAILURES; how++) {
        evx_error error;
        memset(&error, 0x55, sizeof error);
        evx_status status = go_wrong(how, &error);
        assert_true(status < 0);
        assert_int_equal(error.status, status);
        assert_true(error.cause_count > 0 && error.cause[0][0]);
        assert_int_equal(error.system_errno != 0, status == EVX_ERR_IO);
        assert_int_equal(error.kind == EVX_DAMAGE_NONE, status == EVX_ERR_ARGUMENT);
        assert_int_equal(error.input, 0);
        assert_int_equal(go_wrong(how, NULL), status);
    }
}

static int refuse(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 1;
}

static void test_an_error_without_causes_prints_nothing(void **state)
{
    (void)state;
    evx_reader *reader = open_log(&plain);
    evx_sink sink = {.write = refuse};
    evx_error error;
    memset(&error, 0x55, sizeof error);
    assert_int_equal(evx_convert(reader, NULL, &sink, NULL, &error), EVX_ERR_SINK);
    assert_int_equal(error.cause_count, 0);
    assert_string_equal(error.cause[0], "");
    evx_close(&reader);
}

// A stream that could not be read to its end has lost what was taken from it.
static void test_failed_spooling(void **state)
{
    (void)state;
    struct log log = log_make("3 4|1 2");
    int ends[2];
    evx_reader *reader;
    evx_error error;
    evx_sink sink = {.write = drop};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], log.bytes, 60000), 60000);
    assert_int_equal(evx_open_fd(engine, ends[0], &reader, &error), EVX_OK);
    source_read(reader->source, (uint8_t[512]){0}, 512, FILE_HEADER_BLOCK_BYTES);
    source_stream_interrupt(reader->source);
    assert_int_equal(evx_convert(reader, NULL, &sink, NULL, &error), EVX_ERR_IO);
    assert_string_equal(error.cause[0], "Failed to read EVTX data from stdin");
    assert_string_equal(error.cause[1], "Operation canceled (os error 125)");
    assert_int_equal(evx_convert(reader, NULL, &sink, NULL, &error), EVX_ERR_ARGUMENT);
    evx_close(&reader);
    close(ends[1]);
    log_free(&log);
}

// -------------------------------------------------------------------------------------------- chunks

static void test_chunk_numbers(void **state)
{
    (void)state;
    static const uint64_t behind[] = {2, 3, UINT64_C(1) << 32, UINT64_C(1) << 48, UINT64_MAX};
    evx_reader *reader = open_log(&plain);
    evx_chunk_info info;
    assert_int_equal(evx_get_chunk_info(reader, 1, &info, NULL), EVX_OK);
    assert_int_equal(info.first_id, 3);
    for (size_t i = 0; i < COUNT(behind); i++)
        assert_int_equal(evx_get_chunk_info(reader, behind[i], &info, NULL), EVX_END);
    evx_close(&reader);
}

static void test_unreadable_chunk(void **state)
{
    (void)state;
    struct log log = log_make("1|2|z");
    log_chunk(&log, 1)[3] = 0;
    evx_reader *reader = open_log(&log);
    evx_chunk_info info = {.first_id = 7};
    evx_error error;
    assert_int_equal(evx_get_chunk_info(reader, 1, &info, &error), EVX_ERR_CHUNK);
    assert_int_equal(info.state, EVX_CHUNK_UNREADABLE);
    assert_int_equal(info.first_id, 0);
    struct run run = {0};
    run_report(&run, &error);
    struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, NULL);
    assert_true(text_equals(&run.reports, &whole.reports));
    assert_int_equal(evx_get_chunk_info(reader, 1, &info, NULL), EVX_ERR_CHUNK);
    assert_int_equal(evx_get_chunk_info(reader, 2, &info, &error), EVX_OK);
    assert_int_equal(info.state, EVX_CHUNK_EMPTY);
    run_free(&run);
    run_free(&whole);
    evx_close(&reader);
    log_free(&log);
}

// -------------------------------------------------------------------------------------------- limits

static int keep_status(void *context, const evx_error *error)
{
    *(evx_status *)context = error->status;
    return 0;
}

// The one record that a log has is refused, however it is asked for.
static void check_refused(encode_builder *b, evx_status expected, const char *reason)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s: %s", reason, encode_error(b));
    evx_reader *reader;
    evx_record record;
    evx_error error;
    evx_status reported = EVX_OK;
    const char *text;
    size_t text_size;
    evx_sink sink = {.write = drop, .report = keep_status, .context = &reported};
    assert_int_equal(evx_open_memory(engine, bytes, size, &reader, &error), EVX_OK);
    assert_int_equal(evx_convert(reader, NULL, &sink, NULL, &error), EVX_OK);
    assert_int_equal(reported, expected);
    assert_int_equal(evx_next(reader, &record, &error), EVX_OK);
    assert_int_equal(evx_render(reader, NULL, &text, &text_size, &error), expected);
    assert_int_equal(error.status, expected);
    assert_non_null(strstr(error.cause[error.cause_count - 1], reason));
    evx_close(&reader);
    encode_free(&b);
}

static void test_output_limit(void **state)
{
    (void)state;
    static char16_t units[30000];
    for (size_t i = 0; i < COUNT(units); i++)
        units[i] = '<';
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    for (int i = 0; i < 200; i++)
        encode_append(encode_find(b, fragment, "E"), encode_substitution(b, 0, ENCODE_STRING, false));
    ENCODE_EVENT(b, encode_template_of(b, fragment), encode_string16(b, units, COUNT(units)));
    check_refused(b, EVX_ERR_LIMIT, "record renders to more than 16 MiB");
}

static void test_node_limit(void **state)
{
    (void)state;
    static uint8_t bytes[20000];
    encode_builder *b = encode_create();
    encode_value array = encode_borrowed(ENCODE_ARRAY | ENCODE_U8, bytes, sizeof bytes);
    ENCODE_EVENT(b, encode_template_text(b, "<E><D a='%0:u8[]'>%1:u8[]</D></E>"), array, array);
    check_refused(b, EVX_ERR_LIMIT, "record renders more than 2^18 nodes");
}

static void test_depth_limit(void **state)
{
    (void)state;
    static char text[600 * 8];
    char *p = text;
    for (int i = 0; i < 600; i++)
        p = stpcpy(p, "<a>");
    for (int i = 0; i < 600; i++)
        p = stpcpy(p, "</a>");
    encode_builder *b = encode_create();
    encode_add_fragment(b, encode_nodes_text(b, text));
    check_refused(b, EVX_ERR_LIMIT, "BinXML elements nested too deeply");
}

static void test_fragment_limit(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0:nested</E>");
    encode_value value = encode_null();
    for (int i = 0; i < 70; i++)
        value = ENCODE_NESTED_INSTANCE(b, t, value);
    ENCODE_EVENT(b, t, value);
    check_refused(b, EVX_ERR_LIMIT, "BinXML fragments nested too deeply");
}

// The same with value tokens instead of values.
static void test_token_limit(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    for (int i = 0; i < 70; i++)
        fragment = encode_append(encode_fragment(b), encode_literal(b, encode_nested(fragment)));
    encode_add_fragment(b, fragment);
    check_refused(b, EVX_ERR_LIMIT, "BinXML fragments nested too deeply");
}

// The same with a definition that holds an instance of itself.
static void test_definition_limit(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *instance = encode_instance(b, encode_template_text(b, "<U/>"), NULL, 0);
    instance->definition_offset = CHUNK_HEADER_BYTES + RECORD_HEADER_BYTES + 4 + 10;
    encode_node *inner = encode_append(encode_fragment(b), instance);
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_append(encode_find(b, fragment, "E"), encode_literal(b, encode_nested(inner)));
    ENCODE_EVENT(b, encode_template_of(b, fragment), encode_u8(1));
    check_refused(b, EVX_ERR_LIMIT, "BinXML fragments nested too deeply");
}

static void test_damage_is_no_limit(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_append(encode_find(b, fragment, "E"), encode_raw(b, "\x77", 1));
    encode_add_fragment(b, fragment);
    check_refused(b, EVX_ERR_RECORD, "");
}

// --------------------------------------------------------------------------------------------- notes

// A record whose value does not fit its type, then one that is damaged, then a good one.
static void test_notes_do_not_stop(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0</E>");
    encode_node *damaged = encode_nodes_text(b, "<E></E>");
    encode_append(encode_find(b, damaged, "E"), encode_raw(b, "\x77", 1));
    ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_STRING, "odd", 3));
    encode_add_fragment(b, damaged);
    ENCODE_EVENT(b, t, encode_string(b, "good"));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    evx_convert_options options = {.size = sizeof options, .stop_after_error = 1};
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_int_equal(run.status, EVX_ERR_STOPPED);
    assert_int_equal(run.result.records, 1);
    assert_int_equal(run.result.errors, 2);
    run_free(&run);
    encode_free(&b);
}

static void test_rendered_records_are_counted(void **state)
{
    (void)state;
    evx_engine_stats before = {.size = sizeof before}, after = {.size = sizeof after};
    evx_reader *reader = open_log(&plain);
    evx_record record;
    const char *text;
    size_t size;
    evx_engine_get_stats(engine, &before);
    while (evx_next(reader, &record, NULL) == EVX_OK)
        assert_int_equal(evx_render(reader, NULL, &text, &size, NULL), EVX_OK);
    evx_engine_get_stats(engine, &after);
    assert_int_equal(after.records - before.records, 3);
    evx_close(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_reserved_places),
        cmocka_unit_test(test_newer_structs),
        cmocka_unit_test(test_blocks_aligned_as_by_malloc),
        cmocka_unit_test(test_half_an_allocator),
        cmocka_unit_test(test_error_may_be_null),
        cmocka_unit_test(test_an_error_without_causes_prints_nothing),
        cmocka_unit_test(test_failed_spooling),
        cmocka_unit_test(test_chunk_numbers),
        cmocka_unit_test(test_unreadable_chunk),
        cmocka_unit_test(test_output_limit),
        cmocka_unit_test(test_node_limit),
        cmocka_unit_test(test_depth_limit),
        cmocka_unit_test(test_fragment_limit),
        cmocka_unit_test(test_token_limit),
        cmocka_unit_test(test_definition_limit),
        cmocka_unit_test(test_damage_is_no_limit),
        cmocka_unit_test(test_notes_do_not_stop),
        cmocka_unit_test(test_rendered_records_are_counted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
