// SPDX-License-Identifier: MIT
// Fields: a list to columns.
#include <string.h>

#include "api/handles.h"
#include "base/error.h"

evx_status evx_fields_compile(evx_engine *engine, const char *list, size_t size,
                              evx_fields **ret_fields, evx_error *error)
{
    struct query_error wrong = {0};
    evx_error ignored;
    error = error ? error : &ignored;
    evx_fields *fields = memory_allocate_zeroed(&engine->memory, sizeof *fields);
    if (!fields) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    fields->engine = engine;
    evx_status status = EVX_OK;
    if (!columns_init(&fields->columns, &engine->memory, engine->has_messages,
                      list ? list : COLUMNS_DEFAULT, list ? size : strlen(COLUMNS_DEFAULT),
                      &wrong)) {
        status = query_refuse(&wrong, 0, error);
    } else if (!query_plans_init(&fields->plans, &fields->columns.tree, &engine->memory)) {
        error_set(error, EVX_ERR_MEMORY);
        status = EVX_ERR_MEMORY;
    }
    atomic_store(&fields->plans.plans.full, engine->no_plans);
    if (status != EVX_OK)
        evx_fields_destroy(&fields);
    *ret_fields = fields;
    return status;
}

void evx_fields_destroy(evx_fields **fields)
{
    if (!*fields)
        return;
    struct memory *memory = &(*fields)->engine->memory;
    if ((*fields)->plans.memory)
        query_plans_destroy(&(*fields)->plans, &(*fields)->columns.tree);
    columns_destroy(&(*fields)->columns);
    memory_release(memory, *fields, sizeof **fields);
    *fields = NULL;
}
