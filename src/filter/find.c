// SPDX-License-Identifier: MIT
#include "filter/find.h"

#include "base/attrs.h"
#include "base/check.h"
#include "base/load.h"
#include "filter/regex.h"
#include "text/fold.h"

EVX_INLINE uint16_t unit_at(const uint8_t *units, size_t index)
{
    return load_u16(units + 2 * index);
}

// The constant's units as they are compared, and a text's.
EVX_INLINE const uint8_t *pattern_of(const struct literal *literal)
{
    return literal->is_cased ? literal->units : literal->folded;
}

EVX_INLINE uint16_t compared_unit(const struct literal *literal, const uint8_t *units, size_t index)
{
    uint16_t unit = unit_at(units, index);
    return literal->is_cased ? unit : fold_unit(unit);
}

// Whether all of the constant stands at the beginning of the units, of which there are enough.
static bool stands_at(const struct literal *literal, const uint8_t *units)
{
    const uint8_t *pattern = pattern_of(literal);
    for (size_t i = 0; i < literal->unit_count; i++)
        if (compared_unit(literal, units, i) != unit_at(pattern, i))
            return false;
    return true;
}

bool find_equal(const struct literal *literal, const uint8_t *units, size_t count)
{
    return count == literal->unit_count && stands_at(literal, units);
}

int find_order(const struct literal *literal, const uint8_t *units, size_t count)
{
    const uint8_t *pattern = pattern_of(literal);
    for (size_t i = 0; i < count && i < literal->unit_count; i++) {
        uint16_t a = compared_unit(literal, units, i), b = unit_at(pattern, i);
        if (a != b)
            return a < b ? -1 : 1;
    }
    return count < literal->unit_count ? -1 : count > literal->unit_count;
}

static bool stands_inside(const struct literal *literal, const uint8_t *units, size_t count)
{
    if (literal->unit_count == 0)
        return true;
    const uint16_t first = unit_at(pattern_of(literal), 0);
    for (size_t i = 0; i + literal->unit_count <= count; i++)
        if (compared_unit(literal, units, i) == first && stands_at(literal, units + 2 * i))
            return true;
    return false;
}

// One unit of a LIKE pattern: a character, or a wildcard.
struct like_unit {
    uint16_t unit;
    bool is_star, is_any;
    size_t next; // index behind it
};

static struct like_unit like_at(const struct literal *literal, size_t at)
{
    const uint8_t *pattern = pattern_of(literal);
    EVX_CHECK(at < literal->unit_count);
    struct like_unit one = {.unit = unit_at(pattern, at), .next = at + 1};
    if (one.unit == '\\' && at + 1 < literal->unit_count) {
        one.unit = unit_at(pattern, at + 1);
        one.next = at + 2;
        return one;
    }
    one.is_star = one.unit == '*';
    one.is_any = one.unit == '?';
    return one;
}

// Goes back to the last star only: what stands before it need not be tried again.
static bool is_like(const struct literal *literal, const uint8_t *units, size_t count)
{
    size_t at = 0, i = 0, star = SIZE_MAX, star_i = 0;
    while (i < count) {
        if (at < literal->unit_count) {
            struct like_unit one = like_at(literal, at);
            if (one.is_star) {
                star = at = one.next;
                star_i = i;
                continue;
            }
            if (one.is_any || compared_unit(literal, units, i) == one.unit) {
                at = one.next;
                i++;
                continue;
            }
        }
        if (star == SIZE_MAX)
            return false;
        at = star;
        i = ++star_i;
    }
    while (at < literal->unit_count && like_at(literal, at).is_star)
        at = like_at(literal, at).next;
    return at == literal->unit_count;
}

bool find_pattern(struct regex_state *regex, const struct literal *literal, const uint8_t *units,
                  size_t count)
{
    size_t size = literal->unit_count;
    switch (literal->op) {
    case LITERAL_LIKE:
        return is_like(literal, units, count);
    case LITERAL_CONTAINS:
        return stands_inside(literal, units, count);
    case LITERAL_STARTS:
        return count >= size && stands_at(literal, units);
    case LITERAL_ENDS:
        return count >= size && stands_at(literal, units + 2 * (count - size));
    case LITERAL_REGEX:
        return regex_find(regex, literal, units, count);
    default:
        EVX_CHECK(false);
        return false;
    }
}
