// SPDX-License-Identifier: MIT
// Conversion of a whole input.
#include "api/handles.h"
#include "base/error.h"
#include "base/versioned.h"
#include "system/machine.h"

unsigned thread_count_of(unsigned wanted)
{
    const unsigned cores = machine_core_count();
    return wanted && wanted < cores ? wanted : cores;
}

static enum format_number format_of(const evx_convert_options *options)
{
    switch (options->format) {
    case EVX_FORMAT_XML:
        return options->compact ? FORMAT_XML_COMPACT : FORMAT_XML;
    case EVX_FORMAT_XML_DOCUMENT:
        return options->compact ? FORMAT_XML_DOCUMENT_COMPACT : FORMAT_XML_DOCUMENT;
    case EVX_FORMAT_JSON_ARRAY:
        return options->separate_attributes ? FORMAT_JSON_ARRAY_SEPARATE : FORMAT_JSON_ARRAY;
    case EVX_FORMAT_JSON:
    case EVX_FORMAT_JSONL:
    case EVX_FORMAT_CSV:
    case EVX_FORMAT_TSV:
        break;
    }
    return options->separate_attributes ? FORMAT_JSON_SEPARATE : FORMAT_JSON;
}

// What a query or fields have compiled is of the templates of their own engine. NULL: all is
// walked.
static struct query_plans *plans_for(const struct evx_engine *engine,
                                     const struct evx_engine *owner,
                                     const struct query_plans *plans)
{
    return engine == owner ? (struct query_plans *)plans : NULL;
}

// False when there are fields and no rows, or the other way round.
static bool rows_read(struct evx_engine *engine, const evx_convert_options *options,
                      struct conversion *conversion)
{
    static const enum row_format row_formats[] = {
        [EVX_FORMAT_JSONL] = ROW_JSON, [EVX_FORMAT_CSV] = ROW_CSV, [EVX_FORMAT_TSV] = ROW_TSV};
    const bool is_table = options->format == EVX_FORMAT_CSV || options->format == EVX_FORMAT_TSV;
    if (!options->fields)
        return !is_table;
    if (!is_table && options->format != EVX_FORMAT_JSONL)
        return false;
    const struct cell_style style = {(uint8_t)row_formats[options->format], options->csv_safe != 0};
    const char *source = options->source_file ? options->source_file : options->file_name;
    const struct evx_fields *fields = options->fields;
    conversion->rows =
        rows_consumer(&fields->columns, plans_for(engine, fields->engine, &fields->plans), style,
                      &engine->plans[FORMAT_JSON], engine->codec, source);
    conversion->has_header = options->header;
    return true;
}

evx_status options_read(struct evx_engine *engine, const evx_convert_options *options,
                        struct conversion *ret_conversion, evx_error *error)
{
    evx_convert_options known = {0};
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_convert_options, id_count)))
        return error_argument(error, "the size of the options is not set");
    if (known.ledger && !ALL_NULL(known.ledger->reserved))
        return error_argument(error, "a ledger's sink ends with zeros");
    if (known.format > EVX_FORMAT_TSV || (known.id_count && !known.ids))
        return error_argument(error, "unknown format, or identifier ranges without an array");
    ret_conversion->rows = (struct rows_consumer){0};
    if (!rows_read(engine, &known, ret_conversion))
        return error_argument(error, "CSV and TSV need fields, and XML and JSON have none");
    enum format_number format = format_of(&known);
    const bool stands_alone = known.format != EVX_FORMAT_JSONL && !formats[format].front;
    ret_conversion->text = text_consumer(&formats[format], &engine->plans[format], engine->codec,
                                         stands_alone && !known.hide_record_numbers);
    ret_conversion->source = known.source_file ? known.source_file : known.file_name;
    if (known.add_source)
        ret_conversion->text.source = ret_conversion->source;
    ret_conversion->text.mta = known.mta ? &known.mta->mta : NULL;
    if (known.messages && !engine->has_messages)
        return error_argument(error, "the engine has no messages");
    ret_conversion->text.messages = known.messages ? &engine->messages : NULL;
    ret_conversion->rows.texts =
        (struct info_source){ret_conversion->text.mta, ret_conversion->text.messages};
    ret_conversion->first_skips = known.follows_records ? 0 : formats[format].first_skips;
    if (known.query)
        ret_conversion->filter = filter_consumer(
            &known.query->tree, plans_for(engine, known.query->engine, &known.query->plans),
            engine->codec, log_name_make(known.file_name));
    ret_conversion->job.options = (struct job_options){
        .recover = known.recover || known.recovery,
        .validate_checksums = known.validate_checksums,
        .ids = known.ids,
        .id_count = known.id_count,
        .skips_chunks = known.skip_chunks && known.ids && !known.recover && !known.recovery &&
                        !known.ledger && !known.validate_checksums && !engine->no_skips,
    };
    if (known.recovery) {
        struct outside *outside = engine->pack ? &engine->definitions.outside : NULL;
        ret_conversion->recovery =
            recovery_of_input((struct recovery *)&known.recovery->recovery, outside,
                              known.recovery_input, known.show_duplicates != 0);
        ret_conversion->job.options.recovery = &ret_conversion->recovery;
        ret_conversion->text.tells_origin = true;
    }
    ret_conversion->shapes = &engine->shapes;
    ret_conversion->ledger = known.ledger;
    ret_conversion->job.threads = thread_count_of(known.threads);
    ret_conversion->stop_after_error = known.stop_after_error;
    ret_conversion->only_counts = known.count_only != 0;
    ret_conversion->reverse = known.reverse != 0;
    ret_conversion->max_records = known.max_records;
    return EVX_OK;
}

static const char *document_text(const char *text)
{
    return text ? text : "";
}

const char *evx_document_front(evx_format format)
{
    return document_text(formats[format_of(&(evx_convert_options){.format = format})].front);
}

const char *evx_document_back(evx_format format)
{
    return document_text(formats[format_of(&(evx_convert_options){.format = format})].back);
}

void engine_count_records(struct evx_engine *engine, const struct worker_counts *counts)
{
    for (int way = 0; way < WAY_COUNT; way++)
        engine->events[way] += counts->events[way];
    engine->skipped_chunks += counts->skipped_chunks;
}

evx_status convert_into(struct evx_reader *reader, struct conversion *conversion,
                        evx_convert_result *result, evx_error *error)
{
    struct worker_counts counts;
    evx_status status = reader_start_pass(reader, conversion->reverse, error);
    if (status != EVX_OK)
        return status;
    reader_describe_job(reader, &conversion->job);
    // Of what was found anywhere, each record says where.
    conversion->text.tells_place = conversion->text.tells_origin && reader->source->shift_of;
    status = convert_run(conversion, result, &counts, error);
    engine_count_records(reader->engine, &counts);
    return status;
}

evx_status evx_convert(evx_reader *reader, const evx_convert_options *options, const evx_sink *sink,
                       evx_convert_result *result, evx_error *error)
{
    struct evx_engine *engine = reader->engine;
    evx_convert_result ignored;
    struct conversion conversion = {.sink = sink};
    result = result ? result : &ignored;
    *result = (evx_convert_result){0};
    if (!ALL_NULL(sink->reserved))
        return error_argument(error, "a sink ends with zeros");
    evx_status status = options_read(engine, options, &conversion, error);
    return status == EVX_OK ? convert_into(reader, &conversion, result, error) : status;
}
