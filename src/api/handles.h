// SPDX-License-Identifier: MIT
// The objects behind the public handles.
#ifndef EVX_API_HANDLES_H
#define EVX_API_HANDLES_H

#include <evx/evx.h>

#include "flow/convert.h"

struct evx_engine {
    struct memory memory;
    struct store store;
    struct plans plans[FORMAT_COUNT];
    const struct ansi_codec *codec;
    _Atomic uint64_t records, compiled, walked, irregular;
};

struct evx_reader {
    struct evx_engine *engine;
    struct source *source;
    evx_file_info info;
    bool order_known;
    uint64_t start_slot;
    uint64_t slot_count; // EVX_NONE for a stream
    bool stream_taken;   // a stream that has been read cannot be read again

    // evx_next and evx_render
    struct worker *worker;
    struct outbuf text;
    uint64_t next_index; // in reading order
    bool in_chunk;
    bool end_is_told; // what the file header promises behind the last chunk
    bool has_record;
    struct record record;
};

// Readies the reader for a pass over all chunks: finds the oldest one, where reading starts. A
// stream whose order is not certain is spooled; any other one has but one pass.
evx_status reader_start_pass(struct evx_reader *reader, evx_error *error);

// The public options as the workers want them. EVX_ERR_ARGUMENT when they make no sense.
evx_status options_read(struct evx_engine *engine, const evx_convert_options *options,
                        struct job_options *ret_options, unsigned *ret_threads,
                        bool *ret_stop_after_error, evx_error *error);

#endif
