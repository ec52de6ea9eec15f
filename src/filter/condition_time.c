// SPDX-License-Identifier: MIT
#include "filter/conditions.h"

#include <string.h>

#include "base/check.h"
#include "filter/calendar.h"
#include "filter/make_literal.h"
#include "filter/query_path.h"
#include "filter/reading.h"
#include "print/number.h"

bool condition_zone_parse(const char *text, size_t size, struct condition_zone *ret_zone)
{
    int32_t seconds;
    if (!reading_zone(reading_of_bytes(text, size), &seconds))
        return false;
    *ret_zone = (struct condition_zone){.seconds = seconds};
    return true;
}

static bool to_utc(const struct condition_zone *zone, int64_t local, int64_t *ret_ticks)
{
    if (zone->to_utc)
        return zone->to_utc(zone->context, local, ret_ticks);
    *ret_ticks = local - zone->seconds * CALENDAR_TICKS_PER_SECOND;
    return true;
}

// Seconds since 1970 with decimals, to the tick.
static bool read_epoch(struct reading_text text, int64_t *ret_ticks)
{
    int64_t seconds = 0, fraction = 0, unit = CALENDAR_TICKS_PER_SECOND;
    bool is_negative = reading_accept(&text, '-');
    if (reading_digit(reading_peek(&text)) > 9)
        return false;
    for (; reading_digit(reading_peek(&text)) <= 9; reading_skip(&text, 1)) {
        seconds = seconds * 10 + reading_digit(reading_peek(&text));
        if (seconds > INT64_MAX / CALENDAR_TICKS_PER_SECOND / 10)
            return false;
    }
    if (reading_accept(&text, '.')) {
        for (; reading_digit(reading_peek(&text)) <= 9; reading_skip(&text, 1)) {
            unit /= 10;
            fraction += reading_digit(reading_peek(&text)) * unit;
        }
    }
    if (text.count > 0)
        return false;
    int64_t ticks = seconds * CALENDAR_TICKS_PER_SECOND + fraction;
    *ret_ticks = CALENDAR_UNIX_EPOCH_TICKS + (is_negative ? -ticks : ticks);
    return true;
}

bool condition_time_parse(const char *text, size_t size, const struct condition_zone *zone,
                          bool is_end, int64_t *ret_ticks, struct query_error *error)
{
    struct query_text all = query_text_of(text, size);
    struct reading_text read = reading_trim(reading_of_bytes(text, size));
    struct reading_time time;
    int64_t ticks;
    if (!query_text_check(text, size, error))
        return false;
    if (reading_accept(&read, '@')) {
        if (read_epoch(read, ret_ticks))
            return true;
    } else if (reading_time(read, &time)) {
        bool is_last = is_end && time.is_day;
        ticks = time.ticks + (is_last ? CALENDAR_TICKS_PER_DAY : 0);
        if (time.has_zone || to_utc(zone, ticks, &ticks)) {
            *ret_ticks = ticks - is_last;
            return true;
        }
    }
    query_error_set(error, &all, 0, size, "a time",
                    "as in 2024-01-31, '2024-01-31 12:00:00', 2024-01-31T12:00:00Z, @1700000000");
    return false;
}

// The number in front of a letter, and how many months or ticks they are.
static bool take_distance(struct reading_text *text, int64_t *months, int64_t *ticks)
{
    static const struct {
        char letter;
        int32_t months, seconds;
    } units[] = {{'y', 12, 0},   {'M', 1, 0},  {'w', 0, 604800}, {'d', 0, 86400},
                 {'h', 0, 3600}, {'m', 0, 60}, {'s', 0, 1}};
    int64_t number = 0;
    if (reading_digit(reading_peek(text)) > 9)
        return false;
    for (; reading_digit(reading_peek(text)) <= 9; reading_skip(text, 1)) {
        number = number * 10 + reading_digit(reading_peek(text));
        if (number > INT32_MAX)
            return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!reading_accept(text, (uint8_t)units[i].letter))
            continue;
        int64_t part;
        return !__builtin_mul_overflow(number, units[i].seconds * CALENDAR_TICKS_PER_SECOND,
                                       &part) &&
               !__builtin_add_overflow(*ticks, part, ticks) &&
               !__builtin_add_overflow(*months, number * units[i].months, months);
    }
    return false;
}

bool condition_before_parse(const char *text, size_t size, int64_t now, int64_t *ret_ticks,
                            struct query_error *error)
{
    struct query_text all = query_text_of(text, size);
    struct reading_text read = reading_trim(reading_of_bytes(text, size));
    int64_t months = 0, ticks = 0, then;
    if (!query_text_check(text, size, error))
        return false;
    bool is_read = read.count > 0;
    while (is_read && read.count > 0)
        is_read = take_distance(&read, &months, &ticks);
    if (!is_read) {
        query_error_set(error, &all, 0, size, "a span of time",
                        "as in 24h, 7d, 90m, 1d12h; y, M, w, d, h, m, s are the units");
        return false;
    }
    // Months first: how long they are depends on where they are. No event is older than 1601.
    then = calendar_months_before(now, months);
    *ret_ticks = then > ticks ? then - ticks : 0;
    return true;
}

static uint32_t time_test(struct query_tree *tree, enum literal_op op, int64_t ticks,
                          struct query_error *error)
{
    uint8_t text[NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES];
    struct query_path path;
    *error = (struct query_error){.kind = QUERY_ERROR_NONE};
    const uint8_t *end = put_filetime(text, ticks > 0 ? (uint64_t)ticks : 0);
    EVX_CHECK(end <= text + sizeof text);
    struct literal *literal = literal_make(tree, op, (const char *)text, (size_t)(end - text));
    if (!literal || !query_path_make(tree, "*/System/TimeCreated/@SystemTime", &path))
        return query_error_of_tree(error, tree, 0);
    literal->has_time = true;
    literal->ticks = ticks;
    uint32_t test = query_path_test(tree, &path, literal);
    return test == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : test;
}

uint32_t condition_from(struct query_tree *tree, int64_t ticks, struct query_error *error)
{
    return time_test(tree, LITERAL_GE, ticks, error);
}

uint32_t condition_to(struct query_tree *tree, int64_t ticks, struct query_error *error)
{
    return time_test(tree, LITERAL_LE, ticks, error);
}

uint32_t condition_written(struct query_tree *tree, int64_t ticks, bool is_end,
                           struct query_error *error)
{
    const uint64_t time = ticks > 0 ? (uint64_t)ticks : 0;
    return condition_header(tree, HEADER_FIELD_WRITTEN, is_end ? 0 : time,
                            is_end ? time : UINT64_MAX, error);
}
