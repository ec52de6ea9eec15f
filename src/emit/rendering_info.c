// SPDX-License-Identifier: MIT
// Which texts a record has. Its elements are walked once more, as they are shown.
#include "emit/rendering_info.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/field_number.h"
#include "emit/renderer.h"

struct fields {
    uint64_t qualifiers, level, task, opcode, keywords, record_id;
};

// Text that is gathered: units in a buffer, or the number that they spell.
struct gathering {
    struct renderer *renderer;
    struct outbuf *units; // UTF-16LE; NULL: not wanted
    struct field_number number;
    unsigned parts;
    bool has_value; // a typed number
    uint64_t value;
};

static bool name_is(const struct name *name, const char *text)
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
        if (!name_is(element->tape[i].name, name))
            continue;
        attribute_parts_start(ret_parts, element, i);
        return true;
    }
    return false;
}

// The publisher's name into the scratch of the compiler.
static bool read_publisher(struct renderer *renderer, const struct element *provider)
{
    struct gathering gathering = {.renderer = renderer, .units = &renderer->literals};
    struct child_iterator parts;
    renderer->literals.length = 0;
    if (!outbuf_begin_record(&renderer->literals))
        return fault_memory(&renderer->decoder->fault);
    if (!find_attribute(provider, "Name", &parts))
        return true;
    if (!gather(&gathering, &parts))
        return false;
    return !renderer->literals.failed || fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}

static bool read_field(struct renderer *renderer, const struct element *element,
                       struct fields *fields)
{
    const struct name *name = element_node(element)->element.name;
    struct child_iterator parts;
    children_start(&parts, element);
    if (name_is(name, "Provider"))
        return read_publisher(renderer, element);
    if (name_is(name, "EventID")) {
        fields->qualifiers = 0;
        return !find_attribute(element, "Qualifiers", &parts) ||
               read_number(renderer, &parts, UINT16_MAX, &fields->qualifiers);
    }
    if (name_is(name, "Level"))
        return read_number(renderer, &parts, UINT8_MAX, &fields->level);
    if (name_is(name, "Task"))
        return read_number(renderer, &parts, UINT16_MAX, &fields->task);
    if (name_is(name, "Opcode"))
        return read_number(renderer, &parts, UINT8_MAX, &fields->opcode);
    if (name_is(name, "Keywords"))
        return read_number(renderer, &parts, UINT64_MAX, &fields->keywords);
    if (name_is(name, "EventRecordID"))
        return read_number(renderer, &parts, UINT64_MAX, &fields->record_id);
    return true;
}

static bool read_system(struct renderer *renderer, const struct element *system,
                        struct fields *fields)
{
    struct child_iterator children;
    struct child child;
    children_start(&children, system);
    for (;;) {
        enum child_kind kind = child_next(&renderer->tree, &children, &child);
        if (kind == CHILD_END || kind == CHILD_FAULT)
            return kind == CHILD_END;
        if (kind == CHILD_ELEMENT && !read_field(renderer, &child.element, fields))
            return false;
    }
}

// Whether the event takes texts: it has a System, whose fields are read, and no RenderingInfo.
static bool read_event(struct renderer *renderer, const struct element *root, bool *ret_takes,
                       struct fields *fields)
{
    struct child_iterator children;
    struct child child;
    bool has_system = false;
    *ret_takes = false;
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
        if (name_is(name, "RenderingInfo"))
            return true;
        if (has_system || !name_is(name, "System"))
            continue;
        has_system = true;
        if (!read_system(renderer, &child.element, fields))
            return false;
    }
    *ret_takes = has_system;
    return true;
}

struct lookup {
    const struct mta *mta;
    const struct mta_publisher *publisher, *fallback;
};

static struct mta_text find_text(const struct lookup *lookup, enum mta_table table, uint64_t key,
                                 bool *ret_found)
{
    struct mta_text text = {0};
    EVX_CHECK(key <= UINT32_MAX);
    *ret_found = mta_find_row(lookup->mta, lookup->publisher, table, (uint32_t)key, &text) ||
                 mta_find_row(lookup->mta, lookup->fallback, table, (uint32_t)key, &text);
    return text;
}

static void find_texts(const struct lookup *lookup, const struct fields *fields, uint64_t header_id,
                       struct rendering_info *ret)
{
    bool found;
    ret->message = mta_find_message(lookup->mta, fields->record_id, header_id);
    ret->level = find_text(lookup, MTA_LEVELS, fields->level, &found);
    ret->task = find_text(lookup, MTA_TASKS, fields->task, &found);
    // A classic event has no opcode: its bytes are the qualifiers.
    if (fields->qualifiers == 0) {
        ret->opcode = find_text(lookup, MTA_OPCODES, fields->opcode << 16 | fields->task, &found);
        if (!found)
            ret->opcode = find_text(lookup, MTA_OPCODES, fields->opcode << 16, &found);
    }
    for (unsigned bit = 0; bit < RENDERING_KEYWORDS_MAX; bit++) {
        if (!(fields->keywords >> bit & 1))
            continue;
        struct mta_text text = find_text(lookup, MTA_KEYWORDS, bit, &found);
        if (text.count > 0)
            ret->keywords[ret->keyword_count++] = text;
    }
}

// Sets what is to be added; *ret_adds: whether anything is.
static bool find_info(struct renderer *renderer, struct event *event, const struct mta *mta,
                      struct rendering_info *ret, bool *ret_adds)
{
    const struct element root = element_of_node(event->root.tape, 0, 0);
    struct fields fields = {0};
    *ret_adds = false;
    renderer->literals.length = 0;
    if (!name_is(element_node(&root)->element.name, "Event"))
        return true;
    if (!read_event(renderer, &root, ret_adds, &fields))
        return false;
    struct lookup lookup = {.mta = mta};
    if (*ret_adds)
        lookup.publisher =
            mta_find_publisher(mta, renderer->literals.data, renderer->literals.length / 2);
    lookup.fallback = mta_default_publisher(mta);
    *ret_adds &= lookup.publisher != NULL;
    if (*ret_adds)
        find_texts(&lookup, &fields, event->record->id, ret);
    return true;
}

bool put_rendering_info(struct renderer *renderer, struct event *event, const struct mta *mta)
{
    struct rendering_info info = {0};
    bool adds;
    const struct tree shown = renderer->tree;
    if (event->root.end == 0)
        return true;
    renderer->tree.nodes = 0; // nothing of this is shown
    bool fine = find_info(renderer, event, mta, &info, &adds);
    renderer->tree = shown;
    if (!fine || !adds)
        return fine;
    renderer->format->put_rendering_info(renderer, &info);
    struct outbuf *out = renderer->out;
    if (out->length - out->record_start > RECORD_OUTPUT_BYTES_MAX)
        out->failed = OUTBUF_RECORD_TOO_LARGE;
    if (out->failed == OUTBUF_NO_MEMORY)
        return fault_memory(&renderer->decoder->fault);
    return !out->failed || fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}
