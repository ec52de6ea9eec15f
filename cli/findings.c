// SPDX-License-Identifier: MIT
#include "findings.h"

static const struct finding_text texts[] = {
#define FINDING(kind, name, says, means, innocent)                                                 \
    {EVX_FINDING_##kind, name, says, means, innocent},
#include "findings.def"
#undef FINDING
};

const struct finding_text *finding_text_at(size_t index)
{
    return index < sizeof texts / sizeof *texts ? &texts[index] : NULL;
}
