// SPDX-License-Identifier: MIT
// Which values of a record a message depends on, and which it shows.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/message_program.h"
#include "emit/renderer.h"

// Of a template of whole records.
struct message_places {
    struct plan plan;
    bool is_usual;
    uint16_t slots[MESSAGE_PLACES_MAX];
    uint32_t slot_count;
    uint32_t value_count; // that a record must have
    uint32_t data_hole;   // NO_HOLE: none
};

static bool counts(const struct name *name)
{
    static const char *const names[] = {"Provider", "EventID", "Version",  "Level",
                                        "Task",     "Opcode",  "Keywords", "Channel"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (element_is(name, names[i]))
            return true;
    return false;
}

static bool add_slot(struct message_places *places, uint32_t slot)
{
    EVX_CHECK(slot <= UINT16_MAX && places->slot_count <= MESSAGE_PLACES_MAX);
    for (uint32_t i = 0; i < places->slot_count; i++)
        if (places->slots[i] == slot)
            return true;
    if (places->slot_count == MESSAGE_PLACES_MAX)
        return false;
    places->slots[places->slot_count++] = (uint16_t)slot;
    if (places->value_count <= slot)
        places->value_count = slot + 1;
    return true;
}

// All values that the nodes show or depend on.
static bool add_slots(struct message_places *places, const struct node *tape, uint32_t from,
                      uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const bool has_slot = tape[i].kind == NODE_HOLE ||
                              (tape[i].kind == NODE_ELEMENT && tape[i].slot != NO_DEPENDENCY);
        if (has_slot && !add_slot(places, tape[i].slot))
            return false;
    }
    return true;
}

static bool add_system(struct message_places *places, const struct node *tape, uint32_t system)
{
    if (tape[system].slot != NO_DEPENDENCY && !add_slot(places, tape[system].slot))
        return false;
    for (uint32_t i = tape[system].element.content; i < tape[system].next; i = tape[i].next) {
        if (tape[i].kind == NODE_HOLE || tape[i].kind == NODE_FRAGMENT)
            return false;
        if (tape[i].kind == NODE_ELEMENT && counts(tape[i].element.name) &&
            !add_slots(places, tape, i, tape[i].next))
            return false;
    }
    return true;
}

static bool add_data(struct message_places *places, uint32_t hole)
{
    if (places->data_hole != NO_HOLE)
        return false;
    places->data_hole = hole;
    if (places->value_count <= hole)
        places->value_count = hole + 1;
    return true;
}

// Another element of the event: empty, or around the one hole for data.
static bool add_other(struct message_places *places, const struct node *tape, uint32_t index)
{
    const uint32_t content = tape[index].element.content;
    if (element_is(tape[index].element.name, "RenderingInfo"))
        return false;
    if (content == tape[index].next)
        return true;
    return tape[content].kind == NODE_HOLE && tape[content].next == tape[index].next &&
           add_data(places, tape[content].slot);
}

static bool find_places(struct message_places *places, const struct node *tape)
{
    bool has_system = false;
    if (!element_is(tape->element.name, "Event"))
        return false;
    for (uint32_t i = tape->element.content; i < tape->next; i = tape[i].next) {
        bool fine = false;
        if (tape[i].kind == NODE_HOLE)
            fine = add_data(places, tape[i].slot);
        else if (tape[i].kind == NODE_ELEMENT && !has_system &&
                 element_is(tape[i].element.name, "System"))
            fine = has_system = add_system(places, tape, i);
        else if (tape[i].kind == NODE_ELEMENT)
            fine = add_other(places, tape, i);
        if (!fine)
            return false;
    }
    return has_system;
}

static struct plan *keep_places(void *context, struct arena *arena)
{
    struct message_places *kept = arena_allocate(arena, sizeof *kept);
    if (kept)
        *kept = *(const struct message_places *)context;
    return kept ? &kept->plan : NULL;
}

// Kept, or where that cannot be in *scratch.
static const struct message_places *places_of(struct messages *messages,
                                              const struct template *template,
                                              struct message_places *scratch)
{
    struct plan *plan = plans_find(&messages->places, template->number, 0);
    if (plan)
        return (const struct message_places *)plan;
    *scratch = (struct message_places){.data_hole = NO_HOLE};
    scratch->is_usual = find_places(scratch, template->tape);
    if (plans_have_room(&messages->places, template->number))
        plans_publish(&messages->places, template->number, 0, keep_places, scratch);
    return scratch;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const uint8_t *bytes, uint32_t size)
{
    uint64_t hash = size;
    uint32_t i = 0;
    for (; size - i >= 8; i += 8)
        hash = mix(hash, load_u64(bytes + i));
    for (; i < size; i++)
        hash = mix(hash, bytes[i]);
    return hash;
}

// Appends a value to the key. False: it does not fit, or has elements in it.
static bool add_to_key(struct message_key *key, struct value_view value)
{
    if (value.type == TYPE_FRAGMENT && value.size > 0)
        return false;
    if (value.size + 4u > MESSAGE_KEY_BYTES_MAX - key->size)
        return false;
    store_u32(key->bytes + key->size, value.size | value.type << 16);
    memcpy(key->bytes + key->size + 4, value.data, value.size);
    key->size += 4 + value.size;
    return true;
}

// The instance in the hole for data. False: something else is there.
static bool find_data(struct event *event, const struct instance *instance, uint32_t hole,
                      const struct instance **ret)
{
    const struct value_view value =
        hole == NO_HOLE ? (struct value_view){0} : event_value(event, instance, hole);
    *ret = NULL;
    if (view_is_null(value))
        return true;
    if (value.type != TYPE_FRAGMENT)
        return false;
    const struct fragment *fragment = event_child(event, instance, hole);
    if (!fragment || fragment->end != 1 || fragment->tape[0].kind != NODE_INSTANCE)
        return false;
    const struct instance *data = fragment->tape[0].instance;
    if (!data->offsets)
        return false;
    *ret = data;
    return true;
}

enum message_shape message_find_key(struct renderer *renderer, struct event *event,
                                    struct messages *messages, enum message_form form,
                                    struct message_key *ret_key, const struct instance **ret_data)
{
    const struct instance *instance = event_instance(event);
    struct message_places scratch;
    if (!instance || event->root.end != 1 || !instance->offsets)
        return SHAPE_WALKED;
    const struct message_places *places = places_of(messages, instance->template, &scratch);
    if (!places->is_usual || places->value_count > instance->value_count ||
        !find_data(event, instance, places->data_hole, ret_data))
        return SHAPE_WALKED;
    const uint32_t data_number = *ret_data ? (*ret_data)->template->number : UINT32_MAX;
    if (instance->template->number >= TEMPLATE_UNNUMBERED || data_number == TEMPLATE_UNNUMBERED)
        return SHAPE_USUAL;
    store_u32(ret_key->bytes, instance->template->number);
    store_u32(ret_key->bytes + 4, data_number);
    store_u32(ret_key->bytes + 8,
              form == MESSAGE_ALONE ? UINT32_MAX : (uint32_t)(renderer->format - formats));
    // Which of its values are missing may count, too.
    store_u32(ret_key->bytes + 12, *ret_data ? (*ret_data)->value_count : 0);
    ret_key->size = 16;
    EVX_CHECK(places->value_count <= instance->value_count); // each slot is below the first
    for (uint32_t i = 0; i < places->slot_count; i++)
        if (!add_to_key(ret_key, event_value(event, instance, places->slots[i])))
            return SHAPE_USUAL;
    ret_key->hash = hash_of(ret_key->bytes, ret_key->size);
    return SHAPE_KEYED;
}

// ---------------------------------------------------------------------------------------- values

static void add_value(struct message_arguments *arguments, struct value_view value)
{
    if (arguments->count < MESSAGE_VALUES_MAX)
        arguments->list[arguments->count++] = value;
}

// The items of an array one by one, any other value as it is.
static void add_items(struct message_arguments *arguments, struct value_view view)
{
    struct value value = {
        .data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type};
    value_classify(&value);
    if (value.form != FORM_ARRAY && value.form != FORM_ITEM) {
        add_value(arguments, view);
        return;
    }
    uint32_t count = value.form == FORM_ITEM ? 1 : value.item_count;
    for (uint32_t i = 0; i < count && arguments->count < MESSAGE_VALUES_MAX; i++) {
        const struct value item = value_item(&value, i);
        add_value(arguments, (struct value_view){item.data, item.size, item.type});
    }
}

// Whether a template is that of events that are reported as a list of strings: the one hole of a
// Data element without a name is declared as such. *ret_hole: it.
static bool is_list_of_strings(const struct template *template, uint32_t *ret_hole)
{
    const struct node *tape = template->tape;
    const uint32_t first = tape->element.content;
    if (first == tape->next || tape[first].kind != NODE_ELEMENT ||
        !(tape[first].element.name->flags & NAME_IS_DATA) ||
        tape[first].element.content != first + 1)
        return false;
    const struct node *hole = &tape[first + 1];
    if (tape[first].next != first + 2 || hole->kind != NODE_HOLE ||
        hole->value.type != (TYPE_ARRAY | TYPE_STRING))
        return false;
    *ret_hole = hole->slot;
    return true;
}

// What is open in a walk over the data.
enum { WALK_DEPTH_MAX = 16 };

static void add_part(struct message_arguments *arguments, const struct part *part)
{
    const struct node *node = part->node;
    if (node->kind == NODE_HOLE)
        add_value(arguments,
                  (struct value_view){part->value.data, part->value.size, part->value.type});
    else if (node->kind == NODE_TEXT && node->text.count <= INT16_MAX)
        add_value(arguments,
                  (struct value_view){node->text.units, 2 * node->text.count, TYPE_STRING});
    else if (node->kind == NODE_VALUE)
        add_value(arguments,
                  (struct value_view){node->value.data, node->value.size, node->value.type});
}

static bool is_shown(const struct element *element, unsigned depth)
{
    const struct name *name = element_node(element)->element.name;
    return depth > 1 ? !element_is(name, "Binary")
                     : !element_is(name, "System") && !element_is(name, "RenderingInfo");
}

// The contents of elements that have no others in them.
static bool walk_data(struct renderer *renderer, struct event *event,
                      struct message_arguments *arguments)
{
    struct {
        struct child_iterator children;
        uint32_t before; // values in front of it
        bool is_leaf;
    } open[WALK_DEPTH_MAX];
    unsigned depth = 1;
    const struct element root = element_of_node(event->root.tape, 0, 0);
    children_start(&open[0].children, &root);
    open[0].is_leaf = false;
    while (depth > 0) {
        struct child child;
        enum child_kind kind = child_next(&renderer->tree, &open[depth - 1].children, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END) {
            if (open[--depth].is_leaf && arguments->count == open[depth].before)
                add_value(arguments,
                          (struct value_view){root.tape ? event->decoder->chunk->data : NULL, 0,
                                              TYPE_NULL});
        } else if (kind == CHILD_PART) {
            if (depth > 1 && open[depth - 1].is_leaf &&
                arguments->count == open[depth - 1].before && part_is_content(&child.part))
                add_part(arguments, &child.part);
        } else if (depth < WALK_DEPTH_MAX && is_shown(&child.element, depth)) {
            open[depth - 1].is_leaf = false;
            children_start(&open[depth].children, &child.element);
            open[depth].before = arguments->count;
            open[depth].is_leaf = depth > 1;
            depth++;
        }
    }
    return true;
}

bool message_find_arguments(struct renderer *renderer, struct event *event,
                            const struct instance *data, enum message_shape shape,
                            struct message_arguments *ret)
{
    uint32_t hole;
    ret->data = NULL;
    ret->count = 0;
    if (shape == SHAPE_WALKED) {
        const struct tree shown = renderer->tree;
        renderer->tree.nodes = 0; // nothing of this is shown
        bool fine = walk_data(renderer, event, ret);
        renderer->tree = shown;
        return fine;
    }
    if (!data)
        return true;
    if (is_list_of_strings(data->template, &hole) && hole < data->value_count) {
        add_items(ret, event_value(event, data, hole));
        return true;
    }
    ret->data = data;
    ret->count = data->value_count;
    return true;
}
