// SPDX-License-Identifier: MIT
// Counts of records by their fields.
#include <stdio.h>
#include <string.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "compat/describe.h"
#include "container/file_header.h"
#include "fields/unicode.h"
#include "flow/ring.h"
#include "stats/tally.h"

enum {
    GROUPS_MAX = 1 << 20,
    KEY_BYTES_MAX = 256 << 20,
    VALUE_BYTES = UTF8_BYTES_PER_UNIT_MAX * TALLY_VALUE_UNITS_MAX + 1,
};

struct evx_stats {
    struct evx_engine *engine;
    struct query_tree tree;
    struct plans plans;
    struct tally tally;
    struct groups groups;
    uint64_t records, ungrouped;
};

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

static evx_status read_fields(struct evx_stats *stats, const evx_stats_options *options,
                              evx_error *error)
{
    static const char *const usual[] = {"Channel", "Provider", "EventID"};
    const char *const *names = options->fields ? options->fields : usual;
    size_t count = options->fields ? options->field_count : sizeof usual / sizeof usual[0];
    struct query_text texts[TALLY_FIELDS_MAX];
    struct query_error wrong;
    uint32_t number;
    char text[EVX_CAUSE_SIZE];
    if (count == 0 || count > TALLY_FIELDS_MAX)
        return error_argument(error, "records are counted by 1 to 16 fields");
    for (size_t i = 0; i < count; i++)
        texts[i] = query_text_of(names[i], strlen(names[i]));
    if (tally_init(&stats->tally, &stats->tree, &stats->plans, stats->engine->codec, texts,
                   (uint32_t)count, &number, &wrong))
        return EVX_OK;
    if (wrong.kind == QUERY_ERROR_MEMORY)
        return no_memory(error);
    query_error_print(&wrong, text, sizeof text);
    error_argument(error, text);
    error->input = number;
    error->offset = wrong.offset;
    return EVX_ERR_ARGUMENT;
}

evx_status evx_stats_create(evx_engine *engine, const evx_stats_options *options,
                            evx_stats **ret_stats, evx_error *error)
{
    evx_stats_options known = {0};
    evx_error ignored;
    error = error ? error : &ignored;
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_stats_options, groups_max)))
        return error_argument(error, "the size of the options is not set");
    evx_stats *stats = memory_allocate_zeroed(&engine->memory, sizeof *stats);
    if (!stats)
        return no_memory(error);
    if (!plans_init(&stats->plans, &engine->memory)) {
        memory_release(&engine->memory, stats, sizeof *stats);
        return no_memory(error);
    }
    stats->plans.full = engine->plans[0].full; // an engine without plans has none here, either
    stats->engine = engine;
    query_tree_init(&stats->tree, &engine->memory);
    groups_init(&stats->groups, &engine->memory, known.groups_max ? known.groups_max : GROUPS_MAX,
                KEY_BYTES_MAX);
    evx_status status = read_fields(stats, &known, error);
    if (status == EVX_OK)
        *ret_stats = stats;
    else
        evx_stats_destroy(&stats);
    return status;
}

void evx_stats_destroy(evx_stats **stats)
{
    if (!stats || !*stats)
        return;
    struct memory *memory = &(*stats)->engine->memory;
    groups_destroy(&(*stats)->groups);
    query_tree_destroy(&(*stats)->tree);
    plans_destroy(&(*stats)->plans);
    memory_release(memory, *stats, sizeof **stats);
    *stats = NULL;
}

// ---- counting -----------------------------------------------------------------------------------

struct counting {
    struct evx_stats *stats;
    const evx_sink *sink;
    bool stop_after_error;
    evx_convert_result result;
};

static evx_status give_error(struct counting *counting, const evx_error *error)
{
    const evx_sink *sink = counting->sink;
    counting->result.errors++;
    if (sink && sink->report && sink->report(sink->context, error))
        return EVX_ERR_SINK;
    return error->status < 0 && counting->stop_after_error ? EVX_ERR_STOPPED : EVX_OK;
}

static evx_status give_note(struct counting *counting, const struct note *note)
{
    evx_error error;
    describe_note(note, &error);
    return give_error(counting, &error);
}

// The groups of a batch to those of all, in their order: what reaches a cap is the same for any
// number of threads.
static evx_status add_groups(struct evx_stats *stats, const struct groups *part)
{
    const struct memory *memory = &stats->engine->memory;
    for (uint32_t i = 0; i < part->count; i++) {
        const uint64_t refusals = memory->refusals;
        if (part->list[i].count == 0) // a record that was taken back
            continue;
        stats->records += part->list[i].count;
        if (groups_add(&stats->groups, &part->list[i]))
            continue;
        if (memory->refusals != refusals)
            return EVX_ERR_MEMORY;
        stats->ungrouped += part->list[i].count;
    }
    return EVX_OK;
}

static evx_status add_batch(struct counting *counting, const struct batch *batch)
{
    const struct tally_payload *payload =
        (const struct tally_payload *)batch->payloads[batch->chain->count - 1];
    evx_status status = add_groups(counting->stats, &payload->groups);
    counting->result.records += batch->records;
    counting->result.recovered += batch->recovered;
    for (uint32_t i = 0; i < batch->report_count && status == EVX_OK; i++) {
        const struct report *report = &batch->reports[i];
        status = report->is_note ? give_note(counting, &report->note)
                                 : give_error(counting, &report->error);
    }
    return status;
}

static evx_status pull_all(struct counting *counting, struct ring *ring)
{
    const evx_sink *sink = counting->sink;
    for (;;) {
        const struct batch *batch;
        struct ring_progress progress;
        evx_status status = ring_next(ring, &batch);
        if (status == EVX_OK)
            status = add_batch(counting, batch);
        if (status != EVX_OK)
            return status == EVX_END ? EVX_OK : status;
        if (ring_give_back(ring, &progress) && sink && sink->progress)
            sink->progress(sink->context, progress.done_bytes, progress.size_bytes);
    }
}

static evx_status count_all(struct counting *counting, struct conversion *conversion)
{
    struct job *job = &conversion->job;
    struct worker_counts counts = {0};
    struct note note;
    job->chain = (struct chain){0};
    if (conversion->filter.query)
        job->chain.consumers[job->chain.count++] = &conversion->filter.consumer;
    job->chain.consumers[job->chain.count++] = &counting->stats->tally.consumer;
    counting->stop_after_error = conversion->stop_after_error;
    struct ring *ring = ring_create(job);
    if (!ring)
        return EVX_ERR_MEMORY;
    evx_status status = pull_all(counting, ring);
    ring_destroy(ring, &counts);
    counting->stats->engine->skipped_chunks += counts.skipped_chunks;
    if (status == EVX_OK && file_promises_more(job->info, job->source->size, &note))
        status = give_note(counting, &note);
    return status;
}

evx_status evx_stats_add(evx_stats *stats, evx_reader *reader, const evx_convert_options *options,
                         const evx_sink *sink, evx_convert_result *result, evx_error *error)
{
    struct conversion conversion = {0};
    struct counting counting = {.stats = stats, .sink = sink};
    evx_error ignored;
    error = error ? error : &ignored;
    if (result)
        *result = counting.result;
    if (reader->engine != stats->engine)
        return error_argument(error, "the reader is one of another engine");
    if (sink && !ALL_NULL(sink->reserved))
        return error_argument(error, "a sink ends with zeros");
    evx_status status = options_read(stats->engine, options, &conversion, error);
    if (status == EVX_OK)
        status = reader_start_pass(reader, false, error);
    if (status != EVX_OK)
        return status;
    reader_describe_job(reader, &conversion.job);
    stats->tally.source = conversion.source;
    status = count_all(&counting, &conversion);
    if (result)
        *result = counting.result;
    if (status != EVX_OK)
        error_set(error, status);
    return status;
}

// ---- telling ------------------------------------------------------------------------------------

// A group as the caller gets it, and the room for its texts.
struct shown {
    const char *values[TALLY_FIELDS_MAX];
    char texts[TALLY_FIELDS_MAX][VALUE_BYTES];
};

static void show(const struct group *group, uint32_t field_count, struct shown *shown,
                 evx_stats_group *ret_group)
{
    size_t at = 0;
    for (uint32_t i = 0; i < field_count; i++) {
        const uint8_t *units;
        uint32_t count;
        bool is_cut = false;
        shown->values[i] = NULL;
        if (!tally_key_value(group->key, &at, &units, &count))
            continue;
        uint8_t *text = (uint8_t *)shown->texts[i];
        *utf8_put_units(text, VALUE_BYTES - 1, units, count, &is_cut) = '\0';
        shown->values[i] = shown->texts[i];
    }
    EVX_CHECK(at == group->key_size);
    bool has_time = group->span.first <= group->span.last;
    *ret_group = (evx_stats_group){
        .size = sizeof *ret_group,
        .count = group->count,
        .has_time = has_time,
        .first = has_time ? (uint64_t)group->span.first : 0,
        .last = has_time ? (uint64_t)group->span.last : 0,
        .values = shown->values,
    };
}

evx_status evx_stats_visit(evx_stats *stats,
                           int (*visit)(void *context, const evx_stats_group *group), void *context,
                           evx_error *error)
{
    struct memory *memory = &stats->engine->memory;
    const uint32_t count = stats->groups.count;
    const size_t order_bytes = (count + (size_t)1) * sizeof(const struct group *);
    const struct group **order = memory_allocate(memory, order_bytes);
    struct shown *shown = memory_allocate(memory, sizeof *shown);
    evx_status status = order && shown ? EVX_OK : EVX_ERR_MEMORY;
    if (status == EVX_OK)
        groups_sort(&stats->groups, order);
    for (uint32_t i = 0; i < count && status == EVX_OK; i++) {
        evx_stats_group group;
        show(order[i], stats->tally.field_count, shown, &group);
        if (visit(context, &group))
            status = EVX_ERR_SINK;
    }
    memory_release(memory, shown, sizeof *shown);
    memory_release(memory, order, order_bytes);
    if (status != EVX_OK && error)
        error_set(error, status);
    return status;
}

evx_status evx_stats_get_totals(const evx_stats *stats, evx_stats_totals *ret_totals)
{
    const evx_stats_totals totals = {
        .size = ret_totals->size,
        .records = stats->records,
        .groups = stats->groups.count,
        .ungrouped = stats->ungrouped,
    };
    if (ret_totals->size < FIRST_SIZE(evx_stats_totals, ungrouped))
        return EVX_ERR_ARGUMENT;
    memcpy(ret_totals, &totals,
           ret_totals->size < sizeof totals ? ret_totals->size : sizeof totals);
    return EVX_OK;
}
