// SPDX-License-Identifier: MIT
#include "time_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "report.h"

char *time_text(uint64_t ticks)
{
    enum { TICKS_PER_SECOND = 10000000, SECONDS_PER_DAY = 86400, DAYS_PER_ERA = 146097 };
    uint64_t seconds = ticks / TICKS_PER_SECOND;
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    // Days since 0000-03-01, so that a leap day is the last of its year.
    uint64_t days = seconds / SECONDS_PER_DAY + 584694;
    uint64_t era = days / DAYS_PER_ERA;
    unsigned in_era = (unsigned)(days % DAYS_PER_ERA);
    unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * in_year + 2) / 153;
    unsigned day = in_year - (153 * month + 2) / 5 + 1;
    unsigned calendar_month = month < 10 ? month + 3 : month - 9;
    char *text;
    if (asprintf(&text, "%04" PRIu64 "-%02u-%02uT%02u:%02u:%02u.%07uZ",
                 400 * era + year + (month >= 10), calendar_month, day, of_day / 3600,
                 of_day / 60 % 60, of_day % 60, (unsigned)(ticks % TICKS_PER_SECOND)) < 0)
        report_no_memory();
    return text;
}
