// SPDX-License-Identifier: MIT
#include "filter/make_literal.h"

#include <string.h>

#include "base/check.h"
#include "filter/reading.h"
#include "text/fold.h"

static bool add_folded(struct query_tree *tree, struct literal *literal)
{
    size_t size = 2 * (size_t)literal->unit_count;
    uint8_t *folded = query_tree_allocate(tree, size ? size : 2);
    if (!folded)
        return false;
    fold_units(folded, literal->units, literal->unit_count);
    literal->folded = folded;
    return true;
}

static void add_readings(struct literal *literal)
{
    struct reading_text text = reading_of_units(literal->units, literal->unit_count);
    struct reading_time time;
    literal->has_number = reading_number(text, &literal->number);
    literal->has_bool = reading_truth(text, &literal->truth);
    literal->has_guid = reading_guid(text, literal->guid);
    literal->has_time = reading_time(text, &time);
    if (literal->has_time)
        literal->ticks = time.ticks;
}

struct literal *literal_make(struct query_tree *tree, enum literal_op op, const char *text,
                             size_t size)
{
    struct literal *literal = query_tree_allocate(tree, sizeof *literal);
    if (!literal)
        return NULL;
    memset(literal, 0, sizeof *literal);
    literal->op = (uint8_t)op;
    if (!query_tree_units(tree, text, size, &literal->units, &literal->unit_count) ||
        !add_folded(tree, literal))
        return NULL;
    if (op <= LITERAL_GE)
        add_readings(literal);
    return literal;
}

struct literal *literal_make_set(struct query_tree *tree, const struct number_range *ranges,
                                 uint32_t count)
{
    struct literal *literal = literal_make(tree, LITERAL_SET, "", 0);
    struct number_range *copy =
        query_tree_allocate(tree, count ? count * sizeof *copy : sizeof *copy);
    if (!literal || !copy)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        EVX_CHECK(ranges[i].first <= ranges[i].last);
        EVX_CHECK(i == 0 || ranges[i - 1].last < ranges[i].first);
        copy[i] = ranges[i];
    }
    literal->ranges = copy;
    literal->range_count = count;
    return literal;
}

struct literal *literal_make_network(struct query_tree *tree, const char *text, size_t size)
{
    const char *slash = memchr(text, '/', size);
    size_t address_size = slash ? (size_t)(slash - text) : size;
    uint8_t address[16] = {0};
    bool is_ipv6;
    if (!reading_address(reading_of_bytes(text, address_size), address, &is_ipv6))
        return NULL;
    uint32_t bits = is_ipv6 ? 128 : 32;
    if (slash) {
        struct reading_text rest = reading_of_bytes(slash + 1, size - address_size - 1);
        struct literal_number number;
        if (rest.count == 0 || reading_digit(reading_peek(&rest)) > 9 ||
            !reading_number(rest, &number) || !number.is_integer || number.integer > bits)
            return NULL;
        bits = (uint32_t)number.integer;
    }
    struct literal *literal = literal_make(tree, LITERAL_CIDR, text, size);
    if (!literal)
        return NULL;
    // Bits behind the prefix count for nothing.
    for (uint32_t bit = bits; bit < 128; bit++)
        address[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    memcpy(literal->network, address, sizeof literal->network);
    literal->network_bits = (uint8_t)bits;
    literal->is_ipv6 = is_ipv6;
    return literal;
}
