// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "container/note.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/fault.h"
#include "container/file_header.h"

// A note about a part of a record: what it is (NULL: a value), and what is wrong with it.
static const struct part_text {
    const char *what, *why;
} part_texts[] = {
    [NOTE_VALUE_CUT] = {NULL, "reaches behind its record and was cut"},
    [NOTE_VALUE_SHORT] = {NULL, "value that is shorter than its type"},
    [NOTE_NO_TIME] = {NULL, "time that does not exist"},
    [NOTE_STRING_ODD] = {NULL, "UTF-16 string of odd size"},
    [NOTE_STRING_ARRAY_ODD] = {NULL, "array of UTF-16 strings of odd size: the last byte is left "
                                     "out"},
    [NOTE_ANSI_INVALID] = {NULL, "ANSI string that is invalid in the codec"},
    [NOTE_SIZE_T_SIZE] = {NULL, "size_t of neither 4 nor 8 bytes"},
    [NOTE_SID_LONG] = {NULL, "SID that is longer than its value"},
    [NOTE_SID_DESCRIPTOR_SHORT] = {NULL, "SID that is longer than its descriptor says"},
    [NOTE_ARRAY_SIZE] = {NULL, "array whose size is no multiple of its item"},
    [NOTE_ARRAY_TYPE] = {NULL, "array of a type that has no array form"},
    [NOTE_TYPE_UNKNOWN] = {NULL, "type that is not known"},
    [NOTE_ELEMENTS_UNREADABLE] = {NULL, "elements that cannot be read"},
    [NOTE_ELEMENTS_FOREIGN] = {NULL, "elements that were written with another template than stands "
                                     "there"},
    [NOTE_TABLE_CUT] = {"table of values", "reaches behind its record and was cut"},
    [NOTE_INSTANCE_CUT] = {"template instance", "reaches behind its record and was cut"},
    [NOTE_STREAM_REST] = {"record's stream", "what follows its first element cannot be read"},
    [NOTE_MORE_VALUES] = {"record", "has more damaged values than are listed"},
};

static void describe_part(const struct note *note, evx_error *error)
{
    EVX_CHECK(note->chunk != EVX_NONE && note->offset >= slot_offset(note->chunk));
    const struct part_text *text = &part_texts[note->kind];
    uint32_t place = (uint32_t)(note->offset - slot_offset(note->chunk)); // as errors name places
    error_set(error, EVX_VALUE_REFUSED);
    error_add_cause(error, "Record number %" PRIu64 " of chunk %" PRIu64 " has a damaged value",
                    note->record_id, note->chunk);
    if (text->what)
        error_add_cause(error, "%s at offset %u: %s", text->what, place, text->why);
    else if (note->kind == NOTE_VALUE_CUT)
        error_add_cause(error,
                        "value of type 0x%02x and size %" PRIu64 " at offset %u: %s to %" PRIu64
                        " bytes",
                        note->type, note->length, place, text->why, note->present);
    else
        error_add_cause(error, "value of type 0x%02x and size %" PRIu64 " at offset %u: %s",
                        note->type, note->length, place, text->why);
}

static void describe_log(const struct note *note, evx_error *error)
{
    switch (note->kind) {
    case NOTE_CHUNK_CUT:
        error_add_cause(error,
                        "the input ends within chunk %" PRIu64 ": %" PRIu64 " of its %" PRIu64
                        " bytes are there, up to file offset 0x%" PRIx64,
                        note->chunk, note->present, note->declared, note->offset);
        break;
    case NOTE_RECORDS_MISSING:
        error_add_cause(error,
                        "the header of chunk %" PRIu64 " promises %" PRIu64 " records, and %" PRIu64
                        " are there, up to file offset 0x%" PRIx64 " (%" PRIu64
                        " used bytes behind it hold none)",
                        note->chunk, note->declared, note->present, note->offset, note->length);
        break;
    case NOTE_CHUNKS_MISSING:
        error_add_cause(error,
                        "the file header promises %" PRIu64 " chunks, and there are %" PRIu64,
                        note->declared, note->present);
        break;
    case NOTE_SLOT_LEFT_OUT:
        error_add_cause(error,
                        "the %" PRIu64 " bytes at file offset 0x%" PRIx64
                        " are no chunk that can be used, and lie behind the chunks that the file "
                        "header leaves room for: they are left out",
                        note->length, note->offset);
        break;
    default:
        error_add_cause(error,
                        "%srecord number %" PRIu64 " of chunk %" PRIu64 " has %" PRIu64
                        " bytes behind its event, at file offset 0x%" PRIx64,
                        note->recovered ? "old " : "", note->record_id, note->chunk, note->length,
                        note->offset);
        break;
    }
}

static void describe_withheld(const struct note *note, evx_error *error)
{
    char record[80];
    snprintf(record, sizeof record, "%s number %" PRIu64 " of chunk %" PRIu64 " is not shown",
             note->recovered ? "old record" : "record", note->record_id, note->chunk);
    switch (note->kind) {
    case NOTE_TEMPLATE_FOREIGN:
        error_add_cause(error,
                        "%s: it was written with template 0x%08" PRIx64
                        ", and the one at file offset 0x%" PRIx64 " is 0x%08" PRIx64,
                        record, note->declared, note->offset, note->present);
        break;
    case NOTE_NAME_FOREIGN:
        error_add_cause(error,
                        "%s: the name at file offset 0x%" PRIx64 " has the hash 0x%04" PRIx64
                        ", and 0x%04" PRIx64 " is stored with it",
                        record, note->offset, note->present, note->declared);
        break;
    case NOTE_VALUE_DOUBTFUL:
        error_add_cause(error,
                        "%s: its value of type 0x%02x and size %" PRIu64
                        " at file offset 0x%" PRIx64 " cannot be right",
                        record, note->type, note->length, note->offset);
        break;
    case NOTE_RECORD_CUT:
        error_add_cause(error, "%s: it needs bytes behind the end of the input", record);
        break;
    default:
        error_add_cause(error, "%s: what stands at file offset 0x%" PRIx64 " cannot be read",
                        record, note->offset);
        break;
    }
}

void note_describe(const struct note *note, evx_error *error)
{
    if (!error)
        return;
    EVX_CHECK(note->kind <= NOTE_RECORD_CUT);
    if (note->kind <= NOTE_MORE_VALUES) {
        describe_part(note, error);
    } else {
        error_set(error, EVX_NOTE);
        if (note->kind >= NOTE_TEMPLATE_FOREIGN)
            describe_withheld(note, error);
        else
            describe_log(note, error);
    }
    error->chunk = note->chunk;
    error->record_id = note->record_id;
    error->offset = note->offset;
}
