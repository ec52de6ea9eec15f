// SPDX-License-Identifier: MIT
//
// libevx: Windows event logs (EVTX) to XML, JSON and JSONL.
//
// Rules that hold for everything below:
//  - The library never prints, exits, aborts, or keeps global state.
//  - Functions return an evx_status: 0 is success, positive values are notes (EVX_END), negative ones
//    are errors. Out-parameters are named ret_x and are set with EVX_OK only, unless said otherwise.
//  - Pointers must not be NULL where nothing else is said. Every `error` may be NULL. It is filled with
//    an error, EVX_VALUE_REFUSED or EVX_NOTE, and means nothing otherwise.
//  - An evx_engine may be used by several threads at once. An evx_reader belongs to one thread at a
//    time; several readers of one engine may run in parallel.
//  - Structs that may grow begin with their own size in bytes: set it to sizeof of the struct. Fill the
//    rest with zeros: zero always means the default. A size that is too small for the struct's first
//    version (0: forgotten) is EVX_ERR_ARGUMENT.
//  - Offsets are in bytes from the start of the input. Sizes are in bytes. Identifiers are those of the
//    24-byte record header (format: MS-EVEN6 and the file itself), not EventRecordID.
#ifndef EVX_EVX_H
#define EVX_EVX_H

#include <stddef.h>
#include <stdint.h>

#include <evx/evx_version.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(EVX_BUILDING_LIBRARY)
#define EVX_API __attribute__((visibility("default")))
#else
#define EVX_API
#endif

typedef enum evx_status {
    EVX_OK = 0,
    EVX_END = 1,            // no more records
    EVX_VALUE_REFUSED = 2,  // a note: a record was rendered, but a part of it is damaged
    EVX_NOTE = 3,           // a note on the log: something that is promised and not there, or not shown
    EVX_ERR_ARGUMENT = -1,  // a caller's mistake; nothing was done
    EVX_ERR_MEMORY = -2,    // the allocator returned NULL
    EVX_ERR_IO = -3,        // the operating system refused (system_errno says why)
    EVX_ERR_NOT_EVTX = -4,  // the file header cannot be used
    EVX_ERR_CHUNK = -5,     // a chunk cannot be used, or not be read to its end
    EVX_ERR_RECORD = -6,    // a record cannot be used
    EVX_ERR_LIMIT = -7,     // a record passes a limit: see below
    EVX_ERR_SINK = -8,      // the caller's sink asked to stop
    EVX_ERR_STOPPED = -9,   // options.stop_after_error met an error
    EVX_ERR_PACK = -10,     // a file of definitions or texts cannot be used: see <evx/packs.h>
} evx_status;

// A record is refused with EVX_ERR_LIMIT when it renders to more than 16 MiB or more than 2^19 nodes, has
// more than 512 elements open in one template or fragment, more than 64 fragments or 8 templates in one
// another, needs more than 128 MiB of memory, or when the templates and names of its chunk need more
// than 40 MiB.

#define EVX_NONE       UINT64_MAX // "not known" for chunk, record_id, offset and length
#define EVX_CAUSES_MAX 4
#define EVX_CAUSE_SIZE 240

// What is damaged, for programs to act on; docs/damage.md says when each is met. A value means the same
// in every version and is never used again. New ones may come: the hundreds say what an unknown one is
// about (1 the input, 2 a chunk, 3 a record as a whole, 4 the structure in it, 5 a value, 6 a limit).
typedef enum evx_damage {
    EVX_DAMAGE_NONE = 0, // no damage: a caller's mistake, no memory, a sink that stopped

    EVX_DAMAGE_INPUT_OPEN = 100,  // it cannot be opened (system_errno says why)
    EVX_DAMAGE_INPUT_READ = 101,  // it cannot be read (system_errno)
    EVX_DAMAGE_FILE_CUT = 102,    // it ends within the file header
    EVX_DAMAGE_FILE_MAGIC = 103,  // it does not begin as an event log
    EVX_DAMAGE_FILE_HEADER = 104, // the file header says what cannot be
    EVX_DAMAGE_FILE_CHUNKS = 105, // there are fewer chunks than the file header promises

    EVX_DAMAGE_CHUNK_READ = 200,     // it cannot be read (system_errno)
    EVX_DAMAGE_CHUNK_MISSING = 201,  // it is promised and not there, or not to its end
    EVX_DAMAGE_CHUNK_CUT = 202,      // the input ends within it; its whole records are shown
    EVX_DAMAGE_CHUNK_MAGIC = 203,    // neither a chunk nor zeros
    EVX_DAMAGE_CHUNK_CHECKSUM = 204, // of its header or its records
    EVX_DAMAGE_CHUNK_HEADER = 205,   // its header says what cannot be
    EVX_DAMAGE_CHUNK_LEFT_OUT = 206, // of no use, and behind those that the file header leaves room for
    EVX_DAMAGE_CHUNK_RECORDS = 207,  // there are fewer records than its header promises

    EVX_DAMAGE_RECORD_MAGIC = 300,
    EVX_DAMAGE_RECORD_TIME = 301,       // of the header: no time that could be
    EVX_DAMAGE_RECORD_SIZE = 302,       // of the header: too small, or larger than the chunk
    EVX_DAMAGE_RECORD_CUT = 303,        // it needs bytes behind the end of the input
    EVX_DAMAGE_RECORD_TAIL = 304,       // it has bytes behind its event
    EVX_DAMAGE_RECORD_UNREADABLE = 305, // an old one, of which something cannot be read

    EVX_DAMAGE_STRUCTURE_CUT = 400,    // it leads behind the end of the chunk
    EVX_DAMAGE_STRUCTURE_EMPTY = 401,  // there is none
    EVX_DAMAGE_TOKEN = 402,            // a token that is not known
    EVX_DAMAGE_TOKEN_ORDER = 403,      // a token where it cannot stand
    EVX_DAMAGE_NAME = 404,             // a name that cannot be read
    EVX_DAMAGE_NAME_FOREIGN = 405,     // an old record's name that has been overwritten
    EVX_DAMAGE_TEMPLATE = 406,         // a definition that cannot be used
    EVX_DAMAGE_TEMPLATE_FOREIGN = 407, // a definition that has been overwritten
    EVX_DAMAGE_INSTANCE_CUT = 408,     // values that lie behind the record: those within it are shown
    EVX_DAMAGE_STREAM_REST = 409,      // what follows the record's first element
    EVX_DAMAGE_FORM = 410,             // it cannot be written in this format

    EVX_DAMAGE_VALUE_CUT = 500,      // its bytes are not all there
    EVX_DAMAGE_VALUE_SIZE = 501,     // its size is none of its type
    EVX_DAMAGE_VALUE_TIME = 502,     // no time that exists
    EVX_DAMAGE_VALUE_TEXT = 503,     // invalid in the ANSI codec
    EVX_DAMAGE_VALUE_TYPE = 504,     // a type that is not known, or cannot be read
    EVX_DAMAGE_VALUE_ELEMENTS = 505, // its elements cannot be read
    EVX_DAMAGE_VALUE_FOREIGN = 506,  // its elements are those of another template
    EVX_DAMAGE_VALUE_DOUBTFUL = 507, // an old record's, which is not shown for that
    EVX_DAMAGE_VALUES_MORE = 508,    // more of them than are listed
    EVX_DAMAGE_VALUE_COLUMN = 509,   // no damage: one that does not fit a typed column (<evx/arrow.h>)

    EVX_DAMAGE_LIMIT_DEPTH = 600, // the limits of EVX_ERR_LIMIT, above
    EVX_DAMAGE_LIMIT_NODES = 601,
    EVX_DAMAGE_LIMIT_OUTPUT = 602,
    EVX_DAMAGE_LIMIT_MEMORY = 603,
} evx_damage;

// Structs grow in later versions, and programs of today go on working: those that begin with `size` say how
// much of them their maker knows; the others have `reserved` places. These are 0 in what the library fills,
// and must be 0 in what it is given.

// What went wrong and where. Owned by the caller, holds no pointers. cause[0] is the outermost text,
// empty when there is none.
typedef struct evx_error {
    evx_status status;
    evx_damage kind;
    int system_errno;   // 0, or the errno of the call that failed
    uint32_t input;     // of several, which one, from 0
    uint64_t chunk;     // slot number in the file, from 0
    uint64_t record_id; // record header identifier
    uint64_t offset;    // of the damage; 0 for the file header, EVX_NONE when nothing was opened
    uint64_t length;    // bytes from the offset on that are lost, missing or in doubt
    uint64_t reserved[4];
    unsigned cause_count;
    char cause[EVX_CAUSES_MAX][EVX_CAUSE_SIZE];
} evx_error;

// Short constant name of a status ("EVX_ERR_IO"). Never NULL.
EVX_API const char *evx_status_name(evx_status status);
// And of a kind of damage ("EVX_DAMAGE_CHUNK_MAGIC").
EVX_API const char *evx_damage_name(evx_damage kind);

// EVX_ABI_VERSION of the library that is running; compare it with the macro.
EVX_API unsigned evx_abi_version(void);
EVX_API const char *evx_version(void);

// ---------------------------------------------------------------------------------------------------
// Engine: what outlives one input (templates, compiled programs, names).

// All three functions are needed. A block is aligned for max_align_t, as one of malloc is; allocate and
// reallocate return NULL when there is no memory. old_size and size are what was asked for, never 0;
// block is never NULL. Called from every thread of the engine.
typedef struct evx_allocator {
    void *(*allocate)(void *context, size_t size);
    void *(*reallocate)(void *context, void *block, size_t old_size, size_t size);
    void (*release)(void *context, void *block, size_t size);
    void *context;
    void *reserved[2];
} evx_allocator;

typedef struct evx_engine evx_engine;

typedef struct evx_engine_options {
    size_t size; // sizeof(evx_engine_options)
    const evx_allocator *allocator; // copied; NULL: malloc
    const char *ansi_codec; // label of the WHATWG Encoding Standard; NULL: windows-1252
    int no_plans; // for tests: no template is compiled, every record is walked; the output is the same
    int no_skips; // for tests: chunks and values are looked at that cannot have what is asked for
    const char *cpu; // "baseline": no instructions but those that every processor of the architecture has;
                     // NULL: what this one can run. The output is the same, for tests and measurements
} evx_engine_options;

// options may be NULL: the defaults. EVX_ERR_ARGUMENT when the codec is unknown or not ASCII-compatible
// (cause[0] is the reference's text), or the cpu is unknown.
EVX_API evx_status evx_engine_create(const evx_engine_options *options, evx_engine **ret_engine,
                                     evx_error *error);
// Readers of the engine must be closed first. Sets *engine to NULL; NULL is fine. What <evx/arrow.h> gives may
// be released later.
EVX_API void evx_engine_destroy(evx_engine **engine);

// Counters since creation; for tests and benchmarks.
typedef struct evx_engine_stats {
    size_t size; // sizeof(evx_engine_stats)
    uint64_t records;            // rendered
    uint64_t records_compiled;   // of these, through compiled programs alone
    uint64_t records_walked;     // of these, from a template that has no program
    uint64_t records_irregular;  // of these, without a template, or in a shape no program serves
    uint64_t templates;          // distinct templates held
    uint64_t programs;           // compiled programs held
    uint64_t allocations;        // calls of the allocator
    uint64_t chunks_skipped;     // not read, because of what their headers say
    uint64_t records_unsearched; // times that a query searched a text in a record by one look at its bytes,
                                 // instead of every value, and in vain
} evx_engine_stats;
// Set ret_stats->size before.
EVX_API evx_status evx_engine_get_stats(evx_engine *engine, evx_engine_stats *ret_stats);

// ---------------------------------------------------------------------------------------------------
// Input.

typedef struct evx_reader evx_reader;

// Random access supplied by the caller. read returns the number of bytes it could give (fewer only at
// the end of the input), or -1 with errno set. Called from several threads unless threads is 1. A run
// that is stopped ends when the calls of read that are under way have returned.
typedef struct evx_input {
    int64_t (*read)(void *context, void *buffer, size_t size, uint64_t offset);
    int64_t (*get_size)(void *context); // bytes; -1 with errno set on failure
    void *context;
    void *reserved[4];
} evx_input;

// The file is read with pread, never mapped. Fails on a pipe and on anything else that has no size.
EVX_API evx_status evx_open_file(evx_engine *engine, const char *path, evx_reader **ret_reader,
                                 evx_error *error);
// Takes ownership of fd only on success. A regular or block file is read from its current offset on: there
// the input begins. Everything else (pipe, socket, terminal) is a stream, from which this call already
// takes the file header. A stream can be read once: as it comes when the order of its chunks is certain,
// else through an unlinked temporary file in $TMPDIR or /tmp.
EVX_API evx_status evx_open_fd(evx_engine *engine, int fd, evx_reader **ret_reader, evx_error *error);
// The bytes must live and stay unchanged until the reader is closed.
EVX_API evx_status evx_open_memory(evx_engine *engine, const void *bytes, size_t size,
                                   evx_reader **ret_reader, evx_error *error);
// input is copied.
EVX_API evx_status evx_open_input(evx_engine *engine, const evx_input *input, evx_reader **ret_reader,
                                  evx_error *error);
// Sets *reader to NULL; NULL is fine.
EVX_API void evx_close(evx_reader **reader);

// Where things stand in every log: a header, then chunks of one size, each in its slot.
enum {
    EVX_FILE_HEADER_SIZE = 4096,
    EVX_CHUNK_SIZE = 65536,
};

// Flags of a file header and, but for FULL, of a chunk header; other bits occur.
enum {
    EVX_FLAG_DIRTY = 1,    // not closed in order
    EVX_FLAG_FULL = 2,     // there was no room for more
    EVX_FLAG_NO_CRC32 = 4, // checksums are not kept
};

// The file header as stored, with its checksum.
typedef struct evx_file_info {
    uint64_t size_bytes; // of the input; EVX_NONE for a stream that has not ended
    uint64_t first_chunk, last_chunk, next_record_id;
    uint32_t header_size;
    uint16_t minor_version, major_version, block_size, chunk_count;
    uint32_t flags; // EVX_FLAG_...
    uint32_t crc32_stored, crc32_computed;
    uint64_t reserved[4];
} evx_file_info;
EVX_API void evx_get_file_info(const evx_reader *reader, evx_file_info *ret_info);

typedef enum evx_chunk_state {
    EVX_CHUNK_HAS_HEADER = 0, // good magic; the fields below are as stored
    EVX_CHUNK_EMPTY = 1,      // 65536 zero bytes; the fields below are 0
    EVX_CHUNK_UNREADABLE = 2, // magic is something else; the fields below are 0
} evx_chunk_state;

typedef struct evx_chunk_info {
    evx_chunk_state state;
    uint64_t first_number, last_number, first_id, last_id;
    uint32_t last_record_offset, free_offset;
    uint32_t flags; // EVX_FLAG_...
    int header_crc32_ok, records_crc32_ok; // the second is 0 when free_offset is out of range
    uint64_t reserved[4];
} evx_chunk_info;
// One slot of an input that is no stream, for `info`. EVX_END behind the last whole slot. ret_info is
// set with EVX_ERR_CHUNK, too: error says what evx_convert would report about the unreadable chunk.
EVX_API evx_status evx_get_chunk_info(evx_reader *reader, uint64_t chunk, evx_chunk_info *ret_info,
                                      evx_error *error);

// ---------------------------------------------------------------------------------------------------
// Queries: which records are meant. docs/queries.md describes the languages.

// What one condition of a query is written in. Those of one kind are alternatives, but for data; different
// kinds are all wanted. Texts are UTF-8, but for a QUERY, which is in any encoding of its XML.
typedef enum evx_condition_kind {
    EVX_CONDITION_QUERY = 0,             // XPath, `Channel!XPath`, or XML with query lists
    EVX_CONDITION_SUPPRESS = 1,          // XPath: what is taken away
    EVX_CONDITION_IDS = 2,               // of events: "4624, 4600-4700, -4650"
    EVX_CONDITION_NOT_IDS = 3,
    EVX_CONDITION_PROVIDERS = 4,         // names with * and ?, separated by commas
    EVX_CONDITION_NOT_PROVIDERS = 5,
    EVX_CONDITION_CHANNELS = 6,
    EVX_CONDITION_NOT_CHANNELS = 7,
    EVX_CONDITION_COMPUTERS = 8,
    EVX_CONDITION_NOT_COMPUTERS = 9,
    EVX_CONDITION_LEVELS = 10,           // numbers or names: "critical, error, info"
    EVX_CONDITION_KEYWORDS = 11,         // masks or names: "audit-failure"
    EVX_CONDITION_USERS = 12,            // SIDs
    EVX_CONDITION_RECORD_IDS = 13,       // EventRecordID: "1, 5-9, 100-"
    EVX_CONDITION_FROM = 14,             // a time; both ends belong
    EVX_CONDITION_TO = 15,
    EVX_CONDITION_LAST = 16,             // "1d12h": from so long before options.now on
    EVX_CONDITION_DATA = 17,             // FIELD, FIELD=VALUE or FIELD|MODIFIER...=VALUE; fields are all wanted
    EVX_CONDITION_SEARCH = 18,           // a text that is in any value
    EVX_CONDITION_REGEX = 19,            // a regular expression that any value matches
    EVX_CONDITION_INVERT = 20,           // every other record; the text counts for nothing
    EVX_CONDITION_WRITTEN_FROM = 21,     // a time, of the record's header instead of TimeCreated
    EVX_CONDITION_WRITTEN_TO = 22,
} evx_condition_kind;

typedef struct evx_condition {
    evx_condition_kind kind;
    const char *text; // need not end in NUL, and live no longer than the call
    size_t size;
} evx_condition;

typedef struct evx_query_options {
    size_t size;      // sizeof(evx_query_options)
    const char *now_text; // time that ages count from, as of EVX_CONDITION_FROM; NULL: the system's clock
    const char *zone; // of times without one: "UTC", "+01:00"; NULL: UTC
    int any_channel;  // the paths and channels of structured queries count for nothing
    // For zones whose distance from UTC changes: seconds since 1970 as a clock there shows them, to those of
    // UTC. 0, or anything else where there is no such time. Called by evx_query_compile alone. NULL: zone.
    int (*to_utc)(void *context, int64_t local_seconds, int64_t *ret_utc_seconds);
    void *to_utc_context;
} evx_query_options;

// Immutable; may be used by any number of conversions and threads at once. With readers of another engine than
// its own the result is the same, but every record is walked.
typedef struct evx_query evx_query;

// options may be NULL: the defaults. EVX_ERR_ARGUMENT when a condition cannot be read: error->input is its
// index, error->offset the byte in its text, cause[0] says what is there and what was expected.
EVX_API evx_status evx_query_compile(evx_engine *engine, const evx_condition *conditions, size_t count,
                                     const evx_query_options *options, evx_query **ret_query,
                                     evx_error *error);
// What is odd in a query that can be used: a text for people, by number from 0. ret_warning->input is the
// condition and offset the byte in its text, EVX_NONE when it is about no place. EVX_END behind the last.
EVX_API evx_status evx_query_get_warning(const evx_query *query, size_t index, evx_error *ret_warning);
// Writes what the query has become, as UTF-8 for people to read: the predicate, where Windows would refuse
// it, the names in it that no template has, and for each template that its engine has met what is left to
// ask of a record: so run it over a log first. write returns 0 to go on (else EVX_ERR_SINK).
EVX_API evx_status evx_query_explain(const evx_query *query,
                                     int (*write)(void *context, const void *bytes, size_t size),
                                     void *context);
// Conversions with the query must have ended. Sets *query to NULL; NULL is fine.
EVX_API void evx_query_destroy(evx_query **query);

// ---------------------------------------------------------------------------------------------------
// Fields: which columns rows have.

// Immutable; may be used by any number of conversions and threads at once. With readers of another engine than
// its own the result is the same, but every record is walked.
typedef struct evx_fields evx_fields;

// Reads a list of fields, separated by commas; an item may be in double quotes. list need not end in NUL
// and live no longer than the call; NULL: RecordID, TimeCreated, EventID, Level, Provider, Channel,
// Computer, UserID, ProcessID, ThreadID, EventRecordID, EventData, SourceFile.
//
// A field is, whichever fits first: of the file RecordID, Written, Chunk, Offset, SourceFile, Recovered;
// EventData, which is all of EventData or else UserData as JSON; where the engine has messages
// (<evx/messages.h>) Message, LevelName, TaskName, OpcodeName, KeywordNames, which RenderingInfo has; a path (System/EventID,
// EventData/Data[@Name='X']); a dotted path (System.Provider.Name, EventData.X, UserData.Root.Leaf); a short
// name of System (EventID, Provider, ProcessID, Execution_ProcessID); Data, which is all data, or Data[3]; else
// the name of data in EventData, as it is spelled or else in any case (param3 is the third data, too, if that
// has no name), or else of an element in UserData/*. Name=Field gives a column another name.
//
// EVX_ERR_ARGUMENT when the list cannot be read, a column is there twice, or System has no such name:
// error->offset is the byte in the list, cause[0] says what is there and what was expected.
EVX_API evx_status evx_fields_compile(evx_engine *engine, const char *list, size_t size,
                                      evx_fields **ret_fields, evx_error *error);
// Conversions with the fields must have ended. Sets *fields to NULL; NULL is fine.
EVX_API void evx_fields_destroy(evx_fields **fields);

// ---------------------------------------------------------------------------------------------------
// Conversion of a whole input.

typedef enum evx_format {
    EVX_FORMAT_XML = 0,   // indented; with compact: one line per record
    EVX_FORMAT_JSON = 1,  // "Record N" line and one object per record
    EVX_FORMAT_JSONL = 2, // one object per record and nothing else
    // One document of all records. evx_convert writes the records, and what stands between them; the caller
    // writes what stands around them, since the document may be of several inputs.
    EVX_FORMAT_XML_DOCUMENT = 3, // as XML, with one declaration for all
    EVX_FORMAT_JSON_ARRAY = 4,   // as JSONL, separated by commas
    EVX_FORMAT_CSV = 5,   // rows of fields, as RFC 4180 has them but for the ends of lines, which are LF
    EVX_FORMAT_TSV = 6,   // the same with tabs instead of commas
} evx_format;

// What a document begins and ends with. Empty for the other formats.
EVX_API const char *evx_document_front(evx_format format);
EVX_API const char *evx_document_back(evx_format format);

typedef struct evx_id_range {
    uint64_t first, last; // both included
} evx_id_range;

// Receives the output in order. Called by the thread that called evx_convert; no lock of the library is
// held meanwhile. Return 0 to go on, anything else to stop (EVX_ERR_SINK).
typedef struct evx_sink {
    int (*write)(void *context, const void *bytes, size_t size);
    // One damaged chunk, record or value; reading goes on. The status tells which. Positive ones are
    // notes: of EVX_VALUE_REFUSED the record has been written; EVX_NOTE tells of bytes that the input
    // should have or should not, and of records that are not shown because their structure is not proved
    // to be their own. Ordered with write: everything in front of the damage has been written before.
    // NULL: reports are only counted.
    int (*report)(void *context, const evx_error *error);
    // Bytes of input done so far, of size_bytes in all (EVX_NONE: unknown); once a chunk. NULL: not
    // wanted.
    void (*progress)(void *context, uint64_t done_bytes, uint64_t size_bytes);
    void *context;
    void *reserved[4];
} evx_sink;

typedef struct evx_mta evx_mta;
typedef struct evx_ledger_sink evx_ledger_sink; // <evx/ledger.h>

typedef struct evx_convert_options {
    size_t size; // sizeof(evx_convert_options)
    evx_format format;
    unsigned threads;        // 0: one per core; never more than cores or chunks. 1: the calling thread
    int compact;             // XML on one line (no effect on JSON)
    int hide_record_numbers; // no "Record N" line (JSONL never has one)
    int separate_attributes; // JSON attributes in a member of their own
    int recover;             // carve records from space that is not live
    int validate_checksums;  // drop and report chunks whose CRC32 is wrong
    int stop_after_error;    // stop behind the first report that is no note (EVX_ERR_STOPPED)
    const evx_id_range *ids; // only records in one of them; NULL: all records
    size_t id_count;
    const evx_mta *mta; // texts to add to records: see evx_mta_open in <evx/packs.h>; NULL: none
    const evx_query *query; // only records that it means; NULL: all
    // Name of the log's file, without folders, for queries that name a channel or a file; NULL: unknown.
    const char *file_name;
    // Only the first so many records of the output; 0: all. Reading stops soon after, and what would have
    // been reported of the rest is not.
    uint64_t max_records;
    // The newest record first: the exact reverse of the usual order. Each record is followed by the reports
    // that usually stand behind it. A stream is read to its end first, through a temporary file; the text of
    // a whole chunk is held in memory.
    int reverse;
    int count_only; // nothing is written: the result says how many records would be. What cannot be shown of
                    // a value that is refused is not told of
    int follows_records; // documents: the first record is not the first of its document
    // Rows of these instead of whole records; needs EVX_FORMAT_CSV, TSV or JSONL, of which the first two
    // need it. NULL: whole records.
    const evx_fields *fields;
    int header;   // CSV and TSV: a line with the names of the columns comes first, before any record
    int csv_safe; // CSV and TSV: an apostrophe in front of cells that begin with = + - @, a tab or CR, which
                  // spreadsheets take for formulas
    const char *source_file; // what the field SourceFile and add_source say, as UTF-8; NULL: file_name
    // With ids: chunks are not read whose header, with a right checksum, says that their records have other
    // ones; what is damaged in them is not reported. Without recover and validate_checksums.
    int skip_chunks;
    // Whole records get source_file: as an attribute SourceFile of the root element, or as the first member of
    // the object.
    int add_source;
    int messages; // add RenderingInfo from what evx_engine_use_messages gave (<evx/messages.h>)
    // What becomes of each byte of the input is told here; NULL: it is not wanted. Only `region` of it is
    // called. All of the input is read then, whatever skip_chunks says, and the text of a whole chunk is held in
    // memory.
    const evx_ledger_sink *ledger;
    // Recovers with all that is known (<evx/recovery.h>): implies recover, and each old record tells how it was
    // found, whence its structure came and what is doubtful. NULL: old records stand on the definitions in
    // their places, and are marked as evtx_dump marks them.
    const struct evx_recovery *recovery;
    unsigned recovery_input; // the number under which this input was gathered
    int show_duplicates;     // with recovery: also old records that are live, too
} evx_convert_options;

typedef struct evx_convert_result {
    uint64_t records;   // written
    uint64_t recovered; // of these, carved
    uint64_t errors;    // reports, notes among them
    uint64_t reserved[5];
} evx_convert_result;

// Reads the input from its oldest chunk on, all around, and renders every record. options may be NULL:
// the defaults. result may be NULL; it is set in every case. Damage is reported through the sink and is
// no failure. May be called again, but for a stream: EVX_ERR_ARGUMENT.
EVX_API evx_status evx_convert(evx_reader *reader, const evx_convert_options *options,
                               const evx_sink *sink, evx_convert_result *result, evx_error *error);

// ---------------------------------------------------------------------------------------------------
// Record by record.

typedef struct evx_record {
    uint64_t id;       // record header identifier
    uint64_t written;  // FILETIME of the record header (100 ns since 1601-01-01 UTC)
    uint64_t chunk;    // slot number
    uint64_t offset;   // of the record header in the input
    const uint8_t *fragment; // BinXML behind the header; valid until the next call on the reader
    uint32_t fragment_size;
    uint64_t reserved[4];
} evx_record;

// The next live record in the order of evx_convert, EVX_END behind the last one. EVX_NOTE, EVX_ERR_CHUNK
// and EVX_ERR_RECORD describe one note or one piece of damage: call again to go on behind it; any other
// error is one of the whole input. No checksums are compared and no deleted records looked for:
// evx_convert does that.
EVX_API evx_status evx_next(evx_reader *reader, evx_record *ret_record, evx_error *error);

// How values and empty elements are written.
typedef enum evx_dialect {
    EVX_DIALECT_0_15 = 0, // as evtx_dump 0.15.1
    // As the module evtx 0.14.0 of PyPI: GUIDs in upper case without braces, times cut to microseconds, no
    // element that closes itself, none left out that depends on an absent value; no line feed behind
    // a record but one behind indented XML. XML and JSONL only.
    EVX_DIALECT_0_14 = 1,
} evx_dialect;

// How a record is shown: as in evx_convert_options.
typedef struct evx_render_options {
    size_t size;       // sizeof(evx_render_options)
    evx_format format; // not CSV or TSV
    int compact;
    int hide_record_numbers;
    int separate_attributes;
    int follows_records;
    const evx_mta *mta;
    int messages;
    evx_dialect dialect;
} evx_render_options;

// Renders the record that evx_next gave last, framed as evx_convert frames it. options may be NULL: the
// defaults. The bytes are valid until the next call on the reader. EVX_VALUE_REFUSED and EVX_NOTE are a
// success with the first of the record's notes. Any error but EVX_ERR_ARGUMENT and EVX_ERR_MEMORY is one of
// this record.
EVX_API evx_status evx_render(evx_reader *reader, const evx_render_options *options,
                              const char **ret_text, size_t *ret_size, evx_error *error);

// Whether the query means the record that evx_next gave last. file_name: of the log, without folders, for
// queries that name a channel or a file; NULL: unknown. *ret_is_meant is set with EVX_OK, and with EVX_NOTE: a
// regular expression was given up on a value, which counts as one that does not match. Any other error but
// EVX_ERR_ARGUMENT and EVX_ERR_MEMORY is one of this record, which no query means then. The query is of the
// reader's engine.
EVX_API evx_status evx_match(evx_reader *reader, const evx_query *query, const char *file_name,
                             int *ret_is_meant, evx_error *error);

// ---------------------------------------------------------------------------------------------------
// What is in a log: its templates, the events they stand for, and their fields.

// A place in a template that each record fills with a value. Texts are UTF-8, without escapes: control
// characters may be among them.
typedef struct evx_template_field {
    size_t size; // of this struct in the library that is running
    // From below the root element of the record, as "System/EventID", "System/Provider/@Name" or
    // "EventData/Data[@Name='TargetUserName']". Empty: in the root element itself. One of over 509 bytes
    // is cut, with "..." behind it.
    const char *path;
    const char *name; // "TargetUserName": of a Data element that has the same in every record; else NULL
    const char *type; // that the template declares, as "u32", "string", "string[]"; "elements": those of
                      // another template, as a rule. Records may break it
    unsigned value;   // the index of the value in the record
    int is_optional;
} evx_template_field;

typedef struct evx_template_info {
    size_t size; // of this struct in the library that is running
    uint8_t guid[16]; // as stored: a GUID whose first three parts are little-endian
    int is_nested;    // its instances stand in a record's values (EventData and UserData usually do)
    uint64_t uses;    // instances, in records that could be read
    const char *root; // name of its root element
    const char *provider; // System/Provider/@Name of the first record that uses it, at most 255 bytes of it;
                          // NULL: none is known
    int has_more_providers;
    const uint32_t *event_ids; // System/EventID of the records that use it, ascending, each once
    size_t event_id_count;
    int has_more_event_ids; // higher ones: no more than 64 are told
    const evx_template_field *const *fields; // in the order of the document; a value may be shown twice
    size_t field_count;
    int has_more_fields; // than 4096
} evx_template_info;

typedef struct evx_template_totals {
    size_t size;        // sizeof(evx_template_totals)
    uint64_t records;   // whose templates have been counted
    uint64_t damaged;   // records with something in them that cannot be read: none of their templates is
    uint64_t reports;   // damage and notes that evx_next would tell of
    uint64_t templates; // told
    uint64_t unlisted_uses; // of templates that are not told: there is a limit to what is kept of them (64 MiB)
} evx_template_totals;

// Reads the live records of the whole input, then calls visit once for each template that they use, in the
// order of their first use, on the calling thread. Templates with the same GUID, place and fields are one.
// info and all that it points to are valid during the call. visit returns 0 to go on, anything else to stop
// (EVX_ERR_SINK). Damage is counted and is no failure. ret_totals may be NULL; set its size before; it is
// set with EVX_OK and EVX_ERR_SINK. May be called again, and between calls of evx_next, whose place it does
// not change; but for a stream, which can be read once: EVX_ERR_ARGUMENT.
EVX_API evx_status evx_list_templates(evx_reader *reader,
                                      int (*visit)(void *context, const evx_template_info *info),
                                      void *context, evx_template_totals *ret_totals, evx_error *error);

// ---------------------------------------------------------------------------------------------------
// Counts: how many records have which values, and between which times they were created.

// A table of groups, to which any number of inputs is added. It belongs to one thread at a time; its engine
// must live longer.
typedef struct evx_stats evx_stats;

typedef struct evx_stats_options {
    size_t size; // sizeof(evx_stats_options)
    // Names of fields as of EVX_CONDITION_DATA, and of the file as of evx_fields_compile, at most 16; NULL:
    // Channel, Provider and EventID.
    const char *const *fields;
    size_t field_count;
    // Records whose group would be one more are only counted: see evx_stats_totals. 0: 1,048,576. Keys take
    // 256 MiB at most, which counts likewise.
    uint32_t groups_max;
} evx_stats_options;

typedef struct evx_stats_group {
    size_t size; // of this struct in the library that is running
    uint64_t count;
    // System/TimeCreated, FILETIME (100 ns since 1601-01-01 UTC), the earliest and the latest.
    int has_time; // 0: no record has one
    uint64_t first, last;
    // One for each field, in UTF-8; NULL: the records do not have the field. Several values of a record are
    // one text with ", " between; of over 1024 UTF-16 units the rest is cut, with "..." behind.
    const char *const *values;
} evx_stats_group;

typedef struct evx_stats_totals {
    size_t size;        // sizeof(evx_stats_totals)
    uint64_t records;   // that were counted
    uint64_t groups;
    uint64_t ungrouped; // of the records, those in no group: there were too many groups before
} evx_stats_totals;

// options may be NULL: the defaults. EVX_ERR_ARGUMENT when a name is none of a field: error->input is its
// index, error->offset the byte in it, cause[0] says what was expected.
EVX_API evx_status evx_stats_create(evx_engine *engine, const evx_stats_options *options,
                                    evx_stats **ret_stats, evx_error *error);
// Counts the records of an input: the options that select records and the threads count, those of form do
// not. Only the fields are looked at, so a record with damage elsewhere is counted, and nothing is told of
// that damage. The result does not depend on the number of threads. Of the sink only report and progress
// are called; it may be NULL, and so may options and result. Of a run that is stopped, what was counted
// stays. A stream can be read once; stats and reader have the same engine: EVX_ERR_ARGUMENT.
EVX_API evx_status evx_stats_add(evx_stats *stats, evx_reader *reader, const evx_convert_options *options,
                                 const evx_sink *sink, evx_convert_result *result, evx_error *error);
// Calls visit for each group, the largest first and equal ones in the order in which they first occurred, on
// the calling thread. group and all that it points to are valid during the call. visit returns 0 to go on,
// anything else to stop (EVX_ERR_SINK).
EVX_API evx_status evx_stats_visit(evx_stats *stats,
                                   int (*visit)(void *context, const evx_stats_group *group), void *context,
                                   evx_error *error);
// Set ret_totals->size before.
EVX_API evx_status evx_stats_get_totals(const evx_stats *stats, evx_stats_totals *ret_totals);
// Sets *stats to NULL; NULL is fine.
EVX_API void evx_stats_destroy(evx_stats **stats);

#ifdef __cplusplus
}
#endif

#endif
