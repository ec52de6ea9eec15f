// SPDX-License-Identifier: MIT
// Guards the names and values of event_data and of fields on records that are odd: names that come again or are
// missing, arrays, elements in elements, values that are not there; by plans and by a walk.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "arrow_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { VALUES_MAX = 3 };

struct case_ {
    const char *structure, *values; // of each hole s, u, n, e or a: "one", 7, NULL, empty, "a" and "b"
    const char *row;                // event_data, X as text, X as an integer, X as a list
};

#define DATA(inside) "<Event><System><EventID>1</EventID></System><EventData>" inside "</EventData></Event>"

static const struct case_ cases[] = {
    {DATA("<Data Name='X'>%0</Data><Data Name='Y'>%1:u32</Data>"), "su", "[X=one;Y=7]|one|~|[one]|"},
    {DATA("<Data Name='X'>%0:u32</Data>"), "u", "[X=7]|7|7|[7]|"},
    // Names that come again, and none.
    {DATA("<Data Name='X'>%0</Data><Data Name='X'>%1:u32</Data>"), "su", "[X=one;X_1=7]|one, 7|~|[one;7]|"},
    {DATA("<Data>%0</Data><Data>x</Data><Data Name=''>y</Data>"), "s", "[Data=one;Data_1=x;Data_2=y]|~|~|~|"},
    {DATA("<Data Name='A'>1</Data><Data Name='A_1'>2</Data><Data Name='A'>3</Data>"), "", "[A=1;A_1=2;A_2=3]|~|~|~|"},
    {DATA("<Data Name='A'>1</Data><Data Name='A'>2</Data><Data Name='A_1'>3</Data>"), "", "[A=1;A_1=2;A_1_1=3]|~|~|~|"},
    // Values that are not there: an element that depends on one vanishes.
    {DATA("<Data Name='X'>%?0</Data><Data Name='Y'>%1</Data>"), "ns", "[Y=one]|~|~|~|"},
    {DATA("<Data ~- Name='X'>%?0</Data><Data Name='Y'>%1</Data>"), "ns", "[X=~;Y=one]|~|~|~|"},
    {DATA("<Data Name='X'>%0</Data>"), "e", "[X=]|~|~|~|"},
    {DATA("<Data Name='A'>%?0</Data><Data Name='A'>%1</Data><Data Name='A'>z</Data>"), "ns", "[A=one;A_1=z]|~|~|~|"},
    {DATA("<Data Name='X'/><Data Name='Y'></Data>"), "", "[X=;Y=]|~|~|~|"},
    // Arrays, elements in elements, texts of several parts, other elements, attributes from values.
    {DATA("<Data Name='X'>%0:string[]</Data><Data Name='Y'>y</Data>"), "a", "[X=a;X_1=b;Y=y]|a, b|~|[a;b]|"},
    {DATA("<Data Name='O'><I>%0</I><J><K>k</K></J></Data>"), "s", "[O.I=one;O.J.K=k]|~|~|~|"},
    {DATA("<Data Name='X'>a%0b</Data>"), "s", "[X=aoneb]|aoneb|~|[aoneb]|"},
    {DATA("<Binary>%0</Binary><Data Name='%1'>z</Data>"), "ss", "[Binary=one;one=z]|~|~|~|"},
    {DATA("text"), "", "[#text=text]|~|~|~|"},
    {DATA("<Data Name='X'>&amp;\"</Data>"), "", "[X=&\"]|&\"|~|[&\"]|"},
    {DATA("<Data Name='X'> 0x1F </Data>"), "", "[X= 0x1F ]| 0x1F |1f|[ 0x1F ]|"},
    // None at all, and two of them: the first counts.
    {"<Event><System><EventID>1</EventID></System></Event>", "", "[]|~|~|~|"},
    {"<Event><EventData><Data Name='A'>1</Data></EventData><EventData><Data Name='B'>2</Data></EventData></Event>", "",
     "[A=1]|~|~|~|"},
};

static encode_value value_of(encode_builder *b, char kind)
{
    static const char *const items[] = {"a", "b"};
    switch (kind) {
    case 's':
        return encode_string(b, "one");
    case 'u':
        return encode_u32(7);
    case 'a':
        return encode_strings(b, 2, items);
    case 'e':
        return encode_string(b, "");
    default:
        return encode_null();
    }
}

static struct text make_log(void)
{
    struct text log = {0};
    encode_builder *b = encode_create();
    size_t size;
    for (size_t i = 0; i < COUNT(cases); i++) {
        encode_template *t = encode_template_text(b, cases[i].structure);
        encode_value values[VALUES_MAX];
        const size_t count = strlen(cases[i].values);
        for (size_t v = 0; v < count; v++)
            values[v] = value_of(b, cases[i].values[v]);
        encode_node *fragment = encode_append(encode_fragment(b), encode_instance(b, t, values, count));
        encode_add(b, &(encode_record){.fragment = fragment, .id = i + 1});
    }
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    text_add_bytes(&log, bytes, size);
    encode_free(&b);
    return log;
}

static void check(bool no_plans)
{
    static const char *const columns[] = {"event_data"};
    static const evx_table_field fields[] = {{.name = "X", .type = EVX_TABLE_TEXT},
                                             {.name = "number", .field = "X", .type = EVX_TABLE_INT64},
                                             {.name = "list", .field = "X", .type = EVX_TABLE_TEXTS}};
    const evx_engine_options engine_options = {.size = sizeof engine_options, .no_plans = no_plans};
    const evx_table_options options = {
        .size = sizeof options, .columns = columns, .column_count = 1, .fields = fields, .field_count = COUNT(fields)};
    struct text log = make_log(), rows = {0};
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    evx_engine *engine;
    evx_reader *reader;
    assert_int_equal(evx_engine_create(&engine_options, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_table_open(reader, &options, &stream, NULL), EVX_OK);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_int_equal(batch.length, COUNT(cases));
    arrow_put_rows(&rows, &schema, &batch);
    const char *row = strtok(rows.bytes, "\n");
    for (size_t i = 0; i < COUNT(cases); i++, row = strtok(NULL, "\n"))
        if (strcmp(row, cases[i].row) != 0)
            fail_msg("%s: %s, not %s", cases[i].structure, row, cases[i].row);
    batch.release(&batch);
    schema.release(&schema);
    stream.release(&stream);
    evx_engine_destroy(&engine);
    text_free(&log);
    text_free(&rows);
}

static void test_by_plans(void **state)
{
    (void)state;
    check(false);
}

static void test_by_a_walk(void **state)
{
    (void)state;
    check(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_plans), cmocka_unit_test(test_by_a_walk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
