// SPDX-License-Identifier: MIT
#include "table/table_columns.h"

#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "rows/columns.h"

enum { PREFIX_BYTES = 5 };
static const char prefix[] = "data_";

static bool fail(struct table_error *error, const char *text)
{
    error->text = text;
    return false;
}

static bool fail_tree(struct table_columns *columns, struct table_error *error)
{
    query_error_of_tree(&error->query, &columns->tree, 0);
    return false;
}

static bool is_taken(const struct table_columns *columns, const char *name)
{
    for (uint32_t i = 0; i < columns->count; i++)
        if (strcasecmp(columns->list[i].name, name) == 0)
            return true;
    return false;
}

static struct field *add_field(struct table_columns *columns, struct table_column *column)
{
    column->field = columns->field_count++;
    return &columns->fields[column->field];
}

// ---- fixed columns ------------------------------------------------------------------------------

// Of System, the first value is all.
static bool find_system(struct table_columns *columns, const char *path,
                        struct table_column *column)
{
    struct query_path steps;
    struct field *field = add_field(columns, column);
    field->is_single = true;
    return query_path_make(&columns->tree, path, &steps) &&
           field_add_route(&columns->tree, field, &steps);
}

static struct table_column column_of(const struct catalogue_column *fixed,
                                     const struct table_wish *wish)
{
    struct table_column column = {
        .name = fixed->name,
        .source = fixed->source,
        .layout = fixed->layout,
        .width = fixed->width,
        .is_dictionary = fixed->is_dictionary,
        .is_nullable = fixed->is_nullable,
        .is_guid = fixed->source == SOURCE_FIELD && fixed->exact_layout == LAYOUT_GUID,
    };
    if (wish->profile == EVX_TABLE_EXACT) {
        column.is_unsigned = fixed->exact_layout == LAYOUT_INT;
        column.layout = fixed->exact_layout;
        column.width = fixed->exact_width;
        column.is_json = fixed->source == SOURCE_USER_DATA || fixed->source == SOURCE_JSON;
    }
    if (column.layout == LAYOUT_GUID) {
        column.width = 16;
        column.is_dictionary = false;
    }
    if (column.source == SOURCE_EVENT_DATA && wish->event_data == EVX_TABLE_JSON) {
        column.layout = LAYOUT_TEXT;
        column.is_json = wish->profile == EVX_TABLE_EXACT;
    } else if (column.source == SOURCE_EVENT_DATA && wish->event_data == EVX_TABLE_PAIRS) {
        column.layout = LAYOUT_PAIRS;
    }
    if (column.source == SOURCE_WRITTEN)
        column.is_nullable = wish->unit == EVX_TABLE_NS && wish->profile != EVX_TABLE_SPARK;
    column.is_dictionary &= !wish->no_dictionaries && wish->profile != EVX_TABLE_SPARK;
    return column;
}

static uint64_t too_large(const struct table_column *column)
{
    const unsigned bits = 8u * column->width - !column->is_unsigned;
    return column->layout != LAYOUT_INT || column->width == 8 ? 0 : ~UINT64_C(0) << bits;
}

static bool add_fixed(struct table_columns *columns, const struct table_wish *wish, size_t index,
                      struct table_error *error)
{
    const struct catalogue_column *fixed = &catalogue[index];
    struct table_column column = column_of(fixed, wish);
    column.too_large = too_large(&column);
    if (fixed->path && !find_system(columns, fixed->path, &column))
        return fail_tree(columns, error);
    EVX_CHECK(columns->count < TABLE_COLUMNS_MAX);
    columns->list[columns->count++] = column;
    return true;
}

static bool add_default(struct table_columns *columns, const struct table_wish *wish,
                        struct table_error *error)
{
    for (size_t i = 0; i < catalogue_count; i++) {
        const struct catalogue_column *fixed = &catalogue[i];
        if (fixed->presence == COLUMN_ON_REQUEST ||
            (fixed->presence == COLUMN_WHEN_RECOVERING && !wish->recover) ||
            (fixed->source == SOURCE_EVENT_DATA && wish->event_data == EVX_TABLE_NO_DATA))
            continue;
        if (!add_fixed(columns, wish, i, error))
            return false;
    }
    return true;
}

static bool add_named(struct table_columns *columns, const struct table_wish *wish,
                      const char *name, struct table_error *error)
{
    const size_t index = catalogue_find(name, false);
    if (index == catalogue_count)
        return fail(error, "there is no such column; one of data is a field");
    if (is_taken(columns, name))
        return fail(error, "a column is there twice");
    if (catalogue[index].source == SOURCE_EVENT_DATA && wish->event_data == EVX_TABLE_NO_DATA)
        return fail(error, "event_data is asked for, and switched off");
    return add_fixed(columns, wish, index, error);
}

// ---- fields -------------------------------------------------------------------------------------

// With what stands in front where a fixed column has the name.
static bool keep_name(struct table_columns *columns, const char *name, struct table_column *column)
{
    const size_t size = strlen(name) + 1;
    const size_t front = catalogue_find(name, true) < catalogue_count ? PREFIX_BYTES : 0;
    char *kept = query_tree_allocate(&columns->tree, front + size);
    if (!kept)
        return false;
    memcpy(kept, prefix, front);
    memcpy(kept + front, name, size);
    column->name = kept;
    return true;
}

static struct table_column column_of_type(evx_table_type type, const struct table_wish *wish)
{
    static const struct {
        uint8_t layout, width;
    } layouts[] = {
        [EVX_TABLE_AUTO] = {LAYOUT_TEXT, 0},     [EVX_TABLE_TEXT] = {LAYOUT_TEXT, 0},
        [EVX_TABLE_INT64] = {LAYOUT_INT, 8},     [EVX_TABLE_BOOL] = {LAYOUT_BOOL, 1},
        [EVX_TABLE_TIME] = {LAYOUT_TIME, 8},     [EVX_TABLE_FLOAT64] = {LAYOUT_FLOAT, 8},
        [EVX_TABLE_BINARY] = {LAYOUT_BINARY, 0}, [EVX_TABLE_TEXTS] = {LAYOUT_TEXTS, 0},
        [EVX_TABLE_NAMES] = {LAYOUT_TEXT, 0},
    };
    EVX_CHECK((size_t)type < sizeof layouts / sizeof *layouts);
    return (struct table_column){
        .source = SOURCE_FIELD,
        .layout = layouts[type].layout,
        .width = layouts[type].width,
        .is_dictionary =
            type == EVX_TABLE_NAMES && !wish->no_dictionaries && wish->profile != EVX_TABLE_SPARK,
        .is_nullable = true,
        .is_data = true,
    };
}

static bool add_data(struct table_columns *columns, const struct table_wish *wish,
                     const evx_table_field *wanted, struct table_error *error)
{
    const char *name = wanted->name ? wanted->name : wanted->field;
    const char *path = wanted->field ? wanted->field : wanted->name;
    if (!name || *name == '\0')
        return fail(error, "a field needs a name");
    if (wanted->type > EVX_TABLE_NAMES)
        return fail(error, "there is no such type of fields");
    const struct query_text text = query_text_of(path, strlen(path));
    struct table_column column = column_of_type(wanted->type, wish);
    if (!query_text_check(path, text.size, &error->query) ||
        !query_text_check(name, strlen(name), &error->query))
        return false;
    if (!keep_name(columns, name, &column))
        return fail_tree(columns, error);
    if (is_taken(columns, column.name))
        return fail(error, "a column is there twice");
    if (!columns_find_field(&columns->tree, &text, add_field(columns, &column), &error->query))
        return false;
    columns->list[columns->count++] = column;
    columns->has_data_fields = true;
    return true;
}

bool table_columns_init(struct table_columns *columns, struct memory *memory,
                        const struct table_wish *wish, struct table_error *error)
{
    *columns = (struct table_columns){
        .is_exact = wish->profile == EVX_TABLE_EXACT,
        .is_micro = wish->unit == EVX_TABLE_US || wish->profile == EVX_TABLE_SPARK,
    };
    *error = (struct table_error){0};
    query_tree_init(&columns->tree, memory);
    const size_t fixed = wish->columns ? wish->column_count : catalogue_count;
    if (fixed > TABLE_COLUMNS_MAX || wish->field_count > TABLE_COLUMNS_MAX - fixed)
        return fail(error, "no more than 4096 columns");
    const size_t capacity = fixed + wish->field_count + 1;
    columns->list = query_tree_allocate(&columns->tree, capacity * sizeof *columns->list);
    columns->fields = query_tree_allocate(&columns->tree, capacity * sizeof *columns->fields);
    if (!columns->list || !columns->fields)
        return fail_tree(columns, error);
    memset(columns->fields, 0, capacity * sizeof *columns->fields);
    if (!wish->columns && !add_default(columns, wish, error))
        return false;
    for (size_t i = 0; wish->columns && i < wish->column_count; i++) {
        error->index = i;
        if (!add_named(columns, wish, wish->columns[i], error))
            return false;
    }
    for (size_t i = 0; i < wish->field_count; i++) {
        error->index = (wish->columns ? wish->column_count : 0) + i;
        if (!add_data(columns, wish, &wish->fields[i], error))
            return false;
    }
    return columns->count > 0 || fail(error, "a table without columns");
}

void table_columns_destroy(struct table_columns *columns)
{
    query_tree_destroy(&columns->tree);
}
