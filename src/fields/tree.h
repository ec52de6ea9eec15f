// SPDX-License-Identifier: MIT
// The elements of a record as every consumer sees them: holes filled, dependent elements dropped,
// fragments spliced in, elements repeated by their arrays (reference output, sections 2.2 to 2.5).
//
// Children that only exist through values come out of one iterator, so that whoever writes an
// element and whoever asks for it see the same ones. Nothing recurses: depth is the caller's
// business.
#ifndef EVX_FIELDS_TREE_H
#define EVX_FIELDS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/outbuf.h"
#include "decode/decoder.h"

// How one consumer looks at a record.
struct tree {
    struct decoder *decoder;
    // What is written of the record, or NULL: one that is refused is not looked at any further.
    const struct outbuf *out;
    uint32_t nodes;          // paid for in this record
    bool repeats_data_roots; // see is_repeated_data_root()
    bool keeps_dependents;   // elements that depend on a value that is NULL are there, too
};

// An element where it stands: its node, and the instance whose values fill its holes.
struct element {
    const struct node *tape;
    const struct instance *instance; // NULL outside of templates
    uint32_t index;
    uint32_t depth;       // of the fragment it stands in
    uint32_t repetition;  // which copy, when an array repeats it
    uint32_t repetitions; // 1, or the product of its arrays' item counts
    uint32_t price;       // nodes that showing it adds to what the record has already
    bool is_root;         // of its template: never repeated
    bool in_token;        // below a value token of a definition, where roots are like any element
};

EVX_INLINE const struct node *element_node(const struct element *element)
{
    return &element->tape[element->index];
}

enum child_kind {
    CHILD_END,
    CHILD_ELEMENT,
    CHILD_PART,
    CHILD_FAULT, // decoder->fault is set
};

// One part of content or of an attribute: a literal, or the value of a hole.
struct part {
    const struct node *node;
    struct value value; // of a hole
    bool is_empty_hole; // a normal substitution of an empty value: a node that prints nothing
};

struct child {
    struct element element;
    struct part part;
};

// Walks resolved children. Plain data: copying it saves the place.
struct child_iterator {
    struct element parent;
    uint32_t position, end;          // in the parent's tape
    const struct fragment *fragment; // being spliced in, or NULL
    uint32_t fragment_position;
    bool fragment_in_token;
    bool is_paid;            // the children have no price any more
    struct element repeated; // being repeated, while repetitions are left
    uint32_t next_repetition;
};

// The root element of an instance, or an element of a fragment's tape.
EVX_INLINE struct element element_of_node(const struct node *tape, uint32_t index, uint32_t depth)
{
    EVX_CHECK(tape[index].next > index);
    const struct node *node = &tape[index];
    if (node->kind == NODE_INSTANCE)
        return (struct element){
            .tape = node->instance->template->tape,
            .instance = node->instance,
            .depth = node->instance->depth,
            .repetitions = 1,
            .price = node->instance->template->node_count,
            .is_root = true,
        };
    return (struct element){
        .tape = tape,
        .index = index,
        .depth = depth,
        .repetitions = 1,
        .price = node->next - index,
    };
}

void children_start(struct child_iterator *iterator, const struct element *parent);
// The parts of one attribute.
void attribute_parts_start(struct child_iterator *iterator, const struct element *element,
                           uint32_t attribute);
// One child of a parent, as if it were its only one (with its dependency and repetitions).
void single_child_start(struct child_iterator *iterator, const struct element *parent,
                        uint32_t index);
// The elements of a fragment in the place of a hole of the parent.
void splice_start(struct child_iterator *iterator, const struct element *parent,
                  const struct fragment *fragment);
enum child_kind child_next(struct tree *tree, struct child_iterator *iterator,
                           struct child *ret_child);

// Whether a child that is a template's root is repeated like any element: in XML the reference does
// so to a Data element around one hole, by UTF-16 strings. The record's own root is nobody's child.
EVX_COLD bool is_repeated_data_root(const struct tree *tree, const struct element *element);
EVX_INLINE bool is_repeated_root(const struct tree *tree, const struct element *element)
{
    return element->is_root && EVX_UNLIKELY(element->tape->element.name->flags & NAME_IS_DATA) &&
           is_repeated_data_root(tree, element);
}

// Whether the children to come are nodes of the parent's own tape, with no template behind them:
// elements are then what they look like, and paid for with the parent.
EVX_INLINE bool children_are_own(const struct child_iterator *iterator)
{
    return !iterator->parent.instance && !iterator->fragment &&
           iterator->next_repetition >= iterator->repeated.repetitions;
}

// Leaves out the rest of what the element just given belongs to: further copies, and elements
// spliced in with it. For those who only ask whether there is an element.
EVX_INLINE void children_skip_like(struct child_iterator *iterator)
{
    iterator->next_repetition = iterator->repeated.repetitions;
    iterator->fragment = NULL;
}

EVX_COLD bool too_many_nodes(struct tree *tree);

// Due when an element is shown. What a record may show is bounded by this and by its output; both
// are the same whichever way it is shown.
EVX_INLINE EVX_MUST_USE bool pay(struct tree *tree, uint32_t price)
{
    EVX_CHECK(tree->nodes <= RECORD_NODES_MAX);
    tree->nodes += price;
    return EVX_LIKELY(tree->nodes <= RECORD_NODES_MAX) || too_many_nodes(tree);
}

// Whether so many more copies of an element may be shown: asked before the first one, because a
// record that is refused must not cost what it would have shown.
EVX_INLINE EVX_MUST_USE bool can_pay(struct tree *tree, uint32_t copies, uint32_t price)
{
    return EVX_LIKELY(tree->nodes + (uint64_t)copies * price <= RECORD_NODES_MAX) ||
           too_many_nodes(tree);
}

// Whether an element's dependency is a NULL value.
bool is_dropped(const struct tree *tree, const struct instance *instance, const struct node *node);

// Whether a part is content that shows: not PI, not empty.
bool part_is_content(const struct part *part);
// Whether a part is unquoted in JSON when it is alone.
bool part_is_bare(const struct part *part);

// Notes what is wrong with an array whose items are shown one by one.
void note_array(struct tree *tree, const struct value *array);

#endif
