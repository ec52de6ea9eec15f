// SPDX-License-Identifier: MIT
// Every bound that hostile input can run into, by name. Reaching one is a reported error of the
// record (or a slower way to the same output), never an abort. "Reference" marks limits whose text
// and value are those of evtx_dump 0.15.1.
#ifndef EVX_BASE_LIMITS_H
#define EVX_BASE_LIMITS_H

enum {
    // Per record.
    RECORD_OUTPUT_BYTES_MAX = 16 << 20, // reference; body only, without framing
    OPEN_ELEMENTS_MAX = 512,            // reference; per fragment or definition
    NESTED_FRAGMENTS_MAX = 64,          // reference; fragments in 0x21 values below the record
    NESTED_DEFINITIONS_MAX = 8,         // in one another, through value tokens
    ATTRIBUTES_COMPARED_MAX = 32,       // of an element, each with each
    // Nodes of the definitions, spliced elements and array copies that a record shows. The
    // reference refuses above 2^18 by its own count, which is never below half of this one: what
    // is refused here has more than 2^18 by that count, as the report says.
    RECORD_NODES_MAX = 1 << 19,
    RECORD_ARENA_BYTES_MAX = 128 << 20, // value tables and nodes; 2^14 values at 64 levels fit
    REREAD_BYTES_MAX = 64 << 10,        // of streams and descriptors, to name a lost record's fault
    RECORD_NOTES_MAX = 8,               // damaged values that are listed, those at the front

    // Per chunk.
    // Definitions and names that it uses, at the most that they can take, wherever they are kept:
    // what a chunk may have does not depend on the chunks in front of it.
    CHUNK_OBJECT_BYTES_MAX = 40 << 20,
    CHUNK_ARENA_BYTES_MAX = 84 << 20, // those that the run store does not take, and broken blocks

    // Per run.
    STORE_BYTES_MAX = 64 << 20, // templates and names kept across chunks
    PLANS_BYTES_MAX = 64 << 20, // what one consumer has compiled
    TEMPLATE_VARIANTS_MAX = 32, // stored templates of one GUID
    STORE_CHAIN_MAX = 128,      // names or templates of one bucket: hashes can be chosen
    TEMPLATE_PLANS_MAX = 6,     // of one template and consumer (depths)
    PROGRAM_LITERAL_BYTES_MAX = 512 << 10,
    PROGRAM_ROOM_BYTES_MAX = 768 << 10, // reserved at once; a template that needs more is walked
    PROGRAM_BAILS_MAX = 8,              // records that did not fit a program before it is given up

    // What is told of the templates of a log.
    LISTING_BYTES_MAX = 64 << 20,      // all of it
    LISTING_CHUNK_BYTES_MAX = 4 << 20, // written down for the templates of one chunk
    TEMPLATE_FIELDS_MAX = 4096,        // of one template
    TEMPLATE_EVENT_IDS_MAX = 64,       // the lowest of those that are seen with it
    FIELD_PATH_BYTES_MAX = 512,        // longer ones are cut
    PROVIDER_BYTES_MAX = 256,

    // Per worker.
    OUTPUT_FLUSH_BYTES = 512 << 10, // a chunk's output is handed on in pieces of about this size
    RESERVE_BYTES_MAX = 1 << 20,    // the largest single reservation in an output buffer
};

#endif
