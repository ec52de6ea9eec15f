// SPDX-License-Identifier: MIT
// The 4096-byte block in front of the chunks. Nothing in it is needed to decode a chunk.
#ifndef EVX_CONTAINER_FILE_HEADER_H
#define EVX_CONTAINER_FILE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>

// `bytes` is the whole header block. False when the magic is wrong; a wrong checksum is no failure.
bool file_header_parse(const uint8_t *bytes, evx_file_info *ret_info);

// Slots that the reference expects in a file of this size (its chunk count): a slot below this
// number that is not there is an error, one behind it ends the input.
uint64_t file_slot_count(const evx_file_info *info, uint64_t size_bytes);

// The slot that is read at this place when reading starts at `start` and goes round at the end of
// `count` slots (EVX_NONE: a stream, which has no known end).
uint64_t slot_in_order(uint64_t start, uint64_t count, uint64_t index);

// File offset of a slot. The header block is taken as 4096 bytes whatever the header says.
uint64_t slot_offset(uint64_t slot);

// Whole slots that lie in a file of this size, by the same rule.
uint64_t whole_slot_count(uint64_t size_bytes);

#endif
