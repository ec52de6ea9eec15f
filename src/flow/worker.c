// SPDX-License-Identifier: MIT
#include "flow/worker.h"

#include <errno.h>
#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/limits.h"
#include "compat/describe.h"
#include "compat/first_fault.h"
#include "container/file_header.h"
#include "emit/number.h"
#include "kernels/utf16_plain.h"

enum {
    READ_STEP_BYTES = 4096,
    BATCH_KEPT_BYTES = 4 << 20,
};

bool worker_init(struct worker *worker, struct memory *memory, struct store *store,
                 const struct ansi_codec *codec, struct source *source, const evx_file_info *info)
{
    *worker = (struct worker){
        .source = source, .info = info, .memory = memory, .expected_bytes = CHUNK_BYTES};
    if (source->size != EVX_NONE)
        worker->slot_limit = file_slot_count(info, source->size);
    decoder_init(&worker->decoder, store);
    worker->decoder.hooks = &first_fault_hooks;
    renderer_init(&worker->renderer, &worker->decoder, codec);
    worker->buffer = memory_allocate(memory, CHUNK_BYTES);
    return worker->buffer != NULL;
}

void worker_destroy(struct worker *worker)
{
    renderer_destroy(&worker->renderer);
    decoder_destroy(&worker->decoder);
    if (worker->buffer)
        EVX_UNPOISON(worker->buffer, CHUNK_BYTES);
    memory_release(worker->memory, worker->buffer, CHUNK_BYTES);
}

void batch_init(struct batch *batch, struct memory *memory)
{
    *batch = (struct batch){0};
    outbuf_init(&batch->out, memory);
}

void batch_destroy(struct batch *batch, struct memory *memory)
{
    memory_release(memory, batch->reports, batch->report_capacity * sizeof *batch->reports);
    outbuf_destroy(&batch->out);
}

void batch_clear(struct batch *batch)
{
    // One huge record must not make every batch of the ring huge for good.
    if (EVX_ABLATE_OUTPUT_BLOCKS || batch->out.capacity > BATCH_KEPT_BYTES)
        outbuf_destroy(&batch->out);
    batch->out.length = 0;
    batch->report_count = 0;
    batch->records = batch->recovered = 0;
}

static enum slot_state missing_chunk(uint64_t slot, evx_error *error)
{
    const struct damage damage = chunk_damage(slot, FAULT_CHUNK_MISSING);
    describe_damage(&damage, error);
    return SLOT_DAMAGED;
}

static void load_rest(struct chunk *chunk)
{
    struct worker *worker = chunk->loader;
    if (chunk_is_cut(chunk)) {
        chunk->missed = true;
        return;
    }
    uint64_t offset = slot_offset(chunk->slot) + chunk->loaded;
    EVX_CHECK(chunk->data == worker->buffer && chunk->loaded < CHUNK_BYTES);
    EVX_UNPOISON(worker->buffer + chunk->loaded, CHUNK_BYTES - chunk->loaded);
    int64_t n = source_read(worker->source, worker->buffer + chunk->loaded,
                            CHUNK_BYTES - chunk->loaded, offset);
    // Bytes that are not there any more are zeros; the loss is reported with the chunk.
    uint32_t end = chunk->loaded + (n > 0 ? (uint32_t)n : 0);
    worker->rest_is_lost = end < CHUNK_BYTES;
    worker->rest_errno = n < 0 ? errno : 0;
    memset(worker->buffer + end, 0, CHUNK_BYTES - end);
    chunk->loaded = CHUNK_BYTES;
}

// Whether the reference misses a slot that is not whole.
static bool is_expected(const struct worker *worker, uint64_t slot)
{
    uint64_t limit = worker->slot_limit;
    if (worker->source->size != EVX_NONE && limit == 0) // a stream that has ended meanwhile
        limit = file_slot_count(worker->info, worker->source->size);
    return slot < limit;
}

static enum slot_state absent_slot(const struct worker *worker, uint64_t slot, evx_error *error)
{
    return is_expected(worker, slot) ? missing_chunk(slot, error) : SLOT_END;
}

static enum slot_state read_error(uint64_t slot, int number, evx_error *error)
{
    struct damage damage = chunk_damage(slot, FAULT_CHUNK_UNREADABLE);
    damage.system_errno = number;
    describe_damage(&damage, error);
    return SLOT_DAMAGED;
}

static void describe_lost_rest(struct worker *worker, evx_error *error)
{
    worker->rest_is_lost = false;
    if (worker->rest_errno)
        read_error(worker->chunk.slot, worker->rest_errno, error);
    else
        missing_chunk(worker->chunk.slot, error);
}

// Bytes of a slot to read at first: in the last one all that there are.
static uint32_t wanted_bytes(const struct worker *worker, uint64_t offset)
{
    const struct source *source = worker->source;
    bool is_cut = source->size != EVX_NONE && source->size - offset < CHUNK_BYTES;
    return is_cut || source->sequential || EVX_ABLATE_USED_BYTES ? CHUNK_BYTES
                                                                 : worker->expected_bytes;
}

// Nobody may look at what is not loaded, but for what is read behind plain text and then dropped.
static void poison_rest(const struct worker *worker)
{
    const uint32_t readable = worker->chunk.loaded + UTF16_PLAIN_READ_BYTES;
    if (readable < CHUNK_BYTES)
        EVX_POISON(worker->buffer + readable, CHUNK_BYTES - readable);
}

enum slot_state worker_load(struct worker *worker, uint64_t slot, evx_error *ret_error)
{
    struct source *source = worker->source;
    uint64_t offset = slot_offset(slot);
    struct chunk *chunk = &worker->chunk;
    *chunk =
        (struct chunk){.slot = slot, .size = CHUNK_BYTES, .load_rest = load_rest, .loader = worker};
    worker->rest_is_lost = worker->cut_is_told = false;
    if (source->size != EVX_NONE && offset >= source->size)
        return absent_slot(worker, slot, ret_error);
    if (source->memory && source->size - offset >= CHUNK_BYTES) {
        chunk->data = source->memory + offset;
        chunk->loaded = CHUNK_BYTES;
        return SLOT_LOADED;
    }
    uint32_t wanted = wanted_bytes(worker, offset);
    EVX_UNPOISON(worker->buffer, CHUNK_BYTES); // of the chunk before
    int64_t n = source_read(source, worker->buffer, wanted, offset);
    if (n < 0)
        return read_error(slot, errno, ret_error);
    if (n == 0)
        return absent_slot(worker, slot, ret_error);
    chunk->data = worker->buffer;
    EVX_CHECK(n <= (int64_t)wanted);
    chunk->loaded = (uint32_t)n;
    if (chunk->loaded < wanted) { // the input ends here
        chunk->size = chunk->loaded;
        memset(worker->buffer + chunk->size, 0, CHUNK_BYTES - chunk->size);
        return SLOT_LOADED; // the zeros may be looked at
    }
    poison_rest(worker);
    return SLOT_LOADED;
}

static void add_note(struct worker *worker, const struct note *note)
{
    EVX_CHECK(worker->note_count < sizeof worker->notes / sizeof worker->notes[0]);
    worker->notes[worker->note_count++] = *note;
}

// Tells that the input ends within the chunk: true with an error where the reference has one.
static bool tell_cut(struct worker *worker, evx_error *ret_error)
{
    const struct chunk *chunk = &worker->chunk;
    worker->cut_is_told = true;
    if (is_expected(worker, chunk->slot))
        return missing_chunk(chunk->slot, ret_error) == SLOT_DAMAGED;
    add_note(worker, &(struct note){
                         .kind = NOTE_CHUNK_CUT,
                         .chunk = chunk->slot,
                         .record_id = EVX_NONE,
                         .offset = slot_offset(chunk->slot) + chunk->size,
                         .length = CHUNK_BYTES - chunk->size,
                         .declared = CHUNK_BYTES,
                         .present = chunk->size,
                     });
    return false;
}

static void expect_next(struct worker *worker, uint32_t used)
{
    // Full chunks differ by less than a record: the page behind spares most of them a second read.
    EVX_CHECK(used <= CHUNK_BYTES);
    used = used / READ_STEP_BYTES * READ_STEP_BYTES + READ_STEP_BYTES;
    worker->expected_bytes = used > CHUNK_BYTES ? CHUNK_BYTES : used;
}

// A slot behind those that the file header leaves room for (its block size may be any number). The
// reference reads it, but what is wrong with it as a whole ends its pass in silence.
static bool is_behind_expected(const struct worker *worker)
{
    return worker->info->block_size > FILE_HEADER_BLOCK_BYTES &&
           worker->chunk.slot >= worker->slot_limit;
}

static enum slot_state leave_out(struct worker *worker)
{
    add_note(worker, &(struct note){
                         .kind = NOTE_SLOT_LEFT_OUT,
                         .chunk = worker->chunk.slot,
                         .record_id = EVX_NONE,
                         .offset = slot_offset(worker->chunk.slot),
                         .length = CHUNK_BYTES,
                     });
    return SLOT_EMPTY;
}

static enum slot_state open_without_magic(struct worker *worker, evx_error *ret_error)
{
    struct chunk *chunk = &worker->chunk;
    expect_next(worker, CHUNK_BYTES); // empty slots come in rows and are read whole
    chunk_need(chunk, CHUNK_BYTES);
    if (worker->rest_is_lost) {
        describe_lost_rest(worker, ret_error);
        return SLOT_DAMAGED;
    }
    if (chunk_is_zero(chunk->data))
        return SLOT_EMPTY;
    if (is_behind_expected(worker))
        return leave_out(worker);
    const struct damage damage = chunk_magic_damage(chunk->slot, chunk->data);
    describe_damage(&damage, ret_error);
    return SLOT_DAMAGED;
}

// A cut chunk has no checksum that could be right.
static bool can_be_read(const struct chunk *chunk, const struct job_options *options)
{
    return chunk->size >= CHUNK_HEADER_BYTES && chunk_has_magic(chunk->data) &&
           !options->validate_checksums;
}

static enum slot_state open_cut_chunk(struct worker *worker, const struct job_options *options,
                                      evx_error *ret_error)
{
    struct chunk *chunk = &worker->chunk;
    if (can_be_read(chunk, options)) {
        chunk_parse_header(chunk);
        decoder_start_chunk(&worker->decoder, chunk);
        record_walk_start(&worker->walk, chunk, options->recover);
        return SLOT_LOADED;
    }
    if (chunk_is_zero(chunk->data) && !is_expected(worker, chunk->slot))
        return SLOT_EMPTY; // room that was reserved, and nothing lost
    return tell_cut(worker, ret_error) ? SLOT_DAMAGED : SLOT_EMPTY;
}

enum slot_state worker_open_chunk(struct worker *worker, const struct job_options *options,
                                  evx_error *ret_error)
{
    struct chunk *chunk = &worker->chunk;
    struct fault fault;
    worker->note_count = 0;
    if (EVX_UNLIKELY(chunk_is_cut(chunk)))
        return open_cut_chunk(worker, options, ret_error);
    if (!chunk_has_magic(chunk->data))
        return open_without_magic(worker, ret_error);
    chunk_parse_header(chunk);
    EVX_CHECK(!chunk_is_cut(chunk));
    uint32_t live_end = chunk_live_end(chunk);
    expect_next(worker, live_end);
    if (live_end > CHUNK_HEADER_BYTES)
        chunk_need(chunk, live_end);
    if (EVX_UNLIKELY(worker->rest_is_lost)) {
        describe_lost_rest(worker, ret_error);
        return SLOT_DAMAGED;
    }
    if (options->validate_checksums && !chunk_validate(chunk, &fault)) {
        if (is_behind_expected(worker))
            return leave_out(worker);
        struct damage damage = chunk_damage(chunk->slot, fault.kind);
        damage.fault = fault;
        describe_damage(&damage, ret_error);
        return SLOT_DAMAGED;
    }
    decoder_start_chunk(&worker->decoder, chunk);
    record_walk_start(&worker->walk, chunk, options->recover);
    return SLOT_LOADED;
}

static void describe_fault(struct worker *worker, const struct record *record, evx_error *error)
{
    struct fault *fault = &worker->decoder.fault;
    // One of our own caps, and not the allocator: the record's fault, and the run goes on.
    if (fault->status == EVX_ERR_MEMORY && worker->memory->refusals == worker->refusals)
        fault_of(fault, FAULT_LIMIT_RECORD_MEMORY);
    const struct damage damage = {
        .fault = *fault,
        .chunk = worker->chunk.slot,
        .record_id = record->id,
        .offset = slot_offset(worker->chunk.slot) + record->offset,
        .length = record->size,
    };
    describe_damage(&damage, error);
}

// The record is not shown: its notes are one that says why.
static enum render_state withhold(struct worker *worker, const struct record *record,
                                  struct note note)
{
    EVX_CHECK(note.kind >= NOTE_TEMPLATE_FOREIGN);
    note.recovered = record->recovered;
    note.chunk = worker->chunk.slot;
    note.record_id = record->id;
    worker->note_count = 0;
    add_note(worker, &note);
    return RENDER_WITHHELD;
}

static uint64_t place_in_input(const struct worker *worker, uint32_t offset)
{
    return slot_offset(worker->chunk.slot) + offset;
}

static enum render_state withhold_unproved(struct worker *worker, const struct record *record)
{
    const struct fault *fault = &worker->decoder.fault;
    struct note note = {.kind = NOTE_RECORD_UNREADABLE,
                        .offset = place_in_input(worker, record->offset),
                        .length = record->size};
    if (fault_is_foreign(fault)) {
        note.kind = fault->kind == FAULT_NAME_FOREIGN ? NOTE_NAME_FOREIGN : NOTE_TEMPLATE_FOREIGN;
        note.offset = place_in_input(worker, (uint32_t)fault->offset);
        note.declared = fault->needed;
        note.present = fault->had;
    }
    return withhold(worker, record, note);
}

static uint32_t record_end(const struct record *record)
{
    return record->offset + record->size - 4; // of what stands in front of the size copy
}

// What is to be told of a record that is shown.
static void collect_notes(struct worker *worker, const struct record *record)
{
    const struct decoder *decoder = &worker->decoder;
    for (uint32_t i = 0; i < decoder->note_count; i++)
        add_note(worker, &decoder->notes[i]);
    if (decoder->has_more_notes)
        add_note(worker, &(struct note){.kind = NOTE_MORE_VALUES,
                                        .offset = place_in_input(worker, record->offset)});
    if (decoder->tail_bytes > RECORD_PADDING_MAX)
        add_note(worker, &(struct note){.kind = NOTE_RECORD_TAIL,
                                        .offset = place_in_input(worker, record_end(record) -
                                                                             decoder->tail_bytes),
                                        .length = decoder->tail_bytes});
    for (unsigned i = 0; i < worker->note_count; i++) {
        worker->notes[i].chunk = worker->chunk.slot;
        worker->notes[i].record_id = record->id;
        worker->notes[i].recovered = record->recovered;
    }
}

// What stands in front of a record. False without memory.
static bool put_head(const struct job_options *options, struct outbuf *out,
                     const struct record *record)
{
    const struct format *format = options->format;
    const struct frame_text *head = record->recovered ? &format->head_recovered : &format->head;
    if (head->size == 0 && !options->record_numbers)
        return true;
    if (!outbuf_begin_record(out))
        return false;
    if (options->record_numbers) {
        outbuf_text(out, "Record ");
        uint8_t *p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX);
        outbuf_commit(out, put_u64(p, record->id));
        outbuf_text(out, record->recovered ? " (recovered)\n" : "\n");
    }
    outbuf_commit(out, put_frame_text(outbuf_reserve(out, sizeof *head), head));
    return true;
}

static void count_path(struct worker *worker)
{
    const struct renderer *renderer = &worker->renderer;
    if (renderer->used_irregular)
        worker->counts.irregular++;
    else if (renderer->used_walk)
        worker->counts.walked++;
    else
        worker->counts.compiled++;
}

static bool render_whole(struct worker *worker, const struct job_options *options,
                         const struct record *record, struct outbuf *out)
{
    struct fragment fragment;
    if (!decode_record(&worker->decoder, record->offset + RECORD_HEADER_BYTES, record_end(record),
                       &fragment))
        return false;
    if (!put_head(options, out, record) || !outbuf_begin_record(out))
        return fault_memory(&worker->decoder.fault);
    return render_record(&worker->renderer, &fragment);
}

// A record that failed. No record is lost that the reference shows, reading elsewhere than where
// the descriptors say. Carved ones are proved or not shown.
static bool render_damaged(struct worker *worker, const struct job_options *options,
                           const struct record *record, struct outbuf *out)
{
    struct decoder *decoder = &worker->decoder;
    const bool missed = worker->chunk.missed;
    if (record->recovered ||
        first_fault_find(decoder, record->offset + RECORD_HEADER_BYTES, record_end(record)))
        return false;
    worker->chunk.missed = missed; // nothing of that is shown
    decoder_start_record(decoder, false);
    decoder->mode = DECODE_LENIENT;
    bool fine = render_whole(worker, options, record, out);
    decoder->mode = DECODE_USUAL;
    return fine;
}

static bool is_out_of_memory(const struct worker *worker)
{
    return worker->decoder.fault.status == EVX_ERR_MEMORY &&
           worker->memory->refusals != worker->refusals;
}

// A record that failed: an error or a note says why.
static enum render_state refuse_record(struct worker *worker, const struct record *record,
                                       evx_error *ret_error)
{
    if (!is_out_of_memory(worker) &&
        (record->recovered || fault_is_foreign(&worker->decoder.fault)))
        return withhold_unproved(worker, record);
    describe_fault(worker, record, ret_error);
    return RENDER_FAILED;
}

static enum render_state withhold_doubtful(struct worker *worker, const struct record *record)
{
    EVX_CHECK(worker->decoder.note_count > 0);
    struct note note = worker->decoder.notes[0];
    note.kind = NOTE_VALUE_DOUBTFUL;
    return withhold(worker, record, note);
}

static enum render_state withhold_cut(struct worker *worker, const struct record *record)
{
    decoder_forget_chunk(&worker->decoder);
    worker->chunk.missed = false;
    return withhold(worker, record,
                    (struct note){.kind = NOTE_RECORD_CUT,
                                  .offset = place_in_input(worker, record->offset),
                                  .length = record->size});
}

// Whether a record in which something is wrong is to be shown.
EVX_COLD static enum render_state judge(struct worker *worker, const struct record *record,
                                        bool is_rendered, evx_error *ret_error)
{
    if (worker->chunk.missed)
        return withhold_cut(worker, record);
    if (!is_rendered)
        return refuse_record(worker, record, ret_error);
    return record->recovered ? withhold_doubtful(worker, record) : RENDER_SHOWN;
}

enum render_state worker_render(struct worker *worker, const struct job_options *options,
                                struct outbuf *out, const struct record *record,
                                evx_error *ret_error)
{
    EVX_CHECK(record->offset + RECORD_BYTES_MIN <= record->offset + record->size);
    EVX_CHECK(!worker->chunk.missed);
    size_t before = out->length;
    struct renderer *renderer = &worker->renderer;
    struct decoder *decoder = &worker->decoder;
    worker->refusals = worker->memory->refusals;
    decoder_start_record(decoder, record->recovered);
    renderer->out = out;
    renderer->format = options->format;
    renderer->plans = options->plans;
    renderer->recovered = record->recovered;
    bool fine = render_whole(worker, options, record, out);
    if (EVX_UNLIKELY(!fine)) {
        out->length = before;
        fine = render_damaged(worker, options, record, out);
    }
    if (EVX_UNLIKELY(!fine || worker->chunk.missed || decoder->note_count)) {
        enum render_state state = judge(worker, record, fine, ret_error);
        if (state != RENDER_SHOWN) {
            out->length = before;
            return state;
        }
    }
    // The room for this was reserved with the record.
    outbuf_commit(out, put_frame_text(outbuf_reserve(out, sizeof(struct frame_text)),
                                      &options->format->tail));
    count_path(worker);
    if (EVX_UNLIKELY(decoder->note_count || decoder->tail_bytes > RECORD_PADDING_MAX))
        collect_notes(worker, record);
    return RENDER_SHOWN;
}

static bool is_selected(const struct job_options *options, uint64_t id)
{
    if (!options->ids)
        return true;
    for (size_t i = 0; i < options->id_count; i++)
        if (id >= options->ids[i].first && id <= options->ids[i].last)
            return true;
    return false;
}

enum walk_event worker_walk(struct worker *worker, struct record *ret_record, evx_error *ret_error)
{
    worker->note_count = 0;
    if (EVX_LIKELY(!worker->rest_is_lost)) {
        struct damage damage;
        enum walk_event event =
            record_walk_next(&worker->walk, ret_record, &worker->notes[0], &damage);
        if (EVX_LIKELY(event == WALK_RECORD))
            return event;
        worker->note_count = event == WALK_NOTE;
        if (event == WALK_DAMAGE)
            describe_damage(&damage, ret_error);
        if (event != WALK_END)
            return event;
        if (chunk_is_cut(&worker->chunk) && !worker->cut_is_told)
            return tell_cut(worker, ret_error) ? WALK_DAMAGE : WALK_NOTE;
        if (!worker->rest_is_lost)
            return event;
    }
    describe_lost_rest(worker, ret_error);
    return WALK_DAMAGE;
}

enum record_state worker_next(struct worker *worker, const struct job_options *options,
                              struct outbuf *out, struct record *ret_record, evx_error *ret_error)
{
    switch (worker_walk(worker, ret_record, ret_error)) {
    case WALK_END:
        return RECORD_END;
    case WALK_DAMAGE:
        return RECORD_DAMAGED;
    case WALK_NOTE:
        return RECORD_LEFT_OUT;
    case WALK_RECORD:
        break;
    }
    size_t before = out->length;
    enum render_state state = worker_render(worker, options, out, ret_record, ret_error);
    if (ret_record->recovered)
        record_walk_carved(&worker->walk, ret_record, state == RENDER_SHOWN);
    if (state == RENDER_FAILED)
        return RECORD_DAMAGED;
    EVX_CHECK(out->length >= before);
    if (EVX_LIKELY(is_selected(options, ret_record->id)))
        return state == RENDER_SHOWN ? RECORD_RENDERED : RECORD_LEFT_OUT;
    worker->note_count = 0;
    out->length = before;
    return RECORD_LEFT_OUT;
}
