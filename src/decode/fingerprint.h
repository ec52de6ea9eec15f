// SPDX-License-Identifier: MIT
// What a record says, as a number: of two that are the same event, written twice, it is the same,
// wherever their definitions stand.
#ifndef EVX_DECODE_FINGERPRINT_H
#define EVX_DECODE_FINGERPRINT_H

#include "container/record.h"

// Never 0. The record lies in what is loaded of the chunk.
uint64_t record_fingerprint(const struct chunk *chunk, const struct record *record);

#endif
