// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

void error_set(evx_error *error, evx_status status)
{
    if (!error)
        return;
    error->status = status;
    error->kind = EVX_DAMAGE_NONE;
    error->system_errno = 0;
    error->input = 0;
    error->chunk = error->record_id = error->offset = error->length = EVX_NONE;
    memset(error->reserved, 0, sizeof error->reserved);
    error->cause_count = 0;
    error->cause[0][0] = 0; // for those who print it without a look at the count
}

evx_status error_argument(evx_error *error, const char *text)
{
    error_set(error, EVX_ERR_ARGUMENT);
    error_add_cause(error, "%s", text);
    return EVX_ERR_ARGUMENT;
}

void error_add_cause(evx_error *error, const char *format, ...)
{
    EVX_CHECK(!error || error->cause_count <= EVX_CAUSES_MAX);
    if (!error || error->cause_count == EVX_CAUSES_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->cause[error->cause_count++], EVX_CAUSE_SIZE, format, arguments);
    va_end(arguments);
}
