// SPDX-License-Identifier: MIT
// Reads the slots of one input, each as far as it is used, into a buffer that is used again: its
// first page, and then what the chunk's header says is live. Only recovery, slots that are no
// chunks and damage ask for the rest.
#ifndef EVX_FLOW_CHUNK_READER_H
#define EVX_FLOW_CHUNK_READER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "bytes/source.h"
#include "container/chunk.h"
#include "flow/notes.h"

struct chunk_reader {
    struct source *source;
    const evx_file_info *info;
    struct memory *memory;
    uint64_t slot_limit; // slots the file should have: one below that is cut is an error
    struct chunk chunk;
    uint8_t *buffer;   // CHUNK_BYTES
    bool is_full;      // the last slot was used to its end: the next one is read whole at once
    bool has_holes;    // empty slots of the input may be holes, as far as it is known
    bool rest_is_lost; // of the chunk: what was read later came short
    int rest_errno;    // 0: the input has become shorter
    bool cut_is_told;  // of the chunk: that the input ends in it
};

// False without memory; chunk_reader_destroy is due either way.
EVX_MUST_USE bool chunk_reader_init(struct chunk_reader *reader, struct memory *memory,
                                    struct source *source, const evx_file_info *info);
void chunk_reader_destroy(struct chunk_reader *reader);

// Whether a chunk that chunk_reader_load gave has, by a header whose checksum is right, records and
// none with an identifier in [first, last] of any of the ranges. The header is parsed then, and of
// the next chunk no more is read at first than that takes.
bool chunk_reader_lacks_ids(struct chunk_reader *reader, const evx_id_range *ranges, size_t count);

enum slot_state {
    SLOT_LOADED,
    SLOT_EMPTY,   // zeros, or left out with a note
    SLOT_DAMAGED, // ret_error says why
    SLOT_END,     // behind the input
};

// Reads the front of a slot, into reader->chunk. For a stream, whose slots are read whole, this is
// the call that must happen in order.
enum slot_state chunk_reader_load(struct chunk_reader *reader, uint64_t slot, evx_error *ret_error);

// Checks what chunk_reader_load gave: SLOT_LOADED is a chunk whose live bytes are there, or all.
enum slot_state chunk_reader_open(struct chunk_reader *reader, bool wants_all,
                                  bool validate_checksums, struct notes *notes,
                                  evx_error *ret_error);

// Reads what is not live of the chunk. False when the input does not have all of it: then the chunk
// ends there, and the loss is to be told.
EVX_COLD bool chunk_reader_load_rest(struct chunk_reader *reader);

// Tells that the input ends within the chunk: true with an error where the reference has one, else
// there is a note.
EVX_COLD bool chunk_reader_tell_cut(struct chunk_reader *reader, struct notes *notes,
                                    evx_error *ret_error);

// Tells that bytes that were needed later are not there any more.
EVX_COLD void chunk_reader_tell_lost(struct chunk_reader *reader, evx_error *ret_error);

#endif
