// SPDX-License-Identifier: MIT
// evx pack: making packs of providers, and looking into them.
#include "pack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "output.h"
#include "report.h"
#include "system/file.h"
#include "system/memory_file.h"
#include "utf8.h"

void pack_guid_text(const uint8_t guid[16], char ret_text[PACK_GUID_TEXT])
{
    snprintf(ret_text, PACK_GUID_TEXT,
             "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", guid[3],
             guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9],
             guid[10], guid[11], guid[12], guid[13], guid[14], guid[15]);
}

void pack_report(const char *path, const evx_error *error)
{
    char *top;
    if (error->status == EVX_ERR_MEMORY)
        report_no_memory();
    if (asprintf(&top, "cannot use `%s`", path) < 0)
        report_no_memory();
    report_failure(top, error, 0);
    free(top);
}

evx_pack_file *pack_open(const char *path)
{
    evx_pack_file *file;
    evx_error error = {0};
    if (evx_pack_file_open(path, &file, &error) == EVX_OK)
        return file;
    pack_report(path, &error);
    return NULL;
}

// ------------------------------------------------------------------------------------------ making

static void note(void *context, const char *path, const char *text)
{
    (void)context;
    report_line("Note: `%s`: %s", path, text);
}

static void say_totals(const char *path, const evx_pack_totals *totals)
{
    report_line("wrote %" PRIu64 " provider%s, %" PRIu64 " events, %" PRIu64
                " definitions and %" PRIu64 " texts to `%s`",
                totals->providers, totals->providers == 1 ? "" : "s", totals->events,
                totals->templates, totals->messages, path);
}

// Writes beside the wanted file and takes its place at the end: a pack is whole or not there.
static bool make(const struct options *options, const char *path, const char *partial)
{
    evx_error error = {0};
    evx_pack_writer *writer;
    evx_pack_totals totals = {.size = sizeof totals};
    const evx_pack_build_options build = {
        .size = sizeof build,
        .no_registry = options_flag(options, OPT_NO_REGISTRY),
        .note = note,
    };
    if (evx_pack_create(partial, &build, &writer, &error) != EVX_OK) {
        pack_report(path, &error);
        return false;
    }
    evx_status status = EVX_OK;
    for (size_t i = 0; i < options->input_count && status == EVX_OK; i++)
        status = evx_pack_add(writer, options->inputs[i], &error);
    if (status == EVX_OK)
        status = evx_pack_finish(&writer, &totals, &error);
    evx_pack_discard(&writer);
    if (status == EVX_OK && file_rename(partial, path) == 0) {
        say_totals(path, &totals);
        return true;
    }
    if (status == EVX_OK) {
        char text[256];
        report_os_text(errno, text, sizeof text);
        report_failure_text(path, text);
    } else {
        pack_report(path, &error);
    }
    file_remove(partial);
    return false;
}

static int command_make(const struct options *options)
{
    const char *path = options_text(options, OPT_OUTPUT);
    char *partial;
    struct file_status known;
    if (options->input_count == 0) {
        report_failure_text("Missing PATH. Say what the pack is made of (try `--help`).", NULL);
        return EXIT_FAILURE;
    }
    if (!options_flag(options, OPT_OVERWRITE) && file_find_status(path, &known)) {
        report_line("Error: refusing to overwrite existing pack `%s` (--overwrite does)", path);
        return EXIT_FAILURE;
    }
    if (asprintf(&partial, "%s.partial", path) < 0)
        report_no_memory();
    file_remove(partial); // of a run that was cut off
    bool fine = make(options, path, partial);
    free(partial);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

// ----------------------------------------------------------------------------------------- showing

struct show {
    evx_pack_file *file;
    FILE *out;
    const char *provider; // that is wanted; NULL: none, they are listed
    const char *const *ids;
    size_t id_count;
    bool any;
    evx_status status; // of listing events
    evx_error error;
};

static bool contains(const char *text, const char *word)
{
    size_t size = strlen(word);
    for (; *text; text++)
        if (strncasecmp(text, word, size) == 0)
            return true;
    return size == 0;
}

static bool is_wanted(const struct show *show, const evx_pack_provider *provider)
{
    char guid[PACK_GUID_TEXT] = "";
    if (!show->provider)
        return true;
    if (provider->guid)
        pack_guid_text(provider->guid, guid);
    return contains(provider->name, show->provider) || contains(guid, show->provider);
}

static int show_event(void *context, const evx_pack_event *event)
{
    const struct show *show = context;
    char number[16];
    snprintf(number, sizeof number, "%u", event->id);
    bool wanted = show->id_count == 0;
    for (size_t i = 0; i < show->id_count && !wanted; i++)
        wanted = strcmp(show->ids[i], number) == 0;
    if (!wanted)
        return 0;
    fprintf(show->out, "  %u version %u  level %u  opcode %u  task %u  keywords 0x%" PRIx64 "\n",
            event->id, event->version, event->level, event->opcode, event->task, event->keywords);
    if (!event->text)
        return 0;
    // Nearly every text has a line end that is never shown.
    size_t size = strlen(event->text);
    if (size >= 2 && strcmp(event->text + size - 2, "\r\n") == 0)
        size -= 2;
    char *text = strndup(event->text, size);
    if (!text)
        report_no_memory();
    fputs("      ", show->out);
    utf8_write_escaped(show->out, text, "");
    fputc('\n', show->out);
    free(text);
    return 0;
}

static int show_provider(void *context, const evx_pack_provider *provider)
{
    struct show *show = context;
    char guid[PACK_GUID_TEXT] = "-";
    if (!is_wanted(show, provider))
        return 0;
    if (provider->guid)
        pack_guid_text(provider->guid, guid);
    show->any = true;
    fprintf(show->out, "%-38s  ", guid);
    utf8_write_escaped(show->out, provider->name[0] ? provider->name : "-", "");
    fprintf(show->out, "  %" PRIu64 " events, %" PRIu64 " definitions, %" PRIu64 " tables  ",
            provider->event_count, provider->template_count, provider->table_count);
    fprintf(show->out, "%s ", provider->origin);
    utf8_write_escaped(show->out, provider->path, "");
    fprintf(show->out, "%s%s", provider->file_version[0] ? " " : "", provider->file_version);
    if (provider->system[0]) {
        fputs(" of ", show->out);
        utf8_write_escaped(show->out, provider->system, "");
    }
    fputc('\n', show->out);
    if (!show->provider)
        return 0;
    show->status =
        evx_pack_file_list_events(show->file, provider->id, show_event, show, &show->error);
    return show->status != EVX_OK;
}

static int command_show(const struct options *options)
{
    char *text = NULL;
    size_t size = 0;
    struct output output;
    evx_error error = {0};
    if (options->input_count == 0) {
        report_failure_text("Missing PACK. Say which pack to show (try `--help`).", NULL);
        return EXIT_FAILURE;
    }
    struct show show = {.file = pack_open(options->inputs[0])};
    if (!show.file)
        return EXIT_FAILURE;
    show.out = memory_file_open(&text, &size);
    if (!show.out)
        report_no_memory();
    if (options->input_count > 1) {
        show.provider = options->inputs[1];
        show.ids = options->inputs + 2;
        show.id_count = options->input_count - 2;
    }
    evx_status status = evx_pack_file_list_providers(show.file, show_provider, &show, &error);
    evx_pack_file_close(&show.file);
    if (!memory_file_close(show.out))
        report_no_memory();
    output_open_stdout(&output);
    output_write(&output, text, size);
    int code = output_close(&output);
    free(text);
    if (show.status != EVX_OK || status != EVX_OK) {
        pack_report(options->inputs[0], show.status != EVX_OK ? &show.error : &error);
        return EXIT_FAILURE;
    }
    if (show.provider && !show.any) {
        report_line("Error: `%s` has no provider like `%s`", options->inputs[0], show.provider);
        return EXIT_FAILURE;
    }
    return code;
}

int command_pack(const struct options *options)
{
    switch (options->command->id) {
    case CMD_EVX_PACK_SHOW:
        return command_show(options);
    case CMD_EVX_PACK_DIFF:
        if (options->input_count == 2)
            return pack_diff(options->inputs[0], options->inputs[1]);
        report_failure_text("Two packs are compared (try `--help`).", NULL);
        return EXIT_USAGE;
    default:
        return command_make(options);
    }
}
