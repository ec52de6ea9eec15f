// SPDX-License-Identifier: MIT
// Where a path leads in a template: worked out once for each template, so that a record is then a
// look at a value. Knows no values.
#ifndef EVX_FIELDS_TEMPLATE_PATH_H
#define EVX_FIELDS_TEMPLATE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/template.h"
#include "fields/path.h"

enum place_kind {
    PLACE_LITERAL, // the nodes are text, the same for every record
    PLACE_HOLE,    // the node is a hole, and all that stands there
    // The node is a hole on the way: the rest of the path leads on in the elements of its value, if
    // that is what it is. They stand where the hole does: step number `rest` is about them.
    PLACE_NESTED,
    // Only the record can tell, by a walk over the nodes: several parts, elements, or a condition
    // that depends on a hole. The steps from number `rest` on are about these nodes, or, when there
    // is none, the nodes are what the path leads to.
    PLACE_WALK,
};

// The types of holes are those that the template declares: records may break that.
struct place {
    uint8_t kind;        // enum place_kind
    uint8_t type;        // HOLE, NESTED
    bool is_optional;    // HOLE, NESTED: an empty value is as good as none
    uint16_t slot;       // HOLE, NESTED: which value; a record may have fewer
    uint32_t first, end; // nodes of the template's tape; none: an element without content
    uint32_t rest;       // NESTED, WALK
    // When one of these values is NULL, there is no such element.
    uint16_t dependencies[PATH_STEPS_MAX];
    uint8_t dependency_count;
};

// The places that a path leads to, in the order of the document: names may repeat. Returns how many
// there are, and sets so many as there is capacity for. 0: no record of the template has the field.
// Elements that are repeated for the items of an array are one place. Who wants the first value
// looks no further than to the first place that has one: `System/EventID` is a hole or a literal,
// and behind it the hole for EventData, in which another System may stand but never does.
unsigned template_path(const struct template *template, const struct path *path,
                       struct place *ret_places, unsigned capacity);

// The same for the rest of a path from a step on, which is about the root element itself: for
// templates whose instances stand in the value of a hole.
unsigned template_path_rest(const struct template *template, const struct path *path, uint32_t rest,
                            struct place *ret_places, unsigned capacity);

#endif
