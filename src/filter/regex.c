// SPDX-License-Identifier: MIT
#include "filter/regex.h"

#include <stdio.h>

#include "base/attrs.h"
#include "base/check.h"

#if EVX_HAVE_PCRE2

#define PCRE2_STATIC // its names are not looked for in a DLL
#define PCRE2_CODE_UNIT_WIDTH 16
#include <pcre2.h>

enum {
    REGEX_MATCH_LIMIT = 1000000, // steps of one match; PCRE2's own is ten times that
    REGEX_DEPTH_LIMIT = 10000,
    REGEX_HEAP_LIMIT_KIB = 16 << 10,
};

static uint32_t options_of(uint8_t flags)
{
    // Units are not checked: a log may hold lone surrogates, which match nothing but themselves.
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= flags & LITERAL_REGEX_CASELESS ? PCRE2_CASELESS : 0;
    options |= flags & LITERAL_REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
    options |= flags & LITERAL_REGEX_DOT_ALL ? PCRE2_DOTALL : 0;
    return options;
}

static void message_of(int code, char *message)
{
    PCRE2_UCHAR units[REGEX_MESSAGE_BYTES] = {0};
    pcre2_get_error_message(code, units, REGEX_MESSAGE_BYTES);
    for (size_t i = 0; i < REGEX_MESSAGE_BYTES; i++)
        message[i] = units[i] < 0x80 ? (char)units[i] : '?';
    message[REGEX_MESSAGE_BYTES - 1] = 0;
}

enum regex_outcome regex_compile(struct literal *literal, size_t *ret_offset, char *message)
{
    int code;
    PCRE2_SIZE offset;
    EVX_CHECK(literal->op == LITERAL_REGEX && !literal->regex);
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR)(const void *)literal->units, literal->unit_count,
                                      options_of(literal->regex_flags), &code, &offset, NULL);
    if (!regex) {
        *ret_offset = offset;
        message_of(code, message);
        return code == PCRE2_ERROR_NOMEMORY ? REGEX_NO_MEMORY : REGEX_WRONG;
    }
    pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE); // where it is; matching is the same without
    literal->regex = regex;
    return REGEX_FINE;
}

void regex_free(struct literal *literal)
{
    pcre2_code_free(literal->regex);
    literal->regex = NULL;
}

bool regex_state_init(struct regex_state *state)
{
    *state = (struct regex_state){0};
    state->match_data = pcre2_match_data_create(1, NULL);
    state->match_context = pcre2_match_context_create(NULL);
    if (!state->match_data || !state->match_context)
        return false;
    pcre2_set_match_limit(state->match_context, REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(state->match_context, REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(state->match_context, REGEX_HEAP_LIMIT_KIB);
    return true;
}

void regex_state_destroy(struct regex_state *state)
{
    pcre2_match_data_free(state->match_data);
    pcre2_match_context_free(state->match_context);
    *state = (struct regex_state){0};
}

bool regex_find(struct regex_state *state, const struct literal *literal, const uint8_t *units,
                size_t count)
{
    static const uint16_t nothing[1] = {0};
    PCRE2_SPTR subject = count ? (PCRE2_SPTR)(const void *)units : (PCRE2_SPTR)nothing;
    int code =
        pcre2_match(literal->regex, subject, count, 0, 0, state->match_data, state->match_context);
    if (code < 0 && code != PCRE2_ERROR_NOMATCH)
        state->runaways++;
    return code >= 0;
}

#else

enum regex_outcome regex_compile(struct literal *literal, size_t *ret_offset, char *message)
{
    (void)literal, (void)ret_offset, (void)message;
    return REGEX_ABSENT;
}

void regex_free(struct literal *literal)
{
    (void)literal;
}

bool regex_state_init(struct regex_state *state)
{
    *state = (struct regex_state){0};
    return true;
}

void regex_state_destroy(struct regex_state *state)
{
    (void)state;
}

bool regex_find(struct regex_state *state, const struct literal *literal, const uint8_t *units,
                size_t count)
{
    (void)state, (void)literal, (void)units, (void)count;
    EVX_CHECK(false); // none has been compiled
    return false;
}

#endif
