// SPDX-License-Identifier: MIT
#include "ext.h"

#include <stdio.h>

static const uint64_t ticks_per_day = UINT64_C(864000000000);

// Year, month and day of the days since 1601-01-01.
static void split_days(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    // Years that begin in March have their leap day at the end.
    uint64_t shifted = days + 306; // days since 1600-03-01
    uint64_t era = shifted / 146097;
    uint64_t in_era = shifted % 146097;
    uint64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    uint64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t shifted_month = (5 * in_year + 2) / 153;
    *day = (unsigned)(in_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (unsigned)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = (unsigned)(1600 + era * 400 + year_of_era + (*month <= 2));
}

void format_timestamp(uint64_t filetime, char *ret_text)
{
    unsigned year, month, day;
    split_days(filetime / ticks_per_day, &year, &month, &day);
    uint64_t ticks = filetime % ticks_per_day;
    unsigned seconds = (unsigned)(ticks / 10000000), fraction = (unsigned)(ticks % 10000000);
    int size = snprintf(ret_text, 48, "%04u-%02u-%02uT%02u:%02u:%02u.%07u", year, month, day,
                        seconds / 3600, seconds / 60 % 60, seconds % 60, fraction);
    while (ret_text[size - 1] == '0') // no digit more than needed
        size--;
    if (ret_text[size - 1] == '.')
        size--;
    snprintf(ret_text + size, 48 - (size_t)size, "Z UTC");
}
