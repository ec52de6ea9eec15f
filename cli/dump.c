// SPDX-License-Identifier: MIT
// evtx_dump and evx dump: records to text.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "conditions.h"
#include "fields.h"
#include "input.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "walk_inputs.h"

struct dump {
    const struct options *options;
    evx_engine *engine;
    struct output output;
    struct progress progress;
    evx_convert_options convert;
    bool shares_stderr;   // output and errors go to one place, so their order matters
    const char *untitled; // input to be named before its first report; NULL: not needed
    bool only_counts;     // records are counted, not written
    uint64_t records;     // of all inputs
};

static int on_write(void *context, const void *bytes, size_t size)
{
    struct dump *dump = context;
    dump->convert.header = 0; // of rows: it has been written
    return dump->only_counts ? 0 : output_write(&dump->output, bytes, size);
}

static int on_report(void *context, const evx_error *error)
{
    struct dump *dump = context;
    progress_clear(&dump->progress);
    if (dump->shares_stderr && output_flush(&dump->output) < 0)
        return -1;
    if (dump->untitled)
        report_line("%s:", dump->untitled);
    dump->untitled = NULL;
    report_damage(error);
    return 0;
}

static void on_progress(void *context, uint64_t done_bytes, uint64_t size_bytes)
{
    struct dump *dump = context;
    progress_update(&dump->progress, done_bytes, size_bytes);
}

static void warn_of_header(const struct dump *dump, const evx_file_info *info)
{
    enum { FLAG_NO_CRC32 = 4 };
    if (info->flags & FLAG_NO_CRC32 || info->crc32_stored == info->crc32_computed)
        return;
    if (info->size_bytes < info->block_size) // not a log either; evx_convert says so
        return;
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
    if (status == EVX_ERR_NOT_EVTX)
        input_report_failure(name, error);
    else
        report_failure(error->cause_count ? error->cause[0] : evx_status_name(status), error, 1);
    return status != EVX_ERR_MEMORY;
}

static const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
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

static bool dump_input(struct dump *dump, const char *name, int *ret_code)
{
    evx_reader *reader = input_open(dump->engine, name);
    if (!reader) {
        *ret_code = EXIT_FAILURE;
        return true;
    }
    evx_file_info info;
    evx_get_file_info(reader, &info);
    warn_of_header(dump, &info);
    progress_begin(&dump->progress, dump->output.fd);
    const evx_sink sink = {
        .write = on_write,
        .report = on_report,
        .progress = dump->progress.wanted ? on_progress : NULL,
        .context = dump,
    };
    evx_error error = {0};
    evx_convert_result result;
    dump->convert.file_name = file_name_of(name);
    dump->convert.source_file = name;
    evx_status status = evx_convert(reader, &dump->convert, &sink, &result, &error);
    progress_clear(&dump->progress);
    evx_close(&reader);
    dump->records += result.records;
    if (dump->only_counts && write_count(dump, result.records, name) != 0)
        status = EVX_ERR_SINK;
    return judge(dump, name, status, &error, ret_code);
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

static bool report_unavailable(const struct options *options)
{
    const char *name = options_flag(options, OPT_WEVT_CACHE) ? "--wevt-cache"
                       : options_flag(options, OPT_MTA)      ? "--mta"
                                                             : NULL;
    if (name)
        report_line("Error: %s is not available in this version yet", name);
    return name != NULL;
}

static evx_convert_options convert_options(const struct options *options)
{
    return (evx_convert_options){
        .size = sizeof(evx_convert_options),
        .format = fields_format(options),
        .threads = (unsigned)options->values[OPT_THREADS].number,
        .compact = options_flag(options, OPT_NO_INDENT),
        .hide_record_numbers = options_flag(options, OPT_DONT_SHOW_RECORD_NUMBER),
        .separate_attributes = options_flag(options, OPT_SEPARATE_JSON_ATTRIBUTES),
        .recover = options_flag(options, OPT_RECOVER_RECORDS),
        .validate_checksums = options_flag(options, OPT_VALIDATE_CHECKSUMS),
        .stop_after_error = options_flag(options, OPT_STOP_AFTER_ONE_ERROR),
        .ids = options->ids,
        .id_count = options->id_count,
        .header = 1,
        .csv_safe = options_flag(options, OPT_CSV_SAFE),
    };
}

static bool open_output(struct dump *dump, const struct input_list *inputs)
{
    const char *path = options_text(dump->options, OPT_OUTPUT);
    if (!path) {
        output_open_stdout(&dump->output);
        return true;
    }
    struct stat *stats;
    size_t count = input_list_stat(inputs, &stats);
    bool overwrite = options_flag(dump->options, OPT_NO_CONFIRM_OVERWRITE);
    bool ok = output_open_file(path, overwrite, stats, count, &dump->output);
    free(stats);
    return ok;
}

static bool goes_to_stderr(int fd)
{
    struct stat output, errors;
    return fstat(fd, &output) == 0 && fstat(STDERR_FILENO, &errors) == 0 &&
           output.st_dev == errors.st_dev && output.st_ino == errors.st_ino;
}

// For tests of both ways to render a record; users gain nothing from it.
static bool plans_are_off(void)
{
    const char *plans = getenv("EVX_PLANS");
    return plans && strcmp(plans, "0") == 0;
}

static void create_engine(struct dump *dump)
{
    const evx_engine_options engine_options = {
        .size = sizeof engine_options,
        .ansi_codec = options_text(dump->options, OPT_ANSI_CODEC),
        .no_plans = plans_are_off(),
    };
    evx_error error;
    if (evx_engine_create(&engine_options, &dump->engine, &error) != EVX_OK)
        report_no_memory();
}

static int dump_inputs(struct dump *dump, const struct input_list *inputs)
{
    int code = inputs->failed ? EXIT_FAILURE : EXIT_SUCCESS;
    if (!open_output(dump, inputs))
        return EXIT_FAILURE;
    dump->shares_stderr = goes_to_stderr(dump->output.fd);
    bool has_rows = dump->convert.format >= EVX_FORMAT_CSV && !dump->only_counts;
    if (has_rows && options_flag(dump->options, OPT_BOM))
        output_write(&dump->output, "\xEF\xBB\xBF", 3); // output_close tells of a failure
    for (size_t i = 0; i < inputs->count; i++) {
        dump->untitled = inputs->count > 1 ? inputs->paths[i] : NULL;
        if (!dump_input(dump, inputs->paths[i], &code))
            break;
    }
    if (dump->only_counts && inputs->count > 1)
        write_count(dump, dump->records, "total");
    int output_code = output_close(&dump->output);
    return code ? code : output_code;
}

// The inputs are looked for once the query, if there is one, is known to be right.
static int dump_all(struct dump *dump, const char *query, const char **names, size_t count)
{
    bool failed;
    bool takes_many = command_takes_many(dump->options->command);
    create_engine(dump);
    evx_query *compiled = conditions_compile(dump->engine, dump->options, query, &failed);
    evx_fields *fields = failed ? NULL : fields_compile(dump->engine, dump->options, &failed);
    int code = EXIT_FAILURE;
    if (!failed) {
        struct input_list inputs = {.paths = (char **)names, .count = 1};
        if (takes_many)
            input_list_walk(names, count, &inputs);
        dump->convert.query = compiled;
        dump->convert.fields = fields;
        code = dump_inputs(dump, &inputs);
        if (takes_many)
            input_list_free(&inputs);
    }
    evx_fields_destroy(&fields);
    evx_query_destroy(&compiled);
    evx_engine_destroy(&dump->engine);
    return code;
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
    if (report_unavailable(options))
        return EXIT_FAILURE;
    struct dump dump = {.options = options, .convert = convert_options(options)};
    return dump_all(&dump, NULL, options->inputs, options->input_count);
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
    struct dump dump = {
        .options = options,
        .convert = convert_options(options),
        .only_counts = options_flag(options, OPT_COUNT),
    };
    int code = dump_all(&dump, has_query ? options->inputs[0] : NULL, options->inputs + has_query,
                        options->input_count - has_query);
    return code ? TROUBLE : dump.records ? SELECTED : NOTHING;
}
