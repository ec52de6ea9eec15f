// SPDX-License-Identifier: MIT
#include "progress.h"

#include <stdio.h>

#include <evx/evx.h>

#include "report.h"
#include "system/console.h"
#include "system/machine.h"
#include "system/process.h"

enum {
    FIRST_AFTER_MS = 1000, // short runs show nothing
    EVERY_MS = 250,
    BAR_WIDTH = 30,
};

void progress_begin(struct progress *progress, int output_fd)
{
    int64_t now = machine_milliseconds();
    *progress = (struct progress){
        .wanted = console_is(PROCESS_ERRORS) && !console_is_same(output_fd, PROCESS_ERRORS),
        .begin = now,
        .next = now + FIRST_AFTER_MS,
    };
}

void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t size_bytes)
{
    int64_t now = progress->wanted ? machine_milliseconds() : 0;
    if (!progress->wanted || now < progress->next)
        return;
    progress->next = now + EVERY_MS;
    progress->shown = true;
    double done_mb = (double)done_bytes / 1e6;
    double rate = done_mb * 1000 / (double)(now - progress->begin);
    char line[160];
    if (size_bytes == EVX_NONE || size_bytes == 0) {
        snprintf(line, sizeof line, "\r\x1b[K%.0f MB, %.0f MB/s", done_mb, rate);
    } else {
        double part = (double)done_bytes / (double)size_bytes;
        int filled = (int)(part * BAR_WIDTH);
        snprintf(line, sizeof line, "\r\x1b[K[%.*s%*s] %3.0f %% of %.0f MB, %.0f MB/s", filled,
                 "##############################", BAR_WIDTH - filled, "", part * 100,
                 (double)size_bytes / 1e6, rate);
    }
    report_text(line);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        report_text("\r\x1b[K");
    progress->shown = false;
}
