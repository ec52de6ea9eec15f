// SPDX-License-Identifier: MIT
#include "filter/subject.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "print/fixed_value.h"

void scratch_init(struct scratch_text *scratch, struct memory *memory)
{
    *scratch = (struct scratch_text){.memory = memory};
}

void scratch_destroy(struct scratch_text *scratch)
{
    memory_release(scratch->memory, scratch->units, 2 * scratch->capacity);
    *scratch = (struct scratch_text){.memory = scratch->memory};
}

// Room for so many more units; NULL when there is none.
static uint8_t *scratch_reserve(struct scratch_text *scratch, size_t count)
{
    size_t needed = scratch->count + count;
    if (needed > RECORD_OUTPUT_BYTES_MAX)
        scratch->failed = true;
    if (scratch->failed)
        return NULL;
    if (needed > scratch->capacity) {
        size_t capacity = needed < 512 ? 512 : 2 * needed;
        uint8_t *units =
            memory_reallocate(scratch->memory, scratch->units, 2 * scratch->capacity, 2 * capacity);
        if (!units) {
            scratch->failed = true;
            return NULL;
        }
        scratch->units = units;
        scratch->capacity = capacity;
    }
    return scratch->units + 2 * scratch->count;
}

static void put_units(struct scratch_text *scratch, const uint8_t *units, size_t count)
{
    uint8_t *to = scratch_reserve(scratch, count);
    if (!to || count == 0)
        return;
    memcpy(to, units, 2 * count);
    scratch->count += count;
}

static void put_unit(struct scratch_text *scratch, uint16_t unit)
{
    uint8_t bytes[2] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
    put_units(scratch, bytes, 1);
}

static void put_ascii(struct scratch_text *scratch, const uint8_t *text, size_t size)
{
    uint8_t *to = scratch_reserve(scratch, size);
    if (!to)
        return;
    for (size_t i = 0; i < size; i++) {
        to[2 * i] = text[i];
        to[2 * i + 1] = 0;
    }
    scratch->count += size;
}

static size_t units_before_nul(const uint8_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (load_u16(units + 2 * i) == 0)
            return i;
    return count;
}

struct subject subject_of_units(const uint8_t *units, size_t count)
{
    return (struct subject){
        .is_text = true, .units = units, .unit_count = (uint32_t)units_before_nul(units, count)};
}

static void put_hex_of(struct scratch_text *scratch, const struct value *value)
{
    uint8_t text[64 + NUMBER_SLACK_BYTES];
    for (uint32_t at = 0; at < value->size; at += 32) {
        uint32_t size = value->size - at < 32 ? value->size - at : 32;
        put_hex_bytes(text, value->data + at, size);
        put_ascii(scratch, text, 2 * (size_t)size);
    }
}

// An ANSI string without its NULs; what its code page does not have is shown as hex.
static void put_ansi(struct scratch_text *scratch, const struct ansi_codec *codec,
                     const struct value *value)
{
    // Bytes behind the units they become, which are at most two for each.
    uint8_t *to = scratch_reserve(scratch, 2 * (size_t)value->size + (value->size + 1) / 2 + 1);
    if (!to)
        return;
    uint8_t *bytes = to + 4 * (size_t)value->size;
    size_t size = 0, count;
    for (uint32_t i = 0; i < value->size; i++)
        if (value->data[i] != 0)
            bytes[size++] = value->data[i];
    if (ansi_codec_decode(codec, bytes, size, (uint16_t *)(void *)to, &count))
        scratch->count += count;
    else
        put_hex_of(scratch, value);
}

static void put_scalar(struct scratch_text *scratch, const struct ansi_codec *codec,
                       const struct value *value)
{
    uint8_t text[FIXED_TEXT_BYTES_MAX];
    switch (value->form) {
    case FORM_STRING:
        put_units(scratch, value->data, units_before_nul(value->data, value->size / 2));
        return;
    case FORM_ANSI:
        put_ansi(scratch, codec, value);
        return;
    case FORM_HEX:
        put_hex_of(scratch, value);
        return;
    default:
        put_ascii(scratch, text, (size_t)(put_fixed_value(text, value) - text));
        return;
    }
}

static void put_value(struct scratch_text *scratch, const struct ansi_codec *codec,
                      const struct value *value)
{
    struct value array = *value;
    if (value->form != FORM_ARRAY && value->form != FORM_ITEM) {
        put_scalar(scratch, codec, value);
        return;
    }
    for (uint32_t i = 0; i < array.item_count && !scratch->failed; i++) {
        struct value item = value_item(&array, i);
        if (i > 0)
            put_unit(scratch, ',');
        if (item.form != FORM_EMPTY)
            put_scalar(scratch, codec, &item);
    }
}

void subject_make_text(struct subject *subject, const struct ansi_codec *codec,
                       struct scratch_text *scratch)
{
    if (subject->is_text)
        return;
    if (subject->value.form == FORM_STRING) { // where it stands
        *subject = subject_of_units(subject->value.data, subject->value.size / 2);
        return;
    }
    scratch->count = 0;
    put_value(scratch, codec, &subject->value);
    subject->is_text = true;
    subject->units = scratch->units;
    subject->unit_count = (uint32_t)scratch->count;
}

static void put_entity(struct scratch_text *scratch, const struct name *name)
{
    if (name->entity) {
        put_unit(scratch, name->entity);
        return;
    }
    put_unit(scratch, '&');
    put_units(scratch, name->units, name->unit_count);
    put_unit(scratch, ';');
}

static void put_part(struct scratch_text *scratch, const struct ansi_codec *codec,
                     const struct part *part)
{
    const struct node *node = part->node;
    struct value value;
    switch (node->kind) {
    case NODE_HOLE:
        if (!part->is_empty_hole)
            put_value(scratch, codec, &part->value);
        return;
    case NODE_TEXT:
    case NODE_CDATA:
        put_units(scratch, node->text.units, units_before_nul(node->text.units, node->text.count));
        return;
    case NODE_VALUE:
        value = value_of_token(node->value.data, node->value.size, node->value.type);
        if (FORM_IS_TEXT(value.form))
            put_value(scratch, codec, &value);
        return;
    case NODE_CHARACTER_REFERENCE:
        put_unit(scratch, node->slot);
        return;
    case NODE_ENTITY_REFERENCE:
        put_entity(scratch, node->name);
        return;
    default:
        return;
    }
}

// The only part, which needs no scratch text.
static struct subject subject_of_part(struct scratch_text *scratch, const struct ansi_codec *codec,
                                      const struct part *part)
{
    struct value value = part->value;
    if (part->node->kind == NODE_TEXT || part->node->kind == NODE_CDATA)
        return subject_of_units(part->node->text.units, part->node->text.count);
    if (part->node->kind == NODE_HOLE) {
        if (value.form == FORM_ITEM)
            value = value_item(&value, 0);
        if (value.form > FORM_FRAGMENT)
            return (struct subject){.value = value};
    }
    scratch->count = 0;
    put_part(scratch, codec, part);
    return (struct subject){
        .is_text = true, .units = scratch->units, .unit_count = (uint32_t)scratch->count};
}

// All parts that the iterator gives: one stays what it is, several are text. False: an element is
// among them, or a fault.
static bool subject_of_parts(struct tree *tree, const struct ansi_codec *codec,
                             struct scratch_text *scratch, struct child_iterator *parts,
                             struct subject *ret_subject, uint32_t *ret_count, bool *ret_fault)
{
    struct child child;
    uint32_t count = 0;
    *ret_subject = (struct subject){.is_text = true};
    for (enum child_kind kind; (kind = child_next(tree, parts, &child)) != CHILD_END;) {
        *ret_fault = kind == CHILD_FAULT;
        if (kind != CHILD_PART)
            return false;
        if (!part_is_content(&child.part) && child.part.node->kind != NODE_CDATA)
            continue;
        if (count == 0) {
            *ret_subject = subject_of_part(scratch, codec, &child.part);
        } else {
            if (count == 1 && ret_subject->units != scratch->units) {
                struct subject first = *ret_subject;
                scratch->count = 0;
                if (first.is_text)
                    put_units(scratch, first.units, first.unit_count);
                else
                    put_value(scratch, codec, &first.value);
            }
            put_part(scratch, codec, &child.part);
            *ret_subject = (struct subject){
                .is_text = true, .units = scratch->units, .unit_count = (uint32_t)scratch->count};
        }
        count++;
    }
    *ret_count = count;
    return true;
}

bool subject_of_element(struct tree *tree, const struct ansi_codec *codec,
                        struct scratch_text *scratch, const struct element *element,
                        struct subject *ret_subject, bool *ret_fault)
{
    struct child_iterator parts;
    uint32_t count;
    children_start(&parts, element);
    return subject_of_parts(tree, codec, scratch, &parts, ret_subject, &count, ret_fault);
}

bool subject_of_attribute(struct tree *tree, const struct ansi_codec *codec,
                          struct scratch_text *scratch, const struct element *element,
                          uint32_t attribute, struct subject *ret_subject, bool *ret_fault)
{
    struct child_iterator parts;
    uint32_t count;
    attribute_parts_start(&parts, element, attribute);
    return subject_of_parts(tree, codec, scratch, &parts, ret_subject, &count, ret_fault) &&
           count > 0;
}
