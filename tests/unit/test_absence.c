// SPDX-License-Identifier: MIT
// Guards against records that a search passes over though the text is in them: the proof that it is not
// (filter/absence.h) must hold for texts of several parts, code pages, arrays and templates of any shape.
// And against chunks that are skipped though the record that is asked for is there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runs.h"
#include "text/fold.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static encode_value nested(encode_builder *b, encode_node *instance)
{
    return encode_nested(encode_append(encode_fragment(b), instance));
}

// Each record has the text "needle.exe" in its own way; the last ones have it not.
static const uint8_t *make_log(encode_builder *b, size_t *ret_size)
{
    encode_template *outer = encode_template_text(b, "<Event><A>%0:u32</A>%1:nested</Event>");
    encode_template *hole = encode_template_text(b, "<E><D N='%1'>%0</D></E>");
    encode_template *text = encode_template_text(b, "<E><D>a Needle.exe b</D><F>%0</F></E>");
    encode_template *attribute = encode_template_text(b, "<E><D N='my needle.EXE'>%0</D></E>");
    encode_template *behind = encode_template_text(b, "<E><D>nee%0</D></E>");
    encode_template *between = encode_template_text(b, "<E><D>need%0.ex%1</D></E>");
    encode_template *two = encode_template_text(b, "<E><D N='%0%1'/></E>");
    encode_template *references = encode_template_text(b, "<E><D>need&#108;e.exe</D><F>%0</F></E>");
    encode_template *cdata = encode_template_text(b, "<E><D>needle<![CDATA[.exe]]></D><F>%0</F></E>");
    static const char *const strings[] = {"x", "the needle.exe", "y"};
    static const char *const bytes[] = {"x", "the needle.exe"};
    encode_value no = encode_string(b, "no"), with_nul = encode_ansi(b, "needle.exe");
    encode_value parts[] = {
        nested(b, ENCODE_INSTANCE(b, hole, encode_string(b, "xNEEDLE.exex"), no)),       // 1
        nested(b, ENCODE_INSTANCE(b, hole, no, encode_string(b, "Needle.Exe"))),         // 2
        nested(b, ENCODE_INSTANCE(b, text, no)),                                         // 3
        nested(b, ENCODE_INSTANCE(b, attribute, no)),                                    // 4
        nested(b, ENCODE_INSTANCE(b, behind, encode_string(b, "dle.exe"))),              // 5
        nested(b, ENCODE_INSTANCE(b, between, encode_string(b, "le"), encode_string(b, "e"))), // 6
        nested(b, ENCODE_INSTANCE(b, two, encode_string(b, "needle."), encode_string(b, "exe"))), // 7
        nested(b, ENCODE_INSTANCE(b, references, no)),                                   // 8
        nested(b, ENCODE_INSTANCE(b, cdata, no)),                                        // 9
        nested(b, ENCODE_INSTANCE(b, hole, with_nul, no)),                               // 10
        nested(b, ENCODE_INSTANCE(b, hole, encode_strings(b, 3, strings), no)),          // 11
        nested(b, ENCODE_INSTANCE(b, hole, no, encode_strings(b, 3, strings))),          // 12
        nested(b, ENCODE_INSTANCE(b, hole, encode_ansi_strings(b, 2, bytes), no)),       // 13
        nested(b, ENCODE_INSTANCE(b, hole, nested(b, ENCODE_INSTANCE(b, text, no)), no)), // 14
        nested(b, encode_nodes_text(b, "<E><D>needle.exe</D></E>")),                     // 15
        nested(b, ENCODE_INSTANCE(b, hole, encode_string(b, "needle"), encode_string(b, ".exe"))), // 16: no
        nested(b, ENCODE_INSTANCE(b, hole, no, no)),                                     // 17: no
        nested(b, ENCODE_INSTANCE(b, hole, encode_u32(7), encode_null())),               // 18: no
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        ENCODE_EVENT(b, outer, encode_u32(4624), parts[i]);
    encode_add_fragment(b, encode_nodes_text(b, "<Event><A>nee</A><B>needle.exe</B></Event>")); // 19
    const uint8_t *log = encode_finish(b, ret_size);
    if (!log)
        fail_msg("%s", encode_error(b));
    return log;
}

struct input {
    const uint8_t *bytes;
    size_t size;
};

static int append(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

// The identifiers of the records that are written, as "1 2 ".
static void convert(const struct input *log, const char *search, evx_convert_options options, bool no_skips,
                    char *ret_ids, evx_engine_stats *ret_stats)
{
    const evx_engine_options engine_options = {.size = sizeof engine_options, .no_skips = no_skips};
    evx_engine *engine;
    evx_reader *reader;
    evx_query *query = NULL;
    evx_error error;
    struct text out = {0};
    const evx_condition condition = {EVX_CONDITION_SEARCH, search, search ? strlen(search) : 0};
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    assert_int_equal(evx_query_compile(engine, &condition, search != NULL, NULL, &query, &error), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, &error), EVX_OK);
    options.size = sizeof options;
    options.format = EVX_FORMAT_JSON;
    options.query = query;
    const evx_sink sink = {.write = append, .context = &out};
    assert_int_equal(evx_convert(reader, &options, &sink, NULL, &error), EVX_OK);
    *ret_ids = 0;
    for (const char *line = out.bytes; line && (line = strstr(line, "Record ")) != NULL; line += 7)
        snprintf(ret_ids + strlen(ret_ids), 128 - strlen(ret_ids), "%d ", atoi(line + 7));
    text_free(&out);
    evx_close(&reader);
    evx_query_destroy(&query);
    ret_stats->size = sizeof *ret_stats;
    assert_int_equal(evx_engine_get_stats(engine, ret_stats), EVX_OK);
    evx_engine_destroy(&engine);
}

static void test_search(void **state)
{
    (void)state;
    static const struct {
        const char *text, *ids;
        unsigned unsearched; // records where nobody had to look at every value
    } rows[] = {
        // No proof for 5 to 10, 13, 15 and 19, nor for 16, where the bytes of two values stand together.
        {"NEEDLE.exe", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 19 ", 2},
        {"needle.txt", "", 10},
        {"4624", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ", 0},
        {"no", "1 2 3 4 8 9 10 11 12 13 14 17 ", 0}, // too short
        {"y,the", "", 0},
        {"e needle", "11 12 13 ", 8},
    };
    encode_builder *b = encode_create();
    struct input log;
    char found[128];
    evx_engine_stats stats;
    log.bytes = make_log(b, &log.size);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const evx_convert_options options = {.threads = 1};
        convert(&log, rows[i].text, options, true, found, &stats);
        assert_string_equal(found, rows[i].ids);
        assert_int_equal(stats.records_unsearched, 0);
        convert(&log, rows[i].text, options, false, found, &stats);
        assert_string_equal(found, rows[i].ids);
        assert_int_equal(stats.records_unsearched, rows[i].unsearched);
    }
    encode_free(&b);
}

// What the anchors of a needle rely on: but for I, K and S, an ASCII character is what itself and its small
// letter fold to, and nothing else.
static void test_anchors(void **state)
{
    (void)state;
    for (unsigned unit = 0; unit <= UINT16_MAX; unit++) {
        unsigned folded = fold_unit((uint16_t)unit);
        if (folded >= 0x80 || folded == 'I' || folded == 'K' || folded == 'S')
            continue;
        bool is_letter = folded >= 'A' && folded <= 'Z';
        assert_true(unit == folded || (is_letter && unit == (folded | 0x20)));
    }
}

static void test_chunks(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *outer = encode_template_text(b, "<Event><A>%0</A></Event>");
    char filler[4096];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    for (int i = 0; i < 40; i++) // eight in a chunk or fewer
        ENCODE_EVENT(b, outer, encode_string(b, filler));
    struct input log;
    log.bytes = encode_finish(b, &log.size);
    assert_non_null(log.bytes);
    const evx_id_range ranges[] = {{39, 39}, {2, 3}};
    evx_convert_options options = {.threads = 1, .ids = ranges, .id_count = 2, .skip_chunks = 1};
    char found[128];
    evx_engine_stats stats;
    uint64_t chunks = (log.size - 4096) / 65536;
    convert(&log, NULL, options, false, found, &stats);
    assert_string_equal(found, "2 3 39 ");
    assert_int_equal(stats.chunks_skipped, chunks - 2);
    convert(&log, NULL, options, true, found, &stats);
    assert_string_equal(found, "2 3 39 ");
    assert_int_equal(stats.chunks_skipped, 0);
    // A header that is not as it was written says nothing.
    uint8_t *bytes = malloc(log.size);
    memcpy(bytes, log.bytes, log.size);
    bytes[4096 + 65536 + 128]++; // of the second chunk: a place in its table of names
    const struct input damaged = {bytes, log.size};
    convert(&damaged, NULL, options, false, found, &stats);
    assert_string_equal(found, "2 3 39 ");
    assert_int_equal(stats.chunks_skipped, chunks - 3);
    free(bytes);
    encode_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
