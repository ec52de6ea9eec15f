// SPDX-License-Identifier: MIT
// Node tree -> BinXML -> chunk -> file: the mirror of decode/. Everything the format can express
// can be said, and so can deliberately broken things. A log in a few lines:
//
//     encode_builder *b = encode_create();
//     encode_template *t = encode_template_text(b, "<Event><X a='%0'>%1:u32</X></Event>");
//     ENCODE_EVENT(b, t, encode_string(b, "hello"), encode_u32(7));
//     size_t size;
//     uint8_t *bytes = encode_finish(b, &size); // NULL: encode_error(b) says why
//     ...
//     encode_free(&b); // also frees bytes, nodes, values and templates
//
// Errors are sticky: the first one is kept, later calls do nothing harmful, encode_finish returns
// NULL. No function below returns NULL except encode_create, encode_finish and encode_error.
#ifndef EVX_ENCODE_ENCODE_H
#define EVX_ENCODE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#include "base/attrs.h"
#include "container/layout.h"

// Value types (descriptor, substitution and value token); add ENCODE_ARRAY for an array.
enum {
    ENCODE_NULL = 0x00,
    ENCODE_STRING = 0x01,
    ENCODE_ANSI = 0x02,
    ENCODE_I8 = 0x03,
    ENCODE_U8 = 0x04,
    ENCODE_I16 = 0x05,
    ENCODE_U16 = 0x06,
    ENCODE_I32 = 0x07,
    ENCODE_U32 = 0x08,
    ENCODE_I64 = 0x09,
    ENCODE_U64 = 0x0A,
    ENCODE_F32 = 0x0B,
    ENCODE_F64 = 0x0C,
    ENCODE_BOOL = 0x0D,
    ENCODE_BINARY = 0x0E,
    ENCODE_GUID = 0x0F,
    ENCODE_SIZE = 0x10,
    ENCODE_FILETIME = 0x11,
    ENCODE_SYSTEMTIME = 0x12,
    ENCODE_SID = 0x13,
    ENCODE_HEX32 = 0x14,
    ENCODE_HEX64 = 0x15,
    ENCODE_NESTED = 0x21,
    ENCODE_ARRAY = 0x80,
};

enum {
    ENCODE_AUTO = -1,              // in the fields of encode_node: what is right
    ENCODE_DEPENDENCY_ABSENT = -2, // no dependency id although the context wants one
    ENCODE_DEPENDENCY_NONE = 0xFFFF,
    ENCODE_RECORD_BYTES_MAX = CHUNK_BYTES - CHUNK_HEADER_BYTES,
};

typedef struct encode_builder encode_builder;
typedef struct encode_name encode_name;
typedef struct encode_template encode_template;
typedef struct encode_node encode_node;

encode_builder *encode_create(void); // NULL: no memory
void encode_free(encode_builder **builder);
const char *encode_error(const encode_builder *builder); // NULL: none so far
void encode_fail(encode_builder *builder, const char *format, ...) EVX_PRINTF(2, 3);

// Nodes and value bytes made behind a mark are given back by rewinding to it: logs of any length in
// constant memory. Names stay; templates must be made in front of the mark.
typedef struct encode_mark {
    void *block;
    size_t used;
} encode_mark;
encode_mark encode_get_mark(const encode_builder *builder);
void encode_rewind(encode_builder *builder, encode_mark mark);
void *encode_allocate(encode_builder *builder,
                      size_t size); // zeroed; the one function that can give NULL

// -------------------------------------------------------------------------------------------------
// Values: passed by value, owned by the builder where they are longer than 16 bytes.

typedef struct encode_value {
    uint8_t type;
    uint8_t pad;                 // of the descriptor, 0 in real logs
    uint32_t size;               // of the bytes written
    int64_t declared_size;       // of the descriptor; ENCODE_AUTO: the bytes written
    const void *bytes;           // NULL: small holds them
    const encode_node *fragment; // instead of bytes
    uint8_t small[16];
} encode_value;

// Any type over any bytes. The bytes are copied, or borrowed until the record has been added.
encode_value encode_bytes(encode_builder *b, uint8_t type, const void *bytes, size_t size);
encode_value encode_borrowed(uint8_t type, const void *bytes, size_t size);

encode_value encode_null(void);
encode_value encode_string(encode_builder *b, const char *utf8); // a lone surrogate may be 3 bytes
encode_value encode_string_nul(encode_builder *b, const char *utf8); // with a trailing NUL
encode_value encode_string16(encode_builder *b, const char16_t *units, size_t count);
encode_value encode_ansi(encode_builder *b,
                         const char *text); // bytes as they are, with trailing NUL
encode_value encode_i8(int8_t v);
encode_value encode_u8(uint8_t v);
encode_value encode_i16(int16_t v);
encode_value encode_u16(uint16_t v);
encode_value encode_i32(int32_t v);
encode_value encode_u32(uint32_t v);
encode_value encode_i64(int64_t v);
encode_value encode_u64(uint64_t v);
encode_value encode_f32(float v);
encode_value encode_f64(double v);
encode_value encode_bool(uint32_t v);
encode_value encode_binary(encode_builder *b, const void *bytes, size_t size);
encode_value encode_guid(const uint8_t bytes[16]);
encode_value encode_guid_text(encode_builder *b,
                              const char *text); // "{8-4-4-4-12}", braces optional
encode_value encode_size32(uint32_t v);
encode_value encode_size64(uint64_t v);
encode_value encode_filetime(uint64_t v);
encode_value encode_systemtime(uint16_t year, uint16_t month, uint16_t weekday, uint16_t day,
                               uint16_t hour, uint16_t minute, uint16_t second, uint16_t ms);
encode_value encode_sid(encode_builder *b, const char *text); // "S-1-5-21-..."
encode_value encode_hex32(uint32_t v);
encode_value encode_hex64(uint64_t v);
encode_value encode_strings(encode_builder *b, size_t count, const char *const *utf8);      // 0x81
encode_value encode_ansi_strings(encode_builder *b, size_t count, const char *const *text); // 0x82
encode_value encode_nested(const encode_node *fragment);                                    // 0x21

// The same bytes under another descriptor.
encode_value encode_with_type(encode_value value, uint8_t type);
encode_value encode_with_size(encode_value value, uint32_t declared_size);

// -------------------------------------------------------------------------------------------------
// Nodes. The fields may be changed until the record is added (or the template made).

typedef enum encode_kind {
    ENCODE_NODE_FRAGMENT,     // list of nodes, with header and EOF or without
    ENCODE_NODE_ELEMENT,      // children: attributes first, then the content
    ENCODE_NODE_ATTRIBUTE,    // children: character data
    ENCODE_NODE_TEXT,         // value token of type 01
    ENCODE_NODE_CDATA,        //
    ENCODE_NODE_PI_TARGET,    // name
    ENCODE_NODE_PI_DATA,      // text
    ENCODE_NODE_CHARACTER,    // character reference
    ENCODE_NODE_ENTITY,       // entity reference, name
    ENCODE_NODE_SUBSTITUTION, //
    ENCODE_NODE_LITERAL,      // value token of any type
    ENCODE_NODE_INSTANCE,     // template instance
    ENCODE_NODE_RAW,          // any bytes
} encode_kind;

struct encode_node {
    encode_kind kind;
    bool self_closed;    // element: 03 instead of 02 .. 04
    bool has_header;     // fragment: 0F 01 01 00 in front
    bool has_eof;        // fragment: 00 behind
    bool optional;       // substitution
    bool end_missing;    // element: neither 03 nor 04 at its end
    uint8_t type;        // substitution: declared type
    uint16_t index;      // substitution: index; character reference: code
    int token;           // ENCODE_AUTO, or the token byte to write (0x40 set on an element: there
                         // is an attribute-list size)
    int dependency;      // element: ENCODE_AUTO, ENCODE_DEPENDENCY_ABSENT, or the id to write
    int64_t size;        // ENCODE_AUTO, or what to write as size of an element, as count of text,
                         // CDATA and PI data, as number of values of an instance
    int64_t list_size;   // element: the same for the size of the attribute list
    int64_t name_offset; // ENCODE_AUTO, or the name offset to write, without any name record
    int64_t template_id; // instance: ENCODE_AUTO, or the id to write
    int64_t
        definition_offset; // instance: ENCODE_AUTO, or the offset to write, without a definition
    encode_name *name;     // element, attribute, entity, PI target
    const void *bytes;     // text (UTF-16 units) or raw bytes
    size_t byte_count;     //
    encode_template *definition; // instance
    const encode_value *values;  // instance; literal: one
    size_t value_count;          //
    encode_node *parent, *next, *first_child, *last_child;
};

// Nodes from text. Attributes in ' or ", white space between tags is content.
//   <X a='..'>..</X>  elements (02 .. 04)      <X/>          closed by token 03
//   %3  %3:hex64      normal substitution      %?3  %?3:sid  optional one; string when no type is
//   given <X ~3 a='..'>     dependency id 3          <X ~- ..>     no dependency id (0xFFFF) &amp;
//   &any;       entity reference         &#65; &#x41;  character reference
//   <![CDATA[..]]>    CDATA                    <?target data?>  processing instruction
//   %{0d 0000 01}     these bytes              \n \t \uD83D \%  line feed, tab, UTF-16 unit, the
//   character
// Types: null string ansi i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 bool binary guid size filetime
// systemtime sid hex32 hex64 nested, each with [] behind it for an array, or two hex digits.
// Elements of a definition get the index of the optional substitution in their content as
// dependency id. The result is a fragment (header and EOF on) of all top-level nodes.
encode_node *encode_nodes_text(encode_builder *b, const char *text);

encode_node *encode_fragment(encode_builder *b); // header and EOF on
encode_node *encode_element(encode_builder *b, const char *name);
encode_node *encode_attribute(encode_builder *b, const char *name);
encode_node *encode_text(encode_builder *b, const char *utf8);
encode_node *encode_text16(encode_builder *b, const char16_t *units, size_t count);
encode_node *encode_cdata(encode_builder *b, const char *utf8);
encode_node *encode_pi_target(encode_builder *b, const char *name);
encode_node *encode_pi_data(encode_builder *b, const char *utf8);
encode_node *encode_character(encode_builder *b, uint16_t code);
encode_node *encode_entity(encode_builder *b, const char *name);
encode_node *encode_substitution(encode_builder *b, uint16_t index, uint8_t type, bool optional);
encode_node *encode_literal(encode_builder *b, encode_value value);
encode_node *encode_raw(encode_builder *b, const void *bytes, size_t size);
encode_node *encode_instance(encode_builder *b, encode_template *definition,
                             const encode_value *values,
                             size_t count); // the values are copied
encode_name *encode_name_of(encode_builder *b, const char *utf8);
encode_name *encode_name_of16(encode_builder *b, const char16_t *units, size_t count);

// Puts child behind the last child of parent and returns parent. A child that has siblings already
// (the nodes of a parsed fragment) must be taken with encode_append_all.
encode_node *encode_append(encode_node *parent, encode_node *child);
encode_node *encode_append_all(encode_node *parent, encode_node *fragment); // moves its children
// The first element of that name below node (depth first), or an unused node and a sticky error.
encode_node *encode_find(encode_builder *b, encode_node *node, const char *name);

#define ENCODE_VALUES(...)      ((const encode_value[]){__VA_ARGS__})
#define ENCODE_VALUE_COUNT(...) (sizeof(ENCODE_VALUES(__VA_ARGS__)) / sizeof(encode_value))
#define ENCODE_INSTANCE(b, t, ...)                                                                 \
    encode_instance((b), (t), ENCODE_VALUES(__VA_ARGS__), ENCODE_VALUE_COUNT(__VA_ARGS__))

// A 0x21 value: header, one instance, EOF.
#define ENCODE_NESTED_INSTANCE(b, t, ...)                                                          \
    encode_nested(encode_append(encode_fragment(b), ENCODE_INSTANCE(b, t, __VA_ARGS__)))

// -------------------------------------------------------------------------------------------------
// Templates: definition fragment and GUID. The fragment must not be changed afterwards.

encode_template *encode_template_text(encode_builder *b, const char *text);
encode_template *encode_template_of(encode_builder *b, const encode_node *fragment);
// Instead of the GUID that follows from the content; a hostile log may give one GUID to many.
void encode_template_set_guid(encode_template *t, const uint8_t guid[16]);
void encode_template_get_guid(const encode_template *t, uint8_t ret_guid[16]);
// What the definition claims as its size; ENCODE_AUTO: the right one.
void encode_template_set_size(encode_template *t, int64_t size);

// -------------------------------------------------------------------------------------------------
// Log: records go into chunk after chunk, physical order.

typedef struct encode_record {
    const encode_node *fragment;
    uint64_t id;      // of the header; 0: the one behind the last
    uint64_t written; // FILETIME; 0: one second behind the last
    const void *tail; // bytes behind the fragment, before the padding to 8
    size_t tail_size;
    bool stay;       // when it does not fit in the current chunk, add nothing: size 0 in the place
    uint32_t spare;  // bytes that must be free behind it; Windows fills a chunk to 65528 at most
    const void *raw; // the whole record, header and size copy included, instead of all above
    size_t raw_size;
} encode_record;

typedef struct encode_place {
    uint64_t chunk;  // slot
    uint32_t offset; // of the record header in the chunk
    uint32_t size;
    uint64_t id;
} encode_place;

encode_place encode_add(encode_builder *b, const encode_record *record);
encode_place encode_add_fragment(encode_builder *b, const encode_node *fragment);
// Header, instance, EOF.
encode_place encode_add_event(encode_builder *b, encode_template *t, const encode_value *values,
                              size_t count);
#define ENCODE_EVENT(b, t, ...)                                                                    \
    encode_add_event((b), (t), ENCODE_VALUES(__VA_ARGS__), ENCODE_VALUE_COUNT(__VA_ARGS__))

// Number (in the file) and identifier of the next record; at the start of a chunk for wrapped logs.
void encode_set_next(encode_builder *b, uint64_t number, uint64_t id);
uint64_t encode_next_id(const encode_builder *b);
uint32_t encode_free_bytes(const encode_builder *b); // left in the current chunk
uint64_t encode_slots(const encode_builder *b);      // closed so far

// Ends the current chunk; the next record opens another one. Nothing happens without a record.
void encode_close_chunk(encode_builder *b);
// Records from here to the end of the chunk lie behind the free offset: slack of an older
// generation.
void encode_begin_slack(encode_builder *b);
// Writes width (1, 2, 4, 8) bytes at offset of the current chunk when it is closed, before the
// checksums (or instead of them when the offset is theirs). Header fields, table slots and records
// alike.
void encode_poke_chunk(encode_builder *b, uint32_t offset, unsigned width, uint64_t value);
void encode_poke_file(encode_builder *b, uint32_t offset, unsigned width, uint64_t value);

void encode_add_zero_slots(encode_builder *b, size_t count);
void encode_add_raw_slot(encode_builder *b, const uint8_t bytes[CHUNK_BYTES]);
void encode_add_empty_chunk(encode_builder *b); // header of a log without records
void encode_add_trailing(encode_builder *b, const void *bytes, size_t size); // last of all
void encode_set_header_block(encode_builder *b, uint16_t size); // instead of 4096: field and bytes

// The whole log, valid until encode_free; the bytes may be changed. NULL after an error.
uint8_t *encode_finish(encode_builder *b, size_t *ret_size);

// Streaming instead: the file header goes out with the first chunk, so what is only known at the
// end (chunk count, next identifier) must have been poked before. End with encode_finish_stream (0:
// done, -1: sticky error). write returns 0 to go on.
typedef int encode_write_fn(void *context, const void *bytes, size_t size);
void encode_set_sink(encode_builder *b, encode_write_fn *write, void *context);
int encode_finish_stream(encode_builder *b);

// Makes the checksums of changed bytes right again.
void encode_seal_chunk(uint8_t chunk[CHUNK_BYTES]);
void encode_seal_file_header(uint8_t header[128]);

#endif
