// SPDX-License-Identifier: MIT
// Whence the structure of old records comes, what is told of it, and what is not shown.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evx/packs.h>
#include <evx/recovery.h>

#include "container/layout.h"
#include "encode/encode.h"
#include "runs.h"

#define A   "<Event><A k='%1:u32'>%0</A></Event>"
#define B   "<Event><B>%0</B></Event>"

enum { INPUTS_MAX = 3, DEFINITION_IN_RECORD = 24 + 4 + 10 };

struct input {
    uint8_t *bytes;
    size_t size;
};

struct outcome {
    struct text out, notes;
    evx_convert_result result;
};

static int on_write(void *context, const void *bytes, size_t size)
{
    text_add_bytes(&((struct outcome *)context)->out, bytes, size);
    return 0;
}

static int on_report(void *context, const evx_error *error)
{
    struct outcome *outcome = context;
    text_add_string(&outcome->notes, error->cause_count ? error->cause[0] : "?");
    text_add_string(&outcome->notes, "\n");
    return 0;
}

static void open_input(evx_engine *engine, const struct input *input, evx_reader **ret)
{
    assert_int_equal(evx_open_memory(engine, input->bytes, input->size, ret, NULL), EVX_OK);
}

// Gathers all inputs and converts one of them.
static struct outcome recover(const struct input *inputs, unsigned count, unsigned which, evx_convert_options options)
{
    evx_engine *engine;
    evx_recovery *recovery;
    evx_reader *reader;
    struct outcome outcome = {0};
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_recovery_create(engine, &recovery, NULL), EVX_OK);
    for (unsigned i = 0; i < count; i++) {
        open_input(engine, &inputs[i], &reader);
        assert_int_equal(evx_recovery_gather(recovery, reader, i, NULL), EVX_OK);
        evx_close(&reader);
    }
    options.size = sizeof options;
    options.recovery = recovery;
    options.recovery_input = which;
    open_input(engine, &inputs[which], &reader);
    const evx_sink sink = {.write = on_write, .report = on_report, .context = &outcome};
    assert_int_equal(evx_convert(reader, &options, &sink, &outcome.result, NULL), EVX_OK);
    evx_close(&reader);
    evx_recovery_destroy(&recovery);
    evx_engine_destroy(&engine);
    text_add_string(&outcome.out, "");
    text_add_string(&outcome.notes, "");
    return outcome;
}

static void free_outcome(struct outcome *outcome)
{
    text_free(&outcome->out);
    text_free(&outcome->notes);
}

static struct outcome recover_jsonl(const struct input *inputs, unsigned count, unsigned which)
{
    return recover(inputs, count, which, (evx_convert_options){.format = EVX_FORMAT_JSONL, .threads = 1});
}

static struct input take(encode_builder *b)
{
    struct input input = {0};
    const uint8_t *bytes = encode_finish(b, &input.size);
    assert_non_null(bytes);
    input.bytes = malloc(input.size);
    assert_non_null(input.bytes);
    memcpy(input.bytes, bytes, input.size);
    encode_free(&b);
    return input;
}

static encode_place add(encode_builder *b, encode_template *t, const char *text)
{
    return ENCODE_EVENT(b, t, encode_string(b, text), encode_u32(7));
}

// A chunk with a live record of B and, behind it, two old ones of A, whose only definition has got
// another GUID; then, if wanted, live records of other definitions.
static struct input overwritten(const char *other, const char *another)
{
    encode_builder *b = encode_create();
    encode_template *a = encode_template_text(b, A);
    add(b, encode_template_text(b, B), "live");
    encode_begin_slack(b);
    const encode_place place = add(b, a, "old 1");
    add(b, a, "old 2");
    encode_poke_chunk(b, place.offset + DEFINITION_IN_RECORD + 4, 4, 0x12345678);
    const char *const others[] = {other, another};
    for (int i = 0; i < 2; i++) {
        if (!others[i])
            continue;
        uint8_t guid[16];
        encode_template *t = encode_template_text(b, others[i]);
        encode_template_get_guid(a, guid);
        guid[15] ^= (uint8_t)i;
        encode_template_set_guid(t, guid);
        encode_close_chunk(b);
        add(b, t, "elsewhere");
    }
    return take(b);
}

static void expect(struct outcome outcome, const char *const *texts, const char *const *missing)
{
    for (; *texts; texts++)
        if (!strstr(outcome.out.bytes, *texts))
            fail_msg("%s\n is not in\n%s%s", *texts, outcome.out.bytes, outcome.notes.bytes);
    for (; *missing; missing++)
        if (strstr(outcome.out.bytes, *missing))
            fail_msg("%s\n is in\n%s", *missing, outcome.out.bytes);
    free_outcome(&outcome);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE       ((const char *const[]){NULL})

static void test_from_the_same_file(void **state)
{
    (void)state;
    struct input input = overwritten(A, NULL);
    expect(recover_jsonl(&input, 1, 0),
           TEXTS("{\"recovered\":{\"found\":\"slack\",", "\"structure\":[\"file\"]",
                 "{\"A\":{\"#attributes\":{\"k\":7},\"#text\":\"old 1\"}}",
                 "{\"A\":{\"#attributes\":{\"k\":7},\"#text\":\"old 2\"}}"),
           TEXTS("\"none\""));
    expect(recover(&input, 1, 0, (evx_convert_options){.threads = 1, .compact = 1}),
           TEXTS("<!-- recovered: slack, at offset ", "; structure: file; doubt: definition known by four bytes"),
           NONE);
    free(input.bytes);
}

// Without a definition: the values in their order, and no name.
static void test_from_nowhere(void **state)
{
    (void)state;
    struct input input = overwritten(NULL, NULL);
    expect(recover_jsonl(&input, 1, 0),
           TEXTS("\"structure\":[\"none\"]", "\"Event\":{\"EventData\":{\"Data\":{\"#text\":[\"old 1\",7]}}}"),
           TEXTS("\"A\"", "{\"B\":\"old"));
    free(input.bytes);
}

// One that lacks a hole's value, or has another type, is none; of two that fit, neither.
static void test_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const others[][2] = {
        {"<Event><A k='%1:u32'>%0</A><N>%2</N></Event>", NULL},
        {"<Event><A k='%1:u64'>%0</A></Event>", NULL},
        {"<Event><A k='%1:u8'>%0</A></Event>", NULL},
        {A, "<Event><C k='%1:u32'>%0</C></Event>"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct input input = overwritten(others[i][0], others[i][1]);
        expect(recover_jsonl(&input, 1, 0), TEXTS("\"structure\":[\"none\"]", "[\"old 2\",7]"),
               TEXTS("\"#text\":\"old", "\"file\""));
        free(input.bytes);
    }
    struct input input = overwritten(A, "<Event><C k='%1:u64'>%0</C></Event>");
    expect(recover_jsonl(&input, 1, 0), TEXTS("\"structure\":[\"file\"]"), TEXTS("\"none\""));
    free(input.bytes);
}

// One definition has other bytes where its names are another one's: it is the same all the same.
static void test_same_definition_twice(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *a = encode_template_text(b, A), *namesake = encode_template_text(b, "<Event><A k='1'>%0</A></Event>");
    add(b, encode_template_text(b, B), "live");
    encode_begin_slack(b);
    const encode_place place = add(b, a, "old 1");
    encode_poke_chunk(b, place.offset + DEFINITION_IN_RECORD + 4, 4, 0x12345678);
    encode_close_chunk(b);
    add(b, a, "elsewhere");
    encode_close_chunk(b);
    add(b, namesake, "in front");
    add(b, a, "elsewhere");
    struct input input = take(b);
    expect(recover_jsonl(&input, 1, 0), TEXTS("\"structure\":[\"file\"]", "\"#text\":\"old 1\""), TEXTS("\"none\""));
    free(input.bytes);
}

// The order of the inputs does not matter, and one of the own file comes first.
static void test_from_other_inputs(void **state)
{
    (void)state;
    struct input inputs[] = {overwritten(A, NULL), overwritten(NULL, NULL), overwritten(NULL, NULL)};
    for (unsigned which = 0; which < 3; which++)
        expect(recover_jsonl(inputs, 3, which),
               TEXTS(which ? "\"structure\":[\"other file\"]" : "\"structure\":[\"file\"]",
                     "\"#text\":\"old 2\""), TEXTS("\"none\""));
    for (int i = 0; i < 3; i++)
        free(inputs[i].bytes);
}

// A definition in another place of the chunk.
static void test_from_the_same_chunk(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *a = encode_template_text(b, A);
    add(b, encode_template_text(b, B), "live");
    encode_begin_slack(b);
    const encode_place first = add(b, a, "old 1"), second = add(b, a, "old 2");
    // The second one says that its definition stands elsewhere.
    encode_poke_chunk(b, second.offset + 24 + 4 + 6, 4, first.offset + 24);
    struct input input = take(b);
    expect(recover_jsonl(&input, 1, 0),
           TEXTS("\"structure\":[\"own\"]", "\"structure\":[\"chunk\"]", "\"#text\":\"old 2\""), TEXTS("\"none\""));
    free(input.bytes);
}

// A record that another one has swallowed, by its size.
static void test_hidden_record(void **state)
{
    (void)state;
    for (int overwrites = 0; overwrites < 2; overwrites++) {
        encode_builder *b = encode_create();
        encode_template *a = encode_template_text(b, A);
        encode_place places[4];
        for (int i = 0; i < 4; i++)
            places[i] = add(b, a, (const char *[]){"one", "two", "three", "four"}[i]);
        const uint32_t size = places[1].size + places[2].size;
        encode_poke_chunk(b, places[1].offset + 4, 4, size);
        if (overwrites)
            encode_poke_chunk(b, places[1].offset + size - 4, 4, size);
        struct input input = take(b);
        expect(recover_jsonl(&input, 1, 0),
               TEXTS("\"two\"", "{\"recovered\":{\"found\":\"hidden\",", "\"three\"", "\"four\"",
                     overwrites ? "\"doubt\":[\"size copy overwritten\"]" : "\"structure\":[\"own\"]}"),
               NONE);
        free(input.bytes);
    }
}

// Live records whose definition is damaged, with another one.
static void test_broken_live_records(void **state)
{
    (void)state;
    for (int is_elsewhere = 0; is_elsewhere < 2; is_elsewhere++) {
        encode_builder *b = encode_create();
        encode_template *a = encode_template_text(b, A);
        const encode_place place = add(b, a, "live 1");
        add(b, a, "live 2");
        encode_poke_chunk(b, place.offset + DEFINITION_IN_RECORD + 4, 4, 0x12345678);
        if (is_elsewhere) {
            encode_close_chunk(b);
            add(b, a, "elsewhere");
        }
        struct input input = take(b);
        expect(recover_jsonl(&input, 1, 0),
               TEXTS("{\"recovered\":{\"found\":\"broken\",", "\"live 1\"", "\"live 2\"",
                     is_elsewhere ? "\"structure\":[\"file\"]" : "\"structure\":[\"none\"]"),
               TEXTS("\"own\""));
        free(input.bytes);
    }
}

// A definition whose names stand elsewhere, where zeros are now: they have the hash of the empty name.
static void test_empty_names(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    add(b, encode_template_text(b, "<X>%0</X>"), "live");
    encode_begin_slack(b);
    const encode_place first = add(b, encode_template_text(b, B), "first");
    add(b, encode_template_text(b, A), "old");
    // Behind the fragment header, the token, the dependency, the size, the name's offset and its link.
    const uint32_t name = first.offset + DEFINITION_IN_RECORD + DEFINITION_HEADER_BYTES + 4 + 1 + 2 + 4 + 4 + 4;
    encode_poke_chunk(b, name, 8, 0); // its hash, its count, and two units
    struct input input = take(b);
    expect(recover_jsonl(&input, 1, 0), TEXTS("\"structure\":[\"none\"]", "[\"old\",7]"), TEXTS("{\"\":"));
    free(input.bytes);
}

// Old copies of live records are left out, by what they say and not by their identifiers.
static void test_duplicates(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *a = encode_template_text(b, A);
    const encode_node *same = encode_append(encode_fragment(b), ENCODE_INSTANCE(b, a, encode_string(b, "same"), encode_u32(1)));
    const encode_node *other = encode_append(encode_fragment(b), ENCODE_INSTANCE(b, a, encode_string(b, "next"), encode_u32(1)));
    encode_add(b, &(encode_record){.fragment = same, .id = 1, .written = 5000});
    encode_begin_slack(b);
    encode_add(b, &(encode_record){.fragment = same, .id = 1, .written = 5000});
    encode_add(b, &(encode_record){.fragment = other, .id = 1, .written = 5000});
    encode_add(b, &(encode_record){.fragment = same, .id = 1, .written = 6000});
    struct input input = take(b);
    struct outcome outcome = recover_jsonl(&input, 1, 0);
    assert_int_equal(outcome.result.recovered, 2);
    free_outcome(&outcome);
    outcome = recover(&input, 1, 0, (evx_convert_options){.format = EVX_FORMAT_JSONL, .show_duplicates = 1});
    assert_int_equal(outcome.result.recovered, 3);
    free_outcome(&outcome);
    free(input.bytes);
}

// A value that cannot be what it says casts doubt on the whole record, with a definition or without.
static void test_refused_value(void **state)
{
    (void)state;
    for (int is_broken = 0; is_broken < 2; is_broken++) {
        encode_builder *b = encode_create();
        encode_template *a = encode_template_text(b, A);
        add(b, encode_template_text(b, B), "live");
        encode_begin_slack(b);
        const encode_place place =
            ENCODE_EVENT(b, a, encode_bytes(b, ENCODE_STRING, "abc", 3), encode_u32(1));
        if (is_broken)
            encode_poke_chunk(b, place.offset + DEFINITION_IN_RECORD + 4, 4, 0x12345678);
        struct input input = take(b);
        struct outcome outcome = recover_jsonl(&input, 1, 0);
        assert_int_equal(outcome.result.recovered, 0);
        assert_non_null(strstr(outcome.notes.bytes, "old record number 2 of chunk 0 is not shown: "));
        free_outcome(&outcome);
        free(input.bytes);
    }
}

static void test_threads_are_equal(void **state)
{
    (void)state;
    struct input inputs[] = {overwritten(NULL, NULL), overwritten(A, "<Event><C k='%1:u64'>%0</C></Event>")};
    struct outcome one = recover_jsonl(inputs, 2, 1);
    for (unsigned threads = 2; threads < 9; threads += 3) {
        struct outcome more =
            recover(inputs, 2, 1, (evx_convert_options){.format = EVX_FORMAT_JSONL, .threads = threads});
        assert_true(text_equals(&one.out, &more.out));
        free_outcome(&more);
    }
    free_outcome(&one);
    free(inputs[0].bytes);
    free(inputs[1].bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_the_same_file), cmocka_unit_test(test_from_nowhere),
        cmocka_unit_test(test_what_does_not_fit), cmocka_unit_test(test_same_definition_twice), cmocka_unit_test(test_from_other_inputs),
        cmocka_unit_test(test_from_the_same_chunk), cmocka_unit_test(test_hidden_record),
        cmocka_unit_test(test_broken_live_records), cmocka_unit_test(test_empty_names),
        cmocka_unit_test(test_duplicates),         cmocka_unit_test(test_refused_value),
        cmocka_unit_test(test_threads_are_equal),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
