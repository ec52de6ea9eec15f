// SPDX-License-Identifier: MIT
// What a path leads to in a record: a typed value, or text. And its text, as the formats show it
// before they escape anything.
#ifndef EVX_FILTER_SUBJECT_H
#define EVX_FILTER_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/memory.h"
#include "decode/value.h"
#include "fields/tree.h"
#include "text/ansi_codec.h"

struct subject {
    bool is_text;
    struct value value;   // of a printable form or FORM_ARRAY, unless it is text
    const uint8_t *units; // text: UTF-16LE
    uint32_t unit_count;
};

// Units that are put together of values and literals, reused.
struct scratch_text {
    struct memory *memory;
    uint8_t *units;
    size_t count, capacity; // units
    bool failed;            // no memory, or more than a record may show
};

void scratch_init(struct scratch_text *scratch, struct memory *memory);
void scratch_destroy(struct scratch_text *scratch);

// Text of the units in front of the first NUL.
struct subject subject_of_units(const uint8_t *units, size_t count);

// The value of an element: the text or the typed value directly in it, '' when it is empty. False
// when it has none, because it has elements inside. Both false and *ret_fault: the decoder's fault
// is set.
bool subject_of_element(struct tree *tree, const struct ansi_codec *codec,
                        struct scratch_text *scratch, const struct element *element,
                        struct subject *ret_subject, bool *ret_fault);
// The value of the attribute at this index of the element's tape. False when it is not there: all
// of it is empty.
bool subject_of_attribute(struct tree *tree, const struct ansi_codec *codec,
                          struct scratch_text *scratch, const struct element *element,
                          uint32_t attribute, struct subject *ret_subject, bool *ret_fault);

// Makes text of it. A typed value's is written to the scratch text, which lives until the next
// call; `scratch` may not hold what the subject itself consists of.
void subject_make_text(struct subject *subject, const struct ansi_codec *codec,
                       struct scratch_text *scratch);

#endif
