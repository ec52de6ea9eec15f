// SPDX-License-Identifier: MIT
#include "walk_inputs.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

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

static bool is_log(const FTSENT *entry)
{
    static const char suffix[] = ".evtx";
    size_t size = sizeof suffix - 1;
    if (entry->fts_namelen <= size ||
        strcasecmp(entry->fts_name + entry->fts_namelen - size, suffix) != 0)
        return false;
    struct stat status;
    if (entry->fts_info ==
        FTS_SL) // links to files are followed, links to folders are not: no cycles
        return stat(entry->fts_accpath, &status) == 0 && S_ISREG(status.st_mode);
    return entry->fts_info == FTS_F;
}

static void walk_folder(const char *name, struct input_list *list)
{
    char *const roots[] = {(char *)name, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    if (!walk)
        report_no_memory();
    size_t first = list->count;
    bool failed = false;
    FTSENT *entry;
    while ((entry = fts_read(walk)) != NULL) {
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
            char text[256];
            report_os_text(entry->fts_errno, text, sizeof text);
            report_line("Error: Failed to read folder %s\n\nCaused by:\n    %s", entry->fts_path,
                        text);
            failed = true;
        } else if (is_log(entry)) {
            add(list, entry->fts_path);
        }
    }
    fts_close(walk);
    if (list->count == first && !failed) {
        report_line("Error: No *.evtx file in folder %s", name);
        failed = true;
    }
    list->failed |= failed;
    if (list->count > first)
        qsort(list->paths + first, list->count - first, sizeof *list->paths, compare);
}

void input_list_walk(const char *const *names, size_t name_count, struct input_list *ret_list)
{
    *ret_list = (struct input_list){0};
    for (size_t i = 0; i < name_count; i++) {
        struct stat status;
        if (stat(names[i], &status) == 0 && S_ISDIR(status.st_mode))
            walk_folder(names[i], ret_list);
        else
            add(ret_list, names[i]);
    }
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
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

size_t input_list_stat(const struct input_list *list, struct stat **ret_stats)
{
    struct stat *stats = calloc(list->count + 1, sizeof *stats);
    if (!stats)
        report_no_memory();
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (input_is_stdin(list->paths[i]) ? fstat(STDIN_FILENO, &stats[count]) == 0
                                           : stat(list->paths[i], &stats[count]) == 0)
            count++;
    }
    *ret_stats = stats;
    return count;
}
