// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/library.h"

#include <stdint.h>
#include <windows.h>

void *library_load(const char *name)
{
    return LoadLibraryA(name);
}

void *library_find(void *library, const char *symbol)
{
    return (void *)(intptr_t)GetProcAddress(library, symbol);
}

void library_unload(void *library)
{
    FreeLibrary(library);
}

#endif
