// SPDX-License-Identifier: MIT
// Fixed-width values as text, the same in XML and JSON (reference output, section 7). Every
// function writes at `out`, may overshoot by up to NUMBER_SLACK_BYTES, and returns the end of the
// text.
#ifndef EVX_PRINT_NUMBER_H
#define EVX_PRINT_NUMBER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attrs.h"
#include "base/load.h"

enum {
    NUMBER_TEXT_BYTES_MAX = 64, // longest text of everything but SIDs and binary
    NUMBER_SLACK_BYTES = 16,
    SID_TEXT_BYTES_MAX = 4 + 3 + 1 + 15 + 255 * 11,
};

// For each value below 1000 its three digits as text and a byte that says how many zeros among them
// are in front of the first other digit, or of the last one.
extern const char number_triples[4 * 1000 + 1];

// Most numbers of a log are that small: a load and a store.
EVX_INLINE uint8_t *put_below_1000(uint8_t *out, uint32_t value)
{
    uint32_t entry = load_u32(number_triples + 4 * value), zeros = entry >> 24;
    store_u32(out, entry >> 8 * zeros);
    return out + 3 - zeros;
}

uint8_t *put_u32(uint8_t *out, uint32_t value);
uint8_t *put_u64(uint8_t *out, uint64_t value);
uint8_t *put_i64(uint8_t *out, int64_t value);
uint8_t *put_hex(uint8_t *out, uint64_t value);               // 0x + lower-case digits, no padding
uint8_t *put_guid(uint8_t *out, const uint8_t guid[16]);      // {lower-case}
uint8_t *put_guid_0_14(uint8_t *out, const uint8_t guid[16]); // UPPER-CASE, without braces
uint8_t *put_sid(uint8_t *out, const uint8_t *sid);           // 8 + 4 * sid[1] bytes are readable
// Section 7.3, but the year with all its digits. The value names a time (decode/value.h).
uint8_t *put_filetime(uint8_t *out, uint64_t filetime);
uint8_t *put_systemtime(uint8_t *out, const uint8_t st[16]);
// The time of either, as the 0.14 dialect has it: cut to microseconds.
EVX_INLINE uint8_t *cut_to_microseconds(uint8_t *end)
{
    end[-2] = 'Z';
    return end - 1;
}
uint8_t *put_f32(uint8_t *out, float value); // section 7.2
uint8_t *put_f64(uint8_t *out, double value);
uint8_t *put_hex_bytes(uint8_t *out, const uint8_t *bytes,
                       size_t size); // upper case, 2 * size bytes

EVX_INLINE uint8_t *put_truth(uint8_t *p, uint32_t value)
{
    memcpy(p, value ? "true\0\0\0" : "false\0\0", 8);
    return p + (value ? 4 : 5);
}

#endif
