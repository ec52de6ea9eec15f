// SPDX-License-Identifier: MIT
#include "rewrite/rewrite.h"

#include "base/check.h"

enum { PARENTS_MAX = OPEN_ELEMENTS_MAX + 2 }; // and an attribute, and the fragment

// Nodes that are being made, each with the index behind its children.
struct parents {
    struct {
        encode_node *node;
        uint32_t end;
    } open[PARENTS_MAX];
    unsigned count;
};

static encode_name *rewrite_name(encode_builder *b, const struct name *name)
{
    char16_t units[UINT16_MAX];
    EVX_CHECK(name->unit_count <= UINT16_MAX);
    memcpy(units, name->units, 2 * (size_t)name->unit_count);
    return encode_name_of16(b, units, name->unit_count);
}

static encode_node *named(encode_builder *b, encode_node *node, const struct name *name)
{
    node->name = rewrite_name(b, name);
    return node;
}

static encode_node *text_node(encode_builder *b, const struct node *node, encode_kind kind)
{
    char16_t units[UINT16_MAX];
    EVX_CHECK(node->text.count <= UINT16_MAX);
    memcpy(units, node->text.units, 2 * (size_t)node->text.count);
    encode_node *text = encode_text16(b, units, node->text.count);
    text->kind = kind;
    return text;
}

static struct value_view value_of(const struct rewriting *rewriting,
                                  const struct instance *instance, uint32_t hole)
{
    struct value_view view = event_value(rewriting->event, instance, hole);
    // Elements that cannot be read are shown as bytes.
    if (!instance->offsets && view.type == TYPE_FRAGMENT && view.size > 0 &&
        instance->values[hole].form != FORM_FRAGMENT)
        view.type = TYPE_BINARY;
    return view;
}

static encode_node *instance_node(struct rewriting *rewriting, const struct instance *instance,
                                  unsigned depth)
{
    encode_builder *b = rewriting->log->builder;
    encode_template *template = log_template(rewriting, instance->template);
    encode_value *values = encode_allocate(b, (instance->value_count + (size_t)1) * sizeof *values);
    if (!template || !values)
        return NULL;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        const struct value_view view = value_of(rewriting, instance, i);
        values[i] = encode_borrowed((uint8_t)view.type, view.data, view.size);
        if (view.type != TYPE_FRAGMENT || view.size == 0)
            continue;
        const struct fragment *child = event_child(rewriting->event, instance, i);
        encode_node *nested = child ? rewrite_fragment(rewriting, child, depth + 1) : NULL;
        if (!nested)
            return NULL;
        values[i] = encode_nested(nested);
    }
    return encode_instance(b, template, values, instance->value_count);
}

// Elements in the place of text.
static encode_node *token_node(struct rewriting *rewriting, const struct node *node, unsigned depth)
{
    const struct fragment *child = decode_token(rewriting->event->decoder, node, depth);
    encode_node *nested = child ? rewrite_fragment(rewriting, child, depth + 1) : NULL;
    return nested ? encode_literal(rewriting->log->builder, encode_nested(nested)) : NULL;
}

static encode_node *element_node(encode_builder *b, const struct node *node, bool is_definition)
{
    encode_node *element = named(b, encode_element(b, "E"), node->element.name);
    element->self_closed = node->flags & NODE_SELF_CLOSED;
    if (is_definition)
        element->dependency = node->slot;
    return element;
}

// A node without its children.
static encode_node *rewrite_node(struct rewriting *rewriting, const struct node *node,
                                 bool is_definition, unsigned depth)
{
    encode_builder *b = rewriting->log->builder;
    switch ((enum node_kind)node->kind) {
    case NODE_ELEMENT:
        return element_node(b, node, is_definition);
    case NODE_ATTRIBUTE:
        return named(b, encode_attribute(b, "A"), node->name);
    case NODE_INSTANCE:
        return instance_node(rewriting, node->instance, depth);
    case NODE_HOLE:
        return encode_substitution(b, node->slot, node->value.type, node->flags & NODE_OPTIONAL);
    case NODE_TEXT:
        return text_node(b, node, ENCODE_NODE_TEXT);
    case NODE_VALUE:
        return encode_literal(
            b, encode_bytes(b, node->value.type, node->value.data, node->value.size));
    case NODE_CDATA:
        return text_node(b, node, ENCODE_NODE_CDATA);
    case NODE_CHARACTER_REFERENCE:
        return encode_character(b, node->slot);
    case NODE_ENTITY_REFERENCE:
        return named(b, encode_entity(b, "e"), node->name);
    case NODE_PI_TARGET:
        return named(b, encode_pi_target(b, "p"), node->name);
    case NODE_PI_DATA:
        return text_node(b, node, ENCODE_NODE_PI_DATA);
    case NODE_FRAGMENT:
        return token_node(rewriting, node, depth);
    }
    return NULL;
}

// Tapes are in the order of the document: what is open is known by where it ends.
static encode_node *rewrite_tape(struct rewriting *rewriting, const struct node *tape, uint32_t end,
                                 bool is_definition, unsigned depth)
{
    struct decoder *decoder = rewriting->event->decoder;
    struct parents parents = {.count = 1};
    encode_node *fragment = encode_fragment(rewriting->log->builder);
    parents.open[0].node = fragment;
    parents.open[0].end = end;
    for (uint32_t i = 0; i < end; i++) {
        while (parents.open[parents.count - 1].end <= i)
            parents.count--;
        EVX_CHECK(parents.count > 0);
        encode_node *node = rewrite_node(rewriting, &tape[i], is_definition, depth);
        if (!node)
            return NULL;
        encode_append(parents.open[parents.count - 1].node, node);
        if (tape[i].next <= i + 1)
            continue;
        if (parents.count == PARENTS_MAX) {
            fault_of(&decoder->fault, FAULT_LIMIT_ELEMENTS);
            return NULL;
        }
        parents.open[parents.count].node = node;
        parents.open[parents.count++].end = tape[i].next;
    }
    return fragment;
}

encode_node *rewrite_fragment(struct rewriting *rewriting, const struct fragment *fragment,
                              unsigned depth)
{
    EVX_CHECK(depth <= NESTED_FRAGMENTS_MAX);
    // A record is its first element.
    const uint32_t end = depth == 0 && fragment->end > 0 && fragment->tape->next < fragment->end
                             ? fragment->tape->next
                             : fragment->end;
    return rewrite_tape(rewriting, fragment->tape, end, false, depth);
}

encode_template *rewrite_template(struct rewriting *rewriting, const struct template *template)
{
    encode_builder *b = rewriting->log->builder;
    encode_node *fragment = rewrite_tape(rewriting, template->tape, template->node_count, true, 0);
    if (!fragment)
        return NULL;
    encode_template *written = encode_template_of(b, fragment);
    encode_template_set_guid(written, template->guid);
    return written;
}

// With all its names.
static uint64_t definition_bytes(const struct template *template)
{
    uint64_t bytes = DEFINITION_HEADER_BYTES + (uint64_t) template->body_size;
    for (uint32_t i = 0; i < template->reference_count; i++)
        bytes += NAME_HEADER_BYTES + 2 * (uint64_t) template->references[i].name->unit_count + 2;
    return bytes;
}

static bool instance_templates(struct rewriting *rewriting, const struct instance *instance,
                               unsigned depth)
{
    const struct template *template = instance->template;
    rewriting->bytes += definition_bytes(template);
    if (!log_template(rewriting, template))
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        const struct value_view view = value_of(rewriting, instance, i);
        if (view.type != TYPE_FRAGMENT || view.size == 0)
            continue;
        const struct fragment *child = event_child(rewriting->event, instance, i);
        if (!child || !rewrite_templates(rewriting, child, depth + 1))
            return false;
    }
    return true;
}

bool rewrite_templates(struct rewriting *rewriting, const struct fragment *fragment, unsigned depth)
{
    EVX_CHECK(depth <= NESTED_FRAGMENTS_MAX);
    for (uint32_t i = 0; i < fragment->end; i++) {
        const struct node *node = &fragment->tape[i];
        if (node->kind == NODE_INSTANCE && !instance_templates(rewriting, node->instance, depth))
            return false;
        if (node->kind == NODE_FRAGMENT) {
            const struct fragment *child = decode_token(rewriting->event->decoder, node, depth);
            if (!child || !rewrite_templates(rewriting, child, depth + 1))
                return false;
        }
    }
    return true;
}
