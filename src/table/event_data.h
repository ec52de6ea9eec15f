// SPDX-License-Identifier: MIT
// The names and values in EventData of one record after the other. Of a worker.
#ifndef EVX_TABLE_EVENT_DATA_H
#define EVX_TABLE_EVENT_DATA_H

#include "decode/event.h"
#include "filter/evaluate.h"
#include "table/data_plan.h"
#include "table/lanes.h"

struct data_reader {
    struct evaluation *evaluation; // for what values look like as text
    struct plans *plans;           // NULL: all is walked
    struct data_names names;
    struct tree tree;
    // Of the event: where its data stands.
    struct event *event;
    enum data_kind kind;          // not DATA_HOLE
    const struct data_plan *plan; // DATA_ENTRIES
    const struct instance *instance;
    bool has_others; // what is neither System nor EventData may be there
    // Scratch of the walk.
    struct list levels;
    struct byte_lane path; // UTF-16LE
};

void data_reader_init(struct data_reader *reader, struct evaluation *evaluation,
                      struct decoder *decoder, struct plans *plans);
void data_reader_destroy(struct data_reader *reader);

// Finds the data of an event that has been settled. False with the decoder's fault set.
EVX_MUST_USE bool data_reader_start(struct data_reader *reader, struct event *event);
// Adds its entries. False as above; what was added then is to be taken back.
EVX_MUST_USE bool data_reader_put(struct data_reader *reader, struct item_lane *items,
                                  struct memory *memory);

#endif
