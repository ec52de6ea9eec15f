// SPDX-License-Identifier: MIT
#include "kernels/magics.h"

#include <stdbool.h>

#include "base/check.h"
#include "kernels/simd.h"

static bool is_magic(const uint8_t *data, size_t size)
{
    if (size < 4)
        return false;
    const uint32_t front = load_u32(data);
    if (front == 0x00002A2A)
        return true;
    return front == 0x43666C45 && size >= 8 && load_u32(data + 4) == 0x006B6E68;
}

// Whether any of 64 bytes is the third one of "**\0\0", or of "ElfC", as far as two bytes of each
// tell. Both have a byte that is rare in front of one that is not.
EVX_INLINE bool may_have_magic(const uint8_t *data)
{
#if EVX_SIMD
    u8x16 any = {0};
    for (int i = 0; i < 64; i += 16) {
        const u8x16 first = simd_load(data + i), second = simd_load(data + i + 1);
        any |= (u8x16)(first == '*') & (u8x16)(second == '*');
        any |= (u8x16)(first == 'E') & (u8x16)(second == 'l');
    }
    return (simd_low(any) | simd_high(any)) != 0;
#else
    (void)data;
    return true;
#endif
}

size_t find_magic_of_log(const uint8_t *data, size_t from, size_t size)
{
    size_t at = from;
    for (; at + 65 <= size; at += 64) {
        if (EVX_LIKELY(!may_have_magic(data + at)))
            continue;
        for (size_t i = at; i < at + 64; i++)
            if (is_magic(data + i, size - i))
                return i;
    }
    for (; at < size; at++)
        if (is_magic(data + at, size - at))
            return at;
    return size;
}
