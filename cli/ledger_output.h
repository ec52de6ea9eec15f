// SPDX-License-Identifier: MIT
// What a ledger tells, as text and as JSON.
#ifndef EVX_CLI_LEDGER_OUTPUT_H
#define EVX_CLI_LEDGER_OUTPUT_H

#include <stdio.h>

#include <evx/ledger.h>

// What a finding says, without its place.
void finding_write_says(FILE *out, const evx_finding *finding);
// "chunk 3, record 17, offset 200704", as far as it is known.
void place_write(FILE *out, uint64_t chunk, uint64_t record_id, uint64_t offset);

// One object each, without a line end.
void region_write_json(FILE *out, const char *file, const evx_region *region);
// file may be NULL: it is not told then.
void finding_write_json(FILE *out, const char *file, const evx_finding *finding);
// On the standard error stream: the checksum of a file header is wrong.
void finding_report_header(const char *file, const evx_file_info *info);

const char *severity_name(evx_severity severity);

#endif
