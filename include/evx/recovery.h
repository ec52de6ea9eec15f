// SPDX-License-Identifier: MIT
// Recovery of old records with all that is known of a run's inputs.
//
// An old record often outlives the definition of its structure. Another one is taken for it only when it is
// proved: its GUID begins with the id that the record repeats, the names in it have their hashes, and it has a
// place for each value of the record, of the right type. It is looked for in the record's chunk, in the other
// chunks of its input, in the other inputs, and in the pack that the engine uses; of two that fit in one of
// these places neither is taken. Without a definition the values are shown in their order, without names.
//
// Gather all inputs first, then convert them: what is recovered does not depend on the order of work.
#ifndef EVX_RECOVERY_H
#define EVX_RECOVERY_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is known. It belongs to one thread while it is gathered; conversions share it. Its engine must live
// longer, and it longer than the conversions that use it.
typedef struct evx_recovery evx_recovery;

EVX_API evx_status evx_recovery_create(evx_engine *engine, evx_recovery **ret_recovery, evx_error *error);

// Reads an input to its end: its definitions, and its live records, so that old ones that are the same are
// known as duplicates. Inputs are numbered by the caller, in rising order. A stream is copied to a temporary
// file, and can be converted afterwards with the same reader. Damage is passed over.
EVX_API evx_status evx_recovery_gather(evx_recovery *recovery, evx_reader *reader, unsigned input,
                                       evx_error *error);

// Finds chunks, and records without a chunk, wherever they lie in an input of any kind and size: a log without
// its header or with damaged chunks, a disk image, a memory dump. What is found is read as a log whose chunks
// are in the order of the input; the offsets that are told are those in the input. Looks from the offset
// `from` on. The memory that it takes is constant: when much is found the search ends early, and *ret_next says
// where the next one begins; else it is EVX_NONE. The input must live until the reader is closed. Bytes that the
// operating system cannot read are passed over.
EVX_API evx_status evx_open_remains(evx_engine *engine, const evx_input *input, uint64_t from,
                                    evx_reader **ret_reader, uint64_t *ret_next, evx_error *error);

// Sets *recovery to NULL; NULL is fine.
EVX_API void evx_recovery_destroy(evx_recovery **recovery);

#ifdef __cplusplus
}
#endif

#endif
