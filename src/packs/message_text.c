// SPDX-License-Identifier: MIT
#include "packs/message_text.h"

#include "base/check.h"
#include "base/load.h"

enum { REFERENCE_DIGITS_MAX = 10 };

static uint16_t unit_at(const struct message_reading *reading, uint32_t position)
{
    return position < reading->end ? load_u16(reading->units + 2 * (size_t)position) : 0;
}

static bool is_digit(uint16_t unit)
{
    return unit >= '0' && unit <= '9';
}

struct wevt_text message_cut_end(struct wevt_text raw)
{
    const struct message_reading all = {raw.units, 0, raw.count};
    if (raw.count > 0 && unit_at(&all, raw.count - 1) == '\n')
        raw.count--;
    if (raw.count > 0 && unit_at(&all, raw.count - 1) == '\r')
        raw.count--;
    return raw;
}

struct message_reading message_reading(struct wevt_text raw)
{
    const struct wevt_text text = message_cut_end(raw);
    return (struct message_reading){text.units, 0, text.count};
}

static struct wevt_text view(const struct message_reading *reading, uint32_t from, uint32_t to)
{
    EVX_CHECK(from <= to && to <= reading->end);
    return (struct wevt_text){reading->units + 2 * (size_t)from, to - from};
}

static struct message_piece constant(const char *units, uint32_t count)
{
    return (struct message_piece){PIECE_TEXT, 0, {(const uint8_t *)units, count}};
}

// A line end in the text, of which any kind is one blank.
static struct message_piece read_line_end(struct message_reading *reading)
{
    bool is_pair = unit_at(reading, reading->position) == '\r' &&
                   unit_at(reading, reading->position + 1) == '\n';
    reading->position += is_pair ? 2 : 1;
    return constant(" \0", 1);
}

// `%1` to `%99`, with the format that may follow and says nothing here.
static struct message_piece read_value(struct message_reading *reading)
{
    const uint32_t start = reading->position;
    uint32_t at = start + 1, number = 0;
    while (at < start + 3 && is_digit(unit_at(reading, at)))
        number = 10 * number + (unit_at(reading, at++) - '0');
    if (unit_at(reading, at) == '!') {
        uint32_t end = at + 1;
        while (end < reading->end && unit_at(reading, end) != '!')
            end++;
        at = end < reading->end ? end + 1 : at;
    }
    reading->position = at;
    return (struct message_piece){PIECE_VALUE, number, view(reading, start, at)};
}

uint32_t message_reference(const uint8_t *units, uint32_t count, uint32_t *ret_units)
{
    const struct message_reading reading = {units, 0, count};
    uint32_t at = 2;
    uint64_t number = 0;
    if (unit_at(&reading, 0) != '%' || unit_at(&reading, 1) != '%')
        return 0;
    while (at < 2 + REFERENCE_DIGITS_MAX && is_digit(unit_at(&reading, at)))
        number = 10 * number + (unit_at(&reading, at++) - '0');
    if (number > UINT32_MAX || is_digit(unit_at(&reading, at)))
        return 0;
    *ret_units = at;
    return (uint32_t)number;
}

static struct message_piece read_double(struct message_reading *reading)
{
    const uint32_t start = reading->position;
    uint32_t size;
    uint32_t number =
        message_reference(reading->units + 2 * (size_t)start, reading->end - start, &size);
    if (number > 0) {
        reading->position += size;
        return (struct message_piece){PIECE_PARAMETER, number, view(reading, start, start + size)};
    }
    reading->position += 2;
    return constant("%\0", 1);
}

static struct message_piece read_escape(struct message_reading *reading)
{
    const uint32_t start = reading->position;
    const uint16_t letter = unit_at(reading, start + 1);
    if (letter >= '1' && letter <= '9')
        return read_value(reading);
    if (letter == '%')
        return read_double(reading);
    reading->position = start + 2 < reading->end ? start + 2 : reading->end;
    switch (letter) {
    case '0': // the end
        reading->position = reading->end;
        return constant("", 0);
    case 'n':
        return constant("\r\0\n\0", 2);
    case 'r':
        return constant("\r\0", 1);
    case 't':
        return constant("\t\0", 1);
    case 'b':
    case ' ':
        return constant(" \0", 1);
    case '.':
        return constant(".\0", 1);
    case '!':
        return constant("!\0", 1);
    default: // it stays without its mark; a line end is one
        if (letter == '\r' || letter == '\n')
            reading->position = start + 1;
        return (struct message_piece){PIECE_TEXT, 0, view(reading, start + 1, reading->position)};
    }
}

struct message_piece message_next_piece(struct message_reading *reading)
{
    const uint32_t start = reading->position;
    EVX_CHECK(start <= reading->end);
    if (start >= reading->end)
        return (struct message_piece){PIECE_END, 0, {0}};
    uint32_t at = start;
    for (; at < reading->end; at++) {
        const uint16_t unit = unit_at(reading, at);
        if (unit == '%' || unit == '\r' || unit == '\n')
            break;
    }
    reading->position = at;
    if (at > start)
        return (struct message_piece){PIECE_TEXT, 0, view(reading, start, at)};
    return unit_at(reading, at) == '%' ? read_escape(reading) : read_line_end(reading);
}
