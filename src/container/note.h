// SPDX-License-Identifier: MIT
// Notes: what a reader of a log should know and what is no error, because all that the log still
// has is shown. A note is data; what is said about it is made in compat/.
#ifndef EVX_CONTAINER_NOTE_H
#define EVX_CONTAINER_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

enum note_kind {
    // Parts of a record that is shown (EVX_VALUE_REFUSED). Most are values: `type`, and `length` as
    // the descriptor declares it.
    NOTE_VALUE_CUT, // declared and present: bytes
    NOTE_VALUE_SHORT,
    NOTE_NO_TIME,
    NOTE_STRING_ODD,
    NOTE_STRING_ARRAY_ODD,
    NOTE_ANSI_INVALID,
    NOTE_SIZE_T_SIZE,
    NOTE_SID_LONG,
    NOTE_SID_DESCRIPTOR_SHORT, // present: bytes of the SID
    NOTE_ARRAY_SIZE,
    NOTE_ARRAY_TYPE,
    NOTE_TYPE_UNKNOWN,
    NOTE_ELEMENTS_UNREADABLE,
    NOTE_ELEMENTS_FOREIGN, // their instance was written with another template
    NOTE_TABLE_CUT,
    NOTE_INSTANCE_CUT,
    NOTE_STREAM_REST,
    NOTE_MORE_VALUES, // more of these than a record keeps

    // The log (EVX_NOTE).
    NOTE_CHUNK_CUT,       // the input ends in it; declared and present: bytes
    NOTE_RECORDS_MISSING, // declared and present: records; length: used bytes without any
    NOTE_CHUNKS_MISSING,  // declared and present: chunks
    NOTE_SLOT_LEFT_OUT,   // length: bytes that are neither a chunk nor zeros
    NOTE_RECORD_TAIL,     // length: bytes behind the event of a record
    NOTE_QUERY_GAVE_UP,   // a regular expression on a value of a record: no damage
    NOTE_COLUMN_REFUSED,  // a value that does not fit a typed column: no damage, either
    // Records that are not shown.
    NOTE_TEMPLATE_FOREIGN,  // declared: template id; present: that of the definition at the offset
    NOTE_NAME_FOREIGN,      // declared: stored hash; present: that of the name at the offset
    NOTE_VALUE_DOUBTFUL,    // type, length
    NOTE_RECORD_UNREADABLE, // length: of the record, also below
    NOTE_RECORD_CUT,        // it needs bytes behind the end of the input
};

struct note {
    enum note_kind kind;
    uint8_t type;       // of a value
    bool recovered;     // the record was carved
    uint64_t chunk;     // slot, or EVX_NONE
    uint64_t record_id; // or EVX_NONE
    uint64_t offset;    // of what it is about, in the input
    uint64_t shift;     // to be added to it: see struct chunk
    uint64_t length;
    uint64_t declared, present;
};

// What it is to the library's users, and whether `length` says how many bytes it is about:
// container/damage.c.
evx_damage damage_kind_of_note(const struct note *note);
bool note_has_length(const struct note *note);

#endif
