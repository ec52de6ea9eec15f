// SPDX-License-Identifier: MIT
#include "zone.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "system/zone_rules.h"

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

bool zone_set(const char *name, evx_query_options *options)
{
    bool is_local = strcmp(name, "local") == 0;
    bool is_distance = *name == '+' || *name == '-';
    if (!is_local && (is_distance || strcasecmp(name, "UTC") == 0 || strcasecmp(name, "Z") == 0)) {
        options->zone = name;
        return true;
    }
    if (!zone_rules_use(is_local ? NULL : name))
        return false;
    options->to_utc = to_utc;
    return true;
}
