// SPDX-License-Identifier: MIT
// evx verify: whether logs are whole, and what is odd about them.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evx/ledger.h>

#include "commands.h"
#include "containment.h"
#include "damage_policy.h"
#include "input.h"
#include "json_text.h"
#include "ledger_output.h"
#include "make_engine.h"
#include "output.h"
#include "problem.h"
#include "progress.h"
#include "report.h"
#include "system/memory_file.h"
#include "walk_inputs.h"

enum { REPORTS_SHOWN = 10 }; // of each log, as text

// All findings of a kind, for people.
struct kind_sum {
    evx_finding first;
    uint64_t count, places; // how many, and in how many chunks
};

struct verifying {
    const struct options *options;
    evx_engine *engine;
    struct output output;
    struct progress progress;
    const char *name; // of the log
    bool is_json;
    bool has_some; // JSON: something of the log has been written
    struct kind_sum sums[EVX_FINDING_KINDS];
    FILE *lines; // text: of the reports
    uint64_t report_count;
};

// Writes what `out` holds, which is closed.
static int write_memstream(struct output *output, FILE *out, char **text, const size_t *size)
{
    if (!memory_file_close(out))
        report_no_memory();
    const int result = output_write(output, *text, *size);
    free(*text);
    return result;
}

// ---- JSON: as it comes --------------------------------------------------------------------------

static int write_json(struct verifying *verifying, const evx_finding *finding,
                      const evx_error *error)
{
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    if (verifying->has_some)
        fputc(',', out);
    verifying->has_some = true;
    if (finding)
        finding_write_json(out, NULL, finding);
    else
        problem_write_json(out, NULL, error);
    return write_memstream(&verifying->output, out, &text, &size);
}

static void write_json_sums(FILE *out, const evx_verify_result *result)
{
    const char *separator = "";
    fprintf(out, ",\"size\":%" PRIu64 ",\"records\":{", result->size_bytes);
    for (int i = EVX_OUTCOME_RENDERED; i <= EVX_OUTCOME_DAMAGED; i++)
        fprintf(out, "%s\"%s\":%" PRIu64, i > EVX_OUTCOME_RENDERED ? "," : "",
                i == EVX_OUTCOME_RENDERED ? "whole" : evx_outcome_name((evx_record_outcome)i),
                result->records[i]);
    fputs("},\"bytes\":{", out);
    for (int i = 0; i < EVX_REGION_KINDS; i++) {
        if (result->region_bytes[i] == 0)
            continue;
        fprintf(out, "%s\"%s\":%" PRIu64, separator, evx_region_name((evx_region_kind)i),
                result->region_bytes[i]);
        separator = ",";
    }
    fputc('}', out);
}

// ---- text: findings of a kind together ----------------------------------------------------------

static void write_finding_line(FILE *out, const struct kind_sum *sum)
{
    fprintf(out, "  %s: ", severity_name(sum->first.severity));
    place_write(out, sum->first.chunk, sum->first.record_id, sum->first.offset);
    fputs(": ", out);
    finding_write_says(out, &sum->first);
    if (sum->count > 1)
        fprintf(out, "; %" PRIu64 " more", sum->count - 1);
    if (sum->count > 1 && sum->places > 1)
        fprintf(out, ", in %" PRIu64 " chunks in all", sum->places);
    fprintf(out, " [%s]\n", evx_finding_name(sum->first.kind));
}

static void write_report_line(FILE *out, const evx_error *error)
{
    char name[64];
    fprintf(out, "  %s: ", error->status < 0 ? "loss" : "damage");
    place_write(out, error->chunk, error->record_id, error->offset);
    for (unsigned i = 0; i < error->cause_count; i++)
        fprintf(out, ": %s", error->cause[i]);
    fprintf(out, " [%s]\n", problem_name(error->kind, name));
}

static void write_verdict(FILE *out, const char *name, const evx_verify_result *result)
{
    const uint64_t *records = result->records;
    const uint64_t all =
        records[EVX_OUTCOME_RENDERED] + records[EVX_OUTCOME_PARTLY] + records[EVX_OUTCOME_DAMAGED];
    fprintf(out, "%s: %s, %" PRIu64 " record%s", name, evx_verdict_name(result->verdict), all,
            all == 1 ? "" : "s");
    if (records[EVX_OUTCOME_DAMAGED])
        fprintf(out, ", %" PRIu64 " of them unreadable", records[EVX_OUTCOME_DAMAGED]);
    if (records[EVX_OUTCOME_PARTLY])
        fprintf(out, ", %" PRIu64 " of them in part", records[EVX_OUTCOME_PARTLY]);
    fprintf(out, ", %" PRIu64 " bytes\n", result->size_bytes);
}

// ---- one log ------------------------------------------------------------------------------------

static int on_finding(void *context, const evx_finding *finding)
{
    struct verifying *verifying = context;
    if (verifying->is_json)
        return write_json(verifying, finding, NULL);
    if (finding->kind >= EVX_FINDING_KINDS)
        return 0;
    struct kind_sum *sum = &verifying->sums[finding->kind];
    if (sum->count == 0)
        sum->first = *finding;
    sum->count += finding->count;
    sum->places++;
    return 0;
}

static int on_report(void *context, const evx_error *error)
{
    struct verifying *verifying = context;
    if (verifying->is_json)
        return write_json(verifying, NULL, error);
    if (++verifying->report_count <= REPORTS_SHOWN)
        write_report_line(verifying->lines, error);
    return 0;
}

static void on_progress(void *context, uint64_t done_bytes, uint64_t size_bytes)
{
    progress_update(&((struct verifying *)context)->progress, done_bytes, size_bytes);
}

// What went wrong with the whole input.
static evx_verdict tell_failure(const char *name, evx_status status, const evx_error *error)
{
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    input_report_failure(name, error);
    return evx_verdict_of_failure(error);
}

static void write_kinds(FILE *out, const struct kind_sum *sums, evx_severity severity)
{
    for (int i = 0; i < EVX_FINDING_KINDS; i++)
        if (sums[i].count && sums[i].first.severity == severity)
            write_finding_line(out, &sums[i]);
}

static void write_findings(struct verifying *verifying, FILE *out, const char *reports)
{
    write_kinds(out, verifying->sums, EVX_SEVERITY_LOSS);
    fputs(reports, out);
    if (verifying->report_count > REPORTS_SHOWN)
        fprintf(out, "  and %" PRIu64 " more reports of damage\n",
                verifying->report_count - REPORTS_SHOWN);
    write_kinds(out, verifying->sums, EVX_SEVERITY_DAMAGE);
    write_kinds(out, verifying->sums, EVX_SEVERITY_NOTE);
}

static evx_verdict verify_reader(struct verifying *verifying, evx_reader *reader,
                                 evx_verify_result *ret_result)
{
    evx_error error = {0};
    const evx_verify_options options = {
        .size = sizeof options,
        .threads = (unsigned)verifying->options->values[OPT_THREADS].number,
    };
    progress_begin(&verifying->progress, verifying->output.fd);
    const evx_ledger_sink sink = {
        .finding = on_finding,
        .report = on_report,
        .progress = verifying->progress.wanted ? on_progress : NULL,
        .context = verifying,
    };
    evx_file_info info;
    evx_status status = evx_verify(reader, &options, &sink, ret_result, &error);
    progress_clear(&verifying->progress);
    if (status == EVX_ERR_SINK)
        return EVX_VERDICT_UNREADABLE; // output_close tells why
    if (status != EVX_OK)
        return tell_failure(verifying->name, status, &error);
    evx_get_file_info(reader, &info);
    if (info.size_bytes != EVX_NONE && info.size_bytes != ret_result->size_bytes) {
        report_line("Error: %s: the ledger has %" PRIu64 " bytes, the input %" PRIu64,
                    verifying->name, ret_result->size_bytes, info.size_bytes);
        return EVX_VERDICT_UNREADABLE;
    }
    return ret_result->verdict;
}

static void begin_log(struct verifying *verifying, char **lines, size_t *size)
{
    verifying->has_some = false;
    verifying->report_count = 0;
    memset(verifying->sums, 0, sizeof verifying->sums);
    verifying->lines = memory_file_open(lines, size);
    char *text;
    size_t text_size;
    FILE *out = memory_file_open(&text, &text_size);
    if (!verifying->lines || !out)
        report_no_memory();
    if (verifying->is_json) {
        fputs("{\"file\":", out);
        json_write_text(out, verifying->name);
        fputs(",\"findings\":[", out);
    }
    write_memstream(&verifying->output, out, &text, &text_size);
}

static void end_log(struct verifying *verifying, const evx_verify_result *result,
                    const char *reports)
{
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    if (verifying->is_json) {
        fprintf(out, "],\"verdict\":\"%s\",\"exit_code\":%d", evx_verdict_name(result->verdict),
                (int)result->verdict);
        if (result->size_bytes)
            write_json_sums(out, result);
        fputs("}\n", out);
    } else if (result->size_bytes) {
        write_verdict(out, verifying->name, result);
        write_findings(verifying, out, reports);
    } else {
        fprintf(out, "%s: %s\n", verifying->name, evx_verdict_name(result->verdict));
    }
    write_memstream(&verifying->output, out, &text, &size);
}

static evx_verdict verify_log(struct verifying *verifying)
{
    evx_error error;
    evx_verify_result result = {.size = sizeof result};
    char *lines;
    size_t size;
    begin_log(verifying, &lines, &size);
    evx_reader *reader = input_open_telling(verifying->engine, verifying->name, &error);
    if (reader)
        result.verdict = verify_reader(verifying, reader, &result);
    else
        result.verdict = evx_verdict_of_failure(&error);
    evx_close(&reader);
    if (!memory_file_close(verifying->lines))
        report_no_memory();
    end_log(verifying, &result, lines);
    free(lines);
    return result.verdict;
}

// ---- all logs -----------------------------------------------------------------------------------

// Which of two verdicts is worse: what could not be looked at at all comes before what was.
static int rank_of(evx_verdict verdict)
{
    static const evx_verdict order[] = {EVX_VERDICT_INTACT, EVX_VERDICT_DAMAGED, EVX_VERDICT_LOST,
                                        EVX_VERDICT_NOT_A_LOG, EVX_VERDICT_UNREADABLE};
    int rank = 0;
    while (order[rank] != verdict)
        rank++;
    return rank;
}

static int verify_all(struct verifying *verifying, const struct input_list *inputs)
{
    evx_verdict worst = inputs->failed ? EVX_VERDICT_UNREADABLE : EVX_VERDICT_INTACT;
    output_open_stdout(&verifying->output);
    contain(verifying->options, inputs);
    for (size_t i = 0; i < inputs->count && !verifying->output.write_errno; i++) {
        verifying->name = inputs->paths[i];
        const evx_verdict verdict = verify_log(verifying);
        if (rank_of(verdict) > rank_of(worst))
            worst = verdict;
    }
    const int output_code = output_close(&verifying->output);
    return output_code ? output_code : (int)worst;
}

int command_verify(const struct options *options)
{
    if (options->input_count == 0) {
        report_failure_text("Missing PATH. Provide event logs or folders (try `--help`).", NULL);
        return EXIT_USAGE;
    }
    struct verifying verifying = {
        .options = options,
        .is_json = strcmp(options_text(options, OPT_FORMAT), "json") == 0,
    };
    struct input_list inputs;
    report_use_json(damage_policy_read(options).is_json);
    input_list_walk(options->inputs, options->input_count, &inputs);
    verifying.engine = make_engine(options);
    const int code = verify_all(&verifying, &inputs);
    evx_engine_destroy(&verifying.engine);
    input_list_free(&inputs);
    return code;
}
