// SPDX-License-Identifier: MIT
// Days, months and years (proleptic Gregorian) as FILETIME ticks and back. Knows no zones.
#ifndef EVX_FILTER_CALENDAR_H
#define EVX_FILTER_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_TICKS_PER_SECOND INT64_C(10000000)
#define CALENDAR_TICKS_PER_DAY    (86400 * CALENDAR_TICKS_PER_SECOND)
// From 1601 to 1970.
#define CALENDAR_UNIX_EPOCH_TICKS (INT64_C(11644473600) * CALENDAR_TICKS_PER_SECOND)

struct calendar_time {
    int32_t year, month, day; // from 1
    int32_t hour, minute, second;
    int32_t ticks; // below a second
};

// Is there such a day, in the years 1 to 9999?
bool calendar_has(const struct calendar_time *time);
// Of a day that there is. Negative before 1601.
int64_t calendar_ticks(const struct calendar_time *time);
struct calendar_time calendar_of_ticks(int64_t ticks);
// So many months before a time; a day that its month lacks becomes the last one.
int64_t calendar_months_before(int64_t ticks, int64_t months);

#endif
