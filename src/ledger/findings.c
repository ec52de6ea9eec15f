// SPDX-License-Identifier: MIT
#include "ledger/findings.h"

#include <string.h>

#include "base/check.h"

void findings_clear(struct findings *findings)
{
    for (int i = 0; i < EVX_FINDING_KINDS; i++)
        findings->kinds[i].count = 0;
}

evx_severity finding_severity(evx_finding_kind kind)
{
    static const uint8_t severities[EVX_FINDING_KINDS] = {
        [EVX_FINDING_FILE_CRC32] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_FILE_CHUNKS] = EVX_SEVERITY_LOSS,
        [EVX_FINDING_CHUNK_CRC32] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_RECORDS_CRC32] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_FREE_OFFSET] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_CHUNK_IDS] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_CHUNK_ORDER] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_CHUNK_GAP] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_ID_GAP] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_ID_REPEAT] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_GENERATIONS] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_SIZE_COPY] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_RECORD_TAIL] = EVX_SEVERITY_DAMAGE,
        [EVX_FINDING_HIDDEN_RECORD] = EVX_SEVERITY_LOSS,
        [EVX_FINDING_BEHIND_FREE] = EVX_SEVERITY_LOSS,
    };
    EVX_CHECK(kind < EVX_FINDING_KINDS);
    return (evx_severity)severities[kind]; // the others: EVX_SEVERITY_NOTE
}

evx_finding *findings_add(struct findings *findings, evx_finding_kind kind,
                          const struct finding_place *place, uint64_t first, uint64_t second)
{
    EVX_CHECK(kind > EVX_FINDING_NONE && kind < EVX_FINDING_KINDS);
    evx_finding *finding = &findings->kinds[kind];
    if (finding->count++ == 0)
        *finding = (evx_finding){
            .size = sizeof *finding,
            .kind = kind,
            .severity = finding_severity(kind),
            .count = 1,
            .chunk = place->chunk,
            .record_id = place->record_id,
            .offset = place->offset,
            .length = place->length,
            .numbers = {first, second},
        };
    return finding;
}
