// SPDX-License-Identifier: MIT
// The few 128-bit operations the compiler's vector types do not express: SSE2 on x86-64 and NEON on
// aarch64, which are always there, so nothing is dispatched. EVX_SIMD is 0 on other machines.
#ifndef EVX_KERNELS_SIMD_H
#define EVX_KERNELS_SIMD_H

#include <stdint.h>
#include <string.h>

#include "base/ablate.h"
#include "base/attrs.h"
#include "base/load.h"

#if EVX_ABLATE_SIMD
#define EVX_SIMD 0
#elif defined(__SSE2__)
#include <emmintrin.h>
#define EVX_SIMD 1
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define EVX_SIMD 1
#else
#define EVX_SIMD 0
#endif

#if EVX_SIMD

// Comparisons and arithmetic are written with operators; comparisons give lanes of all ones or
// zero.
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));

EVX_INLINE u8x16 simd_load(const void *p)
{
    u8x16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

EVX_INLINE void simd_store(void *p, u8x16 v)
{
    memcpy(p, &v, sizeof v);
}

// Lanes moved up by `count`, zeros below.
EVX_INLINE u32x4 simd_shift_lanes(u32x4 v, int count)
{
    const u32x4 zero = {0, 0, 0, 0};
    return count == 1 ? __builtin_shufflevector(zero, v, 3, 4, 5, 6)
                      : __builtin_shufflevector(zero, v, 2, 3, 4, 5);
}

// The last lane in every lane.
EVX_INLINE u32x4 simd_last_lane(u32x4 v)
{
    return __builtin_shufflevector(v, v, 3, 3, 3, 3);
}

EVX_INLINE uint64_t simd_low(u8x16 v)
{
    return ((u64x2)v)[0];
}

EVX_INLINE uint64_t simd_high(u8x16 v)
{
    return ((u64x2)v)[1];
}

#endif

#if EVX_SIMD && defined(__SSE2__)

// Sixteen units to bytes. Units above 0xFF become 0xFF or 0, never an ASCII character.
EVX_INLINE u8x16 simd_narrow(u8x16 units_low, u8x16 units_high)
{
    return (u8x16)_mm_packus_epi16((__m128i)units_low, (__m128i)units_high);
}

EVX_INLINE u32x4 simd_widen_low(u16x8 v)
{
    return (u32x4)_mm_unpacklo_epi16((__m128i)v, _mm_setzero_si128());
}

EVX_INLINE u32x4 simd_widen_high(u16x8 v)
{
    return (u32x4)_mm_unpackhi_epi16((__m128i)v, _mm_setzero_si128());
}

// One bit for each byte lane that is all ones.
EVX_INLINE unsigned simd_mask(u8x16 lanes)
{
    return (unsigned)_mm_movemask_epi8((__m128i)lanes);
}

#elif EVX_SIMD

EVX_INLINE u8x16 simd_narrow(u8x16 units_low, u8x16 units_high)
{
    return (u8x16)vcombine_u8(vqmovn_u16((uint16x8_t)units_low),
                              vqmovn_u16((uint16x8_t)units_high));
}

EVX_INLINE u32x4 simd_widen_low(u16x8 v)
{
    return (u32x4)vmovl_u16(vget_low_u16((uint16x8_t)v));
}

EVX_INLINE u32x4 simd_widen_high(u16x8 v)
{
    return (u32x4)vmovl_u16(vget_high_u16((uint16x8_t)v));
}

EVX_INLINE unsigned simd_mask(u8x16 lanes)
{
    const u8x16 bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t weights = (uint8x16_t)(lanes & bits);
    return (unsigned)vaddv_u8(vget_low_u8(weights)) | (unsigned)vaddv_u8(vget_high_u8(weights))
                                                          << 8;
}

#endif

#endif
