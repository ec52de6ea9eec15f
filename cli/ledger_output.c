// SPDX-License-Identifier: MIT
#include "ledger_output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "json_text.h"
#include "report.h"
#include "system/memory_file.h"
#include "time_text.h"

static const char *says_of(evx_finding_kind kind)
{
    const struct finding_text *text;
    for (size_t i = 0; (text = finding_text_at(i)) != NULL; i++)
        if (text->kind == kind)
            return text->says;
    return "";
}

static void write_number(FILE *out, uint64_t number, char style)
{
    if (style == 'x') {
        fprintf(out, "0x%08" PRIx64, number);
    } else if (style == 't') {
        char *time = time_text(number);
        fputs(time, out);
        free(time);
    } else {
        fprintf(out, "%" PRIu64, number);
    }
}

void finding_write_says(FILE *out, const evx_finding *finding)
{
    for (const char *at = says_of(finding->kind); *at; at++) {
        if (*at != '{') {
            fputc(*at, out);
            continue;
        }
        write_number(out, finding->numbers[at[1] - '0'], at[2]);
        at = strchr(at, '}');
    }
}

void place_write(FILE *out, uint64_t chunk, uint64_t record_id, uint64_t offset)
{
    if (chunk != EVX_NONE)
        fprintf(out, "chunk %" PRIu64 ", ", chunk);
    if (record_id != EVX_NONE)
        fprintf(out, "record %" PRIu64 ", ", record_id);
    if (offset != EVX_NONE)
        fprintf(out, "offset %" PRIu64, offset);
    else
        fputs("at an unknown place", out);
}

const char *severity_name(evx_severity severity)
{
    static const char *const names[] = {"note", "damage", "loss"};
    return names[severity];
}

static void write_member(FILE *out, const char *name, uint64_t number)
{
    fprintf(out, ",\"%s\":", name);
    json_write_number(out, number);
}

static void write_checksum(FILE *out, const char *name, uint32_t checksum)
{
    fprintf(out, ",\"%s\":\"%08x\"", name, checksum);
}

void region_write_json(FILE *out, const char *file, const evx_region *region)
{
    fputs("{\"file\":", out);
    json_write_text(out, file);
    write_member(out, "offset", region->offset);
    write_member(out, "length", region->length);
    fprintf(out, ",\"kind\":\"%s\"", evx_region_name(region->kind));
    if (region->chunk != EVX_NONE)
        write_member(out, "chunk", region->chunk);
    if (region->record_id != EVX_NONE)
        write_member(out, "record_id", region->record_id);
    if (region->outcome != EVX_OUTCOME_NONE)
        fprintf(out, ",\"outcome\":\"%s\"", evx_outcome_name(region->outcome));
    if (region->has_crc32) {
        write_checksum(out, "crc32_stored", region->crc32_stored);
        write_checksum(out, "crc32_computed", region->crc32_computed);
    }
    if (region->has_records_crc32) {
        write_checksum(out, "records_crc32_stored", region->records_crc32_stored);
        write_checksum(out, "records_crc32_computed", region->records_crc32_computed);
    }
    fputc('}', out);
}

void finding_write_json(FILE *out, const char *file, const evx_finding *finding)
{
    char *says;
    size_t size;
    FILE *text = memory_file_open(&says, &size);
    if (!text)
        report_no_memory();
    finding_write_says(text, finding);
    if (!memory_file_close(text))
        report_no_memory();
    fputc('{', out);
    if (file) {
        fputs("\"file\":", out);
        json_write_text(out, file);
        fputc(',', out);
    }
    fprintf(out, "\"kind\":\"%s\",\"severity\":\"%s\"", evx_finding_name(finding->kind),
            severity_name(finding->severity));
    write_member(out, "count", finding->count);
    write_member(out, "chunk", finding->chunk);
    write_member(out, "record_id", finding->record_id);
    write_member(out, "offset", finding->offset);
    write_member(out, "length", finding->length);
    fprintf(out, ",\"numbers\":[%" PRIu64 ",%" PRIu64 "],\"text\":", finding->numbers[0],
            finding->numbers[1]);
    json_write_text(out, says);
    fputc('}', out);
    free(says);
}

void finding_report_header(const char *file, const evx_file_info *info)
{
    const evx_finding finding = {
        .size = sizeof finding,
        .kind = EVX_FINDING_FILE_CRC32,
        .severity = EVX_SEVERITY_DAMAGE,
        .count = 1,
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .length = EVX_FILE_HEADER_SIZE,
        .numbers = {info->crc32_stored, info->crc32_computed},
    };
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    finding_write_json(out, file, &finding);
    fputc('\n', out);
    if (!memory_file_close(out))
        report_no_memory();
    report_text(text);
    free(text);
}
