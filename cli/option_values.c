// SPDX-License-Identifier: MIT
#include "option_values.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "usage_error.h"
#include "utf8.h"

static const char bad_digit[] = "invalid digit found in string";

// Decimal digits behind an optional sign. NULL, or why it is no number.
static const char *read_integer(const char *text, bool may_be_negative, bool *ret_negative,
                                uint64_t max, uint64_t *ret_number)
{
    if (!*text)
        return "cannot parse integer from empty string";
    *ret_negative = may_be_negative && *text == '-';
    if (*text == '+' || *ret_negative)
        text++;
    if (!*text)
        return bad_digit;
    uint64_t number = 0;
    bool overflow = false;
    for (; *text; text++) {
        unsigned digit = (unsigned)*text - '0';
        if (digit > 9)
            return bad_digit;
        overflow = overflow || number > max / 10 || number * 10 > max - digit;
        number = number * 10 + digit;
    }
    if (overflow)
        return *ret_negative ? "number too small to fit in target type"
                             : "number too large to fit in target type";
    *ret_number = number;
    return NULL;
}

static char *read_ranged(const struct option_spec *option, const char *value, uint64_t max,
                         uint64_t *ret_number)
{
    bool negative;
    uint64_t number;
    const char *why = read_integer(value, true, &negative, INT64_MAX, &number);
    if (why)
        return usage_error_bad_value(option, value, why);
    if (number > max || (negative && number > 0)) {
        char text[96];
        snprintf(text, sizeof text, "%s%llu is not in 0..=%llu", negative ? "-" : "",
                 (unsigned long long)number, (unsigned long long)max);
        return usage_error_bad_value(option, value, text);
    }
    *ret_number = number;
    return NULL;
}

static char *read_uint64(const struct option_spec *option, const char *value, uint64_t *ret_number)
{
    bool negative;
    const char *why = read_integer(value, false, &negative, UINT64_MAX, ret_number);
    return why ? usage_error_bad_value(option, value, why) : NULL;
}

static char *read_size(const struct option_spec *option, const char *value, uint64_t *ret_number)
{
    size_t digits = strspn(value, "0123456789");
    const char *units = "KMG", *unit = value[digits] ? strchr(units, value[digits]) : NULL;
    char number_text[24];
    uint64_t number;
    bool negative;
    if (digits == 0 || digits >= sizeof number_text ||
        (value[digits] && (!unit || value[digits + 1])))
        return usage_error_bad_value(option, value,
                                     "expected a number, and K, M or G behind it or not");
    memcpy(number_text, value, digits);
    number_text[digits] = '\0';
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (read_integer(number_text, false, &negative, UINT64_MAX >> shift, &number))
        return usage_error_bad_value(option, value, "number too large");
    *ret_number = number << shift;
    return NULL;
}

static bool read_range(const char *piece, evx_id_range *ret_range)
{
    char first[64];
    bool negative;
    size_t size = strcspn(piece, "-");
    if (size >= sizeof first)
        return false;
    memcpy(first, piece, size);
    first[size] = '\0';
    if (read_integer(first, false, &negative, UINT64_MAX, &ret_range->first))
        return false;
    ret_range->last = ret_range->first;
    return !piece[size] ||
           !read_integer(piece + size + 1, false, &negative, UINT64_MAX, &ret_range->last);
}

static char *read_ranges(const struct option_spec *option, const char *value,
                         struct options *options)
{
    size_t count = 1;
    for (const char *c = value; *c; c++)
        count += *c == ',';
    char *pieces = strdup(value);
    options->ids = calloc(count, sizeof *options->ids);
    if (!pieces || !options->ids)
        report_no_memory();
    char *rest = pieces, *piece, *message = NULL;
    while (!message && (piece = strsep(&rest, ",")) != NULL) {
        if (read_range(piece, &options->ids[options->id_count])) {
            options->id_count++;
            continue;
        }
        char *why;
        if (asprintf(&why, "Expected range to be a positive number, got: %s", piece) < 0)
            report_no_memory();
        message = usage_error_bad_value(option, value, why);
        free(why);
    }
    free(pieces);
    return message;
}

// The library knows the encodings, so it is asked.
static char *read_codec(const struct option_spec *option, const char *value)
{
    evx_engine *engine;
    evx_error error;
    const evx_engine_options options = {.size = sizeof options, .ansi_codec = value};
    evx_status status = evx_engine_create(&options, &engine, &error);
    if (status == EVX_ERR_ARGUMENT)
        return usage_error_bad_value(option, value, error.cause[0]);
    if (status != EVX_OK)
        report_no_memory();
    evx_engine_destroy(&engine);
    return NULL;
}

static char *read_choice(const struct option_spec *option, const char *value)
{
    const char *choice;
    size_t size;
    for (size_t i = 0; (choice = option_choice(option, i, &size)) != NULL; i++) {
        if (strlen(value) == size && memcmp(value, choice, size) == 0)
            return NULL;
    }
    return *value ? usage_error_bad_choice(option, value) : usage_error_value_missing(option);
}

static bool is_plain_text(enum option_kind kind)
{
    return kind == KIND_TEXT || kind == KIND_REQUIRED || kind == KIND_LIST || kind == KIND_PATH;
}

char *option_value_read(const struct option_spec *option, const char *value,
                        struct options *options)
{
    uint64_t *number = &options->values[option->id].number;
    if (!is_plain_text(option->kind) && !utf8_is_valid(value)) // a path may be any bytes
        return usage_error_not_utf8(options->command);
    switch (option->kind) {
    case KIND_PATH:
        return *value ? NULL : usage_error_value_missing(option);
    case KIND_CHOICE:
        return read_choice(option, value);
    case KIND_UINT8:
        return read_ranged(option, value, UINT8_MAX, number);
    case KIND_UINT16:
        return read_ranged(option, value, UINT16_MAX, number);
    case KIND_UINT32:
        return read_ranged(option, value, UINT32_MAX, number);
    case KIND_UINT64:
        return read_uint64(option, value, number);
    case KIND_SIZE:
        return read_size(option, value, number);
    case KIND_RANGES:
        return read_ranges(option, value, options);
    case KIND_CODEC:
        return read_codec(option, value);
    default:
        return NULL;
    }
}
