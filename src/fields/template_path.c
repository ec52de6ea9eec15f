// SPDX-License-Identifier: MIT
#include "fields/template_path.h"

#include <string.h>

#include "base/check.h"

// The children of an element on the way that are still to be looked at.
struct level {
    uint32_t position, end;
    uint32_t dependency_count;
};

struct search {
    const struct node *tape;
    const struct path *path;
    struct place *places;
    unsigned capacity, count;
    struct level levels[PATH_STEPS_MAX + 1]; // by the number of the step that is about them
    uint16_t dependencies[PATH_STEPS_MAX];   // of the elements on the way, from the outermost on
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_DEPENDS };

static bool is_named(const struct search *search, const struct name *name, struct path_text wanted)
{
    return name_equals(name, path_units(search->path, wanted), wanted.count);
}

// Whether the parts of an attribute say what a condition wants.
static enum answer compare_parts(const struct search *search, uint32_t index, uint32_t end,
                                 struct path_text wanted)
{
    const uint8_t *units = path_units(search->path, wanted);
    uint32_t left = wanted.count;
    bool is_equal = true;
    for (; index < end; index++) {
        const struct node *part = &search->tape[index];
        if (part->kind != NODE_TEXT)
            return ANSWER_DEPENDS;
        is_equal = is_equal && part->text.count <= left &&
                   memcmp(part->text.units, units, 2 * (size_t)part->text.count) == 0;
        if (!is_equal)
            continue; // a hole may follow
        units += 2 * (size_t)part->text.count;
        left -= part->text.count;
    }
    return is_equal && left == 0 ? ANSWER_YES : ANSWER_NO;
}

static enum answer meets_condition(const struct search *search, uint32_t element,
                                   const struct path_step *step)
{
    enum answer answer = ANSWER_NO;
    if (!step->has_condition)
        return ANSWER_YES;
    uint32_t end = search->tape[element].element.content;
    for (uint32_t i = element + 1; i < end; i = search->tape[i].next) {
        const struct node *node = &search->tape[i];
        EVX_CHECK(node->next > i && node->next <= end);
        if (node->kind != NODE_ATTRIBUTE || !is_named(search, node->name, step->attribute))
            continue;
        enum answer one = compare_parts(search, i + 1, node->next, step->value);
        if (one == ANSWER_YES)
            return one;
        answer = one == ANSWER_DEPENDS ? one : answer;
    }
    return answer;
}

// The elements of an instance vanish with the value they depend on. Returns how many values an
// element depends on, those of the elements around it among them.
static uint32_t add_dependency(struct search *search, uint32_t element, uint32_t count)
{
    const struct node *node = &search->tape[element];
    EVX_CHECK(node->kind == NODE_ELEMENT && count <= PATH_STEPS_MAX);
    EVX_CHECK(element > 0 || node->slot == NO_DEPENDENCY); // decoding sees to it: roots stay
    if (node->slot == NO_DEPENDENCY)
        return count;
    for (uint32_t i = 0; i < count; i++)
        if (search->dependencies[i] == node->slot)
            return count;
    EVX_CHECK(count < PATH_STEPS_MAX); // one for each step
    search->dependencies[count] = node->slot;
    return count + 1;
}

static void add_place(struct search *search, struct place place, uint32_t dependency_count)
{
    EVX_CHECK(place.first <= place.end);
    place.dependency_count = (uint8_t)dependency_count;
    memcpy(place.dependencies, search->dependencies, dependency_count * sizeof(uint16_t));
    if (search->count < search->capacity)
        search->places[search->count] = place;
    search->count++;
}

static void add_hole(struct search *search, enum place_kind kind, uint32_t index, uint32_t rest,
                     uint32_t dependency_count)
{
    const struct node *hole = &search->tape[index];
    EVX_CHECK(hole->kind == NODE_HOLE);
    add_place(search,
              (struct place){
                  .kind = kind,
                  .type = hole->value.type,
                  .is_optional = hole->flags & NODE_OPTIONAL,
                  .slot = hole->slot,
                  .first = index,
                  .end = index + 1,
                  .rest = rest,
              },
              dependency_count);
}

static bool is_literal(enum node_kind kind)
{
    return kind >= NODE_TEXT && kind <= NODE_PI_DATA;
}

// What stands at the end of the path: the parts of an attribute, or the content of an element.
static void add_target(struct search *search, uint32_t first, uint32_t end,
                       uint32_t dependency_count)
{
    if (first + 1 == end && search->tape[first].kind == NODE_HOLE) {
        add_hole(search, PLACE_HOLE, first, search->path->step_count, dependency_count);
        return;
    }
    enum place_kind kind = PLACE_LITERAL;
    for (uint32_t i = first; i < end; i = search->tape[i].next)
        if (!is_literal(search->tape[i].kind))
            kind = PLACE_WALK;
    add_place(
        search,
        (struct place){.kind = kind, .first = first, .end = end, .rest = search->path->step_count},
        dependency_count);
}

// Where the path ends in this element.
static void reach_element(struct search *search, uint32_t element, uint32_t dependency_count)
{
    const struct node *node = &search->tape[element];
    uint32_t content = node->element.content;
    EVX_CHECK(content > element && content <= node->next);
    if (!search->path->has_attribute) {
        add_target(search, content, node->next, dependency_count);
        return;
    }
    for (uint32_t i = element + 1; i < content; i = search->tape[i].next) {
        const struct node *attribute = &search->tape[i];
        if (attribute->kind == NODE_ATTRIBUTE &&
            is_named(search, attribute->name, search->path->attribute))
            add_target(search, i + 1, attribute->next, dependency_count);
    }
}

// Looks at a child that step number `step` is about. True: it is an element on the way.
static bool look_at(struct search *search, uint32_t step, uint32_t index)
{
    const struct path *path = search->path;
    const struct node *node = &search->tape[index];
    uint32_t dependency_count = search->levels[step].dependency_count;
    EVX_CHECK(step < path->step_count);
    const struct place walk = {.kind = PLACE_WALK, .first = index, .end = node->next, .rest = step};
    if (node->kind == NODE_HOLE) {
        add_hole(search, PLACE_NESTED, index, step, dependency_count);
        return false;
    }
    if (node->kind == NODE_FRAGMENT || node->kind == NODE_INSTANCE)
        add_place(search, walk, dependency_count);
    if (node->kind != NODE_ELEMENT || !is_named(search, node->element.name, path->steps[step].name))
        return false;
    enum answer answer = meets_condition(search, index, &path->steps[step]);
    if (answer == ANSWER_DEPENDS)
        add_place(search, walk, dependency_count);
    if (answer != ANSWER_YES)
        return false;
    dependency_count = add_dependency(search, index, dependency_count);
    if (step + 1 == path->step_count) {
        reach_element(search, index, dependency_count);
        return false;
    }
    search->levels[step + 1] = (struct level){node->element.content, node->next, dependency_count};
    return true;
}

// Everything in levels[first], depth first.
static void search_from(struct search *search, uint32_t first)
{
    uint32_t step = first;
    for (;;) {
        struct level *level = &search->levels[step];
        EVX_CHECK(level->position <= level->end);
        if (level->position < level->end) {
            uint32_t index = level->position;
            level->position = search->tape[index].next;
            EVX_CHECK(level->position > index);
            step += look_at(search, step, index);
        } else if (step == first) {
            return;
        } else {
            step--;
        }
    }
}

unsigned template_path(const struct template *template, const struct path *path,
                       struct place *ret_places, unsigned capacity)
{
    struct search search = {
        .tape = template->tape, .path = path, .places = ret_places, .capacity = capacity};
    EVX_CHECK(template->node_count > 0 && template->tape[0].kind == NODE_ELEMENT);
    const struct node *root = &template->tape[0];
    if (path->step_count == 0) {
        reach_element(&search, 0, 0);
        return search.count;
    }
    search.levels[0] = (struct level){root->element.content, root->next, 0};
    search_from(&search, 0);
    return search.count;
}

unsigned template_path_rest(const struct template *template, const struct path *path, uint32_t rest,
                            struct place *ret_places, unsigned capacity)
{
    struct search search = {
        .tape = template->tape, .path = path, .places = ret_places, .capacity = capacity};
    EVX_CHECK(template->node_count > 0 && rest < path->step_count);
    search.levels[rest] = (struct level){0, template->node_count, 0};
    search_from(&search, rest);
    return search.count;
}
