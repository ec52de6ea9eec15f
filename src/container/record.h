// SPDX-License-Identifier: MIT
// The walk over the records of a chunk: live records by their sizes, resynchronisation behind
// damage, and carving of stale records from space that is not live (format 3, 3.1; reference
// command line, 5.3 and 6).
#ifndef EVX_CONTAINER_RECORD_H
#define EVX_CONTAINER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "container/chunk.h"
#include "container/note.h"

// How a record was found. All but the first were carved.
enum found {
    FOUND_LIVE,
    FOUND_BEHIND, // the live records of its chunk
    FOUND_GAP,    // between live records, in a damaged part
    FOUND_INSIDE, // another record, behind its event
    FOUND_LOOSE,  // where no chunk's header is
    FOUND_BROKEN, // live, but what it stands on in its chunk is not there any more
};

struct record {
    uint32_t offset; // of the header in the chunk
    uint32_t size;   // header to size copy
    uint64_t id;
    uint64_t time; // FILETIME written
    bool recovered;
    bool lost_size_copy; // another record's stands in its place
    bool lost_size;      // what it says is wrong: it ends where something else begins
    uint8_t found;       // enum found
};

// End of a record's stream: its size is repeated behind it.
EVX_INLINE uint32_t record_stream_end(const struct record *record)
{
    return record->offset + record->size - 4;
}

enum walk_event {
    WALK_RECORD, // ret_record is set
    WALK_DAMAGE, // ret_damage is set; the walk goes on
    WALK_NOTE,   // ret_note is set; the walk goes on
    WALK_REST, // the next record passes what is loaded: it is asked for again with the whole chunk
    WALK_END,
};

struct record_walk {
    struct chunk *chunk;
    bool recover;
    bool salvages; // also records whose header has a wrong size
    enum { WALK_LIVE, WALK_CARVING, WALK_FINISHED } state;
    uint32_t position;               // of the next live header, or of the next place to carve
    uint32_t carve_start, carve_end; // the span that is being carved
    uint32_t resume;                 // where the live walk goes on behind the span; 0: nowhere
    uint32_t record_count;           // live ones so far
    uint32_t live_stop;          // where the live walk ended; 0: not yet, or all is said about it
    uint32_t inside, inside_end; // what is left to carve of the record that came last; 0: nothing
};

// With `recover`, all that there is of the chunk must be loaded; else what is live is enough.
void record_walk_start(struct record_walk *walk, struct chunk *chunk, bool recover);

// For the one loop through which all records go: it is compiled into its only caller.
enum walk_event record_walk_next(struct record_walk *walk, struct record *ret_record,
                                 struct note *ret_note, struct damage *ret_damage);
// For all others: the next record, as far as the chunk is loaded.
bool record_walk_next_record(struct record_walk *walk, struct record *ret_record);

// After a recovered record: whether it could be rendered. Carving goes on behind it if so, else one
// byte after its start, so that a false hit hides nothing.
void record_walk_carved(struct record_walk *walk, const struct record *record, bool rendered);

// After any record: carves what is left of it from `from` on, too, which lies behind its event, and
// then goes on behind it. The last record in there may have lost its size copy to it.
void record_walk_look_inside(struct record_walk *walk, const struct record *record, uint32_t from);

#endif
