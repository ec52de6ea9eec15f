// SPDX-License-Identifier: MIT
// evtx_dump info and evx info: what the headers say.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "output.h"
#include "report.h"
#include "system/memory_file.h"

enum {
    COLUMN_COUNT = 7,
    CELL_SIZE = 48,
};

struct chunk {
    evx_chunk_info info;
    char *problem; // of an unreadable one
};

struct chunk_list {
    struct chunk *items;
    size_t count;
};

struct totals {
    uint64_t used, empty, unreadable, records, failing;
};

typedef char cell[CELL_SIZE];

static void format_flags(uint32_t flags, bool of_file, char *buffer, size_t size)
{
    char rest[16];
    uint32_t known = EVX_FLAG_DIRTY | EVX_FLAG_NO_CRC32 | (of_file ? EVX_FLAG_FULL : 0);
    snprintf(rest, sizeof rest, "0x%" PRIx32, flags & ~known);
    const char *const names[] = {
        flags & EVX_FLAG_DIRTY ? "DIRTY" : NULL,
        of_file && flags & EVX_FLAG_FULL ? "FULL" : NULL,
        flags & EVX_FLAG_NO_CRC32 ? "NO_CRC32" : NULL,
        flags & ~known ? rest : NULL,
    };
    int used = snprintf(buffer, size, "%s", flags ? "" : "none");
    const char *separator = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i])
            continue;
        used += snprintf(buffer + used, size - (size_t)used, "%s%s", separator, names[i]);
        separator = " | ";
    }
}

static void write_header(FILE *out, const evx_file_info *info)
{
    char flags[64];
    uint64_t size =
        info->size_bytes > EVX_FILE_HEADER_SIZE ? info->size_bytes - EVX_FILE_HEADER_SIZE : 0;
    format_flags(info->flags, true, flags, sizeof flags);
    fprintf(out, "File header\n  %-16s %u.%u\n  %-16s %s\n  %-16s ", "Version", info->major_version,
            info->minor_version, "Flags", flags, "CRC32");
    if (info->flags & EVX_FLAG_NO_CRC32)
        fputs("none (NO_CRC32)\n", out);
    else if (info->crc32_stored == info->crc32_computed)
        fprintf(out, "ok (0x%08x)\n", info->crc32_stored);
    else
        fprintf(out, "BAD (stored 0x%08x, computed 0x%08x)\n", info->crc32_stored,
                info->crc32_computed);
    fprintf(out, "  %-16s %" PRIu64 "\n", "First chunk", info->first_chunk);
    fprintf(out, "  %-16s %" PRIu64 "\n", "Last chunk", info->last_chunk);
    fprintf(out, "  %-16s %" PRIu64 "\n", "Next record ID", info->next_record_id);
    fprintf(out, "  %-16s %u (the file has room for %" PRIu64 ")\n", "Chunk count",
            info->chunk_count, size / EVX_CHUNK_SIZE);
    fprintf(out, "  %-16s %u (block %u)\n", "Header size", info->header_size, info->block_size);
    if (size % EVX_CHUNK_SIZE)
        fprintf(out, "  %-16s %" PRIu64 ", after the last chunk\n", "Trailing bytes",
                size % EVX_CHUNK_SIZE);
}

static bool is_failing(const evx_chunk_info *chunk)
{
    return chunk->state == EVX_CHUNK_HAS_HEADER && !(chunk->flags & EVX_FLAG_NO_CRC32) &&
           !(chunk->header_crc32_ok && chunk->records_crc32_ok);
}

// The cells of a row; those of chunks without a header are the first two.
static size_t format_row(const evx_chunk_info *chunk, uint64_t number, cell cells[COLUMN_COUNT])
{
    snprintf(cells[0], CELL_SIZE, "%" PRIu64, number);
    snprintf(cells[1], CELL_SIZE, "0x%08" PRIx64, EVX_FILE_HEADER_SIZE + number * EVX_CHUNK_SIZE);
    if (chunk->state != EVX_CHUNK_HAS_HEADER)
        return 2;
    bool checked = !(chunk->flags & EVX_FLAG_NO_CRC32);
    snprintf(cells[2], CELL_SIZE, "%" PRIu64 "-%" PRIu64, chunk->first_number, chunk->last_number);
    snprintf(cells[3], CELL_SIZE, "%" PRIu64 "-%" PRIu64, chunk->first_id, chunk->last_id);
    format_flags(chunk->flags, false, cells[4], CELL_SIZE);
    snprintf(cells[5], CELL_SIZE, "%s", !checked ? "none" : chunk->header_crc32_ok ? "ok" : "BAD");
    snprintf(cells[6], CELL_SIZE, "%s", !checked ? "none" : chunk->records_crc32_ok ? "ok" : "BAD");
    return COLUMN_COUNT;
}

static const cell headings[COLUMN_COUNT] = {
    "Chunk", "Offset", "Record numbers", "Record IDs", "Flags", "Header CRC32", "Records CRC32",
};

static void write_cells(FILE *out, const cell *cells, size_t count, const int *widths, bool more)
{
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count || more)
            fprintf(out, "%-*s  ", widths[i], cells[i]);
        else
            fprintf(out, "%s", cells[i]);
    }
}

static void write_table(FILE *out, const struct chunk_list *chunks)
{
    cell cells[COLUMN_COUNT];
    int widths[COLUMN_COUNT];
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        widths[i] = (int)strlen(headings[i]);
    for (size_t row = 0; row < chunks->count; row++) {
        size_t count = format_row(&chunks->items[row].info, row, cells);
        for (size_t i = 0; i < count; i++) {
            if ((int)strlen(cells[i]) > widths[i])
                widths[i] = (int)strlen(cells[i]);
        }
    }
    fputc('\n', out);
    write_cells(out, headings, COLUMN_COUNT, widths, false);
    fputc('\n', out);
    for (size_t row = 0; row < chunks->count; row++) {
        const struct chunk *chunk = &chunks->items[row];
        size_t count = format_row(&chunk->info, row, cells);
        write_cells(out, (const cell *)cells, count, widths, count < COLUMN_COUNT);
        if (chunk->info.state == EVX_CHUNK_EMPTY)
            fputs("empty", out);
        else if (chunk->problem)
            fprintf(out, "unreadable: %s", chunk->problem);
        fputc('\n', out);
    }
}

static struct totals add_up(const struct chunk_list *chunks)
{
    struct totals totals = {0};
    for (size_t i = 0; i < chunks->count; i++) {
        const evx_chunk_info *chunk = &chunks->items[i].info;
        totals.used += chunk->state == EVX_CHUNK_HAS_HEADER;
        totals.empty += chunk->state == EVX_CHUNK_EMPTY;
        totals.unreadable += chunk->state == EVX_CHUNK_UNREADABLE;
        totals.failing += is_failing(chunk);
        // A cleared chunk says 1 to 2^64-1 and holds nothing.
        if (chunk->state == EVX_CHUNK_HAS_HEADER && chunk->last_number >= chunk->first_number &&
            chunk->last_number != UINT64_MAX)
            totals.records += chunk->last_number - chunk->first_number + 1;
    }
    return totals;
}

static void write_sum(FILE *out, const struct chunk_list *chunks)
{
    struct totals t = add_up(chunks);
    fprintf(out,
            "\n%zu chunk%s: %" PRIu64 " with records, %" PRIu64 " empty, %" PRIu64 " unreadable. "
            "%" PRIu64 " records by the chunk headers. %" PRIu64 " chunk%s a CRC32 check.\n",
            chunks->count, chunks->count == 1 ? "" : "s", t.used, t.empty, t.unreadable, t.records,
            t.failing, t.failing == 1 ? " fails" : "s fail");
}

static const char *innermost_cause(const evx_error *error)
{
    return error->cause_count ? error->cause[error->cause_count - 1] : NULL;
}

// What is wrong with a chunk, to whom it is said which one it is.
static char *describe_problem(const evx_error *error)
{
    char *text;
    const char *before =
        error->kind == EVX_DAMAGE_CHUNK_MAGIC ? "Failed to parse chunk header: " : "";
    if (asprintf(&text, "%s%s", before, innermost_cause(error)) < 0)
        report_no_memory();
    return text;
}

static evx_status read_chunks(evx_reader *reader, struct chunk_list *ret_chunks, evx_error *error)
{
    size_t room = 0;
    for (;;) {
        if (ret_chunks->count == room) {
            room = room ? room * 2 : 64;
            struct chunk *items = realloc(ret_chunks->items, room * sizeof *items);
            if (!items)
                report_no_memory();
            ret_chunks->items = items;
        }
        struct chunk *chunk = &ret_chunks->items[ret_chunks->count];
        evx_status status = evx_get_chunk_info(reader, ret_chunks->count, &chunk->info, error);
        chunk->problem = NULL;
        if (status == EVX_ERR_CHUNK)
            chunk->problem = describe_problem(error);
        if (status != EVX_OK && status != EVX_ERR_CHUNK)
            return status == EVX_END ? EVX_OK : status;
        ret_chunks->count++;
    }
}

static void free_chunks(struct chunk_list *chunks)
{
    for (size_t i = 0; i < chunks->count; i++)
        free(chunks->items[i].problem);
    free(chunks->items);
}

// Here the reference says less than when it converts: only the innermost cause.
static void report_not_opened(const char *name, const evx_error *error)
{
    const char *cause = innermost_cause(error);
    if (error->system_errno == ESPIPE) {
        report_failure_text(cause, NULL);
        return;
    }
    if (error->kind != EVX_DAMAGE_INPUT_OPEN) {
        report_failure_text("Failed to read the file header", cause);
        return;
    }
    char *top;
    if (asprintf(&top, "Failed to open %s", name) < 0)
        report_no_memory();
    report_failure_text(top, cause);
    free(top);
}

// title: whether reports must say which file they are about.
static bool show_info(evx_engine *engine, const char *name, bool title, FILE *out)
{
    evx_reader *reader;
    evx_error error = {0};
    if (evx_open_file(engine, name, &reader, &error) != EVX_OK) {
        if (title)
            report_line("%s:", name);
        report_not_opened(name, &error);
        return false;
    }
    evx_file_info info;
    struct chunk_list chunks = {0};
    evx_get_file_info(reader, &info);
    evx_status status = read_chunks(reader, &chunks, &error);
    evx_close(&reader);
    if (status == EVX_OK) {
        write_header(out, &info);
        write_table(out, &chunks);
        write_sum(out, &chunks);
    } else {
        report_failure(error.cause_count ? error.cause[0] : evx_status_name(status), &error, 1);
    }
    free_chunks(&chunks);
    return status == EVX_OK;
}

static int show_all(evx_engine *engine, const char *const *names, size_t count)
{
    char *text;
    size_t size;
    int code = EXIT_SUCCESS;
    struct output output;
    output_open_stdout(&output);
    for (size_t i = 0; i < count; i++) {
        FILE *out = memory_file_open(&text, &size);
        if (!out)
            report_no_memory();
        if (count > 1)
            fprintf(out, "%s%s:\n", i ? "\n" : "", names[i]);
        bool ok = show_info(engine, names[i], count > 1, out);
        if (!memory_file_close(out))
            report_no_memory();
        if (ok)
            output_write(&output, text, size);
        else
            code = EXIT_FAILURE;
        free(text);
    }
    int output_code = output_close(&output);
    return code ? code : output_code;
}

int command_info(const struct options *options)
{
    const struct option_value *listed = &options->values[OPT_INPUT];
    size_t count = listed->count + options->input_count;
    if (count == 0) {
        report_failure_text("Missing FILE. Provide event logs (try `--help`).", NULL);
        return EXIT_FAILURE;
    }
    const char **names = calloc(count, sizeof *names);
    evx_engine *engine;
    evx_error error;
    const evx_engine_options engine_options = {.size = sizeof engine_options};
    if (!names || evx_engine_create(&engine_options, &engine, &error) != EVX_OK)
        report_no_memory();
    for (size_t i = 0; i < count; i++)
        names[i] = i < listed->count ? listed->texts[i] : options->inputs[i - listed->count];
    int code = show_all(engine, names, count);
    evx_engine_destroy(&engine);
    free(names);
    return code;
}
