// SPDX-License-Identifier: MIT
// From a template's node tree to a program. A subtree without holes is rendered by the walker into
// the literals; a hole in a shape that is usual becomes an op; any other shape becomes an op that
// asks the walker. So the walker stays the only place that knows what a shape means.
#ifndef EVX_EMIT_COMPILER_H
#define EVX_EMIT_COMPILER_H

#include "emit/renderer.h"

struct compiler {
    struct renderer *renderer;
    struct template *template;
    const struct instance *instance; // one of those to come; tells likely types
    uint32_t context;
    struct outbuf *literals; // the renderer's output while compiling
    uint32_t literal_start;  // of the op that is being prepared
    uint32_t value_count;    // values that an instance must have
    bool failed;             // memory or PROGRAM_LITERAL_BYTES_MAX
    bool has_ops;            // something is compiled, not only walked
    bool mark_in_use;        // OP_XML_MARK does not nest
    struct op ignored;       // what is added after a failure
};

// The slot that an element depends on, or NO_DEPENDENCY.
static inline uint32_t compiler_dependency(const struct compiler *compiler, const struct node *node)
{
    return compiler->renderer->tree.keeps_dependents ? NO_DEPENDENCY : node->slot;
}

// Adds an op behind the literal bytes written since the last one.
struct op *compiler_add_op(struct compiler *compiler, enum op_kind kind);
// Adds an op that writes the value of a hole.
struct op *compiler_add_value(struct compiler *compiler, enum op_kind kind, uint32_t hole);
// Adds the op of a hole beside element children of the element `parent`.
struct op *compiler_add_child(struct compiler *compiler, uint32_t hole, uint32_t parent);

// The GUARD op in front of an element that has a dependency, to be ended behind the element.
#define NO_GUARD UINT32_MAX
uint32_t compiler_add_guard(struct compiler *compiler, const struct node *node);
void compiler_end_guard(struct compiler *compiler, uint32_t guard);

// An element of the template as the walker knows it, without values.
struct element compiler_element(const struct compiler *compiler, uint32_t index);

// Index of the only part of an attribute or of an element's content when it is a hole, else 0.
uint32_t sole_hole(const struct node *tape, uint32_t from, uint32_t to);
bool has_only_literals(const struct node *tape, uint32_t from, uint32_t to);
// Whether every attribute of an element has a name of its own and is literal or one hole alone.
bool attributes_compile(const struct node *tape, uint32_t element);
bool has_hole_attributes(const struct node *tape, uint32_t element);

// The formats: compile the template's root.
void xml_compile(struct compiler *compiler, uint32_t indent);
void json_compile(struct compiler *compiler, uint32_t context);

#endif
