// SPDX-License-Identifier: MIT
// Records that were carved: each is proved as a whole before anything of it is written.
#ifndef EVX_FLOW_CARVED_H
#define EVX_FLOW_CARVED_H

#include "flow/worker.h"

// The record that the walk gave, which was carved. Carving goes on behind it, or in it.
EVX_COLD enum record_state carved_take(struct worker *worker, const struct job_options *options,
                                       struct payload *const *payloads, const struct record *record,
                                       evx_error *ret_error);

// Behind a live record, of which `state` has become: other records may lie behind its event; and
// one that is not shown, because its definitions are damaged, may be proved with others. What has
// become of it then.
EVX_COLD enum take_state carved_after_live(struct worker *worker, struct payload *const *payloads,
                                           struct record *record, enum take_state state);

#endif
