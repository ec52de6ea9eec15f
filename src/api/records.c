// SPDX-License-Identifier: MIT
// Record by record.
#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "compat/describe.h"
#include "container/file_header.h"

static evx_status start_worker(struct evx_reader *reader, evx_error *error)
{
    struct evx_engine *engine = reader->engine;
    if (reader->worker)
        return EVX_OK;
    evx_status status = reader_start_pass(reader, false, error);
    if (status != EVX_OK)
        return status;
    // Texts of all formats are of one class: a state serves whichever is asked for.
    reader->text =
        text_consumer(&formats[FORMAT_XML], &engine->plans[FORMAT_XML], engine->codec, false);
    reader->chain = (struct chain){{&reader->text.consumer}, 1};
    struct worker *worker = memory_allocate_zeroed(&engine->memory, sizeof *worker);
    if (worker && worker_init(worker, &engine->memory, &engine->store, &reader->chain,
                              reader->source, &reader->info)) {
        reader->worker = worker;
        return EVX_OK;
    }
    if (worker) {
        worker_destroy(worker);
        memory_release(&engine->memory, worker, sizeof *worker);
    }
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

// The first of the notes that the last call of the worker left, as a status; EVX_OK: none.
static evx_status take_note(const struct evx_reader *reader, evx_error *error)
{
    if (reader->worker->notes.count == 0)
        return EVX_OK;
    describe_note(&reader->worker->notes.notes[0], error);
    return error->status;
}

// Behind the last chunk.
static evx_status end_pass(struct evx_reader *reader, evx_error *error)
{
    struct note note;
    if (reader->end_is_told || !file_promises_more(&reader->info, reader->source->size, &note))
        return EVX_END;
    reader->end_is_told = true;
    describe_note(&note, error);
    return error->status;
}

// Moves to the next chunk that has records. EVX_END behind the last one.
static evx_status next_chunk(struct evx_reader *reader, evx_error *error)
{
    static const struct job_options plain = {0};
    while (reader->next_index < reader->slot_count) {
        uint64_t slot = slot_in_order(reader->start_slot, reader->slot_count, reader->next_index);
        enum slot_state state = chunk_reader_load(&reader->worker->reader, slot, error);
        if (state == SLOT_END)
            break;
        reader->next_index++;
        if (state == SLOT_LOADED)
            state = worker_open_chunk(reader->worker, &plain, error);
        if (state == SLOT_DAMAGED)
            return EVX_ERR_CHUNK;
        reader->in_chunk = state == SLOT_LOADED;
        evx_status status = take_note(reader, error);
        if (reader->in_chunk || status != EVX_OK)
            return status;
    }
    return end_pass(reader, error);
}

static void describe_record(const struct evx_reader *reader, evx_record *ret)
{
    const struct chunk *chunk = &reader->worker->reader.chunk;
    EVX_CHECK(reader->worker != NULL);
    const struct record *record = &reader->record;
    *ret = (evx_record){
        .id = record->id,
        .written = record->time,
        .chunk = chunk->slot,
        .offset = slot_offset(chunk->slot) + record->offset,
        .fragment = chunk->data + record->offset + RECORD_HEADER_BYTES,
        .fragment_size = record->size - RECORD_BYTES_MIN,
    };
}

evx_status evx_next(evx_reader *reader, evx_record *ret_record, evx_error *error)
{
    evx_error ignored;
    error = error ? error : &ignored;
    reader->has_record = false;
    evx_status status = start_worker(reader, error);
    while (status == EVX_OK) {
        if (!reader->in_chunk) {
            status = next_chunk(reader, error);
            continue;
        }
        switch (worker_walk(reader->worker, &reader->record, error)) {
        case WALK_RECORD:
            reader->has_record = true;
            describe_record(reader, ret_record);
            return EVX_OK;
        case WALK_DAMAGE:
            return error->status;
        case WALK_NOTE:
            return take_note(reader, error);
        case WALK_REST: // worker_walk reads it itself
        case WALK_END:
            reader->in_chunk = false;
            break;
        }
    }
    return status;
}

// Gives the record to the conversion's text, into reader->rendered.
static evx_status take_record(struct evx_reader *reader, const struct conversion *conversion,
                              evx_error *error)
{
    if (!reader->has_record)
        return error_argument(error, "there is no record that evx_next has given");
    const struct chain chain = {{&conversion->text.consumer}, 1};
    struct text_payload *payload = &reader->rendered;
    conversion->text.consumer.class->payload_clear(&payload->payload);
    reader->worker->counts = (struct worker_counts){0};
    reader->worker->notes.count = 0;
    switch (worker_take(reader->worker, &chain, (struct payload *[]){&payload->payload},
                        &reader->record, error)) {
    case TAKE_FAILED:
        return error->status;
    case TAKE_WITHHELD:
        describe_note(&reader->worker->notes.notes[0], error);
        return error->status = EVX_ERR_RECORD;
    case TAKE_DROPPED: // nothing in the chain does
    case TAKE_SHOWN:
        break;
    }
    return EVX_OK;
}

static void speak_0_14(struct evx_engine *engine, const evx_render_options *options,
                       struct text_consumer *text)
{
    enum format_number format = options->format == EVX_FORMAT_XML
                                    ? (options->compact ? FORMAT_XML_COMPACT_0_14 : FORMAT_XML_0_14)
                                : options->separate_attributes ? FORMAT_JSON_SEPARATE_0_14
                                                               : FORMAT_JSON_0_14;
    text->format = &formats[format];
    text->plans = &engine->plans[format];
}

static evx_status form_read(struct evx_engine *engine, const evx_render_options *options,
                            struct conversion *ret_conversion, evx_error *error)
{
    evx_render_options known = {0};
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_render_options, mta)))
        return error_argument(error, "the size of the options is not set");
    if (known.dialect > EVX_DIALECT_0_14 ||
        (known.dialect && known.format != EVX_FORMAT_XML && known.format != EVX_FORMAT_JSONL))
        return error_argument(error, "unknown dialect, or one without this format");
    const evx_convert_options all = {
        .size = sizeof all,
        .format = known.format,
        .compact = known.compact,
        .hide_record_numbers = known.hide_record_numbers,
        .separate_attributes = known.separate_attributes,
        .follows_records = known.follows_records,
        .mta = known.mta,
        .messages = known.messages,
    };
    evx_status status = options_read(engine, &all, ret_conversion, error);
    if (status == EVX_OK && known.dialect)
        speak_0_14(engine, &known, &ret_conversion->text);
    return status;
}

evx_status evx_render(evx_reader *reader, const evx_render_options *options, const char **ret_text,
                      size_t *ret_size, evx_error *error)
{
    struct conversion conversion;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = form_read(reader->engine, options, &conversion, error);
    if (status == EVX_OK)
        status = take_record(reader, &conversion, error);
    if (status != EVX_OK)
        return status;
    engine_count_records(reader->engine, &reader->worker->counts);
    const struct outbuf *out = &reader->rendered.out;
    EVX_CHECK(conversion.first_skips <= out->length);
    *ret_text = (const char *)out->data + conversion.first_skips;
    *ret_size = out->length - conversion.first_skips;
    return take_note(reader, error);
}

evx_status render_message(struct evx_reader *reader, struct messages *messages, evx_error *error)
{
    struct conversion conversion;
    evx_status status = options_read(reader->engine, NULL, &conversion, error);
    conversion.text.message_only = messages;
    return status == EVX_OK ? take_record(reader, &conversion, error) : status;
}

evx_status render_wish(struct evx_reader *reader, const struct instance_wish *wish,
                       evx_error *error)
{
    struct conversion conversion;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = options_read(reader->engine, NULL, &conversion, error);
    conversion.text.wish = wish;
    return status == EVX_OK ? take_record(reader, &conversion, error) : status;
}
