// SPDX-License-Identifier: MIT
// Guards what comes from outside of logs: resources of PE files, WEVT_TEMPLATE resources and caches of them,
// message tables; and that a damaged definition is replaced by one of the same GUID, and only then.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <evx/packs.h>

#include "base/load.h"
#include "container/layout.h"
#include "makers.h"
#include "packs/message_table.h"
#include "packs/mta.h"
#include "packs/pack.h"
#include "packs/pe.h"

static struct memory memory;

// ------------------------------------------------------------------------------------------------- PE

static int64_t read_text(void *context, void *buffer, size_t size, uint64_t offset)
{
    const struct text *text = context;
    if (offset > text->size)
        return 0;
    size = size < text->size - offset ? size : text->size - offset;
    memcpy(buffer, text->bytes + offset, size);
    return (int64_t)size;
}

static int64_t text_bytes(void *context)
{
    return (int64_t)((const struct text *)context)->size;
}

static bool find(struct text *pe, const char *type, uint32_t number, struct pe_resources *ret,
                 struct pe_fault *fault)
{
    const evx_input input = {read_text, text_bytes, pe};
    return pe_find(&input, &(struct pe_type){type, number}, &memory, ret, fault);
}

static const struct made_resource resources[] = {
    {"OTHER", 0, 1, 0x409, "other", 5},
    {"WEVT_TEMPLATE", 0, 7, 0x407, "template", 8},
    {NULL, 11, 1, 0x409, "messages", 8},
};

static void resources_are_found(void **state)
{
    (void)state;
    for (int is_64 = 0; is_64 < 2; is_64++) {
        struct text pe = make_pe(is_64, resources, 3);
        struct pe_resources found;
        struct pe_fault fault;
        assert_true(find(&pe, "WEVT_TEMPLATE", 0, &found, &fault));
        assert_int_equal(found.count, 1);
        assert_int_equal(found.list[0].size, 8);
        assert_int_equal(found.list[0].language, 0x407);
        assert_int_equal(found.list[0].id, 7);
        assert_memory_equal(pe.bytes + found.list[0].offset, "template", 8);
        pe_resources_destroy(&found, &memory);
        assert_true(find(&pe, NULL, 11, &found, &fault));
        assert_int_equal(found.count, 1);
        assert_memory_equal(pe.bytes + found.list[0].offset, "messages", 8);
        pe_resources_destroy(&found, &memory);
        assert_true(find(&pe, "wevt_template", 0, &found, &fault)); // case matters
        assert_int_equal(found.count, 0);
        text_free(&pe);
    }
}

static void assert_pe_fault(struct text *pe, const char *text)
{
    struct pe_resources found;
    struct pe_fault fault;
    assert_false(find(pe, "WEVT_TEMPLATE", 0, &found, &fault));
    assert_string_equal(fault.text, text);
    assert_int_equal(found.count, 0);
}

static void damaged_pe_files_are_refused(void **state)
{
    static const char no_pe[] = "input is not a valid PE file: failed to parse PE via goblin";
    (void)state;
    struct text pe = make_pe(true, resources, 3), empty = {0};
    const size_t directory = 64 + 24 + 112 + 16, section = 64 + 24 + 112 + 128;
    assert_pe_fault(&empty, no_pe);
    for (size_t size = 1; size < section + 40; size++) {
        struct text cut = {pe.bytes, size, 0};
        assert_pe_fault(&cut, no_pe);
    }
    patch_u32(&pe, directory, 0x900000);
    assert_pe_fault(&pe, "failed to map RVA 0x00900000 to a file offset");
    patch_u32(&pe, directory, MADE_TREE_RVA);
    patch_u32(&pe, directory + 4, 1 << 20);
    assert_pe_fault(&pe, "malformed PE file: resource directory out of bounds");
    patch_u32(&pe, directory + 4, 20);
    assert_pe_fault(&pe,
                    "resource directory is malformed: resource directory entries out of bounds");
    text_free(&pe);
}

static void trees_that_lead_back_end(void **state)
{
    (void)state;
    struct text pe = make_pe(false, resources, 3);
    // The type's directory is the root: names that are directories, on and on.
    patch_u32(&pe, MADE_TREE_OFFSET + 16 + 8 + 4, 0x80000000u);
    struct pe_resources found;
    struct pe_fault fault;
    if (find(&pe, "WEVT_TEMPLATE", 0, &found, &fault))
        assert_int_equal(found.count, 0);
    pe_resources_destroy(&found, &memory);
    text_free(&pe);
}

// ----------------------------------------------------------------------------------------------- CRIM

static void assert_text(struct wevt_text text, const char *expected)
{
    assert_int_equal(text.count, strlen(expected));
    for (uint32_t i = 0; i < text.count; i++)
        assert_int_equal(load_u16(text.units + 2 * i), (unsigned char)expected[i]);
}

static void assert_row(const struct crim *crim, const struct wevt_element *element, uint64_t value,
                       uint32_t message)
{
    struct wevt_row row = crim_row(crim, element, 0);
    assert_int_equal(row.value, value);
    assert_int_equal(row.message_id, message);
    assert_text(row.name, "a name");
}

static void assert_template(const struct crim *crim, const struct wevt_element *element)
{
    struct wevt_walk walk = crim_templates(element);
    struct wevt_template template;
    assert_true(crim_next_template(crim, &walk, &template));
    assert_int_equal(template.guid[0], MADE_TEMPLATE);
    assert_int_equal(template.item_count, 1);
    struct wevt_item item = crim_item(crim, &template, 0);
    assert_int_equal(item.in_type, 1);
    assert_int_equal(item.count, 1);
    assert_text(item.name, "param1");
    assert_false(crim_next_template(crim, &walk, &template));
}

static void assert_element(const struct crim *crim, const struct wevt_element *element)
{
    struct wevt_map map;
    struct wevt_event event;
    assert_int_equal(element->count, 1);
    switch (element->kind) {
    case WEVT_CHANNELS:
        assert_row(crim, element, 16, 5);
        assert_int_equal(crim_row(crim, element, 0).flags, 1);
        break;
    case WEVT_KEYWORDS:
        assert_row(crim, element, 1ull << 40, 6);
        break;
    case WEVT_LEVELS:
        assert_row(crim, element, 4, 7);
        break;
    case WEVT_OPCODES:
        assert_row(crim, element, 0x10002, 8);
        break;
    case WEVT_TASKS:
        assert_row(crim, element, 3, 9);
        break;
    case WEVT_NAMES:
        assert_row(crim, element, 0x10000001, UINT32_MAX);
        break;
    case WEVT_MAPS:
        assert_true(crim_map(crim, element, 0, &map));
        assert_true(map.is_bits && map.count == 1 && load_u32(map.rows + 4) == 77);
        break;
    case WEVT_EVENTS:
        event = crim_event(crim, element, 0);
        assert_int_equal(event.id, MADE_EVENT);
        assert_true(event.version == 1 && event.channel == 16 && event.level == 4);
        assert_true(event.opcode == 2 && event.task == 3 && event.message_id == 99);
        break;
    case WEVT_TEMPLATES:
        assert_template(crim, element);
        break;
    default:
        fail();
    }
}

static void resources_are_read(void **state)
{
    (void)state;
    for (unsigned major = 3; major <= 5; major += 2) {
        struct text blob = make_crim(major);
        put_zeros(&blob, 2); // behind the resource's own size
        struct crim crim;
        struct crim_fault fault;
        assert_true(crim_open((const uint8_t *)blob.bytes, blob.size, &crim, &fault));
        assert_int_equal(crim.major, major);
        assert_int_equal(crim.provider_count, 1);
        struct wevt_provider provider = crim_provider(&crim, 0);
        assert_int_equal(provider.guid[15], MADE_PROVIDER);
        assert_int_equal(provider.element_count, 9);
        for (uint32_t i = 0; i < 9; i++) {
            struct wevt_element element = crim_element(&crim, &provider, i);
            assert_element(&crim, &element);
        }
        text_free(&blob);
    }
}

static void assert_crim_fault(const struct text *blob, size_t size, const char *expected)
{
    struct crim crim;
    struct crim_fault fault;
    char text[200];
    assert_false(crim_open((const uint8_t *)blob->bytes, size, &crim, &fault));
    crim_describe(&fault, text, sizeof text);
    assert_string_equal(text, expected);
}

static void damaged_resources_are_refused(void **state)
{
    (void)state;
    struct text blob = make_crim(5);
    struct crim crim;
    struct crim_fault fault;
    char text[200];
    assert_crim_fault(&blob, 5, "buffer too small for CRIM header at offset 0 (need 16 bytes, have 5)");
    for (size_t size = 0; size < blob.size; size++)
        assert_false(crim_open((const uint8_t *)blob.bytes, size, &crim, &fault));
    snprintf(text, sizeof text, "size %zu out of bounds for CRIM.size at offset 4", blob.size);
    assert_crim_fault(&blob, 40, text);
    patch_u32(&blob, 12, 1000);
    snprintf(text, sizeof text,
             "buffer too small for CRIM provider descriptor array at offset 16 (need 20000 bytes, "
             "have %zu)",
             blob.size - 16);
    assert_crim_fault(&blob, blob.size, text);
    patch_u32(&blob, 12, 1);
    *blob.bytes = 'X';
    assert_crim_fault(&blob, blob.size,
                      "invalid signature at offset 0: expected [67, 82, 73, 77], got [88, 82, 73, 77]");
    text_free(&blob);
}

// Work is bounded: providers that all lead to one table are an attack.
static void shared_tables_are_refused(void **state)
{
    (void)state;
    struct text blob = make_crim(5), many = {0};
    enum { PROVIDERS = 4000 };
    put_bytes(&many, blob.bytes, 16);
    for (int i = 0; i < PROVIDERS; i++) {
        put_bytes(&many, blob.bytes + 16, 16);
        put_u32(&many, 16 + 20 * PROVIDERS);
    }
    put_bytes(&many, "WEVT", 4);
    put_zeros(&many, 8);
    put_u32(&many, 2000);
    for (int i = 0; i < 2000; i++) {
        put_u32(&many, 5);
        put_u32(&many, 16 + 20 * PROVIDERS + 16 + 16000);
    }
    put_bytes(&many, "CHAN", 4);
    put_u32(&many, 12 + 16 * 100);
    put_u32(&many, 100);
    put_zeros(&many, 16 * 100);
    patch_u32(&many, 4, many.size);
    patch_u32(&many, 12, PROVIDERS);
    struct crim crim;
    struct crim_fault fault;
    assert_false(crim_open((const uint8_t *)many.bytes, many.size, &crim, &fault));
    assert_int_equal(fault.kind, CRIM_COUNT);
    text_free(&blob);
    text_free(&many);
}

// ---------------------------------------------------------------------------------------------- caches

static bool parse(struct pack *pack, const struct text *cache, struct pack_fault *fault)
{
    pack_init(pack, &memory);
    return pack_parse_wevtcache(pack, (const uint8_t *)cache->bytes, cache->size, fault);
}

static void assert_cache_fault(const struct text *cache, size_t size, enum pack_fault_kind kind)
{
    struct pack pack;
    struct pack_fault fault;
    struct text cut = {cache->bytes, size, 0};
    assert_false(parse(&pack, &cut, &fault));
    assert_int_equal(fault.kind, kind);
    pack_destroy(&pack);
}

static void caches_are_read(void **state)
{
    (void)state;
    struct text blob = make_crim(5), bad = {0};
    text_add_string(&bad, "hello");
    const struct text both[] = {bad, blob};
    struct text cache = make_cache(both, 2);
    put_zeros(&cache, 3); // what is behind the last entry does not count
    uint8_t guid[16], provider[16];
    memset(guid, MADE_TEMPLATE, 16);
    memset(provider, MADE_PROVIDER, 16);
    struct pack pack;
    struct pack_fault fault;
    assert_true(parse(&pack, &cache, &fault)); // one that is damaged does not spoil the other
    assert_int_equal(pack.refused_count, 1);
    assert_non_null(pack_find_template(&pack, guid));
    assert_null(pack_find_template(&pack, provider));
    const struct pack_event *event = pack_find_event(&pack, provider, MADE_EVENT, 1);
    assert_non_null(event);
    assert_memory_equal(event->template_guid, guid, 16);
    assert_null(pack_find_event(&pack, provider, MADE_EVENT, 0));
    pack_destroy(&pack);
    text_free(&cache);
    cache = make_cache(&bad, 1);
    assert_cache_fault(&cache, cache.size, PACK_BLOB);
    text_free(&cache);
    cache = make_cache(&blob, 1);
    assert_cache_fault(&cache, 15, PACK_CUT_HEADER);
    assert_cache_fault(&cache, 20, PACK_CUT_ENTRY_HEADER);
    assert_cache_fault(&cache, 100, PACK_TOO_LARGE);
    cache.bytes[16] = 2;
    assert_cache_fault(&cache, cache.size, PACK_KIND);
    cache.bytes[8] = 2;
    assert_cache_fault(&cache, cache.size, PACK_VERSION);
    cache.bytes[0] = 'X';
    assert_cache_fault(&cache, cache.size, PACK_MAGIC);
    text_free(&cache);
    text_free(&bad);
    text_free(&blob);
}

static void messages_are_found(void **state)
{
    (void)state;
    struct text bytes = make_messages();
    struct message_table table;
    struct message message;
    assert_true(message_table_open((const uint8_t *)bytes.bytes, bytes.size, &table));
    assert_true(message_table_find(&table, 2, &message));
    assert_int_equal(message.size, 6);
    assert_memory_equal(message.text, "t\0w\0o", 6);
    assert_true(message_table_find(&table, 0x40000007, &message));
    assert_int_equal(message.size, 5);
    assert_false(message_table_find(&table, 3, &message));
    struct message_walk walk = message_table_walk(&table);
    unsigned count = 0;
    while (message_table_next(&table, &walk, &message))
        count++;
    assert_int_equal(count, 3);
    assert_false(message_table_open((const uint8_t *)bytes.bytes, 27, &table));
    text_free(&bytes);
}

// ------------------------------------------------------------------------------- through the library

static void write_file(const struct text *text, char path[32])
{
    memcpy(path, "/tmp/evx-test-XXXXXX", 21);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text->bytes, text->size), text->size);
    close(fd);
}

static int collect(void *context, const void *bytes, size_t size)
{
    text_add_bytes(context, bytes, size);
    return 0;
}

static evx_engine *engine_with(const struct text *blob, evx_pack **ret_pack)
{
    char path[32];
    evx_engine *engine;
    struct text cache = make_cache(blob, 1);
    write_file(&cache, path);
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_pack_open_wevtcache(path, ret_pack, NULL), EVX_OK);
    assert_int_equal(evx_engine_use_pack(engine, *ret_pack, NULL), EVX_OK);
    unlink(path);
    text_free(&cache);
    return engine;
}

static void templates_are_filled(void **state)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<EventData>\n";
    (void)state;
    struct text blob = make_crim(5), out = {0}, expected = {0};
    evx_pack *pack;
    evx_engine *engine = engine_with(&blob, &pack);
    uint8_t guid[16];
    memset(guid, MADE_TEMPLATE, 16);
    const evx_value value = {"<\0a\0", 4, 1};
    const evx_sink sink = {.write = collect, .context = &out};
    assert_int_equal(evx_render_template(engine, guid, &value, 1, &sink, NULL), EVX_OK);
    assert_int_equal(evx_render_template(engine, guid, NULL, 0, &sink, NULL), EVX_OK);
    text_add_string(&expected, head);
    text_add_string(&expected, "  <Data Name=\"param1\">&lt;a</Data>\n</EventData>\n");
    text_add_string(&expected, head);
    text_add_string(&expected, "  <Data Name=\"param1\"></Data>\n</EventData>\n");
    assert_string_equal(out.bytes, expected.bytes);
    const evx_value large = {head, 65536, 1};
    assert_int_equal(evx_render_template(engine, guid, &large, 1, &sink, NULL), EVX_ERR_LIMIT);
    guid[0] = 0;
    assert_int_equal(evx_render_template(engine, guid, NULL, 0, &sink, NULL), EVX_ERR_ARGUMENT);
    evx_engine_destroy(&engine);
    evx_pack_close(&pack);
    text_free(&blob);
    text_free(&out);
    text_free(&expected);
}

struct converted {
    struct text out;
    uint64_t records, errors;
};

static struct converted convert(evx_engine *engine, const struct log *log)
{
    struct converted converted = {0};
    evx_reader *reader;
    evx_convert_result result;
    const evx_sink sink = {.write = collect, .context = &converted.out};
    const evx_convert_options options = {.size = sizeof options, .threads = 1};
    assert_int_equal(evx_open_memory(engine, log->bytes, log->size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_convert(reader, &options, &sink, &result, NULL), EVX_OK);
    converted.records = result.records;
    converted.errors = result.errors;
    evx_close(&reader);
    return converted;
}

// The definition of the log's one template: its place in the chunk, found from its first record.
static uint32_t definition_of(const struct log *log)
{
    uint32_t instance = log->places[0].offset + RECORD_HEADER_BYTES + 4 + 1;
    return load_u32(log_chunk(log, 0) + instance + 5);
}

static struct log make_log(void)
{
    struct log log = {0};
    encode_builder *b = encode_create();
    encode_template *t =
        encode_template_text(b, "<EventData><Data Name=\"param1\">%0</Data></EventData>");
    for (uint64_t id = 1; id <= 3; id++)
        log_add_record(&log, b, t, id);
    const uint8_t *bytes = encode_finish(b, &log.size);
    assert_non_null(bytes);
    log.bytes = malloc(log.size);
    assert_non_null(log.bytes);
    memcpy(log.bytes, bytes, log.size);
    encode_free(&b);
    return log;
}

static void assert_damaged(const struct log *log, evx_engine *engine, uint64_t records,
                           const struct text *expected)
{
    struct converted converted = convert(engine, log);
    assert_int_equal(converted.records, records);
    assert_int_equal(converted.errors, 3 - records);
    if (expected)
        assert_true(text_equals(&converted.out, expected));
    text_free(&converted.out);
}

static void damaged_definitions_are_replaced(void **state)
{
    (void)state;
    struct log log = make_log();
    uint8_t *definition = log_chunk(&log, 0) + definition_of(&log);
    struct text blob = make_crim(5);
    // The same template under the log's GUID.
    for (size_t i = 0; i + 16 <= blob.size; i++)
        if (memcmp(blob.bytes + i, "\x22\x22\x22\x22\x22\x22\x22\x22", 8) == 0) {
            memcpy(blob.bytes + i, definition + DEFINITION_GUID_OFFSET, 16);
            break;
        }
    evx_pack *pack;
    evx_engine *engine = engine_with(&blob, &pack), *plain;
    assert_int_equal(evx_engine_create(NULL, &plain, NULL), EVX_OK);
    struct converted whole = convert(plain, &log);
    assert_int_equal(whole.records, 3);
    assert_damaged(&log, engine, 3, &whole.out); // nothing is damaged
    definition[DEFINITION_HEADER_BYTES] = 0xFF;
    assert_damaged(&log, plain, 0, NULL);
    assert_damaged(&log, engine, 3, &whole.out);
    definition[DEFINITION_HEADER_BYTES] = 0x0F;
    // By a wrong size the values of the record that holds the definition are not found.
    uint32_t size = load_u32(definition + DEFINITION_SIZE_OFFSET);
    const uint32_t sizes[] = {70000, 0, size - 4};
    for (int i = 0; i < 3; i++) {
        memcpy(definition + DEFINITION_SIZE_OFFSET, &sizes[i], 4);
        assert_damaged(&log, engine, 2, NULL);
    }
    memcpy(definition + DEFINITION_SIZE_OFFSET, &size, 4);
    definition[DEFINITION_HEADER_BYTES] = 0xFF;
    definition[DEFINITION_GUID_OFFSET + 9] ^= 1; // another template's
    assert_damaged(&log, engine, 0, NULL);
    text_free(&whole.out);
    text_free(&blob);
    evx_engine_destroy(&engine);
    evx_engine_destroy(&plain);
    evx_pack_close(&pack);
    log_free(&log);
}

static void instances_are_listed(void **state)
{
    (void)state;
    struct log log = make_log();
    struct text out = {0};
    evx_engine *engine;
    evx_reader *reader;
    const uint64_t id = 2;
    const evx_sink sink = {.write = collect, .context = &out};
    const evx_instances_options options = {
        .size = sizeof options, .source = "a\"b", .record_id = &id};
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log.bytes, log.size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_dump_instances(reader, &options, &sink, NULL), EVX_OK);
    assert_non_null(strstr(out.bytes, "{\"source\":\"a\\\"b\",\"record_id\":2,\"timestamp\":\""));
    assert_non_null(strstr(out.bytes, ",\"template_guid\":null,\"substitutions\":[\"value of record 2\"]}\n"));
    evx_record record;
    const evx_value *values;
    size_t count;
    assert_int_equal(evx_next(reader, &record, NULL), EVX_OK);
    assert_int_equal(evx_get_values(reader, 0, &values, &count, NULL), EVX_OK);
    assert_int_equal(count, 1);
    assert_int_equal(values[0].type, 1);
    assert_int_equal(evx_get_values(reader, 1, &values, &count, NULL), EVX_END);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    text_free(&out);
    log_free(&log);
}

// ------------------------------------------------------------------------------------------------ MTA

static void texts_are_added(void **state)
{
    static const int64_t tables[4][2] = {{4, 1}, {0x10003, 1}, {-1, 0}, {40, 9}};
    static const int64_t defaults[4][2] = {{0, 0}, {0, 0}, {0, 0}, {40, 0}};
    (void)state;
    struct made_section sections[3] = {0};
    add_message(&sections[1], 0, "a <message>");
    add_message(&sections[1], 1, "Four");
    add_event(&sections[0], 0, 77, 0);
    add_publisher(&sections[2], 0, "Prov", tables);
    add_publisher(&sections[2], 1, "DEFAULT_PUBLISHER", defaults);
    struct text mta = make_mta(sections);
    char path[32];
    write_file(&mta, path);
    evx_mta *texts;
    assert_int_equal(evx_mta_open(path, &texts, NULL), EVX_OK);
    unlink(path);
    encode_builder *b = encode_create();
    encode_template *t = encode_template_text(
        b, "<Event><System><Provider Name=\"PROV\"/><EventID>1</EventID><Level>4</Level><Task>0x3</Task>"
           "<Keywords>0x10000000000</Keywords><EventRecordID>77</EventRecordID></System><V>%0</V></Event>");
    struct log log = {0};
    log_add_record(&log, b, t, 1);
    const uint8_t *bytes = encode_finish(b, &log.size);
    evx_engine *engine;
    evx_reader *reader;
    struct text out = {0};
    const evx_sink sink = {.write = collect, .context = &out};
    const evx_convert_options options = {
        .size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1, .mta = texts};
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, bytes, log.size, &reader, NULL), EVX_OK);
    assert_int_equal(evx_convert(reader, &options, &sink, NULL, NULL), EVX_OK);
    // The row of the keyword has no message, so that the default's counts; the opcode's key is 0.
    assert_non_null(strstr(out.bytes, "\"V\":\"value of record 1\",\"RenderingInfo\":{\"Message\":\"a <message>\","
                                      "\"Level\":\"Four\",\"Task\":\"Four\",\"Opcode\":\"a <message>\","
                                      "\"Keywords\":{\"Keyword\":\"a <message>\"}}}}\n"));
    evx_close(&reader);
    evx_engine_destroy(&engine);
    evx_mta_close(&texts);
    encode_free(&b);
    text_free(&mta);
    text_free(&out);
}

static void publishers_are_found_in_any_case(void **state)
{
    static const int64_t tables[4][2] = {{4, 0}, {-1, 0}, {-1, 0}, {-1, 0}};
    (void)state;
    struct made_section sections[3] = {0};
    add_message(&sections[1], 0, "text");
    add_publisher(&sections[2], 3, "PROV", tables);
    add_publisher(&sections[2], 2, "prov", tables);
    add_publisher(&sections[2], 1, "default_publisher", tables);
    struct text bytes = make_mta(sections);
    uint8_t *block = memory_allocate(&memory, bytes.size);
    assert_non_null(block);
    memcpy(block, bytes.bytes, bytes.size);
    struct mta mta;
    struct mta_fault fault;
    assert_true(mta_parse(&mta, &memory, block, bytes.size, &fault));
    static const uint8_t exact[] = "P\0R\0O\0V", folded[] = "P\0r\0o\0v", none[] = "P\0r\0o\0x";
    assert_int_equal(mta_find_publisher(&mta, exact, 4)->index, 3);
    assert_int_equal(mta_find_publisher(&mta, folded, 4)->index, 2); // the lowest one
    assert_null(mta_find_publisher(&mta, none, 4));
    assert_null(mta_default_publisher(&mta)); // whose name is the only one that is exact
    mta_destroy(&mta);
    text_free(&bytes);
}

static void damaged_texts_are_refused(void **state)
{
    (void)state;
    struct made_section sections[3] = {0};
    add_message(&sections[1], 0, "text");
    struct text mta = make_mta(sections);
    char path[32];
    evx_mta *texts;
    evx_error error;
    const size_t sizes[] = {10, 30, mta.size - 1};
    const char *const why[] = {"MTA header at offset 0x0 is truncated or out of bounds",
                               "MTA section descriptor at offset 0x18 is truncated or out of bounds",
                               "MTA section at offset 0x"};
    for (int i = 0; i < 3; i++) {
        struct text cut = {mta.bytes, sizes[i], 0};
        write_file(&cut, path);
        assert_int_equal(evx_mta_open(path, &texts, &error), EVX_ERR_PACK);
        assert_memory_equal(error.cause[0], why[i], strlen(why[i]));
        unlink(path);
    }
    text_free(&mta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources_are_found),
        cmocka_unit_test(damaged_pe_files_are_refused),
        cmocka_unit_test(trees_that_lead_back_end),
        cmocka_unit_test(resources_are_read),
        cmocka_unit_test(damaged_resources_are_refused),
        cmocka_unit_test(shared_tables_are_refused),
        cmocka_unit_test(caches_are_read),
        cmocka_unit_test(messages_are_found),
        cmocka_unit_test(templates_are_filled),
        cmocka_unit_test(damaged_definitions_are_replaced),
        cmocka_unit_test(instances_are_listed),
        cmocka_unit_test(texts_are_added),
        cmocka_unit_test(publishers_are_found_in_any_case),
        cmocka_unit_test(damaged_texts_are_refused),
    };
    memory_init(&memory, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
