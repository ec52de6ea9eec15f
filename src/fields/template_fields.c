// SPDX-License-Identifier: MIT
#include "fields/template_fields.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "fields/unicode.h"

enum {
    HEAD_MORE_OFFSET = 17,
    HEAD_COUNT_OFFSET = 18,
    HEAD_BYTES = 20,
    // Elements in one another, one in them that has no content, and its attribute.
    OPEN_NODES_MAX = OPEN_ELEMENTS_MAX + 2,
    CUT_BYTES = 3, // of the dots behind a path that is cut
};

// A path as far as it is known: that of the nodes that are open.
struct trail {
    const struct node *tape;
    bool is_nested;
    uint32_t depth;
    struct open_node {
        uint32_t end;
        size_t length; // of the path in front of it
        bool is_cut;
        size_t name, name_length; // of Data, within the path; 0: it has none
    } open[OPEN_NODES_MAX];
    size_t length;
    bool is_cut;
    char path[FIELD_PATH_BYTES_MAX];
};

static void add_bytes(struct trail *trail, const char *text)
{
    size_t size = strlen(text);
    EVX_CHECK(trail->length <= sizeof trail->path - CUT_BYTES);
    trail->is_cut = trail->is_cut || size > sizeof trail->path - CUT_BYTES - trail->length;
    if (trail->is_cut)
        return;
    memcpy(trail->path + trail->length, text, size);
    trail->length += size;
}

static void add_units(struct trail *trail, const uint8_t *units, size_t count)
{
    if (trail->is_cut)
        return;
    uint8_t *start = (uint8_t *)trail->path + trail->length;
    size_t room = sizeof trail->path - CUT_BYTES - trail->length;
    trail->length += (size_t)(utf8_put_units(start, room, units, count, &trail->is_cut) - start);
    EVX_CHECK(trail->length <= sizeof trail->path - CUT_BYTES);
}

// The text of the attribute Name, when it is the same for every record.
static const struct node *literal_name(const struct node *tape, uint32_t element)
{
    for (uint32_t i = element + 1; i < tape[element].element.content; i = tape[i].next) {
        EVX_CHECK(tape[i].next > i);
        if (tape[i].kind == NODE_ATTRIBUTE && tape[i].name->flags & NAME_IS_NAME)
            return tape[i].next == i + 2 && tape[i + 1].kind == NODE_TEXT ? &tape[i + 1] : NULL;
    }
    return NULL;
}

static bool has_unit(const struct node *text, uint16_t unit)
{
    for (uint32_t i = 0; i < text->text.count; i++)
        if (load_u16(text->text.units + 2 * (size_t)i) == unit)
            return true;
    return false;
}

static void add_condition(struct trail *trail, uint32_t element, struct open_node *open)
{
    const struct node *text = literal_name(trail->tape, element);
    if (!text)
        return;
    const char *quote = has_unit(text, '\'') ? "\"" : "'";
    add_bytes(trail, "[@Name=");
    add_bytes(trail, quote);
    open->name = trail->length;
    add_units(trail, text->text.units, text->text.count);
    open->name_length = trail->length - open->name;
    add_bytes(trail, quote);
    add_bytes(trail, "]");
}

static void open_node(struct trail *trail, uint32_t index)
{
    const struct node *node = &trail->tape[index];
    EVX_CHECK(trail->depth < OPEN_NODES_MAX);
    struct open_node *open = &trail->open[trail->depth++];
    *open = (struct open_node){.end = node->next, .length = trail->length, .is_cut = trail->is_cut};
    bool is_attribute = node->kind == NODE_ATTRIBUTE;
    if (index == 0 && !trail->is_nested)
        return; // paths begin below Event
    const struct name *name = is_attribute ? node->name : node->element.name;
    if (trail->length > 0)
        add_bytes(trail, "/");
    if (is_attribute)
        add_bytes(trail, "@");
    add_units(trail, name->units, name->unit_count);
    if (!is_attribute && name->flags & NAME_IS_DATA)
        add_condition(trail, index, open);
}

static void close_nodes(struct trail *trail, uint32_t index)
{
    while (trail->depth > 0 && trail->open[trail->depth - 1].end <= index) {
        const struct open_node *open = &trail->open[--trail->depth];
        EVX_CHECK(open->length <= trail->length);
        trail->length = open->length;
        trail->is_cut = open->is_cut;
    }
}

static void format_type(uint8_t type, char text[16])
{
    const char *name = value_type_name(type & (TYPE_ARRAY - 1));
    if (name)
        snprintf(text, 16, "%s%s", name, type & TYPE_ARRAY ? "[]" : "");
    else
        snprintf(text, 16, "0x%02x", type);
}

static void put_text(struct outbuf *out, const char *text, size_t size)
{
    outbuf_append(out, text, size);
    outbuf_put(out, 0);
}

static void put_field(const struct trail *trail, const struct node *hole, struct outbuf *out)
{
    char type[16];
    EVX_CHECK(hole->kind == NODE_HOLE);
    const struct open_node *open = trail->depth ? &trail->open[trail->depth - 1] : NULL;
    bool has_name = open && open->name > 0;
    format_type(hole->value.type, type);
    const uint8_t head[] = {(uint8_t)hole->slot, (uint8_t)(hole->slot >> 8),
                            (hole->flags & NODE_OPTIONAL) != 0, has_name};
    outbuf_append(out, head, sizeof head);
    outbuf_append(out, trail->path, trail->length);
    put_text(out, "...", trail->is_cut ? CUT_BYTES : 0);
    if (has_name)
        put_text(out, trail->path + open->name, open->name_length);
    put_text(out, type, strlen(type));
}

static void put_head(const struct template *template, bool is_nested, struct outbuf *out)
{
    EVX_CHECK(template->node_count > 0 && template->tape[0].kind == NODE_ELEMENT);
    const uint8_t head[HEAD_BYTES - 16] = {is_nested};
    const struct name *root = template->tape[0].element.name;
    uint8_t text[FIELD_PATH_BYTES_MAX];
    bool is_cut = false;
    outbuf_append(out, template->guid, 16);
    outbuf_append(out, head, sizeof head);
    uint8_t *end = utf8_put_units(text, sizeof text, root->units, root->unit_count, &is_cut);
    put_text(out, (const char *)text, (size_t)(end - text));
}

void template_describe(const struct template *template, bool is_nested, struct outbuf *out)
{
    struct trail trail = {.tape = template->tape, .is_nested = is_nested};
    unsigned count = 0;
    bool has_more = false;
    size_t start = out->length;
    put_head(template, is_nested, out);
    for (uint32_t i = 0; i < template->node_count && !has_more; i++) {
        const struct node *node = &template->tape[i];
        close_nodes(&trail, i);
        if (node->kind == NODE_ELEMENT || node->kind == NODE_ATTRIBUTE)
            open_node(&trail, i);
        if (node->kind != NODE_HOLE)
            continue;
        has_more = count == TEMPLATE_FIELDS_MAX;
        if (has_more)
            continue;
        put_field(&trail, node, out);
        count++;
    }
    if (out->failed)
        return; // what was written has been taken back
    EVX_CHECK(out->length >= start + HEAD_BYTES);
    out->data[start + HEAD_MORE_OFFSET] = has_more;
    out->data[start + HEAD_COUNT_OFFSET] = (uint8_t)count;
    out->data[start + HEAD_COUNT_OFFSET + 1] = (uint8_t)(count >> 8);
}

static const char *take_text(const uint8_t **position)
{
    const char *text = (const char *)*position;
    *position += strlen(text) + 1;
    return text;
}

const uint8_t *template_read(const uint8_t *description, evx_template_info *ret_info)
{
    const uint8_t *position = description + HEAD_BYTES;
    *ret_info = (evx_template_info){
        .size = sizeof *ret_info,
        .is_nested = description[16],
        .field_count = load_u16(description + HEAD_COUNT_OFFSET),
        .has_more_fields = description[HEAD_MORE_OFFSET],
    };
    EVX_CHECK(ret_info->field_count <= TEMPLATE_FIELDS_MAX);
    memcpy(ret_info->guid, description, 16);
    ret_info->root = take_text(&position);
    return position;
}

const uint8_t *template_read_field(const uint8_t *position, evx_template_field *ret_field)
{
    bool has_name = position[3];
    EVX_CHECK(position[2] <= 1 && position[3] <= 1);
    *ret_field = (evx_template_field){
        .size = sizeof *ret_field, .value = load_u16(position), .is_optional = position[2]};
    position += 4;
    ret_field->path = take_text(&position);
    ret_field->name = has_name ? take_text(&position) : NULL;
    ret_field->type = take_text(&position);
    return position;
}
