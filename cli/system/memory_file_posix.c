// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "memory_file.h"

FILE *memory_file_open(char **ret_text, size_t *ret_size)
{
    return open_memstream(ret_text, ret_size);
}

bool memory_file_flush(FILE *file)
{
    return fflush(file) == 0;
}

bool memory_file_close(FILE *file)
{
    return fclose(file) == 0;
}

#endif
