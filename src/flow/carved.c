// SPDX-License-Identifier: MIT
#include "flow/carved.h"

#include "base/check.h"
#include "decode/fingerprint.h"
#include "flow/outcome.h"

// Instances of a record whose values are still to be looked at.
struct proof {
    const struct instance *instances[NESTED_FRAGMENTS_MAX];
    unsigned count;
};

// Those among the first elements of a fragment. More than there is room for are left to whoever
// shows them.
static void add_instances(struct proof *proof, const struct fragment *fragment, uint32_t end)
{
    EVX_CHECK(end <= fragment->end);
    for (uint32_t i = 0; i < end && proof->count < NESTED_FRAGMENTS_MAX; i++)
        if (fragment->tape[i].kind == NODE_INSTANCE)
            proof->instances[proof->count++] = fragment->tape[i].instance;
}

// Whether the value of a hole is one of its type; what elements it has are looked at later.
static bool prove_value(struct decoder *decoder, struct proof *proof,
                        const struct instance *instance, uint32_t hole)
{
    const uint8_t *descriptor = instance->descriptors + 4 * (size_t)hole;
    struct value value = {.data = decoder->chunk->data + instance->offsets[hole],
                          .size = load_u16(descriptor),
                          .type = descriptor[2]};
    enum note_kind kind;
    value_classify(&value);
    if (value.form == FORM_FRAGMENT) {
        const struct fragment *child = instance_child(decoder, instance, hole);
        if (child)
            add_instances(proof, child, child->end);
        return child != NULL;
    }
    if (value.form == FORM_HEX && value_damage(&value, &kind))
        decoder_note_value(decoder, kind, value.data, value.type, value.size, value.size);
    return true;
}

static bool prove_instance(struct decoder *decoder, struct proof *proof,
                           const struct instance *instance)
{
    const struct template *template = instance->template;
    if (!instance->offsets) // its values had to be cut: there is a note
        return true;
    for (uint32_t i = 0; i < template->node_count && decoder->note_count == 0; i++) {
        const struct node *node = &template->tape[i];
        if (node->kind == NODE_HOLE && node->slot < instance->value_count &&
            !prove_value(decoder, proof, instance, node->slot))
            return false;
    }
    return true;
}

// False with the fault set: it cannot be read. Doubt leaves a note.
static bool prove(struct decoder *decoder, const struct record *record)
{
    struct fragment root;
    struct proof proof = {.count = 0};
    decoder_start_record(decoder, true);
    decoder->origins = 0;
    if (!decode_record(decoder, record->offset + RECORD_HEADER_BYTES, record_stream_end(record),
                       &root))
        return false;
    if (root.end == 0 && decoder->elsewhere) // nothing in it proves anything
        return fault_at(&decoder->fault, FAULT_STREAM_EMPTY, record->offset);
    if (root.end > 0)
        add_instances(&proof, &root, root.tape->next < root.end ? root.tape->next : root.end);
    for (unsigned i = 0; i < proof.count && decoder->note_count == 0; i++)
        if (!prove_instance(decoder, &proof, proof.instances[i]))
            return false;
    return true;
}

// Whether the record may be shown; else it is clear what becomes of it.
static enum take_state prove_record(struct worker *worker, const struct record *record,
                                    evx_error *ret_error)
{
    struct decoder *decoder = &worker->decoder;
    worker->refusals = worker->memory->refusals;
    const bool is_read = prove(decoder, record);
    if (!is_read || decoder->note_count || worker->reader.chunk.asked)
        return outcome_judge(worker, record, is_read, ret_error);
    return TAKE_SHOWN;
}

// Behind the event of a record there is at most padding, or else something is hidden.
static void look_behind_event(struct worker *worker, const struct record *record)
{
    const uint32_t tail = worker->decoder.tail_bytes, end = record_stream_end(record);
    EVX_CHECK(tail <= end - record->offset);
    if (tail > RECORD_PADDING_MAX)
        record_walk_look_inside(&worker->walk, record, end - tail);
}

// A live record that is not shown, with other definitions: what was to be told of it stays so if
// that does not help.
static enum take_state take_broken(struct worker *worker, struct payload *const *payloads,
                                   struct record *record, enum take_state state)
{
    const struct notes notes = worker->notes;
    struct record broken = *record;
    evx_error ignored;
    broken.recovered = true;
    broken.found = FOUND_BROKEN;
    enum take_state again = prove_record(worker, &broken, &ignored);
    if (again == TAKE_SHOWN) {
        worker->notes.count = 0;
        again = worker_take(worker, worker->chain, payloads, &broken, &ignored);
    }
    if (again == TAKE_SHOWN || again == TAKE_DROPPED) {
        *record = broken;
        return again;
    }
    worker->notes = notes;
    return state;
}

enum take_state carved_after_live(struct worker *worker, struct payload *const *payloads,
                                  struct record *record, enum take_state state)
{
    const bool was_read = state == TAKE_SHOWN || state == TAKE_DROPPED;
    if (!was_read)
        state = take_broken(worker, payloads, record, state);
    if (state == TAKE_SHOWN || state == TAKE_DROPPED)
        look_behind_event(worker, record);
    else if (record->offset + record->size <= worker->reader.chunk.size)
        record_walk_look_inside(&worker->walk, record, record->offset + RECORD_HEADER_BYTES);
    return state;
}

// The same event as a live record of the input, or of another one of the run.
static bool is_duplicate(const struct worker *worker, const struct input_recovery *recovery,
                         const struct record *record)
{
    return recovery && !recovery->shows_duplicates &&
           known_has_record(&recovery->recovery->known,
                            record_fingerprint(&worker->reader.chunk, record));
}

enum record_state carved_take(struct worker *worker, const struct job_options *options,
                              struct payload *const *payloads, const struct record *record,
                              evx_error *ret_error)
{
    size_t marks[CHAIN_MAX];
    enum take_state state = prove_record(worker, record, ret_error);
    if (state == TAKE_SHOWN && is_duplicate(worker, options->recovery, record)) {
        record_walk_carved(&worker->walk, record, true);
        return RECORD_LEFT_OUT;
    }
    worker_take_marks(worker->chain, payloads, marks);
    if (state == TAKE_SHOWN)
        state = worker_take(worker, worker->chain, payloads, record, ret_error);
    const bool is_proved = state == TAKE_SHOWN || state == TAKE_DROPPED;
    record_walk_carved(&worker->walk, record, is_proved);
    if (is_proved && options->recovery)
        look_behind_event(worker, record);
    if (state == TAKE_FAILED)
        return RECORD_DAMAGED;
    if (worker_is_selected(options, record->id)) {
        if (state == TAKE_SHOWN)
            worker_tell(worker, record, EVX_OUTCOME_RENDERED);
        return state == TAKE_SHOWN ? RECORD_TAKEN : RECORD_LEFT_OUT;
    }
    worker->notes.count = 0;
    worker_rewind(worker->chain, payloads, marks);
    return RECORD_LEFT_OUT;
}
