// SPDX-License-Identifier: MIT
// Logs that are written anew say what their originals say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evx/recovery.h>
#include <evx/writer.h>

#include "gen/generate.h"
#include "runs.h"

static int on_write(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static int on_report(void *context, const evx_error *error)
{
    (void)error;
    ++*(unsigned *)context;
    return 0;
}

struct texts {
    struct text of[3];
    unsigned reports;
};

// As XML, JSON and rows of what the header says; checksums are compared.
static struct texts read_all(const void *bytes, size_t size)
{
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_CSV};
    struct texts texts = {0};
    evx_engine *engine;
    evx_reader *reader;
    evx_fields *fields;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, bytes, size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_fields_compile(engine, "Written,EventID", 15, &fields, NULL), EVX_OK);
    for (int i = 0; i < 3; i++) {
        struct { struct text *text; unsigned *reports; } context = {&texts.of[i], &texts.reports};
        const evx_convert_options options = {.size = sizeof options, .format = formats[i], .validate_checksums = 1,
                                             .hide_record_numbers = 1, .fields = i == 2 ? fields : NULL, .threads = 1};
        const evx_sink sink = {.write = on_write, .context = context.text};
        evx_convert_result result;
        assert_int_equal(evx_convert(reader, &options, &sink, &result, NULL), EVX_OK);
        texts.reports += (unsigned)result.errors;
        text_add_string(&texts.of[i], "");
    }
    evx_fields_destroy(&fields);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return texts;
}

static void free_texts(struct texts *texts)
{
    for (int i = 0; i < 3; i++)
        text_free(&texts->of[i]);
}

// The bytes of a log that is made of others; *ret_records as they were told.
static uint8_t *write_log(const struct log *logs, unsigned count, const evx_convert_options *options,
                          size_t *ret_size, uint64_t *ret_records)
{
    evx_engine *engine;
    evx_writer *writer;
    unsigned reports = 0;
    uint64_t added = 0;
    int fd = memfd_create("log", 0);
    assert_true(fd >= 0);
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_writer_create(engine, fd, &writer, NULL), EVX_OK);
    for (unsigned i = 0; i < count; i++) {
        evx_reader *reader;
        evx_convert_result result;
        const evx_sink sink = {.report = on_report, .context = &reports};
        assert_int_equal(evx_open_memory(engine, logs[i].bytes, logs[i].size, &reader, NULL), EVX_OK);
        assert_int_equal(evx_writer_add(writer, reader, options, &sink, &result, NULL), EVX_OK);
        added += result.records;
        evx_close(&reader);
    }
    assert_int_equal(evx_writer_finish(writer, ret_records, NULL, NULL), EVX_OK);
    assert_true(*ret_records == added);
    evx_writer_destroy(&writer);
    evx_engine_destroy(&engine);
    *ret_size = (size_t)lseek(fd, 0, SEEK_END);
    uint8_t *bytes = malloc(*ret_size);
    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, *ret_size, 0), *ret_size);
    close(fd);
    return bytes;
}

static void expect_equal(const struct log *log, unsigned reports)
{
    size_t size;
    uint64_t records;
    uint8_t *bytes = write_log(log, 1, NULL, &size, &records);
    struct texts expected = read_all(log->bytes, log->size), actual = read_all(bytes, size);
    for (int i = 0; i < 3; i++)
        if (!text_equals(&expected.of[i], &actual.of[i]))
            fail_msg("%s\ninstead of\n%s", actual.of[i].bytes, expected.of[i].bytes);
    assert_int_equal(actual.reports, reports);
    free_texts(&expected);
    free_texts(&actual);
    free(bytes);
}

static struct log take(encode_builder *b)
{
    struct log log = {0};
    const uint8_t *bytes = encode_finish(b, &log.size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    log.bytes = malloc(log.size);
    assert_non_null(log.bytes);
    memcpy(log.bytes, bytes, log.size);
    encode_free(&b);
    return log;
}

// Everything that a definition or a record may have.
static void test_all_nodes(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *inner = encode_template_text(b, "<EventData><Data Name='x'>%0</Data><Data>%?1:u32</Data></EventData>");
    encode_template *outer = encode_template_text(
        b, "<Event xmlns='u:x'><System><A k='1%?0:u32'/><B>&amp;&#65;<![CDATA[<c>]]>t</B><?pi data?><C ~1>%?1</C>"
           "<D>%2:string[]</D></System>%3:nested<E/></Event>");
    const char *const strings[] = {"a", "b"};
    for (int i = 0; i < 300; i++)
        ENCODE_EVENT(b, outer, i % 3 ? encode_u32(i) : encode_null(), i % 2 ? encode_string(b, "v") : encode_null(),
                     encode_strings(b, 2, strings),
                     ENCODE_NESTED_INSTANCE(b, inner, encode_string(b, "w"), encode_u32(i)));
    encode_add_fragment(b, encode_nodes_text(b, "<Event a='b'><X>text<Y/>&#66;</X></Event>"));
    struct log log = take(b);
    expect_equal(&log, 0);
    free(log.bytes);
}

static void test_realistic_logs(void **state)
{
    (void)state;
    static const char *const profiles[] = {"mixed", "security", "sysmon", "powershell", "system"};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        struct text bytes = {0};
        const generate_options options = {.profile = profiles[i], .size_bytes = 4096 + 3 * CHUNK_BYTES, .seed = 3};
        assert_int_equal(generate_log(&options, on_write, &bytes, NULL), EVX_OK);
        const struct log log = {.bytes = (uint8_t *)bytes.bytes, .size = bytes.size};
        expect_equal(&log, 0);
        text_free(&bytes);
    }
}

// Several inputs, a choice of records, and none.
static void test_selections(void **state)
{
    (void)state;
    struct log logs[] = {log_make("5 6 7 | 8"), log_make("1 2 3")};
    const evx_id_range ids[] = {{2, 6}};
    const evx_convert_options options = {.size = sizeof options, .ids = ids, .id_count = 1};
    const struct { const evx_convert_options *options; unsigned count; const char *values; } rows[] = {
        {NULL, 2, "5 6 7 8 1 2 3 "}, {&options, 2, "5 6 2 3 "}, {NULL, 0, ""},
    };
    for (int i = 0; i < 3; i++) {
        size_t size;
        uint64_t records;
        uint8_t *bytes = write_log(logs, rows[i].count, rows[i].options, &size, &records);
        struct texts texts = read_all(bytes, size);
        struct text seen = {0};
        text_add_string(&seen, "");
        for (const char *p = texts.of[1].bytes; (p = strstr(p, "value of record ")) != NULL;) {
            p += strlen("value of record ");
            text_add_bytes(&seen, p, strcspn(p, "\""));
            text_add_string(&seen, " ");
        }
        assert_string_equal(seen.bytes, rows[i].values);
        assert_int_equal(records, strlen(rows[i].values) / 2);
        assert_int_equal(texts.reports, 0);
        text_free(&seen);
        free_texts(&texts);
        free(bytes);
    }
    free(logs[0].bytes);
    free(logs[1].bytes);
}

static void test_refusals(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3");
    evx_engine *engine;
    evx_writer *writer;
    evx_reader *reader;
    const evx_convert_options reverse = {.size = sizeof reverse, .reverse = 1};
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_writer_create(engine, -1, &writer, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_writer_add(writer, reader, &reverse, NULL, NULL, NULL), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_writer_add(writer, reader, NULL, NULL, NULL, NULL), EVX_OK);
    evx_error error;
    assert_int_equal(evx_writer_finish(writer, NULL, NULL, &error), EVX_ERR_IO);
    assert_int_equal(error.system_errno, 9); // EBADF
    evx_close(&reader);
    evx_writer_destroy(&writer);
    evx_engine_destroy(&engine);
    free(log.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_nodes),
        cmocka_unit_test(test_realistic_logs),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_refusals),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
