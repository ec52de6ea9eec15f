// SPDX-License-Identifier: MIT
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

// mktime takes broken-down times: what a clock shows, counted as if it were of UTC, taken apart. A
// time that a clock skips is read as if it had not; of one that it shows twice the system takes
// one.
static int to_utc(void *context, int64_t local_seconds, int64_t *ret_utc_seconds)
{
    time_t shown = (time_t)local_seconds;
    struct tm parts;
    (void)context;
    if (!gmtime_r(&shown, &parts))
        return 1;
    parts.tm_isdst = -1;
    parts.tm_wday = -1; // stays so when there is no such time
    time_t utc = mktime(&parts);
    if (parts.tm_wday < 0)
        return 1;
    *ret_utc_seconds = utc;
    return 0;
}

// Whether the name is one of the table. The C library takes others for UTC, and says nothing.
static bool is_known(const char *name)
{
    const char *folder = getenv("TZDIR");
    char *path;
    if (*name == '/' || *name == '.' || *name == '\0' || strstr(name, ".."))
        return false;
    if (asprintf(&path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", name) < 0)
        report_no_memory();
    char magic[4] = {0};
    FILE *file = fopen(path, "re");
    bool is_known = file && fread(magic, 1, sizeof magic, file) == sizeof magic &&
                    memcmp(magic, "TZif", sizeof magic) == 0;
    if (file)
        fclose(file);
    free(path);
    return is_known;
}

bool zone_set(const char *name, evx_query_options *options)
{
    bool is_local = strcmp(name, "local") == 0;
    bool is_distance = *name == '+' || *name == '-';
    if (!is_local && (is_distance || strcasecmp(name, "UTC") == 0 || strcasecmp(name, "Z") == 0)) {
        options->zone = name;
        return true;
    }
    if (!is_local) {
        if (!is_known(name))
            return false;
        char *rule;
        if (asprintf(&rule, ":%s", name) < 0)
            report_no_memory();
        setenv("TZ", rule, 1);
        free(rule);
    }
    tzset();
    options->to_utc = to_utc;
    return true;
}
