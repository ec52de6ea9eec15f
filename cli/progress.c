// SPDX-License-Identifier: MIT
#include "progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <evx/evx.h>

#include "report.h"

enum {
    FIRST_AFTER_MS = 1000, // short runs show nothing
    EVERY_MS = 250,
    BAR_WIDTH = 30,
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_same_terminal(int fd)
{
    struct stat output, errors;
    return isatty(fd) && fstat(fd, &output) == 0 && fstat(STDERR_FILENO, &errors) == 0 &&
           output.st_rdev == errors.st_rdev;
}

void progress_begin(struct progress *progress, int output_fd)
{
    int64_t now = now_ms();
    *progress = (struct progress){
        .wanted = isatty(STDERR_FILENO) && !is_same_terminal(output_fd),
        .begin = now,
        .next = now + FIRST_AFTER_MS,
    };
}

void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t size_bytes)
{
    int64_t now = progress->wanted ? now_ms() : 0;
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
