// SPDX-License-Identifier: MIT
// Plain ASCII of any short length without a branch on the length: lengths of names are what a
// predictor cannot learn. Inlined into the program loops; everything else goes through
// kernels/utf16.h.
#ifndef EVX_KERNELS_UTF16_PLAIN_H
#define EVX_KERNELS_UTF16_PLAIN_H

#include <stdbool.h>

#include "kernels/avx512.h"
#include "kernels/simd.h"
#include "kernels/text_mode.h"

enum {
    UTF16_PLAIN_UNITS_MAX = 63,
    UTF16_PLAIN_READ_BYTES = 128, // read from the units, whatever their count
};

#if EVX_SIMD

// Which bytes cannot be stored as they are. The signed comparison finds control characters, NUL and
// everything that was not ASCII; tab, LF and CR are found too, drop_whitespace() forgives them.
EVX_INLINE u8x16 utf16_find_specials(u8x16 v, enum text_mode mode)
{
    if (mode == TEXT_RAW)
        return (u8x16)((i8x16)v < 1);
    u8x16 special = (u8x16)((i8x16)v < 0x20);
    if (mode == TEXT_JSON)
        return special | (u8x16)(v == '"') | (u8x16)(v == '\\');
    special |= (u8x16)((v | 2) == ('<' | '>'));
    if (mode == TEXT_XML_ATTRIBUTE)
        return special | (u8x16)((v | 1) == ('&' | '\'')) | (u8x16)(v == '"');
    return special | (u8x16)(v == '&');
}

#if EVX_AVX512

// Stores 32 units as bytes; one bit for each that is not plain.
EVX_INLINE uint64_t utf16_put_32(uint8_t *out, const uint8_t *units, enum text_mode mode)
{
    __m512i v = _mm512_loadu_si512(units);
    _mm256_storeu_si256((__m256i *)out, _mm512_cvtepi16_epi8(v));
    __m512i from_blank = _mm512_sub_epi16(v, _mm512_set1_epi16(' '));
    __mmask32 plain = _mm512_cmplt_epu16_mask(from_blank, _mm512_set1_epi16(0x80 - ' '));
    if (mode == TEXT_JSON || mode == TEXT_XML_ATTRIBUTE)
        plain = _mm512_mask_cmpneq_epi16_mask(plain, v, _mm512_set1_epi16('"'));
    if (mode == TEXT_JSON)
        return _knot_mask32(_mm512_mask_cmpneq_epi16_mask(plain, v, _mm512_set1_epi16('\\')));
    if (mode == TEXT_XML_ATTRIBUTE)
        plain = _mm512_mask_cmpneq_epi16_mask(plain, v, _mm512_set1_epi16('\''));
    __m512i angle = _mm512_or_si512(v, _mm512_set1_epi16('<' ^ '>'));
    plain = _mm512_mask_cmpneq_epi16_mask(plain, angle, _mm512_set1_epi16('<' | '>'));
    return _knot_mask32(_mm512_mask_cmpneq_epi16_mask(plain, v, _mm512_set1_epi16('&')));
}

#else

// Stores 32 units as bytes; one bit for each that is not plain.
EVX_INLINE uint64_t utf16_put_32(uint8_t *out, const uint8_t *units, enum text_mode mode)
{
    u8x16 low = simd_narrow(simd_load(units), simd_load(units + 16));
    u8x16 high = simd_narrow(simd_load(units + 32), simd_load(units + 48));
    simd_store(out, low);
    simd_store(out + 16, high);
    return simd_mask(utf16_find_specials(low, mode)) |
           (uint64_t)simd_mask(utf16_find_specials(high, mode)) << 16;
}

#endif

// Writes 1 to UTF16_PLAIN_UNITS_MAX units at `out` (which has room for as many bytes) if every one
// of them is an ASCII character that needs no escape. A trailing NUL is left out. Returns the end,
// or NULL if there is something else among them. UTF16_PLAIN_READ_BYTES are readable at `units`.
EVX_INLINE uint8_t *utf16_put_plain(uint8_t *out, const uint8_t *units, uint32_t count,
                                    enum text_mode mode)
{
    count -= load_u16(units + 2 * count - 2) == 0;
    uint64_t specials = utf16_put_32(out, units, mode);
    if (count > 32) // short and long texts each have their places: this is learnt
        specials |= utf16_put_32(out + 32, units + 64, mode) << 32;
    return specials & ((UINT64_C(1) << count) - 1) ? NULL : out + count;
}

#else

EVX_INLINE uint8_t *utf16_put_plain(uint8_t *out, const uint8_t *units, uint32_t count,
                                    enum text_mode mode)
{
    (void)out, (void)units, (void)count, (void)mode;
    return NULL;
}

#endif

#endif
