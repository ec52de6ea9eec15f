// SPDX-License-Identifier: MIT
// Which fault a lost record is reported with: see first_fault.c.
#ifndef EVX_COMPAT_FIRST_FAULT_H
#define EVX_COMPAT_FIRST_FAULT_H

#include "decode/decoder.h"

// For every decoder whose faults are told in the reference's order.
extern const struct decode_hooks first_fault_hooks;

// A record that these bytes are has failed. True: in the reference, too, and the decoder's fault is
// now the one that it meets first. False: the reference shows it. What was decoded of the record is
// gone.
EVX_COLD EVX_MUST_USE bool first_fault_find(struct decoder *decoder, uint32_t start, uint32_t end);

#endif
