// SPDX-License-Identifier: MIT
#include "rows/system_names.h"

#include <string.h>

#include "base/check.h"

#define NAME(name)                                                                                 \
    {                                                                                              \
        name, "System." name " is like it"                                                         \
    }

// Elements, and attributes behind a dot.
static const struct {
    const char *name, *hint;
} names[] = {
    NAME("Provider"),
    NAME("Provider.Name"),
    NAME("Provider.Guid"),
    NAME("Provider.EventSourceName"),
    NAME("EventID"),
    NAME("EventID.Qualifiers"),
    NAME("Version"),
    NAME("Level"),
    NAME("Task"),
    NAME("Opcode"),
    NAME("Keywords"),
    NAME("TimeCreated"),
    NAME("TimeCreated.SystemTime"),
    NAME("TimeCreated.RawTime"),
    NAME("EventRecordID"),
    NAME("Correlation"),
    NAME("Correlation.ActivityID"),
    NAME("Correlation.RelatedActivityID"),
    NAME("Execution"),
    NAME("Execution.ProcessID"),
    NAME("Execution.ThreadID"),
    NAME("Execution.ProcessorID"),
    NAME("Execution.SessionID"),
    NAME("Execution.KernelTime"),
    NAME("Execution.UserTime"),
    NAME("Execution.ProcessorTime"),
    NAME("Channel"),
    NAME("Computer"),
    NAME("Security"),
    NAME("Security.UserID"),
};

enum { ALIKE_BYTES_MAX = 48, NOT_ALIKE = ALIKE_BYTES_MAX };

static bool take_word(const char **text, size_t *size, const char *word)
{
    size_t word_size = strlen(word);
    if (*size < word_size || memcmp(*text, word, word_size) != 0)
        return false;
    *text += word_size;
    *size -= word_size;
    return true;
}

// Copies the name below System without `#attributes` and `#text`. 0: it is too long.
static size_t plain_name(char *plain, const char *text, size_t size)
{
    size_t count = 0;
    while (size > 0) {
        if (take_word(&text, &size, ".#attributes") || take_word(&text, &size, ".#text"))
            continue;
        if (count == ALIKE_BYTES_MAX)
            return 0;
        plain[count++] = *text++;
        size--;
    }
    return count;
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

// How many bytes have to be put in, left out or exchanged, whatever their case.
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned row[ALIKE_BYTES_MAX + 1];
    EVX_CHECK(b_size <= ALIKE_BYTES_MAX);
    for (size_t j = 0; j <= b_size; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned exchanged = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            diagonal = row[j];
            row[j] = least(exchanged, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_size];
}

bool system_names_check(const struct query_text *name, struct query_error *error)
{
    const char *text = name->bytes, *hint = NULL;
    char plain[ALIKE_BYTES_MAX];
    size_t size = name->size;
    unsigned best = NOT_ALIKE;
    if (memchr(text, '/', size))
        return true; // a path may lead anywhere
    take_word(&text, &size, "Event.");
    if (!take_word(&text, &size, "System."))
        return true;
    size_t count = plain_name(plain, text, size);
    for (size_t i = 0; i < sizeof names / sizeof *names && count > 0; i++) {
        const char *known = names[i].name;
        if (count == strlen(known) && memcmp(plain, known, count) == 0)
            return true;
        unsigned one = distance(plain, count, known, strlen(known));
        if (one < best && one <= count / 2) {
            best = one;
            hint = names[i].hint;
        }
    }
    query_error_set(error, name, 0, name->size, "a name that System has", hint);
    return false;
}
