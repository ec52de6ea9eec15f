// SPDX-License-Identifier: MIT
// The 4096-byte block in front of the chunks. Nothing in it is needed to decode a chunk.
#ifndef EVX_CONTAINER_FILE_HEADER_H
#define EVX_CONTAINER_FILE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

#include "container/note.h"

// `bytes` is the whole header block. False when the magic is wrong; a wrong checksum is no failure.
bool file_header_parse(const uint8_t *bytes, evx_file_info *ret_info);

// Slots that the reference expects in a file of this size (its chunk count): a slot below this
// number that is not there is an error, one behind it ends the input.
uint64_t file_slot_count(const evx_file_info *info, uint64_t size_bytes);

// Whether the header promises more chunks than a file of this size begins. The count wraps at
// 65536: that the file has more proves nothing.
bool file_promises_more(const evx_file_info *info, uint64_t size_bytes, struct note *ret_note);

// The slot that is read at this place when reading starts at `start` and goes round at the end of
// `count` slots (EVX_NONE: a stream, which has no known end).
uint64_t slot_in_order(uint64_t start, uint64_t count, uint64_t index);

// File offset of a slot. The header block is taken as 4096 bytes whatever the header says.
uint64_t slot_offset(uint64_t slot);

// Slots that lie in a file of this size, by the same rule: whole ones, and with a last one that is
// cut.
uint64_t whole_slot_count(uint64_t size_bytes);
uint64_t begun_slot_count(uint64_t size_bytes);

#endif
