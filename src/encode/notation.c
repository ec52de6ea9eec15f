// SPDX-License-Identifier: MIT
// Nodes from text; the notation is described at encode_nodes_text.
#include "encode/private.h"

#include <stdlib.h>

typedef struct reader {
    encode_builder *builder;
    const char *start, *p;
    encode_node *fragment;
    encode_node *open; // element or attribute that takes what comes next; the fragment at top level
    char *text;        // literal text not yet made a node
    size_t text_size;
    bool has_text;
} reader;

static const struct {
    char text[12];
    uint8_t type;
} types[] = {
    {"null", ENCODE_NULL},
    {"string", ENCODE_STRING},
    {"ansi", ENCODE_ANSI},
    {"i8", ENCODE_I8},
    {"u8", ENCODE_U8},
    {"i16", ENCODE_I16},
    {"u16", ENCODE_U16},
    {"i32", ENCODE_I32},
    {"u32", ENCODE_U32},
    {"i64", ENCODE_I64},
    {"u64", ENCODE_U64},
    {"f32", ENCODE_F32},
    {"f64", ENCODE_F64},
    {"bool", ENCODE_BOOL},
    {"binary", ENCODE_BINARY},
    {"guid", ENCODE_GUID},
    {"size", ENCODE_SIZE},
    {"filetime", ENCODE_FILETIME},
    {"systemtime", ENCODE_SYSTEMTIME},
    {"sid", ENCODE_SID},
    {"hex32", ENCODE_HEX32},
    {"hex64", ENCODE_HEX64},
    {"nested", ENCODE_NESTED},
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool encode_type_of_text(const char *text, size_t size, uint8_t *ret_type)
{
    bool array = size > 2 && memcmp(text + size - 2, "[]", 2) == 0;
    size_t length = array ? size - 2 : size;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strlen(types[i].text) == length && memcmp(types[i].text, text, length) == 0) {
            *ret_type = (uint8_t)(types[i].type | (array ? ENCODE_ARRAY : 0));
            return true;
        }
    }
    if (size != 2 || hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
        return false;
    *ret_type = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
    return true;
}

static void fail_at(reader *r, const char *what)
{
    encode_fail(r->builder, "%s at byte %td of \"%.120s\"", what, r->p - r->start, r->start);
}

static bool failed(const reader *r)
{
    return r->builder->failed;
}

static void flush_text(reader *r)
{
    if (!r->has_text)
        return;
    r->text[r->text_size] = 0;
    size_t count;
    const char16_t *units = encode_utf16(r->builder, r->text, r->text_size, &count);
    encode_append(r->open, encode_text16(r->builder, units, count));
    r->text_size = 0;
    r->has_text = false;
}

static void add_node(reader *r, encode_node *node)
{
    flush_text(r);
    encode_append(r->open, node);
}

// Every input byte gives at most one byte of text, so the room is the length of the input.
static void add_text(reader *r, const char *bytes, size_t size)
{
    memcpy(r->text + r->text_size, bytes, size);
    r->text_size += size;
    r->has_text = true;
}

static bool skip(reader *r, const char *what)
{
    size_t size = strlen(what);
    if (strncmp(r->p, what, size) != 0)
        return false;
    r->p += size;
    return true;
}

static const char *copy_text(reader *r, const char *begin, const char *end)
{
    char *copy = encode_allocate(r->builder, (size_t)(end - begin) + 1);
    if (!copy)
        return "";
    return memcpy(copy, begin, (size_t)(end - begin));
}

// Up to one of the characters of `stop` or white space.
static const char *read_name(reader *r, const char *stop)
{
    const char *begin = r->p;
    while (*r->p && !strchr(stop, *r->p) && !strchr(" \t\r\n", *r->p))
        r->p++;
    if (r->p == begin)
        fail_at(r, "no name");
    return copy_text(r, begin, r->p);
}

static uint32_t read_number(reader *r, uint32_t max)
{
    bool hex = skip(r, "x");
    char *end = (char *)r->p;
    if (hex ? hex_digit(*r->p) >= 0 : *r->p >= '0' && *r->p <= '9') {
        unsigned long value = strtoul(r->p, &end, hex ? 16 : 10);
        r->p = end;
        if (value <= max)
            return (uint32_t)value;
    }
    fail_at(r, "no number, or too large a one,");
    return 0;
}

// -------------------------------------------------------------------------------------------------

static void read_raw(reader *r)
{
    uint8_t *bytes = encode_allocate(r->builder, strlen(r->p) + 1);
    size_t digits = 0;
    for (; bytes && *r->p && *r->p != '}'; r->p++) {
        if (*r->p == ' ')
            continue;
        int digit = hex_digit(*r->p);
        if (digit < 0)
            break;
        bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | digit);
        digits++;
    }
    if (!bytes || digits % 2 || !skip(r, "}")) {
        fail_at(r, "bad raw bytes");
        return;
    }
    add_node(r, encode_raw(r->builder, bytes, digits / 2));
}

static void read_substitution(reader *r)
{
    bool optional = skip(r, "?");
    uint16_t index = (uint16_t)read_number(r, 0xFFFF);
    uint8_t type = ENCODE_STRING;
    if (skip(r, ":")) {
        size_t size = strspn(r->p, "abcdefghijklmnopqrstuvwxyzABCDEF0123456789");
        if (strncmp(r->p + size, "[]", 2) == 0)
            size += 2;
        if (!encode_type_of_text(r->p, size, &type))
            fail_at(r, "unknown type");
        r->p += size;
    }
    add_node(r, encode_substitution(r->builder, index, type, optional));
}

static void read_reference(reader *r)
{
    encode_node *node;
    if (skip(r, "#"))
        node = encode_character(r->builder, (uint16_t)read_number(r, 0xFFFF));
    else
        node = encode_entity(r->builder, read_name(r, ";<>&"));
    if (!skip(r, ";"))
        fail_at(r, "no ; behind a reference");
    add_node(r, node);
}

// \uXXXX as UTF-8, surrogates included; halves of a pair are joined later because a pair in
// three-byte form gives the same two units.
static void read_unit(reader *r)
{
    unsigned code = 0;
    for (unsigned i = 0; i < 4; i++, r->p++) {
        int digit = hex_digit(*r->p);
        if (digit < 0) {
            fail_at(r, "bad \\u");
            return;
        }
        code = code << 4 | (unsigned)digit;
    }
    char utf8[3];
    if (code < 0x80) {
        utf8[0] = (char)code;
        add_text(r, utf8, 1);
    } else if (code < 0x800) {
        utf8[0] = (char)(0xC0 | code >> 6);
        utf8[1] = (char)(0x80 | (code & 0x3F));
        add_text(r, utf8, 2);
    } else {
        utf8[0] = (char)(0xE0 | code >> 12);
        utf8[1] = (char)(0x80 | (code >> 6 & 0x3F));
        utf8[2] = (char)(0x80 | (code & 0x3F));
        add_text(r, utf8, 3);
    }
}

static void read_escape(reader *r)
{
    char c = *r->p;
    if (c == 0) {
        fail_at(r, "nothing behind \\");
        return;
    }
    r->p++;
    if (c == 'u') {
        read_unit(r);
        return;
    }
    char plain = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    add_text(r, &plain, 1);
}

// One piece of character data; false at a character that is not for this function.
static bool read_character_data(reader *r, const char *stop)
{
    if (*r->p == 0 || strchr(stop, *r->p))
        return false;
    if (skip(r, "%{"))
        read_raw(r);
    else if (skip(r, "%"))
        read_substitution(r);
    else if (skip(r, "&"))
        read_reference(r);
    else if (skip(r, "\\"))
        read_escape(r);
    else
        add_text(r, r->p++, 1);
    return !failed(r);
}

// -------------------------------------------------------------------------------------------------
// Markup.

static void read_attribute(reader *r)
{
    encode_node *attribute = encode_attribute(r->builder, read_name(r, "=/>"));
    encode_node *element = r->open;
    encode_append(element, attribute);
    char quote[2] = {0};
    if (skip(r, "=") && (*r->p == '\'' || *r->p == '"'))
        quote[0] = *r->p++;
    else
        fail_at(r, "no ='..' behind an attribute name");
    r->open = attribute;
    while (!failed(r) && read_character_data(r, quote))
        ;
    flush_text(r);
    r->open = element;
    if (!skip(r, quote))
        fail_at(r, "no end of an attribute value");
}

static void read_element(reader *r)
{
    encode_node *element = encode_element(r->builder, read_name(r, "/>"));
    add_node(r, element);
    encode_node *parent = r->open;
    r->open = element;
    while (!failed(r)) {
        while (*r->p == ' ' || *r->p == '\n' || *r->p == '\t')
            r->p++;
        if (skip(r, ">"))
            return;
        if (skip(r, "/>")) {
            element->self_closed = true;
            r->open = parent;
            return;
        }
        if (skip(r, "~-"))
            element->dependency = ENCODE_DEPENDENCY_NONE;
        else if (skip(r, "~"))
            element->dependency = (int)read_number(r, 0xFFFF);
        else if (strncmp(r->p, "%{", 2) == 0)
            read_character_data(r, "");
        else
            read_attribute(r);
    }
}

static void read_end_tag(reader *r)
{
    flush_text(r);
    encode_name *name = encode_name_of(r->builder, read_name(r, ">"));
    if (!skip(r, ">") || r->open == r->fragment || r->open->name != name) {
        fail_at(r, "end tag without its start tag");
        return;
    }
    r->open = r->open->parent;
}

static void read_cdata(reader *r)
{
    const char *end = strstr(r->p, "]]>");
    if (!end) {
        fail_at(r, "no end of CDATA");
        return;
    }
    add_node(r, encode_cdata(r->builder, copy_text(r, r->p, end)));
    r->p = end + 3;
}

static void read_instruction(reader *r)
{
    add_node(r, encode_pi_target(r->builder, read_name(r, "?")));
    skip(r, " ");
    const char *end = strstr(r->p, "?>");
    if (!end) {
        fail_at(r, "no end of a processing instruction");
        return;
    }
    add_node(r, encode_pi_data(r->builder, copy_text(r, r->p, end)));
    r->p = end + 2;
}

encode_node *encode_nodes_text(encode_builder *b, const char *text)
{
    reader r = {.builder = b, .start = text, .p = text, .fragment = encode_fragment(b)};
    r.open = r.fragment;
    r.text = encode_allocate(b, strlen(text) + 1);
    while (!failed(&r) && *r.p) {
        if (skip(&r, "<![CDATA["))
            read_cdata(&r);
        else if (skip(&r, "<?"))
            read_instruction(&r);
        else if (skip(&r, "</"))
            read_end_tag(&r);
        else if (skip(&r, "<"))
            read_element(&r);
        else
            read_character_data(&r, "");
    }
    if (!failed(&r)) {
        flush_text(&r);
        if (r.open != r.fragment)
            fail_at(&r, "an element is not closed");
    }
    return r.fragment;
}
