// SPDX-License-Identifier: MIT
// How it works: sixteen units are packed to bytes and stored at once; a mask says which of them the
// store did not get right. Escapes are put in from a table while the rest of the block waits in a
// register. Everything that is not ASCII goes to put_wide(), which keeps going until ASCII text
// comes back. Most values are short (median 9 units), so 4 to 15 units are two overlapping loads
// and two overlapping stores, without a loop.
#include "kernels/utf16.h"

#include <stdbool.h>

#include "base/attrs.h"
#include "base/load.h"
#include "kernels/simd.h"
#include "kernels/utf16_plain.h"

#if EVX_SIMD

struct escape {
    char text[7];
    uint8_t size; // 0: the character stands for itself
};

_Static_assert(sizeof(struct escape) == 8, "an escape is loaded and stored as one word");

#define UNDERSCORE                                                                                 \
    [0x01 ... 0x08] = {"_", 1}, [0x0B] = {"_", 1}, [0x0C] = {"_", 1}, [0x0E ... 0x1F] = {"_", 1}

static const struct escape escapes[][128] = {
    [TEXT_XML] =
        {
            UNDERSCORE,
            ['&'] = {"&amp;", 5},
            ['<'] = {"&lt;", 4},
            ['>'] = {"&gt;", 4},
        },
    [TEXT_XML_ATTRIBUTE] =
        {
            UNDERSCORE,
            ['&'] = {"&amp;", 5},
            ['<'] = {"&lt;", 4},
            ['>'] = {"&gt;", 4},
            ['"'] = {"&quot;", 6},
            ['\''] = {"&apos;", 6},
        },
    [TEXT_JSON] =
        {
            [0x01] = {"\\u0001", 6}, [0x02] = {"\\u0002", 6}, [0x03] = {"\\u0003", 6},
            [0x04] = {"\\u0004", 6}, [0x05] = {"\\u0005", 6}, [0x06] = {"\\u0006", 6},
            [0x07] = {"\\u0007", 6}, [0x08] = {"\\b", 2},     [0x09] = {"\\t", 2},
            [0x0A] = {"\\n", 2},     [0x0B] = {"\\u000B", 6}, [0x0C] = {"\\f", 2},
            [0x0D] = {"\\r", 2},     [0x0E] = {"\\u000E", 6}, [0x0F] = {"\\u000F", 6},
            [0x10] = {"\\u0010", 6}, [0x11] = {"\\u0011", 6}, [0x12] = {"\\u0012", 6},
            [0x13] = {"\\u0013", 6}, [0x14] = {"\\u0014", 6}, [0x15] = {"\\u0015", 6},
            [0x16] = {"\\u0016", 6}, [0x17] = {"\\u0017", 6}, [0x18] = {"\\u0018", 6},
            [0x19] = {"\\u0019", 6}, [0x1A] = {"\\u001A", 6}, [0x1B] = {"\\u001B", 6},
            [0x1C] = {"\\u001C", 6}, [0x1D] = {"\\u001D", 6}, [0x1E] = {"\\u001E", 6},
            [0x1F] = {"\\u001F", 6}, ['"'] = {"\\\"", 2},     ['\\'] = {"\\\\", 2},
        },
    [TEXT_RAW] = {{"", 0}},
};

// The lanes XML text keeps as they are although utf16_find_specials() reports them: whitespace is
// too rare to pay for in every block.
EVX_INLINE unsigned drop_whitespace(unsigned mask, u8x16 v, enum text_mode mode)
{
    if (mode == TEXT_JSON || mode == TEXT_RAW)
        return mask;
    return mask & ~simd_mask((u8x16)(v == '\t') | (u8x16)(v == '\n') | (u8x16)(v == '\r'));
}

// Writes `count` (at most 8) characters packed in `bytes`, of which those in `mask` are not to be
// stored as they are. Returns how many it wrote: fewer than `count` when it met NUL or a character
// that is not ASCII.
EVX_INLINE unsigned put_packed(uint8_t **out, uint64_t bytes, unsigned mask, unsigned count,
                               enum text_mode mode)
{
    uint8_t *p = *out;
    unsigned done = 0;
    store_u64(p, bytes);
    for (; mask != 0; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctz(mask);
        uint64_t rest = bytes >> (8 * i);
        uint8_t character = (uint8_t)rest;
        p += i - done;
        if (character == 0 || character >= 0x80) {
            *out = p;
            return i;
        }
        uint64_t escape = load_u64(&escapes[mode][character]);
        store_u64(p, escape);
        p += escape >> 56;
        store_u64(p, rest >> 8);
        done = i + 1;
    }
    *out = p + (count - done);
    return count;
}

EVX_INLINE bool is_surrogate_or_noncharacter(uint32_t unit)
{
    return unit >= 0xFFFE || (unit & 0xF800) == 0xD800;
}

EVX_INLINE uint32_t two_bytes(uint32_t unit)
{
    return 0x80C0 | unit >> 6 | (unit & 0x3F) << 8;
}

EVX_INLINE uint32_t three_bytes(uint32_t unit)
{
    return 0x8080E0 | unit >> 12 | (unit << 2 & 0x3F00) | (unit & 0x3F) << 16;
}

// A surrogate, U+FFFE or U+FFFF.
EVX_NOINLINE static struct utf16_position put_rare(struct utf16_position at, const uint8_t *end,
                                                   enum text_mode mode)
{
    uint32_t unit = load_u16(at.units);
    if (unit < 0xDC00 && end - at.units >= 4) {
        uint32_t next = load_u16(at.units + 2);
        if ((next & 0xFC00) == 0xDC00) {
            uint32_t scalar = 0x10000 + ((unit & 0x3FF) << 10 | (next & 0x3FF));
            store_u32(at.out, 0x808080F0 | scalar >> 18 | (scalar >> 4 & 0x3F00) |
                                  (scalar << 10 & 0x3F0000) | (scalar & 0x3F) << 24);
            return (struct utf16_position){at.out + 4, at.units + 4};
        }
    }
    if (mode != TEXT_JSON && mode != TEXT_RAW) {
        *at.out = '_';
        return (struct utf16_position){at.out + 1, at.units + 2};
    }
    store_u32(at.out, three_bytes(unit >= 0xFFFE ? unit : 0xFFFD));
    return (struct utf16_position){at.out + 3, at.units + 2};
}

// Any one character but NUL.
EVX_INLINE struct utf16_position put_one(struct utf16_position at, const uint8_t *end,
                                         enum text_mode mode)
{
    uint32_t unit = load_u16(at.units);
    if (unit < 0x80) {
        uint64_t escape = load_u64(&escapes[mode][unit]);
        uint64_t own = 1ull << 56 | unit;
        escape = escape >> 56 != 0 ? escape : own;
        store_u64(at.out, escape);
        return (struct utf16_position){at.out + (escape >> 56), at.units + 2};
    }
    if (EVX_UNLIKELY(is_surrogate_or_noncharacter(unit)))
        return put_rare(at, end, mode);
    store_u32(at.out, unit < 0x800 ? two_bytes(unit) : three_bytes(unit));
    return (struct utf16_position){at.out + (unit < 0x800 ? 2 : 3), at.units + 2};
}

// UTF-8 of four units, in the low bytes of each lane; the bytes above it have no meaning.
EVX_INLINE u32x4 to_utf8(u32x4 units)
{
    u32x4 is_ascii = (u32x4)((i32x4)units < 0x80);
    u32x4 is_short = (u32x4)((i32x4)units < 0x800);
    u32x4 two = units >> 6 | (units & 0x3F) << 8 | 0x80C0;
    u32x4 three = units >> 12 | (units << 2 & 0x3F00) | (units & 0x3F) << 16 | 0x8080E0;
    return (units & is_ascii) | (two & is_short & ~is_ascii) | (three & ~is_short);
}

// Writes eight units without a branch: words and the blanks between them do not follow a pattern a
// branch predictor could learn. Returns where each unit's text ends, a byte for each.
EVX_INLINE uint64_t put_8_units(uint8_t *out, u16x8 v)
{
    u16x8 sizes = 3 + (u16x8)((v & 0xFF80) == 0) + (u16x8)((v & 0xF800) == 0);
    uint64_t ends = simd_low(simd_narrow((u8x16)sizes, (u8x16)sizes)) * 0x0101010101010101;
    uint64_t starts = ends << 8;
    u32x4 low = to_utf8(simd_widen_low(v));
    u32x4 high = to_utf8(simd_widen_high(v));
    store_u32(out, low[0]);
    store_u32(out + (uint8_t)(starts >> 8), low[1]);
    store_u32(out + (uint8_t)(starts >> 16), low[2]);
    store_u32(out + (uint8_t)(starts >> 24), low[3]);
    store_u32(out + (uint8_t)(starts >> 32), high[0]);
    store_u32(out + (uint8_t)(starts >> 40), high[1]);
    store_u32(out + (uint8_t)(starts >> 48), high[2]);
    store_u32(out + (starts >> 56), high[3]);
    return ends;
}

// The units put_8_units() cannot write: NUL, surrogates, U+FFFE, U+FFFF and ASCII that any mode
// escapes.
EVX_INLINE u16x8 find_rare(u16x8 v)
{
    u16x8 rare = (u16x8)((v & 0xF800) == 0xD800) | (u16x8)((v | 1) == 0xFFFF);
    rare |= (u16x8)((v & 0xFFE0) == 0) | (u16x8)(v == '"') | (u16x8)(v == '\\');
    return rare | (u16x8)((v | 1) == ('&' | '\'')) | (u16x8)((v | 2) == ('<' | '>'));
}

// 4 to 7 units, and something behind them.
EVX_INLINE u16x8 load_4_to_7(const uint8_t *units, const uint8_t *end)
{
    unsigned count = (unsigned)(end - units) / 2;
    uint64_t high = load_u64(end - 8) >> 8 >> (120 - 16 * count);
    return (u16x8)(u64x2){load_u64(units), high};
}

// Writes text that is not ASCII, and ASCII between it, until eight plain ASCII units follow one
// another or fewer than four are left. At NUL it ends the text: the position is then at `end`.
EVX_NOINLINE static struct utf16_position put_wide(struct utf16_position at, const uint8_t *end,
                                                   enum text_mode mode)
{
    while (end - at.units >= 8) {
        bool is_full = end - at.units >= 16;
        u16x8 v = is_full ? (u16x8)simd_load(at.units) : load_4_to_7(at.units, end);
        unsigned size = is_full ? 16 : (unsigned)(end - at.units);
        unsigned rare = simd_mask((u8x16)find_rare(v)) & 0xFFFF >> (16 - size);
        unsigned wide = simd_mask((u8x16)((v & 0xFF80) != 0));
        if ((rare | wide) == 0)
            return at;
        uint64_t ends = put_8_units(at.out, v);
        if (EVX_LIKELY(rare == 0)) {
            at.out += (uint8_t)(ends >> (4 * size - 8));
            at.units += size;
            continue;
        }
        unsigned written = (unsigned)__builtin_ctz(rare);
        at.out += (uint8_t)(ends << 8 >> (4 * written));
        at.units += written;
        do {
            if (load_u16(at.units) == 0)
                return (struct utf16_position){at.out, end};
            at = put_one(at, end, mode);
        } while (at.units != end && (load_u16(at.units) & 0xF800) == 0xD800); // as emoji come
    }
    return at;
}

// 8 to 15 units: the first 8 and the last 8, which overlap.
EVX_INLINE struct utf16_position put_8_to_15(struct utf16_position at, const uint8_t *end,
                                             enum text_mode mode)
{
    unsigned count = (unsigned)(end - at.units) / 2;
    u8x16 v = simd_narrow(simd_load(at.units), simd_load(end - 16));
    unsigned mask = simd_mask(utf16_find_specials(v, mode));
    store_u64(at.out, simd_low(v));
    store_u64(at.out + count - 8, simd_high(v));
    if (mask != 0)
        mask = drop_whitespace(mask, v, mode);
    if (EVX_LIKELY(mask == 0))
        return (struct utf16_position){at.out + count, end};
    unsigned done = put_packed(&at.out, simd_low(v), mask & 0xFF, 8, mode);
    if (done == 8 && count > 8) {
        unsigned seen = 16 - count;
        uint64_t unseen = simd_high(v) >> (8 * seen);
        done += put_packed(&at.out, unseen, mask >> (8 + seen), count - 8, mode);
    }
    at.units += 2 * done;
    return at;
}

// 4 to 7 units: the same with halves.
EVX_INLINE struct utf16_position put_4_to_7(struct utf16_position at, const uint8_t *end,
                                            enum text_mode mode)
{
    unsigned count = (unsigned)(end - at.units) / 2;
    u64x2 halves = {load_u64(at.units), load_u64(end - 8)};
    u8x16 v = simd_narrow((u8x16)halves, (u8x16)halves);
    unsigned mask = simd_mask(utf16_find_specials(v, mode)) & 0xFF;
    uint64_t bytes = simd_low(v);
    store_u32(at.out, (uint32_t)bytes);
    store_u32(at.out + count - 4, (uint32_t)(bytes >> 32));
    if (mask != 0)
        mask = drop_whitespace(mask, v, mode);
    if (EVX_LIKELY(mask == 0))
        return (struct utf16_position){at.out + count, end};
    bytes = (uint32_t)bytes | bytes >> 32 << (8 * (count - 4));
    mask = (mask & 0xF) | mask >> 4 << (count - 4);
    unsigned done = put_packed(&at.out, bytes, mask, count, mode);
    at.units += 2 * done;
    return at;
}

// Up to 3 units, of any kind.
EVX_INLINE struct utf16_position put_0_to_3(struct utf16_position at, const uint8_t *end,
                                            enum text_mode mode)
{
    while (at.units != end) {
        if (load_u16(at.units) == 0)
            return (struct utf16_position){at.out, end};
        at = put_one(at, end, mode);
    }
    return at;
}

EVX_INLINE struct utf16_position put_blocks(struct utf16_position at, const uint8_t *end,
                                            enum text_mode mode)
{
    while (end - at.units >= 32) {
        u8x16 v = simd_narrow(simd_load(at.units), simd_load(at.units + 16));
        unsigned mask = simd_mask(utf16_find_specials(v, mode));
        simd_store(at.out, v);
        if (mask != 0)
            mask = drop_whitespace(mask, v, mode);
        if (EVX_LIKELY(mask == 0)) {
            at.out += 16;
            at.units += 32;
            continue;
        }
        unsigned done = put_packed(&at.out, simd_low(v), mask & 0xFF, 8, mode);
        if (done == 8)
            done += put_packed(&at.out, simd_high(v), mask >> 8, 8, mode);
        at.units += 2 * done;
        if (done != 16)
            return at;
    }
    ptrdiff_t left = end - at.units;
    if (left >= 16)
        return put_8_to_15(at, end, mode);
    if (left >= 8)
        return put_4_to_7(at, end, mode);
    return put_0_to_3(at, end, mode);
}

EVX_INLINE uint8_t *put_text(uint8_t *out, const uint8_t *units, size_t count, enum text_mode mode)
{
    if (count == 0)
        return out;
    const uint8_t *end = units + 2 * count;
    end -= load_u16(end - 2) == 0 ? 2 : 0; // many values store their terminator
    struct utf16_position at = {out, units};
    if (EVX_UNLIKELY(load_u16(units) >= 0x80))
        at = put_wide(at, end, mode);
    for (;;) {
        at = put_blocks(at, end, mode);
        if (EVX_LIKELY(at.units == end))
            return at.out;
        at = put_wide(at, end, mode);
    }
}

uint8_t *utf16_put_xml(uint8_t *out, const uint8_t *units, size_t count)
{
    return put_text(out, units, count, TEXT_XML);
}

uint8_t *utf16_put_xml_attribute(uint8_t *out, const uint8_t *units, size_t count)
{
    return put_text(out, units, count, TEXT_XML_ATTRIBUTE);
}

struct utf16_position utf16_put_json_others(struct utf16_position at, const uint8_t *end)
{
    struct utf16_position next = put_wide(at, end, TEXT_JSON);
    if (next.units != at.units)
        return next;
    if (load_u16(at.units) == 0)
        return (struct utf16_position){at.out, end};
    return put_one(at, end, TEXT_JSON);
}

uint8_t *utf16_put_json(uint8_t *out, const uint8_t *units, size_t count)
{
    return put_text(out, units, count, TEXT_JSON);
}

uint8_t *utf16_put_raw(uint8_t *out, const uint8_t *units, size_t count)
{
    return put_text(out, units, count, TEXT_RAW);
}

#else

uint8_t *utf16_put_xml(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_XML);
}

uint8_t *utf16_put_xml_attribute(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_XML_ATTRIBUTE);
}

uint8_t *utf16_put_json(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_JSON);
}

uint8_t *utf16_put_raw(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_RAW);
}

#endif

// CDATA sections and processing instructions hardly exist in event logs: not worth a fast loop.
uint8_t *utf16_put_cdata(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_CDATA);
}

uint8_t *utf16_put_pi(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_reference(out, units, count, TEXT_PI);
}

uint8_t *utf16_put(uint8_t *out, const uint8_t *units, size_t count, enum text_mode mode)
{
    switch (mode) {
    case TEXT_XML:
        return utf16_put_xml(out, units, count);
    case TEXT_XML_ATTRIBUTE:
        return utf16_put_xml_attribute(out, units, count);
    case TEXT_JSON:
        return utf16_put_json(out, units, count);
    case TEXT_RAW:
        return utf16_put_raw(out, units, count);
    default:
        return utf16_put_reference(out, units, count, mode);
    }
}
