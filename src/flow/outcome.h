// SPDX-License-Identifier: MIT
// What becomes of a record in which something is wrong: it is shown with notes, refused with an
// error, or withheld with a note that says why.
#ifndef EVX_FLOW_OUTCOME_H
#define EVX_FLOW_OUTCOME_H

#include "flow/worker.h"

// Whether a record with a fault, or with notes, or of a cut chunk, is shown.
EVX_COLD enum take_state outcome_judge(struct worker *worker, const struct record *record,
                                       bool is_taken, evx_error *ret_error);

// What is to be told of a record that is shown.
EVX_COLD void outcome_collect_notes(struct worker *worker, const struct record *record);

// Adds to worker->notes that a query gave up on the record.
EVX_COLD void outcome_tell_given_up(struct worker *worker, const struct record *record);

#endif
