// SPDX-License-Identifier: MIT
// Guards the list of a log's templates: that it counts every use, says of each field a path that leads to it,
// and stays within its bounds whatever the log is made of.
//
// With --real-logs: the same of real logs, and nothing else.
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/handles.h"
#include "base/limits.h"
#include "corpus.h"
#include "fields/template_fields.h"
#include "fields/template_path.h"
#include "gen/generate.h"
#include "runs.h"

static evx_engine *engine;

static int set_up(void **state)
{
    (void)state;
    return evx_engine_create(NULL, &engine, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    evx_engine_destroy(&engine);
    return engine != NULL;
}

// ------------------------------------------------------------------------------------ what is told

// A line for each template: "ROOT[*] USES PROVIDER[+] IDS[+]: VALUE:TYPE[?] PATH NAME, ..."
static int tell(void *context, const evx_template_info *info)
{
    struct text *out = context;
    char piece[1200];
    assert_int_equal(info->size, sizeof *info);
    snprintf(piece, sizeof piece, "%s%s %llu %s%s", info->root, info->is_nested ? "*" : "",
             (unsigned long long)info->uses, info->provider ? info->provider : "-", info->has_more_providers ? "+" : "");
    text_add_string(out, piece);
    for (size_t i = 0; i < info->event_id_count; i++) {
        snprintf(piece, sizeof piece, "%c%u", i ? ',' : ' ', info->event_ids[i]);
        text_add_string(out, piece);
    }
    text_add_string(out, info->has_more_event_ids ? "+:" : ":");
    for (size_t i = 0; i < info->field_count; i++) {
        const evx_template_field *field = info->fields[i];
        assert_int_equal(field->size, sizeof *field);
        snprintf(piece, sizeof piece, "%s%u:%s%s %s%s%s", i ? ", " : " ", field->value, field->type,
                 field->is_optional ? "?" : "", field->path, field->name ? " =" : "", field->name ? field->name : "");
        text_add_string(out, piece);
    }
    text_add_string(out, info->has_more_fields ? "+\n" : "\n");
    return 0;
}

static evx_reader *open_bytes(const uint8_t *bytes, size_t size)
{
    evx_reader *reader;
    assert_int_equal(evx_open_memory(engine, bytes, size, &reader, NULL), EVX_OK);
    return reader;
}

static evx_template_totals list(evx_reader *reader, struct text *out)
{
    evx_template_totals totals = {.size = sizeof totals};
    evx_error error = {0};
    evx_status status = evx_list_templates(reader, tell, out, &totals, &error);
    if (status != EVX_OK)
        fail_msg("%s: %s", evx_status_name(status), error.cause_count ? error.cause[0] : "");
    return totals;
}

// Lists what the builder made, and frees it.
static evx_template_totals list_log(encode_builder *b, struct text *out)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    evx_reader *reader = open_bytes(bytes, size);
    evx_template_totals totals = list(reader, out);
    evx_close(&reader);
    encode_free(&b);
    return totals;
}

static void expect(struct text *out, const char *expected)
{
    assert_string_equal(out->bytes, expected);
    text_free(out);
}

static const char event[] = "<Event><System><Provider Name='%2'/><EventID>%0:u16</EventID></System>%?1:nested</Event>";

static void test_what_is_told(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_template *outer = encode_template_text(b, event);
    encode_template *inner = encode_template_text(
        b, "<EventData a='%0'><Data Name='A'>%0</Data><Data Name=\"it's\">%?1:u32[]</Data><Data Name='%2'>%3:sid"
           "</Data><Data Name='B' Kind='%4:hex64'>x</Data></EventData>");
    for (unsigned i = 0; i < 3; i++)
        ENCODE_EVENT(b, outer, encode_u16((uint16_t)(7 - i % 2)),
                     ENCODE_NESTED_INSTANCE(b, inner, encode_string(b, "a")), encode_string(b, i < 2 ? "P" : "Q"));
    encode_close_chunk(b);
    ENCODE_EVENT(b, outer, encode_u16(5), encode_null(), encode_string(b, "P"));
    evx_template_totals totals = list_log(b, &out);
    assert_int_equal(totals.records, 4);
    assert_int_equal(totals.templates, 2);
    assert_int_equal(totals.damaged + totals.reports + totals.unlisted_uses, 0);
    expect(&out, "Event 4 P+ 5,6,7: 2:string System/Provider/@Name, 0:u16 System/EventID, 1:elements? \n"
                 "EventData* 3 P+ 6,7: 0:string EventData/@a, 0:string EventData/Data[@Name='A'] =A, "
                 "1:u32[]? EventData/Data[@Name=\"it's\"] =it's, 2:string EventData/Data/@Name, "
                 "3:sid EventData/Data, 4:hex64 EventData/Data[@Name='B']/@Kind\n");
}

// What the template says itself, and what no template is around.
static void test_literals_and_elements(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(
        b, "<Event><System><Provider Name='Lit'/><EventID>4624</EventID></System><X>%0:u8</X></Event>");
    encode_template *wrong = encode_template_text(b, "<Event><System><EventID>46x</EventID></System></Event>");
    ENCODE_EVENT(b, t, encode_u8(1));
    ENCODE_EVENT(b, wrong, encode_null());
    encode_node *bare = encode_nodes_text(b, "<Event><Y></Y></Event>");
    encode_append(encode_find(b, bare, "Y"), ENCODE_INSTANCE(b, t, encode_u8(2)));
    encode_add_fragment(b, bare);
    evx_template_totals totals = list_log(b, &out);
    assert_int_equal(totals.records, 3);
    expect(&out, "Event 1 Lit 4624: 0:u8 X\nEvent 1 -:\nEvent* 1 -: 0:u8 Event/X\n");
}

static void test_event_ids_are_bounded(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(b, "<Event><System><EventID>%0:u16</EventID></System></Event>");
    for (unsigned i = 2 * TEMPLATE_EVENT_IDS_MAX; i > 0; i--)
        ENCODE_EVENT(b, t, encode_u16((uint16_t)i));
    ENCODE_EVENT(b, t, encode_u16(1000));
    list_log(b, &out);
    assert_non_null(strstr(out.bytes, "Event 129 - 1,2,3,4,"));
    assert_non_null(strstr(out.bytes, ",63,64+: 0:u16 System/EventID\n"));
    text_free(&out);
}

// Records of one GUID with other fields are not mixed; equal ones of several chunks are.
static void test_what_makes_templates_differ(void **state)
{
    (void)state;
    static const uint8_t guid[16] = {1, 2, 3};
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_template *t[] = {encode_template_text(b, "<E><A>%0</A></E>"), encode_template_text(b, "<E><B>%0</B></E>")};
    for (unsigned i = 0; i < 4; i++) {
        encode_template_set_guid(t[i % 2], guid);
        ENCODE_EVENT(b, t[i % 2], encode_string(b, "x"));
        encode_close_chunk(b);
    }
    list_log(b, &out);
    expect(&out, "E 2 -: 0:string A\nE 2 -: 0:string B\n");
}

static void test_long_paths_are_cut(void **state)
{
    (void)state;
    struct text out = {0};
    static char name[400], expected[2 * FIELD_PATH_BYTES_MAX + 100];
    memset(name, 'n', sizeof name - 1);
    encode_builder *b = encode_create();
    encode_node *root = encode_nodes_text(b, "<E></E>"), *parent = encode_find(b, root, "E");
    for (int i = 0; i < 2; i++) {
        encode_node *child = encode_element(b, name);
        encode_append(parent, child);
        encode_append(parent = child, encode_substitution(b, (uint16_t)i, ENCODE_STRING, false));
    }
    ENCODE_EVENT(b, encode_template_of(b, root), encode_string(b, "x"), encode_string(b, "y"));
    list_log(b, &out);
    int used = snprintf(expected, sizeof expected, "E 1 -: 0:string %s, 1:string %s/", name, name);
    memset(expected + used, 'n', FIELD_PATH_BYTES_MAX - 3 - 400);
    used += FIELD_PATH_BYTES_MAX - 3 - 400;
    snprintf(expected + used, sizeof expected - (size_t)used, "...\n");
    expect(&out, expected);
}

static void test_fields_are_bounded(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_node *root = encode_nodes_text(b, "<E></E>"), *parent = encode_find(b, root, "E");
    for (unsigned i = 0; i <= TEMPLATE_FIELDS_MAX; i++)
        encode_append(parent, encode_substitution(b, (uint16_t)i, ENCODE_U8, false));
    ENCODE_EVENT(b, encode_template_of(b, root), encode_u8(1));
    list_log(b, &out);
    assert_non_null(strstr(out.bytes, ", 4095:u8 +\n"));
    assert_null(strstr(out.bytes, "4096"));
    text_free(&out);
}

// A chunk of templates that say much costs no more than others: the last one is counted only.
static void test_a_chunk_is_bounded(void **state)
{
    (void)state;
    enum { HOLES = 4000 };
    struct text out = {0};
    static char name[401];
    memset(name, 'n', sizeof name - 1);
    encode_builder *b = encode_create();
    for (int i = 0; i < 3; i++) {
        encode_node *root = encode_nodes_text(b, "<E><Data></Data></E>"), *data = encode_find(b, root, "Data");
        encode_append(data, encode_append(encode_attribute(b, "Name"), encode_text(b, name)));
        for (unsigned k = 0; k < HOLES; k++)
            encode_append(data, encode_substitution(b, (uint16_t)(i + 1), ENCODE_U8, false));
        ENCODE_EVENT(b, encode_template_of(b, root), encode_u8(1));
    }
    evx_template_totals totals = list_log(b, &out);
    assert_int_equal(totals.records, 3);
    assert_int_equal(totals.templates, 2);
    assert_int_equal(totals.unlisted_uses, 1);
    text_free(&out);
}

// As deep as elements may stand in one another, with an attribute in the innermost.
static void test_open_elements(void **state)
{
    (void)state;
    struct text out = {0}, structure = {0};
    for (int i = 0; i < OPEN_ELEMENTS_MAX; i++)
        text_add_string(&structure, "<x>");
    text_add_string(&structure, "<x a='%0'/>");
    for (int i = 0; i < OPEN_ELEMENTS_MAX; i++)
        text_add_string(&structure, "</x>");
    encode_builder *b = encode_create();
    ENCODE_EVENT(b, encode_template_text(b, structure.bytes), encode_u8(1));
    assert_int_equal(list_log(b, &out).records, 1);
    assert_non_null(strstr(out.bytes, "x 1 -: 0:string x/x/x/"));
    assert_non_null(strstr(out.bytes, "/x/x...\n"));
    text_free(&out);
    text_free(&structure);
}

// ---------------------------------------------------------------------------------------- damage

static void test_damage_is_counted(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    encode_template *outer = encode_template_text(b, event);
    encode_template *inner = encode_template_text(b, "<EventData>%0</EventData>");
    ENCODE_EVENT(b, outer, encode_u16(1), ENCODE_NESTED_INSTANCE(b, inner, encode_null()));
    // A value that cannot be decoded costs the record, not half of it.
    ENCODE_EVENT(b, outer, encode_u16(2), encode_bytes(b, ENCODE_NESTED, "\x0F\x01\x01\x00\x77", 5));
    encode_close_chunk(b);
    ENCODE_EVENT(b, outer, encode_u16(3), encode_null());
    encode_poke_chunk(b, 0, 1, 'X');
    encode_close_chunk(b);
    ENCODE_EVENT(b, outer, encode_u16(4), encode_null());
    evx_template_totals totals = list_log(b, &out);
    assert_int_equal(totals.records, 2);
    assert_int_equal(totals.damaged, 1);
    assert_int_equal(totals.reports, 1);
    expect(&out, "Event 2 - 1,4: 2:string System/Provider/@Name, 0:u16 System/EventID, 1:elements? \n"
                 "EventData* 1 - 1: 0:string EventData\n");
}

static void test_lone_surrogates_are_replaced(void **state)
{
    (void)state;
    struct text out = {0};
    encode_builder *b = encode_create();
    static const char16_t units[] = {'p', 0xD800, 'q', 0xD83D, 0xDE00, 0, 'r'};
    ENCODE_EVENT(b, encode_template_text(b, event), encode_u16(1), encode_null(), encode_string16(b, units, 7));
    list_log(b, &out);
    assert_non_null(strstr(out.bytes, "Event 1 p\xEF\xBF\xBDq\xF0\x9F\x98\x80 1:"));
    text_free(&out);
}

// Values in values, as deep as they may be, and one deeper.
static void test_depth(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct text out = {0};
        encode_builder *b = encode_create();
        encode_template *t = encode_template_text(b, "<E>%0:nested</E>");
        encode_value value = ENCODE_NESTED_INSTANCE(b, t, encode_null());
        for (int i = 1; i < NESTED_FRAGMENTS_MAX + more; i++)
            value = ENCODE_NESTED_INSTANCE(b, t, value);
        ENCODE_EVENT(b, t, value);
        evx_template_totals totals = list_log(b, &out);
        assert_int_equal(totals.records, !more);
        assert_int_equal(totals.damaged, more);
        if (!more)
            assert_string_equal(out.bytes, "E 1 -: 0:elements \nE* 64 -: 0:elements E\n");
        text_free(&out);
    }
}

// ----------------------------------------------------------------------------------------- the call

static int stop_at_once(void *context, const evx_template_info *info)
{
    (void)info;
    ++*(int *)context;
    return 1;
}

static void test_the_call(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3");
    struct text out = {0};
    evx_reader *reader = open_bytes(log.bytes, log.size);
    evx_record record;
    evx_template_totals totals = {.size = sizeof totals - 1};
    int calls = 0;
    evx_error error;
    assert_int_equal(evx_list_templates(reader, stop_at_once, &calls, &totals, &error), EVX_ERR_ARGUMENT);
    totals.size = sizeof totals;
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(evx_list_templates(reader, stop_at_once, &calls, &totals, &error), EVX_ERR_SINK);
    assert_int_equal(error.status, EVX_ERR_SINK);
    assert_int_equal(calls, 1);
    assert_int_equal(totals.records, 3);
    assert_int_equal(evx_list_templates(reader, tell, &out, NULL, NULL), EVX_OK);
    expect(&out, "Event 3 -: 0:string V\n");
    // The record and its place are as they were.
    assert_memory_equal(record.fragment, log_record(&log, 0) + RECORD_HEADER_BYTES, record.fragment_size);
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(record.id, 2);
    evx_close(&reader);
    log_free(&log);
}

static void test_a_stream_can_be_read_once(void **state)
{
    (void)state;
    struct log log = log_make("1 2");
    struct text out = {0};
    int ends[2];
    evx_reader *reader;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    assert_int_equal(write(ends[1], log.bytes, log.size), (ssize_t)log.size);
    close(ends[1]);
    assert_int_equal(evx_open_fd(engine, ends[0], &reader, NULL), EVX_OK);
    assert_int_equal(list(reader, &out).records, 2);
    assert_int_equal(evx_list_templates(reader, tell, &out, NULL, NULL), EVX_ERR_ARGUMENT);
    expect(&out, "Event 2 -: 0:string V\n");
    evx_close(&reader);
    log_free(&log);
}

// An allocator that gives so many blocks.
static void *give(void *context, size_t size)
{
    unsigned *left = context;
    return *left && (*left)-- ? malloc(size) : NULL;
}

static void *give_again(void *context, void *block, size_t old_size, size_t size)
{
    (void)old_size;
    unsigned *left = context;
    return *left && (*left)-- ? realloc(block, size) : NULL;
}

static void take_back(void *context, void *block, size_t size)
{
    (void)context;
    (void)size;
    free(block);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3");
    evx_status status = EVX_ERR_MEMORY;
    for (unsigned blocks = 0; status == EVX_ERR_MEMORY; blocks++) {
        unsigned left = UINT32_MAX;
        const evx_allocator allocator = {give, give_again, take_back, &left};
        const evx_engine_options options = {.size = sizeof options, .allocator = &allocator};
        evx_engine *own;
        evx_reader *reader;
        struct text out = {0};
        assert_int_equal(evx_engine_create(&options, &own, NULL), EVX_OK);
        assert_int_equal(evx_open_memory(own, log.bytes, log.size, &reader, NULL), EVX_OK);
        left = blocks;
        status = evx_list_templates(reader, tell, &out, NULL, NULL);
        if (status == EVX_OK)
            assert_string_equal(out.bytes, "Event 3 -: 0:string V\n");
        text_free(&out);
        evx_close(&reader);
        evx_engine_destroy(&own);
    }
    assert_int_equal(status, EVX_OK);
    log_free(&log);
}

// --------------------------------------------------------------------- generated and real templates

// Each field's path leads to its hole, or to where a walk is needed.
static void expect_paths_lead_home(const struct template *template, bool is_nested, struct outbuf *out)
{
    enum { PLACES = 64 };
    struct place places[PLACES];
    evx_template_info info;
    out->length = 0;
    assert_true(outbuf_begin_record(out));
    template_describe(template, is_nested, out);
    assert_int_equal(out->failed, OUTBUF_FINE);
    const uint8_t *position = template_read(out->data, &info);
    for (size_t i = 0; i < info.field_count; i++) {
        evx_template_field field;
        struct path path;
        size_t offset;
        bool is_found = false;
        position = template_read_field(position, &field);
        if (!path_parse(&path, field.path, strlen(field.path), &offset))
            continue; // the root element itself, or longer than a path may be
        unsigned count = is_nested ? template_path_rest(template, &path, 0, places, PLACES)
                                   : template_path(template, &path, places, PLACES);
        for (unsigned k = 0; k < count && k < PLACES; k++)
            is_found = is_found || places[k].kind == PLACE_WALK ||
                       (places[k].kind == PLACE_HOLE && places[k].slot == field.value);
        if (!is_found && count <= PLACES)
            fail_msg("%s: %u places, none of them %u", field.path, count, field.value);
    }
    assert_true(position == out->data + out->length);
}

// The one hole of the event's own template that a path leads to first.
static const struct value *own_value(const struct instance *instance, const char *text)
{
    struct path path;
    struct place place;
    size_t offset;
    assert_true(path_parse(&path, text, strlen(text), &offset));
    assert_true(template_path(instance->template, &path, &place, 1) >= 1);
    return place.kind == PLACE_HOLE && place.slot < instance->value_count ? &instance->values[place.slot] : NULL;
}

// The record is shown with this EventRecordID, if it is.
static void expect_shown(evx_reader *reader, uint64_t number)
{
    const char *text;
    size_t size;
    char wanted[64];
    int length = snprintf(wanted, sizeof wanted, "<EventRecordID>%llu</EventRecordID>", (unsigned long long)number);
    const evx_render_options options = {.size = sizeof options, .format = EVX_FORMAT_XML};
    if (evx_render(reader, &options, &text, &size, NULL) >= 0) // damage elsewhere in it may lose it
        assert_non_null(memmem(text, size, wanted, (size_t)length));
}

// Returns the number of records that were looked at.
static uint64_t check_log(evx_reader *reader, bool is_generated)
{
    struct outbuf out;
    struct memory memory;
    evx_record record;
    evx_status status;
    uint64_t count = 0;
    memory_init(&memory, NULL);
    outbuf_init(&out, &memory);
    while ((status = evx_next(reader, &record, NULL)) != EVX_END) {
        struct fragment fragment;
        struct decoder *decoder = &reader->worker->decoder;
        uint32_t start = reader->record.offset + RECORD_HEADER_BYTES;
        decoder_start_record(decoder, false);
        if (status != EVX_OK || !decode_record(decoder, start, start + record.fragment_size, &fragment) ||
            fragment.tape[0].kind != NODE_INSTANCE)
            continue;
        const struct instance *instance = fragment.tape[0].instance;
        assert_true(instance_need_values(decoder, instance));
        expect_paths_lead_home(instance->template, false, &out);
        const struct value *id = own_value(instance, "System/EventRecordID");
        bool has_id = id && id->form == FORM_U64;
        uint64_t number = has_id ? load_u64(id->data) : 0;
        assert_true(has_id || !is_generated);
        for (uint32_t i = 0; i < instance->value_count; i++) {
            if (instance->values[i].form != FORM_FRAGMENT)
                continue;
            const struct fragment *child = instance_child(decoder, instance, i);
            if (child && child->end > 0 && child->tape[0].kind == NODE_INSTANCE)
                expect_paths_lead_home(child->tape[0].instance->template, true, &out);
        }
        if (has_id)
            expect_shown(reader, number);
        count++;
    }
    outbuf_destroy(&out);
    return count;
}

static int append(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static void test_generated_templates(void **state)
{
    (void)state;
    for (const char *const *profile = generate_profile_names(); *profile; profile++) {
        struct text log = {0}, out = {0};
        const generate_options options = {.profile = *profile, .size_bytes = 256 << 10, .seed = 1};
        assert_int_equal(generate_log(&options, append, &log, NULL), EVX_OK);
        evx_reader *reader = open_bytes((const uint8_t *)log.bytes, log.size);
        uint64_t records = check_log(reader, true);
        assert_true(records > 50);
        evx_template_totals totals = list(reader, &out);
        assert_int_equal(totals.records, records);
        assert_int_equal(totals.damaged + totals.reports + totals.unlisted_uses, 0);
        assert_non_null(strstr(out.bytes, "System/EventRecordID"));
        evx_close(&reader);
        text_free(&log);
        text_free(&out);
    }
}

static void test_real_templates(void **state)
{
    (void)state;
    char folder[4096], path[8192];
    snprintf(folder, sizeof folder, "%s/samples", corpus_folder());
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    uint64_t records = 0;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        evx_reader *reader;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const char *suffix = strrchr(entry->d_name, '.');
        if (!suffix || strcmp(suffix, ".evtx") != 0 || evx_open_file(engine, path, &reader, NULL) != EVX_OK)
            continue;
        struct text out = {0};
        records += check_log(reader, false);
        list(reader, &out);
        evx_close(&reader);
        text_free(&out);
    }
    closedir(entries);
    assert_true(records > 0);
}

static int run_real_logs(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_templates)};
    const char *corpus = corpus_folder();
    char samples[4096];
    snprintf(samples, sizeof samples, "%s/samples", corpus ? corpus : "");
    if (!corpus || access(samples, F_OK) != 0) {
        // Not cmocka's skip(): Meson counts what that prints as a failure.
        printf("1..0 # SKIP no real logs in %s; EVX_CORPUS may name a folder with samples/\n",
               corpus ? corpus : "an empty EVX_CORPUS");
        return 0;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_literals_and_elements),
        cmocka_unit_test(test_event_ids_are_bounded),
        cmocka_unit_test(test_what_makes_templates_differ),
        cmocka_unit_test(test_long_paths_are_cut),
        cmocka_unit_test(test_fields_are_bounded),
        cmocka_unit_test(test_a_chunk_is_bounded),
        cmocka_unit_test(test_open_elements),
        cmocka_unit_test(test_damage_is_counted),
        cmocka_unit_test(test_lone_surrogates_are_replaced),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_the_call),
        cmocka_unit_test(test_a_stream_can_be_read_once),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_generated_templates),
    };
    if (argc > 1 && strcmp(argv[1], "--real-logs") == 0)
        return run_real_logs();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
