// SPDX-License-Identifier: MIT
// The objects behind the public handles.
#ifndef EVX_API_HANDLES_H
#define EVX_API_HANDLES_H

#include <evx/evx.h>
#include <evx/messages.h>
#include <evx/packs.h>
#include <evx/recovery.h>

#include "emit/message_names.h"
#include "emit/message_info.h"
#include "flow/conversion.h"
#include "packs/definitions.h"
#include "packs/mta.h"
#include "packs/provider_files.h"
#include "table/lifeline.h"

struct evx_pack {
    struct memory memory;
    struct pack pack;
};

// An empty one; NULL without memory.
struct evx_pack *pack_create(void);

struct evx_mta {
    struct memory memory;
    struct mta mta;
};

struct evx_messages {
    struct memory memory;
    struct providers providers;
    struct provider_files files; // of the group that is being read
    struct outbuf text;          // that was put together last
};

struct evx_engine {
    struct memory memory;
    struct store store;
    struct plans plans[FORMAT_COUNT];
    struct plans shapes;          // of templates, for who does not write records
    bool no_plans;                // nothing is compiled, neither formats nor queries
    bool no_skips;                // everything is looked at
    _Atomic uint64_t query_count; // that were made
    _Atomic uint64_t skipped_chunks, unsearched_records;
    const struct ansi_codec *codec;
    _Atomic uint64_t events[WAY_COUNT]; // that were written
    const struct evx_pack *pack;        // NULL: none
    struct definitions definitions;     // of the pack
    bool has_messages;
    struct messages messages; // if it has
    struct lifeline lifeline; // of arrays, schemas and streams
    _Atomic size_t holders;   // those, and the handle
};

struct evx_recovery {
    struct evx_engine *engine;
    struct recovery recovery;
    uint8_t *buffer; // CHUNK_BYTES
};

struct evx_query {
    struct evx_engine *engine;
    struct query_tree tree;
    struct query_plans plans;
    struct query_warnings warnings;
};

struct evx_fields {
    struct evx_engine *engine;
    struct columns columns;
    struct query_plans plans; // of the columns' tree
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
    struct text_consumer text;
    struct chain chain;
    struct worker *worker;
    struct text_payload rendered;
    uint64_t next_index; // in reading order
    bool in_chunk;
    bool end_is_told; // what the file header promises behind the last chunk
    bool has_record;
    struct record record;
    struct evaluation *match; // of evx_match; NULL: not asked yet
    evx_value *values;        // that evx_get_values gave
    size_t value_capacity;
};

// Opens a log. Takes over the source, on failure too.
evx_status reader_open(evx_engine *engine, struct source *source, evx_reader **ret_reader,
                       evx_error *error);

// Readies the reader for a pass over all chunks: finds the oldest one, where reading starts. A
// stream whose order is not certain, or that is read from its end, is spooled; any other one has
// but one pass.
evx_status reader_start_pass(struct evx_reader *reader, bool from_end, evx_error *error);

// What a run over the reader's input needs to know of it, once a pass has been started.
void reader_describe_job(const struct evx_reader *reader, struct job *ret_job);

// EVX_ERR_ARGUMENT with what is wrong with the text of argument number `index` in *error, or
// EVX_ERR_MEMORY.
evx_status query_refuse(const struct query_error *wrong, size_t index, evx_error *error);

// A log's file name as queries compare it; NULL: not known.
struct log_name log_name_make(const char *file_name);

// Sets the options, the text, the rows and the filter of a conversion. EVX_ERR_ARGUMENT when the
// options make no sense.
evx_status options_read(struct evx_engine *engine, const evx_convert_options *options,
                        struct conversion *ret_conversion, evx_error *error);

// Converts with options that have been read. Sets *result in every case but that of arguments.
evx_status convert_into(struct evx_reader *reader, struct conversion *conversion,
                        evx_convert_result *result, evx_error *error);

// Reads the record that evx_next gave for what is wanted of it, as evx_render does.
evx_status render_wish(struct evx_reader *reader, const struct instance_wish *wish,
                       evx_error *error);

// The same for its message: reader->rendered has it as the inside of a JSON string, with a mark in
// front, or nothing.
evx_status render_message(struct evx_reader *reader, struct messages *messages, evx_error *error);

// Threads of a run: 0 means one for each core, of which there are never more.
unsigned thread_count_of(unsigned wanted);

void engine_count_records(struct evx_engine *engine, const struct worker_counts *counts);

#endif
