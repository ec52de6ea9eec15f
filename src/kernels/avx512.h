// SPDX-License-Identifier: MIT
// AVX-512 with VBMI2 (Ice Lake, Zen 4 and newer) is the only extension worth a choice at run time:
// it packs 32 units at once and writes their escapes without a branch for each. The program loops,
// where nearly all strings go through, are compiled twice; src/meson.build has the list and the
// compiler's options.
#ifndef EVX_KERNELS_AVX512_H
#define EVX_KERNELS_AVX512_H

#include <stdbool.h>

#include "base/ablate.h"

// Whether the second variants may be chosen: they are there if the compiler knows the options.
#if defined(EVX_BUILD_AVX512) && !EVX_ABLATE_AVX512 && !EVX_ABLATE_SIMD
#define EVX_HAS_AVX512 1
#else
#define EVX_HAS_AVX512 0
#endif

// The name of a function of this translation unit that exists in both variants.
#ifdef EVX_COMPILING_AVX512
#include <immintrin.h>
#define EVX_AVX512        1
#define EVX_VARIANT(name) name##_avx512
#else
#define EVX_AVX512        0
#define EVX_VARIANT(name) name
#endif

// A function that exists in both variants, for a processor of which is known whether it can run the
// second.
#if EVX_HAS_AVX512
#define EVX_CHOOSE(name, has_avx512) ((has_avx512) ? name##_avx512 : name)
#else
#define EVX_CHOOSE(name, has_avx512) ((void)(has_avx512), name)
#endif

// Whether this processor can run the second variants.
bool avx512_is_there(void);

#endif
