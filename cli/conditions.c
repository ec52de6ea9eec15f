// SPDX-License-Identifier: MIT
#include "conditions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "newest.h"
#include "report.h"
#include "system/file.h"
#include "system/process.h"
#include "zone.h"

enum { QUERY_FILE_BYTES_MAX = 4 << 20 };

static const struct {
    enum option_id option;
    evx_condition_kind kind;
    const char *name;
} kinds[] = {
    {OPT_QUERY, EVX_CONDITION_QUERY, "--query"},
    {OPT_SUPPRESS, EVX_CONDITION_SUPPRESS, "--suppress"},
    {OPT_ID, EVX_CONDITION_IDS, "--id"},
    {OPT_EXCLUDE_ID, EVX_CONDITION_NOT_IDS, "--exclude-id"},
    {OPT_PROVIDER, EVX_CONDITION_PROVIDERS, "--provider"},
    {OPT_EXCLUDE_PROVIDER, EVX_CONDITION_NOT_PROVIDERS, "--exclude-provider"},
    {OPT_CHANNEL, EVX_CONDITION_CHANNELS, "--channel"},
    {OPT_EXCLUDE_CHANNEL, EVX_CONDITION_NOT_CHANNELS, "--exclude-channel"},
    {OPT_COMPUTER, EVX_CONDITION_COMPUTERS, "--computer"},
    {OPT_EXCLUDE_COMPUTER, EVX_CONDITION_NOT_COMPUTERS, "--exclude-computer"},
    {OPT_LEVEL, EVX_CONDITION_LEVELS, "--level"},
    {OPT_KEYWORDS, EVX_CONDITION_KEYWORDS, "--keywords"},
    {OPT_USER, EVX_CONDITION_USERS, "--user"},
    {OPT_EVENT_RECORD_ID, EVX_CONDITION_RECORD_IDS, "--record-id"},
    {OPT_FROM, EVX_CONDITION_FROM, "--from"},
    {OPT_TO, EVX_CONDITION_TO, "--to"},
    {OPT_LAST, EVX_CONDITION_LAST, "--last"},
    {OPT_WRITTEN_FROM, EVX_CONDITION_WRITTEN_FROM, "--written-from"},
    {OPT_WRITTEN_TO, EVX_CONDITION_WRITTEN_TO, "--written-to"},
    {OPT_DATA, EVX_CONDITION_DATA, "--data"},
    {OPT_SEARCH, EVX_CONDITION_SEARCH, "--search"},
    {OPT_REGEX, EVX_CONDITION_REGEX, "--regex"},
    {OPT_QUERY_FILE, EVX_CONDITION_QUERY, "--query-file"},
};

enum { KIND_ROWS = sizeof kinds / sizeof *kinds };

struct gathered {
    evx_condition *conditions;
    const char **names; // of the options, for messages; a file's own name
    char **files;       // what has been read, or NULL
    size_t count, capacity;
};

bool conditions_are_given(const struct options *options)
{
    for (size_t i = 0; i < KIND_ROWS; i++)
        if (options->values[kinds[i].option].count > 0)
            return true;
    return options_flag(options, OPT_INVERT);
}

static void gather(struct gathered *gathered, evx_condition_kind kind, const char *name,
                   const char *text, size_t size, char *file)
{
    if (gathered->count == gathered->capacity) {
        size_t capacity = 2 * gathered->capacity + 16;
        gathered->conditions =
            realloc(gathered->conditions, capacity * sizeof *gathered->conditions);
        gathered->names = realloc(gathered->names, capacity * sizeof *gathered->names);
        gathered->files = realloc(gathered->files, capacity * sizeof *gathered->files);
        if (!gathered->conditions || !gathered->names || !gathered->files)
            report_no_memory();
        gathered->capacity = capacity;
    }
    gathered->conditions[gathered->count] = (evx_condition){kind, text, size};
    gathered->names[gathered->count] = name;
    gathered->files[gathered->count++] = file;
}

static void release(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->count; i++)
        free(gathered->files[i]);
    free(gathered->conditions);
    free(gathered->names);
    free(gathered->files);
}

// All of a file of queries, or NULL with errno set; EFBIG when it is too large to be one.
static char *read_whole(const char *path, size_t *ret_size)
{
    int fd = strcmp(path, "-") == 0 ? file_duplicate(PROCESS_INPUT) : file_open(path);
    char *text = fd < 0 ? NULL : malloc(QUERY_FILE_BYTES_MAX);
    size_t size = 0;
    int64_t n = text ? 1 : -1;
    while (n > 0 && size < QUERY_FILE_BYTES_MAX) {
        n = file_read(fd, text + size, QUERY_FILE_BYTES_MAX - size);
        size += n > 0 ? (size_t)n : 0;
    }
    int number = n < 0 ? errno : EFBIG;
    if (fd >= 0)
        file_close(fd);
    if (n != 0) {
        free(text);
        errno = number;
        return NULL;
    }
    *ret_size = size;
    return text;
}

static bool gather_file(struct gathered *gathered, const char *path)
{
    size_t size;
    char reason[256];
    char *text = read_whole(path, &size);
    if (text) {
        gather(gathered, EVX_CONDITION_QUERY, path, text, size, text);
        return true;
    }
    report_os_text(errno, reason, sizeof reason);
    report_line("Error: cannot read the query %s: %s", path, reason);
    return false;
}

static bool gather_all(struct gathered *gathered, const struct options *options, const char *query)
{
    if (query)
        gather(gathered, EVX_CONDITION_QUERY, "query", query, strlen(query), NULL);
    for (size_t i = 0; i < KIND_ROWS; i++) {
        const struct option_value *value = &options->values[kinds[i].option];
        for (unsigned k = 0; k < value->count; k++) {
            const char *text = value->texts[k];
            if (kinds[i].option != OPT_QUERY_FILE)
                gather(gathered, kinds[i].kind, kinds[i].name, text, strlen(text), NULL);
            else if (!gather_file(gathered, text))
                return false;
        }
    }
    if (options_flag(options, OPT_INVERT))
        gather(gathered, EVX_CONDITION_INVERT, "--invert", "", 0, NULL);
    return true;
}

static void show_place(const struct gathered *gathered, const evx_error *error)
{
    const evx_condition *wrong = &gathered->conditions[error->input];
    report_place(wrong->text, wrong->size, error->offset);
}

static void report_wrong(const struct gathered *gathered, const evx_error *error)
{
    report_line("Error: %s: %s", gathered->names[error->input],
                error->cause_count ? error->cause[0] : "cannot be used");
    show_place(gathered, error);
}

static void report_warnings(const struct gathered *gathered, const evx_query *query)
{
    evx_error warning;
    for (size_t i = 0; evx_query_get_warning(query, i, &warning) == EVX_OK; i++) {
        if (warning.offset == EVX_NONE || warning.input >= gathered->count) {
            report_line("warning: %s", warning.cause[0]);
            continue;
        }
        report_line("warning: %s: %s", gathered->names[warning.input], warning.cause[0]);
        show_place(gathered, &warning);
    }
}

static bool counts_from_end(const struct options *options)
{
    const char *now = options_text(options, OPT_NOW);
    return now && strcmp(now, "end") == 0;
}

evx_query *conditions_compile(evx_engine *engine, const struct options *options, const char *query,
                              const char *now, bool *ret_failed)
{
    struct gathered gathered = {0};
    evx_query_options query_options = {
        .size = sizeof query_options,
        .now_text = now,
        .any_channel = options_flag(options, OPT_ANY_CHANNEL),
    };
    const char *zone = options_text(options, OPT_ZONE);
    evx_query *compiled = NULL;
    evx_error error = {0};
    *ret_failed = zone && !zone_set(zone, &query_options);
    if (*ret_failed) {
        report_line("Error: --tz: there is no zone %s; UTC, local, +01:00 and names such as "
                    "Europe/Berlin are taken",
                    zone);
        return NULL;
    }
    *ret_failed = !gather_all(&gathered, options, query);
    if (!*ret_failed && gathered.count > 0) {
        evx_status status = evx_query_compile(engine, gathered.conditions, gathered.count,
                                              &query_options, &compiled, &error);
        *ret_failed = status != EVX_OK;
        if (status == EVX_ERR_MEMORY)
            report_no_memory();
        if (status != EVX_OK && error.input < gathered.count && error.offset != EVX_NONE)
            report_wrong(&gathered, &error);
        else if (status != EVX_OK)
            report_failure_text(error.cause[0], NULL);
        else if (now || !counts_from_end(options)) // else it is compiled again
            report_warnings(&gathered, compiled);
    }
    release(&gathered);
    return compiled;
}

const char *conditions_now(const struct options *options)
{
    return counts_from_end(options) ? NULL : options_text(options, OPT_NOW);
}

bool conditions_recompile(evx_engine *engine, const struct options *options, const char *query,
                          const struct input_list *inputs, evx_query **query_or_null)
{
    char now[NEWEST_TEXT_BYTES];
    bool failed;
    if (!*query_or_null || !counts_from_end(options))
        return true;
    const struct option_value *files = &options->values[OPT_QUERY_FILE];
    for (unsigned i = 0; i < files->count; i++) {
        if (strcmp(files->texts[i], "-") == 0) {
            report_line("Error: --now end and -Q - do not go together");
            return false;
        }
    }
    if (!newest_time(engine, inputs->paths, inputs->count, now))
        return false;
    evx_query_destroy(query_or_null);
    *query_or_null = conditions_compile(engine, options, query, now, &failed);
    return !failed;
}
