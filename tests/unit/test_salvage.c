// SPDX-License-Identifier: MIT
// Finding chunks and records anywhere in an input.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evx/recovery.h>

#include "kernels/magics.h"
#include "runs.h"

struct image {
    uint8_t bytes[512 << 10];
    size_t size;
};

static struct image image;

static int64_t read_image(void *context, void *buffer, size_t size, uint64_t offset)
{
    (void)context;
    if (offset >= image.size)
        return 0;
    size = size < image.size - offset ? size : image.size - offset;
    memcpy(buffer, image.bytes + offset, size);
    return (int64_t)size;
}

static int64_t get_size(void *context)
{
    (void)context;
    return (int64_t)image.size;
}

// Bytes that are no log.
static void put_noise(size_t size)
{
    uint64_t state = 0x9E3779B97F4A7C15;
    for (size_t i = 0; i < size; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        image.bytes[image.size++] = (uint8_t)(state >> 56);
    }
}

static uint8_t *put(const void *bytes, size_t size)
{
    uint8_t *at = image.bytes + image.size;
    assert_true(size <= sizeof image.bytes - image.size);
    memcpy(at, bytes, size);
    image.size += size;
    return at;
}

static int on_write(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

// The values of the records that are found, with blanks between them, and how often a mark occurs.
static void expect(const char *values, const char *mark, unsigned count)
{
    const evx_input input = {.read = read_image, .get_size = get_size};
    evx_engine *engine;
    evx_recovery *recovery;
    evx_reader *reader;
    struct text out = {0}, seen = {0};
    uint64_t next;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_recovery_create(engine, &recovery, NULL), EVX_OK);
    assert_int_equal(evx_open_remains(engine, &input, 0, &reader, &next, NULL), EVX_OK);
    assert_true(next == EVX_NONE);
    assert_int_equal(evx_recovery_gather(recovery, reader, 1, NULL), EVX_OK);
    const evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL, .recovery = recovery,
                                         .recovery_input = 1};
    const evx_sink sink = {.write = on_write, .context = &out};
    assert_int_equal(evx_convert(reader, &options, &sink, NULL, NULL), EVX_OK);
    text_add_string(&out, "");
    text_add_string(&seen, "");
    unsigned marks = 0;
    for (const char *p = out.bytes; (p = strstr(p, "value of record ")) != NULL;) {
        p += strlen("value of record ");
        text_add_bytes(&seen, p, strcspn(p, "\""));
        text_add_string(&seen, " ");
    }
    for (const char *p = out.bytes; (p = strstr(p, mark)) != NULL; p++)
        marks++;
    if (strcmp(seen.bytes, values) != 0 || marks != count)
        fail_msg("%s instead of %s, %u times %s:\n%s", seen.bytes, values, marks, mark, out.bytes);
    text_free(&seen);
    text_free(&out);
    evx_close(&reader);
    evx_recovery_destroy(&recovery);
    evx_engine_destroy(&engine);
}

static void test_nothing(void **state)
{
    (void)state;
    image.size = 0;
    expect("", "recovered", 0);
    put_noise(300000);
    put("ElfChnk\0**\0\0ElfFile\0", 20);
    expect("", "recovered", 0);
}

// Chunks that stand anywhere, without a file header, in any order.
static void test_shifted_chunks(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 | 4 5 | 6");
    image.size = 0;
    put_noise(77);
    put(log_chunk(&log, 2), CHUNK_BYTES);
    put_noise(12345);
    put(log_chunk(&log, 0), CHUNK_BYTES);
    put(log_chunk(&log, 1), CHUNK_BYTES);
    expect("6 1 2 3 4 5 ", "\"found\":\"live\"", 6);
    free(log.bytes);
}

// A header is lost, or a whole page: definitions come from the chunk itself or from another one.
static void test_lost_headers(void **state)
{
    (void)state;
    static const uint32_t lost[] = {1, 512, 0};
    for (int i = 0; i < 3; i++) {
        struct log log = log_make("1 2 3 | 4 5 | 6");
        const uint32_t size = lost[i] ? lost[i] : log.places[1].offset; // with the definition
        memset(log_chunk(&log, 0), 0, size);
        image.size = 0;
        put_noise(4096 + i);
        put(log_chunk(&log, 0), 3 * (size_t)CHUNK_BYTES);
        expect(lost[i] ? "1 2 3 4 5 6 " : "2 3 4 5 6 ", "\"found\":\"loose\"", lost[i] ? 3 : 2);
        expect(lost[i] ? "1 2 3 4 5 6 " : "2 3 4 5 6 ", "\"structure\":[\"file\"]", lost[i] ? 0 : 2);
        free(log.bytes);
    }
}

// Records alone, each somewhere else.
static void test_bare_records(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 4 5");
    image.size = 0;
    for (unsigned i = log.count; i-- > 0;) {
        put_noise(100 + 7001 * i);
        put(log_record(&log, i), log.places[i].size);
    }
    put_noise(50);
    expect("5 4 3 2 1 ", "\"found\":\"loose\"", 5);
    expect("5 4 3 2 1 ", "\"structure\":[\"file\"]", 4);
    free(log.bytes);
}

// A chunk that the next one cuts, and one that the input cuts.
static void test_cut_chunks(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 | 4 5");
    image.size = 0;
    put(log_chunk(&log, 0), 10000);
    put(log_chunk(&log, 1), 3000);
    expect("1 2 3 4 5 ", "\"found\":\"live\"", 5);
    // Records that are torn are not shown, and cost no others.
    image.size = 0;
    put(log_chunk(&log, 0), log.places[2].offset + 30);
    put(log_chunk(&log, 1), CHUNK_BYTES);
    expect("1 2 4 5 ", "\"found\":\"live\"", 4);
    free(log.bytes);
}

// Bytes are lost within a chunk: what is behind them says that it is elsewhere.
static void test_lost_bytes(void **state)
{
    (void)state;
    for (uint32_t lost = 1; lost < 150; lost += 31) {
        encode_builder *b = encode_create();
        encode_template *t[2] = {encode_template_text(b, "<Event><V>%0</V></Event>"),
                                 encode_template_text(b, "<Event><W>%0</W></Event>")};
        encode_place places[6];
        for (int i = 0; i < 6; i++) {
            char text[] = "value of record 1";
            text[sizeof text - 2] += (char)i;
            places[i] = ENCODE_EVENT(b, t[i > 2], encode_string(b, text));
        }
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        const size_t at = FILE_HEADER_BLOCK_BYTES + places[1].offset + 30;
        image.size = 0;
        put(bytes, at);
        put(bytes + at + lost, FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES - at - lost);
        expect(places[1].offset + 30 + lost < places[2].offset ? "1 3 4 5 6 " : "1 4 5 6 ", "\"none\"", 0);
        encode_free(&b);
    }
}

static bool stands_there(const uint8_t *data, size_t left)
{
    return (left >= 4 && memcmp(data, "**\0\0", 4) == 0) || (left >= 8 && memcmp(data, "ElfChnk\0", 8) == 0);
}

static void test_kernel(void **state)
{
    (void)state;
    static const char *const pieces[] = {"**\0\0", "ElfChnk\0", "**", "El", "Elf", "E*", "*", "ElfChnk!"};
    static const size_t sizes[] = {4, 8, 2, 2, 3, 2, 1, 8};
    uint8_t bytes[400];
    uint64_t random = 7;
    for (int round = 0; round < 3000; round++) {
        memset(bytes, round % 3 ? 'x' : 0, sizeof bytes);
        for (int i = 0; i < 3; i++) {
            random = random * 6364136223846793005 + 1442695040888963407;
            const unsigned piece = random >> 33 & 7;
            memcpy(bytes + (random >> 40) % (sizeof bytes - 8), pieces[piece], sizes[piece]);
        }
        const size_t size = sizeof bytes - round % 90;
        for (size_t from = 0; from <= size; from += 1 + round % 50) {
            size_t expected = from;
            while (expected < size && !stands_there(bytes + expected, size - expected))
                expected++;
            assert_int_equal(find_magic_of_log(bytes, from, size), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),      cmocka_unit_test(test_shifted_chunks),
        cmocka_unit_test(test_lost_headers), cmocka_unit_test(test_bare_records),
        cmocka_unit_test(test_cut_chunks),   cmocka_unit_test(test_lost_bytes),
        cmocka_unit_test(test_kernel),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
