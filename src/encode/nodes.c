// SPDX-License-Identifier: MIT
// Constructors of nodes.
#include "encode/private.h"

encode_node *encode_new_node(encode_builder *b, encode_kind kind)
{
    encode_node *node = encode_allocate(b, sizeof *node);
    if (!node) {
        node = &b->spare;
        memset(node, 0, sizeof *node);
    }
    node->kind = kind;
    node->token = ENCODE_AUTO;
    node->dependency = ENCODE_AUTO;
    node->size = node->list_size = ENCODE_AUTO;
    node->name_offset = ENCODE_AUTO;
    node->template_id = node->definition_offset = ENCODE_AUTO;
    return node;
}

static encode_node *new_named(encode_builder *b, encode_kind kind, const char *name)
{
    encode_node *node = encode_new_node(b, kind);
    node->name = encode_name_of(b, name);
    return node;
}

static encode_node *new_units(encode_builder *b, encode_kind kind, const char16_t *units,
                              size_t count)
{
    if (count > 0xFFFF)
        encode_fail(b, "text of %zu units: 65535 at most", count);
    encode_node *node = encode_new_node(b, kind);
    node->bytes = units;
    node->byte_count = count * sizeof *units;
    return node;
}

static encode_node *new_text(encode_builder *b, encode_kind kind, const char *utf8)
{
    size_t count;
    const char16_t *units = encode_utf16(b, utf8, strlen(utf8), &count);
    return new_units(b, kind, units, count);
}

encode_node *encode_fragment(encode_builder *b)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_FRAGMENT);
    node->has_header = node->has_eof = true;
    return node;
}

encode_node *encode_element(encode_builder *b, const char *name)
{
    return new_named(b, ENCODE_NODE_ELEMENT, name);
}

encode_node *encode_attribute(encode_builder *b, const char *name)
{
    return new_named(b, ENCODE_NODE_ATTRIBUTE, name);
}

encode_node *encode_text(encode_builder *b, const char *utf8)
{
    return new_text(b, ENCODE_NODE_TEXT, utf8);
}

encode_node *encode_text16(encode_builder *b, const char16_t *units, size_t count)
{
    encode_node *node = new_units(b, ENCODE_NODE_TEXT, NULL, count);
    void *copy = encode_allocate(b, count * sizeof *units);
    if (copy && count)
        memcpy(copy, units, count * sizeof *units);
    node->bytes = copy;
    return node;
}

encode_node *encode_cdata(encode_builder *b, const char *utf8)
{
    return new_text(b, ENCODE_NODE_CDATA, utf8);
}

encode_node *encode_pi_target(encode_builder *b, const char *name)
{
    return new_named(b, ENCODE_NODE_PI_TARGET, name);
}

encode_node *encode_pi_data(encode_builder *b, const char *utf8)
{
    return new_text(b, ENCODE_NODE_PI_DATA, utf8);
}

encode_node *encode_character(encode_builder *b, uint16_t code)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_CHARACTER);
    node->index = code;
    return node;
}

encode_node *encode_entity(encode_builder *b, const char *name)
{
    return new_named(b, ENCODE_NODE_ENTITY, name);
}

encode_node *encode_substitution(encode_builder *b, uint16_t index, uint8_t type, bool optional)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_SUBSTITUTION);
    node->index = index;
    node->type = type;
    node->optional = optional;
    return node;
}

static void copy_values(encode_builder *b, encode_node *node, const encode_value *values,
                        size_t count)
{
    encode_value *copy = encode_allocate(b, count * sizeof *values);
    if (!copy)
        return;
    if (count)
        memcpy(copy, values, count * sizeof *values);
    node->values = copy;
    node->value_count = count;
}

encode_node *encode_literal(encode_builder *b, encode_value value)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_LITERAL);
    copy_values(b, node, &value, 1);
    return node;
}

encode_node *encode_raw(encode_builder *b, const void *bytes, size_t size)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_RAW);
    void *copy = encode_allocate(b, size);
    if (copy) {
        if (size)
            memcpy(copy, bytes, size);
        node->bytes = copy;
        node->byte_count = size;
    }
    return node;
}

encode_node *encode_instance(encode_builder *b, encode_template *definition,
                             const encode_value *values, size_t count)
{
    encode_node *node = encode_new_node(b, ENCODE_NODE_INSTANCE);
    node->definition = definition;
    copy_values(b, node, values, count);
    return node;
}

encode_node *encode_append(encode_node *parent, encode_node *child)
{
    if (parent == child) // both the spare one, after an error
        return parent;
    child->parent = parent;
    child->next = NULL;
    if (parent->last_child)
        parent->last_child->next = child;
    else
        parent->first_child = child;
    parent->last_child = child;
    return parent;
}

encode_node *encode_append_all(encode_node *parent, encode_node *fragment)
{
    for (encode_node *child = fragment->first_child, *next; child; child = next) {
        next = child->next;
        encode_append(parent, child);
    }
    fragment->first_child = fragment->last_child = NULL;
    return parent;
}

static encode_node *find_element(encode_node *node, const encode_name *name)
{
    for (encode_node *child = node->first_child; child; child = child->next) {
        if (child->kind == ENCODE_NODE_ELEMENT && child->name == name)
            return child;
        encode_node *found = find_element(child, name);
        if (found)
            return found;
    }
    return NULL;
}

encode_node *encode_find(encode_builder *b, encode_node *node, const char *name)
{
    encode_node *found = b->failed ? NULL : find_element(node, encode_name_of(b, name));
    if (found)
        return found;
    encode_fail(b, "there is no element \"%s\"", name);
    return encode_new_node(b, ENCODE_NODE_ELEMENT);
}
