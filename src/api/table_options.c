// SPDX-License-Identifier: MIT
#include "api/table_options.h"

#include <string.h>

#include "base/error.h"
#include "base/versioned.h"
#include "table/arrow_schema.h"
#include "table/usual_types.h"

evx_status table_options_read(const evx_table_options *options, evx_table_options *ret_known,
                              evx_error *error)
{
    evx_table_options known = {0};
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_table_options, context)))
        return error_argument(error, "the size of the options is not set");
    if (known.profile > EVX_TABLE_SPARK || known.time_unit > EVX_TABLE_US ||
        known.event_data > EVX_TABLE_NO_DATA || known.infer > EVX_TABLE_INFER_NONE)
        return error_argument(error, "unknown profile, unit of time, event_data or infer");
    if ((known.id_count && !known.ids) || (known.field_count && !known.fields) ||
        (known.column_count && !known.columns))
        return error_argument(error, "a count without an array");
    for (size_t i = 0; i < known.field_count; i++)
        if (!ALL_NULL(known.fields[i].reserved))
            return error_argument(error, "a field ends with zeros");
    *ret_known = known;
    return EVX_OK;
}

static evx_status refuse(const struct table_error *wrong, evx_error *error)
{
    if (!wrong->text)
        return query_refuse(&wrong->query, wrong->index, error);
    error_argument(error, wrong->text);
    if (error)
        error->input = (uint32_t)wrong->index;
    return EVX_ERR_ARGUMENT;
}

static evx_status make_columns(struct evx_engine *engine, const struct table_wish *wish,
                               struct table_columns *ret_columns, evx_error *error)
{
    struct table_error wrong;
    struct table_columns columns;
    if (!table_columns_init(&columns, &engine->memory, wish, &wrong)) {
        table_columns_destroy(&columns);
        return refuse(&wrong, error);
    }
    *ret_columns = columns;
    return EVX_OK;
}

evx_status table_options_columns(struct evx_engine *engine, const evx_table_options *known,
                                 const evx_table_type *types, struct table_columns *ret_columns,
                                 evx_error *error)
{
    const size_t bytes = known->field_count * sizeof(evx_table_field);
    evx_table_field *fields = memory_allocate(&engine->memory, bytes + 1);
    if (!fields) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    for (size_t i = 0; i < known->field_count; i++) {
        fields[i] = known->fields[i];
        if (types)
            fields[i].type = types[i];
        else if (fields[i].type == EVX_TABLE_AUTO)
            fields[i].type = usual_type(fields[i].field ? fields[i].field : fields[i].name);
    }
    const struct table_wish wish = {
        .columns = known->columns,
        .column_count = known->column_count,
        .fields = fields,
        .field_count = known->field_count,
        .profile = known->profile,
        .unit = known->time_unit,
        .event_data = known->event_data,
        .no_dictionaries = known->no_dictionaries != 0,
        .recover = known->recover != 0,
    };
    evx_status status = make_columns(engine, &wish, ret_columns, error);
    memory_release(&engine->memory, fields, bytes + 1);
    return status;
}

evx_status evx_table_columns(size_t index, evx_table_column *ret_column)
{
    static const char *const own[] = {
        [LAYOUT_BOOL] = "b", [LAYOUT_TIME] = "tsn:UTC", [LAYOUT_FLOAT] = "g",
        [LAYOUT_TEXT] = "u", [LAYOUT_BINARY] = "z",     [LAYOUT_GUID] = "w:16",
        [LAYOUT_MAP] = "+m", [LAYOUT_PAIRS] = "+l",     [LAYOUT_TEXTS] = "+l"};
    static const char *const integers[] = {[1] = "c", [2] = "s", [4] = "i", [8] = "l"};
    const size_t size = ret_column->size;
    if (size < FIRST_SIZE(evx_table_column, is_default))
        return EVX_ERR_ARGUMENT;
    if (index >= catalogue_count)
        return EVX_END;
    const struct catalogue_column *fixed = &catalogue[index];
    const evx_table_column column = {
        .size = size,
        .name = fixed->name,
        .format = fixed->layout == LAYOUT_INT ? integers[fixed->width] : own[fixed->layout],
        .help = fixed->help,
        .is_dictionary = fixed->is_dictionary,
        .is_nullable = fixed->is_nullable,
        .is_default = fixed->presence == COLUMN_DEFAULT,
    };
    memcpy(ret_column, &column, size < sizeof column ? size : sizeof column);
    return EVX_OK;
}

evx_status evx_table_schema(evx_engine *engine, const evx_table_options *options,
                            struct ArrowSchema *ret_schema, evx_error *error)
{
    evx_table_options known;
    struct table_columns columns;
    evx_error ignored;
    error = error ? error : &ignored;
    evx_status status = table_options_read(options, &known, error);
    if (status == EVX_OK)
        status = table_options_columns(engine, &known, NULL, &columns, error);
    if (status != EVX_OK)
        return status;
    if (!arrow_schema_make(&columns, &engine->lifeline, ret_schema)) {
        error_set(error, EVX_ERR_MEMORY);
        status = EVX_ERR_MEMORY;
    }
    table_columns_destroy(&columns);
    return status;
}
