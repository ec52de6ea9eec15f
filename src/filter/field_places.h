// SPDX-License-Identifier: MIT
// Where the values of a path stand in a template: what filter/partial.c finds when nothing is asked
// of them.
#ifndef EVX_FILTER_FIELD_PLACES_H
#define EVX_FILTER_FIELD_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "decode/template.h"
#include "filter/subject.h"

enum field_place_kind {
    FIELD_ELEMENT,   // a hole, which is all of an element
    FIELD_ATTRIBUTE, // a hole, which is all of an attribute
    FIELD_LITERAL,   // text
    FIELD_NESTED,    // the elements in the value of a hole are where the path goes on
};

// Another value that has a say in whether there is an element, or how often.
struct field_guard {
    uint16_t hole;
    bool is_dependency; // NULL: there is none. Otherwise: an array repeats the element
};

enum { FIELD_GUARDS_MAX = 6 };

struct field_place {
    uint8_t kind; // enum field_place_kind
    uint8_t guard_count;
    uint16_t hole;
    struct field_guard guards[FIELD_GUARDS_MAX]; // those of the outermost element first
    uint32_t unit_count;                         // LITERAL
    const uint8_t *units;                        // of the template's tape
    uint32_t continuation; // NESTED: expression and step, as field_plan.ranges has them
};

// Grows while a template is looked at, in the order of the document.
struct field_places {
    struct memory *memory;
    struct field_place *list;
    uint32_t count, capacity;
    // Guards of the elements on the way to where we are.
    struct field_guard way[FIELD_GUARDS_MAX];
    uint8_t way_count;
    bool failed; // no memory, or too many
};

// False: the element has more guards than are kept.
EVX_MUST_USE bool field_places_enter(struct field_places *places, const struct template *template,
                                     uint32_t element);
// The place gets the guards of the way. False: `failed`.
EVX_MUST_USE bool field_places_add(struct field_places *places, struct field_place place);
void field_places_destroy(struct field_places *places);

#endif
