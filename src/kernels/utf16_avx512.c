// SPDX-License-Identifier: MIT
// JSON text 32 units at a time. Each unit of a block becomes a pair of bytes, a backslash and its
// letter; one instruction then drops the backslashes that are not wanted. So a path takes as long
// as a word, wherever its backslashes are.
#include "kernels/utf16.h"

#include "base/attrs.h"
#include "base/load.h"
#include "kernels/avx512.h"

#if EVX_AVX512

enum {
    BLOCK_UNITS = 32,
    IS_ESCAPED = 0x80, // behind a backslash
};

// What stands for each ASCII character; 0: more than a letter.
static const char letters[128 + 1] = "\0\0\0\0\0\0\0\0\xE2\xF4\xEE\0\xE6\xF2\0\0" // b t n f r
                                     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                     " !\xA2#$%&'()*+,-./"
                                     "0123456789:;<=>?"
                                     "@ABCDEFGHIJKLMNO"
                                     "PQRSTUVWXYZ[\xDC]^_"
                                     "`abcdefghijklmno"
                                     "pqrstuvwxyz{|}~\x7F";

// Writes a block's pairs without the backslashes of lanes that are not escaped.
static uint8_t *put_escaped(uint8_t *out, __m512i chosen, __mmask32 lanes, __mmask32 escaped)
{
    __m512i bare = _mm512_andnot_si512(_mm512_set1_epi16(IS_ESCAPED), chosen);
    __m512i pairs = _mm512_or_si512(_mm512_slli_epi16(bare, 8), _mm512_set1_epi16('\\'));
    uint64_t kept = _pdep_u64(lanes, 0xAAAAAAAAAAAAAAAA) | _pdep_u64(escaped, 0x5555555555555555);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, pairs));
    return out + _mm_popcnt_u64(kept);
}

uint8_t *utf16_put_json_avx512(uint8_t *out, const uint8_t *units, size_t count)
{
    if (count == 0)
        return out;
    const __m512i low = _mm512_loadu_si512(letters), high = _mm512_loadu_si512(letters + 64);
    struct utf16_position at = {out, units};
    const uint8_t *end = units + 2 * count;
    end -= load_u16(end - 2) == 0 ? 2 : 0;     // many values store their terminator
    if (EVX_UNLIKELY(load_u16(units) >= 0x80)) // Cyrillic, say: no block of it would begin well
        at = utf16_put_json_others(at, end);
    while (at.units != end) {
        size_t left = (size_t)(end - at.units) / 2;
        unsigned size = left < BLOCK_UNITS ? (unsigned)left : BLOCK_UNITS;
        __mmask32 lanes = _bzhi_u32(0xFFFFFFFF, size);
        __m512i v = _mm512_maskz_loadu_epi16(lanes, at.units);
        __m512i chosen = _mm512_permutex2var_epi8(low, v, high);
        __mmask32 others = _mm512_mask_testn_epi16_mask(lanes, chosen, chosen) |
                           _mm512_test_epi16_mask(v, _mm512_set1_epi16((short)0xFF80));
        if (others != 0) {
            size = _tzcnt_u32(others);
            lanes = _bzhi_u32(lanes, size);
        }
        __mmask32 escaped =
            _mm512_mask_test_epi16_mask(lanes, chosen, _mm512_set1_epi16(IS_ESCAPED));
        if (escaped == 0) {
            _mm256_storeu_si256((__m256i *)at.out, _mm512_cvtepi16_epi8(v));
            at.out += size;
        } else {
            at.out = put_escaped(at.out, chosen, lanes, escaped);
        }
        at.units += 2 * size;
        if (others != 0)
            at = utf16_put_json_others(at, end);
    }
    return at.out;
}

#endif
