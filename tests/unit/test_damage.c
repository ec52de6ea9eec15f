// SPDX-License-Identifier: MIT
// Guards what is said about damage, to programs by its kind and to people in the reference's words: every
// fault has its text, and every kind of the public header is met by a log that is damaged so.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/load.h"
#include "compat/describe.h"
#include "container/chunk.h"
#include "render.h"
#include "runs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

// ----------------------------------------------------------------------------------------------- texts

#define STREAM "An error occurred while trying to deserialize evtx stream."
#define HEADER "Failed to read the record at offset 0x200 of chunk 2 (file offset 0x21200)"
#define RECORD "Failed to parse record number 7"
#define CHUNK  "Failed to parse chunk number 2"
#define DATA   RECORD " / " STREAM " / "
#define MODEL  RECORD " / Failed to create record model, reason: "
#define SHORT(field_, text)                                                                             \
    {{FAULT_SHORT, .field = (field_), .offset = 9, .needed = 4, .had = 1},                               \
     DATA "buffer too small for " text " at offset 9 (need 4 bytes, have 1)"}
#define SHORT_VALUE(type_, text)                                                                        \
    {{FAULT_SHORT, .field = FIELD_VALUE, .type = (type_), .offset = 9, .needed = 4, .had = 1},          \
     DATA "buffer too small for " text " at offset 9 (need 4 bytes, have 1)"}
#define BEHIND(field_, text)                                                                            \
    {{FAULT_PAST_END, .field = (field_), .offset = 70000},                                              \
     DATA text " at offset 70000 is past the end of the data (65536 bytes)"}
#define OF_MODEL(kind, text) {{kind}, MODEL text}

static const struct {
    struct fault fault;
    const char *text; // causes joined by " / "
} texts[] = {
    OF_MODEL(FAULT_MEMORY, "out of memory"),
    {{FAULT_INPUT_REFUSED}, "Permission denied (os error 13)"},
    {{FAULT_FILE_REFUSED}, "An error occurred while trying to read input. / Failed to open file {a} / "
                           "Permission denied (os error 13)"},
    {{FAULT_FILE_UNSIZED}, "An IO error occured. / Permission denied (os error 13)"},
    {{FAULT_INPUT_UNREADABLE}, "Permission denied (os error 13)"},
    {{FAULT_SPOOL_REFUSED}, "Failed to create temporary file for stdin buffering / Permission denied (os "
                            "error 13)"},
    {{FAULT_SPOOL_BROKEN}, "Failed to read EVTX data from stdin / Permission denied (os error 13)"},
    {{FAULT_FILE_HEADER_UNREADABLE}, STREAM " / failed to read EVTX file header block: Permission denied "
                                            "(os error 13)"},
    {{FAULT_FILE_HEADER_CUT}, STREAM " / failed to read EVTX file header block: failed to fill whole "
                                     "buffer"},
    {{FAULT_FILE_MAGIC, .had = 0x00656C69466C4501}, STREAM " / Invalid EVTX file header magic, expected "
                                                           "`ElfFile0`, found `[ 1, 45, 6C, 46, 69, 6C, 65,  0]`"},
    {{FAULT_FILE_BLOCK, .needed = 65535, .had = 5000},
     "Calculation Error, reason: Could not calculate valid chunk count because stream size is less than "
     "evtx header block size. (stream_size: 5000, header_block_size: 65535)"},
    {{FAULT_CHUNK_MISSING}, CHUNK " / Reached EOF while trying to allocate chunk"},
    {{FAULT_CHUNK_UNREADABLE}, CHUNK " / An IO error occured. / Permission denied (os error 13)"},
    {{FAULT_CHUNK_MAGIC, .had = UINT64_MAX}, CHUNK " / Failed to parse chunk header / Invalid EVTX chunk "
                                                   "header magic, expected `ElfChnk0`, found `[FF, FF, FF, "
                                                   "FF, FF, FF, FF, FF]`"},
    {{FAULT_CHUNK_HEADER_CRC32, .needed = 1, .had = 0xFFFFFFFF},
     CHUNK " / chunk header CRC32 invalid (stored 0x00000001, computed 0xffffffff)"},
    {{FAULT_CHUNK_FREE_OFFSET, .had = 70000},
     CHUNK " / chunk free space offset 70000 is outside the chunk's records area"},
    {{FAULT_CHUNK_RECORDS_CRC32, .needed = 1, .had = 2},
     CHUNK " / chunk data CRC32 invalid (stored 0x00000001, computed 0x00000002)"},
    {{FAULT_RECORD_MAGIC, .had = 0x2A2B}, HEADER " / " STREAM " / Invalid EVTX record header magic, expected "
                                                 "`2a2a0000`, found `[2B, 2A,  0,  0]`"},
    {{FAULT_RECORD_TIME, .had = 0xABC}, HEADER " / " STREAM " / The record header's timestamp (FILETIME "
                                               "0x0000000000000abc) is out of range"},
    {{FAULT_RECORD_SIZE, .had = 27}, HEADER " / Invalid EVTX record data size, should be equals or greater than "
                                            "28, found `27`"},
    {{FAULT_RECORD_BOUNDS}, HEADER " / " MODEL "record BinXML slice is out of bounds"},
    SHORT(FIELD_FRAGMENT_MAJOR, "fragment_header_major_version"),
    SHORT(FIELD_FRAGMENT_MINOR, "fragment_header_minor_version"),
    SHORT(FIELD_FRAGMENT_FLAGS, "fragment_header_flags"),
    SHORT(FIELD_ELEMENT_DEPENDENCY, "open_start_element_dependency_identifier"),
    SHORT(FIELD_ELEMENT_SIZE, "open_start_element_data_size"),
    SHORT(FIELD_ATTRIBUTES_SIZE, "open_start_element_attribute_list_data_size"),
    SHORT(FIELD_NAME_PLACE, "name_offset"),
    SHORT(FIELD_NAME_LINK, "u32"),
    SHORT(FIELD_NAME_HASH, "name_hash"),
    SHORT(FIELD_NAME_LENGTH, "string_table_name_len"),
    BEHIND(FIELD_NAME_TEXT, "Skip string"),
    SHORT(FIELD_NAME, "name"),
    BEHIND(FIELD_NAME, "cursor.position"),
    SHORT(FIELD_VALUE_TYPE, "u8"),
    SHORT(FIELD_FRAGMENT_SIZE, "binxml_payload_len"),
    SHORT(FIELD_CDATA, "cdata"),
    SHORT(FIELD_CHARACTER_REFERENCE, "char_ref"),
    SHORT(FIELD_PI_DATA, "pi_data"),
    SHORT(FIELD_HOLE_INDEX, "u16"),
    SHORT(FIELD_HOLE_TYPE, "u8"),
    SHORT(FIELD_INSTANCE, "u8"),
    SHORT(FIELD_INSTANCE_ID, "u32"),
    SHORT(FIELD_INSTANCE_PLACE, "u32"),
    SHORT(FIELD_VALUE_COUNT, "u32"),
    SHORT(FIELD_DESCRIPTOR_SIZE, "u16"),
    SHORT(FIELD_DESCRIPTOR_TYPE, "u8"),
    BEHIND(FIELD_DEFINITION, "cursor.position"),
    SHORT(FIELD_DEFINITION_LINK, "next_template_offset"),
    SHORT(FIELD_DEFINITION_GUID, "template_guid"),
    SHORT(FIELD_DEFINITION_SIZE, "template_data_size"),
    BEHIND(FIELD_DEFINITION_BODY, "Skip cached template"),
    SHORT(FIELD_SIZE_T, "sizet32"),
    {{FAULT_SHORT, .field = FIELD_SIZE_T, .offset = 9, .needed = 8, .had = 5},
     DATA "buffer too small for sizet64 at offset 9 (need 8 bytes, have 5)"},
    BEHIND(FIELD_VALUE_REST, "Broken record"),
    {{FAULT_PAST_END, .field = FIELD_VALUE, .offset = 70000},
     DATA "NullType Descriptor at offset 70000 is past the end of the data (65536 bytes)"},
    SHORT_VALUE(0x01, "<string_value>"), SHORT_VALUE(0x02, "<ansi_string_value>"), SHORT_VALUE(0x03, "u8"),
    SHORT_VALUE(0x05, "i16"), SHORT_VALUE(0x0D, "bool"), SHORT_VALUE(0x10, "sizet"), SHORT_VALUE(0x11, "u64"),
    SHORT_VALUE(0x12, "systime"), SHORT_VALUE(0x13, "sid"), SHORT_VALUE(0x15, "hex64"),
    SHORT_VALUE(0x21, "binxml_payload"), SHORT_VALUE(0x81, "string_array"), SHORT_VALUE(0x93, "sid"),
    SHORT_VALUE(0x95, "hex64_array"), SHORT_VALUE(0x00, "value"), SHORT_VALUE(0xFF, "value"),
    {{FAULT_TOKEN_UNKNOWN, .offset = 0x219, .type = 0xF7},
     DATA "Offset 0x00000219: Tried to read an invalid byte `0xf7` as binxml token"},
    {{FAULT_TYPE_UNKNOWN, .offset = 0x219, .type = 0x16},
     DATA "Offset 0x00000219: Tried to read an invalid byte `0x16` as binxml value variant"},
    {{FAULT_TYPE_UNREADABLE, .offset = 600, .type = 0x20, .had = EVX_NONE},
     DATA "Offset 600: Value variant `EvtHandle` (size None) is unimplemented"},
    {{FAULT_TYPE_UNREADABLE, .offset = 600, .type = 0x8E, .had = 3},
     DATA "Offset 600: Value variant `BinaryArrayType` (size Some(3)) is unimplemented"},
    {{FAULT_STRING_ODD, .offset = 600}, DATA "sized utf-16 string at offset 600: invalid data"},
    {{FAULT_ARRAY_SIZE, .field = FIELD_VALUE, .type = 0x86, .offset = 600, .needed = 2, .had = 3},
     DATA "u16_array: misaligned sized array (size_bytes=3, elem_bytes=2) at offset 600"},
    {{FAULT_NAME_INVALID, .offset = 600}, DATA "name at offset 600: invalid data"},
    OF_MODEL(FAULT_NAME_OFFSET, "string table offset overflow"),
    OF_MODEL(FAULT_NAME_FOREIGN, "its structure is another one's"),
    OF_MODEL(FAULT_TEMPLATE_FOREIGN, "its structure is another one's"),
    OF_MODEL(FAULT_TEMPLATE_BOUNDS, "template data out of bounds"),
    OF_MODEL(FAULT_STREAM_EMPTY, "empty BinXML slice"),
    OF_MODEL(FAULT_ROOT_MISSING, "missing root element"),
    OF_MODEL(FAULT_ROOT_REPEATED, "multiple root elements"),
    OF_MODEL(FAULT_ROOT_IN_VALUE, "root element inside a value token"),
    OF_MODEL(FAULT_START_IN_START, "open start - Bad parser state"),
    OF_MODEL(FAULT_CLOSE_ALONE, "close start - Bad parser state"),
    OF_MODEL(FAULT_CLOSE_EMPTY_ALONE, "close empty - Bad parser state"),
    OF_MODEL(FAULT_END_ALONE, "close element - Bad parser state"),
    OF_MODEL(FAULT_ATTRIBUTE_ALONE, "attribute - Bad parser state"),
    OF_MODEL(FAULT_VALUE_ALONE, "value outside of element"),
    OF_MODEL(FAULT_START_OPEN, "unfinished element start"),
    OF_MODEL(FAULT_ELEMENT_OPEN, "unbalanced element stack"),
    OF_MODEL(FAULT_HOLE_ALONE, "substitution outside template definition"),
    OF_MODEL(FAULT_INSTANCE_IN_DEFINITION, "template instance inside template definition"),
    OF_MODEL(FAULT_INSTANCE_IN_ATTRIBUTE, "template instance inside attribute value"),
    OF_MODEL(FAULT_FRAGMENT_IN_ATTRIBUTE, "nested BinXML inside attribute value"),
    OF_MODEL(FAULT_ELEMENT_IN_ATTRIBUTE, "element node inside attribute value"),
    OF_MODEL(FAULT_ELEMENT_IN_TEXT, "unexpected element node in text context"),
    {{FAULT_PI_IN_ATTRIBUTE}, RECORD " / Unimplemented: processing instruction in attribute value"},
    OF_MODEL(FAULT_PI_DATA_ALONE, "PIData without PITarget"),
    OF_MODEL(FAULT_LIMIT_ELEMENTS, "BinXML elements nested too deeply"),
    OF_MODEL(FAULT_LIMIT_FRAGMENTS, "BinXML fragments nested too deeply"),
    OF_MODEL(FAULT_LIMIT_NODES, "record renders more than 2^18 nodes"),
    OF_MODEL(FAULT_LIMIT_OUTPUT, "record renders to more than 16 MiB"),
    OF_MODEL(FAULT_LIMIT_RECORD_MEMORY, "record needs more memory than one record may use"),
    OF_MODEL(FAULT_LIMIT_CHUNK_MEMORY, "chunk needs more memory than one chunk may use"),
    OF_MODEL(FAULT_LIMIT_REREAD, "the record takes too long to read again"),
};

// The text of a fault in record 7, at 0x200 of chunk 2; a file's name may look like a blank.
static void expect_text(const struct fault *fault, const char *text)
{
    struct run run = {0};
    evx_error error;
    struct damage damage = {.system_errno = EACCES, .chunk = 2, .record_id = 7,
                            .offset = FILE_HEADER_BLOCK_BYTES + 2 * CHUNK_BYTES + 0x200, .length = 11};
    fault_set(&damage.fault, fault);
    describe_file_damage(&damage, "{a}", &error);
    run_report(&run, &error);
    assert_int_equal(run.reports.size, strlen(text) + 1);
    assert_memory_equal(run.reports.bytes, text, strlen(text));
    assert_int_equal(error.status, damage.fault.status);
    assert_int_equal(error.offset, damage.offset);
    assert_int_equal(error.length, 11);
    run_free(&run);
}

static void test_every_fault_has_its_text(void **state)
{
    (void)state;
    bool has_text[FAULT_KIND_COUNT] = {[FAULT_NONE] = true};
    for (size_t i = 0; i < COUNT(texts); i++) {
        expect_text(&texts[i].fault, texts[i].text);
        has_text[texts[i].fault.kind] = true;
    }
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
        if (!has_text[kind])
            fail_msg("fault %d has no text here", kind);
}

// Longer than a cause may be: cut, as everywhere.
static void test_long_texts_are_cut(void **state)
{
    (void)state;
    char path[1000];
    evx_error error;
    struct damage damage = damage_of(FAULT_FILE_REFUSED);
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = 0;
    damage.system_errno = ENOENT;
    describe_file_damage(&damage, path, &error);
    assert_int_equal(error.cause_count, 3);
    assert_int_equal(strlen(error.cause[1]), EVX_CAUSE_SIZE - 1);
    assert_string_equal(error.cause[2], "No such file or directory (os error 2)");
    describe_file_damage(&damage, path, NULL);
}

// ----------------------------------------------------------------------------------------------- kinds

static struct text met; // names of kinds, one a line

// Adds the kinds of a run, of which one must be this.
static void take(struct run run, const char *kind)
{
    char line[64];
    snprintf(line, sizeof line, "EVX_DAMAGE_%s\n", kind);
    if (!run.kinds.bytes || !strstr(run.kinds.bytes, line))
        fail_msg("%s is not met, but:\n%s%s%s", kind, run.kinds.bytes ? run.kinds.bytes : "",
                 run.reports.bytes ? run.reports.bytes : "", run.notes.bytes ? run.notes.bytes : "");
    text_add_string(&met, line);
    run_free(&run);
}

static void take_bytes(const void *bytes, size_t size, const char *kind)
{
    const evx_convert_options options = {
        .size = sizeof options, .format = EVX_FORMAT_XML, .threads = 1, .recover = 1};
    take(run_convert(bytes, size, RUN_MEMORY, &options), kind);
}

static void take_checked(const void *bytes, size_t size, const char *kind)
{
    const evx_convert_options options = {
        .size = sizeof options, .format = EVX_FORMAT_XML, .threads = 1, .validate_checksums = 1};
    take(run_convert(bytes, size, RUN_MEMORY, &options), kind);
}

static void take_log(encode_builder *b, const char *kind)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s: %s", kind, encode_error(b));
    take_bytes(bytes, size, kind);
    encode_free(&b);
}

// Numbers put somewhere into a log of "1 2 3|4 / 5".
static void test_damaged_headers(void **state)
{
    (void)state;
    enum { IN_FILE, IN_CHUNK, IN_RECORD, IN_OLD_RECORD };
    static const struct {
        int where;
        uint32_t offset;
        unsigned width;
        uint64_t value;
        uint32_t size; // of the log; 0: all
        const char *kind;
    } rows[] = {
        {IN_FILE, FILE_MAGIC_OFFSET, 1, 0, 0, "FILE_MAGIC"},
        {IN_FILE, FILE_MAGIC_OFFSET, 1, 'E', 100, "FILE_CUT"},
        {IN_FILE, FILE_CHUNK_COUNT_OFFSET, 2, 3, 0, "FILE_CHUNKS"},
        {IN_FILE, FILE_BLOCK_SIZE_OFFSET, 2, 0, 65536, "CHUNK_MISSING"},
        {IN_FILE, FILE_BLOCK_SIZE_OFFSET, 2, 4096, 6000, "CHUNK_CUT"},
        {IN_CHUNK, CHUNK_MAGIC_OFFSET, 1, 0, 0, "CHUNK_MAGIC"},
        {IN_CHUNK, CHUNK_LAST_ID_OFFSET, 8, 9, 0, "CHUNK_RECORDS"},
        {IN_RECORD, 0, 1, 0, 0, "RECORD_MAGIC"},
        {IN_RECORD, RECORD_TIME_OFFSET, 8, UINT64_MAX, 0, "RECORD_TIME"},
        {IN_RECORD, RECORD_SIZE_OFFSET, 4, 27, 0, "RECORD_SIZE"},
        {IN_RECORD, RECORD_SIZE_OFFSET, 4, 70000, 0, "RECORD_SIZE"},
        {IN_RECORD, RECORD_HEADER_BYTES + 4 + 2, 4, 0, 0, "TEMPLATE_FOREIGN"},
        {IN_OLD_RECORD, RECORD_HEADER_BYTES, 1, 0x77, 0, "RECORD_UNREADABLE"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct log log = log_make("1 2 3|4 / 5");
        uint8_t *const places[] = {log.bytes, log_chunk(&log, 0), log_record(&log, 1),
                                   log_record(&log, 4)};
        log_put(places[rows[i].where] + rows[i].offset, rows[i].width, rows[i].value);
        take_bytes(log.bytes, rows[i].size ? rows[i].size : log.size, rows[i].kind);
        log_free(&log);
    }
}

static void test_chunks_that_are_checked(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3");
    uint8_t *chunk = log_chunk(&log, 0);
    log_record(&log, 0)[RECORD_HEADER_BYTES + 20] ^= 1;
    take_checked(log.bytes, log.size, "CHUNK_CHECKSUM");
    log_put(chunk + CHUNK_FREE_OFFSET, 4, 70000);
    log_put(chunk + CHUNK_HEADER_CRC32_OFFSET, 4, chunk_header_crc32(chunk));
    take_checked(log.bytes, log.size, "CHUNK_HEADER");
    log_put(log.bytes + FILE_BLOCK_SIZE_OFFSET, 2, 5000);
    log_chunk(&log, 1)[0] = 0;
    take_checked(log.bytes, log.size, "CHUNK_LEFT_OUT");
    log_free(&log);
}

static void test_damaged_names_of_old_records(void **state)
{
    (void)state;
    struct log log = log_make("1 / 2");
    uint8_t *name = memmem(log_record(&log, 1), log.places[1].size, "\5\0E\0v\0", 6);
    assert_non_null(name);
    name[-2] ^= 0x40;
    take_bytes(log.bytes, log.size, "NAME_FOREIGN");
    log_free(&log);
}

// The name of the first record stands in one behind the cut.
static void test_records_behind_the_cut(void **state)
{
    (void)state;
    enum { NAME_IN_RECORD = RECORD_HEADER_BYTES + 4 + 5 }; // behind fragment header, token and size
    encode_builder *b = encode_create();
    const encode_place first = encode_add_fragment(b, encode_nodes_text(b, "%{01 08000000 00000000 03}"));
    const encode_place late = encode_add_fragment(b, encode_nodes_text(b, "<Late></Late>"));
    size_t size;
    uint8_t *bytes = encode_finish(b, &size);
    assert_non_null(bytes);
    store_u32(bytes + FILE_HEADER_BLOCK_BYTES + first.offset + NAME_IN_RECORD, late.offset + NAME_IN_RECORD + 4);
    take_bytes(bytes, FILE_HEADER_BLOCK_BYTES + late.offset, "RECORD_CUT");
    encode_free(&b);
}

static void test_bytes_behind_the_event(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    const encode_record record = {
        .fragment = encode_nodes_text(b, "<E>abc</E>"), .tail = "XXXXXXXXXXXX", .tail_size = 12};
    encode_add(b, &record);
    take_log(b, "RECORD_TAIL");
}

// A row is a definition and its values, or a stream where there are none.
static void test_damaged_records(void **state)
{
    (void)state;
    static const struct {
        struct shown shown;
        const char *kind;
    } rows[] = {
        {{"%{07 ffff}", NULL}, "STRUCTURE_CUT"},
        {{"<E>%{77}</E>", NULL}, "TOKEN"},
        {{"%{04}", NULL}, "TOKEN_ORDER"},
        {{"<E>%0</E>", NULL}, "TOKEN_ORDER"},
        {{"%{01 08000000 ffff0000}", NULL}, "NAME"},
        {{"<E>%{09 ffffffff}</E>", NULL}, "NAME"},
        {{"<A/><B/>", "u:1"}, "TEMPLATE"},
        {{"%{0c 01 01000000 00000100 00000000}", NULL}, "TEMPLATE"},
        {{"<E>%{0b 0100 6400}</E>", NULL}, "FORM"},
        {{"<E a='%0%{0a 00020000}'/>", "u:1"}, "FORM"},
        {{"<E>%{05 16}</E>", NULL}, "VALUE_TYPE"},
        {{"<E>%{05 23 0000}</E>", NULL}, "VALUE_TYPE"},
        {{"<E>%{05 01 ffff}</E>", NULL}, "VALUE_CUT"},
        {{"<E>%0</E>", "8e:00"}, "VALUE_TYPE"},
        {{"<E>%0</E>", "08:0102"}, "VALUE_SIZE"},
        {{"<E>%0%1</E>", "01:610062|21:77"}, "VALUE_SIZE"},
        {{"<E>%0%1</E>", "86:000000|21:77"}, "VALUE_SIZE"},
        {{"<E>%0</E>", "11:ffffffffffffffff"}, "VALUE_TIME"},
        {{"<E>%0%1%2%3%4%0%1%2%3%4</E>", "08:01|08:02|08:03|08:04|08:05|08:06|08:07|08:08"}, "VALUE_SIZE"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t *bytes;
        size_t size;
        encode_builder *b = show_log(&rows[i].shown, &bytes, &size);
        take_bytes(bytes, size, rows[i].kind);
        encode_free(&b);
    }
}

static void take_stream(const char *stream, const char *kind)
{
    encode_builder *b = encode_create();
    encode_node *nodes = encode_nodes_text(b, stream);
    nodes->has_header = nodes->has_eof = false;
    encode_add_fragment(b, nodes);
    take_log(b, kind);
}

static void test_damaged_streams(void **state)
{
    (void)state;
    take_stream("%{0c 01 00}", "INSTANCE_CUT");
    struct text nested = {0};
    for (int i = 0; i < OPEN_ELEMENTS_MAX + 1; i++)
        text_add_string(&nested, "<L>");
    for (int i = 0; i < OPEN_ELEMENTS_MAX + 1; i++)
        text_add_string(&nested, "</L>");
    take_stream(nested.bytes, "LIMIT_DEPTH");
    text_free(&nested);
}

// A record that is a header alone.
static void test_records_of_nothing(void **state)
{
    (void)state;
    encode_builder *b = encode_create();
    uint8_t raw[RECORD_BYTES_MIN] = {0x2A, 0x2A, 0, 0, RECORD_BYTES_MIN};
    raw[RECORD_ID_OFFSET] = 1;
    raw[RECORD_HEADER_BYTES] = RECORD_BYTES_MIN;
    const encode_record record = {.raw = raw, .raw_size = sizeof raw, .id = 1};
    encode_add(b, &record);
    take_log(b, "STRUCTURE_EMPTY");
}

// ---------------------------------------------------------------------------------------------- inputs

// Found out when the conversion begins, and no report then.
static void test_headers_larger_than_the_input(void **state)
{
    (void)state;
    struct log log = log_make("1");
    log_put(log.bytes + FILE_BLOCK_SIZE_OFFSET, 2, 65535);
    evx_engine *engine;
    evx_reader *reader;
    evx_error error;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    assert_int_equal(evx_open_memory(engine, log.bytes, 5000, &reader, NULL), EVX_OK);
    struct run run = {0};
    const evx_sink sink = {.write = run_write, .report = run_report, .context = &run};
    assert_int_equal(evx_convert(reader, NULL, &sink, NULL, &error), EVX_ERR_NOT_EVTX);
    run_report(&run, &error);
    take(run, "FILE_HEADER");
    evx_close(&reader);
    evx_engine_destroy(&engine);
    log_free(&log);
}

struct failing {
    uint64_t from; // reads of many bytes fail from here on
    const struct log *log;
};

static int64_t failing_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    const struct failing *failing = context;
    if (offset >= failing->from && size >= 4096) {
        errno = EIO;
        return -1;
    }
    size_t left = offset < failing->log->size ? failing->log->size - offset : 0;
    size = size < left ? size : left;
    memcpy(buffer, failing->log->bytes + offset, size);
    return (int64_t)size;
}

static int64_t failing_size(void *context)
{
    return (int64_t)((const struct failing *)context)->log->size;
}

static void test_inputs_that_fail(void **state)
{
    (void)state;
    struct log log = log_make("1 2");
    evx_engine *engine;
    assert_int_equal(evx_engine_create(NULL, &engine, NULL), EVX_OK);
    for (int from = 0; from <= FILE_HEADER_BLOCK_BYTES; from += FILE_HEADER_BLOCK_BYTES) {
        struct failing failing = {(uint64_t)from, &log};
        const evx_input input = {failing_read, failing_size, &failing};
        evx_convert_options options = {.size = sizeof options, .threads = 1};
        struct run run = {0};
        evx_reader *reader;
        evx_error error;
        evx_status status = evx_open_input(engine, &input, &reader, &error);
        run_reader(&run, status, reader, &options, &error);
        take(run, from ? "CHUNK_READ" : "INPUT_READ");
    }
    struct run run = {0};
    evx_reader *reader;
    evx_error error;
    assert_int_equal(evx_open_file(engine, "no/such/file", &reader, &error), EVX_ERR_IO);
    run_report(&run, &error);
    take(run, "INPUT_OPEN");
    evx_engine_destroy(&engine);
    log_free(&log);
}

// ------------------------------------------------------------------------------------------- the header

// Those for which a log would take other tests' machinery: what they come from must be right.
static void test_kinds_of_notes(void **state)
{
    (void)state;
    static const struct {
        enum note_kind note;
        evx_damage kind;
    } rows[] = {
        {NOTE_VALUE_CUT, EVX_DAMAGE_VALUE_CUT},
        {NOTE_ANSI_INVALID, EVX_DAMAGE_VALUE_TEXT},
        {NOTE_ELEMENTS_UNREADABLE, EVX_DAMAGE_VALUE_ELEMENTS},
        {NOTE_ELEMENTS_FOREIGN, EVX_DAMAGE_VALUE_FOREIGN},
        {NOTE_VALUE_DOUBTFUL, EVX_DAMAGE_VALUE_DOUBTFUL},
        {NOTE_MORE_VALUES, EVX_DAMAGE_VALUES_MORE},
        {NOTE_STREAM_REST, EVX_DAMAGE_STREAM_REST},
        {NOTE_COLUMN_REFUSED, EVX_DAMAGE_VALUE_COLUMN},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct note note = {
            .kind = rows[i].note, .chunk = 0, .record_id = 1, .offset = FILE_HEADER_BLOCK_BYTES};
        evx_error error;
        describe_note(&note, &error);
        assert_int_equal(error.kind, rows[i].kind);
        text_add_string(&met, evx_damage_name(error.kind));
        text_add_string(&met, "\n");
    }
    for (int kind = FAULT_LIMIT_ELEMENTS; kind < FAULT_LIMIT_REREAD; kind++) {
        struct damage damage = damage_of((enum fault_kind)kind);
        evx_error error;
        describe_damage(&damage, &error);
        assert_int_equal(error.kind / 100, 6);
        text_add_string(&met, evx_damage_name(error.kind));
        text_add_string(&met, "\n");
    }
}

static void test_every_kind_is_met(void **state)
{
    (void)state;
    unsigned count = 0;
    for (int kind = 1; kind < 1000; kind++) {
        const char *name = evx_damage_name((evx_damage)kind);
        char line[64];
        snprintf(line, sizeof line, "%s\n", name);
        if (strcmp(name, "unknown damage") == 0)
            continue;
        if (!strstr(met.bytes, line))
            fail_msg("%s is not met", name);
        count++;
    }
    assert_true(count > 40);
    assert_string_equal(evx_damage_name(EVX_DAMAGE_NONE), "EVX_DAMAGE_NONE");
    text_free(&met);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fault_has_its_text),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_damaged_headers),
        cmocka_unit_test(test_chunks_that_are_checked),
        cmocka_unit_test(test_damaged_names_of_old_records),
        cmocka_unit_test(test_records_behind_the_cut),
        cmocka_unit_test(test_bytes_behind_the_event),
        cmocka_unit_test(test_damaged_records),
        cmocka_unit_test(test_damaged_streams),
        cmocka_unit_test(test_records_of_nothing),
        cmocka_unit_test(test_headers_larger_than_the_input),
        cmocka_unit_test(test_inputs_that_fail),
        cmocka_unit_test(test_kinds_of_notes),
        cmocka_unit_test(test_every_kind_is_met), // last
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
