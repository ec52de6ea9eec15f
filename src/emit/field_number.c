// SPDX-License-Identifier: MIT
#include "emit/field_number.h"

#include "base/check.h"

enum state {
    AT_START,
    BEHIND_SIGN,
    BEHIND_ZERO, // the first character: a number already, or the beginning of 0x
    IN_DIGITS,
    BEHIND_PREFIX,
    BEHIND_HEX_SIGN,
    IN_HEX,
    BEHIND_NUMBER,
    NO_NUMBER,
};

// White space of Unicode.
static bool is_blank(uint16_t unit)
{
    return (unit >= 9 && unit <= 13) || unit == ' ' || unit == 0x85 || unit == 0xA0 ||
           unit == 0x1680 || (unit >= 0x2000 && unit <= 0x200A) || unit == 0x2028 ||
           unit == 0x2029 || unit == 0x202F || unit == 0x205F || unit == 0x3000;
}

// The value of a digit, or 16.
static unsigned digit_of(uint16_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if (unit >= 'a' && unit <= 'f')
        return unit - 'a' + 10;
    if (unit >= 'A' && unit <= 'F')
        return unit - 'A' + 10;
    return 16;
}

static enum state add_digit(struct field_number *number, unsigned digit, unsigned base,
                            enum state next)
{
    EVX_CHECK(digit < base);
    if (number->number > (UINT64_MAX - digit) / base)
        number->is_too_large = true;
    number->number = number->number * base + digit;
    return next;
}

static enum state step(struct field_number *number, uint16_t unit)
{
    const enum state state = number->state;
    const unsigned digit = digit_of(unit);
    switch (state) {
    case AT_START:
        if (is_blank(unit))
            return state;
        if (unit == '+')
            return BEHIND_SIGN;
        return digit < 10 ? add_digit(number, digit, 10, digit ? IN_DIGITS : BEHIND_ZERO)
                          : NO_NUMBER;
    case BEHIND_SIGN:
        return digit < 10 ? add_digit(number, digit, 10, IN_DIGITS) : NO_NUMBER;
    case BEHIND_ZERO:
    case IN_DIGITS:
        if (state == BEHIND_ZERO && (unit == 'x' || unit == 'X'))
            return BEHIND_PREFIX;
        if (is_blank(unit))
            return BEHIND_NUMBER;
        return digit < 10 ? add_digit(number, digit, 10, IN_DIGITS) : NO_NUMBER;
    case BEHIND_PREFIX:
        if (unit == '+')
            return BEHIND_HEX_SIGN;
        return digit < 16 ? add_digit(number, digit, 16, IN_HEX) : NO_NUMBER;
    case BEHIND_HEX_SIGN:
        return digit < 16 ? add_digit(number, digit, 16, IN_HEX) : NO_NUMBER;
    case IN_HEX:
        if (is_blank(unit))
            return BEHIND_NUMBER;
        return digit < 16 ? add_digit(number, digit, 16, IN_HEX) : NO_NUMBER;
    case BEHIND_NUMBER:
        return is_blank(unit) ? state : NO_NUMBER;
    default:
        return NO_NUMBER;
    }
}

void field_number_add(struct field_number *number, uint16_t unit)
{
    number->state = (uint8_t)step(number, unit);
}

uint64_t field_number_value(const struct field_number *number)
{
    const bool is_number = number->state == BEHIND_ZERO || number->state == IN_DIGITS ||
                           number->state == IN_HEX || number->state == BEHIND_NUMBER;
    return is_number && !number->is_too_large ? number->number : 0;
}
