// SPDX-License-Identifier: MIT
// Writing event logs: records of any inputs, as a log that every reader opens.
//
// Each record is written anew: its definitions, with the GUIDs that they have, its values, and the time of its
// header. Record headers are numbered from 1 on, as in logs that Windows exports; the EventRecordID of an event
// stays. The log is of format 3.1, closed, and its checksums are right.
#ifndef EVX_WRITER_H
#define EVX_WRITER_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

// A log that is being written. It belongs to one thread at a time; its engine must live longer.
typedef struct evx_writer evx_writer;

// Writes to a regular file from its start on. The descriptor stays the caller's, and open, until the writer is
// destroyed.
EVX_API evx_status evx_writer_create(evx_engine *engine, int fd, evx_writer **ret_writer, evx_error *error);

// Adds the records of an input, in the order of evx_convert, on the calling thread. The options that select
// records and recover them count, those of form do not; max_records and reverse are refused. Of the sink only
// report and progress are called; it may be NULL, and so may options and result. A recovered record without a
// definition is left out: what it says has no names. EVX_ERR_IO: the log could not be written, and is of no
// use.
EVX_API evx_status evx_writer_add(evx_writer *writer, evx_reader *reader, const evx_convert_options *options,
                                  const evx_sink *sink, evx_convert_result *result, evx_error *error);

// Writes what is left and the file header. No records may be added afterwards. *ret_records: written;
// *ret_left_out: recovered ones without a definition. Both may be NULL.
EVX_API evx_status evx_writer_finish(evx_writer *writer, uint64_t *ret_records, uint64_t *ret_left_out,
                                     evx_error *error);

// Sets *writer to NULL; NULL is fine. A log that was not finished is of no use.
EVX_API void evx_writer_destroy(evx_writer **writer);

#ifdef __cplusplus
}
#endif

#endif
