// SPDX-License-Identifier: MIT
// Guards the public calls for messages: a set out of resources, texts by event, the message of a record, and
// what is counted of those without.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <evx/messages.h>

#include "makers.h"
#include "packs/language.h"
#include "packs/providers.h"

// A message table of one text.
static struct text make_table(uint32_t id, const char *ascii)
{
    struct text table = {0};
    const size_t size = 4 + 2 * strlen(ascii) + 2;
    put_u32(&table, 1);
    put_u32(&table, id);
    put_u32(&table, id);
    put_u32(&table, 16);
    put_u16(&table, (unsigned)(size + 3) / 4 * 4);
    put_u16(&table, 1);
    put_units(&table, ascii);
    put_zeros(&table, 2 + 3);
    table.size = 16 + (size + 3) / 4 * 4;
    return table;
}

static evx_messages *make_set(const char *language)
{
    evx_messages *messages;
    assert_int_equal(evx_messages_create(language, &messages, NULL), EVX_OK);
    return messages;
}

static void add_table(evx_messages *messages, const char *name, uint32_t language, uint32_t id,
                      const char *ascii)
{
    struct text table = make_table(id, ascii);
    assert_int_equal(evx_messages_add_resource(messages, name, EVX_RESOURCE_MESSAGE_TABLE, language,
                                               table.bytes, table.size, NULL),
                     EVX_OK);
    text_free(&table);
}

static void assert_format(evx_messages *messages, const evx_event_key *key, const char *wanted)
{
    static const char *const values[] = {"one", NULL, "%1 \xC3\xA9"};
    const char *text;
    size_t size;
    evx_error error;
    evx_status status = evx_messages_format(messages, key, values, 3, &text, &size, &error);
    assert_int_equal(status, wanted ? EVX_OK : EVX_END);
    if (!wanted)
        return;
    assert_int_equal(size, strlen(wanted));
    assert_memory_equal(text, wanted, size);
}

static void texts_are_found_by_event(void **state)
{
    (void)state;
    evx_messages *messages = make_set(NULL);
    struct text crim = make_crim(5);
    uint8_t provider[16], guid[16], made[16];
    memset(provider, MADE_PROVIDER, 16);
    memset(made, MADE_TEMPLATE, 16);
    assert_int_equal(evx_messages_add_resource(messages, "P.dll", EVX_RESOURCE_WEVT_TEMPLATE, 0x409,
                                               crim.bytes, crim.size, NULL),
                     EVX_OK);
    struct wevt_event event = {.message_id = 0};
    struct crim parsed;
    struct crim_fault fault;
    assert_true(crim_open((const uint8_t *)crim.bytes, crim.size, &parsed, &fault));
    struct wevt_provider first = crim_provider(&parsed, 0);
    for (uint32_t i = 0; i < first.element_count; i++) {
        struct wevt_element element = crim_element(&parsed, &first, i);
        if (element.kind == WEVT_EVENTS)
            event = crim_event(&parsed, &element, 0);
    }
    add_table(messages, "p.DLL.mui", 0x409, event.message_id, "<%1|%2|%3|%4>%n\r\n");
    assert_int_equal(evx_messages_end_group(messages, NULL), EVX_OK);
    const evx_event_key key = {.size = sizeof key,
                               .provider_guid = provider,
                               .event_id = event.id,
                               .version = event.version};
    assert_format(messages, &key, "<one||%1 \xC3\xA9|%4>\r\n");
    assert_int_equal(evx_messages_find_template(messages, &key, guid), EVX_OK);
    assert_memory_equal(guid, made, 16);
    evx_event_key other = key;
    other.event_id++;
    assert_format(messages, &other, NULL);
    assert_int_equal(evx_messages_find_template(messages, &other, guid), EVX_END);
    other = key;
    other.provider_guid = made;
    assert_format(messages, &other, NULL);
    other.size = 0;
    const char *text;
    size_t size;
    assert_int_equal(evx_messages_format(messages, &other, NULL, 0, &text, &size, NULL),
                     EVX_ERR_ARGUMENT);
    evx_messages_destroy(&messages);
    assert_null(messages);
    evx_messages_destroy(&messages);
    text_free(&crim);
}

static void languages_are_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *text;
    } rows[] = {{NULL, "english"}, {"en-GB", "english"}, {"de-DE", "german"}, {"de-AT", "german"},
                {"fr-FR", "english"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        evx_messages *messages = make_set(rows[i].wanted);
        add_table(messages, "s.dll", 0x407, 9, "german");
        add_table(messages, "s.dll", 0x409, 9, "english");
        assert_int_equal(evx_messages_end_group(messages, NULL), EVX_OK);
        const evx_event_key key = {.size = sizeof key, .provider = "S", .event_id = 9};
        assert_format(messages, &key, rows[i].text);
        evx_messages_destroy(&messages);
    }
    evx_messages *none;
    assert_int_equal(evx_messages_create("klingon", &none, NULL), EVX_ERR_ARGUMENT);
    assert_string_equal(language_tag(language_number("DE-at")), "de-AT");
    assert_null(language_tag(0xFFFF));
}

static void groups_come_one_after_the_other(void **state)
{
    (void)state;
    evx_messages *messages = make_set(NULL);
    add_table(messages, "s.dll", 0x409, 9, "first");
    assert_int_equal(evx_messages_end_group(messages, NULL), EVX_OK);
    add_table(messages, "s.dll", 0x409, 9, "second");
    add_table(messages, "s.dll", 0x409, 10, "only here");
    assert_int_equal(evx_messages_end_group(messages, NULL), EVX_OK);
    const evx_event_key nine = {.size = sizeof nine, .provider = "s", .event_id = 9};
    const evx_event_key ten = {.size = sizeof ten, .provider = "s", .event_id = 10};
    assert_format(messages, &nine, "first");
    assert_format(messages, &ten, "only here");
    assert_int_equal(evx_messages_add_resource(messages, "s.dll", EVX_RESOURCE_MESSAGE_TABLE, 0, "\1", 1, NULL),
                     EVX_END);
    assert_int_equal(evx_messages_add_resource(messages, "s.dll", (evx_resource_type)7, 0, "\1", 1, NULL),
                     EVX_ERR_ARGUMENT);
    evx_messages_destroy(&messages);
}

// ------------------------------------------------------------------------------------------- a source

struct asked {
    struct provider_source source;
    unsigned loads, closes;
};

static bool load(struct provider_source *source, struct providers *providers, const uint8_t *wanted,
                 const struct wevt_text names[2])
{
    struct asked *asked = (struct asked *)source;
    asked->loads++;
    if (wanted || names[1].count != 1 || asked->loads > 1)
        return true;
    struct provider *provider = providers_add(providers, NULL, names[1]);
    struct message_list *texts = providers_add_messages(providers);
    struct wevt_text text;
    if (!provider || !texts || !providers_copy_utf8(providers, "from a source", 13, &text) ||
        !message_list_add(providers, texts, 1, 0x409, text))
        return false;
    message_list_sort(providers, texts);
    provider->messages[0] = texts;
    return true;
}

static void close_source(struct provider_source *source)
{
    ((struct asked *)source)->closes++;
}

static void sources_have_their_rank(void **state)
{
    (void)state;
    struct memory memory;
    struct providers providers;
    struct asked asked = {.source = {.load = load, .close = close_source}};
    const struct wevt_text names[2] = {{0}, {(const uint8_t *)"S\0", 1}};
    memory_init(&memory, NULL);
    assert_true(providers_init(&providers, &memory, 0x409));
    struct provider *before = providers_add(&providers, NULL, names[1]);
    providers_add_source(&providers, &asked.source);
    struct provider *after = providers_add(&providers, NULL, names[1]);
    const struct provider *found = providers_find(&providers, NULL, names, NULL);
    assert_ptr_equal(found, before);
    found = providers_find(&providers, NULL, names, found);
    assert_ptr_not_equal(found, after);
    assert_non_null(provider_find_message(found, 1));
    assert_null(provider_find_message(found, 2));
    assert_ptr_equal(providers_find(&providers, NULL, names, found), after);
    assert_null(providers_find(&providers, NULL, names, after));
    assert_int_equal(asked.loads, 1);
    providers_destroy(&providers);
    assert_int_equal(asked.closes, 1);
}

// ------------------------------------------------------------------------------------------- records

static evx_reader *open_log(evx_engine *engine, encode_builder *b)
{
    evx_reader *reader;
    size_t size;
    encode_template *t = encode_template_text(
        b, "<Event><System><Provider Name='%0'/><EventID>%1:u16</EventID></System>"
           "<EventData><Data>%2</Data></EventData></Event>");
    ENCODE_EVENT(b, t, encode_string(b, "S"), encode_u16(9), encode_string(b, "a\tb\"\x01\xC3\xA9"));
    ENCODE_EVENT(b, t, encode_string(b, "S"), encode_u16(10), encode_string(b, "x"));
    ENCODE_EVENT(b, t, encode_string(b, "Q\""), encode_u16(10), encode_string(b, "x"));
    const uint8_t *log = encode_finish(b, &size);
    assert_non_null(log);
    assert_int_equal(evx_open_memory(engine, log, size, &reader, NULL), EVX_OK);
    return reader;
}

static int add_untold(void *context, const evx_untold *untold)
{
    char *text = context;
    snprintf(text + strlen(text), 100 - strlen(text), "%s:%u;", untold->provider,
             (unsigned)untold->events);
    return 0;
}

static void records_have_messages(void **state)
{
    (void)state;
    evx_messages *messages = make_set(NULL);
    evx_engine *engine;
    evx_record record;
    const char *text;
    size_t size;
    char untold[100] = "";
    add_table(messages, "s.dll", 0x409, 9, "<%1>%n\\");
    assert_int_equal(evx_messages_end_group(messages, NULL), EVX_OK);
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    encode_builder *b = encode_create();
    evx_reader *reader = open_log(engine, b);
    const evx_render_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL, .messages = 1};
    assert_int_equal(evx_get_message(reader, &text, &size, NULL), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_engine_use_messages(engine, messages, NULL), EVX_OK);
    assert_int_equal(evx_engine_use_messages(engine, messages, NULL), EVX_ERR_ARGUMENT);
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(evx_get_message(reader, &text, &size, NULL), EVX_OK);
    static const char wanted[] = "<a\tb\"\x01\xC3\xA9>\r\n\\";
    assert_int_equal(size, sizeof wanted - 1);
    assert_memory_equal(text, wanted, size);
    assert_int_equal(evx_render(reader, &options, &text, &size, NULL), EVX_OK);
    assert_non_null(strstr(text, ",\"RenderingInfo\":{\"#attributes\":{\"Culture\":\"en-US\"},\"Message\":\"<a\\tb"));
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(evx_get_message(reader, &text, &size, NULL), EVX_END);
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(evx_get_message(reader, &text, &size, NULL), EVX_END);
    assert_int_equal(evx_get_message(reader, &text, &size, NULL), EVX_END);
    assert_int_equal(evx_visit_untold(engine, add_untold, untold, NULL), EVX_OK);
    assert_string_equal(untold, "Q\\\":2;S:1;");
    evx_close(&reader);
    evx_engine_destroy(&engine);
    evx_messages_destroy(&messages);
    encode_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_by_event), cmocka_unit_test(languages_are_chosen),
        cmocka_unit_test(groups_come_one_after_the_other), cmocka_unit_test(sources_have_their_rank),
        cmocka_unit_test(records_have_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
