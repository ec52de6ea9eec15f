// SPDX-License-Identifier: MIT
//
// libevx: event logs as typed columns, through the Arrow C data and stream interfaces. What a consumer
// needs is in this header: neither the library nor who includes it needs Arrow. docs/columns.md describes
// the columns, their types, and what becomes of values.
//
// The rules of <evx/evx.h> hold here, too.
#ifndef EVX_ARROW_H
#define EVX_ARROW_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------
// The Arrow C data interface and the C stream interface, as Arrow's specification has them.

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif

// ---------------------------------------------------------------------------------------------------
// Columns.

// One of the columns that every log has.
typedef struct evx_table_column {
    size_t size;        // sizeof(evx_table_column), set before the call
    const char *name;   // "record_id"; lives as long as the library
    const char *format; // Arrow's, in the profile PORTABLE with nanoseconds: "l"; of a dictionary that of
                        // its values
    const char *help;   // what it is, for people
    int is_dictionary;  // values of an int32 dictionary, unless the options say otherwise
    int is_nullable;
    int is_default;     // 0: there when it is asked for by its name, or (recovered) by options.recover
} evx_table_column;

// The columns, by number from 0, in the order in which they stand without a list. EVX_END behind the last
// one; EVX_ERR_ARGUMENT when the size is not set.
EVX_API evx_status evx_table_columns(size_t index, evx_table_column *ret_column);

// What a column of data holds. Values mean the same in every version; new ones may come.
typedef enum evx_table_type {
    EVX_TABLE_AUTO = 0,  // what the templates of the inputs declare; see evx_table_options.infer
    EVX_TABLE_TEXT = 1,  // utf8, as XML shows the value; several values are joined by ", "
    EVX_TABLE_INT64 = 2, // integers of any width, hexadecimal ones and pointers; a text that is a whole number,
                         // too. Of an unsigned one above 2^63-1 the bits
    EVX_TABLE_BOOL = 3,
    EVX_TABLE_TIME = 4,  // timestamp in UTC, in the unit of the table
    EVX_TABLE_FLOAT64 = 5,
    EVX_TABLE_BINARY = 6,
    EVX_TABLE_TEXTS = 7, // list<utf8>: each value of the field, or item of its array
    EVX_TABLE_NAMES = 8, // utf8 as a dictionary, where dictionaries are not switched off: for few distinct values
} evx_table_type;

// A column of data that is asked for. Texts live no longer than the call that is given them.
typedef struct evx_table_field {
    const char *name; // of the column; NULL: field. A name that one of the fixed columns has (in any case) gets
                      // "data_" in front
    const char *field; // what is meant, as of evx_fields_compile: "TargetUserName", "UserData.X.Y",
                       // "System/Provider/@EventSourceName"; NULL: name
    evx_table_type type;
    void *reserved[2]; // NULL
} evx_table_field;

// Which engines and files the types are for.
typedef enum evx_table_profile {
    EVX_TABLE_PORTABLE = 0, // signed integers, utf8, dictionaries at the top
    EVX_TABLE_EXACT = 1,    // unsigned integers as the format has them, GUIDs as arrow.uuid, JSON as arrow.json
    EVX_TABLE_SPARK = 2,    // as portable, without dictionaries, and times in microseconds
} evx_table_profile;

typedef enum evx_table_unit {
    EVX_TABLE_NS = 0, // every digit; times before 1677-09-21 or behind 2262-04-11 are null and counted
    EVX_TABLE_US = 1, // rounded down; every time that a log can have
} evx_table_unit;

// What the column event_data is.
typedef enum evx_table_data {
    EVX_TABLE_MAP = 0,     // map<utf8,utf8> with keys that are unique in their row
    EVX_TABLE_JSON = 1,    // utf8: an object with the same keys, the values strings or null
    EVX_TABLE_PAIRS = 2,   // list<struct<key,value>>
    EVX_TABLE_NO_DATA = 3, // there is no such column, unless it is asked for by its name: EVX_ERR_ARGUMENT
} evx_table_data;

// Where the types of fields come from whose type is EVX_TABLE_AUTO. A name that is not found there has the
// type that it usually has in logs of Windows, or else is TEXT.
typedef enum evx_table_infer_mode {
    EVX_TABLE_INFER_FEW = 0,  // the templates in the first, the middle and the last chunk of each input
    EVX_TABLE_INFER_ALL = 1,  // the templates in all chunks: reads the inputs twice
    EVX_TABLE_INFER_NONE = 2, // nothing is read
} evx_table_infer_mode;

typedef struct evx_table_options {
    size_t size; // sizeof(evx_table_options)
    unsigned threads; // 0: one per core; never more than cores or chunks. 1: those that call get_next
    const char *const *columns; // names, in the order wanted; NULL: the default columns
    size_t column_count;        // 0 with columns that are not NULL: fields alone
    const evx_table_field *fields; // columns of data, behind the others
    size_t field_count;
    evx_table_profile profile;
    evx_table_unit time_unit;
    evx_table_data event_data;
    int no_dictionaries;    // utf8 in place of each dictionary
    evx_table_infer_mode infer;
    const evx_query *query; // only records that it means, which is found out before any column is; NULL: all
    const evx_id_range *ids; // only records in one of them; NULL: all. Copied
    size_t id_count;
    // A part of each input: these slots, in the order of their numbers. The parts of an input together have the
    // rows of the whole. 0 chunks: to the end. A stream, or recover without all chunks: EVX_ERR_ARGUMENT for
    // the first.
    uint64_t first_chunk, chunk_count;
    uint64_t row_limit;  // of the whole stream; 0: none
    size_t batch_rows;   // most rows of a batch; 0: 65,536
    size_t batch_bytes;  // a batch ends when its columns hold so much; 0: 32 MiB
    int recover;             // carve records from space that is not live
    int validate_checksums;  // drop and report chunks whose CRC32 is wrong
    int strict;              // a value that does not fit its column ends the stream with an error
    // What the column source_path says, and how queries know the log. UTF-8, copied. With evx_table_open alone;
    // NULL: source_path is "".
    const char *source_path;
    // Damage and notes, as evx_sink has them, and the first value of each column that does not fit it
    // (EVX_DAMAGE_VALUE_COLUMN); input says of which path. Called within get_next by its thread, in the order
    // of the rows. Returns 0 to go on; anything else ends the stream with an error. NULL: they are counted, but
    // an input that cannot be opened or read at all ends the stream with an error.
    int (*report)(void *context, const evx_error *error);
    // Bytes of the input that are done, of its size (EVX_NONE: unknown); once a chunk, as report. May be NULL.
    void (*progress)(void *context, uint32_t input, uint64_t done_bytes, uint64_t size_bytes);
    void *context;
} evx_table_options;

// ---------------------------------------------------------------------------------------------------
// Streams.
//
// get_next gives one batch of rows after the other: a struct array with a child for each column, in the order
// of the log. Its work is done by the thread that calls it and, with more than one thread, by others ahead of
// it. It may be called from different threads, one at a time. 0: a batch with rows, or at the end, and then
// again and again, one whose release is NULL. EIO (input, damage that report does not take), ENOMEM, EINVAL
// (strict): the same error at each later call, and get_last_error says why until the stream is released.
//
// The stream may be released after any batch, by any thread: its own threads are stopped and joined. Its
// release does nothing the second time. Arrays and schemas are independent of the stream and of each other,
// and may be released by any thread; their memory is used again by later batches. The engine may be destroyed
// before they are: it lives as long as they need it.

// The columns that a stream with these options has, whatever its input; of fields with EVX_TABLE_AUTO as if
// infer were NONE. options may be NULL: the defaults. EVX_ERR_ARGUMENT: a name is unknown or there twice
// (error->input is its index among columns and then fields, cause[0] says what is wrong).
EVX_API evx_status evx_table_schema(evx_engine *engine, const evx_table_options *options,
                                    struct ArrowSchema *ret_schema, evx_error *error);

// The rows of a log. With EVX_OK the stream owns the reader, which must not be used or closed any more. A query
// must outlive the stream. No record is read before the first get_next.
EVX_API evx_status evx_table_open(evx_reader *reader, const evx_table_options *options,
                                  struct ArrowArrayStream *ret_stream, evx_error *error);

// The rows of several files, one after the other, in one stream. The paths are copied; each file is opened when
// it is its turn, and closed behind its last row. One that cannot be opened or read is reported, and left out.
EVX_API evx_status evx_table_open_paths(evx_engine *engine, const char *const *paths, size_t path_count,
                                        const evx_table_options *options,
                                        struct ArrowArrayStream *ret_stream, evx_error *error);

typedef struct evx_table_totals {
    size_t size;          // sizeof(evx_table_totals), set before the call
    uint64_t rows;        // in the batches that get_next gave
    uint64_t recovered;   // of these, carved
    uint64_t errors;      // reports, notes among them
    uint64_t conversions; // values that did not fit their columns
} evx_table_totals;

// What came of a stream so far; not at the same time as get_next. The stream is one of this library that has
// not been released: EVX_ERR_ARGUMENT otherwise.
EVX_API evx_status evx_table_result(const struct ArrowArrayStream *stream, evx_table_totals *ret_totals);

// Values of one column that did not fit it, and are null in it.
typedef struct evx_table_conversion {
    size_t size;         // sizeof(evx_table_conversion), set before the call
    const char *column;  // lives as long as the stream
    uint64_t count;      // of values; 0: all fit
    // The first of them. Offset: of its record in the input.
    const char *type; // as evx_template_field has it: "u32", "string"; lives as long as the library
    uint32_t input;
    uint64_t chunk, record_id, offset;
} evx_table_conversion;

// Of the column with this number, from 0. EVX_END behind the last column. Otherwise as evx_table_result.
EVX_API evx_status evx_table_conversions(const struct ArrowArrayStream *stream, size_t column,
                                         evx_table_conversion *ret_conversion);

// A field of data that the templates of a log have.
typedef struct evx_table_field_info {
    size_t size;      // of this struct in the library that is running
    const char *name; // UTF-8: of data in EventData, or of an element in UserData/*
    evx_table_type type; // that a column of it has
    int is_mixed;        // templates declare types of several kinds
    const char *declared; // the first of them, as evx_template_field has it: "u32", "string[]"
    uint64_t templates;  // that have it
    uint64_t uses;       // records of these templates, among those that were looked at
} evx_table_field_info;

// Calls visit for each field, the most used first, on the calling thread. info and its texts are valid during
// the call. visit returns 0 to go on, anything else to stop (EVX_ERR_SINK). Damage is no failure. May be called
// again and before evx_table_open; but for a stream, which can be read once: EVX_ERR_ARGUMENT.
EVX_API evx_status evx_table_infer(evx_reader *reader, evx_table_infer_mode mode,
                                   int (*visit)(void *context, const evx_table_field_info *info),
                                   void *context, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
