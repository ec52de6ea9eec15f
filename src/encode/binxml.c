// SPDX-License-Identifier: MIT
// Nodes to BinXML.
#include "base/check.h"
#include "encode/private.h"

enum {
    TOKEN_EOF = 0x00,
    TOKEN_ELEMENT = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END_ELEMENT = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHARACTER = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0A,
    TOKEN_PI_DATA = 0x0B,
    TOKEN_INSTANCE = 0x0C,
    TOKEN_SUBSTITUTION = 0x0D,
    TOKEN_OPTIONAL = 0x0E,
    TOKEN_HEADER = 0x0F,
    TOKEN_MORE = 0x40,

    DEPTH_MAX = 20000, // of the recursion below; more than fits in a record
};

static void put(encode_writer *w, const void *bytes, size_t size)
{
    if (!w->bytes) {
        for (size_t i = 0; i < size; i++) {
            uint8_t byte = ((const uint8_t *)bytes)[i];
            w->hash[0] = (w->hash[0] ^ byte) * 0x00000100000001B3;
            w->hash[1] = (w->hash[1] << 7 | w->hash[1] >> 57) * 0x9E3779B97F4A7C15 + byte;
        }
        return;
    }
    EVX_CHECK(w->position <= w->limit);
    if (w->full || size > w->limit - w->position) {
        w->full = true;
        return;
    }
    if (size)
        memcpy(w->bytes + w->position, bytes, size);
    w->position += (uint32_t)size;
}

static void put_u8(encode_writer *w, unsigned v)
{
    uint8_t byte = (uint8_t)v;
    put(w, &byte, 1);
}

static void put_u16(encode_writer *w, unsigned v)
{
    uint16_t word = (uint16_t)v;
    put(w, &word, 2);
}

static void put_u32(encode_writer *w, uint32_t v)
{
    put(w, &v, 4);
}

// Room for a size that is known later; what is forced is written at once (and takes part in the
// hash).
static uint32_t begin_size(encode_writer *w, int64_t forced)
{
    put_u32(w, forced == ENCODE_AUTO ? 0 : (uint32_t)forced);
    return w->position;
}

static void end_size(encode_writer *w, uint32_t begin, int64_t forced)
{
    EVX_CHECK(!w->bytes || begin <= w->position);
    if (forced == ENCODE_AUTO && w->bytes && !w->full)
        store_u32(w->bytes + begin - 4, w->position - begin);
}

static bool is_here(const encode_writer *w, const encode_location *location)
{
    return location->serial == w->builder->chunk.serial;
}

static void put_name(encode_writer *w, const encode_node *node)
{
    if (node->name_offset != ENCODE_AUTO) {
        put_u32(w, (uint32_t)node->name_offset);
        return;
    }
    encode_name *name = node->name ? node->name : w->builder->spare_name;
    if (!w->bytes) {
        put_u16(w, name->count);
        put(w, name->units, name->count * sizeof *name->units);
        return;
    }
    if (is_here(w, &name->location)) {
        put_u32(w, name->location.offset);
        return;
    }
    uint8_t *slot = w->bytes + CHUNK_NAME_TABLE_OFFSET + 4 * (name->hash % CHUNK_NAME_BUCKETS);
    uint32_t offset = w->position + 4;
    put_u32(w, offset);
    put_u32(w, load_u32(slot));
    put_u16(w, name->hash);
    put_u16(w, name->count);
    put(w, name->units, name->count * sizeof *name->units);
    put_u16(w, 0);
    name->location = (encode_location){w->builder->chunk.serial, offset};
    store_u32(slot, offset);
}

static bool is_character_data(const encode_node *node)
{
    return node && (node->kind == ENCODE_NODE_TEXT || node->kind == ENCODE_NODE_CDATA ||
                    node->kind == ENCODE_NODE_CHARACTER || node->kind == ENCODE_NODE_ENTITY ||
                    node->kind == ENCODE_NODE_SUBSTITUTION || node->kind == ENCODE_NODE_LITERAL);
}

static void put_token(encode_writer *w, const encode_node *node, unsigned token)
{
    put_u8(w, node->token == ENCODE_AUTO ? token : (unsigned)node->token);
}

static void put_data_token(encode_writer *w, const encode_node *node, unsigned token)
{
    put_token(w, node, is_character_data(node->next) ? token | TOKEN_MORE : token);
}

static void put_units(encode_writer *w, const encode_node *node)
{
    put_u16(w,
            (unsigned)(node->size == ENCODE_AUTO ? (int64_t)(node->byte_count / 2) : node->size));
    put(w, node->bytes, node->byte_count);
}

static void write_children(encode_writer *w, const encode_node *first, const encode_node *end)
{
    for (const encode_node *node = first; node != end; node = node->next)
        encode_write_node(w, node);
}

// -------------------------------------------------------------------------------------------------
// Elements.

static int dependency_of(const encode_node *element)
{
    for (const encode_node *node = element->first_child; node; node = node->next) {
        if (node->kind == ENCODE_NODE_SUBSTITUTION && node->optional)
            return node->index;
    }
    return ENCODE_DEPENDENCY_NONE;
}

static void write_element(encode_writer *w, const encode_node *node)
{
    const encode_node *content = node->first_child;
    for (const encode_node *child = node->first_child; child; child = child->next) {
        if (child->kind == ENCODE_NODE_ATTRIBUTE)
            content = child->next; // raw bytes between attributes belong to the list
    }
    bool has_attributes = content != node->first_child;
    unsigned token = has_attributes ? TOKEN_ELEMENT | TOKEN_MORE : TOKEN_ELEMENT;
    if (node->token != ENCODE_AUTO)
        token = (unsigned)node->token;
    put_u8(w, token);
    if (node->dependency >= 0)
        put_u16(w, (unsigned)node->dependency);
    else if (node->dependency == ENCODE_AUTO && w->definition)
        put_u16(w, (unsigned)dependency_of(node));
    uint32_t begin = begin_size(w, node->size);
    put_name(w, node);
    if (token & TOKEN_MORE) {
        uint32_t list_begin = begin_size(w, node->list_size);
        write_children(w, node->first_child, content);
        end_size(w, list_begin, node->list_size);
    }
    if (node->self_closed && content)
        encode_fail(w->builder, "an element closed by token 03 has content");
    if (!node->self_closed) {
        put_u8(w, TOKEN_CLOSE_START);
        write_children(w, content, NULL);
    }
    if (!node->end_missing)
        put_u8(w, node->self_closed ? TOKEN_CLOSE_EMPTY : TOKEN_END_ELEMENT);
    end_size(w, begin, node->size);
}

static void write_attribute(encode_writer *w, const encode_node *node)
{
    bool more = false;
    for (const encode_node *next = node->next; next && !more; next = next->next)
        more = next->kind == ENCODE_NODE_ATTRIBUTE;
    put_token(w, node, more ? TOKEN_ATTRIBUTE | TOKEN_MORE : TOKEN_ATTRIBUTE);
    put_name(w, node);
    write_children(w, node->first_child, NULL);
}

// -------------------------------------------------------------------------------------------------
// Values and instances.

static void put_value(encode_writer *w, const encode_value *value)
{
    if (!value->fragment) {
        put(w, value->bytes ? value->bytes : value->small, value->size);
        return;
    }
    bool definition = w->definition;
    w->definition = false;
    encode_write_node(w, value->fragment);
    w->definition = definition;
}

static void write_literal(encode_writer *w, const encode_node *node)
{
    const encode_value *value = node->values;
    if (!value) // after an error
        return;
    put_data_token(w, node, TOKEN_VALUE);
    put_u8(w, value->type);
    bool has_length = value->type <= ENCODE_ANSI || value->type == ENCODE_BINARY ||
                      value->type == ENCODE_NESTED || (value->type & ENCODE_ARRAY);
    if (!has_length || (value->type == ENCODE_NULL && value->size == 0)) {
        put_value(w, value);
        return;
    }
    uint32_t count = value->type == ENCODE_STRING ? value->size / 2 : value->size;
    put_u16(w, node->size == ENCODE_AUTO ? count : (unsigned)node->size);
    uint32_t begin = w->position;
    put_value(w, value);
    if (value->fragment && node->size == ENCODE_AUTO && w->bytes && !w->full)
        store_u16(w->bytes + begin - 2, (uint16_t)(w->position - begin));
}

static void put_values(encode_writer *w, const encode_node *node)
{
    put_u32(w, node->size == ENCODE_AUTO ? (uint32_t)node->value_count : (uint32_t)node->size);
    uint32_t descriptors = w->position;
    for (size_t i = 0; i < node->value_count; i++) {
        const encode_value *value = &node->values[i];
        int64_t size = value->declared_size == ENCODE_AUTO ? value->size : value->declared_size;
        if (size > 0xFFFF)
            encode_fail(w->builder, "value %zu of %lld bytes: a descriptor holds 65535 at most", i,
                        (long long)size);
        put_u16(w, (unsigned)size);
        put_u8(w, value->type);
        put_u8(w, value->pad);
    }
    for (size_t i = 0; i < node->value_count; i++) {
        uint32_t begin = w->position;
        const encode_value *value = &node->values[i];
        put_value(w, value);
        if (value->fragment && value->declared_size == ENCODE_AUTO && w->bytes && !w->full)
            store_u16(w->bytes + descriptors + 4 * i, (uint16_t)(w->position - begin));
    }
}

static void put_definition(encode_writer *w, encode_template *t)
{
    uint8_t *slot = w->bytes + CHUNK_TEMPLATE_TABLE_OFFSET + 4 * t->bucket;
    t->location = (encode_location){w->builder->chunk.serial, w->position};
    put_u32(w, load_u32(slot));
    store_u32(slot, t->location.offset);
    put(w, t->guid, sizeof t->guid);
    uint32_t begin = begin_size(w, t->size);
    bool definition = w->definition;
    w->definition = true;
    encode_write_node(w, t->fragment);
    w->definition = definition;
    end_size(w, begin, t->size);
}

static void write_instance(encode_writer *w, const encode_node *node)
{
    encode_template *t = node->definition ? node->definition : &w->builder->spare_template;
    put_token(w, node, TOKEN_INSTANCE);
    put_u8(w, 1);
    put_u32(w, node->template_id < 0 ? load_u32(t->guid) : (uint32_t)node->template_id);
    if (node->definition_offset != ENCODE_AUTO) {
        put_u32(w, (uint32_t)node->definition_offset);
    } else if (!node->definition) {
        encode_fail(w->builder, "an instance has neither template nor definition offset");
    } else if (!w->bytes) {
        put(w, t->guid, sizeof t->guid);
    } else if (is_here(w, &t->location)) {
        put_u32(w, t->location.offset);
    } else {
        put_u32(w, w->position + 4);
        put_definition(w, t);
    }
    put_values(w, node);
}

// -------------------------------------------------------------------------------------------------

static void write_fragment(encode_writer *w, const encode_node *node)
{
    static const uint8_t header[4] = {TOKEN_HEADER, 1, 1, 0};
    if (node->has_header)
        put(w, header, sizeof header);
    write_children(w, node->first_child, NULL);
    if (node->has_eof)
        put_u8(w, TOKEN_EOF);
}

static void write_by_kind(encode_writer *w, const encode_node *node)
{
    switch (node->kind) {
    case ENCODE_NODE_FRAGMENT:
        write_fragment(w, node);
        return;
    case ENCODE_NODE_ELEMENT:
        write_element(w, node);
        return;
    case ENCODE_NODE_ATTRIBUTE:
        write_attribute(w, node);
        return;
    case ENCODE_NODE_TEXT:
        put_data_token(w, node, TOKEN_VALUE);
        put_u8(w, ENCODE_STRING);
        put_units(w, node);
        return;
    case ENCODE_NODE_CDATA:
        put_data_token(w, node, TOKEN_CDATA);
        put_units(w, node);
        return;
    case ENCODE_NODE_PI_TARGET:
        put_token(w, node, TOKEN_PI_TARGET);
        put_name(w, node);
        return;
    case ENCODE_NODE_PI_DATA:
        put_token(w, node, TOKEN_PI_DATA);
        put_units(w, node);
        return;
    case ENCODE_NODE_CHARACTER:
        put_data_token(w, node, TOKEN_CHARACTER);
        put_u16(w, node->index);
        return;
    case ENCODE_NODE_ENTITY:
        put_data_token(w, node, TOKEN_ENTITY);
        put_name(w, node);
        return;
    case ENCODE_NODE_SUBSTITUTION:
        put_token(w, node, node->optional ? TOKEN_OPTIONAL : TOKEN_SUBSTITUTION);
        put_u16(w, node->index);
        put_u8(w, node->type);
        return;
    case ENCODE_NODE_LITERAL:
        write_literal(w, node);
        return;
    case ENCODE_NODE_INSTANCE:
        write_instance(w, node);
        return;
    case ENCODE_NODE_RAW:
        put(w, node->bytes, node->byte_count);
        return;
    }
}

void encode_write_node(encode_writer *w, const encode_node *node)
{
    if (w->full)
        return;
    if (++w->depth > DEPTH_MAX)
        encode_fail(w->builder, "nodes more than %d levels deep", DEPTH_MAX);
    else
        write_by_kind(w, node);
    w->depth--;
}

// -------------------------------------------------------------------------------------------------
// GUIDs.

uint32_t encode_guid_bucket(const uint8_t guid[16])
{
    uint32_t hash = 0;
    for (unsigned i = 0; i < 16; i += 2)
        hash = hash * NAME_HASH_MULTIPLIER + load_u16(guid + i);
    return hash % CHUNK_TEMPLATE_BUCKETS;
}

static uint64_t mix(uint64_t v)
{
    v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9;
    v = (v ^ v >> 27) * 0x94D049BB133111EB;
    return v ^ v >> 31;
}

void encode_derive_guid(encode_builder *b, encode_template *t)
{
    encode_writer w = {.builder = b, .definition = true, .hash = {0xCBF29CE484222325, 1}};
    encode_write_node(&w, t->fragment);
    store_u64(t->guid, mix(w.hash[0]));
    store_u64(t->guid + 8, mix(w.hash[1] ^ w.hash[0]));
    t->guid[7] = (uint8_t)((t->guid[7] & 0x0F) | 0x50); // version 5: derived from the content
    t->guid[8] = (uint8_t)((t->guid[8] & 0x3F) | 0x80);
    t->bucket = encode_guid_bucket(t->guid);
}
