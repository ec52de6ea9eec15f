// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "filter/evaluate.h"

enum { LEVELS_AT_FIRST = 16 };

static bool satisfies(struct evaluation *evaluation, const struct literal *literal, bool is_there,
                      const struct subject *subject)
{
    return is_there && match_subject(&evaluation->matcher, literal, subject);
}

// The element's own text and attributes.
static bool look_at(struct evaluation *evaluation, const struct element *element,
                    const struct literal *literal)
{
    struct subject subject;
    struct tree *tree = &evaluation->tree;
    const struct ansi_codec *codec = evaluation->matcher.codec;
    uint32_t content = element_node(element)->element.content;
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next)
        if (element->tape[i].kind == NODE_ATTRIBUTE &&
            satisfies(evaluation, literal,
                      subject_of_attribute(tree, codec, &evaluation->gathered, element, i, &subject,
                                           &evaluation->fault),
                      &subject))
            return true;
    return !evaluation->fault &&
           satisfies(evaluation, literal,
                     subject_of_element(tree, codec, &evaluation->gathered, element, &subject,
                                        &evaluation->fault),
                     &subject);
}

// Elements can be nested as deep as a log says: their iterators are on a stack of our own.
static bool push(struct evaluation *evaluation, uint32_t *depth, const struct element *element)
{
    struct memory *memory = evaluation->gathered.memory;
    if (*depth == evaluation->level_capacity) {
        uint32_t capacity = *depth ? 2 * *depth : LEVELS_AT_FIRST;
        struct child_iterator *levels = memory_reallocate(
            memory, evaluation->levels, *depth * sizeof *levels, capacity * sizeof *levels);
        if (!levels) {
            evaluation->fault = true;
            return fault_memory(&evaluation->tree.decoder->fault);
        }
        evaluation->levels = levels;
        evaluation->level_capacity = capacity;
    }
    children_start(&evaluation->levels[(*depth)++], element);
    return true;
}

bool evaluate_any_text(struct evaluation *evaluation, const struct literal *literal)
{
    const struct fragment *root = &evaluation->event->root;
    struct child child;
    uint32_t depth = 0;
    if (root->end == 0)
        return false;
    if (literal->needle &&
        absence_is_proved(&evaluation->absence, evaluation->event, literal->needle))
        return false;
    const struct element element = element_of_node(root->tape, 0, root->depth);
    if (look_at(evaluation, &element, literal))
        return true;
    if (evaluation->fault || !push(evaluation, &depth, &element))
        return false;
    while (depth > 0 && !evaluation->fault) {
        EVX_CHECK(depth <= evaluation->level_capacity);
        switch (child_next(&evaluation->tree, &evaluation->levels[depth - 1], &child)) {
        case CHILD_END:
            depth--;
            break;
        case CHILD_FAULT:
            evaluation->fault = true;
            break;
        case CHILD_PART:
            break;
        case CHILD_ELEMENT:
            if (look_at(evaluation, &child.element, literal))
                return true;
            if (!push(evaluation, &depth, &child.element))
                return false;
            break;
        }
    }
    return false;
}
