// SPDX-License-Identifier: MIT
#include "table/arrow_schema.h"

#include <string.h>

#include "base/check.h"

enum { METADATA_BYTES = 64 };

// A node's own memory: its texts, and its children, who may be taken out of it.
struct schema_node {
    struct lifeline *lifeline;
    size_t bytes; // of all this
    struct ArrowSchema dictionary;
    uint8_t metadata[METADATA_BYTES];
    struct ArrowSchema *pointers[]; // and behind them the children, and the name
};

static void release(struct ArrowSchema *schema)
{
    struct schema_node *node = schema->private_data;
    struct lifeline *lifeline = node->lifeline;
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    schema->release = NULL;
    memory_release(lifeline->memory, node, node->bytes);
    lifeline->let_go(lifeline);
}

// A node without children that are set. False without memory.
static bool make_node(struct lifeline *lifeline, const char *format, const char *name,
                      int64_t flags, size_t child_count, struct ArrowSchema *ret_schema)
{
    const size_t name_bytes = strlen(name) + 1;
    const size_t bytes = sizeof(struct schema_node) +
                         child_count * (sizeof(struct ArrowSchema *) + sizeof(struct ArrowSchema)) +
                         name_bytes;
    struct schema_node *node = memory_allocate_zeroed(lifeline->memory, bytes);
    if (!node)
        return false;
    lifeline->hold(lifeline);
    node->lifeline = lifeline;
    node->bytes = bytes;
    struct ArrowSchema *children = (struct ArrowSchema *)(node->pointers + child_count);
    for (size_t i = 0; i < child_count; i++)
        node->pointers[i] = &children[i];
    char *kept = (char *)(children + child_count);
    memcpy(kept, name, name_bytes);
    *ret_schema = (struct ArrowSchema){
        .format = format,
        .name = kept,
        .flags = flags,
        .n_children = (int64_t)child_count,
        .children = child_count ? node->pointers : NULL,
        .release = release,
        .private_data = node,
    };
    return true;
}

static uint8_t *put_counted(uint8_t *p, const char *text)
{
    const int32_t size = (int32_t)strlen(text);
    memcpy(p, &size, sizeof size);
    memcpy(p + sizeof size, text, (size_t)size);
    return p + sizeof size + size;
}

// What kind of value it is for those who know extensions of Arrow's types.
static void set_extension(struct ArrowSchema *schema, const char *extension)
{
    struct schema_node *node = schema->private_data;
    const int32_t count = 1;
    memcpy(node->metadata, &count, sizeof count);
    uint8_t *end = put_counted(node->metadata + sizeof count, "ARROW:extension:name");
    end = put_counted(end, extension);
    EVX_CHECK(end <= node->metadata + METADATA_BYTES);
    (void)end;
    schema->metadata = (const char *)node->metadata;
}

static const char *format_of(const struct table_columns *columns, const struct table_column *column)
{
    static const char *const integers[2][9] = {
        {[1] = "c", [2] = "s", [4] = "i", [8] = "l"},
        {[1] = "C", [2] = "S", [4] = "I", [8] = "L"},
    };
    switch ((enum column_layout)column->layout) {
    case LAYOUT_INT:
        return integers[column->is_unsigned][column->width];
    case LAYOUT_BOOL:
        return "b";
    case LAYOUT_TIME:
        return columns->is_micro ? "tsu:UTC" : "tsn:UTC";
    case LAYOUT_FLOAT:
        return "g";
    case LAYOUT_TEXT:
        return "u";
    case LAYOUT_BINARY:
        return "z";
    case LAYOUT_GUID:
        return "w:16";
    case LAYOUT_MAP:
        return "+m";
    case LAYOUT_PAIRS:
    case LAYOUT_TEXTS:
        break;
    }
    return "+l";
}

static bool make_pair(struct lifeline *lifeline, const struct table_column *column,
                      struct ArrowSchema *ret_schema)
{
    const char *name = column->layout == LAYOUT_MAP ? "entries" : "item";
    return make_node(lifeline, "+s", name, 0, 2, ret_schema) &&
           make_node(lifeline, "u", "key", 0, 0, ret_schema->children[0]) &&
           make_node(lifeline, "u", "value", ARROW_FLAG_NULLABLE, 0, ret_schema->children[1]);
}

static bool make_column(const struct table_columns *columns, struct lifeline *lifeline,
                        const struct table_column *column, struct ArrowSchema *ret_schema)
{
    const char *format = format_of(columns, column);
    const bool is_nested = layout_is_nested(column->layout);
    if (!make_node(lifeline, column->is_dictionary ? "i" : format, column->name,
                   column->is_nullable ? ARROW_FLAG_NULLABLE : 0, is_nested, ret_schema))
        return false;
    if (column->layout == LAYOUT_GUID)
        set_extension(ret_schema, "arrow.uuid");
    if (column->is_json)
        set_extension(ret_schema, "arrow.json");
    if (column->layout == LAYOUT_TEXTS)
        return make_node(lifeline, "u", "item", ARROW_FLAG_NULLABLE, 0, ret_schema->children[0]);
    if (is_nested)
        return make_pair(lifeline, column, ret_schema->children[0]);
    if (!column->is_dictionary)
        return true;
    struct schema_node *node = ret_schema->private_data;
    ret_schema->dictionary = &node->dictionary;
    return make_node(lifeline, format, "", ARROW_FLAG_NULLABLE, 0, ret_schema->dictionary);
}

bool arrow_schema_make(const struct table_columns *columns, struct lifeline *lifeline,
                       struct ArrowSchema *ret_schema)
{
    struct ArrowSchema schema;
    if (!make_node(lifeline, "+s", "", 0, columns->count, &schema))
        return false;
    for (uint32_t i = 0; i < columns->count; i++)
        if (!make_column(columns, lifeline, &columns->list[i], schema.children[i])) {
            schema.release(&schema);
            return false;
        }
    *ret_schema = schema;
    return true;
}
