// SPDX-License-Identifier: MIT
// Guards what a record may cost, without a clock: work that nobody should do is made visible. A
// value that does not fit its type leaves a note when it is looked at, programs are counted, and so
// are the bytes of output.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/handles.h"
#include "emit/renderer.h"
#include "kernels/avx512.h"
#include "runs.h"

enum { WARM = 5 }; // uses of a template, after which its program serves

// One worker and the first chunk of a log.
struct desk {
    struct memory memory;
    struct store store;
    struct decoder decoder;
    struct renderer renderer;
    struct chunk chunk;
    struct outbuf out;
    struct plans plans[FORMAT_COUNT];
};

static void desk_choose(struct desk *desk, enum format_number format)
{
    renderer_aim(&desk->renderer, &formats[format], &desk->plans[format], &desk->out);
}

static void desk_open(struct desk *desk, encode_builder *b, enum format_number format)
{
    size_t size;
    const uint8_t *log = encode_finish(b, &size);
    if (!log)
        fail_msg("%s", encode_error(b));
    memory_init(&desk->memory, NULL);
    assert_true(store_init(&desk->store, &desk->memory));
    decoder_init(&desk->decoder, &desk->store);
    renderer_init(&desk->renderer, &desk->decoder, ansi_codec_default());
    outbuf_init(&desk->out, &desk->memory);
    desk->chunk = (struct chunk){.data = log + FILE_HEADER_BLOCK_BYTES, .loaded = CHUNK_BYTES,
                                   .size = CHUNK_BYTES};
    chunk_parse_header(&desk->chunk);
    decoder_start_chunk(&desk->decoder, &desk->chunk);
    for (int i = 0; i < FORMAT_COUNT; i++)
        assert_true(plans_init(&desk->plans[i], &desk->memory));
    desk_choose(desk, format);
}

static void desk_close(struct desk *desk)
{
    outbuf_destroy(&desk->out);
    renderer_destroy(&desk->renderer);
    decoder_destroy(&desk->decoder);
    for (int i = 0; i < FORMAT_COUNT; i++)
        plans_destroy(&desk->plans[i]);
    store_destroy(&desk->store);
}

// Renders the record at a place; whether it was printed.
static bool desk_render(struct desk *desk, encode_place place)
{
    struct fragment fragment;
    assert_int_equal(place.chunk, 0);
    desk->out.length = 0;
    decoder_start_record(&desk->decoder, false);
    assert_true(outbuf_begin_record(&desk->out));
    assert_true(decode_record(&desk->decoder, place.offset + RECORD_HEADER_BYTES,
                              place.offset + place.size - 4, &fragment));
    return render_record(&desk->renderer, &fragment);
}

// What an engine was told of the processor reaches those who write.
static void test_the_baseline_has_no_avx512(void **state)
{
    (void)state;
    static const char *const cpus[] = {NULL, "baseline"};
    for (int i = 0; i < 2; i++) {
        const evx_engine_options options = {.size = sizeof options, .cpu = cpus[i]};
        evx_engine *engine;
        assert_int_equal(evx_engine_create(&options, &engine, NULL), EVX_OK);
        struct decoder decoder;
        struct renderer renderer;
        decoder_init(&decoder, &engine->store);
        renderer_init(&renderer, &decoder, ansi_codec_default());
        assert_int_equal(renderer.has_avx512, i == 0 && avx512_is_there());
        renderer_destroy(&renderer);
        decoder_destroy(&decoder);
        evx_engine_destroy(&engine);
    }
}

// An array whose size is odd, so that it leaves a note when it is looked at.
static encode_value noted_array(uint32_t items)
{
    static const uint8_t bytes[2 * 30000 + 1];
    assert_true(2 * items < sizeof bytes);
    return encode_borrowed(ENCODE_ARRAY | ENCODE_STRING, bytes, 2 * items + 1);
}

// Refused before the noted array was looked at.
static void expect_refusal(struct desk *desk, encode_place place, enum fault_kind why)
{
    assert_false(desk_render(desk, place));
    assert_int_equal(desk->decoder.fault.kind, why);
    assert_int_equal(desk->decoder.note_count, 0);
}

// Copies that cannot all be shown: not one is.
static void test_copies_are_refused_at_once(void **state)
{
    (void)state;
    static const char *const structures[] = {
        "<E><X a='1' b='2' c='3' d='4' e='5' f='6' g='7' h='8' i='9' j='10'>%0</X></E>",
        "<E><X a='%0' b='%0' c='%0'/></E>", // their number is a product
    };
    for (int i = 0; i < 2 * 3; i++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, structures[i % 2]);
        encode_place place = ENCODE_EVENT(b, t, noted_array(i % 2 ? 100 : 25000));
        struct desk desk;
        desk_open(&desk, b, (enum format_number)(i / 2));
        for (int k = 0; k < WARM; k++)
            expect_refusal(&desk, place, FAULT_LIMIT_NODES);
        desk_close(&desk);
        encode_free(&b);
    }
}

// JSON looks at the children of a container before it shows them: what it sees then is paid for,
// and not again.
static void test_containers_are_paid_for_when_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *structure;
        bool fits;
    } rows[] = {
        {"<E><EventData><X>%0%0</X></EventData></E>", true},
        {"<E><EventData><Data>%0%0</Data></EventData></E>", true},
        {"<E><EventData><Data Name='n'>%0%0</Data></EventData></E>", true},
        {"<E><EventData><X>%0%0</X><X>%0%0</X><Data Name='%1'/></EventData></E>", false},
        {"<E><EventData><Data>%0%0</Data><Data>%0%0</Data><Data Name='%1'/></EventData></E>",
         false},
        // Data without a name beside Data with one.
        {"<E><EventData><Data "
         "Name='n'/><Data>%0%0</Data><Data>%0%0</Data><X>%1</X></EventData></E>",
         false},
    };
    static const uint8_t bytes[310]; // 96,100 copies of 3 to 5 nodes
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, rows[i].structure);
        const encode_value array = encode_borrowed(ENCODE_ARRAY | ENCODE_U8, bytes, sizeof bytes);
        encode_place place = ENCODE_EVENT(b, t, array, noted_array(2));
        struct desk desk;
        desk_open(&desk, b, FORMAT_JSON);
        for (int k = 0; k < WARM; k++) {
            if (rows[i].fits)
                assert_true(desk_render(&desk, place));
            else
                expect_refusal(&desk, place, FAULT_LIMIT_NODES);
        }
        desk_close(&desk);
        encode_free(&b);
    }
}

// A program that gives up near its end leaves the record as if it had never begun, nodes included.
static void test_a_bail_costs_no_nodes(void **state)
{
    (void)state;
    static const uint8_t bytes[350]; // 122,500 copies of 3 nodes
    encode_builder *b = encode_create();
    encode_template *inner = encode_template_text(b, "<I><X>%0%0</X></I>");
    encode_template *outer = encode_template_text(b, "<E><O>%0:nested</O><A>%1</A><P a='%1'/></E>");
    const encode_value array = encode_borrowed(ENCODE_ARRAY | ENCODE_U8, bytes, sizeof bytes);
    encode_place place = ENCODE_EVENT(b, outer, ENCODE_NESTED_INSTANCE(b, inner, array),
                                      encode_bytes(b, ENCODE_ARRAY | ENCODE_U8, bytes, 2));
    struct desk desk;
    desk_open(&desk, b, FORMAT_XML);
    for (int i = 0; i < 3; i++) {
        desk_choose(&desk, (enum format_number)i);
        for (int k = 0; k < WARM; k++)
            assert_true(desk_render(&desk, place));
    }
    desk_close(&desk);
    encode_free(&b);
}

// A template at more depths than it may have programs: compiled once for each program, and compact
// XML and JSON need but one.
static void test_no_program_is_compiled_twice(void **state)
{
    (void)state;
    enum { LEVELS = TEMPLATE_PLANS_MAX + 2, UNTOUCHED = 12345 };
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<E><A>%0</A>%?1:nested</E>");
    encode_value value = encode_null();
    for (int i = 1; i < LEVELS; i++)
        value = ENCODE_NESTED_INSTANCE(b, t, encode_u32(7), value);
    encode_place place = ENCODE_EVENT(b, t, encode_u32(7), value);
    for (int i = 0; i < 3; i++) {
        struct desk desk;
        desk_open(&desk, b, (enum format_number)i);
        for (int k = 0; k < WARM; k++)
            assert_true(desk_render(&desk, place));
        assert_int_equal(desk.plans[i].count, i == FORMAT_XML ? TEMPLATE_PLANS_MAX : 1);
        desk.renderer.op_count = UNTOUCHED; // the compiler starts from 0
        assert_true(desk_render(&desk, place));
        assert_int_equal(desk.renderer.op_count, UNTOUCHED);
        desk_close(&desk);
    }
    encode_free(&b);
}

// Literal attributes of Data with a literal name are text like the name: no record asks the walker.
static void test_attributes_of_data_compile(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(
        b, "<E><EventData><Data Name='A' k='v'>%0</Data><Data Name='B'>%0</Data></EventData></E>");
    encode_place place = ENCODE_EVENT(b, t, encode_u32(7));
    struct desk desk;
    desk_open(&desk, b, FORMAT_JSON);
    assert_true(desk_render(&desk, place));
    assert_true(desk.renderer.used_program);
    for (uint32_t i = 0; i < desk.renderer.op_count; i++)
        assert_int_not_equal(desk.renderer.ops[i].kind, OP_WALK);
    desk_close(&desk);
    encode_free(&b);
}

// Many places for one long text, and a value that leaves a note behind them.
static void test_a_record_ends_where_its_output_does(void **state)
{
    (void)state;
    enum { TEXT = 10000, PLACES = 2 * RECORD_OUTPUT_BYTES_MAX / TEXT };
    static char text[TEXT + 1];
    memset(text, 't', TEXT);
    for (int i = 0; i < 2 * 3; i++) {
        encode_builder *b = encode_create();
        encode_node *fragment = encode_nodes_text(b, "<E><X></X></E>"), *node;
        encode_node *parent = node = encode_find(b, fragment, "X");
        if (i % 2)
            encode_append(parent, node = encode_attribute(b, "a"));
        for (int k = 0; k < PLACES; k++)
            encode_append(node, encode_substitution(b, 0, ENCODE_STRING, false));
        encode_append(node, encode_substitution(b, 1, ENCODE_STRING, false));
        encode_place place = ENCODE_EVENT(b, encode_template_of(b, fragment),
                                          encode_string(b, text), noted_array(1));
        struct desk desk;
        desk_open(&desk, b, (enum format_number)(i / 2));
        for (int k = 0; k < WARM; k++)
            expect_refusal(&desk, place, FAULT_LIMIT_OUTPUT);
        desk_close(&desk);
        encode_free(&b);
    }
}

// Asks for an item; how far it is from the nearest place that the array remembers.
static uint32_t ask(struct value *array, uint32_t index)
{
    uint32_t nearest = 0;
    for (int i = 0; i < 2; i++)
        if (array->cursor[i].index <= index && array->cursor[i].index > nearest)
            nearest = array->cursor[i].index;
    value_item(array, index);
    return index - nearest;
}

// A pass over the items of an array, then one that compares each item with the one in front.
static void test_items_are_near_the_last_ones(void **state)
{
    (void)state;
    enum { ITEMS = 1000 };
    static const uint8_t bytes[2 * ITEMS];
    struct value array = {.data = bytes, .size = sizeof bytes, .type = TYPE_ARRAY | TYPE_STRING};
    uint32_t steps = 0;
    value_classify(&array);
    assert_int_equal(array.item_count, ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++)
        steps += ask(&array, i);
    for (uint32_t i = 1; i < ITEMS; i++)
        steps += ask(&array, i - 1) + ask(&array, i) + ask(&array, i - 1);
    assert_true(steps < 4 * ITEMS);
}

// Names that collide in one run do not in another: the places of names depend on addresses.
static void test_nobody_can_choose_colliding_names(void **state)
{
    (void)state;
    static const char names[] = "abcdefghijklmnopqrstuvwxyz";
    struct memory memory[2];
    struct key_set sets[2];
    unsigned same = 0, count = 0;
    const struct outbuf out = {0};
    for (int i = 0; i < 2; i++) {
        memory_init(&memory[i], NULL);
        key_set_init(&sets[i], &memory[i]);
    }
    for (const char *name = names; *name; name++, count++) {
        for (int i = 0; i < 2; i++)
            assert_true(key_set_add(&sets[i], 1, (const uint8_t *)name, 1, &out));
        same += sets[0].used[count] == sets[1].used[count];
    }
    assert_true(same < count / 2);
    key_set_destroy(&sets[0]);
    key_set_destroy(&sets[1]);
}

// An attribute that does not show is not even begun: its long name would not fit any more.
static void test_hidden_attributes_are_not_written(void **state)
{
    (void)state;
    enum { NAME = 16000, TEXT = 3000, TEXTS = RECORD_OUTPUT_BYTES_MAX / TEXT };
    static char name[NAME + 1], text[TEXT + 1];
    memset(name, 'n', NAME);
    memset(text, 't', TEXT);
    encode_builder *b = encode_create();
    encode_node *fragment = encode_nodes_text(b, "<E></E>");
    encode_node *root = encode_find(b, fragment, "E");
    for (int i = 0; i < TEXTS; i++)
        encode_append(root, encode_substitution(b, 0, ENCODE_STRING, false));
    encode_node *child = encode_element(b, "X");
    for (int i = 0; i < 2; i++)
        encode_append(child, encode_append(encode_attribute(b, name), encode_text(b, "")));
    encode_append(root, child);
    encode_place place = ENCODE_EVENT(b, encode_template_of(b, fragment), encode_string(b, text));
    struct desk desk;
    desk_open(&desk, b, FORMAT_XML_COMPACT);
    assert_true(desk_render(&desk, place));
    assert_true(desk.out.length + NAME > RECORD_OUTPUT_BYTES_MAX);
    desk_close(&desk);
    encode_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies_are_refused_at_once),
        cmocka_unit_test(test_containers_are_paid_for_when_looked_at),
        cmocka_unit_test(test_a_bail_costs_no_nodes),
        cmocka_unit_test(test_no_program_is_compiled_twice),
        cmocka_unit_test(test_attributes_of_data_compile),
        cmocka_unit_test(test_a_record_ends_where_its_output_does),
        cmocka_unit_test(test_items_are_near_the_last_ones),
        cmocka_unit_test(test_nobody_can_choose_colliding_names),
        cmocka_unit_test(test_hidden_attributes_are_not_written),
        cmocka_unit_test(test_the_baseline_has_no_avx512),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
