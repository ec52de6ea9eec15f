// SPDX-License-Identifier: MIT
// One piece of damage as JSON.
#ifndef EVX_CLI_PROBLEM_H
#define EVX_CLI_PROBLEM_H

#include <stdbool.h>
#include <stdio.h>

#include <evx/evx.h>

// "chunk-magic" of EVX_DAMAGE_CHUNK_MAGIC; buffer has room for 64 bytes.
const char *problem_name(evx_damage kind, char *buffer);

// "error", "value" or "note": what is lost, what is shown with a part of it damaged, and the rest.
const char *problem_severity(evx_status status);

// A line on the standard error stream.
void problem_report(const char *file, const evx_error *error);

// The same of an input as a whole, in the program's own words.
void problem_report_input(const char *file, evx_damage kind, const char *what, const char *why);

// One object without a line end; file may be NULL: it does not have that member then.
void problem_write_json(FILE *out, const char *file, const evx_error *error);

#endif
