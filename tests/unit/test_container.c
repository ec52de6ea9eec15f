// SPDX-License-Identifier: MIT
// Guards against a wrong record walk: headers at the very end of a chunk, sizes that pass it, searches
// that find too much; and against bytes that are looked at before they were read, now that a chunk is read
// only as far as it is used.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/load.h"
#include "compat/describe.h"
#include "container/chunk.h"
#include "container/file_header.h"
#include "container/record.h"
#include "gen/generate.h"
#include "random.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static uint8_t bytes[CHUNK_BYTES]; // what the slot holds
static uint8_t seen[CHUNK_BYTES];  // what has been read of it, poison behind

static void put_header(uint64_t first, uint64_t last, uint32_t last_record, uint32_t free_offset)
{
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, CHUNK_MAGIC, 8);
    log_put(bytes + CHUNK_FIRST_ID_OFFSET, 8, first);
    log_put(bytes + CHUNK_LAST_ID_OFFSET, 8, last);
    log_put(bytes + CHUNK_LAST_RECORD_OFFSET, 4, last_record);
    log_put(bytes + CHUNK_FREE_OFFSET, 4, free_offset);
}

static void put_record(uint32_t offset, uint32_t size, uint64_t id)
{
    log_put(bytes + offset, 4, RECORD_MAGIC);
    log_put(bytes + offset + RECORD_SIZE_OFFSET, 4, size);
    log_put(bytes + offset + RECORD_ID_OFFSET, 8, id);
    log_put(bytes + offset + RECORD_TIME_OFFSET, 8, 1);
    if ((uint64_t)offset + size <= CHUNK_BYTES)
        log_put(bytes + offset + size - 4, 4, size);
}

// The walk as "512 600 [700] 800r": places of records, bad headers in brackets, r for carved ones, which
// are said not to render when `refuse` is set. What is promised and not there is left to test_notes.c.
static struct text walk(uint32_t loaded, bool recover, bool refuse)
{
    struct text places = {0};
    struct chunk chunk = {.data = seen, .loaded = CHUNK_HEADER_BYTES, .size = CHUNK_BYTES};
    struct record_walk walk;
    struct record record;
    struct note note;
    struct damage damage;
    memset(seen, 0xCD, sizeof seen);
    memcpy(seen, bytes, CHUNK_HEADER_BYTES);
    text_add_string(&places, "");
    chunk_parse_header(&chunk);
    chunk.loaded = recover ? CHUNK_BYTES : chunk_live_end(&chunk);
    if (chunk.loaded < loaded)
        chunk.loaded = loaded;
    memcpy(seen, bytes, chunk.loaded);
    record_walk_start(&walk, &chunk, recover);
    for (;;) {
        char item[40];
        const char *blank = places.size ? " " : "";
        switch (record_walk_next(&walk, &record, &note, &damage)) {
        case WALK_END:
            return places;
        case WALK_NOTE:
            assert_int_equal(note.kind, NOTE_RECORDS_MISSING);
            assert_true(note.present < note.declared);
            continue;
        case WALK_REST:
            assert_true(chunk.loaded < CHUNK_BYTES);
            memcpy(seen, bytes, sizeof seen);
            chunk.loaded = CHUNK_BYTES;
            continue;
        case WALK_DAMAGE:
            snprintf(item, sizeof item, "%s[%d]", blank, (int)(damage.offset - slot_offset(0)));
            break;
        case WALK_RECORD:
            snprintf(item, sizeof item, "%s%u%s", blank, record.offset, record.recovered ? "r" : "");
            if (record.recovered)
                record_walk_carved(&walk, &record, !refuse);
        }
        text_add_string(&places, item);
    }
}

static void assert_walk(bool recover, const char *expected)
{
    static const uint32_t loaded[] = {CHUNK_HEADER_BYTES, 520, 4096, 65000, CHUNK_BYTES};
    for (size_t i = 0; i < COUNT(loaded); i++) {
        struct text places = walk(loaded[i], recover, false);
        assert_string_equal(places.bytes, expected);
        text_free(&places);
    }
}

static void test_end_of_chunk(void **state)
{
    (void)state;
    // 24 bytes are a header, 23 are none: always a clean end.
    for (uint32_t left = 23; left <= 24; left++) {
        put_header(1, 9, 60000, CHUNK_BYTES);
        uint32_t last = CHUNK_BYTES - left;
        put_record(512, last - 512, 1);
        memset(bytes + last, 'X', left);
        assert_walk(false, left == 24 ? "512 [65512]" : "512");
    }
    // A record may end four bytes behind the chunk, not five: its size copy is not looked at.
    for (uint32_t beyond = 3; beyond <= 5; beyond++) {
        put_header(1, 9, 65000, CHUNK_BYTES);
        put_record(512, 65000 - 512, 1);
        put_record(65000, CHUNK_BYTES - 65000 + beyond, 2);
        assert_walk(false, beyond <= 4 ? "512 65000" : "512 [65000]");
        assert_walk(true, beyond <= 4 ? "512 65000" : "512 [65000]");
    }
    put_header(1, 9, 60000, CHUNK_BYTES);
    put_record(512, UINT32_MAX, 1);
    assert_walk(false, "[512]");
    put_record(512, 0x80000000, 1);
    assert_walk(false, "[512]");
}

static void test_free_offsets(void **state)
{
    (void)state;
    static const struct {
        uint32_t free_offset;
        const char *live, *carved;
    } rows[] = {
        {0, "", "512r 612r"},           {511, "", "512r 612r"},   {512, "", "512r 612r"},
        {513, "512", "512 612r"},       {612, "512", "512 612r"}, {613, "512 612", "512 612"},
        {CHUNK_BYTES, "512 612", "512 612"}, {CHUNK_BYTES + 1, "512 612", "512 612"},
        {UINT32_MAX, "512 612", "512 612"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_header(1, 2, 612, rows[i].free_offset);
        put_record(512, 100, 1);
        put_record(612, 100, 2);
        assert_walk(false, rows[i].live);
        assert_walk(true, rows[i].carved);
    }
}

static void test_search_limits(void **state)
{
    (void)state;
    // The magic has to lie inside [from, min(free, last record + 4)).
    static const struct {
        uint32_t last_record, free_offset;
        uint64_t first, last;
        const char *places;
    } rows[] = {
        {700, 800, 1, 9, "512 [600] 700"}, {699, 800, 1, 9, "512 [600]"},
        {700, 799, 1, 9, "512 [600]"},     {UINT32_MAX, 800, 1, 9, "512 [600] 700"},
        {0, 800, 1, 9, "512 [600]"},       {700, 800, 3, 9, "512 [600] 700"},
        {700, 800, 4, 9, "512 [600]"},     {700, 800, 1, 3, "512 [600] 700"},
        {700, 800, 1, 2, "512 [600]"},     {700, 800, 9, 1, "[600]"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_header(rows[i].first, rows[i].last, rows[i].last_record, rows[i].free_offset);
        put_record(512, 88, 1);
        memset(bytes + 600, 'X', 100);
        put_record(700, 100, 3);
        // F > T with T = 1: the first record ends the live area.
        assert_walk(false, rows[i].last == 1 ? "512" : rows[i].places);
    }
}

static void test_blank_headers(void **state)
{
    (void)state;
    put_header(1, 9, 700, 2000);
    put_record(512, 88, 1);
    assert_walk(false, "512"); // zeros and nothing behind
    put_record(700, 100, 2);
    assert_walk(false, "512 [600] 700"); // zeros with a record behind are damage
    bytes[603] = 1;
    put_record(700, 100, 99);
    assert_walk(false, "512 [600]"); // not blank, nothing behind
}

static void test_carving(void **state)
{
    (void)state;
    put_header(1, 1, 512, 600);
    put_record(512, 88, 1);
    put_record(603, 101, 1); // at any place, with any identifier
    put_record(704, 96, 77);
    put_record(720, 64, 78); // inside the one in front, with the same end: no copy of its own
    log_put(bytes + 780, 4, 64);
    put_record(900, 28, 5); // the smallest there is
    put_record(65508, 28, 6);
    assert_walk(false, "512");
    assert_walk(true, "512 603r 704r 900r 65508r");
    // What cannot be rendered hides nothing: carving goes on one byte behind its start.
    log_put(bytes + 800 - 4, 4, 96);
    struct text places = walk(CHUNK_HEADER_BYTES, true, true);
    assert_string_equal(places.bytes, "512 603r 704r 720r 900r 65508r");
    text_free(&places);
    // A gap is carved between its report and the next live record.
    put_header(1, 9, 1000, 1100);
    put_record(512, 88, 1);
    memset(bytes + 600, 'X', 400);
    put_record(700, 100, 50);
    put_record(1000, 100, 2);
    put_record(1100, 100, 3);
    assert_walk(true, "512 [600] 700r 1000 1100r");
    assert_walk(false, "512 [600] 1000");
}

static void test_texts(void **state)
{
    (void)state;
    evx_error error;
    const struct damage damage =
        chunk_magic_damage(3, (const uint8_t *)"\x00\x01\x0A\x1F\x80\xFF\x10\x02");
    describe_damage(&damage, &error);
    assert_int_equal(error.chunk, 3);
    assert_int_equal(error.offset, FILE_HEADER_BLOCK_BYTES + 3 * CHUNK_BYTES);
    assert_string_equal(error.cause[2], "Invalid EVTX chunk header magic, expected `ElfChnk0`, found "
                                        "`[ 0,  1,  A, 1F, 80, FF, 10,  2]`");
    memset(bytes, 0, sizeof bytes);
    assert_true(chunk_is_zero(bytes));
    for (uint32_t i = 0; i < CHUNK_BYTES; i += 4097) {
        bytes[i] = 1;
        assert_false(chunk_is_zero(bytes));
        bytes[i] = 0;
    }
    bytes[CHUNK_BYTES - 1] = 0x80;
    assert_false(chunk_is_zero(bytes));
}

static void test_slot_counts(void **state)
{
    (void)state;
    static const struct {
        uint16_t block;
        uint64_t size, slots;
    } rows[] = {
        {4096, 4096, 0},          {4096, 4096 + 65535, 0},      {4096, 4096 + 65536, 1},
        {0, 65536, 1},            {65535, 4096, 0},             {65535, 4096 + 65536 * 2, 1},
        {0, 4096 + 61440, 1},     {4096, UINT64_C(1) << 42, (UINT64_C(1) << 26) - 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        evx_file_info info = {.block_size = rows[i].block};
        assert_int_equal(file_slot_count(&info, rows[i].size), rows[i].slots);
    }
}

static int add_to_text(void *context, const void *from, size_t size)
{
    text_add_bytes(context, from, size);
    return 0;
}

// Damaged at random: a file, of which each chunk is read in up to two parts, must give what memory gives.
static void test_partial_reads_change_nothing(void **state)
{
    (void)state;
    random_start();
    generate_options log_options = {.profile = "mixed",
                                    .size_bytes = 4 * CHUNK_BYTES,
                                    .seed = 3,
                                    .damage = "slack-records"};
    struct text healthy = {0};
    evx_error error;
    assert_int_equal(generate_log(&log_options, add_to_text, &healthy, &error), EVX_OK);
    struct text log = {0};
    for (int round = 0; round < 150; round++) {
        log.size = 0;
        text_add_bytes(&log, healthy.bytes, healthy.size);
        for (int i = 0; i < 8; i++) {
            size_t slot = random_below((uint32_t)(log.size / CHUNK_BYTES));
            uint8_t *chunk = (uint8_t *)log.bytes + FILE_HEADER_BLOCK_BYTES + slot * CHUNK_BYTES;
            uint32_t free_offset = load_u32(chunk + CHUNK_FREE_OFFSET) % CHUNK_BYTES;
            switch (random_below(4)) {
            case 0: // live areas of all lengths make the first read too short or too long
                log_put(chunk + CHUNK_FREE_OFFSET, 4, random_below(CHUNK_BYTES + 100));
                break;
            case 1:
                chunk[random_below(CHUNK_BYTES)] ^= (uint8_t)(1u << random_below(8));
                break;
            case 2: // sizes and offsets that point anywhere
                log_put(chunk + 512 + random_below(free_offset + 1) % (CHUNK_BYTES - 520), 4,
                        random_below(CHUNK_BYTES));
                break;
            default:
                log_put(chunk + CHUNK_LAST_ID_OFFSET, 8, random_below(1000));
            }
        }
        evx_convert_options options = {.size = sizeof options,
                                       .format = EVX_FORMAT_JSON,
                                       .threads = 1 + round % 2,
                                       .recover = round % 3 == 0,
                                       .validate_checksums = round % 7 == 0};
        struct run memory = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        struct run file = run_convert(log.bytes, log.size, RUN_FILE, &options);
        if (!run_equals(&memory, &file))
            fail_msg("round %d: a file gives something else than memory", round);
        run_free(&memory);
        run_free(&file);
    }
    text_free(&log);
    text_free(&healthy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end_of_chunk),
        cmocka_unit_test(test_free_offsets),
        cmocka_unit_test(test_search_limits),
        cmocka_unit_test(test_blank_headers),
        cmocka_unit_test(test_carving),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_slot_counts),
        cmocka_unit_test(test_partial_reads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
