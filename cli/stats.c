// SPDX-License-Identifier: MIT
// evx stats: how many records of which kind, and from when to when.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "conditions.h"
#include "containment.h"
#include "damage_policy.h"
#include "gather.h"
#include "input.h"
#include "make_engine.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "stats_output.h"
#include "system/memory_file.h"
#include "time_text.h"
#include "walk_inputs.h"

enum { FIELDS_MAX = 16 }; // evx_stats_options

struct counting {
    const struct options *options;
    evx_engine *engine;
    evx_convert_options convert;
    struct gathered gathered; // for the recovery of old records
    struct output output;
    struct progress progress;
    struct damage_policy policy;
    char *fields[FIELDS_MAX];
    size_t field_count;
    struct stats_row *rows;
    size_t row_count, row_capacity;
    const char *file; // of the rows that come now
    uint64_t left;    // rows of it that are still wanted
    bool is_short;    // some records are in no group
};

// -------------------------------------------------------------------------------------------- rows

static char *copy(const char *text)
{
    char *copied = text ? strdup(text) : NULL;
    if (text && !copied)
        report_no_memory();
    return copied;
}

static int add_row(void *context, const evx_stats_group *group)
{
    struct counting *counting = context;
    if (counting->left == 0)
        return 1;
    counting->left--;
    if (counting->row_count == counting->row_capacity) {
        counting->row_capacity = 2 * counting->row_capacity + 64;
        counting->rows = realloc(counting->rows, counting->row_capacity * sizeof *counting->rows);
        if (!counting->rows)
            report_no_memory();
    }
    struct stats_row *row = &counting->rows[counting->row_count++];
    *row = (struct stats_row){.file = counting->file, .count = group->count};
    row->values = calloc(counting->field_count, sizeof *row->values);
    if (!row->values)
        report_no_memory();
    for (size_t i = 0; i < counting->field_count; i++)
        row->values[i] = copy(group->values[i]);
    if (group->has_time) {
        row->first = time_text(group->first);
        row->last = time_text(group->last);
    }
    return 0;
}

// All groups of one file, or of all of them.
static void add_rows(struct counting *counting, evx_stats *stats, const char *file)
{
    evx_error error = {0};
    evx_stats_totals totals = {.size = sizeof totals};
    uint64_t top = counting->options->values[OPT_TOP].number;
    counting->file = file;
    counting->left = top ? top : UINT64_MAX;
    if (evx_stats_visit(stats, add_row, counting, &error) == EVX_ERR_MEMORY)
        report_no_memory();
    evx_stats_get_totals(stats, &totals);
    if (totals.ungrouped == 0)
        return;
    counting->is_short = true;
    report_line("Error: %" PRIu64 " of %" PRIu64 " records are not in the table: there are more "
                "than %" PRIu64 " groups",
                totals.ungrouped, totals.records, totals.groups);
}

static void release(struct counting *counting)
{
    for (size_t i = 0; i < counting->row_count; i++) {
        struct stats_row *row = &counting->rows[i];
        for (size_t k = 0; k < counting->field_count; k++)
            free(row->values[k]);
        free(row->values);
        free(row->first);
        free(row->last);
    }
    free(counting->rows);
    for (size_t i = 0; i < counting->field_count; i++)
        free(counting->fields[i]);
}

// ------------------------------------------------------------------------------------------ fields

// The next name of a list, which is taken off: up to a comma, or in double quotes, in which two of
// them are one. NULL where there is something behind the quotes.
static char *take_name(const char **list)
{
    const char *at = *list;
    char *name = calloc(strlen(at) + 1, 1);
    size_t size = 0;
    if (!name)
        report_no_memory();
    if (*at != '"') {
        size = strcspn(at, ",");
        memcpy(name, at, size);
        *list = at + size;
        return name;
    }
    for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
        at += *at == '"';
        name[size++] = *at;
    }
    at += *at == '"';
    *list = at;
    if (*at == '\0' || *at == ',')
        return name;
    free(name);
    return NULL;
}

static bool read_fields(struct counting *counting)
{
    const char *list = options_text(counting->options, OPT_BY);
    for (;;) {
        char *name = counting->field_count < FIELDS_MAX ? take_name(&list) : NULL;
        if (!name) {
            report_line(counting->field_count < FIELDS_MAX
                            ? "Error: --by: a comma is missing behind a name in quotes"
                            : "Error: --by: there are more than 16 fields");
            return false;
        }
        counting->fields[counting->field_count++] = name;
        if (*list == '\0')
            return true;
        list++;
    }
}

// NULL when it has been told why.
static evx_stats *create_stats(struct counting *counting)
{
    evx_stats *stats;
    evx_error error = {0};
    const evx_stats_options options = {
        .size = sizeof options,
        .fields = (const char *const *)counting->fields,
        .field_count = counting->field_count,
    };
    evx_status status = evx_stats_create(counting->engine, &options, &stats, &error);
    if (status == EVX_OK)
        return stats;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    report_line("Error: --by: %s: %s", counting->fields[error.input],
                error.cause_count ? error.cause[0] : "cannot be used");
    return NULL;
}

// ---------------------------------------------------------------------------------------- counting

static int on_report(void *context, const evx_error *error)
{
    struct counting *counting = context;
    progress_clear(&counting->progress);
    damage_policy_tell(&counting->policy, error);
    return 0;
}

static void on_progress(void *context, uint64_t done_bytes, uint64_t size_bytes)
{
    progress_update(&((struct counting *)context)->progress, done_bytes, size_bytes);
}

// Whether to go on with the next input.
static bool count_input(struct counting *counting, evx_stats *stats, const char *name,
                        int *ret_code)
{
    evx_error error = {0};
    evx_reader *reader = gathered_take_reader(&counting->gathered, name);
    if (!reader)
        reader = input_open(counting->engine, name);
    if (!reader) {
        *ret_code = EXIT_FAILURE;
        return true;
    }
    progress_begin(&counting->progress, counting->output.fd);
    const evx_sink sink = {
        .report = on_report,
        .progress = counting->progress.wanted ? on_progress : NULL,
        .context = counting,
    };
    counting->convert.file_name = input_file_name(name);
    counting->convert.source_file = name;
    evx_status status = evx_stats_add(stats, reader, &counting->convert, &sink, NULL, &error);
    progress_clear(&counting->progress);
    damage_policy_end(&counting->policy);
    evx_close(&reader);
    if (status == EVX_OK)
        return true;
    *ret_code = EXIT_FAILURE;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status == EVX_ERR_STOPPED)
        report_failure_text("Stopped after error", NULL);
    else
        input_report_failure(name, &error);
    return status != EVX_ERR_STOPPED;
}

static int count_inputs(struct counting *counting, evx_stats *stats,
                        const struct input_list *inputs)
{
    const bool per_file = options_flag(counting->options, OPT_PER_FILE);
    int code = inputs->failed ? EXIT_FAILURE : EXIT_SUCCESS;
    bool goes_on = true;
    if (counting->convert.recover)
        counting->convert.recovery = gather_inputs(counting->engine, inputs, &counting->gathered);
    for (size_t i = 0; i < inputs->count && goes_on; i++) {
        counting->convert.recovery_input = (unsigned)i + 1;
        const char *name = inputs->paths[i];
        evx_stats *own = per_file ? create_stats(counting) : stats;
        damage_policy_begin(&counting->policy, name, inputs->count > 1);
        goes_on = count_input(counting, own, name, &code);
        if (per_file) {
            add_rows(counting, own, name);
            evx_stats_destroy(&own);
        }
    }
    if (!per_file)
        add_rows(counting, stats, NULL);
    return code;
}

static int write_rows(struct counting *counting)
{
    const char *format = options_text(counting->options, OPT_FORMAT);
    char *text;
    size_t size;
    const struct stats_table table = {
        .per_file = options_flag(counting->options, OPT_PER_FILE),
        .fields = counting->fields,
        .field_count = counting->field_count,
        .rows = counting->rows,
        .row_count = counting->row_count,
    };
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    if (strcmp(format, "csv") == 0)
        stats_write_csv(out, &table);
    else if (strcmp(format, "jsonl") == 0)
        stats_write_jsonl(out, &table);
    else
        stats_write_table(out, &table);
    if (!memory_file_close(out))
        report_no_memory();
    output_write(&counting->output, text, size);
    free(text);
    return output_close(&counting->output);
}

static int count_all(struct counting *counting, evx_stats *stats, evx_query **query)
{
    const struct options *options = counting->options;
    struct input_list inputs;
    input_list_walk(options->inputs, options->input_count, &inputs);
    int code = EXIT_FAILURE;
    bool is_known = conditions_recompile(counting->engine, options, NULL, &inputs, query);
    counting->convert.query = *query;
    if (is_known && output_open_chosen(counting->options, &inputs, &counting->output)) {
        contain(options, &inputs);
        code = count_inputs(counting, stats, &inputs);
        int output_code = write_rows(counting);
        code = code ? code : counting->is_short ? EXIT_FAILURE : output_code;
    }
    input_list_free(&inputs);
    return code;
}

int command_stats(const struct options *options)
{
    if (options->input_count == 0) {
        report_failure_text("Missing PATH. Provide event logs or folders (try `--help`).", NULL);
        return EXIT_FAILURE;
    }
    const struct damage_policy policy = damage_policy_read(options);
    struct counting counting = {
        .options = options,
        .policy = policy,
        .convert = {.size = sizeof(evx_convert_options),
                    .threads = (unsigned)options->values[OPT_THREADS].number,
                    .recover = policy.recovers,
                    .show_duplicates = options_flag(options, OPT_SHOW_DUPLICATES),
                    .validate_checksums = options_flag(options, OPT_VALIDATE_CHECKSUMS),
                    .stop_after_error = policy.stops,
                    .ids = options->ids,
                    .id_count = options->id_count,
                    .skip_chunks = 1},
    };
    bool failed = true;
    int code = EXIT_FAILURE;
    report_use_json(policy.is_json);
    counting.engine = make_engine(options);
    evx_stats *stats = read_fields(&counting) ? create_stats(&counting) : NULL;
    evx_query *query =
        stats ? conditions_compile(counting.engine, options, NULL, conditions_now(options), &failed)
              : NULL;
    if (!failed)
        code = count_all(&counting, stats, &query);
    evx_query_destroy(&query);
    evx_stats_destroy(&stats);
    gathered_free(&counting.gathered);
    evx_engine_destroy(&counting.engine);
    release(&counting);
    return damage_policy_exit(&counting.policy, code);
}
