// SPDX-License-Identifier: MIT
#include "flow/worker.h"

#include "base/check.h"
#include "base/limits.h"
#include "compat/describe.h"
#include "compat/first_fault.h"
#include "container/file_header.h"
#include "flow/carved.h"
#include "flow/outcome.h"

bool worker_init(struct worker *worker, struct memory *memory, struct store *store,
                 const struct chain *chain, struct source *source, const evx_file_info *info)
{
    *worker = (struct worker){.memory = memory, .chain = chain};
    decoder_init(&worker->decoder, store);
    worker->decoder.hooks = &first_fault_hooks;
    bool fine = chunk_reader_init(&worker->reader, memory, source, info);
    for (unsigned i = 0; i < chain->count && fine; i++) {
        const struct consumer *consumer = chain->consumers[i];
        worker->states[i] = memory_allocate(memory, consumer->class->state_bytes);
        fine = worker->states[i] != NULL;
        if (fine)
            consumer->class->state_init(consumer, worker->states[i], &worker->decoder);
        if (fine && !worker->witness)
            worker->witness = witness_state_of(consumer, worker->states[i]);
    }
    return fine;
}

bool worker_keep_spans(struct worker *worker)
{
    worker->spans = memory_allocate(worker->memory, sizeof *worker->spans);
    if (worker->spans)
        worker->spans->count = 0;
    return worker->spans != NULL;
}

void worker_destroy(struct worker *worker)
{
    for (unsigned i = 0; i < worker->chain->count && worker->states[i]; i++) {
        const struct consumer_class *class = worker->chain->consumers[i]->class;
        class->state_destroy(worker->states[i]);
        memory_release(worker->memory, worker->states[i], class->state_bytes);
    }
    memory_release(worker->memory, worker->spans, sizeof *worker->spans);
    decoder_destroy(&worker->decoder);
    chunk_reader_destroy(&worker->reader);
}

enum slot_state worker_open_chunk(struct worker *worker, const struct job_options *options,
                                  evx_error *ret_error)
{
    worker->notes.count = 0;
    if (worker->spans)
        worker->spans->count = 0;
    if (options->skips_chunks &&
        chunk_reader_lacks_ids(&worker->reader, options->ids, options->id_count)) {
        worker->counts.skipped_chunks++;
        return SLOT_EMPTY;
    }
    enum slot_state state =
        chunk_reader_open(&worker->reader, options->recover || options->whole_chunks,
                          options->validate_checksums, &worker->notes, ret_error);
    if (state == SLOT_LOADED) {
        decoder_start_chunk(&worker->decoder, &worker->reader.chunk);
        worker->decoder.elsewhere = options->recovery ? &options->recovery->elsewhere : NULL;
        record_walk_start(&worker->walk, &worker->reader.chunk, options->recover);
        worker->walk.salvages = options->recovery != NULL;
    }
    return state;
}

// The walk's next step, with the rest of the chunk once that is asked for.
static enum walk_event walk_on(struct worker *worker, struct record *ret_record,
                               struct damage *ret_damage)
{
    for (;;) { // one call, which is compiled into this
        enum walk_event event =
            record_walk_next(&worker->walk, ret_record, &worker->notes.notes[0], ret_damage);
        if (EVX_LIKELY(event != WALK_REST))
            return event;
        chunk_reader_load_rest(&worker->reader); // what is lost is told behind this step
    }
}

// ---- spans: only when somebody keeps a ledger ---------------------------------------------------

EVX_COLD static void keep_damage(struct worker *worker, const struct damage *damage)
{
    *spans_add(worker->spans) = (struct span){
        .offset = (uint32_t)(damage->offset - slot_offset(damage->chunk)),
        .length = (uint32_t)damage->length,
        .kind = EVX_REGION_DAMAGED,
        .record_id = EVX_NONE,
    };
}

// What the notes on a record that is shown say of it.
static void read_notes(const struct notes *notes, struct span *span)
{
    for (unsigned i = 0; i < notes->count; i++) {
        if (notes->notes[i].kind < NOTE_CHUNK_CUT)
            span->outcome = EVX_OUTCOME_PARTLY;
        if (notes->notes[i].kind == NOTE_RECORD_TAIL)
            span->tail = (uint32_t)notes->notes[i].length;
    }
}

EVX_COLD static void keep_record(struct worker *worker, const struct record *record,
                                 evx_record_outcome outcome)
{
    const bool is_old = record->recovered && record->found != FOUND_BROKEN;
    if (is_old && (outcome != EVX_OUTCOME_RENDERED || record->found == FOUND_INSIDE))
        return; // old bytes that prove nothing, or a part of another record
    struct span *span = spans_add(worker->spans);
    *span = (struct span){0};
    if (worker->witness && outcome == EVX_OUTCOME_RENDERED)
        *span = worker->witness->seen;
    span->offset = record->offset;
    span->length = record->size;
    span->kind = is_old ? EVX_REGION_RECOVERED : EVX_REGION_RECORD;
    span->outcome = outcome;
    span->record_id = record->id;
    span->written = record->time;
    if (outcome == EVX_OUTCOME_RENDERED)
        read_notes(&worker->notes, span);
}

EVX_INLINE void tell(struct worker *worker, const struct record *record, evx_record_outcome outcome)
{
    if (EVX_UNLIKELY(worker->spans != NULL))
        keep_record(worker, record, outcome);
}

void worker_tell(struct worker *worker, const struct record *record, evx_record_outcome outcome)
{
    tell(worker, record, outcome);
}

// ---- records ------------------------------------------------------------------------------------

enum walk_event worker_walk(struct worker *worker, struct record *ret_record, evx_error *ret_error)
{
    worker->notes.count = 0;
    if (EVX_LIKELY(!worker->reader.rest_is_lost)) {
        struct damage damage;
        enum walk_event event = walk_on(worker, ret_record, &damage);
        if (EVX_LIKELY(event == WALK_RECORD))
            return event;
        worker->notes.count = event == WALK_NOTE;
        if (event == WALK_DAMAGE) {
            describe_damage(&damage, ret_error);
            if (worker->spans)
                keep_damage(worker, &damage);
        }
        if (event != WALK_END)
            return event;
        if (chunk_is_cut(&worker->reader.chunk) && !worker->reader.cut_is_told)
            return chunk_reader_tell_cut(&worker->reader, &worker->notes, ret_error) ? WALK_DAMAGE
                                                                                     : WALK_NOTE;
        if (!worker->reader.rest_is_lost)
            return event;
    }
    chunk_reader_tell_lost(&worker->reader, ret_error);
    return WALK_DAMAGE;
}

void worker_take_marks(const struct chain *chain, struct payload *const *payloads, size_t *marks)
{
    for (unsigned i = 0; i < chain->count; i++)
        marks[i] = payloads[i]->mark;
}

void worker_rewind(const struct chain *chain, struct payload *const *payloads, const size_t *marks)
{
    for (unsigned i = 0; i < chain->count; i++)
        chain->consumers[i]->class->rewind(payloads[i], marks[i]);
}

// Gives an event to the consumers up to one that drops it. False with the decoder's fault set.
EVX_INLINE bool give_event(struct worker *worker, const struct chain *chain, struct event *event,
                           struct payload *const *payloads)
{
    for (unsigned i = 0; i < chain->count; i++) {
        const struct consumer *consumer = chain->consumers[i];
        EVX_CHECK(consumer->class == worker->chain->consumers[i]->class);
        enum taken taken = consumer->class->take(consumer, worker->states[i], event, payloads[i]);
        if (taken != TAKEN_KEPT) {
            event->is_dropped = taken == TAKEN_DROPPED;
            return event->is_dropped;
        }
    }
    return true;
}

EVX_INLINE bool decode_and_give(struct worker *worker, const struct chain *chain,
                                struct event *event, struct payload *const *payloads)
{
    const struct record *record = event->record;
    return decode_record(&worker->decoder, record->offset + RECORD_HEADER_BYTES,
                         record_stream_end(record), &event->root) &&
           give_event(worker, chain, event, payloads);
}

// A record that failed. No record is lost that the reference shows, reading elsewhere than where
// the descriptors say. Carved ones are proved or not shown.
EVX_COLD static bool take_damaged(struct worker *worker, const struct chain *chain,
                                  struct event *event, struct payload *const *payloads)
{
    struct decoder *decoder = &worker->decoder;
    struct chunk *chunk = &worker->reader.chunk;
    const struct record *record = event->record;
    if (record->recovered)
        return false;
    chunk_reader_load_rest(&worker->reader);
    const uint32_t loaded = chunk->loaded;
    chunk->loaded = CHUNK_BYTES; // behind the input zeros, of which nothing is shown
    const bool is_found =
        first_fault_find(decoder, record->offset + RECORD_HEADER_BYTES, record_stream_end(record));
    chunk->loaded = loaded;
    if (loaded < CHUNK_BYTES) // nor may it be found again
        decoder_forget_chunk(decoder);
    if (is_found)
        return false;
    decoder_start_record(decoder, false);
    decoder->mode = DECODE_LENIENT;
    bool fine = decode_and_give(worker, chain, event, payloads);
    decoder->mode = DECODE_USUAL;
    return fine;
}

// A record that did not come through: it asked for bytes that are not live, or it is damaged.
EVX_COLD static bool take_again(struct worker *worker, const struct chain *chain,
                                struct event *event, struct payload *const *payloads)
{
    struct chunk *chunk = &worker->reader.chunk;
    size_t marks[CHAIN_MAX];
    worker_take_marks(chain, payloads, marks);
    if (chunk->asked) {
        if (!chunk_reader_load_rest(&worker->reader))
            return false;
        chunk->asked = false;
        decoder_start_record(&worker->decoder, event->record->recovered);
        if (decode_and_give(worker, chain, event, payloads))
            return true;
        worker_rewind(chain, payloads, marks);
    }
    return take_damaged(worker, chain, event, payloads);
}

enum take_state worker_take(struct worker *worker, const struct chain *chain,
                            struct payload *const *payloads, const struct record *record,
                            evx_error *ret_error)
{
    EVX_CHECK(record->offset + RECORD_BYTES_MIN <= record->offset + record->size);
    EVX_CHECK(!worker->reader.chunk.asked);
    struct decoder *decoder = &worker->decoder;
    struct event event; // decoding fills the rest
    event.record = record;
    event.decoder = decoder;
    event.way = WAY_COMPILED;
    event.is_dropped = event.has_given_up = false;
    size_t marks[CHAIN_MAX];
    worker_take_marks(chain, payloads, marks);
    worker->refusals = worker->memory->refusals;
    decoder_start_record(decoder, record->recovered);
    bool fine = decode_and_give(worker, chain, &event, payloads);
    if (EVX_UNLIKELY(!fine || worker->reader.chunk.asked)) {
        worker_rewind(chain, payloads, marks);
        event.way = WAY_COMPILED;
        event.is_dropped = event.has_given_up = false;
        fine = take_again(worker, chain, &event, payloads);
    }
    if (event.is_dropped && fine && !worker->reader.chunk.asked) {
        if (EVX_UNLIKELY(event.has_given_up))
            outcome_tell_given_up(worker, record);
        return TAKE_DROPPED;
    }
    if (EVX_UNLIKELY(!fine || worker->reader.chunk.asked || decoder->note_count)) {
        enum take_state state = outcome_judge(worker, record, fine, ret_error);
        if (state != TAKE_SHOWN) {
            worker_rewind(chain, payloads, marks);
            return state;
        }
    }
    EVX_CHECK(event.way < WAY_COUNT);
    worker->counts.events[event.way]++;
    if (EVX_UNLIKELY(decoder->note_count || decoder->tail_bytes > RECORD_PADDING_MAX))
        outcome_collect_notes(worker, record);
    if (EVX_UNLIKELY(event.has_given_up))
        outcome_tell_given_up(worker, record);
    return TAKE_SHOWN;
}

bool worker_is_selected(const struct job_options *options, uint64_t id)
{
    if (!options->ids)
        return true;
    for (size_t i = 0; i < options->id_count; i++)
        if (id >= options->ids[i].first && id <= options->ids[i].last)
            return true;
    return false;
}

enum record_state worker_next(struct worker *worker, const struct job_options *options,
                              struct payload *const *payloads, struct record *ret_record,
                              evx_error *ret_error)
{
    for (;;) {
        switch (worker_walk(worker, ret_record, ret_error)) {
        case WALK_REST: // worker_walk reads it itself
        case WALK_END:
            return RECORD_END;
        case WALK_DAMAGE:
            return RECORD_DAMAGED;
        case WALK_NOTE:
            return RECORD_LEFT_OUT;
        case WALK_RECORD:
            break;
        }
        if (EVX_UNLIKELY(ret_record->recovered))
            return carved_take(worker, options, payloads, ret_record, ret_error);
        if (EVX_UNLIKELY(!worker_is_selected(options, ret_record->id))) {
            tell(worker, ret_record, EVX_OUTCOME_FILTERED);
            continue;
        }
        enum take_state state = worker_take(worker, worker->chain, payloads, ret_record, ret_error);
        if (EVX_UNLIKELY(options->recovery != NULL))
            state = carved_after_live(worker, payloads, ret_record, state);
        switch (state) {
        case TAKE_SHOWN:
            tell(worker, ret_record, EVX_OUTCOME_RENDERED);
            return RECORD_TAKEN;
        case TAKE_FAILED:
            tell(worker, ret_record, EVX_OUTCOME_DAMAGED);
            return RECORD_DAMAGED;
        case TAKE_WITHHELD:
            tell(worker, ret_record, EVX_OUTCOME_DAMAGED);
            return RECORD_LEFT_OUT;
        case TAKE_DROPPED:
            tell(worker, ret_record, EVX_OUTCOME_FILTERED);
            if (EVX_UNLIKELY(worker->notes.count))
                return RECORD_LEFT_OUT;
            break;
        }
    }
}
