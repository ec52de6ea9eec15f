// SPDX-License-Identifier: MIT
// The ledger of one input: takes the tiles of its slots in the order in which they are read, tells
// their regions, compares chunks with their neighbours, adds up and judges. It belongs to who
// pulls.
#ifndef EVX_LEDGER_KEEPER_H
#define EVX_LEDGER_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/ledger.h>

#include "ledger/tile.h"

struct ledger {
    const evx_ledger_sink *sink;
    const evx_file_info *info;
    uint64_t bytes;            // in regions so far
    uint64_t slots;            // taken so far
    bool is_short;             // of a stream some was not to be had: its size is not known
    uint64_t used;             // slots with a chunk
    struct chunk_facts before; // of the last chunk with records
    uint64_t highest_id;       // of a record; only if has_records
    bool has_records;
    uint64_t trailing_foreign; // bytes that are no chunk, behind the last chunk so far
    uint64_t trailing_offset;
    evx_severity worst;
    bool is_unreadable;
    evx_verify_result result;
};

// Tells the file header. All of these return EVX_OK or EVX_ERR_SINK.
EVX_MUST_USE evx_status ledger_start(struct ledger *ledger, const evx_ledger_sink *sink,
                                     const evx_file_info *info);

// Which of a chunk's records that could be shown were: [first, end) of them.
struct shown_range {
    uint64_t first, end;
};
#define LEDGER_ALL_SHOWN ((struct shown_range){0, UINT64_MAX})

EVX_MUST_USE evx_status ledger_take(struct ledger *ledger, const struct tile *tile,
                                    struct shown_range shown);

// Slots [first, end) of an input of this size were not read.
EVX_MUST_USE evx_status ledger_leave(struct ledger *ledger, uint64_t first, uint64_t end,
                                     uint64_t size_bytes);

// What damage that was reported means for the verdict.
void ledger_judge(struct ledger *ledger, const evx_error *error);

// Of an input that was read to its end: what is odd about it as a whole, and the verdict. The size
// of what was read.
EVX_MUST_USE evx_status ledger_end(struct ledger *ledger, uint64_t size_bytes);

// Checks that the regions add up to the size.
void ledger_close(const struct ledger *ledger, uint64_t size_bytes);

#endif
