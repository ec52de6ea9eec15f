// SPDX-License-Identifier: MIT
// JSON that the programs write themselves.
#ifndef EVX_CLI_JSON_TEXT_H
#define EVX_CLI_JSON_TEXT_H

#include <stdint.h>
#include <stdio.h>

// A string, or null for NULL.
void json_write_text(FILE *out, const char *text);
// A number, or null for EVX_NONE, which stands for what is not known.
void json_write_number(FILE *out, uint64_t number);

#endif
