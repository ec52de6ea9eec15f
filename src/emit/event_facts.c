// SPDX-License-Identifier: MIT
// What of System says which event it is. The elements are walked once more, as they are shown.
#include "emit/event_facts.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/field_number.h"
#include "emit/renderer.h"

// Text that is gathered: units in a buffer, or the number that they spell.
struct gathering {
    struct renderer *renderer;
    struct outbuf *units; // UTF-16LE; NULL: not wanted
    struct field_number number;
    unsigned parts;
    bool has_value;      // a typed number
    const uint8_t *guid; // a typed GUID; NULL: none
    uint64_t value;
};

bool element_is(const struct name *name, const char *text)
{
    return name->xml_size == strlen(text) && memcmp(name->xml, text, name->xml_size) == 0;
}

static void add_units(struct gathering *gathering, const uint8_t *units, size_t count)
{
    size_t length = 0;
    while (length < count && load_u16(units + 2 * length) != 0) {
        field_number_add(&gathering->number, load_u16(units + 2 * length));
        length++;
    }
    if (gathering->units)
        outbuf_append(gathering->units, units, 2 * length);
}

static void add_ansi(struct gathering *gathering, const struct value *value)
{
    const uint16_t *high = ansi_codec_high_half(gathering->renderer->codec);
    for (uint32_t i = 0; i < value->size; i++) {
        uint8_t byte = value->data[i];
        uint16_t unit = byte < 0x80 ? byte : high ? high[byte - 0x80] : 0xFFFD;
        if (byte != 0 && unit != 0)
            add_units(gathering, (const uint8_t *)&unit, 1);
    }
}

static bool is_number(const struct value *value, uint64_t *ret_number)
{
    int64_t number;
    switch (value->form) {
    case FORM_I8:
        number = (int8_t)*value->data;
        break;
    case FORM_I16:
        number = (int16_t)load_u16(value->data);
        break;
    case FORM_I32:
        number = (int32_t)load_u32(value->data);
        break;
    case FORM_I64:
        number = (int64_t)load_u64(value->data);
        break;
    case FORM_U8:
        number = *value->data;
        break;
    case FORM_U16:
        number = load_u16(value->data);
        break;
    case FORM_U32:
    case FORM_HEX32:
        number = load_u32(value->data);
        break;
    case FORM_U64:
    case FORM_HEX64:
        *ret_number = load_u64(value->data);
        return true;
    default:
        return false;
    }
    *ret_number = number < 0 ? 0 : (uint64_t)number;
    return true;
}

static void add_value(struct gathering *gathering, const struct value *value)
{
    if (value->form == FORM_STRING)
        add_units(gathering, value->data, value->size / 2);
    else if (value->form == FORM_ANSI)
        add_ansi(gathering, value);
    else if (value->form == FORM_GUID)
        gathering->guid = value->data;
    else
        gathering->has_value = is_number(value, &gathering->value);
}

static void add_part(struct gathering *gathering, const struct part *part)
{
    const struct node *node = part->node;
    if (!part_is_content(part))
        return;
    gathering->parts++;
    if (node->kind == NODE_TEXT)
        add_units(gathering, node->text.units, node->text.count);
    else if (node->kind == NODE_HOLE)
        add_value(gathering, &part->value);
    else if (node->kind == NODE_VALUE) {
        const struct value value =
            value_of_token(node->value.data, node->value.size, node->value.type);
        add_value(gathering, &value);
    }
}

// The parts of an element's content, or of one of its attributes. False with the fault set.
static bool gather(struct gathering *gathering, struct child_iterator *iterator)
{
    for (;;) {
        struct child child;
        switch (child_next(&gathering->renderer->tree, iterator, &child)) {
        case CHILD_END:
            return true;
        case CHILD_FAULT:
            return false;
        case CHILD_ELEMENT:
            break;
        case CHILD_PART:
            add_part(gathering, &child.part);
        }
    }
}

// One typed number is what it is; anything else is what its texts spell.
static uint64_t number_of(const struct gathering *gathering)
{
    if (gathering->parts == 1 && gathering->has_value)
        return gathering->value;
    return field_number_value(&gathering->number);
}

static bool read_number(struct renderer *renderer, struct child_iterator *iterator, uint64_t max,
                        uint64_t *ret_number)
{
    struct gathering gathering = {.renderer = renderer};
    if (!gather(&gathering, iterator))
        return false;
    *ret_number = number_of(&gathering);
    if (*ret_number > max)
        *ret_number = 0;
    return true;
}

// The first attribute of the name. False: there is none.
static bool find_attribute(const struct element *element, const char *name,
                           struct child_iterator *ret_parts)
{
    const struct node *node = element_node(element);
    for (uint32_t i = element->index + 1; i < node->element.content; i = element->tape[i].next) {
        if (!element_is(element->tape[i].name, name))
            continue;
        attribute_parts_start(ret_parts, element, i);
        return true;
    }
    return false;
}

// Text into the scratch of the compiler, behind what is there. Where there is none it has no units.
static bool read_text(struct renderer *renderer, struct child_iterator *iterator,
                      struct fact_text *ret)
{
    struct gathering gathering = {.renderer = renderer, .units = &renderer->literals};
    const size_t start = renderer->literals.length;
    if (!gather(&gathering, iterator))
        return false;
    *ret = (struct fact_text){start, (uint32_t)((renderer->literals.length - start) / 2)};
    return !renderer->literals.failed || fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}

static unsigned digit_of(uint16_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    unit |= 0x20;
    return unit >= 'a' && unit <= 'f' ? unit - 'a' + 10u : 16;
}

// `{01234567-89ab-...}` as it is stored. False: it is none.
static bool guid_of_text(const uint8_t *units, uint32_t count, uint8_t ret[16])
{
    static const uint8_t places[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint32_t digits = 0;
    uint8_t bytes[16] = {0};
    for (uint32_t i = 0; i < count; i++) {
        const uint16_t unit = load_u16(units + 2 * (size_t)i);
        if (unit == '{' || unit == '}' || unit == '-')
            continue;
        const unsigned digit = digit_of(unit);
        if (digit > 15 || digits >= 32)
            return false;
        bytes[places[digits / 2]] = (uint8_t)(bytes[places[digits / 2]] << 4 | digit);
        digits++;
    }
    memcpy(ret, bytes, sizeof bytes);
    return digits == 32;
}

static bool read_guid(struct renderer *renderer, struct child_iterator *iterator,
                      struct event_facts *facts)
{
    struct gathering gathering = {.renderer = renderer, .units = &renderer->literals};
    const size_t start = renderer->literals.length;
    if (!gather(&gathering, iterator))
        return false;
    if (gathering.guid)
        memcpy(facts->guid, gathering.guid, sizeof facts->guid);
    facts->has_guid =
        gathering.guid != NULL ||
        guid_of_text(renderer->literals.data + start,
                     (uint32_t)((renderer->literals.length - start) / 2), facts->guid);
    renderer->literals.length = start;
    return true;
}

static bool read_provider(struct renderer *renderer, const struct element *provider,
                          struct event_facts *facts)
{
    struct child_iterator parts;
    if (find_attribute(provider, "Name", &parts) && !read_text(renderer, &parts, &facts->provider))
        return false;
    if (find_attribute(provider, "EventSourceName", &parts) &&
        !read_text(renderer, &parts, &facts->source))
        return false;
    return !find_attribute(provider, "Guid", &parts) || read_guid(renderer, &parts, facts);
}

static bool read_field(struct renderer *renderer, const struct element *element,
                       struct event_facts *facts)
{
    const struct name *name = element_node(element)->element.name;
    struct child_iterator parts;
    children_start(&parts, element);
    if (element_is(name, "Provider"))
        return read_provider(renderer, element, facts);
    if (element_is(name, "EventID")) {
        facts->qualifiers = 0;
        return read_number(renderer, &parts, UINT16_MAX, &facts->id) &&
               (!find_attribute(element, "Qualifiers", &parts) ||
                read_number(renderer, &parts, UINT16_MAX, &facts->qualifiers));
    }
    if (element_is(name, "Version"))
        return read_number(renderer, &parts, UINT8_MAX, &facts->version);
    if (element_is(name, "Channel"))
        return read_text(renderer, &parts, &facts->channel);
    if (element_is(name, "Level"))
        return read_number(renderer, &parts, UINT8_MAX, &facts->level);
    if (element_is(name, "Task"))
        return read_number(renderer, &parts, UINT16_MAX, &facts->task);
    if (element_is(name, "Opcode"))
        return read_number(renderer, &parts, UINT8_MAX, &facts->opcode);
    if (element_is(name, "Keywords"))
        return read_number(renderer, &parts, UINT64_MAX, &facts->keywords);
    if (element_is(name, "EventRecordID"))
        return read_number(renderer, &parts, UINT64_MAX, &facts->record_id);
    return true;
}

static bool read_system(struct renderer *renderer, const struct element *system,
                        struct event_facts *facts)
{
    struct child_iterator children;
    struct child child;
    children_start(&children, system);
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &children, &child);
        if (kind == CHILD_END || kind == CHILD_FAULT)
            return kind == CHILD_END;
        if (kind == CHILD_ELEMENT && !read_field(renderer, &child.element, facts))
            return false;
    }
}

bool read_event_facts(struct renderer *renderer, const struct element *root, bool *ret_takes,
                      struct event_facts *facts)
{
    struct child_iterator children;
    struct child child;
    bool has_system = false;
    *ret_takes = false;
    *facts = (struct event_facts){0};
    renderer->literals.length = 0;
    if (!outbuf_begin_record(&renderer->literals))
        return fault_memory(&renderer->decoder->fault);
    if (!element_is(element_node(root)->element.name, "Event"))
        return true;
    children_start(&children, root);
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &children, &child);
        if (kind == CHILD_FAULT)
            return false;
        if (kind == CHILD_END)
            break;
        if (kind != CHILD_ELEMENT)
            continue;
        const struct name *name = element_node(&child.element)->element.name;
        if (element_is(name, "RenderingInfo"))
            return true;
        if (has_system || !element_is(name, "System"))
            continue;
        has_system = true;
        if (!read_system(renderer, &child.element, facts))
            return false;
    }
    *ret_takes = has_system;
    return true;
}
