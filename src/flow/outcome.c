// SPDX-License-Identifier: MIT
#include "flow/outcome.h"

#include "base/check.h"
#include "base/limits.h"
#include "compat/describe.h"
#include "container/file_header.h"

static void describe_fault(struct worker *worker, const struct record *record, evx_error *error)
{
    struct fault *fault = &worker->decoder.fault;
    // One of our own caps, and not the allocator: the record's fault, and the run goes on.
    if (fault->status == EVX_ERR_MEMORY && worker->memory->refusals == worker->refusals)
        fault_of(fault, FAULT_LIMIT_RECORD_MEMORY);
    const struct damage damage = {
        .fault = *fault,
        .chunk = worker->reader.chunk.slot,
        .record_id = record->id,
        .offset = slot_offset(worker->reader.chunk.slot) + record->offset,
        .length = record->size,
    };
    describe_damage(&damage, error);
}

// The record is not shown: its notes are one that says why.
static enum take_state withhold(struct worker *worker, const struct record *record,
                                struct note note)
{
    EVX_CHECK(note.kind >= NOTE_TEMPLATE_FOREIGN);
    note.recovered = record->recovered;
    note.chunk = worker->reader.chunk.slot;
    note.record_id = record->id;
    worker->notes.count = 0;
    notes_add(&worker->notes, &note);
    return TAKE_WITHHELD;
}

static uint64_t place_in_input(const struct worker *worker, uint32_t offset)
{
    return slot_offset(worker->reader.chunk.slot) + offset;
}

static enum take_state withhold_unproved(struct worker *worker, const struct record *record)
{
    const struct fault *fault = &worker->decoder.fault;
    struct note note = {.kind = NOTE_RECORD_UNREADABLE,
                        .offset = place_in_input(worker, record->offset),
                        .length = record->size};
    if (fault_is_foreign(fault)) {
        EVX_CHECK(fault->kind != FAULT_NAME_FOREIGN || record->recovered);
        note.kind = fault->kind == FAULT_NAME_FOREIGN ? NOTE_NAME_FOREIGN : NOTE_TEMPLATE_FOREIGN;
        note.offset = place_in_input(worker, (uint32_t)fault->offset);
        note.declared = fault->needed;
        note.present = fault->had;
    }
    return withhold(worker, record, note);
}

void outcome_collect_notes(struct worker *worker, const struct record *record)
{
    const struct decoder *decoder = &worker->decoder;
    for (uint32_t i = 0; i < decoder->note_count; i++)
        notes_add(&worker->notes, &decoder->notes[i]);
    if (decoder->has_more_notes)
        notes_add(&worker->notes, &(struct note){.kind = NOTE_MORE_VALUES,
                                                 .offset = place_in_input(worker, record->offset)});
    if (decoder->tail_bytes > RECORD_PADDING_MAX)
        notes_add(&worker->notes,
                  &(struct note){.kind = NOTE_RECORD_TAIL,
                                 .offset = place_in_input(worker, record_stream_end(record) -
                                                                      decoder->tail_bytes),
                                 .length = decoder->tail_bytes});
    for (unsigned i = 0; i < worker->notes.count; i++) {
        struct note *note = &worker->notes.notes[i];
        note->chunk = worker->reader.chunk.slot;
        note->record_id = record->id;
        note->recovered = record->recovered;
    }
}

void outcome_tell_given_up(struct worker *worker, const struct record *record)
{
    notes_add(&worker->notes, &(struct note){
                                  .kind = NOTE_QUERY_GAVE_UP,
                                  .recovered = record->recovered,
                                  .chunk = worker->reader.chunk.slot,
                                  .record_id = record->id,
                                  .offset = place_in_input(worker, record->offset),
                                  .length = record->size,
                              });
}

static bool is_out_of_memory(const struct worker *worker)
{
    return worker->decoder.fault.status == EVX_ERR_MEMORY &&
           worker->memory->refusals != worker->refusals;
}

// A record that failed: an error or a note says why.
static enum take_state refuse_record(struct worker *worker, const struct record *record,
                                     evx_error *ret_error)
{
    if (!is_out_of_memory(worker) &&
        (record->recovered || fault_is_foreign(&worker->decoder.fault)))
        return withhold_unproved(worker, record);
    describe_fault(worker, record, ret_error);
    return TAKE_FAILED;
}

static enum take_state withhold_doubtful(struct worker *worker, const struct record *record)
{
    EVX_CHECK(worker->decoder.note_count > 0);
    struct note note = worker->decoder.notes[0];
    const bool is_value = note.kind != NOTE_TABLE_CUT && note.kind != NOTE_INSTANCE_CUT &&
                          note.kind != NOTE_STREAM_REST;
    note.kind = is_value ? NOTE_VALUE_DOUBTFUL : NOTE_RECORD_UNREADABLE;
    return withhold(worker, record, note);
}

static enum take_state withhold_cut(struct worker *worker, const struct record *record)
{
    worker->reader.chunk.asked = false;
    return withhold(worker, record,
                    (struct note){.kind = NOTE_RECORD_CUT,
                                  .offset = place_in_input(worker, record->offset),
                                  .length = record->size});
}

enum take_state outcome_judge(struct worker *worker, const struct record *record, bool is_taken,
                              evx_error *ret_error)
{
    if (worker->reader.chunk.asked)
        return withhold_cut(worker, record);
    if (!is_taken)
        return refuse_record(worker, record, ret_error);
    return record->recovered ? withhold_doubtful(worker, record) : TAKE_SHOWN;
}
