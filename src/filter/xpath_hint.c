// SPDX-License-Identifier: MIT
#include "filter/xpath_hint.h"

#include <string.h>

struct hint {
    const char *found; // lower case
    const char *hint;
};

static const char *look_up(const struct hint *hints, size_t count, const struct query_text *text,
                           const struct xpath_token *found)
{
    for (size_t i = 0; i < count; i++) {
        if (xpath_token_is_word(text, found, hints[i].found))
            return hints[i].hint;
    }
    return NULL;
}

static bool starts(const struct query_text *text, const struct xpath_token *found,
                   const char *prefix)
{
    size_t size = strlen(prefix);
    return text->size - found->at >= size && memcmp(text->bytes + found->at, prefix, size) == 0;
}

static const char *hint_of_strange(const struct query_text *text, const struct xpath_token *found)
{
    static const struct hint hints[] = {
        {"&lt;", "escapes are for XML: write < here"},
        {"&gt;", "escapes are for XML: write > here"},
        {"&amp;", "escapes are for XML: write & here"},
        {"&quot;", "escapes are for XML: write a quote here"},
        {"&apos;", "escapes are for XML: write a quote here"},
        {"&&", "the operators are and, or"},
        {"|", "the operators are and, or; paths are joined by or"},
        {"..", "paths lead down, by names and attributes"},
        {".", "paths lead down, by names and attributes"},
        {"$", "there are no variables"},
        {"+", "there is no arithmetic"},
        {"!", "there is no negation but !="},
        {":", "names stand without prefixes"},
        {"\\<", "write < without a backslash"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (starts(text, found, hints[i].found))
            return hints[i].hint;
    }
    return NULL;
}

const char *xpath_hint(const struct query_text *text, const struct xpath_token *found)
{
    static const struct hint names[] = {
        {"or", "operators are lower case: or"},
        {"and", "operators are lower case: and"},
        {"not", "there is no not: use !=, or Suppress"},
        {"like", "wildcards are for --data NAME=VALUE"},
        {"contains", "use --data 'NAME|contains=TEXT'"},
    };
    switch (found->kind) {
    case XPATH_NAME:
        return look_up(names, sizeof names / sizeof names[0], text, found);
    case XPATH_STRANGE:
        return hint_of_strange(text, found);
    case XPATH_OPEN_STRING:
        return "the quote is not closed; a text with one kind of quotes stands in the other";
    case XPATH_SLASH:
        return starts(text, found, "//") ? "there is no //: name each step" : NULL;
    case XPATH_OPERATOR:
        return found->op == LITERAL_EQ ? "= stands once, behind a path" : NULL;
    default:
        return NULL;
    }
}

const char *xpath_hint_of_root(const struct query_text *text, const struct xpath_token *found)
{
    static const struct hint names[] = {
        {"system", "write *[System[...]]"},
        {"eventdata", "write *[EventData[...]]"},
        {"userdata", "write *[UserData[...]]"},
        {"data", "write *[EventData[Data[@Name='NAME']='VALUE']]"},
        {"eventcode", "that is EventID: write *[System[EventID=NUMBER]]"},
        {"eventid", "write *[System[EventID=NUMBER]]"},
        {"level", "write *[System[Level=NUMBER]]"},
        {"provider", "write *[System[Provider[@Name='NAME']]]"},
        {"select", "this is XPath, no SQL: write *[System[EventID=NUMBER]]"},
    };
    switch (found->kind) {
    case XPATH_NAME: {
        const char *hint = look_up(names, sizeof names / sizeof names[0], text, found);
        return hint ? hint : "write *[...], as in *[System[EventID=1]]";
    }
    case XPATH_NUMBER:
        return "write *[System[EventID=NUMBER]]";
    case XPATH_SLASH:
        return "paths are never absolute: write Event/... or */...";
    case XPATH_OPEN_PREDICATE:
        return "write * in front of the bracket";
    default:
        return xpath_hint(text, found);
    }
}

const char *xpath_hint_of_function(const struct query_text *text, const struct xpath_token *found)
{
    static const struct hint names[] = {
        {"not", "there is no not(): use !=, or Suppress"},
        {"contains", "use --data 'NAME|contains=TEXT'"},
        {"starts-with", "use --data 'NAME|startswith=TEXT'"},
        {"ends-with", "use --data 'NAME|endswith=TEXT'"},
        {"matches", "use --data 'NAME|re=PATTERN'"},
        {"last", "the size of a list cannot be asked"},
    };
    const char *hint = look_up(names, sizeof names / sizeof names[0], text, found);
    return hint ? hint : "the functions are position(), band(), timediff()";
}
