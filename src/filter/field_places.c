// SPDX-License-Identifier: MIT
#include "filter/field_places.h"

#include <string.h>

#include "base/check.h"

enum { PLACES_MAX = 1 << 16 };

static bool add_guard(struct field_places *places, uint16_t hole, bool is_dependency)
{
    if (places->way_count == FIELD_GUARDS_MAX)
        return false;
    places->way[places->way_count++] = (struct field_guard){hole, is_dependency};
    return true;
}

bool field_places_enter(struct field_places *places, const struct template *template,
                        uint32_t element)
{
    const struct node *tape = template->tape, *node = &tape[element];
    EVX_CHECK(node->kind == NODE_ELEMENT && element < template->node_count);
    if (node->slot != NO_DEPENDENCY && !add_guard(places, node->slot, true))
        return false;
    // Roots are not repeated, but for those named Data: see is_repeated_data_root().
    const bool can_repeat = element > 0 || node->element.name->flags & NAME_IS_DATA;
    if (!can_repeat || !(node->flags & NODE_HAS_HOLES))
        return true;
    for (uint32_t i = element + 1; i < node->next;) {
        if (tape[i].kind == NODE_HOLE && !add_guard(places, tape[i].slot, false))
            return false;
        i = tape[i].kind == NODE_ATTRIBUTE ? i + 1 : tape[i].next;
    }
    return true;
}

bool field_places_add(struct field_places *places, struct field_place place)
{
    if (places->count == places->capacity) {
        uint32_t capacity = places->capacity ? 2 * places->capacity : 64;
        struct field_place *list =
            capacity > PLACES_MAX
                ? NULL
                : memory_reallocate(places->memory, places->list, places->capacity * sizeof *list,
                                    capacity * sizeof *list);
        if (!list) {
            places->failed = true;
            return false;
        }
        places->list = list;
        places->capacity = capacity;
    }
    for (uint8_t i = 0; i < places->way_count; i++) {
        // That the value itself is no array is seen when it is read.
        const struct field_guard guard = places->way[i];
        if (guard.is_dependency || place.kind == FIELD_LITERAL || guard.hole != place.hole)
            place.guards[place.guard_count++] = guard;
    }
    places->list[places->count++] = place;
    return true;
}

void field_places_destroy(struct field_places *places)
{
    memory_release(places->memory, places->list, places->capacity * sizeof *places->list);
    *places = (struct field_places){.memory = places->memory};
}
