// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "base/limits.h"
#include "fields/tree.h"

static const struct value *slot_value(const struct instance *instance, uint32_t slot)
{
    return instance && slot < instance->value_count ? &instance->values[slot] : NULL;
}

bool is_dropped(const struct tree *tree, const struct instance *instance, const struct node *node)
{
    if (node->slot == NO_DEPENDENCY || tree->keeps_dependents)
        return false;
    const struct value *value = slot_value(instance, node->slot);
    return value && value->form == FORM_NULL;
}

static uint32_t hole_items(const struct element *element, const struct node *node)
{
    if (node->kind != NODE_HOLE)
        return 1;
    const struct value *value = slot_value(element->instance, node->slot);
    return value && value->form == FORM_ARRAY ? value->item_count : 1;
}

bool too_many_nodes(struct tree *tree)
{
    tree->nodes = RECORD_NODES_MAX; // so that further prices cannot wrap it around
    return fault_of(&tree->decoder->fault, FAULT_LIMIT_NODES);
}

void note_array(struct tree *tree, const struct value *array)
{
    if (EVX_UNLIKELY(array->flags & VALUE_ODD_SIZE)) // its size is without the odd byte
        decoder_note_value(tree->decoder, NOTE_STRING_ARRAY_ODD, array->data, array->type,
                           array->size + 1u, array->size);
}

// Product of the item counts of the holes in [from, to) of the tape, at most about `limit`.
// Attributes and their parts are visited one by one, content is visited child by child.
static uint64_t product_of_items(const struct element *element, uint32_t from, uint32_t to,
                                 uint64_t limit)
{
    uint64_t product = 1;
    for (uint32_t i = from; i < to && product < limit;) {
        const struct node *node = &element->tape[i];
        product *= hole_items(element, node);
        i = node->kind == NODE_ATTRIBUTE ? i + 1 : node->next;
    }
    return product;
}

static uint32_t count_repetitions(const struct element *element)
{
    const struct node *node = element_node(element);
    if (!element->instance || !(node->flags & NODE_HAS_HOLES))
        return 1;
    uint64_t limit = (uint64_t)RECORD_NODES_MAX + 1; // more cannot be shown
    uint64_t count = product_of_items(element, element->index + 1, node->next, limit);
    return (uint32_t)(count < limit ? count : limit);
}

// Nodes of one more copy.
static uint32_t copy_price(const struct element *element)
{
    return element_node(element)->next - element->index;
}

// Which item of an array a copy of the element shows. Arrays in the content come before those in
// attributes, and later ones vary faster.
static uint32_t item_index(const struct element *element, uint32_t index, uint32_t items)
{
    EVX_CHECK(items > 0 && element->repetition < element->repetitions);
    if (items == element->repetitions)
        return element->repetition;
    const struct node *node = element_node(element);
    uint32_t content = node->element.content;
    uint64_t faster =
        product_of_items(element, index + 1, index < content ? content : node->next, UINT32_MAX);
    if (index >= content)
        faster *= product_of_items(element, element->index + 1, content, UINT32_MAX);
    EVX_CHECK(faster > 0);
    return (uint32_t)(element->repetition / faster % items);
}

void children_start(struct child_iterator *iterator, const struct element *parent)
{
    iterator->parent = *parent;
    EVX_CHECK(element_node(parent)->kind == NODE_ELEMENT);
    EVX_CHECK(element_node(parent)->element.content <= element_node(parent)->next);
    iterator->position = element_node(parent)->element.content;
    iterator->end = element_node(parent)->next;
    iterator->fragment = NULL;
    iterator->fragment_in_token = parent->in_token;
    iterator->is_paid = false;
    iterator->repeated.repetitions = iterator->next_repetition = 0;
}

void attribute_parts_start(struct child_iterator *iterator, const struct element *element,
                           uint32_t attribute)
{
    children_start(iterator, element);
    iterator->position = attribute + 1;
    iterator->end = element->tape[attribute].next;
}

void single_child_start(struct child_iterator *iterator, const struct element *parent,
                        uint32_t index)
{
    children_start(iterator, parent);
    iterator->position = index;
    iterator->end = parent->tape[index].next;
}

void splice_start(struct child_iterator *iterator, const struct element *parent,
                  const struct fragment *fragment)
{
    children_start(iterator, parent);
    iterator->position = iterator->end;
    iterator->fragment = fragment;
    iterator->fragment_position = 0;
}

static bool next_of_fragment(struct child_iterator *iterator, struct element *ret_element)
{
    const struct fragment *fragment = iterator->fragment;
    if (iterator->fragment_position >= fragment->end) {
        iterator->fragment = NULL;
        return false;
    }
    EVX_CHECK(fragment->tape[iterator->fragment_position].next > iterator->fragment_position);
    uint32_t index = iterator->fragment_position;
    iterator->fragment_position = fragment->tape[index].next;
    *ret_element = element_of_node(fragment->tape, index, fragment->depth);
    return true;
}

// Fills the part of a hole. False: the hole leaves no node, or its elements are spliced in now.
static bool fill_hole(struct tree *tree, struct child_iterator *iterator, const struct node *node,
                      struct part *part, bool *fault)
{
    const struct element *parent = &iterator->parent;
    struct value *value = (struct value *)slot_value(parent->instance, node->slot);
    if (!value)
        return false;
    part->is_empty_hole = value->form <= FORM_EMPTY;
    if (part->is_empty_hole)
        return !(node->flags & NODE_OPTIONAL);
    if (value->form == FORM_FRAGMENT) {
        iterator->fragment = decode_value(tree->decoder, value, parent->instance->depth);
        iterator->fragment_position = 0;
        iterator->fragment_in_token = parent->in_token;
        *fault = iterator->fragment == NULL;
        return false;
    }
    if (value->form != FORM_ARRAY || parent->is_root) {
        part->value = *value;
        return true;
    }
    note_array(tree, value);
    uint32_t index = (uint32_t)(node - parent->tape);
    EVX_CHECK(node > parent->tape);
    part->value = value_item(value, item_index(parent, index, value->item_count));
    return part->value.form != FORM_EMPTY; // an empty item leaves no node in its copy
}

// False: there are more copies than a record may show.
static bool start_repetitions(struct tree *tree, struct child_iterator *iterator,
                              const struct element *element)
{
    EVX_CHECK(element->repetitions == 1);
    iterator->repeated = *element;
    iterator->repeated.repetitions = count_repetitions(&iterator->repeated);
    iterator->next_repetition = 0;
    return iterator->is_paid ||
           can_pay(tree, iterator->repeated.repetitions - 1, copy_price(&iterator->repeated));
}

bool is_repeated_data_root(const struct tree *tree, const struct element *element)
{
    const struct node *tape = element->tape;
    const struct instance *instance = element->instance;
    uint32_t content = tape->element.content;
    if (!tree->repeats_data_roots)
        return false;
    for (uint32_t i = 1; i < content; i++) // an attribute that never shows is none
        if (tape[i].kind != NODE_ATTRIBUTE && !(tape[i].kind == NODE_TEXT && !tape[i].text.count))
            return false;
    return tape->next == content + 1 && tape[content].kind == NODE_HOLE &&
           tape[content].slot < instance->value_count &&
           instance->descriptors[4 * tape[content].slot + 2] == (TYPE_ARRAY | TYPE_STRING);
}

// An element of a fragment, or the root of an instance. The reference decodes value tokens with the
// definition they stand in: what they hold is then repeated like the definition's own elements.
static enum child_kind give_element(struct tree *tree, struct child_iterator *iterator,
                                    bool in_token, struct element *element)
{
    if (iterator->is_paid)
        element->price = 0;
    if (EVX_LIKELY(!in_token && !is_repeated_root(tree, element)))
        return CHILD_ELEMENT;
    element->is_root = false;
    element->in_token = true;
    if ((element->instance && !instance_need_values(tree->decoder, element->instance)) ||
        !start_repetitions(tree, iterator, element))
        return CHILD_FAULT;
    *element = iterator->repeated;
    iterator->next_repetition = 1;
    return CHILD_ELEMENT;
}

// An element of the tape that the parent stands in, once.
EVX_INLINE struct element own_element(const struct element *parent, uint32_t index)
{
    return (struct element){
        .tape = parent->tape,
        .instance = parent->instance,
        .index = index,
        .depth = parent->depth,
        .repetitions = 1,
        .in_token = parent->in_token,
    };
}

static bool start_element(struct tree *tree, struct child_iterator *iterator, uint32_t index)
{
    const struct element *parent = &iterator->parent;
    const struct element element = own_element(parent, index);
    return is_dropped(tree, parent->instance, &parent->tape[index]) ||
           start_repetitions(tree, iterator, &element);
}

enum child_kind child_next(struct tree *tree, struct child_iterator *iterator,
                           struct child *ret_child)
{
    const struct instance *instance = iterator->parent.instance;
    if (EVX_UNLIKELY(tree->out && tree->out->failed))
        return CHILD_END;
    for (;;) {
        if (iterator->next_repetition < iterator->repeated.repetitions) {
            ret_child->element = iterator->repeated;
            ret_child->element.repetition = iterator->next_repetition++;
            // The first copy was paid for with what it belongs to.
            if (ret_child->element.repetition > 0 && !iterator->is_paid)
                ret_child->element.price = copy_price(&iterator->repeated);
            return CHILD_ELEMENT;
        }
        if (iterator->fragment) {
            if (next_of_fragment(iterator, &ret_child->element))
                return give_element(tree, iterator, iterator->fragment_in_token,
                                    &ret_child->element);
            continue;
        }
        if (iterator->position >= iterator->end)
            return CHILD_END;
        if (instance && !instance_need_values(tree->decoder, instance))
            return CHILD_FAULT;
        uint32_t index = iterator->position;
        EVX_CHECK(index < iterator->end);
        const struct node *node = &iterator->parent.tape[index];
        iterator->position = node->next;
        bool fault = false;
        switch (node->kind) {
        case NODE_ELEMENT:
            if (!instance) { // nothing to depend on, and no arrays
                ret_child->element = own_element(&iterator->parent, index);
                return CHILD_ELEMENT;
            }
            if (!start_element(tree, iterator, index))
                return CHILD_FAULT;
            continue;
        case NODE_INSTANCE:
            ret_child->element = element_of_node(iterator->parent.tape, index, 0);
            return give_element(tree, iterator, iterator->parent.in_token, &ret_child->element);
        case NODE_FRAGMENT:
            iterator->fragment = decode_token(tree->decoder, node, iterator->parent.depth);
            iterator->fragment_position = 0;
            iterator->fragment_in_token = iterator->parent.in_token || instance;
            if (!iterator->fragment)
                return CHILD_FAULT;
            continue;
        case NODE_HOLE:
            ret_child->part.node = node;
            if (fill_hole(tree, iterator, node, &ret_child->part, &fault))
                return CHILD_PART;
            if (fault)
                return CHILD_FAULT;
            continue;
        default:
            ret_child->part.node = node;
            ret_child->part.is_empty_hole = false;
            return CHILD_PART;
        }
    }
}

bool part_is_content(const struct part *part)
{
    switch (part->node->kind) {
    case NODE_HOLE:
        return !part->is_empty_hole;
    case NODE_TEXT:
    case NODE_CDATA:
        return part->node->text.count > 0;
    case NODE_VALUE:
        return part->node->value.type != TYPE_NULL;
    case NODE_CHARACTER_REFERENCE:
    case NODE_ENTITY_REFERENCE:
        return true;
    default:
        return false;
    }
}

bool part_is_bare(const struct part *part)
{
    if (part->node->kind == NODE_HOLE)
        return !part->is_empty_hole && FORM_IS_BARE(part->value.form);
    return part->node->kind == NODE_VALUE && part->node->value.type >= TYPE_I8 &&
           (part->node->value.type <= TYPE_U64 || part->node->value.type == TYPE_BOOL);
}
