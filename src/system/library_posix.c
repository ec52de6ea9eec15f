// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "system/library.h"

#include <dlfcn.h>

void *library_load(const char *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void *library_find(void *library, const char *symbol)
{
    return dlsym(library, symbol);
}

void library_unload(void *library)
{
    dlclose(library);
}

#endif
