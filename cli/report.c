// SPDX-License-Identifier: MIT
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/file.h"
#include "system/process.h"

static bool uses_json;

void report_use_json(bool is_json)
{
    uses_json = is_json;
}

bool report_is_json(void)
{
    return uses_json;
}

// One write per message, so that messages of several processes do not mix.
static void write_whole(const char *text, size_t size)
{
    file_write(PROCESS_ERRORS, text, size); // there is nobody to tell when it fails
}

void report_text(const char *text)
{
    write_whole(text, strlen(text));
}

static void report_formatted(const char *end, const char *format, va_list arguments)
{
    char *text;
    int size = vasprintf(&text, format, arguments);
    if (size < 0)
        return;
    text[size] = *end; // in place of the NUL: write_whole needs none
    write_whole(text, (size_t)size + (*end != '\0'));
    free(text);
}

void report_part(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_formatted("", format, arguments);
    va_end(arguments);
}

void report_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_formatted("\n", format, arguments);
    va_end(arguments);
}

static size_t add(char *buffer, size_t used, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static size_t add(char *buffer, size_t used, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(buffer + used, REPORT_SIZE - used, format, arguments);
    va_end(arguments);
    if (size < 0)
        return used;
    return (size_t)size < REPORT_SIZE - used ? used + (size_t)size : REPORT_SIZE - 1;
}

static void report_block(const char *before, const char *top, const evx_error *error,
                         unsigned first)
{
    char buffer[REPORT_SIZE];
    size_t used = add(buffer, 0, "%s%s\n", before, top);
    unsigned end = error ? error->cause_count : 0;
    if (first < end)
        used = add(buffer, used, "\nCaused by:\n");
    for (unsigned i = first; i < end; i++) {
        if (end - first > 1)
            used = add(buffer, used, "%5u: %s\n", i - first, error->cause[i]);
        else
            used = add(buffer, used, "    %s\n", error->cause[i]);
    }
    write_whole(buffer, used);
}

void report_failure(const char *top, const evx_error *error, unsigned first_cause)
{
    report_block("Error: ", top, error, first_cause);
}

void report_failure_text(const char *top, const char *cause)
{
    if (cause)
        report_line("Error: %s\n\nCaused by:\n    %s", top, cause);
    else
        report_line("Error: %s", top);
}

void report_damage(const evx_error *error)
{
    if (error->status == EVX_NOTE)
        report_block("Note: ", error->cause[0], error, 1);
    else if (error->status == EVX_VALUE_REFUSED) // the record was written, in front of this report
        report_block("", "Dumped a record with a damaged value.", error, 0);
    else
        report_block("", "Failed to dump the next record.", error, 0);
}

void report_place(const char *text, size_t size, uint64_t offset)
{
    if (size == 0 || size > 200 || memchr(text, '\n', size) || offset > size)
        return;
    report_line("  %.*s", (int)size, text);
    report_line("  %*s^", (int)offset, "");
}

void report_os_text(int error_number, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s (os error %d)", file_error_text(error_number), error_number);
}

void report_no_memory(void)
{
    report_text("Error: out of memory\n");
    exit(EXIT_FAILURE);
}
