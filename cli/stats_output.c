// SPDX-License-Identifier: MIT
#include "stats_output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "json_text.h"
#include "system/memory_file.h"
#include "utf8.h"

// Columns: the count, the file if there is one for each, the fields, the first and the last time.
static size_t column_count(const struct stats_table *table)
{
    return 3 + table->per_file + table->field_count;
}

static const char *title_of(const struct stats_table *table, size_t column)
{
    size_t field = column - 1 - table->per_file;
    if (column == 0)
        return "Count";
    if (column == 1 && table->per_file)
        return "File";
    return field < table->field_count    ? table->fields[field]
           : field == table->field_count ? "First"
                                         : "Last";
}

// NULL: there is none. The count is put into the buffer.
static const char *cell_of(const struct stats_table *table, const struct stats_row *row,
                           size_t column, char buffer[24])
{
    size_t field = column - 1 - table->per_file;
    if (column == 0) {
        snprintf(buffer, 24, "%" PRIu64, row->count);
        return buffer;
    }
    if (column == 1 && table->per_file)
        return row->file;
    return field < table->field_count    ? row->values[field]
           : field == table->field_count ? row->first
                                         : row->last;
}

// ------------------------------------------------------------------------------------------- table

// Characters that the text takes with its escapes.
static size_t width_of(const char *text)
{
    char *shown;
    size_t size, width = 0;
    FILE *out = memory_file_open(&shown, &size);
    if (!out)
        report_no_memory();
    utf8_write_escaped(out, text, "");
    if (!memory_file_close(out))
        report_no_memory();
    for (size_t i = 0; i < size; i++)
        width += ((unsigned char)shown[i] & 0xc0) != 0x80;
    free(shown);
    return width;
}

static void write_cell(FILE *out, const char *text, size_t width, bool is_number, bool is_last)
{
    size_t own = width_of(text);
    int blanks = own < width ? (int)(width - own) : 0;
    if (is_number)
        fprintf(out, "%*s", blanks, "");
    utf8_write_escaped(out, text, "");
    if (!is_number && !is_last)
        fprintf(out, "%*s", blanks, "");
    fputs(is_last ? "\n" : "  ", out);
}

void stats_write_table(FILE *out, const struct stats_table *table)
{
    const size_t columns = column_count(table);
    char buffer[24];
    size_t *widths = calloc(columns, sizeof *widths);
    if (!widths)
        report_no_memory();
    for (size_t column = 0; column < columns; column++) {
        widths[column] = width_of(title_of(table, column));
        for (size_t i = 0; i < table->row_count; i++) {
            const char *cell = cell_of(table, &table->rows[i], column, buffer);
            size_t width = cell ? width_of(cell) : 1;
            if (width > widths[column])
                widths[column] = width;
        }
    }
    for (size_t column = 0; column < columns; column++)
        write_cell(out, title_of(table, column), widths[column], column == 0,
                   column + 1 == columns);
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t column = 0; column < columns; column++) {
            const char *cell = cell_of(table, &table->rows[i], column, buffer);
            write_cell(out, cell ? cell : "-", widths[column], column == 0, column + 1 == columns);
        }
    }
    free(widths);
}

// --------------------------------------------------------------------------------------------- CSV

static void write_csv_cell(FILE *out, const char *text, bool is_first)
{
    if (!is_first)
        fputc(',', out);
    if (!text)
        return;
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void stats_write_csv(FILE *out, const struct stats_table *table)
{
    const size_t columns = column_count(table);
    char buffer[24];
    for (size_t column = 0; column < columns; column++)
        write_csv_cell(out, title_of(table, column), column == 0);
    fputc('\n', out);
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t column = 0; column < columns; column++)
            write_csv_cell(out, cell_of(table, &table->rows[i], column, buffer), column == 0);
        fputc('\n', out);
    }
}

// ------------------------------------------------------------------------------------------- JSONL

void stats_write_jsonl(FILE *out, const struct stats_table *table)
{
    char buffer[24];
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t column = 0; column < column_count(table); column++) {
            const char *cell = cell_of(table, &table->rows[i], column, buffer);
            fputc(column == 0 ? '{' : ',', out);
            json_write_text(out, title_of(table, column));
            fputc(':', out);
            if (column == 0)
                fputs(cell, out);
            else
                json_write_text(out, cell);
        }
        fputs("}\n", out);
    }
}
