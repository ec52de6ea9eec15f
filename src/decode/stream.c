// SPDX-License-Identifier: MIT
// The token parser: a BinXML stream (record, 0x21 value, or definition body) to nodes. One pass,
// the open elements listed through their nodes, every read proved against the end of the stream.
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "decode/parser.h"

static bool fault_here(struct parser *parser, enum fault_kind kind)
{
    return fault_at(&parser->decoder->fault, kind, parser->position);
}

// A token may reach behind the end of its stream: nothing is read behind it then, so that whatever
// it belongs to stays open and the record fails, with the words of the reference.
static EVX_COLD bool need_behind_end(struct parser *parser, uint32_t size, uint32_t field)
{
    EVX_CHECK(parser->position <= CHUNK_BYTES);
    uint32_t left = CHUNK_BYTES - parser->position;
    if (size > left)
        return fault_short(&parser->decoder->fault, field, parser->position, size, left);
    return decoder_covers(parser->decoder, parser->position + size);
}

static bool need(struct parser *parser, uint32_t size, uint32_t field)
{
    if (EVX_LIKELY(parser->position <= parser->end && size <= parser->end - parser->position))
        return true;
    return need_behind_end(parser, size, field);
}

static bool take_u8(struct parser *parser, uint32_t field, uint8_t *ret)
{
    if (!need(parser, 1, field))
        return false;
    *ret = parser->data[parser->position++];
    return true;
}

static bool take_u16(struct parser *parser, uint32_t field, uint16_t *ret)
{
    if (!need(parser, 2, field))
        return false;
    *ret = load_u16(parser->data + parser->position);
    parser->position += 2;
    return true;
}

static bool take_u32(struct parser *parser, uint32_t field, uint32_t *ret)
{
    if (!need(parser, 4, field))
        return false;
    *ret = load_u32(parser->data + parser->position);
    parser->position += 4;
    return true;
}

static bool skip(struct parser *parser, uint64_t size, uint32_t field)
{
    uint64_t position = parser->position + size;
    if (position > CHUNK_BYTES)
        return fault_past_end(&parser->decoder->fault, field, position);
    parser->position = (uint32_t)position;
    return true;
}

static bool grow_nodes(struct decoder *decoder)
{
    uint32_t capacity = decoder->node_capacity ? 2 * decoder->node_capacity : 512;
    struct node *nodes =
        memory_reallocate(decoder->store->memory, decoder->nodes,
                          decoder->node_capacity * sizeof *nodes, capacity * sizeof *nodes);
    if (!nodes)
        return fault_memory(&decoder->fault);
    decoder->nodes = nodes;
    decoder->node_capacity = capacity;
    return true;
}

// Adds a node; NULL without memory. The pointer is good until the next one is added.
static struct node *add_node(struct parser *parser, enum node_kind kind)
{
    struct decoder *decoder = parser->decoder;
    EVX_CHECK(decoder->node_count <= decoder->node_capacity);
    if (decoder->node_count == decoder->node_capacity && !grow_nodes(decoder))
        return NULL;
    struct node *node = &decoder->nodes[decoder->node_count++];
    *node = (struct node){.kind = (uint8_t)kind, .next = decoder->node_count};
    return node;
}

static bool add_reference(struct parser *parser, uint32_t position, bool is_inline,
                          const struct name *name)
{
    struct decoder *decoder = parser->decoder;
    EVX_CHECK(decoder->reference_count <= decoder->reference_capacity);
    if (decoder->reference_count == decoder->reference_capacity) {
        uint32_t capacity = decoder->reference_capacity ? 2 * decoder->reference_capacity : 128;
        struct name_reference *references = memory_reallocate(
            decoder->store->memory, decoder->references,
            decoder->reference_capacity * sizeof *references, capacity * sizeof *references);
        if (!references)
            return fault_memory(&decoder->fault);
        decoder->references = references;
        decoder->reference_capacity = capacity;
    }
    decoder->references[decoder->reference_count++] =
        (struct name_reference){.position = position, .is_inline = is_inline, .name = name};
    return true;
}

// Where a name is referred to, and what is referred to.
struct name_place {
    uint32_t place, offset;
    bool is_inline;
};

// A name that stands in the token itself: hash, count, units, NUL. That is a name of the chunk but
// for the link in front of it, so that it is looked up as if it had one.
static EVX_COLD bool take_name_in_place(struct parser *parser, struct name_place *ret)
{
    uint16_t hash, count, end;
    EVX_CHECK(ret->place >= NAME_HASH_OFFSET);
    ret->offset = ret->place - NAME_HASH_OFFSET;
    ret->is_inline = true;
    if (!take_u16(parser, FIELD_NAME_HASH, &hash) || !take_u16(parser, FIELD_NAME_LENGTH, &count) ||
        !need(parser, 2 * (uint32_t)count + 2, FIELD_NAME_TEXT))
        return false;
    parser->position += 2 * (uint32_t)count;
    return take_u16(parser, FIELD_NAME_TEXT, &end) &&
           (end == 0 || fault_at(&parser->decoder->fault, FAULT_NAME_INVALID, ret->place)) &&
           name_has_stored_hash(parser->decoder, ret->offset);
}

static bool take_name_place(struct parser *parser, struct name_place *ret)
{
    ret->place = parser->position;
    if (EVX_UNLIKELY(parser->decoder->names_in_place))
        return take_name_in_place(parser, ret);
    EVX_CHECK(parser->position <= CHUNK_BYTES);
    if (!take_u32(parser, FIELD_NAME_PLACE, &ret->offset))
        return false;
    ret->is_inline = ret->offset == parser->position;
    if (!ret->is_inline)
        return true;
    uint32_t link;
    uint16_t hash, count;
    return take_u32(parser, FIELD_NAME_LINK, &link) && take_u16(parser, FIELD_NAME_HASH, &hash) &&
           take_u16(parser, FIELD_NAME_LENGTH, &count) &&
           skip(parser, 2 * (uint64_t)count + 2, FIELD_NAME_TEXT);
}

static bool resolve_name(struct parser *parser, const struct name_place *from,
                         const struct name **ret_name)
{
    *ret_name = decode_name(parser->decoder, from->offset);
    if (!*ret_name)
        return false;
    // A definition whose name passes its end fails, or at least is not shared by its content.
    return !parser->is_definition || parser->position > parser->end ||
           add_reference(parser, from->place - parser->base, from->is_inline, *ret_name);
}

static bool take_name(struct parser *parser, const struct name **ret_name)
{
    struct name_place from;
    return take_name_place(parser, &from) && resolve_name(parser, &from, ret_name);
}

static struct node *node_at(struct parser *parser, uint32_t index)
{
    EVX_CHECK(index < parser->decoder->node_count);
    return &parser->decoder->nodes[index];
}

static void end_attribute(struct parser *parser)
{
    if (parser->attribute != NO_NODE)
        node_at(parser, parser->attribute)->next = parser->decoder->node_count;
    parser->attribute = NO_NODE;
}

static void mark_dynamic(struct parser *parser)
{
    uint32_t element = parser->start;
    if (element == NO_NODE)
        element = parser->open;
    if (element != NO_NODE)
        node_at(parser, element)->flags |= NODE_DYNAMIC | NODE_HAS_HOLES;
}

// The dependency id exists in definitions only. Seen from the bytes: without it the first u32 is
// the element's size, below 65536; with it, the id and the low half of a size that is not zero.
static bool take_element_head(struct parser *parser, uint16_t *ret_dependency)
{
    uint32_t size;
    *ret_dependency = NO_DEPENDENCY;
    if (parser->is_definition && !take_u16(parser, FIELD_ELEMENT_DEPENDENCY, ret_dependency))
        return false;
    return take_u32(parser, FIELD_ELEMENT_SIZE, &size);
}

static bool open_start(struct parser *parser, bool has_attributes)
{
    uint16_t dependency;
    const struct name *name;
    uint32_t attributes_size;
    struct name_place from;
    // The whole token is there, and in place, before its name is looked up.
    if (!take_element_head(parser, &dependency) || !take_name_place(parser, &from) ||
        (has_attributes && !take_u32(parser, FIELD_ATTRIBUTES_SIZE, &attributes_size)))
        return false;
    if (parser->start != NO_NODE)
        return fault_here(parser, FAULT_START_IN_START);
    if (!resolve_name(parser, &from, &name))
        return false;
    struct node *node = add_node(parser, NODE_ELEMENT);
    if (!node)
        return false;
    // The root of a definition stays whatever its dependency says.
    node->slot = parser->open == NO_NODE ? NO_DEPENDENCY : dependency;
    node->flags = node->slot == NO_DEPENDENCY ? 0 : NODE_DYNAMIC;
    node->element.name = name;
    parser->start = parser->decoder->node_count - 1;
    parser->attribute = NO_NODE;
    return true;
}

// More attributes than anybody writes count as repeated: comparing them all would be quadratic.
static bool may_repeat_attributes(struct parser *parser, uint32_t element, uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t i = element + 1; i < end; i = node_at(parser, i)->next) {
        if (++count > ATTRIBUTES_COMPARED_MAX)
            return true;
        for (uint32_t k = element + 1; k < i; k = node_at(parser, k)->next)
            if (is_written_alike(node_at(parser, i)->name, node_at(parser, k)->name))
                return true;
    }
    return false;
}

static bool end_start(struct parser *parser, enum fault_kind fault)
{
    if (parser->start == NO_NODE)
        return fault_here(parser, fault);
    end_attribute(parser);
    uint32_t end = parser->decoder->node_count;
    EVX_CHECK(parser->start < end);
    node_at(parser, parser->start)->element.content = end;
    if (may_repeat_attributes(parser, parser->start, end))
        node_at(parser, parser->start)->flags |= NODE_REPEATED_ATTRIBUTES;
    return true;
}

static void end_element(struct parser *parser, uint32_t element)
{
    EVX_CHECK(node_at(parser, element)->kind == NODE_ELEMENT);
    struct node *node = node_at(parser, element);
    // An end tag inside another element's start tag leaves that element behind this one.
    node->next = parser->start == NO_NODE ? parser->decoder->node_count : parser->start;
    if (parser->open == NO_NODE)
        parser->roots++;
    else if (node->flags & NODE_DYNAMIC)
        node_at(parser, parser->open)->flags |= NODE_DYNAMIC;
}

static bool close_start(struct parser *parser)
{
    if (!end_start(parser, FAULT_CLOSE_ALONE))
        return false;
    if (parser->open_count == OPEN_ELEMENTS_MAX)
        return fault_here(parser, FAULT_LIMIT_ELEMENTS);
    parser->open_count++;
    node_at(parser, parser->start)->next = parser->open;
    EVX_CHECK(node_at(parser, parser->start)->kind == NODE_ELEMENT);
    parser->open = parser->start;
    parser->start = NO_NODE;
    return true;
}

static bool close_empty(struct parser *parser)
{
    if (!end_start(parser, FAULT_CLOSE_EMPTY_ALONE))
        return false;
    uint32_t element = parser->start;
    node_at(parser, element)->flags |= NODE_SELF_CLOSED;
    parser->start = NO_NODE;
    end_element(parser, element);
    return true;
}

static bool close_element(struct parser *parser)
{
    uint32_t element = parser->open;
    if (element == NO_NODE)
        return fault_here(parser, FAULT_END_ALONE);
    EVX_CHECK(parser->open_count > 0);
    parser->open_count--;
    parser->open = node_at(parser, element)->next;
    end_element(parser, element);
    return true;
}

static bool open_attribute(struct parser *parser)
{
    const struct name *name;
    if (!take_name(parser, &name))
        return false;
    if (parser->start == NO_NODE)
        return fault_here(parser, FAULT_ATTRIBUTE_ALONE);
    end_attribute(parser);
    struct node *node = add_node(parser, NODE_ATTRIBUTE);
    if (!node)
        return false;
    node->name = name;
    parser->attribute = parser->decoder->node_count - 1;
    return true;
}

// A part belongs to the attribute that is open, or to the element. NULL with the fault set
// otherwise. Between a start tag's name and its first attribute it belongs to nothing: as in the
// reference it is read and forgotten.
static struct node *add_part(struct parser *parser, enum node_kind kind)
{
    if (EVX_UNLIKELY(parser->start != NO_NODE && parser->attribute == NO_NODE))
        return &parser->forgotten;
    if (parser->start == NO_NODE && parser->open == NO_NODE) {
        fault_here(parser, FAULT_VALUE_ALONE);
        return NULL;
    }
    return add_node(parser, kind);
}

static bool take_text(struct parser *parser, uint32_t field, const uint8_t **ret_units,
                      uint32_t *ret_count)
{
    uint16_t count;
    if (!take_u16(parser, field, &count) || !need(parser, 2 * (uint32_t)count, field))
        return false;
    *ret_units = parser->data + parser->position;
    *ret_count = text_length(*ret_units, count);
    parser->position += 2 * (uint32_t)count;
    return true;
}

static bool text_token(struct parser *parser, enum node_kind kind, uint32_t field)
{
    const uint8_t *units;
    uint32_t count;
    if (!take_text(parser, field, &units, &count))
        return false;
    struct node *node = add_part(parser, kind);
    if (!node)
        return false;
    node->text.units = units;
    node->text.count = count;
    return true;
}

static bool unknown_type(struct parser *parser, uint8_t type)
{
    return fault_of_type(&parser->decoder->fault, FAULT_TYPE_UNKNOWN, parser->position, type);
}

static bool unsupported_token(struct parser *parser, uint8_t type)
{
    return fault_of_type(&parser->decoder->fault, FAULT_TYPE_UNREADABLE, parser->position, type);
}

static bool add_value(struct parser *parser, enum node_kind kind, const uint8_t *data,
                      uint32_t size, uint8_t type)
{
    struct node *node = add_part(parser, kind);
    if (!node)
        return false;
    node->value.data = data;
    node->value.size = (uint16_t)size;
    node->value.type = type;
    return true;
}

static bool typed_token(struct parser *parser, uint8_t type)
{
    uint32_t size = value_type_width(type);
    uint32_t field = FIELD_VALUE_OF(type);
    if (type == TYPE_SID) {
        if (!need(parser, 8, field))
            return false;
        size = 8 + 4 * (uint32_t)parser->data[parser->position + 1];
    }
    if (!need(parser, size, field))
        return false;
    const uint8_t *data = parser->data + parser->position;
    parser->position += size;
    return add_value(parser, NODE_VALUE, data, size, type);
}

// Elements of a value token at the top level are elements of the stream itself.
static bool splice_elements(struct parser *parser, uint32_t start, uint32_t end)
{
    struct decoder *decoder = parser->decoder;
    uint32_t roots;
    // What passes the stream's end is not its own.
    end = end < parser->end ? end : parser->end;
    if (parser->depth + 1 > NESTED_FRAGMENTS_MAX)
        return fault_here(parser, FAULT_LIMIT_FRAGMENTS);
    if (!decode_stream(decoder, start, end, false, parser->depth + 1, &roots))
        return false;
    parser->roots += roots;
    parser->has_spliced_root |= roots > 0;
    return true;
}

// Elements as a value. They are decoded at once, because a fault in them is one of the stream, and
// again wherever they are shown.
static bool fragment_token(struct parser *parser)
{
    uint16_t size;
    if (!take_u16(parser, FIELD_FRAGMENT_SIZE, &size) ||
        !need(parser, size, FIELD_VALUE_OF(TYPE_FRAGMENT)))
        return false;
    uint32_t start = parser->position;
    EVX_CHECK(size <= CHUNK_BYTES - parser->position);
    parser->position += size;
    if (parser->start != NO_NODE)
        return fault_here(parser, FAULT_FRAGMENT_IN_ATTRIBUTE);
    if (size == 0)
        return true;
    if (parser->open == NO_NODE)
        return splice_elements(parser, start, parser->position);
    if (!add_value(parser, NODE_FRAGMENT, parser->data + start, size, TYPE_FRAGMENT))
        return false;
    mark_dynamic(parser);
    struct decoder *decoder = parser->decoder;
    const struct node node = decoder->nodes[decoder->node_count - 1];
    if (!parser->is_definition)
        return decode_token(decoder, &node, parser->depth) != NULL;
    bool fine = decode_span(decoder, node.value.data, size, 0) != NULL;
    offset_map_clear(&decoder->fragments); // the depth of a definition is not that of its use
    return fine;
}

static bool value_token(struct parser *parser)
{
    uint8_t type;
    if (!take_u8(parser, FIELD_VALUE_TYPE, &type))
        return false;
    if (type == TYPE_STRING)
        return text_token(parser, NODE_TEXT, FIELD_VALUE_OF(TYPE_STRING));
    if (!value_type_is_known(type))
        return unknown_type(parser, type);
    if (type == TYPE_FRAGMENT)
        return fragment_token(parser);
    if (type == TYPE_NULL || value_type_width(type) || type == TYPE_SID)
        return typed_token(parser, type);
    return unsupported_token(parser, type);
}

static bool character_reference(struct parser *parser)
{
    uint16_t code;
    if (!take_u16(parser, FIELD_CHARACTER_REFERENCE, &code))
        return false;
    struct node *node = add_part(parser, NODE_CHARACTER_REFERENCE);
    if (node)
        node->slot = code;
    return node != NULL;
}

static bool named_part(struct parser *parser, enum node_kind kind)
{
    const struct name *name;
    if (!take_name(parser, &name))
        return false;
    struct node *node = add_part(parser, kind);
    if (node)
        node->name = name;
    return node != NULL;
}

static bool substitution(struct parser *parser, bool optional)
{
    uint16_t index;
    uint8_t type;
    if (!take_u16(parser, FIELD_HOLE_INDEX, &index) || !take_u8(parser, FIELD_HOLE_TYPE, &type))
        return false;
    if (!value_type_is_known(type))
        return unknown_type(parser, type);
    if (!parser->is_definition)
        return fault_here(parser, FAULT_HOLE_ALONE);
    struct node *node = add_part(parser, NODE_HOLE);
    if (!node)
        return false;
    node->slot = index;
    node->flags = optional ? NODE_OPTIONAL : 0;
    node->value.type = type;
    mark_dynamic(parser);
    return true;
}

// Whether the fixed part of an instance's head lies in the stream. If it does not, there is nothing
// to show of the instance: it ends the stream.
static bool has_instance(struct parser *parser)
{
    if (parser->end - parser->position >= INSTANCE_FIXED_BYTES)
        return true;
    decoder_note_place(parser->decoder, NOTE_INSTANCE_CUT, parser->position);
    parser->position = parser->end;
    return false;
}

static bool instance_token(struct parser *parser)
{
    struct decoder *decoder = parser->decoder;
    struct instance *instance = NULL;
    if (parser->is_definition)
        return (!decoder->hooks || decoder->hooks->skip_instance(decoder, &parser->position)) &&
               fault_here(parser, FAULT_INSTANCE_IN_DEFINITION);
    if (decoder->mode == DECODE_HOOKED) {
        if (!decoder->hooks->read_instance(decoder, &parser->position, parser->depth))
            return false;
    } else {
        if (!need(parser, INSTANCE_FIXED_BYTES, FIELD_INSTANCE))
            return false;
        if (!has_instance(parser))
            return true;
        if (!decode_instance(decoder, &parser->position, parser->end, parser->depth, &instance))
            return false;
    }
    if (parser->start != NO_NODE)
        return fault_here(parser, FAULT_INSTANCE_IN_ATTRIBUTE);
    struct node *node = add_node(parser, NODE_INSTANCE);
    if (!node)
        return false;
    node->instance = instance;
    if (parser->open == NO_NODE)
        parser->roots++;
    else
        mark_dynamic(parser);
    return true;
}

static bool fragment_header(struct parser *parser)
{
    uint8_t byte;
    return take_u8(parser, FIELD_FRAGMENT_MAJOR, &byte) &&
           take_u8(parser, FIELD_FRAGMENT_MINOR, &byte) &&
           take_u8(parser, FIELD_FRAGMENT_FLAGS, &byte);
}

static bool parse_token(struct parser *parser, uint8_t token)
{
    switch (token) {
    case TOKEN_OPEN_START:
    case TOKEN_OPEN_START | TOKEN_MORE:
        return open_start(parser, token & TOKEN_MORE);
    case TOKEN_CLOSE_START:
        return close_start(parser);
    case TOKEN_CLOSE_EMPTY:
        return close_empty(parser);
    case TOKEN_END_ELEMENT:
        return close_element(parser);
    case TOKEN_VALUE:
    case TOKEN_VALUE | TOKEN_MORE:
        return value_token(parser);
    case TOKEN_ATTRIBUTE:
    case TOKEN_ATTRIBUTE | TOKEN_MORE:
        return open_attribute(parser);
    case TOKEN_CDATA:
    case TOKEN_CDATA | TOKEN_MORE:
        return text_token(parser, NODE_CDATA, FIELD_CDATA);
    case TOKEN_CHARACTER_REFERENCE:
    case TOKEN_CHARACTER_REFERENCE | TOKEN_MORE:
        return character_reference(parser);
    case TOKEN_ENTITY_REFERENCE:
    case TOKEN_ENTITY_REFERENCE | TOKEN_MORE:
        return named_part(parser, NODE_ENTITY_REFERENCE);
    case TOKEN_PI_TARGET:
        return named_part(parser, NODE_PI_TARGET);
    case TOKEN_PI_DATA:
        return text_token(parser, NODE_PI_DATA, FIELD_PI_DATA);
    case TOKEN_INSTANCE:
        return instance_token(parser);
    case TOKEN_SUBSTITUTION:
    case TOKEN_OPTIONAL_SUBSTITUTION:
        return substitution(parser, token == TOKEN_OPTIONAL_SUBSTITUTION);
    case TOKEN_FRAGMENT_HEADER:
        return fragment_header(parser);
    default:
        return fault_of_type(&parser->decoder->fault, FAULT_TOKEN_UNKNOWN, parser->position, token);
    }
}

bool decode_stream(struct decoder *decoder, uint32_t start, uint32_t end, bool is_definition,
                   uint32_t depth, uint32_t *ret_roots)
{
    struct parser parser;
    EVX_CHECK(end <= CHUNK_BYTES);
    parser.decoder = decoder;
    parser.data = decoder->chunk->data;
    parser.position = start;
    parser.end = end;
    parser.base = start;
    parser.depth = depth;
    parser.roots = 0;
    parser.start = parser.attribute = parser.open = NO_NODE;
    parser.open_count = 0;
    parser.is_definition = is_definition;
    parser.has_spliced_root = false;
    while (parser.position < end) {
        uint8_t token = parser.data[parser.position++];
        if (token == TOKEN_EOF)
            break;
        if (is_token(token, TOKEN_OPEN_START) && take_plain_element(&parser, token & TOKEN_MORE))
            continue;
        if (!parse_token(&parser, token))
            return false;
    }
    if (parser.start != NO_NODE)
        return fault_here(&parser, FAULT_START_OPEN);
    if (parser.open != NO_NODE)
        return fault_here(&parser, FAULT_ELEMENT_OPEN);
    // Nobody writes such definitions; their root would live as long as a record, not as a template.
    if (is_definition && parser.roots == 1 && parser.has_spliced_root)
        return fault_here(&parser, FAULT_ROOT_IN_VALUE);
    *ret_roots = parser.roots;
    EVX_CHECK(parser.open_count == 0);
    decoder->stream_end = parser.position;
    return true;
}
