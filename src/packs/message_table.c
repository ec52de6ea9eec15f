// SPDX-License-Identifier: MIT
#include "packs/message_table.h"

#include "base/check.h"
#include "base/load.h"

enum {
    HEAD_BYTES = 4,
    BLOCK_BYTES = 12,
    ENTRY_HEADER_BYTES = 4,
    FLAG_UTF16 = 1,
};

struct block {
    uint32_t low, high, offset;
};

static struct block block_at(const struct message_table *table, uint32_t index)
{
    EVX_CHECK(index < table->block_count);
    const uint8_t *block = table->data + HEAD_BYTES + (size_t)index * BLOCK_BYTES;
    return (struct block){load_u32(block), load_u32(block + 4), load_u32(block + 8)};
}

bool message_table_open(const uint8_t *data, size_t size, struct message_table *ret)
{
    if (size < HEAD_BYTES)
        return false;
    *ret = (struct message_table){data, size, load_u32(data), true};
    if (ret->block_count > (size - HEAD_BYTES) / BLOCK_BYTES)
        return false;
    for (uint32_t i = 0; i < ret->block_count; i++) {
        struct block block = block_at(ret, i);
        if (block.low > block.high || block.offset > size)
            return false;
        // Each message takes its header at least.
        if (block.high - block.low > (size - block.offset) / ENTRY_HEADER_BYTES)
            return false;
        if (i > 0 && block_at(ret, i - 1).high >= block.low)
            ret->is_sorted = false;
    }
    return true;
}

// Bytes in front of the NUL that ends the text.
static uint16_t text_bytes(const uint8_t *text, uint16_t size, uint16_t flags)
{
    uint16_t unit = flags & FLAG_UTF16 ? 2 : 1, at = 0;
    for (; size - at >= unit; at = (uint16_t)(at + unit))
        if (text[at] == 0 && (unit == 1 || text[at + 1] == 0))
            return at;
    return at;
}

// The entry at an offset; 0 when there is none, else its size.
static uint16_t read_entry(const struct message_table *table, uint64_t offset, uint32_t id,
                           struct message *ret)
{
    if (offset > table->size || table->size - offset < ENTRY_HEADER_BYTES)
        return 0;
    const uint8_t *entry = table->data + offset;
    uint16_t size = load_u16(entry);
    if (size < ENTRY_HEADER_BYTES || size > table->size - offset)
        return 0;
    ret->id = id;
    ret->flags = load_u16(entry + 2);
    ret->text = entry + ENTRY_HEADER_BYTES;
    ret->size = text_bytes(ret->text, (uint16_t)(size - ENTRY_HEADER_BYTES), ret->flags);
    return size;
}

static bool find_in_block(const struct message_table *table, struct block block, uint32_t id,
                          struct message *ret)
{
    EVX_CHECK(id >= block.low && id <= block.high);
    uint64_t offset = block.offset;
    for (uint32_t at = block.low;; at++) {
        uint16_t size = read_entry(table, offset, at, ret);
        if (size == 0)
            return false;
        if (at == id)
            return true;
        offset += size;
    }
}

bool message_table_find(const struct message_table *table, uint32_t id, struct message *ret)
{
    uint32_t from = 0, to = table->block_count;
    while (table->is_sorted && to - from > 1) {
        uint32_t half = from + (to - from) / 2;
        if (block_at(table, half).low <= id)
            from = half;
        else
            to = half;
    }
    for (uint32_t i = from; i < to; i++) {
        struct block block = block_at(table, i);
        if (id >= block.low && id <= block.high)
            return find_in_block(table, block, id, ret);
    }
    return false;
}

struct message_walk message_table_walk(const struct message_table *table)
{
    struct message_walk walk = {.left = table->size / ENTRY_HEADER_BYTES};
    if (table->block_count > 0)
        walk.offset = block_at(table, 0).offset;
    return walk;
}

bool message_table_next(const struct message_table *table, struct message_walk *walk,
                        struct message *ret)
{
    while (walk->block < table->block_count && walk->left > 0) {
        struct block block = block_at(table, walk->block);
        uint16_t size = 0;
        if (walk->index <= block.high - block.low)
            size = read_entry(table, walk->offset, block.low + walk->index, ret);
        if (size > 0) {
            walk->offset += size;
            walk->index++;
            walk->left--;
            return true;
        }
        walk->block++; // the rest of a block that is damaged cannot be found
        walk->index = 0;
        if (walk->block < table->block_count)
            walk->offset = block_at(table, walk->block).offset;
    }
    return false;
}
