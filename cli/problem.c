// SPDX-License-Identifier: MIT
#include "problem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "report.h"
#include "system/memory_file.h"

const char *problem_name(evx_damage kind, char *buffer)
{
    static const char prefix[] = "EVX_DAMAGE_";
    const char *name = evx_damage_name(kind);
    size_t size = 0;
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    for (; *name && size < 63; name++)
        buffer[size++] = *name == '_' ? '-' : (char)tolower((unsigned char)*name);
    buffer[size] = '\0';
    return buffer;
}

const char *problem_severity(evx_status status)
{
    return status < 0 ? "error" : status == EVX_VALUE_REFUSED ? "value" : "note";
}

// The causes, the outermost first.
static char *text_of(const evx_error *error)
{
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    for (unsigned i = 0; i < error->cause_count; i++)
        fprintf(out, "%s%s", i ? ": " : "", error->cause[i]);
    if (error->cause_count == 0)
        fputs(evx_status_name(error->status), out);
    if (!memory_file_close(out))
        report_no_memory();
    return text;
}

static void write_member(FILE *out, const char *name, uint64_t number)
{
    fprintf(out, ",\"%s\":", name);
    json_write_number(out, number);
}

void problem_write_json(FILE *out, const char *file, const evx_error *error)
{
    char name[64];
    char *text = text_of(error);
    fputc('{', out);
    if (file) {
        fputs("\"file\":", out);
        json_write_text(out, file);
        fputc(',', out);
    }
    fprintf(out, "\"kind\":\"%s\",\"code\":%d,\"severity\":\"%s\"", problem_name(error->kind, name),
            (int)error->kind, problem_severity(error->status));
    write_member(out, "chunk", error->chunk);
    write_member(out, "record_id", error->record_id);
    write_member(out, "offset", error->offset);
    write_member(out, "length", error->length);
    fputs(",\"text\":", out);
    json_write_text(out, text);
    fputc('}', out);
    free(text);
}

void problem_report(const char *file, const evx_error *error)
{
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    problem_write_json(out, file, error);
    fputc('\n', out);
    if (!memory_file_close(out))
        report_no_memory();
    report_text(text);
    free(text);
}

void problem_report_input(const char *file, evx_damage kind, const char *what, const char *why)
{
    evx_error error = {
        .status = EVX_ERR_IO,
        .kind = kind,
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .offset = EVX_NONE,
        .length = EVX_NONE,
        .cause_count = 2,
    };
    snprintf(error.cause[0], sizeof error.cause[0], "%s", what);
    snprintf(error.cause[1], sizeof error.cause[1], "%s", why);
    problem_report(file, &error);
}
