// SPDX-License-Identifier: MIT
// Everything one thread needs to turn chunks into text, reused from chunk to chunk.
#ifndef EVX_FLOW_WORKER_H
#define EVX_FLOW_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "bytes/source.h"
#include "container/note.h"
#include "container/record.h"
#include "decode/decoder.h"
#include "emit/renderer.h"

// How an input is read and shown; the same for all workers of a run.
struct job_options {
    const struct format *format;
    struct plans *plans; // of the format
    bool record_numbers;
    bool recover;
    bool validate_checksums;
    const evx_id_range *ids;
    size_t id_count;
};

// One report, and what stands in front of it: bytes of output, records, and those of them carved.
struct report {
    size_t out_length;
    uint64_t records, recovered;
    bool is_note;
    union {
        struct note note;
        evx_error error;
    };
};

// Output and reports of one chunk, in order.
struct batch {
    struct outbuf out;
    struct report *reports;
    uint32_t report_count, report_capacity;
    uint64_t records, recovered;
};

struct worker_counts {
    uint64_t compiled, walked, irregular;
};

struct worker {
    struct source *source;
    const evx_file_info *info;
    uint64_t slot_limit; // slots the file should have: one below that is cut is an error
    struct memory *memory;
    struct decoder decoder;
    struct renderer renderer;
    struct chunk chunk;
    struct record_walk walk;
    uint8_t *buffer;         // CHUNK_BYTES
    uint32_t expected_bytes; // of the next chunk that will be needed, as far as the last one tells
    bool rest_is_lost;       // of the chunk: what was read later came short
    int rest_errno;          // 0: the input has become shorter
    bool cut_is_told;        // of the chunk: that the input ends in it
    uint64_t refusals;       // of the allocator, when the record began
    struct worker_counts counts;
    struct note notes[RECORD_NOTES_MAX + 2]; // that the last call left
    unsigned note_count;
};

// False without memory; worker_destroy is due either way.
EVX_MUST_USE bool worker_init(struct worker *worker, struct memory *memory, struct store *store,
                              const struct ansi_codec *codec, struct source *source,
                              const evx_file_info *info);
void worker_destroy(struct worker *worker);

void batch_init(struct batch *batch, struct memory *memory);
void batch_destroy(struct batch *batch, struct memory *memory);
void batch_clear(struct batch *batch);

// Calls below leave notes in worker->notes, whatever they return: those of the call alone.
enum slot_state {
    SLOT_LOADED,
    SLOT_EMPTY,   // zeros, or left out with a note
    SLOT_DAMAGED, // ret_error says why
    SLOT_END,     // behind the input
};

// Reads a slot as far as it is used, into worker->chunk, and starts the record walk. For a stream
// this is the call that must happen in order.
enum slot_state worker_load(struct worker *worker, uint64_t slot, evx_error *ret_error);

// Checks and starts what worker_load gave.
enum slot_state worker_open_chunk(struct worker *worker, const struct job_options *options,
                                  evx_error *ret_error);

// The next record of the chunk, or the next note or piece of damage. That includes bytes that are
// needed only now and are not there any more.
enum walk_event worker_walk(struct worker *worker, struct record *ret_record, evx_error *ret_error);

enum record_state {
    RECORD_RENDERED,
    RECORD_DAMAGED,  // ret_error is set
    RECORD_LEFT_OUT, // not selected, or a note says why; or there was only a note
    RECORD_END,
};

// Renders the next record of the chunk behind what `out` holds.
enum record_state worker_next(struct worker *worker, const struct job_options *options,
                              struct outbuf *out, struct record *ret_record, evx_error *ret_error);

enum render_state {
    RENDER_SHOWN,
    RENDER_FAILED,   // ret_error is set
    RENDER_WITHHELD, // worker->notes[0] says why
};

// Renders one record with framing. The caller has taken the notes there were.
enum render_state worker_render(struct worker *worker, const struct job_options *options,
                                struct outbuf *out, const struct record *record,
                                evx_error *ret_error);

#endif
