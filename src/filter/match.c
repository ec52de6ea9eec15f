// SPDX-License-Identifier: MIT
#include "filter/match.h"

#include <string.h>

#include "base/check.h"
#include "filter/calendar.h"
#include "filter/find.h"
#include "filter/reading.h"
#include "text/fold.h"

// ---- what a value is besides text ---------------------------------------------------------------

static bool unsigned_number(struct literal_number *ret, uint64_t value)
{
    *ret = (struct literal_number){true, false, value, (double)value};
    return true;
}

static bool signed_number(struct literal_number *ret, int64_t value)
{
    uint64_t absolute = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *ret = (struct literal_number){true, value < 0, absolute, (double)value};
    return true;
}

// Integers, hexadecimal ones and truth values.
static bool integer_of_value(const struct value *value, struct literal_number *ret)
{
    const uint8_t *data = value->data;
    switch (value->form) {
    case FORM_I8:
        return signed_number(ret, (int8_t)*data);
    case FORM_U8:
        return unsigned_number(ret, *data);
    case FORM_I16:
        return signed_number(ret, (int16_t)load_u16(data));
    case FORM_U16:
        return unsigned_number(ret, load_u16(data));
    case FORM_I32:
        return signed_number(ret, (int32_t)load_u32(data));
    case FORM_U32:
    case FORM_HEX32:
    case FORM_BOOL:
        return unsigned_number(ret, load_u32(data));
    case FORM_I64:
        return signed_number(ret, (int64_t)load_u64(data));
    case FORM_U64:
    case FORM_HEX64:
        return unsigned_number(ret, load_u64(data));
    default:
        return false;
    }
}

static bool real_of_value(const struct value *value, struct literal_number *ret)
{
    float f32;
    *ret = (struct literal_number){0};
    if (value->form == FORM_F32) {
        memcpy(&f32, value->data, sizeof f32);
        ret->real = f32;
        return true;
    }
    if (value->form == FORM_F64) {
        memcpy(&ret->real, value->data, sizeof ret->real);
        return true;
    }
    return false;
}

static int64_t ticks_of_systemtime(const uint8_t *data)
{
    struct systemtime t;
    memcpy(&t, data, sizeof t);
    const struct calendar_time time = {
        t.year, t.month, t.day, t.hour, t.minute, t.second, 10000 * (int32_t)t.millisecond};
    return calendar_ticks(&time);
}

static bool time_of_value(const struct value *value, int64_t *ret_ticks)
{
    if (value->form == FORM_FILETIME)
        *ret_ticks = (int64_t)load_u64(value->data);
    else if (value->form == FORM_SYSTEMTIME)
        *ret_ticks = ticks_of_systemtime(value->data);
    else
        return false;
    return true;
}

// A string as far as it is one without a look at a code page.
static bool reading_of_subject(const struct subject *subject, struct reading_text *ret_text)
{
    struct subject text = *subject;
    if (!text.is_text && text.value.form != FORM_STRING)
        return false;
    if (!text.is_text)
        text = subject_of_units(text.value.data, text.value.size / 2);
    *ret_text = reading_of_units(text.units, text.unit_count);
    return true;
}

bool subject_time(const struct subject *subject, int64_t *ret_ticks)
{
    struct reading_text text;
    struct reading_time time;
    if (!subject->is_text && time_of_value(&subject->value, ret_ticks))
        return true;
    if (!reading_of_subject(subject, &text) || !reading_time(text, &time))
        return false;
    *ret_ticks = time.ticks;
    return true;
}

bool subject_bits(const struct subject *subject, uint64_t *ret_bits)
{
    struct reading_text text;
    struct literal_number number;
    bool is_number = !subject->is_text && integer_of_value(&subject->value, &number);
    if (!is_number && (!reading_of_subject(subject, &text) || !reading_number(text, &number)))
        return false;
    *ret_bits = number.is_negative ? -number.integer : number.integer;
    return number.is_integer;
}

// ---- comparisons --------------------------------------------------------------------------------

// Of what is below (-1), equal, above, or neither (2: not a number).
static bool satisfies(enum literal_op op, int order)
{
    switch (op) {
    case LITERAL_EQ:
        return order == 0;
    case LITERAL_NE:
        return order != 0;
    case LITERAL_LT:
        return order == -1;
    case LITERAL_LE:
        return order == -1 || order == 0;
    case LITERAL_GT:
        return order == 1;
    case LITERAL_GE:
        return order == 1 || order == 0;
    default:
        return false;
    }
}

static int order_of_reals(double a, double b)
{
    return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2;
}

static int order_of_numbers(const struct literal_number *a, const struct literal_number *b);

// Exactly: an integer of 64 bits need not be a double.
static int order_of_integer_and_real(const struct literal_number *integer, double real)
{
    const double limit = 18446744073709551616.0; // 2^64
    if (!(real > -limit && real < limit))
        return real >= limit ? -1 : real <= -limit ? 1 : 2;
    const bool is_negative = real < 0;
    const uint64_t whole = (uint64_t)(is_negative ? -real : real);
    const struct literal_number cut = {true, is_negative, whole, 0};
    int order = order_of_numbers(integer, &cut);
    double rest = (is_negative ? -real : real) - (double)whole;
    return order != 0 || rest == 0 ? order : is_negative ? 1 : -1;
}

static int order_of_numbers(const struct literal_number *a, const struct literal_number *b)
{
    if (!b->is_integer && a->is_integer)
        return order_of_integer_and_real(a, b->real);
    if (!a->is_integer && b->is_integer) {
        int order = order_of_integer_and_real(b, a->real);
        return order == 2 ? order : -order;
    }
    if (!a->is_integer)
        return order_of_reals(a->real, b->real);
    bool a_below = a->is_negative && a->integer != 0, b_below = b->is_negative && b->integer != 0;
    if (a_below != b_below)
        return a_below ? -1 : 1;
    int order = a->integer < b->integer ? -1 : a->integer > b->integer;
    return a_below ? -order : order;
}

bool match_numbers(enum literal_op op, double a, double b)
{
    return satisfies(op, order_of_reals(a, b));
}

static int order_of_ticks(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static bool match_text(struct matcher *matcher, const struct literal *literal,
                       struct subject subject)
{
    subject_make_text(&subject, matcher->codec, &matcher->printed);
    if (literal->op == LITERAL_EQ || literal->op == LITERAL_NE) {
        bool is_equal = find_equal(literal, subject.units, subject.unit_count);
        return is_equal == (literal->op == LITERAL_EQ);
    }
    return satisfies((enum literal_op)literal->op,
                     find_order(literal, subject.units, subject.unit_count));
}

static bool match_string(struct matcher *matcher, const struct literal *literal,
                         const struct subject *subject)
{
    bool is_equality = literal->op == LITERAL_EQ || literal->op == LITERAL_NE;
    struct reading_text text;
    struct literal_number number;
    struct subject made = *subject;
    if (literal->has_number && (literal->is_number_token || !is_equality)) {
        subject_make_text(&made, matcher->codec, &matcher->printed);
        if (reading_of_subject(&made, &text) && reading_number(text, &number))
            return satisfies((enum literal_op)literal->op,
                             order_of_numbers(&number, &literal->number));
    }
    return match_text(matcher, literal, made);
}

static bool match_time(struct matcher *matcher, const struct literal *literal,
                       const struct subject *subject, int64_t ticks)
{
    enum literal_op op = (enum literal_op)literal->op;
    struct literal_number number;
    if (literal->is_number_token) {
        signed_number(&number, ticks);
        return satisfies(op, order_of_numbers(&number, &literal->number));
    }
    if (literal->has_time)
        return satisfies(op, order_of_ticks(ticks, literal->ticks));
    return (op == LITERAL_EQ || op == LITERAL_NE) && match_text(matcher, literal, *subject);
}

static bool match_comparison(struct matcher *matcher, const struct literal *literal,
                             const struct subject *subject)
{
    enum literal_op op = (enum literal_op)literal->op;
    const struct value *value = &subject->value;
    struct literal_number number;
    int64_t ticks;
    if (subject->is_text)
        return match_string(matcher, literal, subject);
    switch (value->form) {
    case FORM_STRING:
    case FORM_ANSI:
    case FORM_ARRAY:
        return match_string(matcher, literal, subject);
    case FORM_GUID:
        if (literal->has_guid && (op == LITERAL_EQ || op == LITERAL_NE))
            return (memcmp(value->data, literal->guid, 16) == 0) == (op == LITERAL_EQ);
        return !literal->is_number_token && match_text(matcher, literal, *subject);
    case FORM_SID:
    case FORM_HEX:
        return !literal->is_number_token && match_text(matcher, literal, *subject);
    case FORM_BOOL:
        if (literal->has_bool && !literal->is_number_token && load_u32(value->data) <= 1)
            return satisfies(op, (int)load_u32(value->data) - literal->truth);
        break;
    default:
        break;
    }
    if (time_of_value(value, &ticks))
        return match_time(matcher, literal, subject, ticks);
    if (literal->has_number && (integer_of_value(value, &number) || real_of_value(value, &number)))
        return satisfies(op, order_of_numbers(&number, &literal->number));
    return match_text(matcher, literal, *subject);
}

// ---- what only flags and rules ask --------------------------------------------------------------

bool literal_set_has(const struct literal *literal, uint64_t number)
{
    uint32_t low = 0, high = literal->range_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (literal->ranges[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < literal->range_count && literal->ranges[low].first <= number;
}

static bool match_set(const struct literal *literal, const struct subject *subject)
{
    struct reading_text text;
    struct literal_number number;
    bool is_number = !subject->is_text && integer_of_value(&subject->value, &number);
    if (!is_number && (!reading_of_subject(subject, &text) || !reading_number(text, &number)))
        return false;
    bool is_negative = number.is_negative && number.integer != 0;
    return number.is_integer && !is_negative && literal_set_has(literal, number.integer);
}

static bool match_network(struct matcher *matcher, const struct literal *literal,
                          struct subject subject)
{
    uint8_t address[16] = {0};
    bool is_ipv6;
    struct reading_text text;
    subject_make_text(&subject, matcher->codec, &matcher->printed);
    if (!reading_of_subject(&subject, &text) || !reading_address(text, address, &is_ipv6) ||
        is_ipv6 != literal->is_ipv6)
        return false;
    for (uint32_t bit = 0; bit < literal->network_bits; bit++)
        if ((address[bit / 8] ^ literal->network[bit / 8]) & (0x80u >> bit % 8))
            return false;
    return true;
}

static int32_t week_of(int64_t ticks)
{
    // 1601-01-01 was a Monday. The week is that of its Thursday.
    int64_t day = ticks / CALENDAR_TICKS_PER_DAY;
    int64_t thursday = day - day % 7 + 3;
    struct calendar_time of_thursday = calendar_of_ticks(thursday * CALENDAR_TICKS_PER_DAY);
    const struct calendar_time first = {.year = of_thursday.year, .month = 1, .day = 1};
    return (int32_t)((thursday - calendar_ticks(&first) / CALENDAR_TICKS_PER_DAY) / 7) + 1;
}

static bool match_part(const struct literal *literal, const struct subject *subject)
{
    int64_t ticks;
    if (!subject_time(subject, &ticks) || ticks < 0 || !literal->has_number)
        return false;
    struct calendar_time time = calendar_of_ticks(ticks);
    const int32_t parts[] = {
        [LITERAL_PART_MINUTE] = time.minute, [LITERAL_PART_HOUR] = time.hour,
        [LITERAL_PART_DAY] = time.day,       [LITERAL_PART_WEEK] = week_of(ticks),
        [LITERAL_PART_MONTH] = time.month,   [LITERAL_PART_YEAR] = time.year,
    };
    struct literal_number number;
    signed_number(&number, parts[literal->part]);
    return satisfies((enum literal_op)literal->op, order_of_numbers(&number, &literal->number));
}

bool match_subject(struct matcher *matcher, const struct literal *literal,
                   const struct subject *subject)
{
    struct subject text;
    if (literal->part != LITERAL_PART_NONE)
        return match_part(literal, subject);
    if (literal->op <= LITERAL_GE)
        return literal->is_cased ? match_text(matcher, literal, *subject)
                                 : match_comparison(matcher, literal, subject);
    if (literal->op == LITERAL_SET)
        return match_set(literal, subject);
    if (literal->op == LITERAL_CIDR)
        return match_network(matcher, literal, *subject);
    text = *subject;
    subject_make_text(&text, matcher->codec, &matcher->printed);
    return find_pattern(&matcher->regex, literal, text.units, text.unit_count);
}
