// SPDX-License-Identifier: MIT
// Filling an evx_error. What is said in it comes from the callers: of damage from compat/, of a
// caller's mistake from api/.
#ifndef EVX_BASE_ERROR_H
#define EVX_BASE_ERROR_H

#include <evx/evx.h>

#include "base/attrs.h"

// Clears the error and sets the status; everything else unknown. NULL is fine, as below.
EVX_COLD void error_set(evx_error *error, evx_status status);
// Appends a cause (silently cut at EVX_CAUSES_MAX and EVX_CAUSE_SIZE).
EVX_COLD EVX_PRINTF(2, 3) void error_add_cause(evx_error *error, const char *format, ...);
// A caller's mistake, with its text. Returns EVX_ERR_ARGUMENT.
EVX_COLD evx_status error_argument(evx_error *error, const char *text);

#endif
