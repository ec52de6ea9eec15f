// SPDX-License-Identifier: MIT
// What a text can be read as: a number, a time, a GUID, a truth value, an address. The same rules
// for the constants of a query, for flags, and for texts in a record. Pure functions.
#ifndef EVX_FILTER_READING_H
#define EVX_FILTER_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/load.h"
#include "filter/literal.h"

// A text of UTF-16LE units, or of bytes (flags, which are UTF-8: what is read here is ASCII).
struct reading_text {
    const uint8_t *at;
    size_t count; // units or bytes
    uint8_t width;
};

EVX_INLINE struct reading_text reading_of_units(const uint8_t *units, size_t count)
{
    return (struct reading_text){units, count, 2};
}

EVX_INLINE struct reading_text reading_of_bytes(const char *text, size_t size)
{
    return (struct reading_text){(const uint8_t *)text, size, 1};
}

// The character that comes next, 0 at the end.
EVX_INLINE uint32_t reading_peek(const struct reading_text *text)
{
    if (text->count == 0)
        return 0;
    return text->width == 2 ? load_u16(text->at) : *text->at;
}

EVX_INLINE void reading_skip(struct reading_text *text, size_t count)
{
    text->at += count * text->width;
    text->count -= count;
}

EVX_INLINE bool reading_accept(struct reading_text *text, uint32_t character)
{
    if (text->count == 0 || reading_peek(text) != character)
        return false;
    reading_skip(text, 1);
    return true;
}

// The text without white space (of XML) at both ends.
struct reading_text reading_trim(struct reading_text text);
// The value of a digit in base 16 or below; 255 when it is none.
uint8_t reading_digit(uint32_t character);
// Is it this ASCII word, in any case?
bool reading_is_word(struct reading_text text, const char *lower_word);

// Decimal with sign, decimals and exponent, or 0x and hexadecimal digits; white space around.
bool reading_number(struct reading_text text, struct literal_number *ret_number);

struct reading_time {
    int64_t ticks; // FILETIME, as if it were UTC unless has_zone
    bool has_zone; // it is UTC
    bool is_day;   // without a time of day
};

// YYYY-MM-DD[(T| )hh:mm[:ss[.f*]]] with an optional zone, and nothing else.
bool reading_time(struct reading_text text, struct reading_time *ret_time);
// Z, UTC, or a distance such as +02:00 or -0530 after an optional blank: seconds east of Greenwich.
bool reading_zone(struct reading_text text, int32_t *ret_seconds);

// Braces optional, in any case; as stored in a log.
bool reading_guid(struct reading_text text, uint8_t ret_guid[16]);
bool reading_truth(struct reading_text text, bool *ret_truth);
// 4 or 16 bytes, most significant first.
bool reading_address(struct reading_text text, uint8_t ret_address[16], bool *ret_is_ipv6);

#endif
