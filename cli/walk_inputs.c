// SPDX-License-Identifier: MIT
#include "walk_inputs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "archives.h"
#include "report.h"
#include "system/process.h"
#include "walk_folder.h"

bool input_is_stdin(const char *name)
{
    static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void add(struct input_list *list, const char *path)
{
    if ((list->count & (list->count - 1)) == 0) { // full at each power of two
        size_t room = list->count ? list->count * 2 : 1;
        char **paths = realloc(list->paths, room * sizeof *paths);
        if (!paths)
            report_no_memory();
        list->paths = paths;
    }
    list->paths[list->count] = strdup(path);
    if (!list->paths[list->count++])
        report_no_memory();
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_log(const char *path, const char *name, enum file_kind kind)
{
    static const char suffix[] = ".evtx";
    size_t size = sizeof suffix - 1, name_size = strlen(name);
    struct file_status status;
    if (name_size <= size || strcasecmp(name + name_size - size, suffix) != 0)
        return false;
    if (kind == FILE_KIND_OTHER) // links to files are followed
        return file_find_status(path, &status) && status.kind == FILE_KIND_REGULAR;
    return kind == FILE_KIND_REGULAR;
}

struct log_folder {
    struct input_list *list;
    bool failed;
};

static void take_file(void *context, const char *path, const char *name, enum file_kind kind)
{
    if (is_log(path, name, kind))
        add(((struct log_folder *)context)->list, path);
}

static void take_refused(void *context, const char *folder, int number)
{
    char text[256];
    report_os_text(number, text, sizeof text);
    report_line("Error: Failed to read folder %s\n\nCaused by:\n    %s", folder, text);
    ((struct log_folder *)context)->failed = true;
}

static void walk_logs(const char *name, struct input_list *list)
{
    struct log_folder folder = {.list = list};
    const size_t first = list->count;
    walk_folder(name, &(struct folder_visitor){take_file, take_refused, &folder});
    if (list->count == first && !folder.failed) {
        report_line("Error: No *.evtx file in folder %s", name);
        folder.failed = true;
    }
    list->failed |= folder.failed;
    if (list->count > first)
        qsort(list->paths + first, list->count - first, sizeof *list->paths, compare);
}

static void add_found(void *context, const char *name)
{
    add(context, name);
}

static void add_named(void *context, const char *name)
{
    struct input_list *list = context;
    struct file_status status;
    if (file_find_status(name, &status) && status.kind == FILE_KIND_FOLDER)
        walk_logs(name, list);
    else if (archive_is_at(name))
        list->failed |= !archive_list(name, add_found, list);
    else
        add(list, name);
}

void input_list_walk(const char *const *names, size_t name_count, struct input_list *ret_list)
{
    *ret_list = (struct input_list){0};
    for (size_t i = 0; i < name_count; i++)
        process_expand_name(names[i], add_named, ret_list);
}

void input_list_free(struct input_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct input_list){0};
}

const char *input_file_name(const char *path)
{
    return file_name(path);
}

size_t input_list_stat(const struct input_list *list, struct file_status **ret_stats)
{
    struct file_status *stats = calloc(list->count + 1, sizeof *stats);
    if (!stats)
        report_no_memory();
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (input_is_stdin(list->paths[i])
                ? file_get_status(PROCESS_INPUT, &stats[count])
                : file_find_status(archive_path(list->paths[i]), &stats[count]))
            count++;
    }
    *ret_stats = stats;
    return count;
}
