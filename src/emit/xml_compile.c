// SPDX-License-Identifier: MIT
// XML programs.
#include "base/check.h"
#include "base/limits.h"
#include "emit/compiler.h"
#include "emit/xml.h"

// An element whose children are being compiled.
struct open_element {
    uint32_t node;
    uint32_t guard; // its GUARD op, or NO_GUARD
    bool marked;    // its children may all be absent
};

struct xml_compiler {
    struct compiler *base;
    const struct node *tape;
    uint32_t open_count;
    struct open_element open[OPEN_ELEMENTS_MAX];
};

enum shape {
    SHAPE_STATIC,
    SHAPE_LEAF,
    SHAPE_TEXT,
    SHAPE_CHILDREN,
    SHAPE_MAYBE_CHILDREN,
    SHAPE_WALK
};

static enum shape children_shape(const struct xml_compiler *xml, const struct node *node)
{
    bool certain = false, elements = false, holes = false;
    for (uint32_t i = node->element.content; i < node->next; i = xml->tape[i].next) {
        const struct node *child = &xml->tape[i];
        if (child->kind == NODE_HOLE)
            holes = true;
        else if (child->kind == NODE_ELEMENT)
            elements = true;
        else
            return SHAPE_WALK;
        certain |=
            child->kind == NODE_ELEMENT && compiler_dependency(xml->base, child) == NO_DEPENDENCY;
    }
    if (certain)
        return SHAPE_CHILDREN;
    // Without a certain element, a hole decides between text on one line and children on lines.
    return elements && !holes && !xml->base->mark_in_use ? SHAPE_MAYBE_CHILDREN : SHAPE_WALK;
}

static enum shape element_shape(const struct xml_compiler *xml, uint32_t index)
{
    const struct node *node = &xml->tape[index];
    if (!(node->flags & NODE_DYNAMIC))
        return SHAPE_STATIC;
    if (!attributes_compile(xml->tape, index))
        return SHAPE_WALK;
    if (sole_hole(xml->tape, node->element.content, node->next))
        return SHAPE_LEAF;
    if (has_only_literals(xml->tape, node->element.content, node->next))
        return SHAPE_TEXT;
    return children_shape(xml, node);
}

static void put_attributes(struct xml_compiler *xml, uint32_t index, bool *ret_has_holes)
{
    struct renderer *renderer = xml->base->renderer;
    const struct element element = compiler_element(xml->base, index);
    *ret_has_holes = false;
    for (uint32_t i = index + 1; i < xml->tape[index].element.content; i = xml->tape[i].next) {
        uint32_t hole = sole_hole(xml->tape, i + 1, xml->tape[i].next);
        size_t start = xml->base->literals->length;
        if (!hole) {
            if (!xml_put_attribute(renderer, &element, i, 0))
                xml->base->failed = true;
            continue;
        }
        outbuf_put(xml->base->literals, ' ');
        xml_put_name(renderer, xml->tape[i].name);
        outbuf_text(xml->base->literals, "=\"");
        uint32_t back = (uint32_t)outbuf_since(xml->base->literals, start);
        struct op *op = compiler_add_value(xml->base, OP_ATTRIBUTE, hole);
        op->back = back;
        op->skip = 1;
        outbuf_put(xml->base->literals, '"');
        *ret_has_holes = true;
    }
}

static void put_start_tag(struct xml_compiler *xml, uint32_t index, bool *ret_has_holes)
{
    outbuf_put(xml->base->literals, '<');
    xml_put_name(xml->base->renderer, xml->tape[index].element.name);
    put_attributes(xml, index, ret_has_holes);
}

static void compile_leaf(struct xml_compiler *xml, uint32_t index, uint32_t indent, bool fused,
                         size_t start)
{
    const struct node *node = &xml->tape[index];
    struct outbuf *out = xml->base->literals;
    bool has_holes;
    put_start_tag(xml, index, &has_holes);
    outbuf_put(out, '>');
    uint32_t back = (uint32_t)outbuf_since(out, start);
    struct op *op = compiler_add_value(xml->base, OP_LEAF, node->element.content);
    op->indent = indent;
    op->node = index;
    if (!has_holes) {
        op->back = back;
        op->flags = (uint8_t)((fused ? OP_GUARDED : 0) | (index > 0 ? OP_REPEATABLE : 0));
    }
    if (xml->tape[node->element.content].flags & NODE_OPTIONAL &&
        xml_breaks(xml->base->renderer, node))
        op->flags |= OP_BREAKS;
    size_t end_tag = out->length;
    xml_put_end_tag(xml->base->renderer, node->element.name);
    op->skip = (uint32_t)outbuf_since(out, end_tag);
}

// Everything of an element without child elements but its dependency.
static void compile_text(struct xml_compiler *xml, uint32_t index, uint32_t indent)
{
    const struct node *node = &xml->tape[index];
    struct renderer *renderer = xml->base->renderer;
    bool has_holes;
    put_start_tag(xml, index, &has_holes);
    if (node->element.content == node->next) {
        xml_put_empty(renderer, node, indent);
        return;
    }
    outbuf_put(xml->base->literals, '>');
    const struct element element = compiler_element(xml->base, index);
    if (!xml_put_text_content(renderer, &element))
        xml->base->failed = true;
    xml_put_end_tag(renderer, node->element.name);
}

static void open_children(struct xml_compiler *xml, uint32_t index, uint32_t guard, bool marked)
{
    bool has_holes;
    put_start_tag(xml, index, &has_holes);
    outbuf_put(xml->base->literals, '>');
    if (marked) {
        compiler_add_op(xml->base, OP_XML_MARK);
        xml->base->mark_in_use = true;
    }
    EVX_CHECK(xml->open_count < OPEN_ELEMENTS_MAX);
    xml->open[xml->open_count++] = (struct open_element){index, guard, marked};
}

static void walk(struct xml_compiler *xml, uint32_t index, uint32_t indent)
{
    struct op *op = compiler_add_op(xml->base, OP_WALK);
    op->node = index;
    op->indent = indent;
}

static bool compile_static(struct xml_compiler *xml, uint32_t index, uint32_t indent)
{
    struct renderer *renderer = xml->base->renderer;
    const struct element element = compiler_element(xml->base, index);
    uint32_t base = renderer->frame_count;
    bool fine = xml_start_element(renderer, &element, indent, false) && xml_run(renderer, base);
    renderer->frame_count = base;
    return fine;
}

static void compile_element(struct xml_compiler *xml, uint32_t index, uint32_t indent)
{
    const struct node *node = &xml->tape[index];
    enum shape shape = element_shape(xml, index);
    size_t start = xml->base->literals->length;
    if (shape == SHAPE_WALK) {
        walk(xml, index, indent);
        return;
    }
    if (shape == SHAPE_STATIC) {
        xml_put_line(xml->base->renderer, indent);
        if (!compile_static(xml, index, indent)) { // its fault belongs to the records that use it
            xml->base->literals->length = start;
            walk(xml, index, indent);
        }
        return;
    }
    xml->base->has_ops = true;
    bool fused = compiler_dependency(xml->base, node) != NO_DEPENDENCY && shape == SHAPE_LEAF &&
                 !has_hole_attributes(xml->tape, index) &&
                 xml->tape[node->element.content].slot == node->slot;
    uint32_t guard = fused ? NO_GUARD : compiler_add_guard(xml->base, node);
    if (index > 0)
        xml_put_line(xml->base->renderer, indent);
    if (shape == SHAPE_CHILDREN || shape == SHAPE_MAYBE_CHILDREN) {
        open_children(xml, index, guard, shape == SHAPE_MAYBE_CHILDREN);
        return;
    }
    if (shape == SHAPE_LEAF)
        compile_leaf(xml, index, indent, fused, start);
    else
        compile_text(xml, index, indent);
    compiler_end_guard(xml->base, guard);
}

static void close_children(struct xml_compiler *xml, uint32_t indent)
{
    struct open_element open = xml->open[--xml->open_count];
    if (open.marked) {
        compiler_add_op(xml->base, OP_XML_END_CHILDREN)->indent = indent;
        xml->base->mark_in_use = false;
    } else {
        xml_put_line(xml->base->renderer, indent);
    }
    xml_put_end_tag(xml->base->renderer, xml->tape[open.node].element.name);
    compiler_end_guard(xml->base, open.guard);
}

void xml_compile(struct compiler *compiler, uint32_t indent)
{
    struct xml_compiler xml; // not cleared: the stack of elements is large
    xml.base = compiler;
    xml.tape = compiler->template->tape;
    xml.open_count = 0;
    if (element_shape(&xml, 0) == SHAPE_WALK)
        return; // nothing but the walker's work: no program
    if (element_shape(&xml, 0) == SHAPE_STATIC) {
        compiler->has_ops = compile_static(&xml, 0, indent);
        compiler_add_op(compiler, OP_END);
        return;
    }
    compile_element(&xml, 0, indent);
    uint32_t index = xml.tape[0].element.content;
    while (xml.open_count > 0 && !compiler->failed) {
        uint32_t depth = xml.open_count;
        const struct open_element *open = &xml.open[depth - 1];
        if (index >= xml.tape[open->node].next) {
            index = xml.tape[open->node].next;
            close_children(&xml, indent + depth - 1);
            continue;
        }
        if (xml.tape[index].kind == NODE_HOLE)
            compiler_add_child(compiler, index, open->node)->indent = indent + depth;
        else
            compile_element(&xml, index, indent + depth);
        // A child that was opened comes next, else the sibling.
        index = xml.open_count > depth ? xml.tape[index].element.content : xml.tape[index].next;
    }
    compiler_add_op(compiler, OP_END);
}
