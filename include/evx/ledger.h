// SPDX-License-Identifier: MIT
//
// The ledger of an event log: every byte of it accounted for, and what is odd about the log as a whole.
//
// A ledger tiles the input: each byte lies in exactly one region, and the lengths of all regions add up to the
// size of the input. That is checked by the library itself.
//
// The rules of <evx/evx.h> hold here, too.
#ifndef EVX_LEDGER_H
#define EVX_LEDGER_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------
// Regions.

// A value means the same in every version. New ones may come.
typedef enum evx_region_kind {
    EVX_REGION_NONE = 0,
    EVX_REGION_FILE_HEADER = 1,    // 4096 bytes
    EVX_REGION_CHUNK_HEADER = 2,   // 128 bytes
    EVX_REGION_NAME_TABLE = 3,     // of a chunk, 256 bytes
    EVX_REGION_TEMPLATE_TABLE = 4, // of a chunk, 128 bytes
    EVX_REGION_RECORD = 5,         // a live record, or what is left of one: see its outcome
    EVX_REGION_RECOVERED = 6,      // an old record that is shown
    EVX_REGION_DAMAGED = 7,        // bytes in use in which no record can be found
    EVX_REGION_FREE = 8,           // behind the records of a chunk: zeros
    EVX_REGION_SLACK = 9,          // behind the records of a chunk: left by what was there before
    EVX_REGION_ZERO = 10,          // zeros where a chunk or a record could be
    EVX_REGION_FOREIGN = 11,       // neither a chunk nor zeros
    EVX_REGION_LEFT_OUT = 12,      // of a chunk that was not wanted, such as one with a wrong checksum
    EVX_REGION_UNREAD = 13,        // reading ended before
    EVX_REGION_UNREADABLE = 14,    // the operating system refuses to read it, or it has been cut off meanwhile
} evx_region_kind;

#define EVX_REGION_KINDS 15 // those above

// What became of a record.
typedef enum evx_record_outcome {
    EVX_OUTCOME_NONE = 0,     // the region is no record
    EVX_OUTCOME_RENDERED = 1, // shown, or could be
    EVX_OUTCOME_PARTLY = 2,   // shown, but a part of it is damaged
    EVX_OUTCOME_DAMAGED = 3,  // not shown, for it cannot be read
    EVX_OUTCOME_FILTERED = 4, // not asked for
} evx_record_outcome;

#define EVX_RECORD_OUTCOMES 5

typedef struct evx_region {
    size_t size; // of this struct in the library that is running
    evx_region_kind kind;
    evx_record_outcome outcome;
    uint64_t offset, length;
    uint64_t chunk;     // slot number; EVX_NONE outside of chunks
    uint64_t record_id; // EVX_NONE of what is no record
    // Of headers that keep checksums: that of the header itself, and of a chunk's that of its records.
    int has_crc32, has_records_crc32;
    uint32_t crc32_stored, crc32_computed;
    uint32_t records_crc32_stored, records_crc32_computed;
} evx_region;

// The short name of a kind ("chunk-header") and of an outcome ("rendered"). Never NULL.
EVX_API const char *evx_region_name(evx_region_kind kind);
EVX_API const char *evx_outcome_name(evx_record_outcome outcome);

// ---------------------------------------------------------------------------------------------------
// Findings.

// What is odd about a log. docs/tampered.md and the man page of evx explain each: what it can mean, and when
// it means nothing. A value means the same in every version. New ones may come.
typedef enum evx_finding_kind {
    EVX_FINDING_NONE = 0,
    EVX_FINDING_FILE_CRC32 = 1,     // numbers: stored, computed
    EVX_FINDING_FILE_DIRTY = 2,     // numbers: the flags
    EVX_FINDING_FILE_FULL = 3,      // numbers: the flags
    EVX_FINDING_FILE_FLAGS = 4,     // numbers: the flags
    EVX_FINDING_FILE_CHUNKS = 5,    // numbers: chunks that are promised, slots that there are
    EVX_FINDING_FILE_NEXT_ID = 6,   // numbers: as the header has it, one more than the last record's
    EVX_FINDING_CHUNK_CRC32 = 7,    // of its header. numbers: stored, computed
    EVX_FINDING_RECORDS_CRC32 = 8,  // numbers: stored, computed
    EVX_FINDING_FREE_OFFSET = 9,    // that cannot be. numbers: it
    EVX_FINDING_CHUNK_IDS = 10,     // numbers: first or last identifier by the header, and by the records
    EVX_FINDING_CHUNK_NUMBERS = 11, // numbers: how many by the record numbers, and by the identifiers
    EVX_FINDING_CHUNK_ORDER = 12,   // numbers: first identifier, the last one of the chunk before
    EVX_FINDING_CHUNK_GAP = 13,     // the same
    EVX_FINDING_ID_GAP = 14,        // numbers: identifier of the record, that of the one before
    EVX_FINDING_ID_REPEAT = 15,     // the same
    EVX_FINDING_GENERATIONS = 16,   // numbers: identifier of the record, the last one by the chunk's header
    EVX_FINDING_TIME_BACK = 17,     // numbers: written, and the record before (FILETIME)
    EVX_FINDING_CREATED_LATER = 18, // numbers: created, written (FILETIME)
    EVX_FINDING_CREATED_EARLY = 19, // numbers: created, written (FILETIME)
    EVX_FINDING_EVENT_ID_SHIFT = 20, // EventRecordID against the header. numbers: EventRecordID, expected
    EVX_FINDING_SIZE_COPY = 21,     // numbers: size, its copy
    EVX_FINDING_RECORD_TAIL = 22,   // numbers: bytes behind the event
    EVX_FINDING_HIDDEN_RECORD = 23, // numbers: identifier of the hidden record, its size
    EVX_FINDING_BEHIND_FREE = 24,   // numbers: identifier of the record, the free offset
    EVX_FINDING_FOREIGN_TAIL = 25,  // behind the last chunk. numbers: bytes
    EVX_FINDING_LOG_CLEARED = 26,   // numbers: written (FILETIME)
} evx_finding_kind;

#define EVX_FINDING_KINDS 27

typedef enum evx_severity {
    EVX_SEVERITY_NOTE = 0,   // has innocent causes in most logs
    EVX_SEVERITY_DAMAGE = 1, // the log is not as Windows leaves it; all records that are there can be read
    EVX_SEVERITY_LOSS = 2,   // there are or were records that cannot be read any more
} evx_severity;

// One finding stands for all of its kind in a chunk: where the first is, and how many there are.
typedef struct evx_finding {
    size_t size; // of this struct in the library that is running
    evx_finding_kind kind;
    evx_severity severity;
    uint64_t count;
    uint64_t chunk;     // slot number; EVX_NONE: the file as a whole
    uint64_t record_id; // EVX_NONE: no record
    uint64_t offset, length;
    uint64_t numbers[2];
} evx_finding;

// The short name of a kind ("chunk-crc32"). Never NULL.
EVX_API const char *evx_finding_name(evx_finding_kind kind);

// ---------------------------------------------------------------------------------------------------
// Ledgers.

// Who is told. Called by the thread that called evx_convert or evx_verify. Each may be NULL; a return value
// other than 0 stops the run (EVX_ERR_SINK).
struct evx_ledger_sink {
    // Each region once: the file header; then those of each chunk by their offsets, the chunks in the order in
    // which they are read, which in a log that has come round does not begin at the first slot; then what
    // was not read.
    int (*region)(void *context, const evx_region *region);
    int (*finding)(void *context, const evx_finding *finding); // of evx_verify
    // As that of evx_sink; of evx_verify. What a finding says as well is not told.
    int (*report)(void *context, const evx_error *error);
    void (*progress)(void *context, uint64_t done_bytes, uint64_t size_bytes);
    void *context;
    void *reserved[4];
};

// The values are the exit codes of `evx verify`.
typedef enum evx_verdict {
    EVX_VERDICT_INTACT = 0,
    EVX_VERDICT_UNREADABLE = 1, // the operating system refused to read some of it
    EVX_VERDICT_LOST = 3,       // records are lost
    EVX_VERDICT_DAMAGED = 4,    // but every record can be read
    EVX_VERDICT_NOT_A_LOG = 5,
} evx_verdict;

// The short name ("intact"). Never NULL.
EVX_API const char *evx_verdict_name(evx_verdict verdict);

// What evx_open_... or evx_verify failed with, as a verdict.
EVX_API evx_verdict evx_verdict_of_failure(const evx_error *error);

typedef struct evx_verify_options {
    size_t size;      // sizeof(evx_verify_options)
    unsigned threads; // as in evx_convert_options
} evx_verify_options;

typedef struct evx_verify_result {
    size_t size; // sizeof(evx_verify_result)
    evx_verdict verdict;
    uint64_t size_bytes; // of the input; the sum of all regions
    uint64_t records[EVX_RECORD_OUTCOMES];   // by outcome
    uint64_t region_bytes[EVX_REGION_KINDS]; // by kind
    uint64_t findings, reports; // that were told
} evx_verify_result;

// Reads the whole input, proves that each record can be read, and judges. Nothing is rendered, but for records
// in which something is unusual. options and sink may be NULL. *ret_result (set its size before) is set with
// EVX_OK; damage is no failure. A stream can be read once: EVX_ERR_ARGUMENT.
EVX_API evx_status evx_verify(evx_reader *reader, const evx_verify_options *options,
                              const evx_ledger_sink *sink, evx_verify_result *ret_result, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
