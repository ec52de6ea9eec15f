// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *memmem(const void *bytes, size_t size, const void *part, size_t part_size)
{
    const char *at = bytes, *first = part;
    if (part_size == 0)
        return (void *)bytes;
    while (size >= part_size) {
        const char *hit = memchr(at, *first, size - part_size + 1);
        if (!hit)
            return NULL;
        if (memcmp(hit, part, part_size) == 0)
            return (void *)hit;
        EVX_CHECK(hit >= at && (size_t)(hit - at) < size);
        size -= (size_t)(hit - at) + 1;
        at = hit + 1;
    }
    return NULL;
}

char *strchrnul(const char *text, int c)
{
    const char *found = strchr(text, c);
    return (char *)(found ? found : text + strlen(text));
}

char *strndup(const char *text, size_t size)
{
    size = strnlen(text, size);
    char *copy = malloc(size + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = 0;
    return copy;
}

char *strsep(char **rest, const char *separators)
{
    char *piece = *rest;
    if (!piece)
        return NULL;
    char *end = strpbrk(piece, separators);
    if (end)
        *end++ = 0;
    *rest = end;
    return piece;
}

#endif
