// SPDX-License-Identifier: MIT
#include "ext.h"

#include <string.h>

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

static char *put_digits(char *to, unsigned value, int count)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + count;
}

void format_timestamp(uint64_t filetime, char *ret_text)
{
    unsigned year, month, day;
    split_days(filetime / ticks_per_day, &year, &month, &day);
    const uint64_t ticks = filetime % ticks_per_day;
    const unsigned seconds = (unsigned)(ticks / 10000000);
    const int more = year > 9999; // FILETIMEs end with the year 60056
    char *text = put_digits(ret_text, year, 4 + more);
    memcpy(text, "-00-00T00:00:00.", 16);
    put_digits(text + 1, month, 2);
    put_digits(text + 4, day, 2);
    put_digits(text + 7, seconds / 3600, 2);
    put_digits(text + 10, seconds / 60 % 60, 2);
    put_digits(text + 13, seconds % 60, 2);
    char *end = put_digits(text + 16, (unsigned)(ticks % 10000000), 7);
    while (end[-1] == '0') // no digit more than needed
        end--;
    if (end[-1] == '.')
        end--;
    memcpy(end, "Z UTC", 6);
}
