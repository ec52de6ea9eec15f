// SPDX-License-Identifier: MIT
// The short names of what a ledger tells.
#include <evx/ledger.h>

static const char unknown[] = "unknown";

#define NAME_OF(names, value)                                                                      \
    ((unsigned)(value) < sizeof(names) / sizeof *(names) && (names)[value] ? (names)[value]        \
                                                                           : unknown)

const char *evx_region_name(evx_region_kind kind)
{
    static const char *const names[EVX_REGION_KINDS] = {
        [EVX_REGION_NONE] = "none",
        [EVX_REGION_FILE_HEADER] = "file-header",
        [EVX_REGION_CHUNK_HEADER] = "chunk-header",
        [EVX_REGION_NAME_TABLE] = "name-table",
        [EVX_REGION_TEMPLATE_TABLE] = "template-table",
        [EVX_REGION_RECORD] = "record",
        [EVX_REGION_RECOVERED] = "recovered",
        [EVX_REGION_DAMAGED] = "damaged",
        [EVX_REGION_FREE] = "free",
        [EVX_REGION_SLACK] = "slack",
        [EVX_REGION_ZERO] = "zero",
        [EVX_REGION_FOREIGN] = "foreign",
        [EVX_REGION_LEFT_OUT] = "left-out",
        [EVX_REGION_UNREAD] = "unread",
        [EVX_REGION_UNREADABLE] = "unreadable",
    };
    return NAME_OF(names, kind);
}

const char *evx_outcome_name(evx_record_outcome outcome)
{
    static const char *const names[EVX_RECORD_OUTCOMES] = {
        [EVX_OUTCOME_NONE] = "none",         [EVX_OUTCOME_RENDERED] = "rendered",
        [EVX_OUTCOME_PARTLY] = "partly",     [EVX_OUTCOME_DAMAGED] = "damaged",
        [EVX_OUTCOME_FILTERED] = "filtered",
    };
    return NAME_OF(names, outcome);
}

const char *evx_finding_name(evx_finding_kind kind)
{
    static const char *const names[EVX_FINDING_KINDS] = {
        [EVX_FINDING_NONE] = "none",
        [EVX_FINDING_FILE_CRC32] = "file-crc32",
        [EVX_FINDING_FILE_DIRTY] = "file-dirty",
        [EVX_FINDING_FILE_FULL] = "file-full",
        [EVX_FINDING_FILE_FLAGS] = "file-flags",
        [EVX_FINDING_FILE_CHUNKS] = "file-chunks",
        [EVX_FINDING_FILE_NEXT_ID] = "file-next-id",
        [EVX_FINDING_CHUNK_CRC32] = "chunk-crc32",
        [EVX_FINDING_RECORDS_CRC32] = "records-crc32",
        [EVX_FINDING_FREE_OFFSET] = "free-offset",
        [EVX_FINDING_CHUNK_IDS] = "chunk-ids",
        [EVX_FINDING_CHUNK_NUMBERS] = "chunk-numbers",
        [EVX_FINDING_CHUNK_ORDER] = "chunk-order",
        [EVX_FINDING_CHUNK_GAP] = "chunk-gap",
        [EVX_FINDING_ID_GAP] = "id-gap",
        [EVX_FINDING_ID_REPEAT] = "id-repeat",
        [EVX_FINDING_GENERATIONS] = "generations",
        [EVX_FINDING_TIME_BACK] = "time-back",
        [EVX_FINDING_CREATED_LATER] = "created-later",
        [EVX_FINDING_CREATED_EARLY] = "created-early",
        [EVX_FINDING_EVENT_ID_SHIFT] = "event-id-shift",
        [EVX_FINDING_SIZE_COPY] = "size-copy",
        [EVX_FINDING_RECORD_TAIL] = "record-tail",
        [EVX_FINDING_HIDDEN_RECORD] = "hidden-record",
        [EVX_FINDING_BEHIND_FREE] = "behind-free",
        [EVX_FINDING_FOREIGN_TAIL] = "foreign-tail",
        [EVX_FINDING_LOG_CLEARED] = "log-cleared",
    };
    return NAME_OF(names, kind);
}

const char *evx_verdict_name(evx_verdict verdict)
{
    static const char *const names[] = {
        [EVX_VERDICT_INTACT] = "intact",
        [EVX_VERDICT_UNREADABLE] = "cannot be read",
        [EVX_VERDICT_LOST] = "records lost",
        [EVX_VERDICT_DAMAGED] = "damaged",
        [EVX_VERDICT_NOT_A_LOG] = "not an event log",
    };
    return NAME_OF(names, verdict);
}
