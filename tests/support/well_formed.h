// SPDX-License-Identifier: MIT
// Whether a text is JSON, one value a line, or a row of XML documents with "Record N" lines in front. Not
// validators: they find what a writer can get wrong (nesting, quotes, raw control characters, UTF-8).
#ifndef EVX_SUPPORT_WELL_FORMED_H
#define EVX_SUPPORT_WELL_FORMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *next, *end;
    const char *wrong; // NULL: nothing so far
};

static inline bool scan_fail(struct scan *scan, const char *what)
{
    if (!scan->wrong)
        scan->wrong = what;
    return false;
}

static inline bool scan_take(struct scan *scan, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(scan->end - scan->next) < size || memcmp(scan->next, text, size) != 0)
        return false;
    scan->next += size;
    return true;
}

// One character of UTF-8 that is no control character but those of `controls`.
static inline bool scan_scalar(struct scan *scan, const char *controls, uint32_t *ret_scalar)
{
    const unsigned char *p = (const unsigned char *)scan->next;
    size_t left = (size_t)(scan->end - scan->next), size = 1;
    if (left == 0)
        return scan_fail(scan, "text ends too early");
    uint32_t c = *p;
    if (c < 0x20 && (c == 0 || !strchr(controls, (int)c)))
        return scan_fail(scan, "raw control character");
    if (c >= 0x80) {
        size = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
        if (*p < 0xC2 || *p > 0xF4 || left < size)
            return scan_fail(scan, "not UTF-8");
        c = *p & (0x7F >> size);
        for (size_t i = 1; i < size; i++) {
            if ((p[i] & 0xC0) != 0x80)
                return scan_fail(scan, "not UTF-8");
            c = c << 6 | (p[i] & 0x3F);
        }
        if (c < (size == 2 ? 0x80u : size == 3 ? 0x800u : 0x10000u) || c > 0x10FFFF ||
            (c >= 0xD800 && c <= 0xDFFF))
            return scan_fail(scan, "not UTF-8");
    }
    scan->next += size;
    *ret_scalar = c;
    return true;
}

static inline bool scan_character(struct scan *scan, const char *controls)
{
    uint32_t ignored;
    return scan_scalar(scan, controls, &ignored);
}

// ------------------------------------------------------------------------------------------------ JSON

static inline bool json_scan_string(struct scan *scan)
{
    if (!scan_take(scan, "\""))
        return scan_fail(scan, "no string");
    while (!scan_take(scan, "\"")) {
        if (scan_take(scan, "\\")) {
            if (scan->next == scan->end || !strchr("\"\\/bfnrtu", *scan->next))
                return scan_fail(scan, "unknown escape");
            unsigned digits = *scan->next++ == 'u' ? 4 : 0;
            for (; digits > 0; digits--)
                if (scan->next == scan->end || !strchr("0123456789abcdefABCDEF", *scan->next++))
                    return scan_fail(scan, "short \\u");
        } else if (!scan_character(scan, "")) {
            return false;
        }
    }
    return true;
}

static inline bool json_scan_number(struct scan *scan)
{
    const char *digits = "0123456789";
    scan_take(scan, "-");
    const char *begin = scan->next;
    while (scan->next < scan->end && *scan->next && strchr("0123456789.eE+-", *scan->next))
        scan->next++;
    bool fine = scan->next > begin && strchr(digits, *begin) && strchr(digits, scan->next[-1]);
    return fine || scan_fail(scan, "no value");
}

static inline bool json_scan_scalar(struct scan *scan)
{
    if (scan->next < scan->end && *scan->next == '"')
        return json_scan_string(scan);
    return scan_take(scan, "null") || scan_take(scan, "true") || scan_take(scan, "false") ||
           json_scan_number(scan);
}

static inline bool json_scan_key(struct scan *scan)
{
    return json_scan_string(scan) && (scan_take(scan, ":") || scan_fail(scan, "no colon"));
}

// A value without blanks outside of strings. The stack holds one bit a level: object or list.
static inline bool json_scan_value(struct scan *scan)
{
    static _Thread_local uint8_t stack[1 << 17];
    size_t depth = 0;
    for (;;) {
        bool is_list = scan_take(scan, "[");
        if (is_list || scan_take(scan, "{")) {
            if (depth == sizeof stack)
                return scan_fail(scan, "too deep");
            if (!scan_take(scan, is_list ? "]" : "}")) {
                stack[depth++] = is_list;
                if (!is_list && !json_scan_key(scan))
                    return false;
                continue;
            }
        } else if (!json_scan_scalar(scan)) {
            return false;
        }
        while (depth > 0 && scan_take(scan, stack[depth - 1] ? "]" : "}"))
            depth--;
        if (depth == 0)
            return true;
        if (!scan_take(scan, ","))
            return scan_fail(scan, "neither comma nor end");
        if (!stack[depth - 1] && !json_scan_key(scan))
            return false;
    }
}

// NULL, or what is wrong.
static inline const char *jsonl_is_wrong(const char *bytes, size_t size)
{
    struct scan scan = {bytes, size ? bytes + size : bytes, NULL}; // no text may be NULL
    while (scan.next < scan.end) {
        if (!json_scan_value(&scan))
            return scan.wrong;
        if (!scan_take(&scan, "\n"))
            return "a line goes on behind its value";
    }
    return NULL;
}

// ------------------------------------------------------------------------------------------------- XML

// Exact for ASCII. Beyond it, whole blocks in which the fourth edition of XML 1.0 has no name character;
// tests/cli/test_names.py asks expat about each.
static inline bool xml_is_name_character(uint32_t c)
{
    static const uint32_t without[][2] = {{0x80, 0xB6},     {0x06FA, 0x0900}, {0x1200, 0x1DFF}, {0x20E2, 0x2125},
                                          {0x2183, 0x3004}, {0x312D, 0x4DFF}, {0x9FA6, 0xABFF}, {0xD7A4, 0x10FFFF}};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (c >= without[i][0] && c <= without[i][1])
            return false;
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || c == '-' || c == '.';
}

static inline bool xml_scan_unprefixed_name(struct scan *scan)
{
    const char *begin = scan->next;
    uint32_t c;
    while (scan->next < scan->end && !memchr("<>/=\"'& \t\r\n?:", *scan->next, 13))
        if (!scan_scalar(scan, "", &c) || !xml_is_name_character(c))
            return scan_fail(scan, "no name character");
    return (scan->next > begin && !strchr("-.0123456789", *begin)) || scan_fail(scan, "no name");
}

static inline bool xml_scan_name(struct scan *scan, const char **ret_name, size_t *ret_size)
{
    *ret_name = scan->next;
    if (!xml_scan_unprefixed_name(scan) || (scan_take(scan, ":") && !xml_scan_unprefixed_name(scan)))
        return false;
    *ret_size = (size_t)(scan->next - *ret_name);
    return true;
}

static inline bool xml_scan_reference(struct scan *scan)
{
    static const char *const known[] = {"amp;", "lt;", "gt;", "quot;", "apos;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (scan_take(scan, known[i]))
            return true;
    if (!scan_take(scan, "#"))
        return scan_fail(scan, "unknown reference");
    scan_take(scan, "x");
    const char *begin = scan->next;
    while (scan->next < scan->end && *scan->next && strchr("0123456789abcdefABCDEF", *scan->next))
        scan->next++;
    return (scan->next > begin && scan_take(scan, ";")) || scan_fail(scan, "bad reference");
}

static inline bool xml_scan_until(struct scan *scan, const char *end)
{
    while (!scan_take(scan, end))
        if (!scan_character(scan, "\t\n\r"))
            return false;
    return true;
}

static inline bool xml_scan_attributes(struct scan *scan)
{
    const char *name;
    size_t size;
    while (scan_take(scan, " ")) {
        if (!xml_scan_name(scan, &name, &size) || !scan_take(scan, "=\""))
            return scan_fail(scan, "bad attribute");
        while (!scan_take(scan, "\"")) {
            if (scan->next < scan->end && *scan->next == '<')
                return scan_fail(scan, "< in an attribute");
            if (scan_take(scan, "&") ? !xml_scan_reference(scan) : !scan_character(scan, "\t\n\r"))
                return false;
        }
    }
    return true;
}

enum { XML_DEPTH_MAX = 1 << 16 };

struct xml_open {
    const char *name;
    size_t size;
};

static inline bool xml_scan_tag(struct scan *scan, struct xml_open *open, size_t *depth)
{
    const char *name;
    size_t size;
    if (scan_take(scan, "/")) {
        if (!xml_scan_name(scan, &name, &size) || !scan_take(scan, ">"))
            return scan_fail(scan, "bad end tag");
        if (*depth == 0 || open[*depth - 1].size != size || memcmp(open[*depth - 1].name, name, size))
            return scan_fail(scan, "end tag of another element");
        --*depth;
        return true;
    }
    if (scan_take(scan, "![CDATA["))
        return xml_scan_until(scan, "]]>");
    if (scan_take(scan, "?"))
        return xml_scan_until(scan, "?>");
    if (!xml_scan_name(scan, &name, &size) || !xml_scan_attributes(scan))
        return false;
    if (scan_take(scan, "/>"))
        return true;
    if (!scan_take(scan, ">") || *depth == XML_DEPTH_MAX)
        return scan_fail(scan, "bad start tag");
    open[(*depth)++] = (struct xml_open){name, size};
    return true;
}

static inline bool xml_scan_document(struct scan *scan)
{
    static _Thread_local struct xml_open open[XML_DEPTH_MAX];
    size_t depth = 0;
    if (scan_take(scan, "Record ") && !xml_scan_until(scan, "\n"))
        return false;
    if (!scan_take(scan, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        return scan_fail(scan, "no declaration");
    scan_take(scan, "<!-- recovered -->\n");
    if (scan->next == scan->end || *scan->next != '<')
        return scan_fail(scan, "no root");
    do {
        bool fine = scan_take(scan, "<")   ? xml_scan_tag(scan, open, &depth)
                    : scan_take(scan, "&") ? xml_scan_reference(scan)
                                           : scan_character(scan, "\t\n\r");
        if (!fine)
            return false;
    } while (depth > 0);
    while (scan_take(scan, "\n"))
        continue;
    return true;
}

// NULL, or what is wrong.
static inline const char *xml_is_wrong(const char *bytes, size_t size)
{
    struct scan scan = {bytes, size ? bytes + size : bytes, NULL}; // no text may be NULL
    while (scan.next < scan.end)
        if (!xml_scan_document(&scan))
            return scan.wrong;
    return NULL;
}

#endif
