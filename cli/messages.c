// SPDX-License-Identifier: MIT
#include "messages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <evx/pack_file.h>

#include "report.h"
#include "system/folder.h"
#include "system/process.h"
#include "walk_folder.h"
#include "walk_inputs.h"

enum { UNTOLD_SHOWN = 10 };

static int64_t read_file(void *context, void *buffer, size_t size, uint64_t offset)
{
    return file_read_at(*(int *)context, buffer, size, offset);
}

static int64_t file_size(void *context)
{
    struct file_status status;
    return file_get_status(*(int *)context, &status) ? (int64_t)status.size_bytes : -1;
}

// EVX_END: it has nothing.
static evx_status add_file(evx_messages *messages, const char *path, evx_error *error)
{
    int fd = file_open_at_once(path);
    const evx_input input = {read_file, file_size, &fd};
    if (fd < 0) {
        *error = (evx_error){.status = EVX_ERR_IO, .system_errno = errno, .cause_count = 1};
        report_os_text(errno, error->cause[0], sizeof error->cause[0]);
        return EVX_ERR_IO;
    }
    evx_status status = evx_messages_add_file(messages, input_file_name(path), &input, error);
    file_close(fd);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    return status;
}

static bool is_program(const char *name)
{
    static const char *const ends[] = {".dll", ".exe", ".sys", ".mui", ".mun",
                                       ".ocx", ".cpl", ".drv", ".pyd"};
    const size_t size = strlen(name);
    for (size_t i = 0; size > 4 && i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(name + size - 4, ends[i]) == 0)
            return true;
    return false;
}

struct program_folder {
    evx_messages *messages;
    size_t added;
};

static void report_unreadable_folder(void *context, const char *folder, int number)
{
    char text[256];
    (void)context;
    report_os_text(number, text, sizeof text);
    report_line("warning: cannot read folder %s: %s", folder, text);
}

static void add_program(void *context, const char *path, const char *name, enum file_kind kind)
{
    struct program_folder *folder = context;
    evx_error error = {0};
    if ((kind != FILE_KIND_REGULAR && kind != FILE_KIND_OTHER) || !is_program(name))
        return;
    evx_status status = add_file(folder->messages, path, &error);
    folder->added += status == EVX_OK;
    if (status != EVX_OK && status != EVX_END)
        report_line("warning: no messages from `%s`: %s", path, error.cause[0]);
}

// Programs at any depth. Those that are damaged or cannot be read are told and left out.
static size_t add_folder(evx_messages *messages, const char *path)
{
    struct program_folder folder = {.messages = messages};
    walk_folder(path, &(struct folder_visitor){add_program, report_unreadable_folder, &folder});
    return folder.added;
}

static bool is_pack(const char *path)
{
    char magic[16];
    int fd = file_open_at_once(path);
    bool fine = fd >= 0 && file_read_at(fd, magic, sizeof magic, 0) == sizeof magic &&
                memcmp(magic, "SQLite format 3", sizeof magic) == 0;
    if (fd >= 0)
        file_close(fd);
    return fine;
}

static bool add_path(evx_messages *messages, const char *path)
{
    evx_error error = {0};
    struct file_status known;
    bool is_folder = file_find_status(path, &known) && known.kind == FILE_KIND_FOLDER;
    bool fine = false;
    if (!is_folder && is_pack(path)) {
        evx_status status = evx_messages_add_pack(messages, path, &error);
        if (status == EVX_ERR_MEMORY)
            report_no_memory();
        if (status != EVX_OK)
            report_line("Error: cannot use `%s`: %s", path, error.cause[0]);
        return status == EVX_OK;
    }
    if (is_folder) {
        fine = add_folder(messages, path) > 0;
        if (!fine)
            report_line("Error: no program in folder `%s` has messages", path);
    } else {
        evx_status status = add_file(messages, path, &error);
        fine = status == EVX_OK;
        if (status == EVX_END)
            report_line("Error: `%s` has no messages", path);
        else if (!fine)
            report_line("Error: no messages from `%s`: %s", path, error.cause[0]);
    }
    if (evx_messages_end_group(messages, &error) != EVX_OK)
        report_no_memory();
    return fine;
}

// Behind those that are named come those of the environment, separated by colons.
static bool add_from_environment(evx_messages *messages)
{
    const char *list = getenv("EVX_PACKS");
    const char separator[] = {process_list_separator(), 0};
    bool fine = true;
    while (list && *list && fine) {
        const size_t size = strcspn(list, separator);
        char *path = strndup(list, size);
        if (!path)
            report_no_memory();
        fine = size == 0 || add_path(messages, path);
        free(path);
        list += size + (list[size] == *separator);
    }
    return fine;
}

bool messages_load(const struct options *options, evx_engine *engine, evx_messages **ret_messages)
{
    const struct option_value *paths = &options->values[OPT_MESSAGES];
    evx_error error;
    *ret_messages = NULL;
    if (paths->count == 0)
        return true;
    evx_status status =
        evx_messages_create(options_text(options, OPT_LANGUAGE), ret_messages, &error);
    if (status == EVX_ERR_ARGUMENT)
        report_line("Error: --language: %s", error.cause[0]);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    bool fine = status == EVX_OK;
    for (unsigned i = 0; i < paths->count && fine; i++)
        fine = add_path(*ret_messages, paths->texts[i]);
    fine = fine && add_from_environment(*ret_messages);
    if (fine && evx_engine_use_messages(engine, *ret_messages, &error) != EVX_OK)
        report_no_memory();
    return fine;
}

// ------------------------------------------------------------------------------- beside the log

// Whether a file is called as the texts of a log are: NAME_1033.MTA.
static bool is_for_log(const char *name, const char *log, size_t size)
{
    if (strncasecmp(name, log, size) != 0 || name[size] != '_')
        return false;
    const char *digits = name + size + 1;
    const size_t count = strspn(digits, "0123456789");
    return count > 0 && strcasecmp(digits + count, ".mta") == 0;
}

// The first such file of a folder; free(). NULL: there is none.
static char *find_texts(const char *folder, const char *log, size_t size)
{
    struct folder_reader *entries = folder_open(folder);
    const char *name;
    enum file_kind kind;
    char *found = NULL;
    while (entries && (name = folder_next(entries, &kind)) != NULL) {
        if (!is_for_log(name, log, size) || (found && strcmp(input_file_name(found), name) <= 0))
            continue;
        free(found);
        if (asprintf(&found, "%s/%s", folder, name) < 0)
            report_no_memory();
    }
    if (entries)
        folder_close(entries);
    return found;
}

evx_mta *messages_open_beside(const char *log)
{
    const char *name = input_file_name(log);
    const char *dot = strrchr(name, '.');
    const size_t size = dot ? (size_t)(dot - name) : strlen(name);
    char *folder, *inner;
    evx_mta *texts = NULL;
    evx_error error = {0};
    if (asprintf(&folder, "%.*s.", (int)(name - log), log) < 0 ||
        asprintf(&inner, "%s/LocaleMetaData", folder) < 0)
        report_no_memory();
    char *path = find_texts(inner, name, size);
    if (!path)
        path = find_texts(folder, name, size);
    evx_status status = path ? evx_mta_open(path, &texts, &error) : EVX_OK;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status != EVX_OK)
        report_line("warning: the texts beside the log cannot be used: `%s`: %s", path,
                    error.cause[0]);
    free(path);
    free(inner);
    free(folder);
    return texts;
}

// --------------------------------------------------------------------------------------- summary

struct summary {
    uint64_t events, providers, shown;
    char lines[UNTOLD_SHOWN][160];
};

static int add_untold(void *context, const evx_untold *untold)
{
    struct summary *summary = context;
    summary->events += untold->events;
    summary->providers++;
    if (summary->shown < UNTOLD_SHOWN)
        snprintf(summary->lines[summary->shown++], sizeof summary->lines[0], "%9" PRIu64 "  %s",
                 untold->events, untold->provider ? untold->provider : "(others)");
    return 0;
}

void messages_report_untold(evx_engine *engine)
{
    struct summary summary = {0};
    evx_error error;
    if (evx_visit_untold(engine, add_untold, &summary, &error) != EVX_OK)
        report_no_memory();
    if (summary.events == 0)
        return;
    report_line(
        "Note: no text is known of %" PRIu64 " event%s of %" PRIu64 " provider%s:", summary.events,
        summary.events == 1 ? "" : "s", summary.providers, summary.providers == 1 ? "" : "s");
    for (uint64_t i = 0; i < summary.shown; i++)
        report_line("%s", summary.lines[i]);
    if (summary.providers > summary.shown)
        report_line("           and %" PRIu64 " more", summary.providers - summary.shown);
}
