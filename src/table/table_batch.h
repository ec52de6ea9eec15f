// SPDX-License-Identifier: MIT
// Batches of rows: the lanes of one unit after the other, put together as Arrow arrays. Belongs to
// the thread that pulls; what it gives lives on its own.
#ifndef EVX_TABLE_TABLE_BATCH_H
#define EVX_TABLE_TABLE_BATCH_H

#include "table/arrow_block.h"
#include "table/lanes.h"
#include "table/name_store.h"
#include "table/strip.h"
#include "table/table_columns.h"

struct batch_column {
    struct strip own;         // rows
    struct strip keys, texts; // of nested layouts: items
    struct name_store names;  // of dictionaries
    uint32_t *indexes;        // of the unit's names in the dictionary; UINT32_MAX: not looked up
    uint32_t index_capacity;
    uint64_t unfit; // values
};

struct table_batch {
    const struct table_columns *columns;
    struct arrow_pool *pool;
    struct batch_column *list;
    uint32_t rows;
    size_t rows_max, bytes_max;
    // What is to come for each row that is there, as far as it is known: 1 or more.
    double growth;
    const char *path; // of the input that the rows are of, as UTF-8
    size_t path_size;
};

// False without memory; table_batch_destroy is due either way.
EVX_MUST_USE bool table_batch_init(struct table_batch *batch, const struct table_columns *columns,
                                   struct lifeline *lifeline, size_t rows_max, size_t bytes_max);
void table_batch_destroy(struct table_batch *batch);

// Adds rows [from, to) of a unit; there is room for them by rows_max. False without memory.
EVX_MUST_USE bool table_batch_add(struct table_batch *batch, const struct lanes *lanes,
                                  uint32_t from, uint32_t to);
bool table_batch_is_full(const struct table_batch *batch);
// Gives the rows as an array, and begins anew. False without memory.
EVX_MUST_USE bool table_batch_take(struct table_batch *batch, struct ArrowArray *ret_array);

#endif
