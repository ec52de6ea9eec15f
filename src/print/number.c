// SPDX-License-Identifier: MIT
#include "print/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/attrs.h"
#include "base/load.h"
#include "decode/value.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// ---- Decimal ------------------------------------------------------------------------------------

#define TEN(t) t "0" t "1" t "2" t "3" t "4" t "5" t "6" t "7" t "8" t "9"
static const char pairs[] =
    TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");

EVX_INLINE void put_pair(uint8_t *out, uint32_t value)
{
    EVX_CHECK(value < 100);
    memcpy(out, pairs + 2 * value, 2);
}

// Three digits and how many zeros of them are in front of the first other one (number.h).
#define TRIPLES(front, zeros)                                                                      \
    front "0" zeros front "1" zeros front "2" zeros front "3" zeros front "4" zeros front          \
          "5" zeros front "6" zeros front "7" zeros front "8" zeros front "9" zeros
#define HUNDRED(h, zeros)                                                                          \
    TRIPLES(h "1", zeros)                                                                          \
    TRIPLES(h "2", zeros)                                                                          \
    TRIPLES(h "3", zeros)                                                                          \
    TRIPLES(h "4", zeros)                                                                          \
    TRIPLES(h "5", zeros)                                                                          \
    TRIPLES(h "6", zeros)                                                                          \
    TRIPLES(h "7", zeros)                                                                          \
    TRIPLES(h "8", zeros)                                                                          \
    TRIPLES(h "9", zeros)
#define FULL_HUNDRED(h) TRIPLES(h "0", "\0") HUNDRED(h, "\0")
// clang-format off
const char number_triples[] =
    TRIPLES("00", "\2") HUNDRED("0", "\1")
    FULL_HUNDRED("1") FULL_HUNDRED("2") FULL_HUNDRED("3") FULL_HUNDRED("4") FULL_HUNDRED("5")
    FULL_HUNDRED("6") FULL_HUNDRED("7") FULL_HUNDRED("8") FULL_HUNDRED("9");
// clang-format on
_Static_assert(sizeof number_triples == 4 * 1000 + 1, "an entry for each number of three digits");

// All three digits of a value below 1000.
EVX_INLINE uint8_t *put_triple(uint8_t *out, uint32_t value)
{
    EVX_CHECK(value < 1000);
    memcpy(out, number_triples + 4 * value, 4);
    return out + 3;
}

// All six digits of a value below 10^6.
EVX_INLINE uint8_t *put_6_digits(uint8_t *out, uint32_t value)
{
    uint32_t front = value / 1000;
    return put_triple(put_triple(out, front), value - 1000 * front);
}

// All nine digits of a value below 10^9.
EVX_INLINE uint8_t *put_9_digits(uint8_t *out, uint32_t value)
{
    uint32_t front = value / 1000000;
    return put_6_digits(put_triple(out, front), value - 1000000 * front);
}

EVX_INLINE uint8_t *put_digit_by_digit(uint8_t *out, uint64_t value)
{
    unsigned count = 1;
    for (uint64_t rest = value / 10; rest != 0; rest /= 10)
        count++;
    for (unsigned i = count; i-- > 0; value /= 10)
        out[i] = (uint8_t)('0' + value % 10);
    return out + count;
}

// Three digits at a time: the front ones without their zeros, and the first three decide how many.
EVX_INLINE uint8_t *put_decimal_u32(uint8_t *out, uint32_t value)
{
    if (EVX_ABLATE_DIGIT_TABLES)
        return put_digit_by_digit(out, value);
    if (value < 1000)
        return put_below_1000(out, value);
    if (value < 1000000) {
        uint32_t front = value / 1000;
        return put_triple(put_below_1000(out, front), value - 1000 * front);
    }
    if (value < 1000000000) {
        uint32_t front = value / 1000000;
        return put_6_digits(put_below_1000(out, front), value - 1000000 * front);
    }
    uint32_t front = value / 1000000000;
    *out = (uint8_t)('0' + front);
    return put_9_digits(out + 1, value - 1000000000 * front);
}

uint8_t *put_u32(uint8_t *out, uint32_t value)
{
    return put_decimal_u32(out, value);
}

uint8_t *put_u64(uint8_t *out, uint64_t value)
{
    if (EVX_ABLATE_DIGIT_TABLES)
        return put_digit_by_digit(out, value);
    if (EVX_LIKELY(value <= UINT32_MAX))
        return put_decimal_u32(out, (uint32_t)value);
    uint64_t front = value / 1000000000;
    if (front <= UINT32_MAX) {
        out = put_u32(out, (uint32_t)front);
    } else {
        out = put_u32(out, (uint32_t)(front / 1000000000));
        out = put_9_digits(out, (uint32_t)(front % 1000000000));
    }
    return put_9_digits(out, (uint32_t)(value % 1000000000));
}

uint8_t *put_i64(uint8_t *out, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    return put_u64(out, magnitude);
}

// ---- Hexadecimal --------------------------------------------------------------------------------

enum hex_case {
    HEX_LOWER = 'a' - '9' - 1, // what letters are further than digits
    HEX_UPPER = 'A' - '9' - 1,
};

// Four bytes, the first one lowest, to eight hex digits in the order of text.
EVX_INLINE uint64_t hex_digits(uint32_t bytes, enum hex_case hex_case)
{
    uint64_t x = bytes;
    x = (x | x << 16) & 0x0000FFFF0000FFFF;
    x = (x | x << 8) & 0x00FF00FF00FF00FF;
    x = (x >> 4 | x << 8) & 0x0F0F0F0F0F0F0F0F;
    uint64_t letters = ((x + 0x0606060606060606) >> 4) & 0x0101010101010101;
    return x + 0x3030303030303030 + letters * hex_case;
}

#if defined(__SSE2__) && !EVX_ABLATE_SIMD

// Sixteen hex digits of eight bytes, the first byte lowest.
EVX_INLINE __m128i hex_16_digits(uint64_t bytes)
{
    __m128i pairs_of_nibbles = _mm_cvtsi64_si128((long long)bytes);
    __m128i mask = _mm_set1_epi8(0x0F);
    __m128i high = _mm_and_si128(_mm_srli_epi16(pairs_of_nibbles, 4), mask);
    __m128i low = _mm_and_si128(pairs_of_nibbles, mask);
    __m128i nibbles = _mm_unpacklo_epi8(high, low);
    __m128i letters =
        _mm_and_si128(_mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9)), _mm_set1_epi8(HEX_LOWER));
    return _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters);
}

EVX_INLINE void hex_8_bytes(uint64_t bytes, uint64_t *ret_first, uint64_t *ret_second)
{
    __m128i digits = hex_16_digits(bytes);
    *ret_first = (uint64_t)_mm_cvtsi128_si64(digits);
    *ret_second = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(digits, digits));
}

#else

EVX_INLINE void hex_8_bytes(uint64_t bytes, uint64_t *ret_first, uint64_t *ret_second)
{
    *ret_first = hex_digits((uint32_t)bytes, HEX_LOWER);
    *ret_second = hex_digits((uint32_t)(bytes >> 32), HEX_LOWER);
}

#endif

// A value below 2^16, as processes and sessions have for their number: half a word is enough.
EVX_INLINE uint8_t *put_short_hex(uint8_t *out, uint32_t value)
{
    EVX_CHECK(value <= UINT16_MAX);
    unsigned zeros = (unsigned)__builtin_clz(value << 16 | 1 << 16) / 4;
    uint32_t x = (value | value << 8) & 0x00FF00FF;
    x = __builtin_bswap32((x | x << 4) & 0x0F0F0F0F);
    uint32_t letters = ((x + 0x06060606) >> 4) & 0x01010101;
    store_u32(out, (x + 0x30303030 + letters * HEX_LOWER) >> 8 * zeros);
    return out + 4 - zeros;
}

uint8_t *put_hex(uint8_t *out, uint64_t value)
{
    uint64_t first, second;
    memcpy(out, "0x", 2);
    out += 2;
    if (EVX_LIKELY(value <= UINT16_MAX))
        return put_short_hex(out, (uint32_t)value);
    unsigned zeros = (unsigned)__builtin_clzll(value) / 4;
    if (zeros >= 8) {
        second = hex_digits(__builtin_bswap32((uint32_t)value), HEX_LOWER);
        store_u64(out, second >> (8 * (zeros - 8)));
        return out + 16 - zeros;
    }
    hex_8_bytes(__builtin_bswap64(value), &first, &second);
    store_u64(out, first >> (8 * zeros));
    store_u64(out + 8 - zeros, second);
    return out + 16 - zeros;
}

uint8_t *put_guid(uint8_t *out, const uint8_t guid[16])
{
    uint64_t first, second, third, fourth;
    uint32_t middle = load_u32(guid + 4);
    middle = (middle & 0x00FF00FF) << 8 | (middle >> 8 & 0x00FF00FF);
    hex_8_bytes(__builtin_bswap32(load_u32(guid)) | (uint64_t)middle << 32, &first, &second);
    hex_8_bytes(load_u64(guid + 8), &third, &fourth);
    out[0] = '{';
    store_u64(out + 1, first);
    out[9] = '-';
    store_u32(out + 10, (uint32_t)second);
    out[14] = '-';
    store_u32(out + 15, (uint32_t)(second >> 32));
    out[19] = '-';
    store_u32(out + 20, (uint32_t)third);
    out[24] = '-';
    store_u32(out + 25, (uint32_t)(third >> 32));
    store_u64(out + 29, fourth);
    out[37] = '}';
    return out + 38;
}

uint8_t *put_guid_0_14(uint8_t *out, const uint8_t guid[16])
{
    uint8_t text[38 + NUMBER_SLACK_BYTES];
    put_guid(text, guid);
    for (int i = 0; i < 36; i++) {
        const uint8_t c = text[i + 1];
        out[i] = c >= 'a' ? (uint8_t)(c - ('a' - 'A')) : c;
    }
    return out + 36;
}

uint8_t *put_hex_bytes(uint8_t *out, const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    for (; i + 4 <= size; i += 4, out += 8)
        store_u64(out, hex_digits(load_u32(bytes + i), HEX_UPPER));
    for (; i < size; i++, out += 2)
        store_u16(out, (uint16_t)hex_digits(bytes[i], HEX_UPPER));
    return out;
}

// ---- SID ----------------------------------------------------------------------------------------

// S-1-5: every SID of Windows has one digit each for its revision and its authority.
EVX_INLINE uint8_t *put_sid_head(uint8_t *out, uint32_t revision, uint64_t authority)
{
    if (!EVX_ABLATE_SHORT_SIDS && EVX_LIKELY(revision < 10 && authority < 10)) {
        store_u32(out, 'S' | '-' << 8 | (uint32_t)('0' + revision) << 16 | (uint32_t)'-' << 24);
        out[4] = (uint8_t)('0' + authority);
        return out + 5;
    }
    memcpy(out, "S-", 2);
    out = put_u32(out + 2, revision);
    *out++ = '-';
    return put_u64(out, authority);
}

uint8_t *put_sid(uint8_t *out, const uint8_t *sid)
{
    uint64_t authority = __builtin_bswap64(load_u64(sid)) & 0xFFFFFFFFFFFF;
    out = put_sid_head(out, sid[0], authority);
    for (unsigned i = 0; i < sid[1]; i++) {
        *out = '-';
        out = put_decimal_u32(out + 1, load_u32(sid + 8 + 4 * i));
    }
    return out;
}

// ---- Times --------------------------------------------------------------------------------------

struct moment {
    uint32_t year;
    uint32_t month;
    uint32_t day;
    uint32_t second_of_day;
    uint32_t ticks; // of 100 ns
};

static uint8_t *put_moment(uint8_t *out, struct moment m)
{
    if (EVX_UNLIKELY(m.year > 9999)) {
        *out++ = (uint8_t)('0' + m.year / 10000);
        m.year %= 10000;
    }
    uint32_t front = m.ticks / 1000000; // of seven digits; the Z replaces what is behind them
    out[20] = (uint8_t)('0' + front);
    put_6_digits(out + 21, m.ticks - 1000000 * front);
    put_pair(out, m.year / 100);
    put_pair(out + 2, m.year % 100);
    out[4] = '-';
    put_pair(out + 5, m.month);
    out[7] = '-';
    put_pair(out + 8, m.day);
    out[10] = 'T';
    put_pair(out + 11, m.second_of_day / 3600);
    out[13] = ':';
    put_pair(out + 14, m.second_of_day / 60 % 60);
    out[16] = ':';
    put_pair(out + 17, m.second_of_day % 60);
    out[19] = '.';
    out[27] = 'Z';
    return out + 28;
}

// Days since 1601-01-01 to a date by two multiplications with rounded reciprocals (Neri and
// Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022).
// Years start in March, so that the leap day is their last day.
static struct moment civil_from_days(uint32_t days)
{
    enum { DAYS_FROM_0000_03_01 = 584694, DAYS_OF_400_YEARS = 146097 };
    uint32_t quarter_days = 4 * (days + DAYS_FROM_0000_03_01) + 3;
    uint32_t century = quarter_days / DAYS_OF_400_YEARS;
    uint32_t in_century = quarter_days % DAYS_OF_400_YEARS | 3;
    uint64_t year_and_rest = 2939745ull * in_century;
    uint32_t year = 100 * century + (uint32_t)(year_and_rest >> 32);
    uint32_t day_of_year = (uint32_t)year_and_rest / 2939745 / 4;
    uint32_t month_and_rest = 2141 * day_of_year + 197913;
    uint32_t month = month_and_rest >> 16;
    bool is_next_year = day_of_year >= 306; // January and February
    return (struct moment){
        .year = year + is_next_year,
        .month = is_next_year ? month - 12 : month,
        .day = (month_and_rest & 0xFFFF) / 2141 + 1,
    };
}

uint8_t *put_filetime(uint8_t *out, uint64_t filetime)
{
    uint64_t seconds = filetime / 10000000;
    struct moment m = civil_from_days((uint32_t)(seconds / 86400));
    m.second_of_day = (uint32_t)(seconds % 86400);
    m.ticks = (uint32_t)(filetime % 10000000);
    return put_moment(out, m);
}

uint8_t *put_systemtime(uint8_t *out, const uint8_t st[16])
{
    struct systemtime t;
    memcpy(&t, st, sizeof t);
    return put_moment(out, (struct moment){
                               .year = t.year,
                               .month = t.month,
                               .day = t.day,
                               .second_of_day = 3600u * t.hour + 60u * t.minute + t.second,
                               .ticks = 10000u * t.millisecond,
                           });
}

// ---- Floats -------------------------------------------------------------------------------------

struct float_format {
    int sure_digits;  // a decimal of as many digits survives the way through the type
    int max_digits;   // as many digits identify every value
    int min_exponent; // of the fixed notation
    int max_exponent;
    double integer_end; // integers below it print all their digits
    bool is_single;
};

static const struct float_format format_f32 = {6, 9, -6, 12, 0x1p24, true};
static const struct float_format format_f64 = {15, 17, -5, 15, 0x1p53, false};

// digits * 10^exponent
struct decimal {
    uint64_t digits;
    int exponent;
};

// The decimal of `precision` digits nearest to the value. What stands between the digits depends on
// the process's locale: it is skipped.
static struct decimal nearest_decimal(double value, int precision)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    struct decimal d = {0};
    const char *p = text;
    for (; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9')
            d.digits = 10 * d.digits + (uint64_t)(*p - '0');
    }
    d.exponent = (int)strtol(p + 1, NULL, 10) - (precision - 1);
    return d;
}

// No decimal point is written, so the locale does not matter.
static bool reads_back(struct decimal d, double value, const struct float_format *format)
{
    char text[64];
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)d.digits, d.exponent);
    return (format->is_single ? (double)strtof(text, NULL) : strtod(text, NULL)) == value;
}

// The shortest decimal that reads back as `value` (positive, finite), the nearest of several. The
// nearest decimal of a length is the only candidate, except at powers of two: the values below are
// closer than those above, so the second nearest may do where the nearest does not.
static struct decimal shortest_decimal(double value, bool is_normal,
                                       const struct float_format *format)
{
    int exponent;
    bool is_power_of_two = frexp(value, &exponent) == 0.5;
    // Up to sure_digits there is one decimal for a normal value, and zeros at its end do not count.
    // Subnormal values have no such length: theirs is found by halving.
    int low = is_normal ? format->sure_digits : 1;
    int high = format->max_digits;
    struct decimal best = {0};
    while (low < high) {
        int precision = is_normal ? low : (low + high) / 2;
        struct decimal d = nearest_decimal(value, precision);
        bool is_exact = reads_back(d, value, format);
        if (!is_exact && is_power_of_two) {
            d.digits++;
            is_exact = reads_back(d, value, format);
        }
        if (is_exact) {
            best = d;
            high = precision;
        } else {
            low = precision + 1;
        }
    }
    return best.digits != 0 ? best : nearest_decimal(value, format->max_digits);
}

static uint8_t *put_zeros(uint8_t *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

static uint8_t *put_decimal(uint8_t *out, struct decimal d, const struct float_format *format)
{
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    uint8_t text[20 + NUMBER_SLACK_BYTES];
    int count = (int)(put_u64(text, d.digits) - text);
    int exponent = d.exponent + count - 1;
    if (exponent < format->min_exponent || exponent > format->max_exponent) {
        *out++ = text[0];
        if (count > 1) {
            *out++ = '.';
            memcpy(out, text + 1, (size_t)count - 1);
            out += count - 1;
        }
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        return put_u32(out, (uint32_t)abs(exponent));
    }
    int whole = exponent < 0 ? 0 : exponent + 1 < count ? exponent + 1 : count;
    memcpy(out, text, (size_t)whole);
    out = put_zeros(out + whole, exponent < 0 ? 1 : exponent + 1 - whole);
    *out++ = '.';
    out = put_zeros(out, exponent < 0 ? -exponent - 1 : whole == count);
    memcpy(out, text + whole, (size_t)(count - whole));
    return out + (count - whole);
}

static uint8_t *put_float(uint8_t *out, double value, bool is_normal,
                          const struct float_format *format)
{
    if (isnan(value)) {
        memcpy(out, "NaN", 3);
        return out + 3;
    }
    if (signbit(value)) {
        *out++ = '-';
        value = -value;
    }
    if (isinf(value)) {
        memcpy(out, "inf", 3);
        return out + 3;
    }
    if (value < format->integer_end && value == (double)(uint64_t)value) {
        out = put_u64(out, (uint64_t)value);
        memcpy(out, ".0", 2);
        return out + 2;
    }
    return put_decimal(out, shortest_decimal(value, is_normal, format), format);
}

uint8_t *put_f32(uint8_t *out, float value)
{
    return put_float(out, (double)value, isnormal(value), &format_f32);
}

uint8_t *put_f64(uint8_t *out, double value)
{
    return put_float(out, value, isnormal(value), &format_f64);
}
