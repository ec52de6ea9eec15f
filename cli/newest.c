// SPDX-License-Identifier: MIT
#include "newest.h"

#include <inttypes.h>
#include <stdio.h>

#include "report.h"
#include "system/file.h"
#include "walk_inputs.h"

struct newest {
    bool is_known;
    uint64_t ticks;
};

static int take_group(void *context, const evx_stats_group *group)
{
    struct newest *newest = context;
    if (group->has_time && (!newest->is_known || group->last > newest->ticks))
        *newest = (struct newest){true, group->last};
    return 0;
}

static void look_at(evx_engine *engine, evx_stats *stats, const char *path)
{
    evx_reader *reader;
    evx_error error = {0};
    if (evx_open_file(engine, path, &reader, &error) != EVX_OK)
        return;
    if (evx_stats_add(stats, reader, NULL, NULL, NULL, &error) == EVX_ERR_MEMORY)
        report_no_memory();
    evx_close(&reader);
}

static bool can_be_read_again(const char *path)
{
    struct file_status status;
    return !input_is_stdin(path) &&
           (!file_find_status(path, &status) || status.kind == FILE_KIND_REGULAR);
}

bool newest_time(evx_engine *engine, char *const *paths, size_t count, char *ret_text)
{
    // One that hardly differs within a log: the groups are few.
    static const char *const fields[] = {"Channel"};
    const evx_stats_options options = {.size = sizeof options, .fields = fields, .field_count = 1};
    struct newest newest = {0};
    evx_stats *stats;
    evx_error error = {0};
    for (size_t i = 0; i < count; i++) {
        if (!can_be_read_again(paths[i])) {
            report_line("Error: --now end needs files, and %s can be read only once", paths[i]);
            return false;
        }
    }
    if (evx_stats_create(engine, &options, &stats, &error) != EVX_OK)
        report_no_memory();
    for (size_t i = 0; i < count; i++)
        look_at(engine, stats, paths[i]);
    evx_stats_visit(stats, take_group, &newest, &error);
    evx_stats_destroy(&stats);
    if (!newest.is_known) {
        report_line("Error: --now end: no record has a time");
        return false;
    }
    const int64_t since = (int64_t)newest.ticks - INT64_C(116444736000000000); // 1970
    const uint64_t distance = since < 0 ? -(uint64_t)since : (uint64_t)since;
    snprintf(ret_text, NEWEST_TEXT_BYTES, "@%s%" PRIu64 ".%07" PRIu64, since < 0 ? "-" : "",
             distance / 10000000, distance % 10000000);
    return true;
}
