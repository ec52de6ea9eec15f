// SPDX-License-Identifier: MIT
// Guards against records that are lost, invented or put in another order when a log is damaged. Every
// row is an outcome of the reference's tables: chunks that rotate, bad headers, resynchronisation,
// carving. Each runs with 1, 2 and 8 threads, from memory, a file and a pipe: all must agree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/load.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum place {
    IN_RECORD = 1, // bytes behind the start of record `index`
    IN_TAIL,       // bytes in front of its end
    IN_CHUNK,      // of chunk `index`
    IN_FILE,
    ZERO_RECORD,   // the whole record
    FILL_RECORD,   // its header, with 'X'
};

// One write into a finished log. of: 1 + a record whose start in its chunk is added to the value.
struct poke {
    enum place place;
    unsigned index;
    uint32_t offset;
    unsigned width;
    uint64_t value;
    unsigned of;
};

enum { RECOVER = 1, VALIDATE = 2 };

struct outcome {
    const char *name;
    const char *shape; // see log_make
    struct poke pokes[5];
    void (*change)(struct log *log); // after the pokes
    const char *ids;
    unsigned errors;
    unsigned flags;
    const char *report; // text of some report, or NULL
    unsigned notes;
    const char *note; // text of some note, or NULL
};

static void apply(struct log *log, const struct poke *poke)
{
    uint64_t value = poke->value + (poke->of ? log->places[poke->of - 1].offset : 0);
    encode_place place = poke->index < log->count ? log->places[poke->index] : (encode_place){0};
    switch (poke->place) {
    case IN_RECORD:
        log_put(log_record(log, poke->index) + poke->offset, poke->width, value);
        break;
    case IN_TAIL:
        log_put(log_record(log, poke->index) + place.size - poke->offset, poke->width, value);
        break;
    case IN_CHUNK:
        log_put(log_chunk(log, poke->index) + poke->offset, poke->width, value);
        break;
    case IN_FILE:
        log_put(log->bytes + poke->offset, poke->width, value);
        break;
    case ZERO_RECORD:
        memset(log_record(log, poke->index), 0, place.size);
        break;
    case FILL_RECORD:
        memset(log_record(log, poke->index), 'X', RECORD_HEADER_BYTES);
        break;
    }
}

// For a comparison with the reference: EVX_KEEP_CASES names a folder that takes every log.
static void keep(const struct outcome *outcome, const struct log *log)
{
    const char *folder = getenv("EVX_KEEP_CASES");
    char path[4096];
    if (!folder)
        return;
    snprintf(path, sizeof path, "%s/%s%s%s.evtx", folder, outcome->flags & RECOVER ? "R_" : "",
             outcome->flags & VALIDATE ? "V_" : "", outcome->name);
    for (char *p = path + strlen(folder) + 1; *p; p++)
        if (*p == ' ')
            *p = '_';
    FILE *file = fopen(path, "w");
    if (file) {
        fwrite(log->bytes, 1, log->size, file);
        fclose(file);
    }
}

static bool has_text(const struct text *text, const char *part)
{
    return !part || (text->bytes && strstr(text->bytes, part));
}

static void check_one(const struct outcome *outcome, const struct run *run)
{
    struct text ids = run_ids(run);
    unsigned errors = (unsigned)run->result.errors - run->note_count;
    if (run->status != EVX_OK || strcmp(ids.bytes, outcome->ids) != 0 ||
        errors != outcome->errors || run->note_count != outcome->notes ||
        !has_text(&run->reports, outcome->report) || !has_text(&run->notes, outcome->note))
        fail_msg("%s: \"%s\", %u errors, %u notes instead of \"%s\", %u errors, %u notes; "
                 "status %s; reports:\n%s\nnotes:\n%s",
                 outcome->name, ids.bytes, errors, run->note_count, outcome->ids, outcome->errors,
                 outcome->notes, evx_status_name(run->status),
                 run->reports.bytes ? run->reports.bytes : "",
                 run->notes.bytes ? run->notes.bytes : "");
    text_free(&ids);
}

static void check(const struct outcome *outcome)
{
    struct log log = log_make(outcome->shape);
    for (size_t i = 0; i < COUNT(outcome->pokes) && outcome->pokes[i].place; i++)
        apply(&log, &outcome->pokes[i]);
    if (outcome->change)
        outcome->change(&log);
    keep(outcome, &log);
    evx_convert_options options = {
        .size = sizeof options,
        .format = EVX_FORMAT_JSON,
        .threads = 1,
        .recover = outcome->flags & RECOVER,
        .validate_checksums = outcome->flags & VALIDATE,
    };
    struct run first = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    check_one(outcome, &first);
    static const unsigned threads[] = {1, 2, 8};
    for (size_t i = 0; i < COUNT(threads); i++) {
        for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
            options.threads = threads[i];
            struct run run = run_convert(log.bytes, log.size, input, &options);
            if (!run_equals(&run, &first))
                fail_msg("%s: input %d with %u threads differs", outcome->name, input, threads[i]);
            run_free(&run);
        }
    }
    run_free(&first);
    log_free(&log);
}

static void check_all(const struct outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&outcomes[i]);
}

// ----------------------------------------------------------------------------------------------- order

#define MAGIC_OF(chunk) {IN_CHUNK, chunk, CHUNK_MAGIC_OFFSET + 6, 1, '1'}
#define FIRST_ID(chunk, id) {IN_CHUNK, chunk, CHUNK_FIRST_ID_OFFSET, 8, id}
#define LAST_ID(chunk, id) {IN_CHUNK, chunk, CHUNK_LAST_ID_OFFSET, 8, id}
#define HEADER_CRC(chunk) {IN_CHUNK, chunk, CHUNK_HEADER_CRC32_OFFSET, 4, 2}
#define RECORDS_CRC(chunk) {IN_CHUNK, chunk, CHUNK_RECORDS_CRC32_OFFSET, 4, 1}
#define BLOCK_SIZE(size) {IN_FILE, 0, FILE_BLOCK_SIZE_OFFSET, 2, size}
#define BAD_MAGIC(record) {IN_RECORD, record, 0, 4, 0x58585858}

static void test_order(void **state)
{
    (void)state;
    static const struct outcome outcomes[] = {
        {"o rotation", "7 8|1 2|3 4|5 6", .ids = "1 2 3 4 5 6 7 8"},
        {"o no sort", "5 6|1 2|7 8|3 4", .ids = "1 2 7 8 3 4 5 6"},
        {"o bad magic does not count", "7 8|1 2|3 4|5 6", {MAGIC_OF(1)}, .ids = "3 4 5 6 7 8",
         .errors = 1, .report = "Failed to parse chunk number 1 / Failed to parse chunk header / "
                                "Invalid EVTX chunk header magic, expected `ElfChnk0`, found "
                                "`[45, 6C, 66, 43, 68, 6E, 31,  0]`"},
        {"o zeros do not count", "7 8|z|3 4|5 6", .ids = "3 4 5 6 7 8"},
        {"o wrong checksum counts", "7 8|1 2|3 4|5 6", {RECORDS_CRC(1)}, .ids = "3 4 5 6 7 8",
         .errors = 1, .flags = VALIDATE},
        {"o falling ids do not count", "7 8|1 2|3 4|5 6", {LAST_ID(1, 0)},
         .ids = "3 4 5 6 7 8 1 2"},
        {"o block size cuts the view", "3 4|1 2", {BLOCK_SIZE(65535)}, .ids = "3 4 1 2"},
        {"o file header is ignored", "1 2|3 4", {{IN_FILE, 0, FILE_FIRST_CHUNK_OFFSET, 8, 1}},
         .ids = "1 2 3 4"},
        {"o tie goes to the lower slot", "5 6|3 4|3 9", .ids = "3 4 3 9 5 6", .notes = 1},
        {"o empty log never starts", "5 6|e|3 4", .ids = "3 4 5 6"},
        {"o nothing counts", "5 6|3 4", {LAST_ID(0, 0), LAST_ID(1, 0)}, .ids = "5 6 3 4"},
    };
    check_all(outcomes, COUNT(outcomes));
}

static void test_first_id_zero(void **state)
{
    (void)state;
    // Decided difference: the reference starts with the chunk whose field is damaged. The first
    // record has the identifier, too; where it says 0 as well, there is no damage.
    static const struct outcome outcomes[] = {
        {"o ids from zero", "5 6|9 1", {FIRST_ID(1, 0), {IN_RECORD, 2, RECORD_ID_OFFSET, 8, 0}},
         .ids = "0 1 5 6"},
        {"o ids from zero in slot 0", "9 1|2 3",
         {FIRST_ID(0, 0), {IN_RECORD, 0, RECORD_ID_OFFSET, 8, 0}}, .ids = "0 1 2 3"},
        {"D first id zero", "1 2|3 4|5 6|7 8", {FIRST_ID(2, 0)}, .ids = "1 2 3 4 5 6 7 8",
     .notes = 1},
        {"D first id zero in slot 0", "1 2|3 4|5 6", {FIRST_ID(0, 0)}, .ids = "1 2 3 4 5 6",
     .notes = 1},
        {"D first id zero behind the oldest", "7 8|3 4|5 6", {FIRST_ID(0, 0)},
         .ids = "3 4 5 6 7 8", .notes = 1},
        {"D first id zero in the oldest", "7 8|3 4|5 6", {FIRST_ID(1, 0)}, .ids = "3 4 5 6 7 8",
     .notes = 1},
        {"D first id zero, record damaged", "7 8|3 4|5 6", {FIRST_ID(1, 0), BAD_MAGIC(2)},
         .ids = "5 6 7 8 4", .errors = 1, .notes = 1},
    };
    check_all(outcomes, COUNT(outcomes));
}

// -------------------------------------------------------------------------------------------- the walk

#define FOUR "1 2 3 4|101 102"
#define SIZE_OF(record, size) {IN_RECORD, record, RECORD_SIZE_OFFSET, 4, size}
#define ID_OF(record, id) {IN_RECORD, record, RECORD_ID_OFFSET, 8, id}
#define TIME_OF(record, time) {IN_RECORD, record, RECORD_TIME_OFFSET, 8, time}
#define SIZE_COPY(record, size) {IN_TAIL, record, 4, 4, size}
#define LAST_RECORD(chunk, value, of) {IN_CHUNK, chunk, CHUNK_LAST_RECORD_OFFSET, 4, value, of}
#define FREE(chunk, value, of) {IN_CHUNK, chunk, CHUNK_FREE_OFFSET, 4, value, of}
#define TIME_BAD UINT64_C(2650466808010000000)

static void swallow_next(struct log *log)
{
    log_put(log_record(log, 1) + RECORD_SIZE_OFFSET, 4, log->places[1].size + log->places[2].size);
}

static void grow_by_one(struct log *log)
{
    log_put(log_record(log, 1) + RECORD_SIZE_OFFSET, 4, log->places[1].size + 1);
}

// Everything behind the second record moves by three bytes, the header knows.
static void move_three_bytes(struct log *log)
{
    uint8_t *chunk = log_chunk(log, 0);
    uint32_t from = log->places[2].offset, free = load_u32(chunk + CHUNK_FREE_OFFSET);
    memmove(chunk + from + 3, chunk + from, free - from);
    log_put(chunk + CHUNK_FREE_OFFSET, 4, free + 3);
    log_put(chunk + CHUNK_LAST_RECORD_OFFSET, 4, load_u32(chunk + CHUNK_LAST_RECORD_OFFSET) + 3);
}

// The smallest record image there is, in the payload of the destroyed second one.
static void hide_image(struct log *log)
{
    uint8_t *image = log_record(log, 1) + RECORD_HEADER_BYTES + 2;
    memset(image, 0, 32);
    log_put(image, 4, RECORD_MAGIC);
    log_put(image + RECORD_SIZE_OFFSET, 4, 32);
    log_put(image + RECORD_ID_OFFSET, 8, 3);
    log_put(image + 28, 4, 32);
}

static void add_garbage(struct log *log)
{
    memcpy(log_chunk(log, 0) + log->places[3].offset + log->places[3].size, "garbage!", 8);
}

static void add_late_garbage(struct log *log)
{
    memcpy(log_chunk(log, 0) + log->places[3].offset + log->places[3].size + 64, "garbage!", 8);
}

static const struct outcome walk_outcomes[] = {
    {"r healthy", FOUR, .ids = "1 2 3 4 101 102"},
    {"r magic of 2", FOUR, {BAD_MAGIC(1)}, .ids = "1 3 4 101 102", .errors = 1,
     .report = " of chunk 0 (file offset 0x", .notes = 1},
    {"r magic of 1", FOUR, {BAD_MAGIC(0)}, .ids = "2 3 4 101 102", .errors = 1,
     .report = "Failed to read the record at offset 0x200 of chunk 0 (file offset 0x1200) / An "
               "error occurred while trying to deserialize evtx stream. / Invalid EVTX record "
               "header magic, expected `2a2a0000`, found `[58, 58, 58, 58]`", .notes = 1},
    {"r magic of 4", FOUR, {BAD_MAGIC(3)}, .ids = "1 2 3 101 102", .errors = 1, .notes = 1},
    {"r 2 and 4 of six", "1 2 3 4 5 6|101 102", {BAD_MAGIC(1), BAD_MAGIC(3)},
     .ids = "1 3 5 6 101 102", .errors = 2, .notes = 1},
    {"r 3 and 4 of six", "1 2 3 4 5 6|101 102", {BAD_MAGIC(2), BAD_MAGIC(3)},
     .ids = "1 2 5 6 101 102", .errors = 1, .notes = 1},
    {"r 2 zeroed", FOUR, {{ZERO_RECORD, 1}}, .ids = "1 3 4 101 102", .errors = 1, .notes = 1},
    {"r 2 and 3 zeroed", FOUR, {{ZERO_RECORD, 1}, {ZERO_RECORD, 2}}, .ids = "1 4 101 102",
     .errors = 1, .notes = 1},
    {"r last two zeroed", FOUR, {{ZERO_RECORD, 2}, {ZERO_RECORD, 3}}, .ids = "1 2 101 102",
     .notes = 1},
    {"r last magic zeroed", FOUR, {{IN_RECORD, 3, 0, 4, 0}}, .ids = "1 2 3 101 102",
     .notes = 1},
    {"r size 0", FOUR, {SIZE_OF(1, 0)}, .ids = "1 3 4 101 102", .errors = 1,
     .report = "Invalid EVTX record data size, should be equals or greater than 28, found `0`",
     .notes = 1},
    {"r size 10", FOUR, {SIZE_OF(1, 10)}, .ids = "1 3 4 101 102", .errors = 1, .notes = 1},
    {"r size 27", FOUR, {SIZE_OF(1, 27)}, .ids = "1 3 4 101 102", .errors = 1, .notes = 1},
    {"r size 70000", FOUR, {SIZE_OF(1, 70000)}, .ids = "1 3 4 101 102", .errors = 1,
     .report = " / Failed to parse record number 2 / Failed to create record model, reason: "
               "record BinXML slice is out of bounds", .notes = 1},
    {"r size max", FOUR, {SIZE_OF(1, UINT32_MAX)}, .ids = "1 3 4 101 102", .errors = 1,
     .notes = 1},
    {"r time bad", FOUR, {TIME_OF(1, TIME_BAD)}, .ids = "1 3 4 101 102", .errors = 1,
     .report = "The record header's timestamp (FILETIME 0x24c85984e4664680) is out of range",
     .notes = 1},
    {"r time good", FOUR, {TIME_OF(1, TIME_BAD - 1)}, .ids = "1 2 3 4 101 102"},
    {"r size 28", FOUR, {SIZE_OF(1, 28)}, .ids = "1 3 4 101 102", .errors = 2,
     .report = "Failed to parse record number 2 / Failed to create record model, reason: empty "
               "BinXML slice"},
    {"r size 32", FOUR, {SIZE_OF(1, 32)}, .ids = "1 2 3 4 101 102", .errors = 1},
    {"r size two records", FOUR, .change = swallow_next, .ids = "1 2 4 101 102", .notes = 2},
    {"r size one more", FOUR, .change = grow_by_one, .ids = "1 2 4 101 102", .errors = 1,
     .notes = 1},
    {"r size past free", FOUR, {SIZE_OF(1, 20000)}, .ids = "1 2 101 102", .notes = 2},
    {"r wrong copy behind", FOUR, {BAD_MAGIC(1), SIZE_COPY(2, 7)}, .ids = "1 4 101 102",
     .errors = 1, .notes = 1},
    {"r id outside behind", FOUR, {BAD_MAGIC(1), ID_OF(2, 9)}, .ids = "1 4 101 102",
     .errors = 1, .notes = 1},
    {"r time bad behind", FOUR, {BAD_MAGIC(1), TIME_OF(2, TIME_BAD)}, .ids = "1 4 101 102",
     .errors = 1, .notes = 1},
    {"r last offset at 3", FOUR, {BAD_MAGIC(1), LAST_RECORD(0, 0, 3)}, .ids = "1 3 4 101 102",
     .errors = 1, .notes = 1},
    {"r last offset less", FOUR, {BAD_MAGIC(1), LAST_RECORD(0, -1, 3)}, .ids = "1 101 102",
     .errors = 1, .notes = 1},
    {"r last offset 0", FOUR, {BAD_MAGIC(1), LAST_RECORD(0, 0, 0)}, .ids = "1 101 102",
     .errors = 1, .notes = 1},
    {"r free inside 4", "1 2 3 4 5|101 102", {BAD_MAGIC(1), FREE(0, 8, 4)},
     .ids = "1 3 4 101 102", .errors = 1, .notes = 1},
    {"r moved by 3", FOUR, {{FILL_RECORD, 1}}, .change = move_three_bytes,
     .ids = "1 3 4 101 102", .errors = 1, .notes = 1},
    {"r image inside", FOUR, {{FILL_RECORD, 1}}, .change = hide_image,
     .ids = "1 3 3 4 101 102", .errors = 2},
    {"r last id 2", FOUR, {LAST_ID(0, 2)}, .ids = "1 2 101 102"},
    {"r last id 2, 3 bad", FOUR, {LAST_ID(0, 2), BAD_MAGIC(2)}, .ids = "1 2 101 102"},
    {"r last id 100", FOUR, {LAST_ID(0, 100)}, .ids = "1 2 3 4 101 102", .notes = 1},
    {"r free 65536", FOUR, {FREE(0, 65536, 0)}, .ids = "1 2 3 4 101 102"},
    {"r garbage behind", FOUR, {LAST_ID(0, 100), FREE(0, 65536, 0)}, .change = add_garbage,
     .ids = "1 2 3 4 101 102", .errors = 1, .notes = 1},
    {"r zeros, then garbage", FOUR, {LAST_ID(0, 100), FREE(0, 65536, 0)},
     .change = add_late_garbage, .ids = "1 2 3 4 101 102", .notes = 1},
    {"r free 511", FOUR, {FREE(0, 511, 0)}, .ids = "101 102", .notes = 1},
    {"r free 512", FOUR, {FREE(0, 512, 0)}, .ids = "101 102", .notes = 1},
    {"r free at 3", FOUR, {FREE(0, 0, 3)}, .ids = "1 2 101 102", .notes = 1},
    {"r free inside 3", FOUR, {FREE(0, 8, 3)}, .ids = "1 2 3 101 102", .notes = 1},
    {"r ids 3 1 3", "3 1 3|101 102", .ids = "3 101 102"},
    {"r first above last", FOUR, {BAD_MAGIC(1), FIRST_ID(0, 9)}, .ids = "101 102 1",
     .errors = 1},
};

static void test_walk(void **state)
{
    (void)state;
    check_all(walk_outcomes, COUNT(walk_outcomes));
}

// -------------------------------------------------------------------------------------------- carving

// The first slack record claims the next one and the beginning of the third, with a right size copy.
static void swallow_slack(struct log *log)
{
    uint8_t *copy = log_record(log, 4) + 60; // in its text
    uint32_t size = log->places[4].offset + 64 - log->places[2].offset;
    log_put(log_record(log, 2) + RECORD_SIZE_OFFSET, 4, size);
    log_put(copy, 4, size);
}

// The same, but it cannot be rendered: what it claims is found all the same.
static void fail_slack(struct log *log)
{
    swallow_slack(log);
    log_record(log, 2)[RECORD_HEADER_BYTES] = 0x77; // no token
}

static const struct outcome recovery_outcomes[] = {
    {"v none asked", "1 2 / 8 9|101", .ids = "1 2 101"},
    {"v slack", "1 2 / 8 9|101", .ids = "1 2 8r 9r 101", .flags = RECOVER},
    {"v slack same ids", "1 2 / 1 2|101", .ids = "1 2 1r 2r 101", .flags = RECOVER},
    {"v gap", "1 2 3 4|101", {BAD_MAGIC(1), ID_OF(2, 50)}, .ids = "1 50r 4 101", .errors = 1,
     .flags = RECOVER, .notes = 1},
    {"v gap without carving", "1 2 3 4|101", {BAD_MAGIC(1), ID_OF(2, 50)}, .ids = "1 4 101",
     .errors = 1, .notes = 1},
    {"v behind last id", "1 2 3 4|101", {LAST_ID(0, 2)}, .ids = "1 2 3r 4r 101",
     .flags = RECOVER},
    {"v free 0", "1 2|101", {FREE(0, 0, 0)}, .ids = "1r 2r 101", .flags = RECOVER, .notes = 1},
    {"v after bad end", "1 2 3 / 8|101", {BAD_MAGIC(2)}, .ids = "1 2 8r 101", .errors = 1,
     .flags = RECOVER, .notes = 1},
    {"v bad chunk is not carved", "1 2 / 8|101", {MAGIC_OF(0)}, .ids = "101", .errors = 1,
     .flags = RECOVER},
    {"v zero slot", "1|z|2", .ids = "1 2", .flags = RECOVER},
    {"v size copy wrong", "1 2 / 8 9|101", {SIZE_COPY(2, 8)}, .ids = "1 2 9r 101",
     .flags = RECOVER},
    {"v swallow", "1 2 / 8 9 10|101", .change = swallow_slack, .ids = "1 2 8r 101",
     .flags = RECOVER, .notes = 1},
    {"v first is noise", "1 2 / 8 9 10|101", .change = fail_slack, .ids = "1 2 9r 10r 101",
     .flags = RECOVER, .notes = 1},
    {"v time bad", "1 2 / 8 9|101", {TIME_OF(2, TIME_BAD)}, .ids = "1 2 9r 101",
     .flags = RECOVER},
    {"v checksums", "1 2 / 8 9|101", .ids = "1 2 8r 9r 101", .flags = RECOVER | VALIDATE},
};

static void test_recovery(void **state)
{
    (void)state;
    check_all(recovery_outcomes, COUNT(recovery_outcomes));
}

// ---------------------------------------------------------------------------------------- other damage

static void cut_one_byte(struct log *log)
{
    log->size--;
}

static void cut_in_second(struct log *log)
{
    log->size = FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES + 1000;
}

static void cut_to_header(struct log *log)
{
    log->size = FILE_HEADER_BLOCK_BYTES;
}

static void add_tail(struct log *log)
{
    log->bytes = realloc(log->bytes, log->size + 61440);
    if (!log->bytes)
        abort();
    memset(log->bytes + log->size, 'T', 61440);
    log->size += 61440;
}

static void fill_slot(struct log *log)
{
    memset(log_chunk(log, 1), 0xFF, CHUNK_BYTES);
}

static void clear_but_last(struct log *log)
{
    memset(log_chunk(log, 1), 0, CHUNK_BYTES - 1);
    log_chunk(log, 1)[CHUNK_BYTES - 1] = 1;
}

static void clear_tables(struct log *log)
{
    memset(log_chunk(log, 0) + CHUNK_NAME_TABLE_OFFSET, 0, 4 * CHUNK_NAME_BUCKETS);
    memset(log_chunk(log, 0) + CHUNK_TEMPLATE_TABLE_OFFSET, 0xAB, 4 * CHUNK_TEMPLATE_BUCKETS);
}

// Every name's link leads to itself.
static void link_names(struct log *log)
{
    uint8_t *chunk = log_chunk(log, 0);
    for (unsigned i = 0; i < CHUNK_NAME_BUCKETS; i++) {
        uint32_t name = load_u32(chunk + CHUNK_NAME_TABLE_OFFSET + 4 * i);
        if (name)
            log_put(chunk + name, 4, name);
    }
}

#define TWO_EACH "1 2|3 4|5 6"

static const struct outcome file_outcomes[] = {
    {"h count 0", TWO_EACH, {{IN_FILE, 0, FILE_CHUNK_COUNT_OFFSET, 2, 0}}, .ids = "1 2 3 4 5 6"},
    {"h version", TWO_EACH, {{IN_FILE, 0, FILE_MINOR_VERSION_OFFSET, 4, 0x00090201}},
     .ids = "1 2 3 4 5 6"},
    {"h flags", TWO_EACH, {{IN_FILE, 0, FILE_FLAGS_OFFSET, 4, 0xFFFFFFF8}},
     .ids = "1 2 3 4 5 6"},
    {"h crc", TWO_EACH, {{IN_FILE, 0, FILE_CRC32_OFFSET, 4, 0xDEADBEEF}}, .ids = "1 2 3 4 5 6"},
    {"h only", TWO_EACH, .change = cut_to_header, .ids = "", .notes = 1},
    {"h one byte short", TWO_EACH, .change = cut_one_byte, .ids = "1 2 3 4 5 6", .notes = 1},
    {"h cut in second", TWO_EACH, .change = cut_in_second, .ids = "1 2 3 4", .notes = 2},
    {"h block 0", TWO_EACH, {BLOCK_SIZE(0)}, .ids = "1 2 3 4 5 6"},
    {"h block 0 tail", TWO_EACH, {BLOCK_SIZE(0)}, .change = add_tail, .ids = "1 2 3 4 5 6",
     .errors = 1, .report = "Failed to parse chunk number 3 / Reached EOF while trying to "
                            "allocate chunk"},
    {"h tail", TWO_EACH, .change = add_tail, .ids = "1 2 3 4 5 6", .notes = 1},
    {"h block 65535", TWO_EACH, {BLOCK_SIZE(65535)}, .ids = "1 2 3 4 5 6"},
    {"h block 65535 magic", TWO_EACH, {BLOCK_SIZE(65535), MAGIC_OF(2)}, .ids = "1 2 3 4",
     .notes = 1},
    {"h block 65535 crc", TWO_EACH, {BLOCK_SIZE(65535), RECORDS_CRC(2)}, .ids = "1 2 3 4",
     .flags = VALIDATE, .notes = 1},
    {"h block 65535 record", TWO_EACH, {BLOCK_SIZE(65535), BAD_MAGIC(4)}, .ids = "1 2 3 4 6",
     .errors = 1, .notes = 1},
    {"c magic first", TWO_EACH, {MAGIC_OF(0)}, .ids = "3 4 5 6", .errors = 1},
    {"c magic middle", TWO_EACH, {MAGIC_OF(1)}, .ids = "1 2 5 6", .errors = 1},
    {"c magic last", TWO_EACH, {MAGIC_OF(2)}, .ids = "1 2 3 4", .errors = 1},
    {"c slot of ff", TWO_EACH, .change = fill_slot, .ids = "1 2 5 6", .errors = 1},
    {"c zero but for one", TWO_EACH, .change = clear_but_last, .ids = "1 2 5 6", .errors = 1},
    {"c both crc", TWO_EACH, {HEADER_CRC(1), RECORDS_CRC(1)}, .ids = "1 2 3 4 5 6"},
    {"c header crc", TWO_EACH, {HEADER_CRC(1)}, .ids = "1 2 5 6", .errors = 1,
     .flags = VALIDATE, .report = "Failed to parse chunk number 1 / chunk header CRC32 invalid "
                                  "(stored 0x00000002, computed 0x"},
    {"c zeros first", "z|1 2|3 4", .ids = "1 2 3 4"},
    {"c zeros middle", "1 2|z|3 4", .ids = "1 2 3 4"},
    {"c empty chunk", "1 2|e|3 4", .ids = "1 2 3 4"},
    {"c free 65537", TWO_EACH, {FREE(1, 65537, 0)}, .ids = "1 2 3 4 5 6"},
    {"c free max", TWO_EACH, {FREE(1, UINT32_MAX, 0)}, .ids = "1 2 3 4 5 6"},
    {"c free 0", TWO_EACH, {FREE(1, 0, 0)}, .ids = "1 2 5 6", .notes = 1},
    {"c no tables", TWO_EACH, .change = clear_tables, .ids = "1 2 3 4 5 6"},
    {"c name cycles", TWO_EACH, .change = link_names, .ids = "1 2 3 4 5 6"},
};

static void test_files_and_chunks(void **state)
{
    (void)state;
    check_all(file_outcomes, COUNT(file_outcomes));
}

static void seal_second(struct log *log)
{
    encode_seal_chunk(log_chunk(log, 1));
}

static void change_record_and_keep_header(struct log *log)
{
    log_record(log, 3)[log->places[3].size - 8] ^= 1; // padding or text, not structure
}

static void forbid_checks(struct log *log)
{
    log_put(log_chunk(log, 1) + CHUNK_FLAGS_OFFSET, 4, EVTX_FLAG_NO_CRC32);
}

static void test_checksums(void **state)
{
    (void)state;
    static const struct outcome outcomes[] = {
        {"c healthy", TWO_EACH, .ids = "1 2 3 4 5 6", .flags = VALIDATE},
        {"c free 65536 sealed", TWO_EACH, {FREE(1, 65536, 0)}, .change = seal_second,
         .ids = "1 2 3 4 5 6", .flags = VALIDATE},
        {"c free 511 sealed", TWO_EACH, {FREE(1, 511, 0)}, .change = seal_second, .ids = "1 2 5 6",
         .errors = 1, .flags = VALIDATE,
         .report = "chunk free space offset 511 is outside the chunk's records area"},
        {"c free 65537 sealed", TWO_EACH, {FREE(1, 65537, 0)}, .change = seal_second,
         .ids = "1 2 5 6", .errors = 1, .flags = VALIDATE,
         .report = "chunk free space offset 65537 is outside the chunk's records area"},
        {"c records", TWO_EACH, .change = change_record_and_keep_header, .ids = "1 2 5 6",
         .errors = 1, .flags = VALIDATE,
         .report = "Failed to parse chunk number 1 / chunk data CRC32 invalid (stored 0x"},
        {"c both", TWO_EACH, {HEADER_CRC(1), RECORDS_CRC(1)}, .ids = "1 2 5 6", .errors = 1,
         .flags = VALIDATE, .report = "chunk header CRC32 invalid"},
        {"c both, flag", TWO_EACH, {HEADER_CRC(1), RECORDS_CRC(1)}, .change = forbid_checks,
         .ids = "1 2 3 4 5 6", .flags = VALIDATE},
        {"c zeros are checked", TWO_EACH, {FREE(1, 512, 0)}, .change = seal_second,
         .ids = "1 2 5 6", .flags = VALIDATE, .notes = 1},
    };
    check_all(outcomes, COUNT(outcomes));
}

// Decided difference: a name that cannot be read costs the records that need it; the reference drops
// the chunk, its other records too.
static void test_bad_name_table_costs_nothing(void **state)
{
    (void)state;
    static const struct outcome outcomes[] = {
        {"D bucket 65520", TWO_EACH, {{IN_CHUNK, 1, CHUNK_NAME_TABLE_OFFSET, 4, 65520}},
         .ids = "1 2 3 4 5 6"},
        {"D bucket 65535", TWO_EACH, {{IN_CHUNK, 1, CHUNK_NAME_TABLE_OFFSET, 4, 65535}},
         .ids = "1 2 3 4 5 6"},
        {"D bucket 65537", TWO_EACH, {{IN_CHUNK, 1, CHUNK_NAME_TABLE_OFFSET, 4, 65537}},
         .ids = "1 2 3 4 5 6"},
        {"D bucket in header", TWO_EACH, {{IN_CHUNK, 1, CHUNK_NAME_TABLE_OFFSET, 4, 40}},
         .ids = "1 2 3 4 5 6"},
    };
    check_all(outcomes, COUNT(outcomes));
}

// -------------------------------------------------------------------------------------------- options

static struct run run_shape(const char *shape, const struct poke *poke, evx_convert_options options)
{
    struct log log = log_make(shape);
    if (poke)
        apply(&log, poke);
    options.size = sizeof options;
    options.format = EVX_FORMAT_JSON;
    struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
    log_free(&log);
    return run;
}

static void assert_ids(struct run *run, const char *expected)
{
    struct text ids = run_ids(run);
    assert_string_equal(ids.bytes, expected);
    text_free(&ids);
    run_free(run);
}

static void test_stop_after_error(void **state)
{
    (void)state;
    static const struct poke poke = BAD_MAGIC(3);
    for (unsigned threads = 1; threads <= 8; threads++) {
        struct run run =
            run_shape("1 2|3 4 5|6 7", &poke,
                      (evx_convert_options){.threads = threads, .stop_after_error = 1});
        assert_int_equal(run.status, EVX_ERR_STOPPED);
        assert_int_equal(run.result.errors, 1);
        assert_int_equal(run.result.records, 3);
        assert_ids(&run, "1 2 3");
    }
    struct run fine =
        run_shape("1 2|3 4", NULL, (evx_convert_options){.stop_after_error = 1, .threads = 2});
    assert_int_equal(fine.status, EVX_OK);
    assert_ids(&fine, "1 2 3 4");
}

static void test_id_ranges(void **state)
{
    (void)state;
    static const evx_id_range ranges[] = {{2, 3}, {3, 5}, {9, 7}, {102, UINT64_MAX}};
    evx_convert_options options = {.ids = ranges, .id_count = COUNT(ranges), .threads = 1};
    struct run run = run_shape("1 2 3 4 5 6|101 102 103", NULL, options);
    assert_int_equal(run.result.records, 6);
    assert_ids(&run, "2 3 4 5 102 103");
    options.id_count = 0;
    run = run_shape("1 2", NULL, options);
    assert_ids(&run, "");
    // Nobody looks into records that are not wanted; into those that are, all the same.
    static const struct poke poke = {IN_RECORD, 0, RECORD_HEADER_BYTES, 1, 0x77};
    options.id_count = 1;
    run = run_shape("1 2 3 4", &poke, options);
    assert_int_equal(run.result.errors, 0);
    assert_ids(&run, "2 3");
    static const struct poke wanted = {IN_RECORD, 1, RECORD_HEADER_BYTES, 1, 0x77};
    run = run_shape("1 2 3 4", &wanted, options);
    assert_int_equal(run.result.errors, 1);
    assert_ids(&run, "3");
    // Carved records are filtered in the same way.
    options.recover = 1;
    run = run_shape("1 2 / 3 9", NULL, options);
    assert_ids(&run, "2 3r");
}

static void test_framing(void **state)
{
    (void)state;
    static const struct {
        evx_convert_options options;
        const char *expected;
    } rows[] = {
        {{.format = EVX_FORMAT_JSONL}, "{\"Event\":{\"V\":\"value of record 1\"}}\n"
                                       "{\"Event\":{\"V\":\"value of record 8\"}}\n"},
        {{.format = EVX_FORMAT_JSONL, .recover = 1},
         "{\"Event\":{\"V\":\"value of record 1\"}}\n"
         "{\"recovered\":true,\"Event\":{\"V\":\"value of record 7\"}}\n"
         "{\"Event\":{\"V\":\"value of record 8\"}}\n"},
        {{.format = EVX_FORMAT_XML, .recover = 1, .compact = 1},
         "Record 1\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
         "<Event><V>value of record 1</V></Event>\n"
         "Record 7 (recovered)\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- recovered -->\n"
         "<Event><V>value of record 7</V></Event>\n"
         "Record 8\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
         "<Event><V>value of record 8</V></Event>\n"},
        {{.format = EVX_FORMAT_XML, .hide_record_numbers = 1},
         "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Event>\n  <V>value of record 1</V>\n</Event>\n\n"
         "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Event>\n  <V>value of record 8</V>\n</Event>\n\n"},
    };
    struct log log = log_make("1 / 7|8");
    for (size_t i = 0; i < COUNT(rows); i++) {
        evx_convert_options options = rows[i].options;
        options.size = sizeof options;
        struct run run = run_convert(log.bytes, log.size, RUN_MEMORY, &options);
        assert_string_equal(run.out.bytes, rows[i].expected);
        run_free(&run);
    }
    log_free(&log);
}

// The record is told to be where it is, and its stream to be what lies between header and size copy.
static void check_place(const struct log *log, const evx_record *record)
{
    const uint8_t *at = log->bytes + record->offset;
    uint32_t size = load_u32(at + RECORD_SIZE_OFFSET);
    assert_int_equal(load_u64(at + RECORD_ID_OFFSET), record->id);
    assert_int_equal(load_u64(at + RECORD_TIME_OFFSET), record->written);
    assert_int_equal(record->fragment_size, size - RECORD_BYTES_MIN);
    assert_memory_equal(record->fragment, at + RECORD_HEADER_BYTES, record->fragment_size);
}

// Record by record comes what a conversion writes, in its order, with its reports.
static void test_record_by_record(void **state)
{
    (void)state;
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_JSONL};
    struct log log = log_make("7 8|1 2 3|z|4 5 6");
    static const struct poke pokes[] = {BAD_MAGIC(3), {IN_RECORD, 6, RECORD_HEADER_BYTES, 1, 0x77}};
    for (size_t i = 0; i < COUNT(pokes); i++)
        apply(&log, &pokes[i]);
    for (size_t i = 0; i < COUNT(formats); i++) {
        const evx_convert_options all = {.size = sizeof all, .format = formats[i]};
        const evx_render_options options = {.size = sizeof options, .format = formats[i]};
        struct run whole = run_convert(log.bytes, log.size, RUN_MEMORY, &all);
        struct run run = {0};
        evx_engine *engine;
        evx_reader *reader;
        evx_record record;
        evx_error error;
        evx_status status;
        const char *text;
        size_t size;
        assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
        assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, &error), EVX_OK);
        assert_int_equal(evx_render(reader, &options, &text, &size, &error), EVX_ERR_ARGUMENT);
        while ((status = evx_next(reader, &record, &error)) != EVX_END) {
            if (status == EVX_OK)
                check_place(&log, &record);
            if (status == EVX_OK)
                status = evx_render(reader, &options, &text, &size, &error);
            if (status == EVX_OK)
                text_add_bytes(&run.out, text, size);
            else
                run_report(&run, &error);
        }
        assert_true(text_equals(&run.out, &whole.out) && text_equals(&run.reports, &whole.reports));
        assert_int_equal(evx_next(reader, &record, &error), EVX_END); // and again
        evx_close(&reader);
        evx_engine_destroy(&engine);
        run_free(&run);
        run_free(&whole);
    }
    log_free(&log);
}

// --------------------------------------------------------------------------------------- independence

static const evx_convert_options jsonl = {
    .size = sizeof(evx_convert_options), .format = EVX_FORMAT_JSONL, .threads = 1};

// The file header and one chunk, as a log of its own.
static struct text only_chunk(const uint8_t *log, uint64_t slot)
{
    struct text alone = {0};
    text_add_bytes(&alone, log, FILE_HEADER_BLOCK_BYTES);
    text_add_bytes(&alone, log + FILE_HEADER_BLOCK_BYTES + slot * CHUNK_BYTES, CHUNK_BYTES);
    return alone;
}

static uint64_t records_of(const void *bytes, size_t size)
{
    struct run run = run_convert(bytes, size, RUN_MEMORY, &jsonl);
    uint64_t records = run.result.records;
    run_free(&run);
    return records;
}

// A definition known from an earlier chunk must not lend its names to one that has none of its own.
static void test_names_are_those_of_the_chunk(void **state)
{
    (void)state;
    enum { STRING_TABLE = 128, BUCKETS = 64, NAME_COUNT = 6, NAMES = 2 };
    encode_builder *b = encode_create();
    encode_template *templates[] = {encode_template_text(b, "<Event><V>%0</V></Event>"),
                                    encode_template_text(b, "<Event><V>%0</V>x</Event>")};
    for (int i = 0; i < 4; i++) {
        ENCODE_EVENT(b, templates[i % 2], encode_u8(1));
        if (i == 1)
            encode_close_chunk(b);
    }
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    unsigned seen = 0;
    for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
        struct text log = {0};
        text_add_bytes(&log, bytes, size);
        uint8_t *chunk = (uint8_t *)log.bytes + FILE_HEADER_BLOCK_BYTES + CHUNK_BYTES;
        uint32_t name = load_u32(chunk + STRING_TABLE + 4 * bucket);
        if (name) {
            log_put(chunk + name + NAME_COUNT, 2, 60000); // more than the chunk holds
            struct text alone = only_chunk((uint8_t *)log.bytes, 1);
            assert_int_equal(records_of(log.bytes, log.size), 2 + records_of(alone.bytes, alone.size));
            text_free(&alone);
            seen++;
        }
        text_free(&log);
    }
    assert_int_equal(seen, NAMES);
    encode_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_chunk),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_first_id_zero),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_files_and_chunks),
        cmocka_unit_test(test_checksums),
        cmocka_unit_test(test_bad_name_table_costs_nothing),
        cmocka_unit_test(test_stop_after_error),
        cmocka_unit_test(test_id_ranges),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_record_by_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
