// SPDX-License-Identifier: MIT
#include "filter/absence.h"

#include "base/check.h"

enum { INSTANCES_MAX = 8 }; // of a record that is looked at

// ---- templates ----------------------------------------------------------------------------------

// Whether the nodes [first, end), all of an element's content or of an attribute, are at most one
// text, value, or list of elements.
static bool parts_are_plain(const struct node *tape, uint32_t first, uint32_t end)
{
    uint32_t parts = 0;
    for (uint32_t i = first; i < end; i = tape[i].next) {
        switch ((enum node_kind)tape[i].kind) {
        case NODE_ELEMENT:
            break; // looked at where it stands in the tape
        case NODE_HOLE:
        case NODE_TEXT:
            parts++;
            break;
        default:
            return false;
        }
    }
    return parts <= 1;
}

static bool is_plain(const struct template *template)
{
    const struct node *tape = template->tape;
    for (uint32_t i = 0; i < template->node_count; i++) {
        const struct node *node = &tape[i];
        if (node->kind == NODE_ELEMENT && !parts_are_plain(tape, node->element.content, node->next))
            return false;
        if (node->kind == NODE_ATTRIBUTE && !parts_are_plain(tape, i + 1, node->next))
            return false;
    }
    return true;
}

// What is known of a template of the store; its texts are searched when they have not been.
static const struct template_text *text_of(struct absence *absence, const struct template *template,
                                           const struct needle *needle)
{
    struct template_text *text = &absence->templates[template->number % ABSENCE_TEMPLATES];
    const uint8_t bit = (uint8_t)(1u << needle->number);
    if (!template->is_shared || template->is_outside || !template->body)
        return NULL;
    if (EVX_UNLIKELY(text->template != template))
        *text = (struct template_text){.template = template, .is_plain = is_plain(template)};
    if (EVX_UNLIKELY(!(text->searched & bit))) {
        text->searched |= bit;
        if (needle_stands_in(needle, template->body, template->body_size))
            text->found |= bit;
    }
    return text;
}

// ---- records ------------------------------------------------------------------------------------

// Whether values of a type are printed, or stand in the record as UTF-16.
static bool is_plain_type(uint8_t type)
{
    uint8_t scalar = type & (uint8_t)~TYPE_ARRAY;
    return scalar <= TYPE_HEX64 && scalar != TYPE_ANSI;
}

struct walk {
    struct absence *absence;
    struct event *event;
    const struct needle *needle;
    const struct instance *instances[INSTANCES_MAX];
    uint32_t count;
};

// The one instance that elements in a value are, to be looked at later. False: they are more.
static bool add_child(struct walk *walk, const struct instance *instance, uint32_t hole)
{
    const struct fragment *child = event_child(walk->event, instance, hole);
    if (!child || walk->count == INSTANCES_MAX)
        return false;
    if (child->end == 0)
        return true;
    const struct node *node = &child->tape[0];
    if (node->kind != NODE_INSTANCE || node->next < child->end)
        return false;
    walk->instances[walk->count++] = node->instance;
    return true;
}

static bool values_are_plain(struct walk *walk, const struct instance *instance)
{
    for (uint32_t i = 0; i < instance->value_count; i++) {
        const uint8_t *descriptor = instance->descriptors + 4 * i;
        if (is_plain_type(descriptor[2]) || load_u16(descriptor) == 0)
            continue;
        if (descriptor[2] != TYPE_FRAGMENT || !add_child(walk, instance, i))
            return false;
    }
    return true;
}

// Whether templates and types are such that a search is a proof.
static bool is_plain_record(struct walk *walk, uint8_t *ret_found)
{
    const struct instance *root = event_instance(walk->event);
    uint8_t found = 0;
    if (!root || !event_settle(walk->event) || walk->event->root.end != 1)
        return false;
    walk->instances[walk->count++] = root;
    for (uint32_t i = 0; i < walk->count; i++) {
        const struct instance *instance = walk->instances[i];
        const struct template_text *text = text_of(walk->absence, instance->template, walk->needle);
        if (!instance->offsets || !text || !text->is_plain || !values_are_plain(walk, instance))
            return false;
        found |= text->found;
    }
    *ret_found = found;
    return true;
}

bool absence_is_proved(struct absence *absence, struct event *event, const struct needle *needle)
{
    const uint8_t bit = (uint8_t)(1u << needle->number);
    const struct record *record = event->record;
    struct decoder *decoder = event->decoder;
    struct walk walk = {.absence = absence, .event = event, .needle = needle};
    uint8_t found;
    if (absence->is_other || decoder->mode != DECODE_USUAL)
        return false;
    if (!is_plain_record(&walk, &found)) {
        absence->is_other = true;
        return false;
    }
    EVX_CHECK((uint64_t)record->offset + record->size <= CHUNK_BYTES);
    if ((found & bit) ||
        needle_stands_in(needle, decoder->chunk->data + record->offset, record->size))
        return false;
    absence->proofs++;
    return true;
}
