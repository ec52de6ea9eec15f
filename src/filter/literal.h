// SPDX-License-Identifier: MIT
// The right side of a comparison: a constant with all readings that its text allows, and what is
// asked of a value. Which reading counts depends on the type of the value (filter/match.h).
#ifndef EVX_FILTER_LITERAL_H
#define EVX_FILTER_LITERAL_H

#include <stdbool.h>
#include <stdint.h>

enum literal_op {
    LITERAL_EQ,
    LITERAL_NE,
    LITERAL_LT,
    LITERAL_LE,
    LITERAL_GT,
    LITERAL_GE,
    // Of the text alone. Patterns are folded unless is_cased.
    LITERAL_LIKE, // `*` and `?`, the whole text; escaped as `\*`, `\?`, `\\` in the units
    LITERAL_CONTAINS,
    LITERAL_STARTS,
    LITERAL_ENDS,
    LITERAL_REGEX,
    LITERAL_CIDR, // an IPv4 or IPv6 address in the network
    LITERAL_SET,  // a number that is in a set of ranges
};

// Of REGEX.
enum literal_regex_flag {
    LITERAL_REGEX_CASELESS = 1,  // i
    LITERAL_REGEX_MULTILINE = 2, // m
    LITERAL_REGEX_DOT_ALL = 4,   // s
};

// What of a time is compared with the number, in UTC.
enum literal_part {
    LITERAL_PART_NONE, // all of it
    LITERAL_PART_MINUTE,
    LITERAL_PART_HOUR,
    LITERAL_PART_DAY,
    LITERAL_PART_WEEK, // of ISO 8601
    LITERAL_PART_MONTH,
    LITERAL_PART_YEAR,
};

struct needle;

struct number_range {
    uint64_t first, last;
};

// A number as written: exact where it fits 64 bits.
struct literal_number {
    bool is_integer;
    bool is_negative; // then integer is its absolute value
    uint64_t integer;
    double real; // always set
};

struct literal {
    uint8_t op;          // enum literal_op
    uint8_t regex_flags; // enum literal_regex_flag
    uint8_t part;        // enum literal_part
    bool is_cased;
    bool is_number_token; // written without quotes
    bool has_number, has_time, has_guid, has_bool;
    bool truth; // has_bool
    struct literal_number number;
    int64_t ticks;         // has_time: FILETIME
    uint8_t guid[16];      // as stored in a log
    const uint8_t *units;  // the text as typed, UTF-16LE
    const uint8_t *folded; // the same in upper case, unit by unit
    uint32_t unit_count;
    const struct number_range *ranges; // SET, rising
    uint32_t range_count;
    uint8_t network[16]; // CIDR
    uint8_t network_bits;
    bool is_ipv6;
    void *regex; // REGEX: compiled, of the query
    // CONTAINS, of any value: what has to stand in a record (filter/needle.h); NULL: not known.
    const struct needle *needle;
};

#endif
