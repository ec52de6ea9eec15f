// SPDX-License-Identifier: MIT
// The templates of a log and their fields.
#include "api/template_pass.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"

struct evx_reader template_pass_start(const struct evx_reader *reader)
{
    return (struct evx_reader){
        .engine = reader->engine,
        .source = reader->source,
        .info = reader->info,
        .order_known = reader->order_known,
        .start_slot = reader->start_slot,
        .slot_count = reader->slot_count,
        .stream_taken = reader->stream_taken,
    };
}

void template_pass_end(struct evx_reader *reader, struct evx_reader *pass)
{
    struct memory *memory = &reader->engine->memory;
    if (pass->worker) {
        worker_destroy(pass->worker);
        memory_release(memory, pass->worker, sizeof *pass->worker);
    }
    reader->order_known = pass->order_known;
    reader->start_slot = pass->start_slot;
    reader->slot_count = pass->slot_count;
    reader->stream_taken = pass->stream_taken;
}

static bool list_record(struct listing *listing, struct decoder *decoder,
                        const struct record *record)
{
    struct fragment fragment;
    EVX_CHECK(record->size >= RECORD_BYTES_MIN && record->offset + record->size <= CHUNK_BYTES);
    decoder_start_record(decoder, false);
    return decode_record(decoder, record->offset + RECORD_HEADER_BYTES, record_stream_end(record),
                         &fragment) &&
           !decoder->chunk->asked && listing_add(listing, decoder, &fragment);
}

static bool add_record(struct listing *listing, struct worker *worker, const struct record *record)
{
    struct chunk *chunk = &worker->reader.chunk;
    bool fine = list_record(listing, &worker->decoder, record);
    if (chunk->asked) {
        chunk->asked = false;
        fine = chunk_reader_load_rest(&worker->reader) &&
               list_record(listing, &worker->decoder, record);
    }
    return fine;
}

evx_status template_pass_next(struct listing *listing, struct evx_reader *pass,
                              evx_template_totals *totals, uint64_t *chunk, evx_error *error)
{
    evx_record record;
    struct memory *memory = &pass->engine->memory;
    evx_status status = evx_next(pass, &record, error);
    if (status == EVX_NOTE || status == EVX_ERR_CHUNK || status == EVX_ERR_RECORD) {
        totals->reports++;
        return EVX_OK;
    }
    if (status != EVX_OK)
        return status;
    EVX_CHECK(pass->has_record && pass->worker != NULL);
    if (*chunk != record.chunk)
        listing_start_chunk(listing);
    *chunk = record.chunk;
    uint64_t refusals = memory->refusals;
    bool fine = add_record(listing, pass->worker, &pass->record);
    if (memory->refusals != refusals) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    totals->records += fine;
    totals->damaged += !fine;
    return EVX_OK;
}

static evx_status list(struct listing *listing, struct evx_reader *reader,
                       evx_template_totals *totals, evx_error *error)
{
    struct evx_reader pass = template_pass_start(reader);
    uint64_t chunk = EVX_NONE;
    evx_status status;
    do
        status = template_pass_next(listing, &pass, totals, &chunk, error);
    while (status == EVX_OK);
    template_pass_end(reader, &pass);
    totals->templates = listing->templates;
    totals->unlisted_uses = listing->unlisted_uses;
    return status == EVX_END ? EVX_OK : status;
}

evx_status evx_list_templates(evx_reader *reader,
                              int (*visit)(void *context, const evx_template_info *info),
                              void *context, evx_template_totals *ret_totals, evx_error *error)
{
    struct memory *memory = &reader->engine->memory;
    evx_template_totals totals = {0};
    evx_error ignored;
    error = error ? error : &ignored;
    size_t size = ret_totals ? ret_totals->size : sizeof totals;
    if (size < FIRST_SIZE(evx_template_totals, unlisted_uses))
        return error_argument(error, "the size of the totals is not set");
    struct listing *listing = memory_allocate(memory, sizeof *listing);
    if (!listing) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    listing_init(listing, memory);
    evx_status status = list(listing, reader, &totals, error);
    if (status == EVX_OK) {
        status = listing_visit(listing, visit, context);
        if (status != EVX_OK)
            error_set(error, status);
    }
    listing_destroy(listing);
    memory_release(memory, listing, sizeof *listing);
    totals.size = size;
    if (ret_totals && (status == EVX_OK || status == EVX_ERR_SINK))
        memcpy(ret_totals, &totals, size < sizeof totals ? size : sizeof totals);
    return status;
}
