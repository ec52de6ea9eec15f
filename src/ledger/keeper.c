// SPDX-License-Identifier: MIT
#include "ledger/keeper.h"

#include "base/check.h"
#include "container/file_header.h"

static evx_status tell_region(struct ledger *ledger, const evx_region *region)
{
    const evx_ledger_sink *sink = ledger->sink;
    EVX_CHECK(region->kind > EVX_REGION_NONE && region->kind < EVX_REGION_KINDS);
    EVX_CHECK(region->length > 0);
    ledger->bytes += region->length;
    ledger->result.region_bytes[region->kind] += region->length;
    if (region->kind == EVX_REGION_UNREADABLE)
        ledger->is_unreadable = true;
    return sink && sink->region && sink->region(sink->context, region) ? EVX_ERR_SINK : EVX_OK;
}

static evx_status tell_finding(struct ledger *ledger, const evx_finding *finding)
{
    const evx_ledger_sink *sink = ledger->sink;
    EVX_CHECK(finding->count > 0);
    if (finding->severity > ledger->worst)
        ledger->worst = finding->severity;
    ledger->result.findings++;
    return sink && sink->finding && sink->finding(sink->context, finding) ? EVX_ERR_SINK : EVX_OK;
}

static evx_status tell_findings(struct ledger *ledger, const struct findings *findings)
{
    evx_status status = EVX_OK;
    for (int i = 0; i < EVX_FINDING_KINDS && status == EVX_OK; i++)
        if (findings->kinds[i].count > 0)
            status = tell_finding(ledger, &findings->kinds[i]);
    return status;
}

evx_status ledger_start(struct ledger *ledger, const evx_ledger_sink *sink,
                        const evx_file_info *info)
{
    *ledger = (struct ledger){.sink = sink, .info = info};
    const evx_region header = {
        .size = sizeof header,
        .kind = EVX_REGION_FILE_HEADER,
        .length = FILE_HEADER_BLOCK_BYTES,
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .has_crc32 = !(info->flags & EVTX_FLAG_NO_CRC32),
        .crc32_stored = info->crc32_stored,
        .crc32_computed = info->crc32_computed,
    };
    return tell_region(ledger, &header);
}

// ---- chunks and their neighbours ----------------------------------------------------------------

static void compare(struct findings *findings, uint64_t slot, const struct chunk_facts *before,
                    const struct chunk_facts *facts)
{
    const struct finding_place place = {
        .chunk = slot,
        .record_id = facts->first_id,
        .offset = facts->first_offset,
        .length = EVX_NONE,
    };
    if (facts->first_id <= before->last_id)
        findings_add(findings, EVX_FINDING_CHUNK_ORDER, &place, facts->first_id, before->last_id);
    else if (facts->first_id - before->last_id > 1)
        findings_add(findings, EVX_FINDING_CHUNK_GAP, &place, facts->first_id, before->last_id);
    if (facts->first_time < before->last_time)
        findings_add(findings, EVX_FINDING_TIME_BACK, &place, facts->first_time, before->last_time);
}

static void note_trailing(struct ledger *ledger, const struct tile *tile)
{
    const evx_region *regions = tile->regions.items;
    for (size_t i = 0; i < tile->regions.count; i++) {
        if (regions[i].kind == EVX_REGION_FOREIGN) {
            if (ledger->trailing_foreign == 0)
                ledger->trailing_offset = regions[i].offset;
            ledger->trailing_foreign += regions[i].length;
        } else if (tile->facts.has_header) {
            ledger->trailing_foreign = 0;
        }
    }
}

// Records that were not wanted any more are told as such.
static evx_status tell_regions(struct ledger *ledger, const struct tile *tile,
                               struct shown_range shown)
{
    const evx_region *regions = tile->regions.items;
    uint64_t number = 0;
    evx_status status = EVX_OK;
    for (size_t i = 0; i < tile->regions.count && status == EVX_OK; i++) {
        evx_region region = regions[i];
        if (region.outcome == EVX_OUTCOME_RENDERED || region.outcome == EVX_OUTCOME_PARTLY) {
            if (number < shown.first || number >= shown.end)
                region.outcome = EVX_OUTCOME_FILTERED;
            number++;
        }
        status = tell_region(ledger, &region);
    }
    return status;
}

evx_status ledger_take(struct ledger *ledger, const struct tile *tile, struct shown_range shown)
{
    struct findings findings = tile->findings;
    EVX_CHECK(tile->is_set);
    ledger->slots++;
    ledger->used += tile->facts.has_header;
    ledger->is_short |= tile->is_short;
    for (int i = 0; i < EVX_RECORD_OUTCOMES; i++)
        ledger->result.records[i] += tile->records[i];
    note_trailing(ledger, tile);
    if (tile->facts.has_records) {
        if (ledger->has_records)
            compare(&findings, tile->slot, &ledger->before, &tile->facts);
        if (!ledger->has_records || tile->facts.last_id > ledger->highest_id)
            ledger->highest_id = tile->facts.last_id;
        ledger->before = tile->facts;
        ledger->has_records = true;
    }
    evx_status status = tell_regions(ledger, tile, shown);
    return status == EVX_OK ? tell_findings(ledger, &findings) : status;
}

evx_status ledger_leave(struct ledger *ledger, uint64_t first, uint64_t end, uint64_t size_bytes)
{
    const uint64_t begin = slot_offset(first);
    uint64_t limit = slot_offset(end);
    EVX_CHECK(first <= end);
    if (limit > size_bytes)
        limit = size_bytes;
    if (begin >= limit)
        return EVX_OK;
    const evx_region region = {
        .size = sizeof region,
        .kind = EVX_REGION_UNREAD,
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .offset = begin,
        .length = limit - begin,
    };
    return tell_region(ledger, &region);
}

// ---- the verdict --------------------------------------------------------------------------------

void ledger_judge(struct ledger *ledger, const evx_error *error)
{
    evx_severity severity = EVX_SEVERITY_LOSS;
    switch (error->kind) {
    case EVX_DAMAGE_INPUT_READ:
    case EVX_DAMAGE_CHUNK_READ:
        ledger->is_unreadable = true;
        break;
    case EVX_DAMAGE_CHUNK_CUT:
    case EVX_DAMAGE_CHUNK_LEFT_OUT:
    case EVX_DAMAGE_RECORD_TAIL:
        severity = EVX_SEVERITY_DAMAGE;
        break;
    default:
        if (error->status == EVX_VALUE_REFUSED)
            severity = EVX_SEVERITY_DAMAGE;
    }
    ledger->result.reports++;
    if (severity > ledger->worst)
        ledger->worst = severity;
}

// What the file header says against what there is.
static void check_header(const struct ledger *ledger, struct findings *findings,
                         uint64_t size_bytes)
{
    const evx_file_info *info = ledger->info;
    const uint32_t known = EVTX_FLAG_DIRTY | EVTX_FLAG_FULL | EVTX_FLAG_NO_CRC32;
    const struct finding_place place = {EVX_NONE, EVX_NONE, 0, FILE_HEADER_BLOCK_BYTES};
    struct note missing;
    if (!(info->flags & EVTX_FLAG_NO_CRC32) && info->crc32_stored != info->crc32_computed)
        findings_add(findings, EVX_FINDING_FILE_CRC32, &place, info->crc32_stored,
                     info->crc32_computed);
    if (info->flags & EVTX_FLAG_DIRTY)
        findings_add(findings, EVX_FINDING_FILE_DIRTY, &place, info->flags, 0);
    if (info->flags & EVTX_FLAG_FULL)
        findings_add(findings, EVX_FINDING_FILE_FULL, &place, info->flags, 0);
    if (info->flags & ~known)
        findings_add(findings, EVX_FINDING_FILE_FLAGS, &place, info->flags, 0);
    if (file_promises_more(info, size_bytes, &missing))
        findings_add(findings, EVX_FINDING_FILE_CHUNKS, &place, missing.declared, missing.present);
    if (!ledger->has_records || info->next_record_id == ledger->highest_id + 1)
        return;
    evx_finding *next = findings_add(findings, EVX_FINDING_FILE_NEXT_ID, &place,
                                     info->next_record_id, ledger->highest_id + 1);
    if (!(info->flags & EVTX_FLAG_DIRTY)) // else the header is written when the log is closed
        next->severity = EVX_SEVERITY_DAMAGE;
}

evx_status ledger_end(struct ledger *ledger, uint64_t size_bytes)
{
    struct findings findings;
    findings_clear(&findings);
    check_header(ledger, &findings, size_bytes);
    if (ledger->trailing_foreign > 0) {
        const struct finding_place place = {EVX_NONE, EVX_NONE, ledger->trailing_offset,
                                            ledger->trailing_foreign};
        findings_add(&findings, EVX_FINDING_FOREIGN_TAIL, &place, ledger->trailing_foreign, 0);
    }
    evx_status status = tell_findings(ledger, &findings);
    if (ledger->result.records[EVX_OUTCOME_DAMAGED] > 0)
        ledger->worst = EVX_SEVERITY_LOSS;
    ledger->result.size_bytes = ledger->bytes;
    ledger->result.verdict = ledger->is_unreadable                  ? EVX_VERDICT_UNREADABLE
                             : ledger->worst == EVX_SEVERITY_LOSS   ? EVX_VERDICT_LOST
                             : ledger->worst == EVX_SEVERITY_DAMAGE ? EVX_VERDICT_DAMAGED
                                                                    : EVX_VERDICT_INTACT;
    return status;
}

void ledger_close(const struct ledger *ledger, uint64_t size_bytes)
{
    EVX_CHECK(ledger->is_short || ledger->bytes == size_bytes);
}
