// SPDX-License-Identifier: MIT
// Every value is read in one way: it is copied as compact JSON, and the last scalar is remembered.
// Containers are a stack of limited height, never the C stack.
#include "json_values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "system/memory_file.h"
#include "utf8.h"

enum { CONTAINERS_MAX = 127 };

enum scalar {
    SCALAR_NULL,
    SCALAR_BOOL,
    SCALAR_I64,
    SCALAR_U64,
    SCALAR_F64,
    SCALAR_STRING,
    NO_SCALAR
};

struct container {
    bool is_object, is_first;
};

struct parser {
    const char *text;
    size_t size, at;
    struct container containers[CONTAINERS_MAX];
    unsigned depth;
    char *compact; // what has been copied
    size_t compact_size;
    FILE *out;
    enum scalar scalar; // the value, when it is one
    uint64_t bits;
    double number;
    char *string;
    size_t string_size, string_capacity;
    char *error;
};

// The place is behind so many bytes.
static bool fail_at(struct parser *p, const char *what, size_t end)
{
    size_t line = 1, start = 0;
    if (end > p->size)
        end = p->size;
    for (size_t i = 0; i < end; i++)
        if (p->text[i] == '\n') {
            line++;
            start = i + 1;
        }
    if (asprintf(&p->error, "%s at line %zu column %zu", what, line, end - start) < 0)
        report_no_memory();
    return false;
}

// At what has been taken, and at what comes next.
static bool fail(struct parser *p, const char *what)
{
    return fail_at(p, what, p->at);
}

static bool fail_next(struct parser *p, const char *what)
{
    return fail_at(p, what, p->at + 1);
}

// The next byte, -1 at the end.
static int peek(const struct parser *p)
{
    return p->at < p->size ? (unsigned char)p->text[p->at] : -1;
}

static int peek_token(struct parser *p)
{
    while (p->at < p->size && strchr(" \t\r\n", p->text[p->at]) && p->text[p->at])
        p->at++;
    return peek(p);
}

static void add_to_string(struct parser *p, const char *bytes, size_t size)
{
    if (p->string_size + size + 1 > p->string_capacity) {
        p->string_capacity = 2 * (p->string_size + size) + 64;
        p->string = realloc(p->string, p->string_capacity);
        if (!p->string)
            report_no_memory();
    }
    if (size > 0)
        memcpy(p->string + p->string_size, bytes, size);
    p->string_size += size;
    p->string[p->string_size] = '\0';
}

static void add_code(struct parser *p, uint32_t code)
{
    char bytes[4];
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(leads[size] | code);
    add_to_string(p, bytes, size);
}

static bool read_hex(struct parser *p, uint32_t *ret)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (p->size - p->at < 4) {
        p->at = p->size;
        return fail(p, "EOF while parsing a string");
    }
    *ret = 0;
    p->at += 4;
    for (size_t i = p->at - 4; i < p->at; i++) {
        const char *digit = p->text[i] ? strchr(digits, p->text[i]) : NULL;
        if (!digit)
            return fail(p, "invalid escape");
        uint32_t value = (uint32_t)(digit - digits);
        *ret = *ret << 4 | (value < 16 ? value : value - 6);
    }
    return true;
}

static bool read_unicode(struct parser *p)
{
    uint32_t code, low;
    if (!read_hex(p, &code))
        return false;
    if (code >= 0xdc00 && code <= 0xdfff)
        return fail(p, "lone leading surrogate in hex escape");
    if (code >= 0xd800 && code <= 0xdbff) {
        for (const char *next = "\\u"; *next; next++) {
            if (peek(p) < 0)
                return fail(p, "EOF while parsing a string");
            if (p->text[p->at++] != *next)
                return fail(p, "unexpected end of hex escape");
        }
        if (!read_hex(p, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(p, "lone leading surrogate in hex escape");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    add_code(p, code);
    return true;
}

static bool read_escape(struct parser *p)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (peek(p) < 0)
        return fail(p, "EOF while parsing a string");
    char letter = p->text[p->at++];
    if (letter == 'u')
        return read_unicode(p);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return fail(p, "invalid escape");
    add_to_string(p, &meanings[found - letters], 1);
    return true;
}

// Behind the quote.
static bool read_string(struct parser *p)
{
    p->string_size = 0;
    add_to_string(p, "", 0);
    for (;;) {
        int byte = peek(p);
        if (byte < 0)
            return fail(p, "EOF while parsing a string");
        p->at++;
        if (byte == '"')
            return true;
        if (byte < 0x20)
            return fail(p, "control character (\\u0000-\\u001F) found while parsing a string");
        if (byte != '\\')
            add_to_string(p, p->text + p->at - 1, 1);
        else if (!read_escape(p))
            return false;
    }
}

static void copy_string(struct parser *p)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    fputc('"', p->out);
    for (size_t i = 0; i < p->string_size; i++) {
        char byte = p->string[i];
        const char *found = byte ? strchr(meanings, byte) : NULL;
        if (byte == '"' || byte == '\\')
            fprintf(p->out, "\\%c", byte);
        else if (found && byte)
            fprintf(p->out, "\\%c", letters[found - meanings]);
        else if ((unsigned char)byte < 0x20)
            fprintf(p->out, "\\u%04x", byte);
        else
            fputc(byte, p->out);
    }
    fputc('"', p->out);
}

// The shortest digits that mean the number, with a point or an exponent.
static void copy_double(struct parser *p, double number)
{
    char text[40], digits[24];
    int precision = 0;
    do
        snprintf(text, sizeof text, "%.*e", precision, number);
    while (strtod(text, NULL) != number && ++precision < 17);
    const char *mantissa = text + (*text == '-');
    int exponent = atoi(strchr(text, 'e') + 1), count = 0;
    for (; *mantissa != 'e'; mantissa++)
        if (*mantissa != '.')
            digits[count++] = *mantissa;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    if (*text == '-')
        fputc('-', p->out);
    if (exponent >= 0 && exponent < 16) {
        for (int i = 0; i <= exponent || i < count; i++)
            fprintf(p->out, "%s%c", i == exponent + 1 ? "." : "", i < count ? digits[i] : '0');
        fputs(count <= exponent + 1 ? ".0" : "", p->out);
    } else if (exponent < 0 && exponent >= -5) {
        fprintf(p->out, "0.%.*s%.*s", -exponent - 1, "00000", count, digits);
    } else {
        fprintf(p->out, "%c%s%.*se%d", digits[0], count > 1 ? "." : "", count - 1, digits + 1,
                exponent);
    }
}

static void skip_digits(struct parser *p)
{
    while (peek(p) >= '0' && peek(p) <= '9')
        p->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

// Moves behind a number; whether it is a whole one.
static bool scan_number(struct parser *p, bool *ret_whole)
{
    *ret_whole = true;
    if (peek(p) == '-')
        p->at++;
    int first = peek(p);
    if (first < 0)
        return fail(p, "EOF while parsing a value");
    p->at++;
    if (!is_digit(first))
        return fail(p, "invalid number");
    if (first == '0' && is_digit(peek(p)))
        return fail_next(p, "invalid number");
    skip_digits(p);
    if (peek(p) == '.') {
        *ret_whole = false;
        p->at++;
        if (!is_digit(peek(p)))
            return fail_next(p, peek(p) < 0 ? "EOF while parsing a value" : "invalid number");
        skip_digits(p);
    }
    if (peek(p) == 'e' || peek(p) == 'E') {
        *ret_whole = false;
        p->at++;
        if (peek(p) == '+' || peek(p) == '-')
            p->at++;
        int digit = peek(p);
        p->at += digit >= 0;
        if (!is_digit(digit))
            return fail(p, digit < 0 ? "EOF while parsing a value" : "invalid number");
        skip_digits(p);
    }
    return true;
}

static bool read_number(struct parser *p)
{
    bool is_whole;
    size_t start = p->at;
    if (!scan_number(p, &is_whole))
        return false;
    char *text = strndup(p->text + start, p->at - start);
    if (!text)
        report_no_memory();
    bool is_negative = *text == '-';
    errno = 0;
    p->bits = is_negative ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
    // Minus zero is none of the whole numbers.
    if (!is_whole || errno || (is_negative && p->bits == 0)) {
        p->scalar = SCALAR_F64;
        p->number = strtod(text, NULL);
    } else {
        p->scalar = is_negative || p->bits <= INT64_MAX ? SCALAR_I64 : SCALAR_U64;
    }
    free(text);
    if (p->scalar == SCALAR_F64 && isinf(p->number))
        return fail(p, "number out of range");
    if (p->scalar == SCALAR_F64)
        copy_double(p, p->number);
    else if (is_negative)
        fprintf(p->out, "%" PRId64, (int64_t)p->bits);
    else
        fprintf(p->out, "%" PRIu64, p->bits);
    return true;
}

static bool read_word(struct parser *p, const char *word, enum scalar scalar, uint64_t bits)
{
    p->at++;
    for (const char *next = word + 1; *next; next++) {
        if (peek(p) < 0)
            return fail(p, "EOF while parsing a value");
        if (p->text[p->at++] != *next)
            return fail(p, "expected ident");
    }
    p->scalar = scalar;
    p->bits = bits;
    fputs(word, p->out);
    return true;
}

static bool open_container(struct parser *p, bool is_object)
{
    if (p->depth == CONTAINERS_MAX)
        return fail_next(p, "recursion limit exceeded");
    p->at++;
    fputc(is_object ? '{' : '[', p->out);
    p->containers[p->depth++] = (struct container){is_object, true};
    p->scalar = NO_SCALAR;
    return true;
}

// A scalar, or the beginning of a container.
static bool begin_value(struct parser *p)
{
    int byte = peek_token(p);
    switch (byte) {
    case -1:
        return fail_next(p, "EOF while parsing a value");
    case 'n':
        return read_word(p, "null", SCALAR_NULL, 0);
    case 't':
        return read_word(p, "true", SCALAR_BOOL, 1);
    case 'f':
        return read_word(p, "false", SCALAR_BOOL, 0);
    case '"':
        p->at++;
        if (!read_string(p))
            return false;
        p->scalar = SCALAR_STRING;
        copy_string(p);
        return true;
    case '[':
    case '{':
        return open_container(p, byte == '{');
    default:
        if (byte == '-' || is_digit(byte))
            return read_number(p);
        return fail_next(p, "expected value");
    }
}

static bool read_key(struct parser *p)
{
    int byte = peek_token(p);
    if (byte != '"')
        return fail_next(p, byte < 0      ? "EOF while parsing a value"
                            : byte == '}' ? "trailing comma"
                                          : "key must be a string");
    p->at++;
    if (!read_string(p))
        return false;
    copy_string(p);
    byte = peek_token(p);
    if (byte != ':')
        return fail_next(p, byte < 0 ? "EOF while parsing an object" : "expected `:`");
    p->at++;
    fputc(':', p->out);
    return true;
}

// Whether another value comes in the innermost container, which is closed otherwise.
static bool next_in_container(struct parser *p, bool *ret_more)
{
    struct container *container = &p->containers[p->depth - 1];
    const bool is_object = container->is_object;
    int byte = peek_token(p);
    *ret_more = byte != (is_object ? '}' : ']');
    if (byte < 0)
        return fail_next(p, is_object ? "EOF while parsing an object" : "EOF while parsing a list");
    if (!*ret_more) {
        p->at++;
        p->depth--;
        fputc(byte, p->out);
        return true;
    }
    if (!container->is_first) {
        if (byte != ',')
            return fail_next(p, is_object ? "expected `,` or `}`" : "expected `,` or `]`");
        p->at++;
        fputc(',', p->out);
        byte = peek_token(p);
        if (!is_object && (byte < 0 || byte == ']'))
            return fail_next(p, byte < 0 ? "EOF while parsing a value" : "trailing comma");
    }
    container->is_first = false;
    return !is_object || read_key(p);
}

// One value, whatever is in it; `scalar` says what it is.
static bool read_value(struct parser *p)
{
    const unsigned base = p->depth;
    bool more;
    do {
        if (!begin_value(p))
            return false;
        more = false;
        while (p->depth > base && !more)
            if (!next_in_container(p, &more))
                return false;
    } while (more);
    return true;
}

// -------------------------------------------------------------------------------------------
// values

static uint8_t *put_unit(uint8_t *out, uint32_t unit)
{
    *out++ = (uint8_t)unit;
    *out++ = (uint8_t)(unit >> 8);
    return out;
}

// UTF-16LE. A NUL, which would end the text, is not to: it is shown like U+0001, for which no
// format has a character either.
static evx_value text_value(const char *text, size_t size)
{
    uint8_t *units = malloc(2 * size + 2), *out = units;
    if (!units)
        report_no_memory();
    for (size_t at = 0, taken; at < size; at += taken) {
        uint32_t code = 0;
        taken = text[at] ? utf8_next(text + at, &code) : 1;
        if (!text[at])
            code = 1;
        if (code >= 0x10000) {
            out = put_unit(out, 0xd800 + ((code - 0x10000) >> 10));
            code = 0xdc00 + (code & 0x3ff);
        }
        out = put_unit(out, code);
    }
    return (evx_value){units, (size_t)(out - units), 1};
}

static evx_value number_value(const void *bytes, size_t size, uint8_t type)
{
    void *copy = malloc(size);
    if (!copy)
        report_no_memory();
    memcpy(copy, bytes, size);
    return (evx_value){copy, size, type};
}

static evx_value value_of(struct parser *p, bool is_container)
{
    uint32_t truth = (uint32_t)p->bits;
    memory_file_flush(p->out);
    if (is_container)
        return text_value(p->compact, p->compact_size);
    switch (p->scalar) {
    case SCALAR_BOOL:
        return number_value(&truth, sizeof truth, 13);
    case SCALAR_I64:
        return number_value(&p->bits, sizeof p->bits, 9);
    case SCALAR_U64:
        return number_value(&p->bits, sizeof p->bits, 10);
    case SCALAR_F64:
        return number_value(&p->number, sizeof p->number, 12);
    case SCALAR_STRING:
        return text_value(p->string, p->string_size);
    default:
        return (evx_value){0};
    }
}

static void add_value(struct json_values *values, evx_value value)
{
    if (values->count == values->capacity) {
        values->capacity = values->capacity ? 2 * values->capacity : 32;
        values->values = realloc(values->values, values->capacity * sizeof *values->values);
        if (!values->values)
            report_no_memory();
    }
    values->values[values->count++] = value;
}

static bool read_array(struct parser *p, struct json_values *values)
{
    if (!open_container(p, false))
        return false;
    for (;;) {
        bool more;
        if (!next_in_container(p, &more))
            return false;
        if (!more)
            return true;
        int first = peek_token(p);
        rewind(p->out);
        if (!read_value(p))
            return false;
        add_value(values, value_of(p, first == '[' || first == '{'));
    }
}

static bool read_all(struct parser *p, struct json_values *values)
{
    values->is_array = peek_token(p) == '[';
    if (!(values->is_array ? read_array(p, values) : read_value(p)))
        return false;
    return peek_token(p) < 0 || fail_next(p, "trailing characters");
}

char *json_values_read(const char *text, size_t size, struct json_values *ret)
{
    struct parser parser = {.text = text, .size = size};
    *ret = (struct json_values){0};
    parser.out = memory_file_open(&parser.compact, &parser.compact_size);
    if (!parser.out)
        report_no_memory();
    bool fine = read_all(&parser, ret);
    memory_file_close(parser.out);
    free(parser.compact);
    free(parser.string);
    return fine ? NULL : parser.error;
}

void json_values_free(struct json_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        free((void *)values->values[i].bytes);
    free(values->values);
    *values = (struct json_values){0};
}
