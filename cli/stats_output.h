// SPDX-License-Identifier: MIT
// The rows of evx stats as a table, CSV or JSON lines.
#ifndef EVX_CLI_STATS_OUTPUT_H
#define EVX_CLI_STATS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Texts are UTF-8; NULL: there is none.
struct stats_row {
    const char *file; // NULL: of all files together
    uint64_t count;
    char **values;
    char *first, *last;
};

struct stats_table {
    bool per_file;
    char *const *fields;
    size_t field_count;
    const struct stats_row *rows;
    size_t row_count;
};

void stats_write_table(FILE *out, const struct stats_table *table);
void stats_write_csv(FILE *out, const struct stats_table *table);
void stats_write_jsonl(FILE *out, const struct stats_table *table);

#endif
