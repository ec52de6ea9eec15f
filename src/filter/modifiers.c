// SPDX-License-Identifier: MIT
#include "filter/modifiers.h"

#include <string.h>

#include "base/check.h"
#include "filter/reading.h"

enum modifier_kind {
    MODIFIER_MATCH,
    MODIFIER_NUMBER,
    MODIFIER_PART,
    MODIFIER_FLAG,
    MODIFIER_CHANGE,
    MODIFIER_ALL,
    MODIFIER_CASED,
    MODIFIER_NEGATED,
    MODIFIER_FIELD,
    MODIFIER_EXPAND,
};

struct modifier {
    const char *name;
    uint8_t kind, value;
};

static const struct modifier table[] = {
    {"contains", MODIFIER_MATCH, MATCH_CONTAINS},
    {"startswith", MODIFIER_MATCH, MATCH_STARTS},
    {"endswith", MODIFIER_MATCH, MATCH_ENDS},
    {"re", MODIFIER_MATCH, MATCH_REGEX},
    {"cidr", MODIFIER_MATCH, MATCH_NETWORK},
    {"exists", MODIFIER_MATCH, MATCH_EXISTS},
    {"lt", MODIFIER_NUMBER, LITERAL_LT},
    {"lte", MODIFIER_NUMBER, LITERAL_LE},
    {"gt", MODIFIER_NUMBER, LITERAL_GT},
    {"gte", MODIFIER_NUMBER, LITERAL_GE},
    {"minute", MODIFIER_PART, LITERAL_PART_MINUTE},
    {"hour", MODIFIER_PART, LITERAL_PART_HOUR},
    {"day", MODIFIER_PART, LITERAL_PART_DAY},
    {"week", MODIFIER_PART, LITERAL_PART_WEEK},
    {"month", MODIFIER_PART, LITERAL_PART_MONTH},
    {"year", MODIFIER_PART, LITERAL_PART_YEAR},
    {"i", MODIFIER_FLAG, LITERAL_REGEX_CASELESS},
    {"m", MODIFIER_FLAG, LITERAL_REGEX_MULTILINE},
    {"s", MODIFIER_FLAG, LITERAL_REGEX_DOT_ALL},
    {"windash", MODIFIER_CHANGE, CHANGE_WINDASH},
    {"utf16le", MODIFIER_CHANGE, CHANGE_UTF16LE},
    {"wide", MODIFIER_CHANGE, CHANGE_UTF16LE},
    {"utf16be", MODIFIER_CHANGE, CHANGE_UTF16BE},
    {"utf16", MODIFIER_CHANGE, CHANGE_UTF16},
    {"base64", MODIFIER_CHANGE, CHANGE_BASE64},
    {"base64offset", MODIFIER_CHANGE, CHANGE_BASE64_OFFSET},
    {"all", MODIFIER_ALL, 0},
    {"cased", MODIFIER_CASED, 0},
    {"neq", MODIFIER_NEGATED, 0},
    {"fieldref", MODIFIER_FIELD, 0},
    {"expand", MODIFIER_EXPAND, 0},
};

static const char unknown[] = "a modifier: contains, startswith, endswith, re, cidr, exists, lt, "
                              "lte, gt, gte, all, cased, neq, ...";

static bool is_base64(uint8_t change)
{
    return change == CHANGE_BASE64 || change == CHANGE_BASE64_OFFSET;
}

static uint8_t last_change(const struct modifiers *modifiers)
{
    return modifiers->change_count ? modifiers->changes[modifiers->change_count - 1] : CHANGE_NONE;
}

// False: it does not go together with those before.
static bool apply(const struct modifier *modifier, struct modifiers *modifiers)
{
    uint8_t last = last_change(modifiers);
    switch (modifier->kind) {
    case MODIFIER_MATCH:
        if (modifiers->match != MATCH_WHOLE)
            return false;
        modifiers->match = (enum modifier_match)modifier->value;
        return true;
    case MODIFIER_NUMBER:
        if (modifiers->match != MATCH_WHOLE && !(modifiers->part && modifiers->op == LITERAL_EQ))
            return false;
        modifiers->match = MATCH_NUMBER;
        modifiers->op = (enum literal_op)modifier->value;
        return true;
    case MODIFIER_PART:
        if (modifiers->match != MATCH_WHOLE)
            return false;
        modifiers->match = MATCH_NUMBER;
        modifiers->op = LITERAL_EQ;
        modifiers->part = modifier->value;
        return true;
    case MODIFIER_FLAG:
        modifiers->regex_flags |= modifier->value;
        return modifiers->match == MATCH_REGEX;
    case MODIFIER_CHANGE:
        if (modifiers->change_count == MODIFIER_CHANGES_MAX || is_base64(last))
            return false;
        modifiers->changes[modifiers->change_count++] = modifier->value;
        return last == CHANGE_NONE || last == CHANGE_WINDASH || is_base64(modifier->value);
    case MODIFIER_ALL:
        modifiers->all = true;
        return true;
    case MODIFIER_CASED:
        modifiers->cased = true;
        return true;
    case MODIFIER_FIELD:
        modifiers->is_field = true;
        return true;
    case MODIFIER_EXPAND:
        modifiers->is_expanded = true;
        return true;
    default:
        modifiers->negated = true;
        return true;
    }
}

static const char *conflict_of(const struct modifiers *modifiers)
{
    uint8_t last = last_change(modifiers);
    bool is_text = modifiers->match <= MATCH_ENDS;
    if (last != CHANGE_NONE && last != CHANGE_WINDASH && !is_base64(last))
        return "base64 or base64offset behind a UTF-16 modifier";
    if (!is_text && (modifiers->change_count > 0 || modifiers->cased || modifiers->is_field))
        return "modifiers that go together";
    if (modifiers->is_field && (modifiers->change_count > 0 || modifiers->is_expanded))
        return "modifiers that go together";
    if (modifiers->all && (modifiers->negated || modifiers->match == MATCH_EXISTS))
        return "modifiers that go together";
    return NULL;
}

static bool take_one(const struct query_text *word, struct modifiers *modifiers,
                     struct query_error *error)
{
    struct reading_text text = reading_of_bytes(word->bytes, word->size);
    const char *expected = unknown;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!reading_is_word(text, table[i].name))
            continue;
        if (apply(&table[i], modifiers))
            return true;
        expected = "a modifier that goes with those before it";
        break;
    }
    query_error_set(error, word, 0, word->size, expected, NULL);
    return false;
}

bool modifiers_parse(const struct query_text *text, struct modifiers *ret_modifiers,
                     struct query_error *error)
{
    struct modifiers modifiers = {.match = MATCH_WHOLE};
    for (size_t at = 0; at < text->size;) {
        const char *end = memchr(text->bytes + at, '|', text->size - at);
        size_t size = end ? (size_t)(end - text->bytes) - at : text->size - at;
        struct query_text word = query_text_part(text, at, size);
        if (!take_one(&word, &modifiers, error))
            return false;
        at += size + 1;
    }
    const char *conflict = conflict_of(&modifiers);
    if (conflict) {
        query_error_set(error, text, 0, text->size, conflict, NULL);
        return false;
    }
    *ret_modifiers = modifiers;
    return true;
}
