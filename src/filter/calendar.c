// SPDX-License-Identifier: MIT
#include "filter/calendar.h"

#include "base/check.h"
#include "decode/value.h"

enum {
    DAYS_PER_ERA = 146097,     // 400 years
    DAYS_BEFORE_1601 = 584694, // since the first of March of the year 0
};

bool calendar_has(const struct calendar_time *time)
{
    return time->year >= 1 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
           time->day >= 1 &&
           time->day <= (int32_t)days_of_month((uint32_t)time->year, (uint32_t)time->month);
}

int64_t calendar_ticks(const struct calendar_time *time)
{
    EVX_CHECK(time->month >= 1 && time->month <= 12 && time->day >= 1);
    // Years begin in March, so that the leap day is the last one.
    int64_t year = time->year - (time->month <= 2);
    int64_t month = (time->month + 9) % 12;
    int64_t day = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 +
                  time->day - 1 - DAYS_BEFORE_1601;
    int64_t seconds = ((day * 24 + time->hour) * 60 + time->minute) * 60 + time->second;
    return seconds * CALENDAR_TICKS_PER_SECOND + time->ticks;
}

struct calendar_time calendar_of_ticks(int64_t ticks)
{
    int64_t day = ticks / CALENDAR_TICKS_PER_DAY, rest = ticks % CALENDAR_TICKS_PER_DAY;
    if (rest < 0) {
        day--;
        rest += CALENDAR_TICKS_PER_DAY;
    }
    day += DAYS_BEFORE_1601;
    int64_t era = (day >= 0 ? day : day - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t in_era = day - era * DAYS_PER_ERA;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    EVX_CHECK(month >= 0 && month < 12);
    struct calendar_time time = {
        .year = (int32_t)(year + era * 400 + (month >= 10)),
        .month = (int32_t)(month < 10 ? month + 3 : month - 9),
        .day = (int32_t)(in_year - (153 * month + 2) / 5 + 1),
        .ticks = (int32_t)(rest % CALENDAR_TICKS_PER_SECOND),
    };
    int32_t seconds = (int32_t)(rest / CALENDAR_TICKS_PER_SECOND);
    time.hour = seconds / 3600;
    time.minute = seconds / 60 % 60;
    time.second = seconds % 60;
    return time;
}

int64_t calendar_months_before(int64_t ticks, int64_t months)
{
    struct calendar_time time = calendar_of_ticks(ticks);
    int64_t month = (int64_t)time.year * 12 + time.month - 1 - months;
    if (month < 12)
        return calendar_ticks(&(struct calendar_time){.year = 1, .month = 1, .day = 1});
    time.year = (int32_t)(month / 12);
    time.month = (int32_t)(month % 12) + 1;
    int32_t last = (int32_t)days_of_month((uint32_t)time.year, (uint32_t)time.month);
    time.day = time.day < last ? time.day : last;
    return calendar_ticks(&time);
}
