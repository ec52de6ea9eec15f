// SPDX-License-Identifier: MIT
// Values for a template out of a JSON array.
#ifndef EVX_CLI_JSON_VALUES_H
#define EVX_CLI_JSON_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include <evx/packs.h>

struct json_values {
    bool is_array; // else it is JSON, but there are no values
    evx_value *values;
    size_t count, capacity;
};

// NULL, or what is wrong with the text, in the words of the reference's parser: free().
char *json_values_read(const char *text, size_t size, struct json_values *ret);
void json_values_free(struct json_values *values);

#endif
