// SPDX-License-Identifier: MIT
// How plans read values: those that are as simple as nearly all are. What is not is walked to.
#ifndef EVX_FILTER_PLAN_VALUES_H
#define EVX_FILTER_PLAN_VALUES_H

#include "decode/event.h"
#include "filter/subject.h"

// A test, or a nested plan, that cannot answer says how the record has to be looked at instead.
enum outcome { OUTCOME_FALSE, OUTCOME_TRUE, OUTCOME_WALK, OUTCOME_FAULT };

// What all of an element or attribute is. OUTCOME_TRUE: *ret_subject; OUTCOME_FALSE: an attribute
// that is not there.
EVX_INLINE enum outcome subject_of_view(struct value_view view, bool is_attribute,
                                        struct subject *ret_subject)
{
    struct value value = {
        .data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type};
    if (view.type & TYPE_ARRAY) // its items are elements
        return OUTCOME_WALK;
    value_classify(&value);
    if (value.form <= FORM_EMPTY) {
        *ret_subject = (struct subject){.is_text = true};
        return is_attribute ? OUTCOME_FALSE : OUTCOME_TRUE;
    }
    *ret_subject = (struct subject){.value = value};
    return value.form == FORM_FRAGMENT ? OUTCOME_WALK : OUTCOME_TRUE;
}

// The elements in a value, which nearly always are one instance. OUTCOME_TRUE: *ret_nested;
// OUTCOME_FALSE: there are none, but text or nothing.
EVX_INLINE enum outcome nested_instance(struct event *event, const struct instance *instance,
                                        uint32_t hole, const struct instance **ret_nested)
{
    struct value_view view = event_value(event, instance, hole);
    if (view.type & TYPE_ARRAY)
        return OUTCOME_WALK;
    if (view.type != TYPE_FRAGMENT || view.size == 0)
        return OUTCOME_FALSE;
    const struct fragment *fragment = event_child(event, instance, hole);
    if (!fragment)
        return OUTCOME_FAULT;
    if (fragment->end == 0)
        return OUTCOME_FALSE;
    const struct node *node = &fragment->tape[0];
    if (node->kind != NODE_INSTANCE || node->next < fragment->end)
        return OUTCOME_WALK;
    *ret_nested = node->instance;
    return OUTCOME_TRUE;
}

#endif
