// SPDX-License-Identifier: MIT
// Conversion of a whole input, and record by record.
#include <sched.h>
#include <unistd.h>

#include "base/check.h"
#include "api/handles.h"
#include "base/error.h"
#include "base/versioned.h"
#include "compat/describe.h"
#include "container/file_header.h"

static unsigned core_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static enum format_number format_of(const evx_convert_options *options)
{
    if (options->format == EVX_FORMAT_XML)
        return options->compact ? FORMAT_XML_COMPACT : FORMAT_XML;
    return options->separate_attributes ? FORMAT_JSON_SEPARATE : FORMAT_JSON;
}

evx_status options_read(struct evx_engine *engine, const evx_convert_options *options,
                        struct job_options *ret_options, unsigned *ret_threads,
                        bool *ret_stop_after_error, evx_error *error)
{
    evx_convert_options known = {0};
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_convert_options, id_count)))
        return error_argument(error, "the size of the options is not set");
    if (known.format > EVX_FORMAT_JSONL || (known.id_count && !known.ids))
        return error_argument(error, "unknown format, or identifier ranges without an array");
    enum format_number format = format_of(&known);
    *ret_options = (struct job_options){
        .format = &formats[format],
        .plans = &engine->plans[format],
        .record_numbers = !known.hide_record_numbers && known.format != EVX_FORMAT_JSONL,
        .recover = known.recover,
        .validate_checksums = known.validate_checksums,
        .ids = known.ids,
        .id_count = known.id_count,
    };
    unsigned cores = core_count();
    *ret_threads = known.threads && known.threads < cores ? known.threads : cores;
    *ret_stop_after_error = known.stop_after_error;
    return EVX_OK;
}

static void count_records(struct evx_engine *engine, const struct worker_counts *counts)
{
    engine->records += counts->compiled + counts->walked + counts->irregular;
    engine->compiled += counts->compiled;
    engine->walked += counts->walked;
    engine->irregular += counts->irregular;
}

evx_status evx_convert(evx_reader *reader, const evx_convert_options *options, const evx_sink *sink,
                       evx_convert_result *result, evx_error *error)
{
    struct evx_engine *engine = reader->engine;
    evx_convert_result ignored;
    struct worker_counts counts;
    struct conversion conversion = {
        .memory = &engine->memory,
        .store = &engine->store,
        .codec = engine->codec,
        .source = reader->source,
        .info = &reader->info,
        .sink = sink,
    };
    result = result ? result : &ignored;
    *result = (evx_convert_result){0};
    evx_status status = options_read(engine, options, &conversion.options, &conversion.threads,
                                     &conversion.stop_after_error, error);
    if (status == EVX_OK)
        status = reader_start_pass(reader, error);
    if (status != EVX_OK)
        return status;
    conversion.start_slot = reader->start_slot;
    conversion.slot_count = reader->slot_count;
    status = convert_run(&conversion, result, &counts, error);
    count_records(engine, &counts);
    return status;
}

static evx_status start_worker(struct evx_reader *reader, evx_error *error)
{
    struct evx_engine *engine = reader->engine;
    if (reader->worker)
        return EVX_OK;
    evx_status status = reader_start_pass(reader, error);
    if (status != EVX_OK)
        return status;
    struct worker *worker = memory_allocate_zeroed(&engine->memory, sizeof *worker);
    if (worker && worker_init(worker, &engine->memory, &engine->store, engine->codec,
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
    if (reader->worker->note_count == 0)
        return EVX_OK;
    describe_note(&reader->worker->notes[0], error);
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
        enum slot_state state = worker_load(reader->worker, slot, error);
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
    const struct chunk *chunk = &reader->worker->chunk;
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
        case WALK_END:
            reader->in_chunk = false;
            break;
        }
    }
    return status;
}

evx_status evx_render(evx_reader *reader, const evx_convert_options *options, const char **ret_text,
                      size_t *ret_size, evx_error *error)
{
    struct job_options job;
    unsigned threads;
    bool stop;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = options_read(reader->engine, options, &job, &threads, &stop, error);
    if (status != EVX_OK)
        return status;
    if (!reader->has_record)
        return error_argument(error, "evx_render needs a record that evx_next has given");
    reader->text.length = 0;
    reader->worker->counts = (struct worker_counts){0};
    reader->worker->note_count = 0;
    switch (worker_render(reader->worker, &job, &reader->text, &reader->record, error)) {
    case RENDER_FAILED:
        return error->status;
    case RENDER_WITHHELD:
        describe_note(&reader->worker->notes[0], error);
        return error->status = EVX_ERR_RECORD;
    case RENDER_SHOWN:
        break;
    }
    count_records(reader->engine, &reader->worker->counts);
    *ret_text = (const char *)reader->text.data;
    *ret_size = reader->text.length;
    return take_note(reader, error);
}
