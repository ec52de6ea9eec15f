// SPDX-License-Identifier: MIT
// The usual element outside of templates, in one go.
#include "base/check.h"
#include "base/limits.h"
#include "decode/parser.h"

// What is looked at of it; nothing is taken before all of it has been seen.
struct plain {
    struct parser *parser;
    uint32_t position;
    uint32_t node_count; // of the decoder
};

enum { PLAIN_ATTRIBUTES_MAX = 4, PLAIN_NODES_MAX = 2 + 2 * PLAIN_ATTRIBUTES_MAX };

static bool plain_has(const struct plain *plain, uint32_t size)
{
    EVX_CHECK(plain->position <= plain->parser->end);
    return size <= plain->parser->end - plain->position;
}

// A name that has been met, and does not stand in the token itself.
static const struct name *plain_name(struct plain *plain)
{
    uint32_t offset = load_u32(plain->parser->data + plain->position);
    plain->position += 4;
    return offset == plain->position ? NULL
                                     : offset_map_find(&plain->parser->decoder->names, offset);
}

static struct node *plain_node(struct plain *plain, enum node_kind kind)
{
    struct decoder *decoder = plain->parser->decoder;
    EVX_CHECK(plain->node_count < decoder->node_capacity);
    struct node *node = &decoder->nodes[plain->node_count++];
    *node = (struct node){.kind = (uint8_t)kind, .next = plain->node_count};
    return node;
}

static bool plain_text(struct plain *plain)
{
    const uint8_t *data = plain->parser->data + plain->position;
    if (!plain_has(plain, 4) || !is_token(data[0], TOKEN_VALUE) || data[1] != TYPE_STRING)
        return false;
    const uint32_t count = load_u16(data + 2);
    plain->position += 4;
    if (!plain_has(plain, 2 * count))
        return false;
    plain->position += 2 * count;
    struct node *node = plain_node(plain, NODE_TEXT);
    node->text.units = data + 4;
    node->text.count = text_length(data + 4, count);
    return true;
}

static bool plain_attributes(struct plain *plain, uint32_t first)
{
    const uint8_t *data = plain->parser->data;
    struct node *nodes = plain->parser->decoder->nodes;
    for (uint32_t i = 0; plain_has(plain, 6) && is_token(data[plain->position], TOKEN_ATTRIBUTE);
         i++) {
        plain->position++;
        const struct name *name = plain_name(plain);
        if (i == PLAIN_ATTRIBUTES_MAX || !name)
            return false;
        for (uint32_t k = first; k < plain->node_count; k += 2)
            if (is_written_alike(nodes[k].name, name))
                return false;
        struct node *node = plain_node(plain, NODE_ATTRIBUTE);
        node->name = name;
        if (!plain_text(plain))
            return false;
        node->next = plain->node_count;
    }
    return true;
}

// Behind its start: a text or nothing, and its end.
static bool plain_content(struct plain *plain, struct node *element)
{
    const uint8_t *data = plain->parser->data;
    element->element.content = plain->node_count;
    if (!plain_has(plain, 2))
        return false;
    uint8_t token = data[plain->position++];
    if (token == TOKEN_CLOSE_EMPTY) {
        element->flags = NODE_SELF_CLOSED;
        return true;
    }
    if (token != TOKEN_CLOSE_START ||
        (data[plain->position] != TOKEN_END_ELEMENT && !plain_text(plain)))
        return false;
    return plain_has(plain, 1) && data[plain->position++] == TOKEN_END_ELEMENT;
}

bool take_plain_element(struct parser *parser, bool has_attributes)
{
    struct decoder *decoder = parser->decoder;
    struct plain plain = {parser, parser->position, decoder->node_count};
    const uint32_t head = has_attributes ? 12 : 8; // its size, its name, the size of attributes
    if (parser->is_definition || parser->start != NO_NODE || decoder->names_in_place ||
        decoder->recovered || parser->open_count == OPEN_ELEMENTS_MAX || !plain_has(&plain, head) ||
        decoder->node_capacity - decoder->node_count < PLAIN_NODES_MAX)
        return false;
    plain.position += 4;
    const struct name *name = plain_name(&plain);
    if (!name)
        return false;
    struct node *element = plain_node(&plain, NODE_ELEMENT);
    element->slot = NO_DEPENDENCY;
    element->element.name = name;
    plain.position += head - 8;
    if ((has_attributes && !plain_attributes(&plain, plain.node_count)) ||
        !plain_content(&plain, element))
        return false;
    element->next = plain.node_count;
    parser->position = plain.position;
    decoder->node_count = plain.node_count;
    parser->roots += parser->open == NO_NODE;
    parser->attribute = NO_NODE;
    return true;
}
