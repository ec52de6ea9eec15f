// SPDX-License-Identifier: MIT
// Guards the ledger: that its regions are the whole log, whatever is wrong with it; that each finding is found,
// and none in a log that is whole; and the verdict. With EVX_TEST_ALL a log is cut at each of its bytes, and there are
// a hundred times as many mutants.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/load.h"
#include "ledger.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DAY          UINT64_C(864000000000) // FILETIME ticks
#define START        (UINT64_C(152000) * DAY)

enum { MUTANTS = 200, MUTANTS_LONG = 20000, CHANGES_MAX = 8, CUT_STEP = 97 };

static bool takes_long;

// ------------------------------------------------------------------------------------------------------ logs

struct event {
    uint64_t id;       // 0: the next
    uint64_t written;  // 0: a second behind the last
    uint64_t created;  // 0: as it was written
    uint64_t event_record_id; // 0: the header's
    unsigned event_id; // 0: 1
    unsigned tail;     // bytes behind the event
};

struct maker {
    encode_builder *b;
    encode_template *t;
    uint64_t id, written;
    struct log log;
};

static void begin(struct maker *maker)
{
    *maker = (struct maker){.b = encode_create(), .id = 1, .written = START};
    maker->t = encode_template_text(
        maker->b, "<Event><System><Provider Name='Microsoft-Windows-Eventlog'/><EventID>%0:u16</EventID>"
                  "<TimeCreated SystemTime='%1:filetime'/><EventRecordID>%2:u64</EventRecordID></System>"
                  "<Data>%3</Data></Event>");
}

static void add(struct maker *maker, struct event event)
{
    static const uint8_t tail[64];
    encode_builder *b = maker->b;
    maker->id = event.id ? event.id : maker->id;
    maker->written = event.written ? event.written : maker->written;
    const encode_value values[] = {
        encode_u16((uint16_t)(event.event_id ? event.event_id : 1)),
        encode_filetime(event.created ? event.created : maker->written),
        encode_u64(event.event_record_id ? event.event_record_id : maker->id),
        encode_string(b, "some text that is long enough"),
    };
    const encode_node *fragment =
        encode_append(encode_fragment(b), encode_instance(b, maker->t, values, COUNT(values)));
    maker->log.places[maker->log.count++] =
        encode_add(b, &(encode_record){.fragment = fragment, .id = maker->id, .written = maker->written,
                                       .tail = tail, .tail_size = event.tail});
    maker->id++;
    maker->written += 10000000;
}

static void add_plain(struct maker *maker, unsigned count)
{
    while (count-- > 0)
        add(maker, (struct event){0});
}

static struct log finish(struct maker *maker)
{
    const uint8_t *bytes = encode_finish(maker->b, &maker->log.size);
    if (!bytes)
        fail_msg("%s", encode_error(maker->b));
    maker->log.bytes = malloc(maker->log.size);
    assert_non_null(maker->log.bytes);
    memcpy(maker->log.bytes, bytes, maker->log.size);
    encode_free(&maker->b);
    return maker->log;
}

static void begin_two_chunks(struct maker *maker)
{
    begin(maker);
    add_plain(maker, 4);
    encode_close_chunk(maker->b);
    add_plain(maker, 3);
}

static struct log two_chunks(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    return finish(&maker);
}

// --------------------------------------------------------------------------------------------------- findings

static void seal(struct log *log)
{
    encode_seal_chunk(log_chunk(log, 0));
    encode_seal_file_header(log->bytes);
}

static struct log make_whole(void)
{
    return two_chunks();
}

static struct log make_file_crc32(void)
{
    struct log log = two_chunks();
    log.bytes[FILE_CRC32_OFFSET] ^= 1;
    return log;
}

static struct log make_dirty(void)
{
    struct log log = two_chunks();
    log.bytes[FILE_FLAGS_OFFSET] |= EVTX_FLAG_DIRTY;
    return log;
}

static struct log make_full(void)
{
    struct log log = two_chunks();
    log.bytes[FILE_FLAGS_OFFSET] |= EVTX_FLAG_FULL;
    return log;
}

static struct log make_flags(void)
{
    struct log log = two_chunks();
    log.bytes[FILE_FLAGS_OFFSET + 2] |= 1;
    return log;
}

static struct log make_promise(void)
{
    struct log log = two_chunks();
    log_put(log.bytes + FILE_CHUNK_COUNT_OFFSET, 2, 9);
    seal(&log);
    return log;
}

static struct log make_next_id(void)
{
    struct log log = two_chunks();
    log_put(log.bytes + FILE_NEXT_RECORD_ID_OFFSET, 8, 7);
    seal(&log);
    return log;
}

static struct log make_next_id_dirty(void)
{
    struct log log = make_next_id();
    log.bytes[FILE_FLAGS_OFFSET] |= EVTX_FLAG_DIRTY;
    return log;
}

static struct log make_chunk_crc32(void)
{
    struct log log = two_chunks();
    log_chunk(&log, 1)[60] ^= 1; // reserved
    return log;
}

static struct log make_records_crc32(void)
{
    struct log log = two_chunks();
    log_record(&log, 5)[RECORD_TIME_OFFSET] ^= 1;
    return log;
}

static struct log make_free_offset(void)
{
    struct log log = two_chunks();
    log_put(log_chunk(&log, 0) + CHUNK_FREE_OFFSET, 4, 70000);
    return log;
}

static struct log make_chunk_ids(void)
{
    struct log log = two_chunks();
    log_put(log_chunk(&log, 0) + CHUNK_LAST_ID_OFFSET, 8, 5);
    log_put(log_chunk(&log, 0) + CHUNK_LAST_NUMBER_OFFSET, 8, 5);
    seal(&log);
    return log;
}

static struct log make_chunk_numbers(void)
{
    struct log log = two_chunks();
    log_put(log_chunk(&log, 0) + CHUNK_LAST_NUMBER_OFFSET, 8, 5);
    seal(&log);
    return log;
}

static struct log make_chunk_order(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    encode_close_chunk(maker.b);
    add(&maker, (struct event){.id = 7});
    return finish(&maker);
}

static struct log make_chunk_gap(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    encode_close_chunk(maker.b);
    add(&maker, (struct event){.id = 9});
    return finish(&maker);
}

static struct log make_id_gap(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.id = 9});
    return finish(&maker);
}

static struct log make_id_repeat(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.id = 7});
    add(&maker, (struct event){.id = 8});
    return finish(&maker);
}

static struct log make_generations(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.id = 90});
    add(&maker, (struct event){.id = 8});
    struct log log = finish(&maker);
    log_put(log_chunk(&log, 1) + CHUNK_LAST_ID_OFFSET, 8, 8);
    encode_seal_chunk(log_chunk(&log, 1));
    return log;
}

static struct log make_time_back(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.written = START});
    return finish(&maker);
}

// In the first record of a chunk.
static struct log make_time_back_between(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    encode_close_chunk(maker.b);
    add(&maker, (struct event){.written = START});
    return finish(&maker);
}

static struct log make_created_later(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.created = maker.written + 30000000});
    return finish(&maker);
}

static struct log make_created_early(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.created = maker.written - 2 * DAY});
    return finish(&maker);
}

static struct log make_event_id_shift(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.event_record_id = 100});
    return finish(&maker);
}

static struct log make_size_copy(void)
{
    struct log log = two_chunks();
    uint8_t *record = log_record(&log, 1);
    record[load_u32(record + RECORD_SIZE_OFFSET) - 4] ^= 8;
    seal(&log);
    return log;
}

static struct log make_tail(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.tail = 24});
    return finish(&maker);
}

// As those do who unlink a record: the one in front of it swallows it.
static struct log make_hidden(void)
{
    struct log log = two_chunks();
    uint8_t *record = log_record(&log, 1), *hidden = log_record(&log, 2);
    const uint32_t size = load_u32(hidden + RECORD_SIZE_OFFSET);
    const uint32_t all = load_u32(record + RECORD_SIZE_OFFSET) + size;
    log_put(record + RECORD_SIZE_OFFSET, 4, all);
    log_put(hidden + size - 4, 4, all);
    seal(&log);
    return log;
}

static struct log make_behind_free(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    encode_begin_slack(maker.b);
    add(&maker, (struct event){0});
    return finish(&maker);
}

static struct log make_foreign_tail(void)
{
    static const uint8_t bytes[100] = {1, 2, 3};
    struct maker maker;
    begin_two_chunks(&maker);
    encode_add_trailing(maker.b, bytes, sizeof bytes);
    return finish(&maker);
}

static struct log make_cleared(void)
{
    struct maker maker;
    begin_two_chunks(&maker);
    add(&maker, (struct event){.event_id = 1102});
    return finish(&maker);
}

#define FOUND(kind, first, second) EVX_FINDING_##kind, {first, second}
#define ANY                        UINT64_MAX // a number that is not looked at

static const struct found_case {
    struct log (*make)(void);
    evx_finding_kind kind; // NONE: nothing is found
    uint64_t numbers[2];
    evx_verdict verdict;
    bool with_others; // what makes it makes other findings, too
} found_cases[] = {
    {make_whole, FOUND(NONE, 0, 0), EVX_VERDICT_INTACT, false},
    {make_file_crc32, FOUND(FILE_CRC32, ANY, ANY), EVX_VERDICT_DAMAGED, false},
    {make_dirty, FOUND(FILE_DIRTY, 1, 0), EVX_VERDICT_INTACT, false},
    {make_full, FOUND(FILE_FULL, 2, 0), EVX_VERDICT_INTACT, false},
    {make_flags, FOUND(FILE_FLAGS, 0x10000, 0), EVX_VERDICT_INTACT, false},
    {make_promise, FOUND(FILE_CHUNKS, 9, 2), EVX_VERDICT_LOST, false},
    {make_next_id, FOUND(FILE_NEXT_ID, 7, 8), EVX_VERDICT_DAMAGED, false},
    {make_next_id_dirty, FOUND(FILE_NEXT_ID, 7, 8), EVX_VERDICT_INTACT, true},
    {make_chunk_crc32, FOUND(CHUNK_CRC32, ANY, ANY), EVX_VERDICT_DAMAGED, false},
    {make_records_crc32, FOUND(RECORDS_CRC32, ANY, ANY), EVX_VERDICT_DAMAGED, false},
    {make_free_offset, FOUND(FREE_OFFSET, 70000, 0), EVX_VERDICT_DAMAGED, true},
    {make_chunk_ids, FOUND(CHUNK_IDS, 5, 4), EVX_VERDICT_LOST, false}, // the header promises one more
    {make_chunk_numbers, FOUND(CHUNK_NUMBERS, 5, 4), EVX_VERDICT_INTACT, false},
    {make_chunk_order, FOUND(CHUNK_ORDER, 7, 7), EVX_VERDICT_DAMAGED, false},
    {make_chunk_gap, FOUND(CHUNK_GAP, 9, 7), EVX_VERDICT_DAMAGED, false},
    {make_id_gap, FOUND(ID_GAP, 9, 7), EVX_VERDICT_LOST, true}, // the header promises one more
    {make_id_repeat, FOUND(ID_REPEAT, 7, 7), EVX_VERDICT_DAMAGED, true},
    {make_generations, FOUND(GENERATIONS, 90, 8), EVX_VERDICT_DAMAGED, true},
    {make_time_back, FOUND(TIME_BACK, START, START + 60000000), EVX_VERDICT_INTACT, false},
    {make_time_back_between, FOUND(TIME_BACK, START, START + 60000000), EVX_VERDICT_INTACT, false},
    {make_created_later, FOUND(CREATED_LATER, START + 100000000, START + 70000000), EVX_VERDICT_INTACT, false},
    {make_created_early, FOUND(CREATED_EARLY, START + 70000000 - 2 * DAY, START + 70000000), EVX_VERDICT_INTACT,
     false},
    {make_event_id_shift, FOUND(EVENT_ID_SHIFT, 100, 8), EVX_VERDICT_INTACT, false},
    {make_size_copy, FOUND(SIZE_COPY, ANY, ANY), EVX_VERDICT_DAMAGED, false},
    {make_tail, FOUND(RECORD_TAIL, ANY, 0), EVX_VERDICT_DAMAGED, false},
    {make_hidden, FOUND(HIDDEN_RECORD, 3, ANY), EVX_VERDICT_LOST, true},
    {make_behind_free, FOUND(BEHIND_FREE, 8, ANY), EVX_VERDICT_LOST, false},
    {make_foreign_tail, FOUND(FOREIGN_TAIL, 100, 0), EVX_VERDICT_DAMAGED, false},
    {make_cleared, FOUND(LOG_CLEARED, START + 70000000, 0), EVX_VERDICT_INTACT, false},
};

static void expect_books(struct books *books, size_t size)
{
    assert_int_equal(books->status, EVX_OK);
    const char *fault = books_fault(books, size);
    if (fault)
        fail_msg("%s:\n%s", fault, books->told.bytes);
}

static void test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(found_cases); i++) {
        const struct found_case *expected = &found_cases[i];
        struct log log = expected->make();
        struct books books = books_of(log.bytes, log.size, 1);
        expect_books(&books, log.size);
        const char *name = evx_finding_name(expected->kind);
        if (expected->kind != EVX_FINDING_NONE && books.counts[expected->kind] == 0)
            fail_msg("%s is not found:\n%s", name, books.told.bytes);
        for (int k = 0; k < 2 && expected->kind != EVX_FINDING_NONE; k++)
            if (expected->numbers[k] != ANY && books.first[expected->kind].numbers[k] != expected->numbers[k])
                fail_msg("%s has other numbers:\n%s", name, books.told.bytes);
        for (int kind = 1; kind < EVX_FINDING_KINDS; kind++)
            if (books.counts[kind] > 0 && kind != (int)expected->kind && !expected->with_others)
                fail_msg("%s: there is %s, too", name, evx_finding_name((evx_finding_kind)kind));
        if (books.result.verdict != expected->verdict)
            fail_msg("%s: the verdict is %s:\n%s", name, evx_verdict_name(books.result.verdict), books.told.bytes);
        books_free(&books);
        log_free(&log);
    }
}

// Each kind that there is has a case.
static void test_all_kinds(void **state)
{
    (void)state;
    for (int kind = 1; kind < EVX_FINDING_KINDS; kind++) {
        bool has_case = false;
        for (size_t i = 0; i < COUNT(found_cases); i++)
            has_case |= found_cases[i].kind == (evx_finding_kind)kind;
        if (!has_case)
            fail_msg("%s has no case", evx_finding_name((evx_finding_kind)kind));
        assert_string_not_equal(evx_finding_name((evx_finding_kind)kind), "unknown");
    }
    for (int kind = 0; kind < EVX_REGION_KINDS; kind++)
        assert_string_not_equal(evx_region_name((evx_region_kind)kind), "unknown");
    assert_string_equal(evx_region_name((evx_region_kind)EVX_REGION_KINDS), "unknown");
}

// ---------------------------------------------------------------------------------------------------- regions

// "kind outcome length" of each region in the order of their offsets, of the first chunk and behind it.
static struct text regions_of(struct books *books, size_t size)
{
    struct text text = {0};
    expect_books(books, size);
    for (size_t i = 4; i < books->region_count; i++) { // behind the headers and the tables
        char line[80];
        snprintf(line, sizeof line, "%s %s\n", evx_region_name(books->regions[i].kind),
                 evx_outcome_name(books->regions[i].outcome));
        text_add_string(&text, line);
    }
    return text;
}

static void expect_regions(struct log *log, const char *expected)
{
    struct books books = books_of(log->bytes, log->size, 1);
    struct text text = regions_of(&books, log->size);
    assert_string_equal(text.bytes, expected);
    text_free(&text);
    books_free(&books);
    log_free(log);
}

static void test_regions(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3 / 4");
    expect_regions(&log, "record rendered\nrecord rendered\nrecord rendered\nslack none\n");
    log = log_make("1 2 3");
    memset(log_record(&log, 1), 0x55, 32); // its neighbour stays
    expect_regions(&log, "record rendered\ndamaged none\nrecord rendered\nfree none\n");
    log = log_make("1 2 3");
    log_record(&log, 1)[RECORD_HEADER_BYTES + 4] = 0x7F; // a token
    expect_regions(&log, "record rendered\nrecord damaged\nrecord rendered\nfree none\n");
    log = log_make("1 2");
    memset(log_record(&log, 1), 0, load_u32(log_record(&log, 1) + RECORD_SIZE_OFFSET));
    expect_regions(&log, "record rendered\nzero none\nfree none\n");
    log = log_make("1|z");
    expect_regions(&log, "record rendered\nfree none\nzero none\n");
    log = log_make("1|z");
    log_chunk(&log, 1)[70] = 1;
    expect_regions(&log, "record rendered\nfree none\nforeign none\n");
}

static void test_checksums(void **state)
{
    (void)state;
    struct log log = two_chunks();
    struct books books = books_of(log.bytes, log.size, 1);
    expect_books(&books, log.size);
    const uint8_t *chunk = log_chunk(&log, 0);
    assert_int_equal(books.regions[0].kind, EVX_REGION_FILE_HEADER);
    assert_int_equal(books.regions[0].crc32_stored, load_u32(log.bytes + FILE_CRC32_OFFSET));
    assert_int_equal(books.regions[0].crc32_computed, books.regions[0].crc32_stored);
    assert_int_equal(books.regions[1].kind, EVX_REGION_CHUNK_HEADER);
    assert_true(books.regions[1].has_crc32 && books.regions[1].has_records_crc32);
    assert_int_equal(books.regions[1].crc32_computed, load_u32(chunk + CHUNK_HEADER_CRC32_OFFSET));
    assert_int_equal(books.regions[1].records_crc32_computed, load_u32(chunk + CHUNK_RECORDS_CRC32_OFFSET));
    books_free(&books);
    log_free(&log);
}

// --------------------------------------------------------------------------------------------- conversions

static struct text regions_of_conversion(const struct log *log, const evx_convert_options *given,
                                         evx_status expected)
{
    struct books books = {.result.size_bytes = log->size};
    evx_convert_options options = *given;
    evx_ledger_sink ledger = {.region = books_region, .context = &books};
    struct run run = {0};
    const evx_sink sink = {.write = run_write, .report = run_report, .context = &run};
    evx_engine *engine;
    evx_reader *reader;
    options.size = sizeof options;
    options.format = EVX_FORMAT_JSONL;
    options.threads = 1;
    options.ledger = &ledger;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_convert(reader, &options, &sink, NULL, NULL), expected);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    for (size_t i = 0; i < books.region_count; i++)
        books.result.region_bytes[books.regions[i].kind] += books.regions[i].length;
    struct text text = regions_of(&books, log->size);
    books_free(&books);
    run_free(&run);
    return text;
}

static void expect_conversion(struct log *log, const evx_convert_options *options, evx_status status,
                              const char *expected)
{
    struct text text = regions_of_conversion(log, options, status);
    assert_string_equal(text.bytes, expected);
    text_free(&text);
}

static void test_conversions(void **state)
{
    (void)state;
    const evx_id_range ids = {2, 2};
    struct log log = log_make("1 2 3 / 4|5");
    const char *second = "chunk-header none\nname-table none\ntemplate-table none\nrecord filtered\nfree none\n";
    char expected[400];
    snprintf(expected, sizeof expected, "record filtered\nrecord rendered\nrecord filtered\nslack none\n%s", second);
    expect_conversion(&log, &(evx_convert_options){.ids = &ids, .id_count = 1, .skip_chunks = 1}, EVX_OK, expected);
    expect_conversion(&log, &(evx_convert_options){.max_records = 2}, EVX_OK,
                      "record rendered\nrecord rendered\nrecord filtered\nslack none\nunread none\n");
    expect_conversion(&log, &(evx_convert_options){.max_records = 1, .reverse = 1}, EVX_OK,
                      "template-table none\nrecord rendered\nfree none\n"); // the first chunk is not read
    expect_conversion(&log, &(evx_convert_options){.max_records = 2, .reverse = 1}, EVX_OK,
                      "record filtered\nrecord filtered\nrecord rendered\nslack none\n"
                      "chunk-header none\nname-table none\ntemplate-table none\nrecord rendered\nfree none\n");
    expect_conversion(&log, &(evx_convert_options){.recover = 1, .max_records = 4}, EVX_OK,
                      "record rendered\nrecord rendered\nrecord rendered\nrecovered rendered\nfree none\n"
                      "unread none\n");
    log_record(&log, 1)[RECORD_HEADER_BYTES + 4] = 0x7F; // a token
    expect_conversion(&log, &(evx_convert_options){.stop_after_error = 1}, EVX_ERR_STOPPED,
                      "record rendered\nrecord damaged\nrecord filtered\nslack none\nunread none\n");
    expect_conversion(&log, &(evx_convert_options){.validate_checksums = 1}, EVX_OK,
                      "left-out none\nchunk-header none\nname-table none\ntemplate-table none\nrecord rendered\n"
                      "free none\n");
    log_free(&log);
}

// What surrounds an old record is told as what it is.
static void test_recovered(void **state)
{
    (void)state;
    struct log log = log_make("1 9 90 2"); // of which the chunk claims 1 and 2
    memset(log_record(&log, 1), 0x55, 8);
    log_put(log_chunk(&log, 0) + CHUNK_LAST_ID_OFFSET, 8, 2);
    encode_seal_chunk(log_chunk(&log, 0));
    expect_conversion(&log, &(evx_convert_options){.recover = 1}, EVX_OK,
                      "record rendered\ndamaged none\nrecovered rendered\nrecord rendered\nfree none\n");
    expect_conversion(&log, &(evx_convert_options){0}, EVX_OK,
                      "record rendered\ndamaged none\nrecord rendered\nfree none\n");
    log_free(&log);
}

// A record of which a value is refused is shown in part, and what proves it says so, as rendering does.
static void test_partly(void **state)
{
    (void)state;
    uint64_t refused = 0;
    static const uint8_t sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 7, 7};
    for (int i = 0; i < 6; i++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<Event><V>%0</V></Event>");
        const encode_value values[] = {
            encode_bytes(b, ENCODE_STRING, "a\0b", 3), encode_bytes(b, ENCODE_FILETIME, "\377\377\377\377\377\377\377\177", 8),
            encode_bytes(b, ENCODE_U32, "abc", 3), encode_bytes(b, ENCODE_SID, sid, sizeof sid),
            encode_systemtime(2024, 2, 0, 29, 23, 59, 59, 999), encode_systemtime(2024, 99, 0, 1, 0, 0, 0, 0)};
        encode_add_event(b, t, &values[i], 1);
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        assert_non_null(bytes);
        struct books books = books_of(bytes, size, 1);
        expect_books(&books, size);
        const evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSON, .threads = 1};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        if (books.result.records[EVX_OUTCOME_PARTLY] != run.result.errors || books.reports != run.result.errors)
            fail_msg("value %d: %llu reports of the conversion, and %s", i, (unsigned long long)run.result.errors,
                     books.told.bytes);
        assert_int_equal(books.result.verdict, run.result.errors ? EVX_VERDICT_DAMAGED : EVX_VERDICT_INTACT);
        refused += run.result.errors;
        run_free(&run);
        books_free(&books);
        encode_free(&b);
    }
    assert_int_equal(refused, 3); // the string, the number and the month
}

// ----------------------------------------------------------------------------------------- cuts and mutants

static bool is_telling(size_t size, size_t whole)
{
    size_t in_chunk = (size - FILE_HEADER_BLOCK_BYTES) % CHUNK_BYTES;
    return takes_long || size % CUT_STEP == 0 || in_chunk < 16 || in_chunk > CHUNK_BYTES - 16 ||
           (in_chunk > 500 && in_chunk < 700) || size + 16 > whole;
}

static void test_cuts(void **state)
{
    (void)state;
    struct log log = two_chunks();
    for (size_t size = FILE_HEADER_BLOCK_BYTES; size <= log.size; size++) {
        if (!is_telling(size, log.size))
            continue;
        uint8_t *bytes = malloc(size); // so that a byte behind it is noticed
        assert_non_null(bytes);
        memcpy(bytes, log.bytes, size);
        struct books books = books_of(bytes, size, 1);
        expect_books(&books, size);
        books_free(&books);
        free(bytes);
    }
    for (size_t size = 0; size < FILE_HEADER_BLOCK_BYTES; size += 511) {
        struct books books = books_of(log.bytes, size, 1);
        assert_int_not_equal(books.status, EVX_OK);
        assert_int_equal(evx_verdict_of_failure(&books.error), EVX_VERDICT_NOT_A_LOG);
        books_free(&books);
    }
    log_free(&log);
}

static void test_mutants(void **state)
{
    (void)state;
    random_start();
    for (int i = 0; i < (takes_long ? MUTANTS_LONG : MUTANTS); i++) {
        struct log log = two_chunks();
        for (uint32_t change = 1 + random_below(CHANGES_MAX); change > 0; change--) {
            // Where the records are, as a rule.
            uint32_t at = random_below(2) ? 4096 + random_below(3000) : random_below((uint32_t)log.size - 8);
            log.bytes[at < 8 ? 8 : at] = (uint8_t)random_u64();
        }
        struct books one = books_of(log.bytes, log.size, 1), many = books_of(log.bytes, log.size, 3);
        assert_int_equal(one.status, many.status);
        if (one.status == EVX_OK) {
            assert_true(text_equals(&one.told, &many.told));
            expect_books(&one, log.size);
        }
        books_free(&one);
        books_free(&many);
        log_free(&log);
    }
}

// ------------------------------------------------------------------------------------------------------ faults

struct budget {
    _Atomic long left; // calls of the allocator until it has nothing more
};

static void *take(void *context, size_t size)
{
    struct budget *budget = context;
    return budget->left-- > 0 ? malloc(size) : NULL;
}

static void *take_more(void *context, void *block, size_t old_size, size_t size)
{
    struct budget *budget = context;
    (void)old_size;
    return budget->left-- > 0 ? realloc(block, size) : NULL;
}

static void give(void *context, void *block, size_t size)
{
    (void)context;
    (void)size;
    free(block);
}

// Without memory a run ends with that error, whichever call it is.
static void test_no_memory(void **state)
{
    (void)state;
    struct log log = two_chunks();
    for (long calls = 0;; calls++) {
        struct budget budget = {calls};
        const evx_allocator allocator = {take, take_more, give, &budget, {0}};
        const evx_engine_options options = {.size = sizeof options, .allocator = &allocator};
        evx_engine *engine;
        evx_reader *reader;
        if (evx_engine_create(&options, &engine, NULL) != EVX_OK)
            continue;
        evx_status status = evx_open_memory(engine, log.bytes, log.size, &reader, NULL);
        struct books books = {.status = status};
        if (status == EVX_OK) {
            books = books_of_reader(reader, calls % 2 ? 1 : 2);
            evx_close(&reader);
        }
        evx_engine_destroy(&engine);
        if (books.status == EVX_OK)
            expect_books(&books, log.size);
        else
            assert_int_equal(books.status, EVX_ERR_MEMORY);
        books_free(&books);
        if (books.status == EVX_OK && budget.left > 0)
            break;
    }
    log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings),  cmocka_unit_test(test_all_kinds),   cmocka_unit_test(test_regions),
        cmocka_unit_test(test_checksums), cmocka_unit_test(test_conversions), cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_mutants),   cmocka_unit_test(test_recovered),   cmocka_unit_test(test_partly),
        cmocka_unit_test(test_no_memory),
    };
    const char *all = getenv("EVX_TEST_ALL");
    takes_long = all && *all;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
