// SPDX-License-Identifier: MIT
// A whole input read for its ledger alone: nothing comes of it but what is told of it.
#ifndef EVX_FLOW_VERIFICATION_H
#define EVX_FLOW_VERIFICATION_H

#include "emit/count.h"
#include "flow/ring.h"
#include "ledger/keeper.h"
#include "ledger/witness.h"

struct verification {
    struct job job; // but for its chain
    struct witness witness;
    struct count_consumer check;
    const evx_ledger_sink *sink; // NULL: nobody is told
};

// Sets *ret_result but for its size with EVX_OK.
evx_status verify_run(struct verification *verification, evx_verify_result *ret_result,
                      evx_error *error);

// Tells the ledger of a run that ended early which slots were not read.
EVX_MUST_USE evx_status tell_unread(struct ledger *ledger, const struct job *job);

#endif
