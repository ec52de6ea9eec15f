// SPDX-License-Identifier: MIT
#include "rows/columns.h"

#include <string.h>

#include "base/check.h"
#include "filter/field_name.h"
#include "filter/list_items.h"
#include "rows/cell.h"
#include "rows/system_names.h"

static const char expected_item[] = "the name of a field";

static const struct {
    const char *name;
    enum column_kind kind;
} own_names[] = {
    {"RecordID", COLUMN_RECORD_ID},
    {"Written", COLUMN_WRITTEN},
    {"Chunk", COLUMN_CHUNK},
    {"Offset", COLUMN_OFFSET},
    {"SourceFile", COLUMN_SOURCE_FILE},
    {"Recovered", COLUMN_RECOVERED},
    {"EventData", COLUMN_CONTENT},
    {"Message", COLUMN_MESSAGE},
    {"LevelName", COLUMN_LEVEL_NAME},
    {"TaskName", COLUMN_TASK_NAME},
    {"OpcodeName", COLUMN_OPCODE_NAME},
    {"KeywordNames", COLUMN_KEYWORD_NAMES},
};

static enum column_kind kind_of(const struct query_text *field, bool has_messages)
{
    for (size_t i = 0; i < sizeof own_names / sizeof *own_names; i++)
        if (field->size == strlen(own_names[i].name) &&
            memcmp(field->bytes, own_names[i].name, field->size) == 0)
            return own_names[i].kind < COLUMN_MESSAGE || has_messages ? own_names[i].kind
                                                                      : COLUMN_FIELD;
    return COLUMN_FIELD;
}

// Takes a new name off the front: `User=TargetUserName`. What comes after a bracket or a slash is
// a part of a path, as in `Data[@Name='x']`.
static struct query_text take_name(struct query_text *item)
{
    struct query_text name = *item;
    size_t at = 0;
    while (at < item->size && !memchr("=/[", item->bytes[at], 3))
        at++;
    if (at == 0 || at + 1 >= item->size || item->bytes[at] != '=')
        return name;
    name = query_text_part(item, 0, at);
    *item = query_text_part(item, at + 1, item->size - at - 1);
    return name;
}

static bool fail_tree(struct columns *columns, struct query_error *error)
{
    query_error_of_tree(error, &columns->tree, 0);
    return false;
}

static bool is_known(const struct columns *columns, const struct query_text *name)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->columns[i];
        if (column->name_size == name->size && memcmp(column->name, name->bytes, name->size) == 0)
            return true;
    }
    return false;
}

// The condition on the name of data, `[@Name='x']`; NULL when the path has none.
static const struct expression *name_test(const struct query_tree *tree,
                                          const struct query_path *path)
{
    EVX_CHECK(path->step_count > 0);
    const struct path_query_step *last = &tree->steps[path->first_step + path->step_count - 1];
    if (last->predicates == NO_EXPRESSION)
        return NULL;
    const struct expression *test = &tree->expressions[last->predicates];
    return test->kind == EXPRESSION_PATH && test->path.literal ? test : NULL;
}

// The same path, but in the exact spelling of the name. False when the tree takes nothing more.
static bool make_exact(struct query_tree *tree, const struct query_path *path,
                       const struct expression *test, struct query_path *ret_path)
{
    enum { STEPS_MAX = 3 }; // */EventData/Data
    struct path_query_step steps[STEPS_MAX];
    const struct query_path of_name = {test->path.first_step, test->path.step_count};
    struct literal *literal = query_tree_allocate(tree, sizeof *literal);
    EVX_CHECK(path->step_count <= STEPS_MAX);
    if (!literal)
        return false;
    *literal = *test->path.literal;
    literal->is_cased = true;
    memcpy(steps, tree->steps + path->first_step, path->step_count * sizeof *steps);
    steps[path->step_count - 1].predicates = query_path_test(tree, &of_name, literal);
    ret_path->step_count = path->step_count;
    return steps[path->step_count - 1].predicates != NO_EXPRESSION &&
           query_tree_add_steps(tree, steps, path->step_count, &ret_path->first_step);
}

bool columns_find_field(struct query_tree *tree, const struct query_text *name,
                        struct field *ret_field, struct query_error *error)
{
    struct field_paths found;
    if (!field_name_parse(tree, name, &found, error) || !system_names_check(name, error))
        return false;
    const bool is_path = memchr(name->bytes, '/', name->size) != NULL;
    const struct expression *test = is_path ? NULL : name_test(tree, &found.paths[0]);
    struct query_path exact;
    bool fine = !test || (make_exact(tree, &found.paths[0], test, &exact) &&
                          field_add_route(tree, ret_field, &exact));
    _Static_assert(FIELD_PATHS_MAX + 1 <= FIELD_ROUTES_MAX, "all of them and the exact one");
    for (uint32_t i = 0; i < found.count && fine; i++)
        fine = field_add_route(tree, ret_field, &found.paths[i]);
    if (!fine)
        query_error_of_tree(error, tree, 0);
    return fine;
}

static bool find_paths(struct columns *columns, const struct query_text *field,
                       struct column *column, struct query_error *error)
{
    column->field = columns->field_count++;
    return columns_find_field(&columns->tree, field, &columns->fields[column->field], error);
}

static bool keep_name(struct columns *columns, const struct query_text *name, struct column *column)
{
    char *bytes = query_tree_allocate(&columns->tree, name->size + 1);
    uint8_t *key = query_tree_allocate(&columns->tree, CELL_JSON_BYTES(name->size) + 1);
    if (!bytes || !key)
        return false;
    memcpy(bytes, name->bytes, name->size);
    uint8_t *end = cell_json_string(key, name->bytes, name->size);
    *end++ = ':';
    column->name = bytes;
    column->key = key;
    column->key_size = (uint32_t)(end - key);
    return true;
}

static bool add(struct columns *columns, struct query_text item, struct query_error *error)
{
    struct query_text name = take_name(&item);
    struct column column = {.kind = (uint8_t)kind_of(&item, columns->has_messages),
                            .name_size = (uint32_t)name.size};
    EVX_CHECK(columns->count < COLUMNS_MAX);
    if (is_known(columns, &name)) {
        query_error_set(error, &name, 0, name.size, "a column that is not there yet",
                        "Name=Field gives another name");
        return false;
    }
    if (column.kind == COLUMN_FIELD && !find_paths(columns, &item, &column, error))
        return false;
    if (!keep_name(columns, &name, &column))
        return fail_tree(columns, error);
    columns->has_content |= column.kind == COLUMN_CONTENT;
    columns->columns[columns->count++] = column;
    return true;
}

bool columns_init(struct columns *columns, struct memory *memory, bool has_messages,
                  const char *list, size_t size, struct query_error *error)
{
    *columns = (struct columns){.has_messages = has_messages};
    query_tree_init(&columns->tree, memory);
    if (!query_text_check(list, size, error))
        return false;
    struct list_items items = list_items_of(list, size);
    struct query_text item;
    uint32_t capacity = list_items_count_max(&items);
    if (capacity > COLUMNS_MAX) {
        query_error_limit(error, 0, "no more than 1024 columns");
        return false;
    }
    columns->columns = query_tree_allocate(&columns->tree, capacity * sizeof *columns->columns);
    columns->fields = query_tree_allocate(&columns->tree, capacity * sizeof *columns->fields);
    if (!columns->columns || !columns->fields)
        return fail_tree(columns, error);
    memset(columns->fields, 0, capacity * sizeof *columns->fields);
    while (list_items_next(&items, expected_item, &item, error))
        if (!add(columns, item, error))
            return false;
    return error->kind == QUERY_ERROR_NONE;
}

void columns_destroy(struct columns *columns)
{
    query_tree_destroy(&columns->tree);
}
