// SPDX-License-Identifier: MIT
// By a temporary file, which the system keeps in memory while there is room.
#ifdef _WIN32
#include "memory_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <windows.h>

#include "system/file.h"

// Those that are open; the programs write them on one thread.
struct memory_file {
    struct memory_file *next;
    FILE *file;
    char **text;
    size_t *size;
};

static struct memory_file *open_files;

FILE *memory_file_open(char **ret_text, size_t *ret_size)
{
    struct memory_file *memory_file = malloc(sizeof *memory_file);
    int fd = memory_file ? file_open_temporary() : -1;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+b");
    if (!file) {
        if (fd >= 0)
            file_close(fd);
        free(memory_file);
        return NULL;
    }
    *ret_text = NULL;
    *ret_size = 0;
    *memory_file = (struct memory_file){open_files, file, ret_text, ret_size};
    open_files = memory_file;
    return file;
}

static bool take_text(struct memory_file *memory_file)
{
    if (fflush(memory_file->file) != 0)
        return false;
    int64_t position = _ftelli64(memory_file->file);
    char *text = position < 0 ? NULL : realloc(*memory_file->text, (size_t)position + 1);
    if (!text)
        return false;
    *memory_file->text = text;
    *memory_file->size = (size_t)position;
    text[position] = 0;
    return _fseeki64(memory_file->file, 0, SEEK_SET) == 0 &&
           fread(text, 1, (size_t)position, memory_file->file) == (size_t)position &&
           _fseeki64(memory_file->file, position, SEEK_SET) == 0;
}

static struct memory_file **find(FILE *file)
{
    struct memory_file **at = &open_files;
    while ((*at)->file != file)
        at = &(*at)->next;
    return at;
}

bool memory_file_flush(FILE *file)
{
    return take_text(*find(file));
}

bool memory_file_close(FILE *file)
{
    struct memory_file **at = find(file), *memory_file = *at;
    bool fine = !ferror(file) && take_text(memory_file);
    *at = memory_file->next;
    free(memory_file);
    return fclose(file) == 0 && fine;
}

#endif
