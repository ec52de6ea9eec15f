// SPDX-License-Identifier: MIT
// Rows of "this structure with these values is shown like that", for tests of what records look
// like.
//
// Each row becomes a log in which one template is used five times as it is and twice in a record
// with one fragment header more. So a program shows it, and the irregular way last; run_convert
// shows all of it through the walker once more. All of them must give the expected text, and those
// modes in which none is expected the same one.
#ifndef EVX_SUPPORT_RENDER_H
#define EVX_SUPPORT_RENDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runs.h"

#define SHOW_ROWS(rows) show_rows(rows, sizeof(rows) / sizeof((rows)[0]))

enum { SHOW_PLAIN = 5, SHOW_IRREGULAR = 2, SHOW_VALUES_MAX = 8 };

// structure: as encode_nodes_text takes it; the definition of the template, or the record itself
// when values is NULL. Values are separated by |:
//   n  nN           NULL, of N bytes        s:TEXT    UTF-16           a:TEXT  ANSI
//   u:5             u32                     S:a,,c    UTF-16 strings   A:a,,c  ANSI strings
//   U:7,8           u32 array               XX:HEX    bytes under any type
//   f:NODES         elements with fragment header and EOF; F:NODES without
// An expectation that begins with ! is the fault that loses the record (a part of it).
struct shown {
    const char *structure, *values;
    const char *json, *xml; // NULL: anything; xml is on one line
    const char *separate;   // with --separate-json-attributes; NULL: anything
    const char *note;       // NULL: nothing is reported, else a part of what is
    unsigned note_count;    // of each record; 0: one
};

static inline encode_value show_hex_value(encode_builder *b, const char *item)
{
    uint8_t bytes[256];
    unsigned type, byte, size = 0;
    if (sscanf(item, "%2x:", &type) != 1)
        fail_msg("no value: %s", item);
    for (const char *p = item + 3; *p && sscanf(p, "%2x", &byte) == 1; p += 2)
        bytes[size++] = (uint8_t)byte;
    return encode_bytes(b, (uint8_t)type, bytes, size);
}

static inline encode_value show_list_value(encode_builder *b, char kind, char *items)
{
    const char *texts[16];
    uint32_t numbers[16];
    unsigned count = 0;
    for (char *p = items; p; count++) {
        char *comma = strchr(p, ',');
        if (comma)
            *comma++ = 0;
        texts[count] = p;
        numbers[count] = (uint32_t)strtoul(p, NULL, 10);
        p = comma;
    }
    if (kind == 'U')
        return encode_bytes(b, ENCODE_ARRAY | ENCODE_U32, numbers, 4 * count);
    return kind == 'S' ? encode_strings(b, count, texts) : encode_ansi_strings(b, count, texts);
}

static inline encode_value show_value(encode_builder *b, char *item)
{
    static const uint8_t filling[16] = {0xAA, 0xAA, 0xAA, 0xAA};
    if (item[0] == 'n')
        return encode_bytes(b, ENCODE_NULL, filling, strtoul(item + 1, NULL, 10));
    if (item[1] != ':')
        return show_hex_value(b, item);
    switch (item[0]) {
    case 's':
        return encode_string(b, item + 2);
    case 'a':
        return encode_bytes(b, ENCODE_ANSI, item + 2, strlen(item + 2));
    case 'u':
        return encode_u32((uint32_t)strtoul(item + 2, NULL, 10));
    case 'f':
        return encode_nested(encode_nodes_text(b, item + 2));
    case 'F': {
        encode_node *nodes = encode_nodes_text(b, item + 2);
        nodes->has_header = nodes->has_eof = false;
        return encode_nested(nodes);
    }
    default:
        return show_list_value(b, item[0], item + 2);
    }
}

static inline unsigned show_values(encode_builder *b, char *text, encode_value *ret)
{
    unsigned count = 0;
    for (char *p = text; p && *text; count++) {
        char *bar = strchr(p, '|');
        if (bar)
            *bar++ = 0;
        if (count == SHOW_VALUES_MAX)
            fail_msg("too many values: %s", text);
        ret[count] = show_value(b, p);
        p = bar;
    }
    return count;
}

static inline void show_add(encode_builder *b, encode_node *fragment, bool irregular)
{
    static const uint8_t header[4] = {0x0F, 0x01, 0x01, 0x00};
    if (irregular) {
        encode_node *around = encode_fragment(b);
        encode_append(around, encode_raw(b, header, sizeof header));
        encode_add_fragment(b, encode_append_all(around, fragment));
    } else {
        encode_add_fragment(b, fragment);
    }
}

// The log of a row; encode_free gives it back.
static inline encode_builder *show_log(const struct shown *row, uint8_t **ret_bytes,
                                       size_t *ret_size)
{
    encode_builder *b = encode_create();
    char values_text[512];
    encode_value values[SHOW_VALUES_MAX];
    snprintf(values_text, sizeof values_text, "%s", row->values ? row->values : "");
    encode_template *t = row->values ? encode_template_text(b, row->structure) : NULL;
    unsigned count = show_values(b, values_text, values);
    for (int i = 0; i < SHOW_PLAIN + SHOW_IRREGULAR; i++) {
        encode_node *fragment =
            t ? encode_append(encode_fragment(b), encode_instance(b, t, values, count))
              : encode_nodes_text(b, row->structure);
        show_add(b, fragment, i >= SHOW_PLAIN);
    }
    *ret_bytes = encode_finish(b, ret_size);
    if (!*ret_bytes)
        fail_msg("%s: %s", row->structure, encode_error(b));
    return b;
}

static inline void show_check_reports(const struct shown *row, const char *mode,
                                      const struct run *run, const char *part)
{
    unsigned lines = 0;
    const char *text = run->reports.bytes ? run->reports.bytes : "";
    for (const char *p = text; *p; p = strchr(p, '\n') + 1, lines++) {
        const char *found = part ? strstr(p, part) : NULL;
        if (!found || found > strchr(p, '\n'))
            fail_msg("%s: %s with %s: reports %s", mode, row->structure,
                     row->values ? row->values : "-", text);
    }
    unsigned of_each = !part ? 0 : row->note_count ? row->note_count : 1;
    if (lines != of_each * (SHOW_PLAIN + SHOW_IRREGULAR))
        fail_msg("%s: %s with %s: %u reports: %s", mode, row->structure,
                 row->values ? row->values : "-", lines, text);
}

static inline void show_check(const struct shown *row, const char *mode, const uint8_t *bytes,
                              size_t size, const evx_convert_options *options, const char *before,
                              const char *expected, const char *after)
{
    struct run run = run_convert(bytes, size, RUN_MEMORY, options);
    if (!expected) {
        run_free(&run);
        return;
    }
    struct text wanted = {0};
    text_add_string(&wanted, "");
    bool lost = expected[0] == '!';
    for (int i = 0; i < SHOW_PLAIN + SHOW_IRREGULAR && !lost; i++) {
        text_add_string(&wanted, before);
        text_add_string(&wanted, expected);
        text_add_string(&wanted, after);
    }
    if (!text_equals(&run.out, &wanted))
        fail_msg("%s: %s with %s: expected %s\nbut got\n%s%s", mode, row->structure,
                 row->values ? row->values : "-", expected, run.out.bytes ? run.out.bytes : "",
                 run.reports.bytes ? run.reports.bytes : "");
    show_check_reports(row, mode, &run, lost ? expected + 1 : row->note);
    if (run.note_count)
        fail_msg("%s: %s", row->structure, run.notes.bytes);
    text_free(&wanted);
    run_free(&run);
}

#define SHOW_DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

static inline evx_convert_options show_options(evx_format format)
{
    return (evx_convert_options){.size = sizeof(evx_convert_options),
                                 .format = format,
                                 .threads = 1,
                                 .hide_record_numbers = 1};
}

static inline void show_rows(const struct shown *rows, size_t count)
{
    for (const struct shown *row = rows; row < rows + count; row++) {
        uint8_t *bytes;
        size_t size;
        encode_builder *b = show_log(row, &bytes, &size);
        evx_convert_options options = show_options(EVX_FORMAT_JSONL);
        show_check(row, "json", bytes, size, &options, "", row->json, "\n");
        options.separate_attributes = 1;
        show_check(row, "separate", bytes, size, &options, "", row->separate, "\n");
        options = show_options(EVX_FORMAT_XML);
        options.compact = 1;
        show_check(row, "xml", bytes, size, &options, SHOW_DECLARATION, row->xml, "\n");
        options.compact = 0;
        show_check(row, "indented", bytes, size, &options, "", NULL, "");
        encode_free(&b);
    }
}

// The same in indented XML; `expected` goes on behind the declaration line.
static inline void show_indented(const char *structure, const char *values, const char *expected)
{
    const struct shown row = {.structure = structure, .values = values};
    const evx_convert_options options = show_options(EVX_FORMAT_XML);
    uint8_t *bytes;
    size_t size;
    encode_builder *b = show_log(&row, &bytes, &size);
    show_check(&row, "indented", bytes, size, &options, SHOW_DECLARATION, expected, "\n\n");
    encode_free(&b);
}

// The finished log as JSON lines. Frees the builder.
static inline struct run show_run_json(encode_builder *b)
{
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fail_msg("%s", encode_error(b));
    const evx_convert_options options = show_options(EVX_FORMAT_JSONL);
    struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
    encode_free(&b);
    return run;
}

// The same: the whole output, the number of reports, and a part of the first.
static inline void show_expect_json(encode_builder *b, const char *output, unsigned reports, const char *part)
{
    struct run run = show_run_json(b);
    assert_string_equal(run.out.bytes, output);
    assert_int_equal(run.result.errors, reports);
    if (reports && !strstr(run.reports.bytes, part))
        fail_msg("%s", run.reports.bytes);
    run_free(&run);
}

#endif
