// SPDX-License-Identifier: MIT
// What is odd about a log, as data: one finding of each kind for a chunk, or for the file.
#ifndef EVX_LEDGER_FINDINGS_H
#define EVX_LEDGER_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <evx/ledger.h>

#include "container/span.h"

// Where one is found.
struct finding_place {
    uint64_t chunk, record_id, offset, length;
};

struct findings {
    evx_finding kinds[EVX_FINDING_KINDS]; // count 0: nothing
};

void findings_clear(struct findings *findings);

// The first of a kind keeps its place and its numbers. Returns what is kept.
evx_finding *findings_add(struct findings *findings, evx_finding_kind kind,
                          const struct finding_place *place, uint64_t first, uint64_t second);

evx_severity finding_severity(evx_finding_kind kind);

#endif
