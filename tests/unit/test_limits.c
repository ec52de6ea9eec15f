// SPDX-License-Identifier: MIT
// Guards against logs made to exhaust time or memory: a few kilobytes that the reference turned into
// seconds or gigabytes, and attacks on what is ours (caches, hash tables, shared definitions). Each must
// end soon and in little memory, in every format, whatever comes out.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "base/load.h"
#include "meter.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 8
#else
#define SLOWER 1
#endif

enum {
    MEMORY_MAX = 100 << 20,
    MILLISECONDS_MAX = 1000 * SLOWER,
};

// ------------------------------------------------------------------------------------------- measuring

static int count_bytes(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(uint64_t *)context += size;
    return 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static void run_bomb(const char *name, const uint8_t *bytes, size_t size,
                     const evx_convert_options *options)
{
    struct meter meter = {0};
    evx_allocator allocator = meter_allocator(&meter);
    evx_engine_options engine_options = {.size = sizeof engine_options, .allocator = &allocator};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error;
    uint64_t written = 0;
    evx_sink sink = {.write = count_bytes, .context = &written};
    evx_convert_result result;
    double start = now();
    assert_int_equal(evx_engine_create(&engine_options, &engine, &error), EVX_OK);
    assert_int_equal(evx_open_memory(engine, bytes, size, &reader, &error), EVX_OK);
    assert_int_equal(evx_convert(reader, options, &sink, &result, &error), EVX_OK);
    double took = now() - start;
    if (getenv("EVX_PRINT"))
        fprintf(stderr, "%-24s format %d separate %d recover %d: %8.1f ms %7.1f MB, %" PRIu64
                        " bytes out, %" PRIu64 " records, %" PRIu64 " errors\n",
                name, options->format, options->separate_attributes, options->recover, took,
                (double)meter.peak / 1e6, written, result.records, result.errors);
    if (took > MILLISECONDS_MAX || meter.peak > MEMORY_MAX)
        fail_msg("%s: %.0f ms, %zu bytes", name, took, (size_t)meter.peak);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    assert_int_equal(meter.used, 0);
}

static void run_all(const char *name, const uint8_t *bytes, size_t size)
{
    const char *folder = getenv("EVX_KEEP_CASES");
    if (folder) {
        char path[4096];
        snprintf(path, sizeof path, "%s/x_%s.evtx", folder, name);
        FILE *file = fopen(path, "w");
        if (file) {
            fwrite(bytes, 1, size, file);
            fclose(file);
        }
    }
    static const evx_convert_options modes[] = {
        {.format = EVX_FORMAT_XML},
        {.format = EVX_FORMAT_XML, .compact = 1, .recover = 1},
        {.format = EVX_FORMAT_JSONL, .recover = 1},
        {.format = EVX_FORMAT_JSON, .separate_attributes = 1},
    };
    for (size_t i = 0; i < COUNT(modes); i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        options.threads = 1;
        run_bomb(name, bytes, size, &options);
    }
}

static void finish(encode_builder *b, const char *name)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s: %s", name, encode_error(b));
    run_all(name, bytes, size);
    encode_free(&b);
}

// A record out of bytes, `payload` behind its header.
static void add_raw(encode_builder *b, uint64_t id, const uint8_t *payload, uint32_t payload_size)
{
    static uint8_t bytes[CHUNK_BYTES];
    uint32_t size = (RECORD_BYTES_MIN + payload_size + 7) & ~7u;
    memset(bytes, 0, size);
    log_put(bytes, 4, RECORD_MAGIC);
    log_put(bytes + RECORD_SIZE_OFFSET, 4, size);
    log_put(bytes + RECORD_ID_OFFSET, 8, id);
    if (payload_size > 0)
        memcpy(bytes + RECORD_HEADER_BYTES, payload, payload_size);
    log_put(bytes + size - 4, 4, size);
    encode_add(b, &(encode_record){.id = id, .raw = bytes, .raw_size = size});
}

// Offset of the definition that the first record of a chunk carries: behind the record header, the
// fragment header and the instance's own fields.
enum { FIRST_DEFINITION = CHUNK_HEADER_BYTES + RECORD_HEADER_BYTES + 4 + 10 };

// An instance of the first definition, its descriptors and values to follow.
static uint32_t put_instance(uint8_t *at, uint32_t value_count)
{
    at[0] = 0x0C;
    at[1] = 1;
    log_put(at + 2, 4, 0);
    log_put(at + 6, 4, FIRST_DEFINITION);
    log_put(at + 10, 4, value_count);
    return 14;
}

static uint32_t put_descriptor(uint8_t *at, uint32_t size, uint8_t type)
{
    log_put(at, 2, size);
    at[2] = type;
    at[3] = 0;
    return 4;
}

// ------------------------------------------------------------------------------------------- the bombs

// Instances whose values are the streams behind them: the first value of each is the next stream, the
// second all streams behind that, and the window of the first ends where its own values begin. Visits grow
// like Fibonacci numbers where values may reach out of their window, and each decodes the array.
static void test_fibonacci_arrays(void **state)
{
    (void)state;
    enum { LEVELS = 22, TABLE = 14 + 3 * 4, ARRAY = 20000 };
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0:nested%1:nested<A>%2:ansi[]</A></E>");
    ENCODE_EVENT(b, t, encode_null(), encode_null(), encode_null());
    static uint8_t payload[LEVELS * TABLE + ARRAY + 8];
    uint32_t p = 0;
    for (int i = 0; i < LEVELS; i++) {
        int behind = LEVELS - i - 1; // streams
        p += put_instance(payload + p, 3);
        p += put_descriptor(payload + p, behind > 0 ? TABLE : 0, ENCODE_NESTED);
        p += put_descriptor(payload + p, behind > 1 ? (behind - 1) * TABLE : 0, ENCODE_NESTED);
        p += put_descriptor(payload + p, ARRAY, ENCODE_ARRAY | ENCODE_ANSI);
    }
    for (uint32_t i = 1; i < ARRAY; i += 2)
        payload[p + i] = 'a';
    add_raw(b, 2, payload, sizeof payload);
    finish(b, "fib_array_bomb");
}

// The same streams with a fault behind them, in as many records as there is room for: each is lost, and
// read again without windows to find its first fault.
static void test_fibonacci_faults(void **state)
{
    (void)state;
    enum { LEVELS = 30, TABLE = 14 + 2 * 4, RECORDS = 90 };
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0:nested%1:nested</E>");
    ENCODE_EVENT(b, t, encode_null(), encode_null());
    static uint8_t payload[LEVELS * TABLE + 1];
    uint32_t p = 0;
    for (int i = 0; i < LEVELS; i++) {
        int behind = LEVELS - i - 1; // streams
        p += put_instance(payload + p, 2);
        p += put_descriptor(payload + p, behind > 0 ? TABLE : 0, ENCODE_NESTED);
        p += put_descriptor(payload + p, behind > 1 ? (behind - 1) * TABLE : 0, ENCODE_NESTED);
    }
    payload[p] = 0x77;
    for (int i = 0; i < RECORDS; i++)
        add_raw(b, 2 + i, payload, sizeof payload);
    finish(b, "fib_faults");
}

// The same, but every window holds all the rest: as deep as it may be, and each level with its array.
static void test_nested_arrays(void **state)
{
    (void)state;
    enum { LEVELS = 64, TABLE = 14 + 2 * 4, ARRAY = 900 };
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E>%0:nested<A>%1:ansi[]</A></E>");
    ENCODE_EVENT(b, t, encode_null(), encode_null());
    static uint8_t payload[LEVELS * (TABLE + ARRAY)];
    uint32_t p = 0;
    for (int i = 0; i < LEVELS; i++) {
        uint32_t behind = LEVELS - i - 1;
        p += put_instance(payload + p, 2);
        p += put_descriptor(payload + p, behind * (TABLE + ARRAY), ENCODE_NESTED);
        p += put_descriptor(payload + p, ARRAY, ENCODE_ARRAY | ENCODE_ANSI);
    }
    for (uint32_t i = p; i < sizeof payload; i++)
        payload[i] = i & 1 ? 'a' : 0;
    add_raw(b, 2, payload, sizeof payload);
    finish(b, "nested_array_bomb");
}

// Hundreds of records with an array of thousands of one-byte strings that nothing shows, or that
// elements show.
static void test_ansi_arrays(void **state)
{
    (void)state;
    enum { ITEMS = 1024 };
    static uint8_t items[2 * ITEMS];
    for (unsigned i = 0; i < ITEMS; i++)
        items[2 * i] = 'a';
    static const char *const texts[] = {"<E><V>%0</V></E>", "<E><A>%1:ansi[]</A></E>",
                                        "<E><Data Name='n'>%1:ansi[]</Data><D>%1:ansi[]</D></E>"};
    for (size_t k = 0; k < COUNT(texts); k++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, texts[k]);
        encode_value array = encode_borrowed(ENCODE_ARRAY | ENCODE_ANSI, items, sizeof items);
        for (int i = 0; i < 30; i++)
            ENCODE_EVENT(b, t, encode_string(b, "v"), array);
        finish(b, k == 0 ? "ansi_array_unused" : k == 1 ? "ansi_array_bomb" : "ansi_array_data");
    }
}

// Two arrays in one element: its copies are the product of their items.
static void test_array_product(void **state)
{
    (void)state;
    static uint8_t bytes[20000];
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(
        b, "<E><D a='%0:u8[]'>%1:u8[]</D><Data Name='%0:u8[]'>%1:u8[]</Data></E>");
    encode_value array = encode_borrowed(ENCODE_ARRAY | ENCODE_U8, bytes, sizeof bytes);
    ENCODE_EVENT(b, t, array, array);
    finish(b, "array_product");
}

// A definition with thousands of references to one long name, broken at its end: parsed for every record
// where failures are not remembered, the name decoded for every reference where names are not.
static void test_long_name(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    static char name[10001];
    memset(name, 'n', sizeof name - 1);
    encode_name *long_name = encode_name_of(b, name);
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < 1500; i++) {
        encode_node *child = encode_element(b, "x");
        child->name = long_name;
        child->self_closed = true;
        encode_append(root, child);
    }
    encode_append(root, encode_raw(b, "\x77", 1));
    encode_template *t = encode_template_of(b, fragment);
    for (int i = 0; i < 200; i++)
        ENCODE_EVENT(b, t, encode_u8(1));
    finish(b, "name_bomb");
}

static encode_node *repeat_name(encode_builder *b, encode_name *name, unsigned count)
{
    encode_node *fragment = encode_fragment(b), *root = encode_element(b, "E");
    for (unsigned i = 0; i < count; i++) {
        encode_node *child = encode_element(b, "x");
        child->name = name;
        child->self_closed = true;
        encode_append(root, child);
    }
    return encode_append(fragment, root);
}

// A long name that is used again and again counts once: by records, and by definitions, which the second
// chunk finds in the store.
static void test_a_name_is_charged_once(void **state)
{
    (void)state;
    static char name[10001];
    memset(name, 'n', sizeof name - 1);
    encode_builder *b = encode_create();
    encode_name *long_name = encode_name_of(b, name);
    encode_template *templates[6];
    for (unsigned i = 0; i < COUNT(templates); i++)
        templates[i] = encode_template_of(b, repeat_name(b, long_name, 50 + i));
    for (int chunk = 0; chunk < 2; chunk++) {
        for (unsigned i = 0; i < COUNT(templates); i++)
            ENCODE_EVENT(b, templates[i], encode_u8(1));
        for (int record = 0; record < 9; record++)
            encode_add_fragment(b, repeat_name(b, long_name, 50));
        encode_close_chunk(b);
    }
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    const evx_convert_options options = {
        .size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1};
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    assert_int_equal(run.result.records, 30);
    assert_int_equal(run.result.errors, 0);
    run_free(&run);
    encode_free(&b);
}

// Elements whose names begin at rising offsets of one long text, so that nearly all of it belongs to each.
static void add_overlapping_names(encode_builder *b, uint32_t text_offset, unsigned first, unsigned count)
{
    encode_node *fragment = encode_fragment(b), *root = encode_element(b, "E");
    for (unsigned i = first; i < first + count; i++) {
        uint8_t element[10] = {[0] = 0x01, [1] = 4, [9] = 0x03};
        store_u32(element + 5, text_offset + 2 * i);
        encode_append(root, encode_raw(b, element, sizeof element));
    }
    encode_add_fragment(b, encode_append(fragment, root));
}

// More names than a chunk may have: which records that costs does not depend on the chunks in front of
// it, nor on what is found in the store, as the template is that every chunk begins with.
static void test_too_many_names_of_two_chunks(void **state)
{
    (void)state;
    uint64_t records[2], errors[2];
    static uint8_t text[2 * 12000];
    memset(text, 0x20, sizeof text); // as a count: 8,224
    for (int more = 0; more < 2; more++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<E><V>%0</V></E>");
        for (int chunk = 0; chunk <= more; chunk++) {
            encode_place place = ENCODE_EVENT(b, t, encode_bytes(b, ENCODE_STRING, text, sizeof text));
            uint32_t text_offset = place.offset + place.size - 8 - (uint32_t)sizeof text;
            for (unsigned record = 0; record < 10; record++)
                add_overlapping_names(b, text_offset, 50 * record, 50);
            ENCODE_EVENT(b, t, encode_string(b, "last"));
            encode_close_chunk(b);
        }
        size_t size;
        const uint8_t *bytes = encode_finish(b, &size);
        if (!bytes)
            fail_msg("%s", encode_error(b));
        const evx_convert_options options = {
            .size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        records[more] = run.result.records;
        errors[more] = run.result.errors;
        assert_non_null(strstr(run.reports.bytes, "chunk needs more memory than one chunk may use"));
        run_free(&run);
        encode_free(&b);
    }
    assert_in_range(errors[0], 1, 9);
    assert_int_equal(records[0] + errors[0], 12);
    assert_int_equal(records[1], 2 * records[0]);
    assert_int_equal(errors[1], 2 * errors[0]);
}

// A long definition that fails at its end, used by as many records as there is room for, live and stale.
static void test_failing_definition(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < 3000; i++) {
        encode_node *child = encode_element(b, "x");
        child->self_closed = true;
        encode_append(root, child);
    }
    encode_append(root, encode_raw(b, "\x77", 1));
    encode_template *t = encode_template_of(b, fragment);
    ENCODE_EVENT(b, t, encode_u8(1));
    uint8_t payload[32];
    put_instance(payload, 0);
    for (uint64_t id = 2; encode_free_bytes(b) > 64; id++) {
        if (id == 200)
            encode_begin_slack(b);
        add_raw(b, id, payload, 14);
    }
    finish(b, "bad_template_reparse");
}

// Definitions at every place inside one another: each distinct offset is another definition.
static void test_overlapping_definitions(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < 1000; i++) {
        encode_node *child = encode_element(b, "x");
        child->self_closed = true;
        encode_append(root, child);
    }
    encode_template *t = encode_template_of(b, fragment);
    encode_place first = ENCODE_EVENT(b, t, encode_u8(1));
    uint8_t payload[32];
    for (uint32_t i = 0; encode_free_bytes(b) > 64; i++) {
        put_instance(payload, 0);
        log_put(payload + 6, 4, FIRST_DEFINITION + i % (first.size - 100));
        add_raw(b, i + 2, payload, 14);
    }
    finish(b, "overlapping_definitions");
}

// Space that is full of stale records: every eight bytes begin one that claims all the rest.
static void test_carved_noise(void **state)
{
    (void)state;
    struct log log = log_make("1 / 2");
    uint8_t *chunk = log_chunk(&log, 0);
    uint32_t end = CHUNK_BYTES;
    for (uint32_t p = 2048; p + 32 <= end; p += 32) {
        // Headers of 24 bytes, and in the last four of each line the size copy of the line's own record.
        memset(chunk + p, 0, 32);
        log_put(chunk + p, 4, RECORD_MAGIC);
        log_put(chunk + p + RECORD_SIZE_OFFSET, 4, 32);
        log_put(chunk + p + 24, 4, 0x77777777);
        log_put(chunk + p + 28, 4, 32);
    }
    run_all("carve_noise", log.bytes, log.size);
    // The same with one size that fits all: each hit is as long as can be.
    for (uint32_t p = 2048; p + 32 <= end; p += 32) {
        uint32_t size = (end - p) / 2 & ~31u;
        log_put(chunk + p + RECORD_SIZE_OFFSET, 4, size);
        log_put(chunk + p + 24, 4, 0x0001010F);
    }
    for (uint32_t p = 2048; p + 64 <= end; p += 32) {
        uint32_t size = load_u32(chunk + p + RECORD_SIZE_OFFSET);
        if (size >= 64)
            log_put(chunk + p + size - 4, 4, size);
    }
    run_all("carve_long_noise", log.bytes, log.size);
    log_free(&log);
}

// Every name record is its own successor, or the successor of the one behind it.
static void test_name_cycles(void **state)
{
    (void)state;
    struct log log = log_make("1 2 3");
    uint8_t *chunk = log_chunk(&log, 0);
    uint32_t last = 0;
    for (unsigned i = 0; i < CHUNK_NAME_BUCKETS; i++) {
        uint32_t name = load_u32(chunk + CHUNK_NAME_TABLE_OFFSET + 4 * i);
        if (!name)
            continue;
        log_put(chunk + name, 4, last ? last : name);
        if (last)
            log_put(chunk + last, 4, name);
        last = name;
    }
    run_all("name_cycles", log.bytes, log.size);
    log_free(&log);
}

// A value token in a definition holds an instance of that very definition: it shows itself for ever.
static void test_definition_inside_itself(void **state)
{
    (void)state;
    for (int copies = 1; copies <= 2; copies++) {
        encode_builder *b = encode_create();
        encode_template *unused = encode_template_text(b, "<U/>");
        encode_node *instance = encode_instance(b, unused, NULL, 0);
        instance->definition_offset = FIRST_DEFINITION;
        encode_node *inner = encode_append(encode_fragment(b), instance);
        encode_node *fragment = encode_nodes_text(b, "<E></E>");
        encode_node *root = encode_find(b, fragment, "E");
        for (int i = 0; i < copies; i++)
            encode_append(root, encode_literal(b, encode_nested(inner)));
        ENCODE_EVENT(b, encode_template_of(b, fragment), encode_u8(1));
        finish(b, copies == 1 ? "definition_in_itself" : "definition_twice_in_itself");
    }
}

// One 0x21 value placed again and again by a definition, which the next level does, too.
static void test_billion_laughs(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(
        b, "<E><A>%0:nested</A><A>%0:nested</A><A>%0:nested</A><A>%0:nested</A></E>");
    encode_template *leaf = encode_template_text(b, "<L>%0</L>");
    encode_value value = ENCODE_NESTED_INSTANCE(b, leaf, encode_string(b, "ha"));
    for (int i = 0; i < 30; i++)
        value = ENCODE_NESTED_INSTANCE(b, t, value);
    ENCODE_EVENT(b, t, value);
    finish(b, "billion_laughs");
}

// Thousands of places for one long string.
static void test_flat_amplification(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < 5000; i++)
        encode_append(root, encode_substitution(b, 0, ENCODE_STRING, false));
    encode_template *t = encode_template_of(b, fragment);
    static char16_t units[15000];
    for (size_t i = 0; i < COUNT(units); i++)
        units[i] = '<';
    ENCODE_EVENT(b, t, encode_string16(b, units, COUNT(units)));
    finish(b, "flat_amplification");
}

// Names whose polynomial hash falls into one place, new ones in every chunk.
static void test_name_flood(void **state)
{
    (void)state;
    enum { CHUNKS = 12, NAMES = 1500 };
    encode_builder *b = encode_create();
    uint64_t seed = 1;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        encode_node *fragment = encode_fragment(b), *root = encode_element(b, "E");
        encode_append(fragment, root);
        for (int i = 0; i < NAMES; i++) {
            char16_t units[4];
            uint32_t hash;
            do {
                hash = 0;
                for (int k = 0; k < 4; k++) {
                    seed = seed * 6364136223846793005u + 1442695040888963407u;
                    units[k] = (char16_t)('a' + (seed >> 33) % 5000);
                    hash = hash * NAME_HASH_MULTIPLIER + units[k];
                }
            } while (((hash ^ hash >> 15) & 4095) != 7 || units[0] < 0x4E00 / 8);
            encode_node *child = encode_element(b, "x");
            child->name = encode_name_of16(b, units, 4);
            child->self_closed = true;
            encode_append(root, child);
        }
        encode_add_fragment(b, fragment);
        encode_close_chunk(b);
    }
    finish(b, "name_flood");
}

// Data elements with as many names as an array can hold, and with the same one.
static void test_data_names(void **state)
{
    (void)state;
    static char16_t names[30000];
    for (int same = 0; same < 2; same++) {
        for (uint32_t i = 0; i < COUNT(names) / 2; i++) {
            names[2 * i] = (char16_t)(same ? 'x' : 0x4E00 + i);
            names[2 * i + 1] = 0;
        }
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(
            b, "<E><EventData><Data Name='%0:string[]'>v</Data></EventData><X a='%0:string[]'/></E>");
        ENCODE_EVENT(b, t,
                     encode_bytes(b, ENCODE_ARRAY | ENCODE_STRING, names, sizeof names));
        finish(b, same ? "data_same_name" : "data_names");
    }
}

// The deepest nesting the limits allow, and deeper.
static void test_depth(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    static char text[40000];
    for (int depth = 511; depth <= 3000; depth += 2489) {
        char *p = text;
        for (int i = 0; i < depth; i++)
            p = stpcpy(p, "<a>");
        for (int i = 0; i < depth; i++)
            p = stpcpy(p, "</a>");
        encode_add_fragment(b, encode_nodes_text(b, text));
    }
    finish(b, "depth");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fibonacci_arrays),
        cmocka_unit_test(test_fibonacci_faults),
        cmocka_unit_test(test_nested_arrays),
        cmocka_unit_test(test_ansi_arrays),
        cmocka_unit_test(test_array_product),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_a_name_is_charged_once),
        cmocka_unit_test(test_too_many_names_of_two_chunks),
        cmocka_unit_test(test_failing_definition),
        cmocka_unit_test(test_overlapping_definitions),
        cmocka_unit_test(test_carved_noise),
        cmocka_unit_test(test_name_cycles),
        cmocka_unit_test(test_definition_inside_itself),
        cmocka_unit_test(test_billion_laughs),
        cmocka_unit_test(test_flat_amplification),
        cmocka_unit_test(test_name_flood),
        cmocka_unit_test(test_data_names),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
