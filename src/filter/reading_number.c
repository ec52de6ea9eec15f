// SPDX-License-Identifier: MIT
#include "filter/reading.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

enum {
    // More significant digits than it takes to tell any two doubles apart; behind them it matters
    // only whether all are zero.
    DIGITS_MAX = 780,
    EXPONENT_MAX = 1000000, // beyond everything: infinity or zero
};

struct decimal {
    char digits[DIGITS_MAX + 16]; // without leading zeros; room for the exponent
    uint32_t digit_count;
    bool is_cut;      // digits other than zero were left out
    int64_t exponent; // of ten, behind the digits
    bool is_whole;    // all behind the point are zeros, and no exponent was written
    bool fits;        // `integer` is the value, if is_whole
    uint64_t integer;
};

static void add_digit(struct decimal *decimal, uint8_t digit, bool is_behind_point)
{
    EVX_CHECK(digit < 10);
    if (!is_behind_point) {
        decimal->fits = decimal->fits &&
                        !__builtin_mul_overflow(decimal->integer, 10, &decimal->integer) &&
                        !__builtin_add_overflow(decimal->integer, digit, &decimal->integer);
    } else if (digit != 0) {
        decimal->is_whole = false;
    }
    decimal->exponent -= is_behind_point;
    if (digit == 0 && decimal->digit_count == 0)
        return;
    if (decimal->digit_count < DIGITS_MAX) {
        decimal->digits[decimal->digit_count++] = (char)('0' + digit);
    } else {
        decimal->exponent++;
        decimal->is_cut = decimal->is_cut || digit != 0;
    }
}

// e, sign, digits; nothing is fine, too.
static bool take_exponent(struct reading_text *text, struct decimal *decimal)
{
    if (text->count == 0 || (reading_peek(text) | 0x20) != 'e')
        return true;
    reading_skip(text, 1);
    bool is_negative = reading_accept(text, '-');
    if (!is_negative)
        reading_accept(text, '+');
    if (reading_digit(reading_peek(text)) > 9)
        return false;
    int64_t exponent = 0;
    for (; reading_digit(reading_peek(text)) <= 9; reading_skip(text, 1)) {
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + reading_digit(reading_peek(text));
    }
    decimal->is_whole = false;
    decimal->exponent += is_negative ? -exponent : exponent;
    return true;
}

static bool take_decimal(struct reading_text *text, struct decimal *decimal)
{
    bool has_digits = false, is_behind_point = false;
    for (; text->count > 0; reading_skip(text, 1)) {
        uint32_t character = reading_peek(text);
        if (character == '.' && !is_behind_point) {
            is_behind_point = true;
            continue;
        }
        if (reading_digit(character) > 9)
            break;
        has_digits = true;
        add_digit(decimal, reading_digit(character), is_behind_point);
    }
    return has_digits && take_exponent(text, decimal) && text->count == 0;
}

// Digits and an exponent, without a point: what strtod() makes of this depends on no locale.
static double real_of(struct decimal *decimal)
{
    if (decimal->digit_count == 0)
        return 0;
    char *end = decimal->digits + decimal->digit_count;
    int64_t exponent = decimal->exponent;
    if (decimal->is_cut) {
        *end++ = '1';
        exponent--;
    }
    if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
        return exponent > 0 ? HUGE_VAL : 0;
    *end++ = 'e';
    if (exponent < 0) {
        *end++ = '-';
        exponent = -exponent;
    }
    int64_t unit = 1;
    while (unit <= exponent / 10)
        unit *= 10;
    for (; unit > 0; unit /= 10)
        *end++ = (char)('0' + exponent / unit % 10);
    EVX_CHECK(end < decimal->digits + sizeof decimal->digits);
    *end = '\0';
    return strtod(decimal->digits, NULL);
}

static bool read_hex(struct reading_text text, struct literal_number *ret_number)
{
    struct literal_number number = {.is_integer = true};
    if (text.count == 0)
        return false;
    for (; text.count > 0; reading_skip(&text, 1)) {
        uint8_t digit = reading_digit(reading_peek(&text));
        if (digit > 15)
            return false;
        number.is_integer = number.is_integer && number.integer >> 60 == 0;
        number.integer = number.integer << 4 | digit;
        number.real = number.real * 16 + digit;
    }
    if (number.is_integer)
        number.real = (double)number.integer;
    *ret_number = number;
    return true;
}

static bool is_hex(struct reading_text text)
{
    return reading_accept(&text, '0') && (reading_accept(&text, 'x') || reading_accept(&text, 'X'));
}

bool reading_number(struct reading_text text, struct literal_number *ret_number)
{
    static const double exact_max = 9007199254740992.0; // 2^53
    text = reading_trim(text);
    if (is_hex(text)) {
        reading_skip(&text, 2);
        return read_hex(text, ret_number);
    }
    bool is_negative = reading_accept(&text, '-');
    if (!is_negative)
        reading_accept(&text, '+');
    // Most texts are no numbers: that is told before anything is cleared.
    if (reading_digit(reading_peek(&text)) > 9 && reading_peek(&text) != '.')
        return false;
    struct decimal decimal;
    decimal.digit_count = 0;
    decimal.exponent = 0;
    decimal.is_cut = false;
    decimal.is_whole = decimal.fits = true;
    decimal.integer = 0;
    if (!take_decimal(&text, &decimal))
        return false;
    double real = real_of(&decimal);
    struct literal_number number = {.is_integer = decimal.is_whole && decimal.fits,
                                    .integer = decimal.integer};
    if (!decimal.is_whole && real < exact_max && (double)(uint64_t)real == real)
        number = (struct literal_number){.is_integer = true, .integer = (uint64_t)real};
    if (!number.is_integer)
        number.integer = 0;
    number.is_negative = is_negative && (number.integer != 0 || !number.is_integer);
    number.real = is_negative ? -real : real;
    *ret_number = number;
    return true;
}
