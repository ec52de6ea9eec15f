// SPDX-License-Identifier: MIT
// Faults and notes as kinds of damage that the library's users know.
#include "base/check.h"
#include "container/fault.h"
#include "container/note.h"

#define KIND(name) EVX_DAMAGE_##name

static const uint16_t fault_kinds[FAULT_KIND_COUNT] = {
    [FAULT_INPUT_REFUSED] = KIND(INPUT_OPEN),
    [FAULT_FILE_REFUSED] = KIND(INPUT_OPEN),
    [FAULT_FILE_UNSIZED] = KIND(INPUT_OPEN),
    [FAULT_INPUT_UNREADABLE] = KIND(INPUT_READ),
    [FAULT_SPOOL_REFUSED] = KIND(INPUT_READ),
    [FAULT_SPOOL_BROKEN] = KIND(INPUT_READ),
    [FAULT_FILE_HEADER_UNREADABLE] = KIND(INPUT_READ),
    [FAULT_FILE_HEADER_CUT] = KIND(FILE_CUT),
    [FAULT_FILE_MAGIC] = KIND(FILE_MAGIC),
    [FAULT_FILE_BLOCK] = KIND(FILE_HEADER),

    [FAULT_CHUNK_MISSING] = KIND(CHUNK_MISSING),
    [FAULT_CHUNK_UNREADABLE] = KIND(CHUNK_READ),
    [FAULT_CHUNK_MAGIC] = KIND(CHUNK_MAGIC),
    [FAULT_CHUNK_HEADER_CRC32] = KIND(CHUNK_CHECKSUM),
    [FAULT_CHUNK_FREE_OFFSET] = KIND(CHUNK_HEADER),
    [FAULT_CHUNK_RECORDS_CRC32] = KIND(CHUNK_CHECKSUM),

    [FAULT_RECORD_MAGIC] = KIND(RECORD_MAGIC),
    [FAULT_RECORD_TIME] = KIND(RECORD_TIME),
    [FAULT_RECORD_SIZE] = KIND(RECORD_SIZE),
    [FAULT_RECORD_BOUNDS] = KIND(RECORD_SIZE),

    [FAULT_SHORT] = KIND(STRUCTURE_CUT), // of most fields
    [FAULT_PAST_END] = KIND(STRUCTURE_CUT),
    [FAULT_TOKEN_UNKNOWN] = KIND(TOKEN),
    [FAULT_TYPE_UNKNOWN] = KIND(VALUE_TYPE),
    [FAULT_TYPE_UNREADABLE] = KIND(VALUE_TYPE),
    [FAULT_STRING_ODD] = KIND(VALUE_SIZE),
    [FAULT_ARRAY_SIZE] = KIND(VALUE_SIZE),
    [FAULT_NAME_INVALID] = KIND(NAME),
    [FAULT_NAME_OFFSET] = KIND(NAME),
    [FAULT_NAME_FOREIGN] = KIND(NAME_FOREIGN),
    [FAULT_TEMPLATE_FOREIGN] = KIND(TEMPLATE_FOREIGN),
    [FAULT_TEMPLATE_BOUNDS] = KIND(TEMPLATE),

    [FAULT_STREAM_EMPTY] = KIND(STRUCTURE_EMPTY),
    [FAULT_ROOT_MISSING] = KIND(TEMPLATE),
    [FAULT_ROOT_REPEATED] = KIND(TEMPLATE),
    [FAULT_ROOT_IN_VALUE] = KIND(TEMPLATE),
    [FAULT_START_IN_START... FAULT_FRAGMENT_IN_ATTRIBUTE] = KIND(TOKEN_ORDER),
    [FAULT_ELEMENT_IN_ATTRIBUTE... FAULT_PI_DATA_ALONE] = KIND(FORM),

    [FAULT_LIMIT_ELEMENTS] = KIND(LIMIT_DEPTH),
    [FAULT_LIMIT_FRAGMENTS] = KIND(LIMIT_DEPTH),
    [FAULT_LIMIT_NODES] = KIND(LIMIT_NODES),
    [FAULT_LIMIT_OUTPUT] = KIND(LIMIT_OUTPUT),
    [FAULT_LIMIT_RECORD_MEMORY] = KIND(LIMIT_MEMORY),
    [FAULT_LIMIT_CHUNK_MEMORY] = KIND(LIMIT_MEMORY),
};

evx_damage damage_kind_of_fault(const struct fault *fault)
{
    EVX_CHECK(fault->kind < FAULT_KIND_COUNT);
    if (fault->status == EVX_ERR_MEMORY)
        return EVX_DAMAGE_NONE;
    if (fault->kind == FAULT_SHORT || fault->kind == FAULT_PAST_END) {
        if (fault->field == FIELD_NAME)
            return EVX_DAMAGE_NAME;
        if (fault->field >= FIELD_SIZE_T)
            return EVX_DAMAGE_VALUE_CUT;
        if (fault->field >= FIELD_DEFINITION)
            return EVX_DAMAGE_TEMPLATE;
    }
    return (evx_damage)fault_kinds[fault->kind];
}

static const struct {
    uint16_t kind;
    bool has_length;
} note_kinds[] = {
    [NOTE_VALUE_CUT] = {KIND(VALUE_CUT), true},
    [NOTE_VALUE_SHORT] = {KIND(VALUE_SIZE), true},
    [NOTE_NO_TIME] = {KIND(VALUE_TIME), true},
    [NOTE_STRING_ODD] = {KIND(VALUE_SIZE), true},
    [NOTE_STRING_ARRAY_ODD] = {KIND(VALUE_SIZE), true},
    [NOTE_ANSI_INVALID] = {KIND(VALUE_TEXT), true},
    [NOTE_SIZE_T_SIZE] = {KIND(VALUE_SIZE), true},
    [NOTE_SID_LONG] = {KIND(VALUE_SIZE), true},
    [NOTE_SID_DESCRIPTOR_SHORT] = {KIND(VALUE_SIZE), true},
    [NOTE_ARRAY_SIZE] = {KIND(VALUE_SIZE), true},
    [NOTE_ARRAY_TYPE] = {KIND(VALUE_TYPE), true},
    [NOTE_TYPE_UNKNOWN] = {KIND(VALUE_TYPE), true},
    [NOTE_ELEMENTS_UNREADABLE] = {KIND(VALUE_ELEMENTS), true},
    [NOTE_ELEMENTS_FOREIGN] = {KIND(VALUE_FOREIGN), true},
    [NOTE_TABLE_CUT] = {KIND(INSTANCE_CUT), false},
    [NOTE_INSTANCE_CUT] = {KIND(INSTANCE_CUT), false},
    [NOTE_STREAM_REST] = {KIND(STREAM_REST), false},
    [NOTE_MORE_VALUES] = {KIND(VALUES_MORE), false},

    [NOTE_CHUNK_CUT] = {KIND(CHUNK_CUT), true},
    [NOTE_RECORDS_MISSING] = {KIND(CHUNK_RECORDS), true},
    [NOTE_CHUNKS_MISSING] = {KIND(FILE_CHUNKS), false},
    [NOTE_SLOT_LEFT_OUT] = {KIND(CHUNK_LEFT_OUT), true},
    [NOTE_RECORD_TAIL] = {KIND(RECORD_TAIL), true},
    [NOTE_QUERY_GAVE_UP] = {KIND(NONE), true},
    [NOTE_COLUMN_REFUSED] = {KIND(VALUE_COLUMN), false},
    [NOTE_TEMPLATE_FOREIGN] = {KIND(TEMPLATE_FOREIGN), false},
    [NOTE_NAME_FOREIGN] = {KIND(NAME_FOREIGN), false},
    [NOTE_VALUE_DOUBTFUL] = {KIND(VALUE_DOUBTFUL), true},
    [NOTE_RECORD_UNREADABLE] = {KIND(RECORD_UNREADABLE), true},
    [NOTE_RECORD_CUT] = {KIND(RECORD_CUT), true},
};

evx_damage damage_kind_of_note(const struct note *note)
{
    EVX_CHECK(note->kind < sizeof note_kinds / sizeof note_kinds[0]);
    return (evx_damage)note_kinds[note->kind].kind;
}

bool note_has_length(const struct note *note)
{
    EVX_CHECK(note->kind < sizeof note_kinds / sizeof note_kinds[0]);
    return note_kinds[note->kind].has_length;
}
