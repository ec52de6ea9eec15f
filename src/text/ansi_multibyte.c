// SPDX-License-Identifier: MIT
// Character boundaries are found by the rules of the standard, characters in its indexes.
#include "text/ansi_multibyte.h"

#include "base/check.h"
#include "text/ansi_indexes.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum {
    GB_BMP_COUNT = 39420,     // linear positions of the four-byte sequences up to 84 31 A4 39
    GB_ASTRAL_FIRST = 189000, // that of 90 30 81 30 = U+10000
    GB_ASTRAL_COUNT = 0x100000,
};

// One character as one or two UTF-16 units: the first in the low half. 0: undefined.
// (Two units are a surrogate pair or, in Big5, a letter and its combining mark.)
typedef uint32_t cell_t;

static cell_t two_units(uint32_t first, uint32_t second)
{
    return first | second << 16;
}

static bool is_between(uint32_t value, uint32_t low, uint32_t high)
{
    return value >= low && value <= high;
}

// A taker reads the character at bytes (its first byte is no ASCII) and returns the size of its
// sequence, 0 if it is invalid.
typedef size_t take_fn(const uint8_t *bytes, size_t size, cell_t *ret_cell);

static uint16_t find_pair(const uint16_t index[126][191], const uint8_t *bytes, size_t size)
{
    if (size < 2 || !is_between(bytes[0], 0x81, 0xFE) || !is_between(bytes[1], 0x40, 0xFE))
        return 0;
    return index[bytes[0] - 0x81][bytes[1] - 0x40];
}

static size_t take_euc_kr(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    *ret_cell = find_pair(euc_kr_index, bytes, size);
    return *ret_cell ? 2 : 0;
}

static size_t take_big5(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    uint16_t unit = find_pair(big5_index, bytes, size);
    *ret_cell = unit;
    if (is_between(unit, 0xD800, 0xDFFF)) {
        EVX_CHECK(unit - 0xD800u < COUNT(big5_two_units));
        const uint16_t *units = big5_two_units[unit - 0xD800];
        *ret_cell = two_units(units[0], units[1]);
    }
    return unit ? 2 : 0;
}

static cell_t gb_bmp_cell(uint32_t position)
{
    size_t begin = 0;
    size_t end = COUNT(gb18030_ranges);
    while (end - begin > 1) { // the range of the position is one from begin on, before end
        size_t middle = begin + (end - begin) / 2;
        if (gb18030_ranges[middle][0] <= position)
            begin = middle;
        else
            end = middle;
    }
    return gb18030_ranges[begin][1] + position - gb18030_ranges[begin][0];
}

static cell_t gb_astral_cell(uint32_t above_bmp)
{
    return two_units(0xD800 + (above_bmp >> 10), 0xDC00 + (above_bmp & 0x3FF));
}

static size_t take_gb_four(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (size < 4 || !is_between(bytes[2], 0x81, 0xFE) || !is_between(bytes[3], 0x30, 0x39))
        return 0;
    uint32_t position = (uint32_t)((bytes[0] - 0x81) * 12600 + (bytes[1] - 0x30) * 1260 +
                                   (bytes[2] - 0x81) * 10 + (bytes[3] - 0x30));
    if (position < GB_BMP_COUNT)
        *ret_cell = gb_bmp_cell(position);
    else if (position >= GB_ASTRAL_FIRST && position - GB_ASTRAL_FIRST < GB_ASTRAL_COUNT)
        *ret_cell = gb_astral_cell(position - GB_ASTRAL_FIRST);
    else
        return 0;
    return 4;
}

static size_t take_gb18030(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (bytes[0] == 0x80) { // the euro sign of Windows' GBK
        *ret_cell = 0x20AC;
        return 1;
    }
    if (size >= 2 && is_between(bytes[0], 0x81, 0xFE) && is_between(bytes[1], 0x30, 0x39))
        return take_gb_four(bytes, size, ret_cell);
    *ret_cell = find_pair(gb18030_index, bytes, size);
    return *ret_cell ? 2 : 0;
}

static cell_t half_width_katakana(uint8_t byte)
{
    return 0xFF61 - 0xA1 + (cell_t)byte;
}

static size_t take_shift_jis(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (bytes[0] == 0x80 || is_between(bytes[0], 0xA1, 0xDF)) {
        *ret_cell = bytes[0] == 0x80 ? 0x80 : half_width_katakana(bytes[0]);
        return 1;
    }
    // Each lead byte, 81..9F and E0..FC, packs two rows of 94; the trail bytes leave out 7F.
    if (size < 2 || bytes[0] == 0xA0 || bytes[0] > 0xFC || bytes[1] == 0x7F ||
        !is_between(bytes[1], 0x40, 0xFC))
        return 0;
    size_t lead = bytes[0] - (bytes[0] < 0xA0 ? 0x81u : 0xC1u);
    size_t trail = bytes[1] - (bytes[1] < 0x7F ? 0x40u : 0x41u);
    *ret_cell = jis0208_index[lead * 2 + trail / 94][trail % 94];
    return *ret_cell ? 2 : 0;
}

static size_t take_euc_jp(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (size >= 2 && bytes[0] == 0x8E && is_between(bytes[1], 0xA1, 0xDF)) {
        *ret_cell = half_width_katakana(bytes[1]);
        return 2;
    }
    size_t prefix = bytes[0] == 0x8F;
    const uint8_t *pair = bytes + prefix;
    if (size < prefix + 2 || !is_between(pair[0], 0xA1, 0xFE) || !is_between(pair[1], 0xA1, 0xFE))
        return 0;
    size_t row = pair[0] - 0xA1u;
    size_t cell = pair[1] - 0xA1u;
    *ret_cell = prefix ? jis0212_index[row][cell] : jis0208_index[row][cell];
    return *ret_cell ? prefix + 2 : 0;
}

static bool decode(take_fn *take, const uint8_t *bytes, size_t size, uint16_t *units,
                   size_t *ret_count)
{
    uint16_t *out = units;
    for (size_t i = 0; i < size;) {
        if (bytes[i] < 0x80) {
            *out++ = bytes[i++];
            continue;
        }
        cell_t cell;
        size_t taken = take(bytes + i, size - i, &cell);
        if (!taken)
            return false;
        i += taken;
        *out++ = (uint16_t)cell;
        if (cell >> 16)
            *out++ = (uint16_t)(cell >> 16);
    }
    *ret_count = (size_t)(out - units);
    return true;
}

bool ansi_decode_gb18030(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_gb18030, bytes, size, units, ret_count);
}

bool ansi_decode_big5(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_big5, bytes, size, units, ret_count);
}

bool ansi_decode_euc_jp(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_euc_jp, bytes, size, units, ret_count);
}

bool ansi_decode_shift_jis(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_shift_jis, bytes, size, units, ret_count);
}

bool ansi_decode_euc_kr(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_euc_kr, bytes, size, units, ret_count);
}
