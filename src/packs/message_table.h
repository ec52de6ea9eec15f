// SPDX-License-Identifier: MIT
// A message table (RT_MESSAGETABLE): texts by number. Views into the resource, which must live as
// long.
#ifndef EVX_PACKS_MESSAGE_TABLE_H
#define EVX_PACKS_MESSAGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"

struct message_table {
    const uint8_t *data;
    size_t size;
    uint32_t block_count;
    bool is_sorted; // by number: blocks are found by halving
};

struct message {
    uint32_t id;
    uint16_t flags; // 1: UTF-16LE; 0: ANSI; 2: UTF-8
    const uint8_t *text;
    uint16_t size; // bytes, up to its NUL
};

// Whether every block lies in the resource. What is in them is looked at when it is asked for.
EVX_MUST_USE bool message_table_open(const uint8_t *data, size_t size, struct message_table *ret);

bool message_table_find(const struct message_table *table, uint32_t id, struct message *ret);

// All of them, in the order of the table. At most as many as fit into the resource, though blocks
// may overlap.
struct message_walk {
    uint32_t block, index; // of the next one
    uint64_t offset;
    uint64_t left;
};
struct message_walk message_table_walk(const struct message_table *table);
bool message_table_next(const struct message_table *table, struct message_walk *walk,
                        struct message *ret);

#endif
