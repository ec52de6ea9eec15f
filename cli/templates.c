// SPDX-License-Identifier: MIT
// evx templates: the structures of a log's events, and their fields.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "damage_policy.h"
#include "input.h"
#include "json_text.h"
#include "output.h"
#include "report.h"
#include "system/memory_file.h"
#include "utf8.h"

enum { TYPE_WIDTH = 12 };

// How a log is told: in front of its templates, each of them, and behind them.
struct writer {
    void (*begin)(FILE *out, const char *name, bool title);
    void (*write)(FILE *out, const evx_template_info *info, bool is_first);
    void (*end)(FILE *out, const evx_template_totals *totals);
};

struct listing {
    const struct writer *writer;
    FILE *out;
    bool is_first;
};

static void write_guid(FILE *out, const uint8_t guid[16])
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    fputc('{', out);
    for (int i = 0; i < 16; i++)
        fprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", guid[order[i]]);
    fputc('}', out);
}

// -------------------------------------------------------------------------------------------- text

static void begin_text(FILE *out, const char *name, bool title)
{
    if (title) {
        utf8_write_escaped(out, name, "");
        fputs(":\n", out);
    }
}

static void write_text(FILE *out, const evx_template_info *info, bool is_first)
{
    if (!is_first)
        fputc('\n', out);
    write_guid(out, info->guid);
    fputs("  ", out);
    utf8_write_escaped(out, info->root, "");
    fprintf(out, "%s, %" PRIu64 " use%s\n", info->is_nested ? " (in a value)" : "", info->uses,
            info->uses == 1 ? "" : "s");
    if (info->provider) {
        fputs("  Provider  ", out);
        utf8_write_escaped(out, info->provider, "");
        fputs(info->has_more_providers ? ", and others\n" : "\n", out);
    }
    for (size_t i = 0; i < info->event_id_count; i++)
        fprintf(out, "%s%" PRIu32, i ? ", " : "  Events    ", info->event_ids[i]);
    if (info->event_id_count)
        fputs(info->has_more_event_ids ? ", ...\n" : "\n", out);
    for (size_t i = 0; i < info->field_count; i++) {
        const evx_template_field *field = info->fields[i];
        fprintf(out, "  %5u  ", field->value);
        int size = fprintf(out, "%s%s", field->type, field->is_optional ? "?" : "");
        if (field->path[0])
            fprintf(out, "%*s", size < TYPE_WIDTH ? TYPE_WIDTH + 2 - size : 2, "");
        utf8_write_escaped(out, field->path, "");
        fputc('\n', out);
    }
    if (info->has_more_fields)
        fputs("    ...\n", out);
}

static void end_text(FILE *out, const evx_template_totals *totals)
{
    fprintf(out,
            "%s%" PRIu64 " template%s in %" PRIu64 " record%s. %" PRIu64 " record%s damaged. "
            "%" PRIu64 " report%s of damage to the log.\n",
            totals->templates ? "\n" : "", totals->templates, totals->templates == 1 ? "" : "s",
            totals->records, totals->records == 1 ? "" : "s", totals->damaged,
            totals->damaged == 1 ? " is" : "s are", totals->reports,
            totals->reports == 1 ? "" : "s");
    if (totals->unlisted_uses)
        fprintf(out, "%" PRIu64 " more uses of templates that are not shown: there are too many.\n",
                totals->unlisted_uses);
}

// -------------------------------------------------------------------------------------------- JSON

static void write_json_string(FILE *out, const char *before, const char *text)
{
    fputs(before, out);
    json_write_text(out, text);
}

static const char *json_bool(int value)
{
    return value ? "true" : "false";
}

static void begin_json(FILE *out, const char *name, bool title)
{
    (void)title;
    write_json_string(out, "{\"file\":", name);
    fputs(",\"templates\":[", out);
}

static void write_json_field(FILE *out, const evx_template_field *field, bool is_first)
{
    fprintf(out, "%s{\"value\":%u", is_first ? "" : ",", field->value);
    write_json_string(out, ",\"type\":", field->type);
    fprintf(out, ",\"optional\":%s", json_bool(field->is_optional));
    write_json_string(out, ",\"path\":", field->path);
    if (field->name)
        write_json_string(out, ",\"name\":", field->name);
    fputc('}', out);
}

static void write_json(FILE *out, const evx_template_info *info, bool is_first)
{
    fprintf(out, "%s{\"guid\":\"", is_first ? "" : ",");
    write_guid(out, info->guid);
    write_json_string(out, "\",\"root\":", info->root);
    fprintf(out, ",\"nested\":%s,\"uses\":%" PRIu64, json_bool(info->is_nested), info->uses);
    if (info->provider)
        write_json_string(out, ",\"provider\":", info->provider);
    fprintf(out, ",\"more_providers\":%s,\"event_ids\":[", json_bool(info->has_more_providers));
    for (size_t i = 0; i < info->event_id_count; i++)
        fprintf(out, "%s%" PRIu32, i ? "," : "", info->event_ids[i]);
    fprintf(out, "],\"more_event_ids\":%s,\"fields\":[", json_bool(info->has_more_event_ids));
    for (size_t i = 0; i < info->field_count; i++)
        write_json_field(out, info->fields[i], i == 0);
    fprintf(out, "],\"more_fields\":%s}", json_bool(info->has_more_fields));
}

static void end_json(FILE *out, const evx_template_totals *totals)
{
    fprintf(out,
            "],\"records\":%" PRIu64 ",\"damaged\":%" PRIu64 ",\"reports\":%" PRIu64
            ",\"unlisted_uses\":%" PRIu64 "}\n",
            totals->records, totals->damaged, totals->reports, totals->unlisted_uses);
}

// -------------------------------------------------------------------------------------------- logs

static int visit(void *context, const evx_template_info *info)
{
    struct listing *listing = context;
    listing->writer->write(listing->out, info, listing->is_first);
    listing->is_first = false;
    return 0;
}

// title: whether there are several logs.
static bool show_templates(evx_engine *engine, const struct writer *writer, const char *name,
                           bool title, FILE *out)
{
    evx_error error = {0};
    evx_reader *reader = input_open(engine, name);
    if (!reader)
        return false;
    struct listing listing = {.writer = writer, .out = out, .is_first = true};
    evx_template_totals totals = {.size = sizeof totals};
    writer->begin(out, name, title);
    evx_status status = evx_list_templates(reader, visit, &listing, &totals, &error);
    evx_close(&reader);
    if (status == EVX_OK)
        writer->end(out, &totals);
    else
        input_report_failure(name, &error);
    return status == EVX_OK;
}

// A log is shown as a whole or not at all.
static int show_all(evx_engine *engine, const struct writer *writer, const char *const *names,
                    size_t count)
{
    char *text;
    size_t size;
    int code = EXIT_SUCCESS;
    bool is_first = true;
    struct output output;
    output_open_stdout(&output);
    for (size_t i = 0; i < count; i++) {
        FILE *out = memory_file_open(&text, &size);
        if (!out)
            report_no_memory();
        bool fine = show_templates(engine, writer, names[i], count > 1, out);
        if (!memory_file_close(out))
            report_no_memory();
        if (fine && !is_first && writer->begin == begin_text)
            output_write(&output, "\n", 1);
        if (fine)
            output_write(&output, text, size);
        is_first = is_first && !fine;
        code = fine ? code : EXIT_FAILURE;
        free(text);
    }
    int output_code = output_close(&output);
    return code ? code : output_code;
}

int command_templates(const struct options *options)
{
    static const struct writer text = {begin_text, write_text, end_text};
    static const struct writer json = {begin_json, write_json, end_json};
    if (options->input_count == 0) {
        report_failure_text("Missing FILE. Provide event logs (try `--help`).", NULL);
        return EXIT_FAILURE;
    }
    evx_engine *engine;
    evx_error error;
    const evx_engine_options engine_options = {.size = sizeof engine_options};
    if (evx_engine_create(&engine_options, &engine, &error) != EVX_OK)
        report_no_memory();
    report_use_json(damage_policy_read(options).is_json);
    bool is_json = strcmp(options_text(options, OPT_FORMAT), "json") == 0;
    int code = show_all(engine, is_json ? &json : &text, options->inputs, options->input_count);
    evx_engine_destroy(&engine);
    return code;
}
