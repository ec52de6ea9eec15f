// SPDX-License-Identifier: MIT
#include "compat/describe.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "compat/phrase.h"
#include "container/file_header.h"
#include "decode/value.h"
#include "system/file.h"

#define STREAM "An error occurred while trying to deserialize evtx stream."
#define CHUNK  "Failed to parse chunk number {chunk}"
#define HEADER                                                                                     \
    "Failed to read the record at offset 0x{place:x} of chunk {chunk} (file offset 0x{file:x})"
#define RECORD "Failed to parse record number {record}"
#define MODEL  "Failed to create record model, reason: "
#define IO     "An IO error occured." // sic
#define OS     "{os}"
#define BYTE   "Offset 0x{offset:x8}: Tried to read an invalid byte `0x{type:x2}` as binxml "
#define BLOCK  "failed to read EVTX file header block: "
#define MAGIC(header, expected, form)                                                              \
    "Invalid EVTX " header " header magic, expected `" expected "`, found `[{had:" form "}]`"
#define CRC32(of) "chunk " of " CRC32 invalid (stored 0x{needed:x8}, computed 0x{had:x8})"

// What the reference says, the outermost cause first.
static const char *const phrases[FAULT_KIND_COUNT][EVX_CAUSES_MAX] = {
    [FAULT_MEMORY] = {RECORD, MODEL "out of memory"},

    [FAULT_INPUT_REFUSED] = {OS},
    [FAULT_FILE_REFUSED] = {"An error occurred while trying to read input.",
                            "Failed to open file {path}", OS},
    [FAULT_FILE_UNSIZED] = {IO, OS},
    [FAULT_INPUT_UNREADABLE] = {OS},
    [FAULT_SPOOL_REFUSED] = {"Failed to create temporary file for stdin buffering", OS},
    [FAULT_SPOOL_BROKEN] = {"Failed to read EVTX data from stdin", OS},
    [FAULT_FILE_HEADER_UNREADABLE] = {STREAM, BLOCK OS},
    [FAULT_FILE_HEADER_CUT] = {STREAM, BLOCK "failed to fill whole buffer"},
    [FAULT_FILE_MAGIC] = {STREAM, MAGIC("file", "ElfFile0", "b8")},
    [FAULT_FILE_BLOCK] = {"Calculation Error, reason: Could not calculate valid chunk count "
                          "because stream size is less than evtx header block size. (stream_size: "
                          "{had}, header_block_size: {needed})"},

    [FAULT_CHUNK_MISSING] = {CHUNK, "Reached EOF while trying to allocate chunk"},
    [FAULT_CHUNK_UNREADABLE] = {CHUNK, IO, OS},
    [FAULT_CHUNK_MAGIC] = {CHUNK, "Failed to parse chunk header", MAGIC("chunk", "ElfChnk0", "b8")},
    [FAULT_CHUNK_HEADER_CRC32] = {CHUNK, CRC32("header")},
    [FAULT_CHUNK_FREE_OFFSET] = {CHUNK, "chunk free space offset {had} is outside the chunk's "
                                        "records area"},
    [FAULT_CHUNK_RECORDS_CRC32] = {CHUNK, CRC32("data")},

    [FAULT_RECORD_MAGIC] = {HEADER, STREAM, MAGIC("record", "2a2a0000", "b4")},
    [FAULT_RECORD_TIME] = {HEADER, STREAM,
                           "The record header's timestamp (FILETIME 0x{had:x16}) "
                           "is out of range"},
    [FAULT_RECORD_SIZE] = {HEADER, "Invalid EVTX record data size, should be equals or greater "
                                   "than 28, found `{had}`"},
    [FAULT_RECORD_BOUNDS] = {HEADER, RECORD, MODEL "record BinXML slice is out of bounds"},

    [FAULT_SHORT] = {RECORD, STREAM,
                     "buffer too small for {field} at offset {offset} (need "
                     "{needed} bytes, have {had})"},
    [FAULT_PAST_END] = {RECORD, STREAM,
                        "{field} at offset {offset} is past the end of the data "
                        "(65536 bytes)"},
    [FAULT_TOKEN_UNKNOWN] = {RECORD, STREAM, BYTE "token"},
    [FAULT_TYPE_UNKNOWN] = {RECORD, STREAM, BYTE "value variant"},
    [FAULT_TYPE_UNREADABLE] = {RECORD, STREAM,
                               "Offset {offset}: Value variant `{variant}` (size "
                               "{size}) is unimplemented"},
    [FAULT_STRING_ODD] = {RECORD, STREAM, "sized utf-16 string at offset {offset}: invalid data"},
    [FAULT_ARRAY_SIZE] = {RECORD, STREAM,
                          "{field}: misaligned sized array (size_bytes={had}, "
                          "elem_bytes={needed}) at offset {offset}"},
    [FAULT_NAME_INVALID] = {RECORD, STREAM, "name at offset {offset}: invalid data"},
    [FAULT_NAME_OFFSET] = {RECORD, MODEL "string table offset overflow"},
    // These are told by notes.
    [FAULT_NAME_FOREIGN] = {RECORD, MODEL "its structure is another one's"},
    [FAULT_TEMPLATE_FOREIGN] = {RECORD, MODEL "its structure is another one's"},
    [FAULT_TEMPLATE_BOUNDS] = {RECORD, MODEL "template data out of bounds"},

    [FAULT_STREAM_EMPTY] = {RECORD, MODEL "empty BinXML slice"},
    [FAULT_ROOT_MISSING] = {RECORD, MODEL "missing root element"},
    [FAULT_ROOT_REPEATED] = {RECORD, MODEL "multiple root elements"},
    [FAULT_ROOT_IN_VALUE] = {RECORD, MODEL "root element inside a value token"},
    [FAULT_START_IN_START] = {RECORD, MODEL "open start - Bad parser state"},
    [FAULT_CLOSE_ALONE] = {RECORD, MODEL "close start - Bad parser state"},
    [FAULT_CLOSE_EMPTY_ALONE] = {RECORD, MODEL "close empty - Bad parser state"},
    [FAULT_END_ALONE] = {RECORD, MODEL "close element - Bad parser state"},
    [FAULT_ATTRIBUTE_ALONE] = {RECORD, MODEL "attribute - Bad parser state"},
    [FAULT_VALUE_ALONE] = {RECORD, MODEL "value outside of element"},
    [FAULT_START_OPEN] = {RECORD, MODEL "unfinished element start"},
    [FAULT_ELEMENT_OPEN] = {RECORD, MODEL "unbalanced element stack"},
    [FAULT_HOLE_ALONE] = {RECORD, MODEL "substitution outside template definition"},
    [FAULT_INSTANCE_IN_DEFINITION] = {RECORD, MODEL "template instance inside template definition"},
    [FAULT_INSTANCE_IN_ATTRIBUTE] = {RECORD, MODEL "template instance inside attribute value"},
    [FAULT_FRAGMENT_IN_ATTRIBUTE] = {RECORD, MODEL "nested BinXML inside attribute value"},

    [FAULT_ELEMENT_IN_ATTRIBUTE] = {RECORD, MODEL "element node inside attribute value"},
    [FAULT_ELEMENT_IN_TEXT] = {RECORD, MODEL "unexpected element node in text context"},
    [FAULT_PI_IN_ATTRIBUTE] = {RECORD, "Unimplemented: processing instruction in attribute value"},
    [FAULT_PI_DATA_ALONE] = {RECORD, MODEL "PIData without PITarget"},

    [FAULT_LIMIT_ELEMENTS] = {RECORD, MODEL "BinXML elements nested too deeply"},
    [FAULT_LIMIT_FRAGMENTS] = {RECORD, MODEL "BinXML fragments nested too deeply"},
    [FAULT_LIMIT_NODES] = {RECORD, MODEL "record renders more than 2^18 nodes"},
    [FAULT_LIMIT_OUTPUT] = {RECORD, MODEL "record renders to more than 16 MiB"},
    [FAULT_LIMIT_RECORD_MEMORY] = {RECORD, MODEL "record needs more memory than one record may "
                                                 "use"},
    [FAULT_LIMIT_CHUNK_MEMORY] = {RECORD, MODEL "chunk needs more memory than one chunk may use"},
    [FAULT_LIMIT_REREAD] = {RECORD, MODEL "the record takes too long to read again"},
};

// What the reference calls a field whose bytes are not all there, and one that leads behind the
// end.
static const struct {
    const char *cut, *behind;
} fields[] = {
    [FIELD_NONE] = {"value", "value"},
    [FIELD_FRAGMENT_MAJOR] = {"fragment_header_major_version", NULL},
    [FIELD_FRAGMENT_MINOR] = {"fragment_header_minor_version", NULL},
    [FIELD_FRAGMENT_FLAGS] = {"fragment_header_flags", NULL},
    [FIELD_ELEMENT_DEPENDENCY] = {"open_start_element_dependency_identifier", NULL},
    [FIELD_ELEMENT_SIZE] = {"open_start_element_data_size", NULL},
    [FIELD_ATTRIBUTES_SIZE] = {"open_start_element_attribute_list_data_size", NULL},
    [FIELD_NAME_PLACE] = {"name_offset", NULL},
    [FIELD_NAME_LINK] = {"u32", NULL},
    [FIELD_NAME_HASH] = {"name_hash", NULL},
    [FIELD_NAME_LENGTH] = {"string_table_name_len", NULL},
    [FIELD_NAME_TEXT] = {NULL, "Skip string"},
    [FIELD_NAME] = {"name", "cursor.position"},
    [FIELD_VALUE_TYPE] = {"u8", NULL},
    [FIELD_FRAGMENT_SIZE] = {"binxml_payload_len", NULL},
    [FIELD_CDATA] = {"cdata", NULL},
    [FIELD_CHARACTER_REFERENCE] = {"char_ref", NULL},
    [FIELD_PI_DATA] = {"pi_data", NULL},
    [FIELD_HOLE_INDEX] = {"u16", NULL},
    [FIELD_HOLE_TYPE] = {"u8", NULL},
    [FIELD_INSTANCE] = {"u8", NULL},
    [FIELD_INSTANCE_ID] = {"u32", NULL},
    [FIELD_INSTANCE_PLACE] = {"u32", NULL},
    [FIELD_VALUE_COUNT] = {"u32", NULL},
    [FIELD_DESCRIPTOR_SIZE] = {"u16", NULL},
    [FIELD_DESCRIPTOR_TYPE] = {"u8", NULL},
    [FIELD_DEFINITION] = {NULL, "cursor.position"},
    [FIELD_DEFINITION_LINK] = {"next_template_offset", NULL},
    [FIELD_DEFINITION_GUID] = {"template_guid", NULL},
    [FIELD_DEFINITION_SIZE] = {"template_data_size", NULL},
    [FIELD_DEFINITION_BODY] = {NULL, "Skip cached template"},
    [FIELD_VALUE_REST] = {NULL, "Broken record"},
};

// A value whose bytes are not all there.
static const char *value_label(uint8_t type)
{
    static const char *const scalars[] = {
        [TYPE_STRING] = "<string_value>",
        [TYPE_ANSI] = "<ansi_string_value>",
        [TYPE_I8] = "u8",
        [TYPE_U8] = "u8",
        [TYPE_I16] = "i16",
        [TYPE_U16] = "u16",
        [TYPE_I32] = "i32",
        [TYPE_U32] = "u32",
        [TYPE_I64] = "i64",
        [TYPE_U64] = "u64",
        [TYPE_F32] = "f32",
        [TYPE_F64] = "f64",
        [TYPE_BOOL] = "bool",
        [TYPE_BINARY] = "binary",
        [TYPE_GUID] = "guid",
        [TYPE_SIZE_T] = "sizet",
        [TYPE_FILETIME] = "u64",
        [TYPE_SYSTEMTIME] = "systime",
        [TYPE_SID] = "sid",
        [TYPE_HEX32] = "hex32",
        [TYPE_HEX64] = "hex64",
    };
    static const char *const arrays[] = {
        "string_array", "ansi_string_array", "i8_array",      "u8_array",     "i16_array",
        "u16_array",    "i32_array",         "u32_array",     "i64_array",    "u64_array",
        "f32_array",    "f64_array",         "bool_array",    "binary_array", "guid_array",
        "sizet_array",  "filetime_array",    "systime_array", "sid",          "hex32_array",
        "hex64_array"};
    if (type >= 0x81 && type <= 0x95)
        return arrays[type - 0x81];
    if (type == TYPE_FRAGMENT)
        return "binxml_payload";
    return type < sizeof scalars / sizeof scalars[0] && scalars[type] ? scalars[type] : "value";
}

// A value of a type that the reference cannot read at all.
static const char *variant_name(uint8_t type)
{
    static const char *const arrays[] = {
        "StringArrayType",   "AnsiStringArrayType", "Int8ArrayType",   "UInt8ArrayType",
        "Int16ArrayType",    "UInt16ArrayType",     "Int32ArrayType",  "UInt32ArrayType",
        "Int64ArrayType",    "UInt64ArrayType",     "Real32ArrayType", "Real64ArrayType",
        "BoolArrayType",     "BinaryArrayType",     "GuidArrayType",   "SizeTArrayType",
        "FileTimeArrayType", "SysTimeArrayType",    "SidArrayType",    "HexInt32ArrayType",
        "HexInt64ArrayType"};
    return type >= 0x81 && type <= 0x95 ? arrays[type - 0x81]
           : type == TYPE_ANSI          ? "AnsiString"
           : type == TYPE_BINARY        ? "BinaryType"
           : type == TYPE_SIZE_T        ? "SizeT"
           : type == TYPE_HANDLE        ? "EvtHandle"
                                        : "EvtXmlType";
}

static const char *field_label(const struct fault *fault)
{
    if (fault->field == FIELD_SIZE_T)
        return fault->needed == 8 ? "sizet64" : "sizet32";
    bool is_behind = fault->kind == FAULT_PAST_END;
    if (fault->field == FIELD_VALUE)
        return is_behind ? "NullType Descriptor" : value_label(fault->type);
    EVX_CHECK(fault->field < sizeof fields / sizeof fields[0]);
    return is_behind ? fields[fault->field].behind : fields[fault->field].cut;
}

enum { SHORT_TEXT_SIZE = 192 };

static void put_size(const struct fault *fault, char *text)
{
    if (fault->had == EVX_NONE)
        snprintf(text, SHORT_TEXT_SIZE, "None");
    else
        snprintf(text, SHORT_TEXT_SIZE, "Some(%u)", (unsigned)fault->had);
}

// "TEXT (os error N)"
static void put_errno(int number, char *text)
{
    snprintf(text, SHORT_TEXT_SIZE, "%s (os error %d)", file_error_text(number), number);
}

const char *describe_phrase(enum fault_kind kind, unsigned cause)
{
    EVX_CHECK(kind < FAULT_KIND_COUNT);
    return cause < EVX_CAUSES_MAX ? phrases[kind][cause] : NULL;
}

static uint64_t place_in_chunk(const struct damage *damage)
{
    return damage->chunk == EVX_NONE ? EVX_NONE : damage->offset - slot_offset(damage->chunk);
}

void describe_file_damage(const struct damage *damage, const char *path, evx_error *error)
{
    const struct fault *fault = &damage->fault;
    if (!error)
        return;
    char size[SHORT_TEXT_SIZE], os[SHORT_TEXT_SIZE];
    put_size(fault, size);
    put_errno(damage->system_errno, os);
    const struct blank blanks[] = {
        {"chunk", damage->chunk, NULL},
        {"record", damage->record_id, NULL},
        {"place", place_in_chunk(damage), NULL},
        {"file", damage->offset + damage->shift, NULL},
        {"path", 0, path},
        {"os", 0, os},
        {"offset", fault->offset, NULL},
        {"needed", fault->needed, NULL},
        {"had", fault->had, NULL},
        {"type", fault->type, NULL},
        {"field", 0, field_label(fault)},
        {"variant", 0, variant_name(fault->type)},
        {"size", 0, size},
        {0},
    };
    error_set(error, fault->status);
    const char *phrase;
    for (unsigned i = 0; (phrase = describe_phrase(fault->kind, i)); i++)
        phrase_add_cause(error, phrase, blanks);
    error->kind = damage_kind_of_fault(fault);
    error->system_errno = damage->system_errno;
    error->chunk = damage->chunk;
    error->record_id = damage->record_id;
    error->offset = damage->offset;
    error->length = damage->length;
}

void describe_damage(const struct damage *damage, evx_error *error)
{
    describe_file_damage(damage, "", error);
}
