// SPDX-License-Identifier: MIT
// What the programs say on the standard error stream, in the reference's forms. A stream that
// cannot be written is no reason to lose records: write errors are ignored.
#ifndef EVX_CLI_REPORT_H
#define EVX_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <evx/evx.h>

enum {
    REPORT_SIZE = 64 << 10, // longest message; longer ones are cut
};

void report_text(const char *text);
// A line that goes on.
__attribute__((format(printf, 1, 2))) void report_part(const char *format, ...);
__attribute__((format(printf, 1, 2))) void report_line(const char *format, ...);

// From now on what is wrong with inputs is said as JSON (problem.h).
void report_use_json(bool is_json);
bool report_is_json(void);

// "Error: TOP", then the causes from first_cause on.
void report_failure(const char *top, const evx_error *error, unsigned first_cause);
// The same with one cause, or with none (NULL).
void report_failure_text(const char *top, const char *cause);
// "Failed to dump the next record.", then all causes. Notes begin otherwise: a note on the log with
// "Note: ".
void report_damage(const evx_error *error);

// A place in what the user gave, with a caret below it, where that is one short line.
void report_place(const char *text, size_t size, uint64_t offset);

// "strerror text (os error N)"
void report_os_text(int error_number, char *buffer, size_t size);

__attribute__((noreturn)) void report_no_memory(void);

#endif
