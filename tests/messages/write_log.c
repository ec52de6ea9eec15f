// SPDX-License-Identifier: MIT
// Writes a log of the events that the standard input describes, to the standard output. An event is a line
//
//     EVENT provider guid source id version qualifiers level task opcode keywords channel template
//
// with tabs between and "-" for what it does not have, then a line `VALUE type bytes`, both in hexadecimal
// digits, for each value of its data, whose template is given as encode_nodes_text() has it. A line
// `PLAIN xml` is an event without templates.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode/encode.h"

enum { VALUES_MAX = 128, FIELDS_MAX = 13 };

static const char root[] =
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='%?0' Guid='%?1:guid' EventSourceName='%?2'/>"
    "<EventID Qualifiers='%?4:u16'>%?3:u16</EventID><Version>%?5:u8</Version><Level>%?6:u8</Level>"
    "<Task>%?7:u16</Task><Opcode>%?8:u8</Opcode><Keywords>%?9:hex64</Keywords>"
    "<EventRecordID>%?10:u64</EventRecordID><Channel>%?11</Channel><Computer>HERE</Computer>"
    "</System>%?12:nested</Event>";

static bool is_there(const char *field)
{
    return strcmp(field, "-") != 0;
}

static unsigned long number(const char *field)
{
    return strtoul(field, NULL, 0);
}

static encode_value text(encode_builder *b, const char *field)
{
    return is_there(field) ? encode_string(b, field) : encode_null();
}

static encode_value bytes(encode_builder *b, char *line)
{
    char *type = strtok(line, "\t"), *digits = strtok(NULL, "\t");
    size_t size = digits ? strlen(digits) / 2 : 0;
    uint8_t *value = encode_allocate(b, size + 1);
    for (size_t i = 0; i < size; i++)
        value[i] = (uint8_t)strtoul((char[]){digits[2 * i], digits[2 * i + 1], 0}, NULL, 16);
    return encode_bytes(b, (uint8_t)strtoul(type, NULL, 16), value, size);
}

static void add_event(encode_builder *b, encode_template *of_root, char **fields,
                      const encode_value *values, size_t count)
{
    static uint64_t id;
    encode_value data = encode_null();
    if (is_there(fields[12]))
        data = encode_nested(encode_append(
            encode_fragment(b),
            encode_instance(b, encode_template_text(b, fields[12]), values, count)));
    const encode_value all[] = {
        text(b, fields[1]),
        is_there(fields[2]) ? encode_guid_text(b, fields[2]) : encode_null(),
        text(b, fields[3]),
        encode_u16((uint16_t)number(fields[4])),
        is_there(fields[6]) ? encode_u16((uint16_t)number(fields[6])) : encode_null(),
        encode_u8((uint8_t)number(fields[5])),
        encode_u8((uint8_t)number(fields[7])),
        encode_u16((uint16_t)number(fields[8])),
        encode_u8((uint8_t)number(fields[9])),
        encode_hex64(strtoull(fields[10], NULL, 0)),
        encode_u64(++id),
        text(b, fields[11]),
        data,
    };
    encode_add_event(b, of_root, all, sizeof all / sizeof *all);
}

int main(void)
{
    static char *fields[FIELDS_MAX], *kept, *line;
    static encode_value values[VALUES_MAX];
    size_t count = 0, room = 0, size;
    ssize_t length;
    encode_builder *b = encode_create();
    encode_template *of_root = encode_template_text(b, root);
    bool is_open = false;
    do {
        length = getline(&line, &room, stdin);
        if (length > 0)
            line[strcspn(line, "\n")] = 0;
        if (length > 0 && strncmp(line, "VALUE\t", 6) == 0 && count < VALUES_MAX) {
            values[count++] = bytes(b, line + 6);
            continue;
        }
        if (is_open)
            add_event(b, of_root, fields, values, count);
        is_open = length > 0 && strncmp(line, "EVENT\t", 6) == 0;
        count = 0;
        if (length > 0 && strncmp(line, "PLAIN\t", 6) == 0)
            encode_add_fragment(b, encode_nodes_text(b, line + 6));
        free(is_open ? kept : NULL);
        kept = is_open ? strdup(line) : kept;
        char *rest = kept;
        for (int i = 0; is_open && i < FIELDS_MAX; i++)
            fields[i] = strsep(&rest, i + 1 < FIELDS_MAX ? "\t" : "");
    } while (length > 0);
    const uint8_t *log = encode_finish(b, &size);
    if (!log || fwrite(log, 1, size, stdout) != size) {
        fprintf(stderr, "%s\n", log ? "cannot write" : encode_error(b));
        return 1;
    }
    encode_free(&b);
    free(kept);
    free(line);
    return 0;
}
