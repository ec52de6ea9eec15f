// SPDX-License-Identifier: MIT
// The message and the names of an event as cells: what RenderingInfo of the record has, its own or
// one that is added.
#ifndef EVX_ROWS_INFO_CELLS_H
#define EVX_ROWS_INFO_CELLS_H

#include "decode/event.h"
#include "emit/renderer.h"
#include "rows/cell.h"

// Where the texts come from; NULL: none.
struct info_source {
    const struct mta *mta;
    struct messages *messages;
};

struct info_cells {
    bool is_made; // for the record that is looked at
    struct outbuf json, plain;
};

void info_cells_init(struct info_cells *cells, struct memory *memory);
void info_cells_destroy(struct info_cells *cells);

// One of its members, by its name in JSON; of Keywords all in it. The renderer writes JSON with
// these plans. False with the decoder's fault set.
EVX_MUST_USE bool info_cells_put(struct info_cells *cells, const struct info_source *source,
                                 struct renderer *renderer, struct plans *json_plans,
                                 struct event *event, const char *member, struct cell *cell);

#endif
