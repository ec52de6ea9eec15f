// SPDX-License-Identifier: MIT
// evx pack diff: what two packs say differently. Each is made a sorted list of lines, which are
// compared.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "pack.h"
#include "report.h"
#include "system/memory_file.h"
#include "utf8.h"

struct lines {
    evx_pack_file *file;
    char **lines;
    size_t count, capacity;
    const evx_pack_provider *provider; // whose events are listed
    evx_status status;
    evx_error error;
};

static void add_line(struct lines *lines, char *line)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? 2 * lines->capacity : 256;
        lines->lines = realloc(lines->lines, lines->capacity * sizeof *lines->lines);
        if (!lines->lines)
            report_no_memory();
    }
    lines->lines[lines->count++] = line;
}

static int add_event(void *context, const evx_pack_event *event)
{
    struct lines *lines = context;
    char guid[PACK_GUID_TEXT] = "-", template[PACK_GUID_TEXT] = "-", *line;
    size_t size;
    if (lines->provider->guid)
        pack_guid_text(lines->provider->guid, guid);
    if (event->template_guid)
        pack_guid_text(event->template_guid, template);
    FILE *out = memory_file_open(&line, &size);
    if (!out)
        report_no_memory();
    fprintf(out, "%s ", guid);
    utf8_write_escaped(out, lines->provider->name, "");
    fprintf(out,
            " event %5u version %3u template %s level %u opcode %u task %u keywords 0x%" PRIx64
            " text ",
            event->id, event->version, template, event->level, event->opcode, event->task,
            event->keywords);
    utf8_write_escaped(out, event->text ? event->text : "-", "");
    if (!memory_file_close(out))
        report_no_memory();
    add_line(lines, line);
    return 0;
}

static int add_provider(void *context, const evx_pack_provider *provider)
{
    struct lines *lines = context;
    lines->provider = provider;
    lines->status =
        evx_pack_file_list_events(lines->file, provider->id, add_event, lines, &lines->error);
    return lines->status != EVX_OK;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_lines(const char *path, struct lines *lines)
{
    evx_error error = {0};
    *lines = (struct lines){.file = pack_open(path)};
    if (!lines->file)
        return false;
    evx_status status = evx_pack_file_list_providers(lines->file, add_provider, lines, &error);
    evx_pack_file_close(&lines->file);
    if (lines->status != EVX_OK || status != EVX_OK) {
        pack_report(path, lines->status != EVX_OK ? &lines->error : &error);
        return false;
    }
    if (lines->count > 0)
        qsort(lines->lines, lines->count, sizeof *lines->lines, compare_lines);
    size_t kept = 0; // versions of a provider share most of what they say
    for (size_t i = 0; i < lines->count; i++) {
        if (kept == 0 || strcmp(lines->lines[kept - 1], lines->lines[i]) != 0)
            lines->lines[kept++] = lines->lines[i];
        else
            free(lines->lines[i]);
    }
    lines->count = kept;
    return true;
}

static void free_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->lines[i]);
    free(lines->lines);
}

static void write_line(struct output *output, const char *sign, const char *line)
{
    output_write(output, sign, 1);
    output_write(output, line, strlen(line));
    output_write(output, "\n", 1);
}

// Returns the number of differences.
static size_t write_differences(struct output *output, const struct lines *a, const struct lines *b)
{
    size_t i = 0, k = 0, found = 0;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1 : strcmp(a->lines[i], b->lines[k]);
        if (order < 0)
            write_line(output, "-", a->lines[i]);
        if (order > 0)
            write_line(output, "+", b->lines[k]);
        found += order != 0;
        i += order <= 0;
        k += order >= 0;
    }
    return found;
}

int pack_diff(const char *first, const char *second)
{
    struct lines a = {0}, b = {0};
    struct output output;
    int code = EXIT_USAGE;
    if (read_lines(first, &a) && read_lines(second, &b)) {
        output_open_stdout(&output);
        size_t found = write_differences(&output, &a, &b);
        code = output_close(&output);
        code = code ? EXIT_USAGE : found > 0;
    }
    free_lines(&a);
    free_lines(&b);
    return code;
}
