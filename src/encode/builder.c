// SPDX-License-Identifier: MIT
// Memory, sticky error, names and templates of a builder.
#include "base/check.h"
#include "encode/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 256 << 10 };

void encode_fail(encode_builder *b, const char *format, ...)
{
    if (b->failed)
        return;
    b->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(b->error, sizeof b->error, format, arguments);
    va_end(arguments);
}

void encode_fail_memory(encode_builder *b)
{
    encode_fail(b, "no memory");
}

const char *encode_error(const encode_builder *b)
{
    return b->failed ? b->error : NULL;
}

encode_builder *encode_create(void)
{
    encode_builder *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->names = calloc(ENCODE_NAME_BUCKETS, sizeof(encode_name *));
    b->chunk.bytes = calloc(1, CHUNK_BYTES);
    b->first_block = malloc(sizeof(encode_block) + BLOCK_BYTES);
    b->spare_name = calloc(1, sizeof(encode_name));
    if (b->first_block)
        b->first_block->next = NULL;
    if (!b->names || !b->chunk.bytes || !b->first_block || !b->spare_name) {
        encode_free(&b);
        return NULL;
    }
    b->first_block->capacity = BLOCK_BYTES;
    b->block = b->first_block;
    b->spare_template.fragment = &b->spare;
    b->chunk.serial = 1;
    b->chunk.free = CHUNK_HEADER_BYTES;
    b->log.header_block = FILE_HEADER_BLOCK_BYTES;
    b->log.next_number = b->log.next_id = 1;
    b->log.next_written = 133485408000000000; // 2024-01-01T00:00:00Z
    return b;
}

void encode_free(encode_builder **builder)
{
    encode_builder *b = *builder;
    *builder = NULL;
    if (!b)
        return;
    for (encode_block *block = b->first_block, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    for (size_t i = 0; b->names && i < ENCODE_NAME_BUCKETS; i++) {
        for (encode_name *name = b->names[i], *next; name; name = next) {
            next = name->next;
            free(name);
        }
    }
    for (encode_template *t = b->templates, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    free(b->names);
    free(b->chunk.bytes);
    free(b->chunk.pokes.items);
    free(b->log.pokes.items);
    free(b->log.bytes);
    free(b->spare_name);
    free(b);
}

encode_mark encode_get_mark(const encode_builder *b)
{
    return (encode_mark){b->block, b->used};
}

void encode_rewind(encode_builder *b, encode_mark mark)
{
    b->block = mark.block;
    b->used = mark.used;
}

// Blocks behind the current one are leftovers of a rewind; one that is too small is passed over.
static bool next_block(encode_builder *b, size_t size)
{
    encode_block *last = b->block;
    for (encode_block *block = last->next; block; last = block, block = block->next) {
        if (block->capacity >= size) {
            b->block = block;
            b->used = 0;
            return true;
        }
    }
    size_t capacity = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    encode_block *block = malloc(sizeof *block + capacity);
    if (!block)
        return false;
    block->next = NULL;
    block->capacity = capacity;
    last->next = block;
    b->block = block;
    b->used = 0;
    return true;
}

void *encode_allocate(encode_builder *b, size_t size)
{
    if (size > SIZE_MAX / 2) {
        encode_fail_memory(b);
        return NULL;
    }
    size = (size + 15) & ~(size_t)15;
    EVX_CHECK(b->used <= b->block->capacity);
    if (size > b->block->capacity - b->used && !next_block(b, size)) {
        encode_fail_memory(b);
        return NULL;
    }
    EVX_CHECK(size <= b->block->capacity - b->used);
    void *result = b->block->bytes + b->used;
    b->used += size;
    return memset(result, 0, size);
}

// -------------------------------------------------------------------------------------------------
// Names. Kept beyond marks: their location in the chunk must survive the records that used them.

encode_name *encode_name_of16(encode_builder *b, const char16_t *units, size_t count)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = hash * NAME_HASH_MULTIPLIER + units[i];
    encode_name **bucket = &b->names[hash % ENCODE_NAME_BUCKETS];
    for (encode_name *name = *bucket; name; name = name->next) {
        if (name->hash == hash && name->count == count &&
            memcmp(name->units, units, count * sizeof *units) == 0)
            return name;
    }
    if (count > 0xFFFF) {
        encode_fail(b, "name of %zu units: 65535 at most", count);
        return b->spare_name;
    }
    encode_name *name = calloc(1, sizeof *name + count * sizeof *units);
    if (!name) {
        encode_fail_memory(b);
        return b->spare_name;
    }
    name->hash = hash;
    name->count = (uint16_t)count;
    if (count)
        memcpy(name->units, units, count * sizeof *units);
    name->next = *bucket;
    *bucket = name;
    return name;
}

encode_name *encode_name_of(encode_builder *b, const char *utf8)
{
    size_t count;
    const char16_t *units = encode_utf16(b, utf8, strlen(utf8), &count);
    return encode_name_of16(b, units, count);
}

// -------------------------------------------------------------------------------------------------
// Text.

// One character at p, or -1. Surrogates pass so that broken UTF-16 can be written.
static int32_t decode_utf8(const uint8_t *p, size_t left, size_t *ret_used)
{
    unsigned length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (length == 0 || length > left || p[0] > 0xF4)
        return -1;
    int32_t code = length == 1 ? p[0] : p[0] & (0x7F >> length);
    for (unsigned i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return -1;
        code = code << 6 | (p[i] & 0x3F);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)))
        return -1;
    *ret_used = length;
    return code;
}

const char16_t *encode_utf16(encode_builder *b, const char *utf8, size_t bytes, size_t *ret_count)
{
    static const char16_t empty[1];
    *ret_count = 0;
    char16_t *units = encode_allocate(b, (bytes + 1) * sizeof *units);
    if (!units)
        return empty;
    size_t count = 0, used = 0;
    for (size_t i = 0; i < bytes; i += used) {
        int32_t code = decode_utf8((const uint8_t *)utf8 + i, bytes - i, &used);
        if (code < 0) {
            encode_fail(b, "byte %zu of \"%.60s\" is not UTF-8", i, utf8);
            return empty;
        }
        if (code >= 0x10000) {
            units[count++] = (char16_t)(0xD7C0 + (code >> 10));
            units[count++] = (char16_t)(0xDC00 + (code & 0x3FF));
        } else {
            units[count++] = (char16_t)code;
        }
    }
    *ret_count = count;
    return units;
}

// -------------------------------------------------------------------------------------------------
// Templates.

encode_template *encode_template_of(encode_builder *b, const encode_node *fragment)
{
    encode_template *t = b->failed ? NULL : calloc(1, sizeof *t);
    if (!t) {
        encode_fail_memory(b);
        return &b->spare_template;
    }
    t->fragment = fragment;
    t->size = ENCODE_AUTO;
    t->next = b->templates;
    b->templates = t;
    encode_derive_guid(b, t);
    return t;
}

encode_template *encode_template_text(encode_builder *b, const char *text)
{
    return encode_template_of(b, encode_nodes_text(b, text));
}

void encode_template_set_guid(encode_template *t, const uint8_t guid[16])
{
    memcpy(t->guid, guid, sizeof t->guid);
    t->bucket = encode_guid_bucket(guid);
}

void encode_template_get_guid(const encode_template *t, uint8_t ret_guid[16])
{
    memcpy(ret_guid, t->guid, sizeof t->guid);
}

void encode_template_set_size(encode_template *t, int64_t size)
{
    t->size = size;
}

// -------------------------------------------------------------------------------------------------
// Pokes.

void encode_add_poke(encode_builder *b, encode_pokes *pokes, encode_poke poke)
{
    if (pokes->count == pokes->capacity) {
        size_t capacity = pokes->capacity ? pokes->capacity * 2 : 16;
        encode_poke *items = realloc(pokes->items, capacity * sizeof *items);
        if (!items) {
            encode_fail_memory(b);
            return;
        }
        pokes->items = items;
        pokes->capacity = capacity;
    }
    pokes->items[pokes->count++] = poke;
}

void encode_apply_pokes(uint8_t *bytes, const encode_pokes *pokes, bool checksums,
                        const uint32_t checksum_offsets[], size_t checksum_count)
{
    for (size_t i = 0; i < pokes->count; i++) {
        const encode_poke *poke = &pokes->items[i];
        bool is_checksum = false;
        for (size_t k = 0; k < checksum_count; k++)
            is_checksum |= poke->offset == checksum_offsets[k];
        if (is_checksum == checksums)
            memcpy(bytes + poke->offset, &poke->value, poke->width);
    }
}
