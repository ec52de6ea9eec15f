// SPDX-License-Identifier: MIT
#include "filter/calendar.h"
#include "filter/reading.h"

#include "base/check.h"

// So many decimal digits, not fewer.
static bool take_digits(struct reading_text *text, int count, int32_t *ret_number)
{
    int32_t number = 0;
    for (int i = 0; i < count; i++, reading_skip(text, 1)) {
        uint8_t digit = reading_digit(reading_peek(text));
        if (digit > 9)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool reading_zone(struct reading_text text, int32_t *ret_seconds)
{
    reading_accept(&text, ' ');
    if (reading_is_word(text, "z") || reading_is_word(text, "utc")) {
        *ret_seconds = 0;
        return true;
    }
    int32_t hours, minutes;
    bool is_west = reading_accept(&text, '-');
    if (!is_west && !reading_accept(&text, '+'))
        return false;
    if (!take_digits(&text, 2, &hours))
        return false;
    reading_accept(&text, ':');
    if (!take_digits(&text, 2, &minutes) || text.count > 0 || hours > 23 || minutes > 59)
        return false;
    int32_t seconds = hours * 3600 + minutes * 60;
    *ret_seconds = is_west ? -seconds : seconds;
    return true;
}

// Decimals of a second in ticks; what is below 100 ns is cut off.
static bool take_fraction(struct reading_text *text, int32_t *ret_ticks)
{
    int32_t ticks = 0, unit = (int32_t)CALENDAR_TICKS_PER_SECOND / 10;
    if (reading_digit(reading_peek(text)) > 9)
        return false;
    for (; reading_digit(reading_peek(text)) <= 9; reading_skip(text, 1), unit /= 10)
        ticks += reading_digit(reading_peek(text)) * unit;
    *ret_ticks = ticks;
    return true;
}

static bool take_time_of_day(struct reading_text *text, struct calendar_time *time)
{
    if (!take_digits(text, 2, &time->hour) || !reading_accept(text, ':') ||
        !take_digits(text, 2, &time->minute))
        return false;
    if (reading_accept(text, ':')) {
        if (!take_digits(text, 2, &time->second))
            return false;
        if (reading_accept(text, '.') && !take_fraction(text, &time->ticks))
            return false;
    }
    return time->hour < 24 && time->minute < 60 && time->second < 60;
}

bool reading_time(struct reading_text text, struct reading_time *ret_time)
{
    struct calendar_time time = {0};
    struct reading_time found = {.is_day = true};
    if (!take_digits(&text, 4, &time.year) || !reading_accept(&text, '-') ||
        !take_digits(&text, 2, &time.month) || !reading_accept(&text, '-') ||
        !take_digits(&text, 2, &time.day) || !calendar_has(&time))
        return false;
    struct reading_text behind = text;
    if (reading_accept(&behind, 'T') ||
        (reading_accept(&behind, ' ') && reading_digit(reading_peek(&behind)) <= 9)) {
        if (!take_time_of_day(&behind, &time))
            return false;
        text = behind;
        found.is_day = false;
    }
    found.ticks = calendar_ticks(&time);
    if (text.count > 0) {
        int32_t seconds;
        if (!reading_zone(text, &seconds))
            return false;
        found.has_zone = true;
        found.ticks -= seconds * CALENDAR_TICKS_PER_SECOND;
    }
    *ret_time = found;
    return true;
}
