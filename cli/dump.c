// SPDX-License-Identifier: MIT
// evtx_dump and evx dump: records to text.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <evx/writer.h>

#include "commands.h"
#include "conditions.h"
#include "containment.h"
#include "damage_policy.h"
#include "definitions.h"
#include "fields.h"
#include "gather.h"
#include "input.h"
#include "ledger_file.h"
#include "ledger_output.h"
#include "make_engine.h"
#include "messages.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "system/process.h"
#include "walk_inputs.h"

struct dump {
    const struct options *options;
    struct ledger_file ledger;
    evx_engine *engine;
    evx_pack *definitions;    // NULL: none
    evx_mta *texts;           // NULL: none
    evx_messages *messages;   // NULL: none
    struct gathered gathered; // for the recovery of old records
    evx_writer *writer;       // records are written as a log; NULL: as text
    struct output output;
    struct progress progress;
    evx_convert_options convert;
    struct damage_policy policy;
    bool shares_stderr; // output and errors go to one place, so their order matters
    bool only_counts;   // records are counted, not written
    bool only_explains; // neither
    bool has_limit;
    uint64_t limit;   // of records
    uint64_t records; // of all inputs
};

static bool is_done(const struct dump *dump)
{
    return dump->has_limit && dump->records >= dump->limit;
}

static int on_write(void *context, const void *bytes, size_t size)
{
    struct dump *dump = context;
    dump->convert.header = 0; // of rows: it has been written
    return dump->only_counts ? 0 : output_write(&dump->output, bytes, size);
}

// Around the records of a document; counts are none.
static void write_text(struct dump *dump, const char *text)
{
    if (*text && !dump->writer)
        on_write(dump, text, strlen(text)); // output_close tells what went wrong
}

static int on_report(void *context, const evx_error *error)
{
    struct dump *dump = context;
    progress_clear(&dump->progress);
    if (dump->shares_stderr && output_flush(&dump->output) < 0)
        return -1;
    damage_policy_tell(&dump->policy, error);
    return 0;
}

static void on_progress(void *context, uint64_t done_bytes, uint64_t size_bytes)
{
    struct dump *dump = context;
    progress_update(&dump->progress, done_bytes, size_bytes);
}

static void warn_of_header(const struct dump *dump, const evx_file_info *info)
{
    if (info->flags & EVX_FLAG_NO_CRC32 || info->crc32_stored == info->crc32_computed)
        return;
    if (info->size_bytes < info->block_size) // not a log either; evx_convert says so
        return;
    if (dump->policy.is_json) {
        finding_report_header(dump->policy.input, info);
        return;
    }
    if (!options_flag(dump->options, OPT_VERBOSE)) {
        report_line("warning: the file header's CRC32 is invalid (stored 0x%08x, computed 0x%08x); "
                    "reading the file anyway",
                    info->crc32_stored, info->crc32_computed);
        return;
    }
    char clock[16];
    time_t now = time(NULL);
    struct tm utc;
    strftime(clock, sizeof clock, "%H:%M:%S", gmtime_r(&now, &utc));
    report_line("%s [WARN] EVTX file header CRC32 invalid (stored 0x%08x, computed 0x%08x); "
                "reading the file anyway",
                clock, info->crc32_stored, info->crc32_computed);
}

// Prints what the status means. Whether to go on with the next input.
static bool judge(struct dump *dump, const char *name, evx_status status, const evx_error *error,
                  int *ret_code)
{
    if (status == EVX_OK)
        return true;
    if (status == EVX_ERR_SINK) // output_close tells why
        return false;
    *ret_code = EXIT_FAILURE;
    if (status == EVX_ERR_STOPPED) {
        if (output_flush(&dump->output) == 0)
            report_failure_text("Stopped after error", NULL);
        return false;
    }
    if (status == EVX_ERR_NOT_EVTX || dump->policy.is_json)
        input_report_failure(name, error);
    else
        report_failure(error->cause_count ? error->cause[0] : evx_status_name(status), error, 1);
    return status != EVX_ERR_MEMORY;
}

static int write_count(struct dump *dump, uint64_t count, const char *name)
{
    char *line;
    int size = asprintf(&line, "%" PRIu64 "\t%s\n", count, name);
    if (size < 0)
        report_no_memory();
    int result = output_write(&dump->output, line, (size_t)size);
    free(line);
    return result;
}

// Whether to go on with the next input.
static bool convert_reader(struct dump *dump, const char *name, evx_reader *reader, int *ret_code)
{
    progress_begin(&dump->progress, dump->output.fd);
    const evx_sink sink = {
        .write = on_write,
        .report = on_report,
        .progress = dump->progress.wanted ? on_progress : NULL,
        .context = dump,
    };
    evx_error error = {0};
    evx_convert_result result;
    dump->convert.file_name = input_file_name(name);
    dump->convert.follows_records = dump->records > 0;
    dump->convert.max_records = dump->has_limit ? dump->limit - dump->records : 0;
    dump->convert.source_file = name;
    evx_mta *beside = dump->messages && !dump->texts ? messages_open_beside(name) : NULL;
    if (beside)
        dump->convert.mta = beside;
    dump->convert.ledger = ledger_file_begin(&dump->ledger, name);
    evx_status status =
        dump->writer ? evx_writer_add(dump->writer, reader, &dump->convert, &sink, &result, &error)
                     : evx_convert(reader, &dump->convert, &sink, &result, &error);
    progress_clear(&dump->progress);
    damage_policy_end(&dump->policy);
    dump->convert.mta = dump->texts;
    evx_mta_close(&beside);
    dump->records += result.records;
    if (dump->only_counts && !dump->only_explains && write_count(dump, result.records, name) != 0)
        status = EVX_ERR_SINK;
    return judge(dump, name, status, &error, ret_code);
}

static bool dump_input(struct dump *dump, const char *name, int *ret_code)
{
    evx_reader *reader = gathered_take_reader(&dump->gathered, name);
    if (!reader)
        reader = input_open(dump->engine, name);
    if (!reader) {
        *ret_code = EXIT_FAILURE;
        return true;
    }
    evx_file_info info;
    evx_get_file_info(reader, &info);
    warn_of_header(dump, &info);
    const bool goes_on = convert_reader(dump, name, reader, ret_code);
    evx_close(&reader);
    return goes_on;
}

// The same for all that is found in an input of any kind.
static bool recover_input(struct dump *dump, const char *name, size_t index, int *ret_code)
{
    struct remains *remains = gathered_remains(&dump->gathered, index, name);
    bool goes_on = true, failed = !remains;
    while (remains && goes_on && remains_find(remains, dump->engine, name, &failed))
        goes_on = convert_reader(dump, name, remains->reader, ret_code);
    if (remains)
        remains_close(remains);
    if (failed)
        *ret_code = EXIT_FAILURE;
    return goes_on;
}

static void print_notices(const struct options *options)
{
    bool jsonl = strcmp(options_text(options, OPT_FORMAT), "jsonl") == 0;
    if (jsonl && options_flag(options, OPT_NO_INDENT))
        report_line("no need to pass both `--no-indent` and `-o jsonl`");
    if (jsonl && options_flag(options, OPT_DONT_SHOW_RECORD_NUMBER)) // the reference's name for it
        report_line("no need to pass both `--no-show-record-number` and `-o jsonl`");
    if (options->values[OPT_VERBOSE].count > 3)
        report_line("using more than  -vvv does not affect verbosity level");
}

static evx_convert_options convert_options(const struct options *options,
                                           const struct damage_policy *policy)
{
    return (evx_convert_options){
        .size = sizeof(evx_convert_options),
        .format = fields_format(options),
        .threads = (unsigned)options->values[OPT_THREADS].number,
        .compact = options_flag(options, OPT_NO_INDENT),
        .hide_record_numbers = options_flag(options, OPT_DONT_SHOW_RECORD_NUMBER),
        .separate_attributes = options_flag(options, OPT_SEPARATE_JSON_ATTRIBUTES),
        .recover = policy->recovers,
        .validate_checksums = options_flag(options, OPT_VALIDATE_CHECKSUMS),
        .stop_after_error = policy->stops,
        .ids = options->ids,
        .id_count = options->id_count,
        .skip_chunks = options->command->id != CMD_EVTX_DUMP,
        .reverse = options_flag(options, OPT_REVERSE),
        .show_duplicates = options_flag(options, OPT_SHOW_DUPLICATES),
        .header = 1,
        .add_source = options_flag(options, OPT_ADD_SOURCE),
        .csv_safe = options_flag(options, OPT_CSV_SAFE),
    };
}

static bool load_texts(struct dump *dump)
{
    evx_error error = {0};
    const char *path = options_text(dump->options, OPT_MTA);
    if (!path)
        return true;
    evx_status status = evx_mta_open(path, &dump->texts, &error);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status != EVX_OK) {
        report_failure(error.cause[0], &error, 1);
        return false;
    }
    dump->convert.mta = dump->texts;
    return true;
}

// What is added to logs. It is read before the output is opened: nothing is lost when it is
// damaged.
static bool load_additions(struct dump *dump)
{
    evx_error error;
    const char *cache = options_text(dump->options, OPT_WEVT_CACHE);
    if (cache && !(dump->definitions = definitions_load(cache, false)))
        return false;
    if (cache && evx_engine_use_pack(dump->engine, dump->definitions, &error) != EVX_OK)
        report_no_memory();
    return load_texts(dump);
}

// Of a search that finds nothing: the names that it has and no template.
static int on_hint(void *context, const void *bytes, size_t size)
{
    static const char hint[] = "No template has: ";
    const char *text = bytes, *end = text + size;
    (void)context;
    for (const char *line = text; line < end; line = memchr(line, '\n', (size_t)(end - line)) + 1)
        if ((size_t)(end - line) > strlen(hint) && memcmp(line, hint, strlen(hint)) == 0)
            report_line("Note: %.*s", (int)strcspn(line, "\n"), line);
    return 1; // the templates come behind it
}

static void tell_unknown_names(const struct dump *dump)
{
    if (dump->convert.query && dump->records == 0 && !dump->only_explains)
        evx_query_explain(dump->convert.query, on_hint, NULL);
}

static int on_explain(void *context, const void *bytes, size_t size)
{
    return output_write(&((struct dump *)context)->output, bytes, size);
}

// What is still to be written of a log. False: it was reported.
static bool finish_log(struct dump *dump)
{
    evx_error error = {0};
    uint64_t left_out = 0;
    if (!dump->writer)
        return true;
    evx_status status = evx_writer_finish(dump->writer, NULL, &left_out, &error);
    evx_writer_destroy(&dump->writer);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status != EVX_OK)
        report_failure("Failed to write the log", &error, 0);
    if (left_out)
        report_line("Note: %" PRIu64 " recovered records have no definition and are not in the log",
                    left_out);
    return status == EVX_OK;
}

static int dump_inputs(struct dump *dump, const struct input_list *inputs)
{
    int code = inputs->failed ? EXIT_FAILURE : EXIT_SUCCESS;
    if (!load_additions(dump) || !ledger_file_open(dump->options, inputs, &dump->ledger))
        return EXIT_FAILURE;
    if (!output_open_chosen(dump->options, inputs, &dump->output)) {
        ledger_file_close(&dump->ledger);
        return EXIT_FAILURE;
    }
    dump->shares_stderr = process_shares_output(dump->output.fd, PROCESS_ERRORS);
    contain(dump->options, inputs);
    const bool is_salvage = dump->options->command->id == CMD_EVX_RECOVER;
    if (is_salvage)
        dump->convert.recovery = gather_remains(dump->engine, inputs, &dump->gathered);
    else if (dump->convert.recover && dump->options->command->id != CMD_EVTX_DUMP)
        dump->convert.recovery = gather_inputs(dump->engine, inputs, &dump->gathered);
    if (options_text(dump->options, OPT_WRITE) &&
        evx_writer_create(dump->engine, dump->output.fd, &dump->writer, NULL) != EVX_OK)
        report_no_memory();
    write_text(dump, evx_document_front(dump->convert.format));
    bool has_rows = !dump->writer && dump->convert.format >= EVX_FORMAT_CSV && !dump->only_counts;
    if (has_rows && options_flag(dump->options, OPT_BOM))
        output_write(&dump->output, "\xEF\xBB\xBF", 3); // output_close tells of a failure
    for (size_t i = 0; i < inputs->count && !is_done(dump); i++) {
        damage_policy_begin(&dump->policy, inputs->paths[i], inputs->count > 1);
        dump->convert.recovery_input = (unsigned)i + 1;
        if (!(is_salvage ? recover_input(dump, inputs->paths[i], i, &code)
                         : dump_input(dump, inputs->paths[i], &code)))
            break;
    }
    if (dump->only_explains)
        evx_query_explain(dump->convert.query, on_explain, dump);
    else if (dump->only_counts && inputs->count > 1)
        write_count(dump, dump->records, "total");
    tell_unknown_names(dump);
    write_text(dump, evx_document_back(dump->convert.format));
    if (!finish_log(dump))
        code = EXIT_FAILURE;
    int output_code = output_close(&dump->output);
    int ledger_code = ledger_file_close(&dump->ledger);
    output_code = output_code ? output_code : ledger_code;
    if (dump->messages && !dump->only_counts)
        messages_report_untold(dump->engine);
    return code ? code : output_code;
}

// The inputs are looked for once the query, if there is one, is known to be right.
static int dump_all(struct dump *dump, const char *query, const char **names, size_t count)
{
    bool takes_many = command_takes_many(dump->options->command);
    dump->engine = make_engine(dump->options);
    // Fields mean more where there are messages.
    bool failed = !messages_load(dump->options, dump->engine, &dump->messages);
    dump->convert.messages = dump->messages != NULL;
    evx_query *compiled = failed ? NULL
                                 : conditions_compile(dump->engine, dump->options, query,
                                                      conditions_now(dump->options), &failed);
    evx_fields *fields = failed ? NULL : fields_compile(dump->engine, dump->options, &failed);
    int code = EXIT_FAILURE;
    if (!failed) {
        struct input_list inputs = {.paths = (char **)names, .count = 1};
        if (takes_many)
            input_list_walk(names, count, &inputs);
        dump->convert.fields = fields;
        if (conditions_recompile(dump->engine, dump->options, query, &inputs, &compiled)) {
            dump->convert.query = compiled;
            code = dump_inputs(dump, &inputs);
        }
        if (takes_many)
            input_list_free(&inputs);
    }
    evx_fields_destroy(&fields);
    evx_query_destroy(&compiled);
    gathered_free(&dump->gathered);
    evx_engine_destroy(&dump->engine);
    evx_pack_close(&dump->definitions);
    evx_mta_close(&dump->texts);
    evx_messages_destroy(&dump->messages);
    return code;
}

static struct dump dump_of(const struct options *options)
{
    const struct damage_policy policy = damage_policy_read(options);
    report_use_json(policy.is_json);
    return (struct dump){
        .options = options,
        .policy = policy,
        .convert = convert_options(options, &policy),
        .has_limit = options_flag(options, OPT_MAX_EVENTS),
        .limit = options->values[OPT_MAX_EVENTS].number,
    };
}

int command_dump(const struct options *options)
{
    if (options->input_count == 0) {
        report_failure_text(command_takes_many(options->command)
                                ? "Missing INPUT. Provide event logs or folders (try `--help`)."
                                : "Missing INPUT. Provide an EVTX file path, or use a "
                                  "subcommand (try `--help`).",
                            NULL);
        return EXIT_FAILURE;
    }
    print_notices(options);
    struct dump dump = dump_of(options);
    int code = dump_all(&dump, NULL, options->inputs, options->input_count);
    return damage_policy_exit(&dump.policy, code);
}

int command_query(const struct options *options)
{
    enum { SELECTED = 0, NOTHING = 1, TROUBLE = 2 }; // as grep has it
    bool has_query = !conditions_are_given(options);
    if (options->input_count < 1u + has_query) {
        report_line(has_query ? "Error: a query and event logs or folders are needed (try `--help`)"
                              : "Error: event logs or folders are needed (try `--help`)");
        return TROUBLE;
    }
    struct dump dump = dump_of(options);
    dump.only_explains = options_flag(options, OPT_EXPLAIN);
    dump.only_counts = options_flag(options, OPT_COUNT) || dump.only_explains;
    dump.convert.count_only = dump.only_counts;
    int code = dump_all(&dump, has_query ? options->inputs[0] : NULL, options->inputs + has_query,
                        options->input_count - has_query);
    if (code)
        return TROUBLE;
    const int loss = damage_policy_exit(&dump.policy, EXIT_SUCCESS);
    return loss ? loss : dump.records ? SELECTED : NOTHING;
}
