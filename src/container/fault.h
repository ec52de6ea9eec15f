// SPDX-License-Identifier: MIT
// What is wrong with an input, a chunk or a record: data, written on the cold path only. What is
// said about it, in the reference's words, is made in compat/ when somebody wants to read it.
#ifndef EVX_CONTAINER_FAULT_H
#define EVX_CONTAINER_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/attrs.h"

enum fault_kind {
    FAULT_NONE,
    FAULT_MEMORY,

    // The input. Most come with the errno of the call that failed (struct damage).
    FAULT_INPUT_REFUSED, // it cannot be opened
    FAULT_FILE_REFUSED,  // the same of one that was named by its path
    FAULT_FILE_UNSIZED,  // opened, but it has no size
    FAULT_INPUT_UNREADABLE,
    FAULT_SPOOL_REFUSED, // no temporary file for a stream
    FAULT_SPOOL_BROKEN,  // the stream could not be copied into it
    FAULT_FILE_HEADER_UNREADABLE,
    FAULT_FILE_HEADER_CUT,
    FAULT_FILE_MAGIC, // had: its eight bytes
    FAULT_FILE_BLOCK, // needed: bytes of the header block as it says; had: of the input

    // A chunk.
    FAULT_CHUNK_MISSING,
    FAULT_CHUNK_UNREADABLE,
    FAULT_CHUNK_MAGIC,        // had: its eight bytes
    FAULT_CHUNK_HEADER_CRC32, // needed: as stored; had: as computed
    FAULT_CHUNK_FREE_OFFSET,  // had: what it is
    FAULT_CHUNK_RECORDS_CRC32,

    // The header of a record.
    FAULT_RECORD_MAGIC, // had: its four bytes
    FAULT_RECORD_TIME,  // had: the FILETIME
    FAULT_RECORD_SIZE,  // had: what it says
    FAULT_RECORD_BOUNDS,

    // The bytes of BinXML. Offsets are those in the chunk.
    FAULT_SHORT,           // `field` at the offset needs so many bytes, and the chunk had fewer
    FAULT_PAST_END,        // `field` leads to the offset, which is behind the chunk
    FAULT_TOKEN_UNKNOWN,   // type: the token, in front of the offset
    FAULT_TYPE_UNKNOWN,    // type, in front of the offset
    FAULT_TYPE_UNREADABLE, // type, which nobody reads there; had: its bytes, EVX_NONE for a token
    FAULT_STRING_ODD,
    FAULT_ARRAY_SIZE,       // type; needed: bytes of an item; had: of the array
    FAULT_NAME_INVALID,     // no UTF-16
    FAULT_NAME_OFFSET,      // no offset that could be
    FAULT_NAME_FOREIGN,     // needed: the hash stored at the offset; had: that of the name there
    FAULT_TEMPLATE_FOREIGN, // needed: the id an instance has; had: that of the definition there
    FAULT_TEMPLATE_BOUNDS,

    // The order of its tokens.
    FAULT_STREAM_EMPTY,
    FAULT_ROOT_MISSING,
    FAULT_ROOT_REPEATED,
    FAULT_ROOT_IN_VALUE,
    FAULT_START_IN_START,
    FAULT_CLOSE_ALONE,       // of a start tag
    FAULT_CLOSE_EMPTY_ALONE, // the same of an element without content
    FAULT_END_ALONE,         // an end tag
    FAULT_ATTRIBUTE_ALONE,
    FAULT_VALUE_ALONE,
    FAULT_START_OPEN,   // where the stream ends
    FAULT_ELEMENT_OPEN, // where the stream ends
    FAULT_HOLE_ALONE,   // a substitution outside a definition
    FAULT_INSTANCE_IN_DEFINITION,
    FAULT_INSTANCE_IN_ATTRIBUTE,
    FAULT_FRAGMENT_IN_ATTRIBUTE,

    // What has no form in the output.
    FAULT_ELEMENT_IN_ATTRIBUTE,
    FAULT_ELEMENT_IN_TEXT,
    FAULT_PI_IN_ATTRIBUTE,
    FAULT_PI_DATA_ALONE,

    // Limits of base/limits.h.
    FAULT_LIMIT_ELEMENTS,
    FAULT_LIMIT_FRAGMENTS,
    FAULT_LIMIT_NODES,
    FAULT_LIMIT_OUTPUT,
    FAULT_LIMIT_RECORD_MEMORY,
    FAULT_LIMIT_CHUNK_MEMORY,
    FAULT_LIMIT_REREAD,

    FAULT_KIND_COUNT,
};

// What was too short, or led behind the end.
enum fault_field {
    FIELD_NONE,
    FIELD_FRAGMENT_MAJOR, // fragment header
    FIELD_FRAGMENT_MINOR,
    FIELD_FRAGMENT_FLAGS,
    FIELD_ELEMENT_DEPENDENCY,
    FIELD_ELEMENT_SIZE,
    FIELD_ATTRIBUTES_SIZE,
    FIELD_NAME_PLACE, // where a name is referred to
    FIELD_NAME_LINK,  // and an inline one
    FIELD_NAME_HASH,
    FIELD_NAME_LENGTH,
    FIELD_NAME_TEXT,
    FIELD_NAME,       // one that is referred to
    FIELD_VALUE_TYPE, // of a token
    FIELD_FRAGMENT_SIZE,
    FIELD_CDATA,
    FIELD_CHARACTER_REFERENCE,
    FIELD_PI_DATA,
    FIELD_HOLE_INDEX,
    FIELD_HOLE_TYPE,
    FIELD_INSTANCE, // its fixed part
    FIELD_INSTANCE_ID,
    FIELD_INSTANCE_PLACE, // where its definition is referred to
    FIELD_VALUE_COUNT,
    FIELD_DESCRIPTOR_SIZE,
    FIELD_DESCRIPTOR_TYPE,
    FIELD_DEFINITION, // one that is referred to
    FIELD_DEFINITION_LINK,
    FIELD_DEFINITION_GUID,
    FIELD_DEFINITION_SIZE,
    FIELD_DEFINITION_BODY,
    FIELD_SIZE_T,     // a value that is read at its own size
    FIELD_VALUE_REST, // of a value that is larger than its type
    FIELD_VALUE = 0x100,
};

// A value of this type. The faults' `field` is FIELD_VALUE then.
#define FIELD_VALUE_OF(type) (FIELD_VALUE + (uint32_t)(type))

struct fault {
    enum fault_kind kind;
    evx_status status; // that goes with the kind
    uint16_t field;    // enum fault_field
    uint8_t type;      // of a value, or a token
    uint64_t offset, needed, had;
};

// Where it is. What is not known is EVX_NONE.
struct damage {
    struct fault fault;
    int system_errno; // 0: none
    uint64_t chunk;   // slot
    uint64_t record_id;
    uint64_t offset; // in the input
    uint64_t shift;  // to be added to the offset in what is said: see struct chunk
    uint64_t length; // bytes from there on that it costs, or puts in doubt
};

// Those that set a fault return false, so that a parser can `return fault_of(...)`.
EVX_COLD bool fault_set(struct fault *fault, const struct fault *what);
EVX_COLD bool fault_of(struct fault *fault, enum fault_kind kind);
EVX_COLD bool fault_at(struct fault *fault, enum fault_kind kind, uint64_t offset);
EVX_COLD bool fault_of_type(struct fault *fault, enum fault_kind kind, uint64_t offset,
                            uint8_t type);
EVX_COLD bool fault_short(struct fault *fault, uint32_t field, uint64_t offset, uint64_t needed,
                          uint64_t had);
EVX_COLD bool fault_past_end(struct fault *fault, uint32_t field, uint64_t offset);
EVX_COLD bool fault_foreign(struct fault *fault, enum fault_kind kind, uint64_t offset,
                            uint64_t needed, uint64_t had);
EVX_COLD bool fault_memory(struct fault *fault);

// Whether what was found belongs to another record. The record is not shown then, and that is no
// error.
bool fault_is_foreign(const struct fault *fault);

// What it is to the library's users: container/damage.c.
evx_damage damage_kind_of_fault(const struct fault *fault);

// Damage of which no place is known.
EVX_COLD struct damage damage_of(enum fault_kind kind);

#endif
