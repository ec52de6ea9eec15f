// SPDX-License-Identifier: MIT
// The texts of findings.def.
#ifndef EVX_CLI_FINDINGS_H
#define EVX_CLI_FINDINGS_H

#include <stddef.h>
#include <stdio.h>

#include <evx/ledger.h>

struct finding_text {
    evx_finding_kind kind;
    const char *name, *says, *means, *innocent;
};

// By place, from 0; NULL behind the last.
const struct finding_text *finding_text_at(size_t index);

#endif
