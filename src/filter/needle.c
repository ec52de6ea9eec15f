// SPDX-License-Identifier: MIT
#include "filter/needle.h"

#include <string.h>

#include "base/check.h"
#include "kernels/simd.h"
#include "text/fold.h"

// ---- which texts --------------------------------------------------------------------------------

static bool is_letter(uint16_t unit)
{
    return unit >= 'A' && unit <= 'Z';
}

// Whether letters that stand together, folded and ASCII, may be some of a printed number, time,
// GUID, SID, truth value or of hexadecimal bytes.
static bool letters_can_be_printed(const char *letters)
{
    static const char *const words[] = {"TRUE", "FALSE", "INFINITY", "NAN", "UTC", "S", "T", "Z"};
    static const char digits[] = "ABCDEF";
    if (strspn(letters + (*letters == 'X'), digits) == strlen(letters + (*letters == 'X')))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(words[i], letters))
            return true;
    return false;
}

static bool can_be_printed(const struct literal *literal)
{
    char letters[NEEDLE_UNITS_MAX + 1];
    for (uint32_t i = 0; i < literal->unit_count; i++) {
        uint32_t count = 0;
        uint16_t unit = load_u16(literal->folded + 2 * i);
        while (is_letter(unit)) {
            letters[count++] = (char)unit;
            if (++i == literal->unit_count)
                break;
            unit = load_u16(literal->folded + 2 * i);
        }
        letters[count] = 0;
        if (!letters_can_be_printed(letters))
            return false;
        if (i < literal->unit_count && (unit >= 0x80 || !strchr("0123456789+-.:{} ", unit)))
            return false;
    }
    return true;
}

// Texts with a comma may be several items of an array, which do not stand together.
static bool is_searchable(const struct literal *literal)
{
    if (literal->op != LITERAL_CONTAINS || literal->unit_count < NEEDLE_UNITS_MIN ||
        literal->unit_count > NEEDLE_UNITS_MAX)
        return false;
    for (uint32_t i = 0; i < literal->unit_count; i++) {
        uint16_t unit = load_u16(literal->folded + 2 * i);
        if (unit == ',' || unit == 0)
            return false;
    }
    return !can_be_printed(literal);
}

// How rare a unit is in texts; 0: it may be there as more than two characters. Those that fold to
// I, K or S are more in some tables.
static unsigned rarity_of(uint16_t unit)
{
    static const char letters[] = "ETAONRHLDCUMFPGWYBVXJQZ"; // the most frequent first
    if (unit <= ' ' || unit >= 0x7F || unit == 'I' || unit == 'K' || unit == 'S')
        return 0;
    if (is_letter(unit))
        return (unsigned)(strchr(letters, unit) - letters) + 2;
    return unit >= '0' && unit <= '9' ? 8 : unit == '\\' || unit == '.' ? 6 : 26;
}

static bool choose_anchors(struct needle *needle)
{
    unsigned best[2] = {0, 0};
    for (uint32_t i = 0; i < needle->unit_count; i++) {
        uint16_t unit = load_u16(needle->folded + 2 * i);
        unsigned rarity = rarity_of(unit);
        unsigned worse = best[0] < best[1] ? 0 : 1;
        if (rarity <= best[worse])
            continue;
        best[worse] = rarity;
        needle->anchors[worse] = (struct needle_anchor){
            i, (uint8_t)unit, (uint8_t)(unit | (is_letter(unit) ? 0x20 : 0))};
    }
    return best[0] > 0 && best[1] > 0;
}

void needles_make(struct query_tree *query)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < query->expression_count && count < NEEDLES_MAX; i++) {
        const struct expression *expression = &query->expressions[i];
        struct literal *literal = (struct literal *)expression->path.literal;
        if (expression->kind != EXPRESSION_ANY_TEXT || literal->needle || !is_searchable(literal))
            continue;
        struct needle *needle = query_tree_allocate(query, sizeof *needle);
        if (!needle)
            return;
        *needle = (struct needle){literal->folded, literal->unit_count, count, {{0, 0, 0}}};
        if (!choose_anchors(needle))
            continue;
        literal->needle = needle;
        count++;
    }
}

// ---- the search ---------------------------------------------------------------------------------

static bool stands_at(const struct needle *needle, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < needle->unit_count; i++)
        if (fold_unit(load_u16(bytes + 2 * i)) != load_u16(needle->folded + 2 * i))
            return false;
    return true;
}

static bool stands_in_slowly(const struct needle *needle, const uint8_t *bytes, size_t from,
                             size_t last)
{
    for (size_t at = from; at <= last; at++)
        if (stands_at(needle, bytes + at))
            return true;
    return false;
}

#if EVX_SIMD

EVX_INLINE u8x16 lanes_of(uint8_t byte)
{
    return (u8x16){} + byte;
}

bool needle_stands_in(const struct needle *needle, const uint8_t *bytes, size_t size)
{
    const size_t needed = 2 * (size_t)needle->unit_count;
    const struct needle_anchor *a = &needle->anchors[0], *b = &needle->anchors[1];
    const u8x16 a_folded = lanes_of(a->folded), a_other = lanes_of(a->other);
    const u8x16 b_folded = lanes_of(b->folded), b_other = lanes_of(b->other);
    if (size < needed)
        return false;
    const size_t last = size - needed; // where it may begin
    size_t at = 0;
    EVX_CHECK(a->place < needle->unit_count && b->place < needle->unit_count);
    // Sixteen beginnings at a time: the bytes of both anchors lie within, since the last of the
    // sixteen is a beginning, too.
    for (; at + 15 <= last; at += 16) {
        u8x16 first = simd_load(bytes + at + 2 * a->place);
        u8x16 second = simd_load(bytes + at + 2 * b->place);
        u8x16 hits = (u8x16)((first == a_folded) | (first == a_other)) &
                     (u8x16)((second == b_folded) | (second == b_other));
        for (unsigned mask = simd_mask(hits); EVX_UNLIKELY(mask); mask &= mask - 1)
            if (stands_at(needle, bytes + at + (unsigned)__builtin_ctz(mask)))
                return true;
    }
    return stands_in_slowly(needle, bytes, at, last);
}

#else

bool needle_stands_in(const struct needle *needle, const uint8_t *bytes, size_t size)
{
    const size_t needed = 2 * (size_t)needle->unit_count;
    return size >= needed && stands_in_slowly(needle, bytes, 0, size - needed);
}

#endif
