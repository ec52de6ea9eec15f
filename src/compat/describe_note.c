// SPDX-License-Identifier: MIT
#include "compat/describe.h"

#include "base/check.h"
#include "base/error.h"
#include "compat/phrase.h"
#include "container/file_header.h"

// Errors name places in their chunk, notes on the log those in the file.
#define DAMAGED  "Record number {record} of chunk {chunk} has a damaged value"
#define VALUE    "value of type 0x{type:x2} and size {length} at offset {place}: "
#define RECORD   "{old}record number {record} of chunk {chunk}"
#define WITHHELD RECORD " is not shown: "
#define CUT      "reaches behind its record and was cut"

static const char *const phrases[] = {
    [NOTE_VALUE_CUT] = VALUE CUT " to {present} bytes",
    [NOTE_VALUE_SHORT] = VALUE "value that is shorter than its type",
    [NOTE_NO_TIME] = VALUE "time that does not exist",
    [NOTE_STRING_ODD] = VALUE "UTF-16 string of odd size",
    [NOTE_STRING_ARRAY_ODD] = VALUE "array of UTF-16 strings of odd size: the last byte is left "
                                    "out",
    [NOTE_ANSI_INVALID] = VALUE "ANSI string that is invalid in the codec",
    [NOTE_SIZE_T_SIZE] = VALUE "size_t of neither 4 nor 8 bytes",
    [NOTE_SID_LONG] = VALUE "SID that is longer than its value",
    [NOTE_SID_DESCRIPTOR_SHORT] = VALUE "SID that is longer than its descriptor says",
    [NOTE_ARRAY_SIZE] = VALUE "array whose size is no multiple of its item",
    [NOTE_ARRAY_TYPE] = VALUE "array of a type that has no array form",
    [NOTE_TYPE_UNKNOWN] = VALUE "type that is not known",
    [NOTE_ELEMENTS_UNREADABLE] = VALUE "elements that cannot be read",
    [NOTE_ELEMENTS_FOREIGN] = VALUE "elements that were written with another template than stands "
                                    "there",
    [NOTE_TABLE_CUT] = "table of values at offset {place}: " CUT,
    [NOTE_INSTANCE_CUT] = "template instance at offset {place}: " CUT,
    [NOTE_STREAM_REST] = "record's stream at offset {place}: what follows its first element "
                         "cannot be read",
    [NOTE_MORE_VALUES] = "record at offset {place}: has more damaged values than are listed",

    [NOTE_CHUNK_CUT] = "the input ends within chunk {chunk}: {present} of its {declared} bytes are "
                       "there, up to file offset 0x{offset:x}",
    [NOTE_RECORDS_MISSING] = "the header of chunk {chunk} promises {declared} records, and "
                             "{present} are there, up to file offset 0x{offset:x} ({length} used "
                             "bytes behind it were not read as records)",
    [NOTE_CHUNKS_MISSING] = "the file header promises {declared} chunks, and there are {present}",
    [NOTE_SLOT_LEFT_OUT] = "the {length} bytes at file offset 0x{offset:x} are no chunk that can "
                           "be used, and lie behind the chunks that the file header leaves room "
                           "for: they are left out",
    [NOTE_RECORD_TAIL] = RECORD " has {length} bytes behind its event, at file offset "
                                "0x{offset:x}",
    [NOTE_TEMPLATE_FOREIGN] = WITHHELD "it was written with template 0x{declared:x8}, and the one "
                                       "at file offset 0x{offset:x} is 0x{present:x8}",
    [NOTE_NAME_FOREIGN] = WITHHELD "the name at file offset 0x{offset:x} has the hash "
                                   "0x{present:x4}, and 0x{declared:x4} is stored with it",
    [NOTE_VALUE_DOUBTFUL] = WITHHELD "its value of type 0x{type:x2} and size {length} at file "
                                     "offset 0x{offset:x} cannot be right",
    [NOTE_RECORD_UNREADABLE] = WITHHELD "what stands at file offset 0x{offset:x} cannot be read",
    [NOTE_QUERY_GAVE_UP] = RECORD " has a value on which a regular expression needs too many steps: "
                                  "it counts as one that does not match",
    [NOTE_COLUMN_REFUSED] = RECORD " has a value of type 0x{type:x2} that does not fit its column: "
                                   "there it is null",
    [NOTE_RECORD_CUT] = WITHHELD "it needs bytes behind the end of the input",
};

static uint64_t place_in_chunk(const struct note *note)
{
    if (note->chunk == EVX_NONE)
        return EVX_NONE;
    EVX_CHECK(note->offset >= slot_offset(note->chunk));
    return note->offset - slot_offset(note->chunk);
}

void describe_note(const struct note *note, evx_error *error)
{
    if (!error)
        return;
    EVX_CHECK(note->kind <= NOTE_RECORD_CUT);
    const struct blank blanks[] = {
        {"chunk", note->chunk, NULL},
        {"record", note->record_id, NULL},
        {"old", 0, note->recovered ? "old " : ""},
        {"type", note->type, NULL},
        {"length", note->length, NULL},
        {"declared", note->declared, NULL},
        {"present", note->present, NULL},
        {"offset", note->offset + note->shift, NULL},
        {"place", place_in_chunk(note), NULL},
        {0},
    };
    bool is_part = note->kind <= NOTE_MORE_VALUES;
    error_set(error, is_part ? EVX_VALUE_REFUSED : EVX_NOTE);
    if (is_part)
        phrase_add_cause(error, DAMAGED, blanks);
    phrase_add_cause(error, phrases[note->kind], blanks);
    error->kind = damage_kind_of_note(note);
    error->chunk = note->chunk;
    error->record_id = note->record_id;
    error->offset = note->offset + note->shift;
    error->length = note_has_length(note) ? note->length : EVX_NONE;
}
