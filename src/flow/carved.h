// SPDX-License-Identifier: MIT
// Records that were carved: each is proved as a whole before anything of it is written.
#ifndef EVX_FLOW_CARVED_H
#define EVX_FLOW_CARVED_H

#include "flow/worker.h"

// The record that the walk gave, which was carved. Carving goes on behind it, or in it.
EVX_COLD enum record_state carved_take(struct worker *worker, const struct job_options *options,
                                       struct payload *const *payloads, const struct record *record,
                                       evx_error *ret_error);

// Of a live record that has been read, or could not be: other records may lie behind its event.
EVX_COLD void carved_look_inside(struct worker *worker, const struct record *record, bool is_read);

#endif
