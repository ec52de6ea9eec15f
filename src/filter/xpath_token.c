// SPDX-License-Identifier: MIT
#include "filter/xpath_token.h"

#include <string.h>

#include "base/check.h"
#include "filter/reading.h"

static uint8_t byte_at(const struct query_text *text, size_t at)
{
    return at < text->size ? (uint8_t)text->bytes[at] : 0;
}

static bool starts_name(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return (lower >= 'a' && lower <= 'z') || byte == '_' || byte >= 0x80;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t name_size(const struct query_text *text, size_t at)
{
    size_t end = at;
    for (uint8_t byte = byte_at(text, end); byte != 0; byte = byte_at(text, ++end)) {
        if (!starts_name(byte) && !is_digit(byte) && byte != '-' && byte != '.')
            break;
    }
    return end - at;
}

// Of a number that begins here, 0 when none does.
static size_t number_size(const struct query_text *text, size_t at)
{
    size_t end = at + (byte_at(text, at) == '-');
    if (!is_digit(byte_at(text, end)))
        return 0;
    if (byte_at(text, at) == '0' && byte_at(text, at + 1) == 'x' &&
        reading_digit(byte_at(text, at + 2)) < 16) {
        end = at + 2;
        while (reading_digit(byte_at(text, end)) < 16)
            end++;
        return end - at;
    }
    while (is_digit(byte_at(text, end)))
        end++;
    if (byte_at(text, end) == '.') {
        end++;
        while (is_digit(byte_at(text, end)))
            end++;
    }
    return end - at;
}

static struct xpath_token string_at(const struct query_text *text, size_t at)
{
    const char *start = text->bytes + at;
    const char *end = memchr(start + 1, *start, text->size - at - 1);
    if (!end)
        return (struct xpath_token){XPATH_OPEN_STRING, 0, at, text->size - at};
    return (struct xpath_token){XPATH_STRING, 0, at, (size_t)(end - start) + 1};
}

static struct xpath_token operator_at(const struct query_text *text, size_t at)
{
    bool with_equals = byte_at(text, at + 1) == '=';
    struct xpath_token token = {XPATH_OPERATOR, LITERAL_EQ, at, 1};
    switch (text->bytes[at]) {
    case '=':
        return token;
    case '!':
        if (!with_equals)
            return (struct xpath_token){XPATH_STRANGE, 0, at, 1};
        token.op = LITERAL_NE;
        break;
    case '<':
        token.op = with_equals ? LITERAL_LE : LITERAL_LT;
        break;
    default:
        token.op = with_equals ? LITERAL_GE : LITERAL_GT;
        break;
    }
    token.size += with_equals;
    return token;
}

static enum xpath_token_kind kind_of(char byte)
{
    switch (byte) {
    case '*':
        return XPATH_STAR;
    case '@':
        return XPATH_AT;
    case '/':
        return XPATH_SLASH;
    case ',':
        return XPATH_COMMA;
    case '(':
        return XPATH_OPEN;
    case ')':
        return XPATH_CLOSE;
    case '[':
        return XPATH_OPEN_PREDICATE;
    case ']':
        return XPATH_CLOSE_PREDICATE;
    default:
        return XPATH_STRANGE;
    }
}

// As much as tells what it was meant to be.
static size_t strange_size(const struct query_text *text, size_t at)
{
    uint8_t byte = byte_at(text, at);
    if (byte == '&') {
        for (size_t end = at + 1; end < text->size && end - at < 8; end++) {
            if (text->bytes[end] == ';')
                return end - at + 1;
        }
    }
    return byte_at(text, at + 1) == byte ? 2 : 1;
}

struct xpath_token xpath_token_at(const struct query_text *text, size_t at)
{
    while (at < text->size && memchr(" \t\r\n", text->bytes[at], 4))
        at++;
    EVX_CHECK(at <= text->size);
    if (at >= text->size)
        return (struct xpath_token){XPATH_END, 0, text->size, 0};
    char byte = text->bytes[at];
    if (starts_name((uint8_t)byte))
        return (struct xpath_token){XPATH_NAME, 0, at, name_size(text, at)};
    if (byte == '\'' || byte == '"')
        return string_at(text, at);
    if (byte == '=' || byte == '!' || byte == '<' || byte == '>')
        return operator_at(text, at);
    size_t size = number_size(text, at);
    if (size > 0)
        return (struct xpath_token){XPATH_NUMBER, 0, at, size};
    if (byte == ':' && byte_at(text, at + 1) == ':')
        return (struct xpath_token){XPATH_AXIS, 0, at, 2};
    enum xpath_token_kind kind = kind_of(byte);
    return (struct xpath_token){kind, 0, at, kind == XPATH_STRANGE ? strange_size(text, at) : 1};
}

bool xpath_token_is(const struct query_text *text, const struct xpath_token *token,
                    const char *name)
{
    return token->kind == XPATH_NAME && token->size == strlen(name) &&
           memcmp(text->bytes + token->at, name, token->size) == 0;
}

bool xpath_token_is_word(const struct query_text *text, const struct xpath_token *token,
                         const char *lower_word)
{
    return token->kind == XPATH_NAME &&
           reading_is_word(reading_of_bytes(text->bytes + token->at, token->size), lower_word);
}
