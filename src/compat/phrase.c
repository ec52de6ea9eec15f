// SPDX-License-Identifier: MIT
#include "compat/phrase.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/check.h"

struct line {
    char *bytes;
    size_t size, used; // used < size
};

static EVX_PRINTF(2, 3) void put(struct line *line, const char *format, ...)
{
    va_list arguments;
    EVX_CHECK(line->used < line->size);
    size_t room = line->size - line->used;
    va_start(arguments, format);
    int length = vsnprintf(line->bytes + line->used, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        line->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void put_bytes(struct line *line, uint64_t number, int count)
{
    for (int i = 0; i < count; i++)
        put(line, "%s%2X", i ? ", " : "", (unsigned)(number >> 8 * i & 0xFF));
}

// form: "", or x or b and a number of digits or bytes.
static void put_blank(struct line *line, const struct blank *blank, const char *form)
{
    int count = *form ? atoi(form + 1) : 0;
    if (*form == 'x')
        put(line, "%0*" PRIx64, count, blank->number);
    else if (*form == 'b')
        put_bytes(line, blank->number, count);
    else if (blank->text)
        put(line, "%s", blank->text);
    else
        put(line, "%" PRIu64, blank->number);
}

// What the name, which ends at a colon or a brace, stands for.
static const struct blank *find_blank(const struct blank *blanks, const char *name, size_t size)
{
    while (strncmp(blanks->name, name, size) != 0 || blanks->name[size] != 0) {
        blanks++;
        EVX_CHECK(blanks->name != NULL);
    }
    return blanks;
}

void phrase_add_cause(evx_error *error, const char *phrase, const struct blank *blanks)
{
    EVX_CHECK(error->cause_count < EVX_CAUSES_MAX);
    struct line line = {error->cause[error->cause_count++], EVX_CAUSE_SIZE, 0};
    for (;;) {
        size_t plain = strcspn(phrase, "{");
        put(&line, "%.*s", (int)plain, phrase);
        phrase += plain;
        if (!*phrase)
            return;
        size_t size = strcspn(++phrase, ":}");
        const struct blank *blank = find_blank(blanks, phrase, size);
        phrase += size;
        put_blank(&line, blank, *phrase == ':' ? phrase + 1 : "");
        phrase = strchr(phrase, '}') + 1;
    }
}
