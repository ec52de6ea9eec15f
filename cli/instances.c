// SPDX-License-Identifier: MIT
// evtx_dump dump-template-instances: the values of records, as JSON lines.
#include <stdlib.h>

#include <evx/packs.h>

#include "commands.h"
#include "input.h"
#include "output.h"
#include "report.h"

static int on_write(void *context, const void *bytes, size_t size)
{
    return output_write(context, bytes, size);
}

// What is damaged and shown all the same is no news here; what is not shown is.
static bool is_record_lost(const evx_error *report)
{
    switch (report->kind) {
    case EVX_DAMAGE_RECORD_CUT:
    case EVX_DAMAGE_RECORD_UNREADABLE:
    case EVX_DAMAGE_NAME_FOREIGN:
    case EVX_DAMAGE_TEMPLATE_FOREIGN:
    case EVX_DAMAGE_VALUE_DOUBTFUL:
        return true;
    default:
        return false;
    }
}

static int on_report(void *context, const evx_error *report)
{
    if (report->status == EVX_NOTE && is_record_lost(report))
        report_damage(report);
    if (report->status > 0)
        return 0;
    if (output_flush(context) < 0)
        return -1;
    report_line("%s", report->cause[0]);
    return 0;
}

static int dump_instances(evx_reader *reader, const struct options *options)
{
    const char *name = options_text(options, OPT_INPUT);
    const struct option_value *record_id = &options->values[OPT_RECORD_ID];
    const evx_instances_options wanted = {
        .size = sizeof wanted,
        .source = name,
        .index = options->values[OPT_INSTANCE_INDEX].number,
        .record_id = record_id->count > 0 ? &record_id->number : NULL,
    };
    struct output output;
    output_open_stdout(&output);
    const evx_sink sink = {.write = on_write, .report = on_report, .context = &output};
    evx_error error = {0};
    evx_status status = evx_dump_instances(reader, &wanted, &sink, &error);
    int code = output_close(&output);
    if (status == EVX_OK || status == EVX_ERR_SINK)
        return code;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    input_report_failure(name, &error);
    return EXIT_FAILURE;
}

int command_instances(const struct options *options)
{
    const char *name = options_text(options, OPT_INPUT);
    evx_engine *engine;
    evx_reader *reader = NULL;
    evx_error error = {0};
    int code = EXIT_FAILURE;
    if (evx_engine_create(NULL, &engine, &error) != EVX_OK)
        report_no_memory();
    // "-" is a file like any other here.
    if (evx_open_file(engine, name, &reader, &error) == EVX_OK)
        code = dump_instances(reader, options);
    else
        input_report_failure(name, &error);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return code;
}
