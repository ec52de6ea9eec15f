// SPDX-License-Identifier: MIT
#include "wrong_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "archives.h"
#include "system/file.h"

enum {
    HEAD_BYTES = 4096,
    // Of a trace's first buffer: its size, and what kind of buffer it is (WMI_BUFFER_HEADER of
    // evntrace.h).
    TRACE_SIZE_UNIT = 1024,
    TRACE_KIND_OFFSET = 0x36,
    TRACE_KIND_HEADER = 4,
};

static uint32_t load(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool begins(const uint8_t *head, size_t size, size_t offset, const char *magic,
                   size_t magic_size)
{
    return offset + magic_size <= size && memcmp(head + offset, magic, magic_size) == 0;
}

static bool is_zero(const uint8_t *head, size_t size)
{
    size_t i = 0;
    while (i < size && head[i] == 0)
        i++;
    return i == size;
}

static bool is_trace(const uint8_t *head, size_t size)
{
    return size >= TRACE_KIND_OFFSET + 2 && load(head) != 0 && load(head) % TRACE_SIZE_UNIT == 0 &&
           head[TRACE_KIND_OFFSET] == TRACE_KIND_HEADER && head[TRACE_KIND_OFFSET + 1] == 0;
}

static const char *words_of(const uint8_t *head, size_t size)
{
    static char words[128];
    const char *kind = archive_kind(head, size);
    if (size == 0)
        return "the file is empty";
    if (is_zero(head, size))
        return size < HEAD_BYTES
                   ? "the file is nothing but zeros"
                   : "the file begins with zeros: evx recover looks for records in it";
    if (kind) {
        snprintf(words, sizeof words, "it is a %s file: unpack it first", kind);
        return words;
    }
    if (begins(head, size, 4, "LfLe", 4))
        return "it is a classic event log of Windows XP and older (.evt), which has another format";
    if (begins(head, size, 0, "ElfChnk", 8))
        return "it is a chunk of an event log without the file's header: evx recover reads it";
    if (begins(head, size, 0, "regf", 4))
        return "it is a registry hive";
    if (begins(head, size, 0, "MZ", 2))
        return "it is a program or library of Windows; evx pack build reads what it says of events";
    if (begins(head, size, 0, "<?xml", 5) || begins(head, size, 0, "\xEF\xBB\xBF<?xml", 8) ||
        begins(head, size, 0, "\xFF\xFE<\0", 4))
        return "it is XML, perhaps events that were exported as text";
    if (is_trace(head, size))
        return "it is a trace of Event Tracing for Windows (.etl), which has another format";
    return NULL;
}

const char *wrong_file_words(const char *path)
{
    uint8_t head[HEAD_BYTES];
    struct file_status status;
    if (!file_find_status(path, &status) || status.kind != FILE_KIND_REGULAR)
        return NULL;
    int fd = file_open(path);
    if (fd < 0)
        return NULL;
    int64_t size = file_read_at(fd, head, sizeof head, 0);
    file_close(fd);
    return size < 0 ? NULL : words_of(head, (size_t)size);
}
