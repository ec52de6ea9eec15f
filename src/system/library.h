// SPDX-License-Identifier: MIT
// Libraries that are loaded when they are needed first.
#ifndef EVX_SYSTEM_LIBRARY_H
#define EVX_SYSTEM_LIBRARY_H

// NULL: it is not there.
void *library_load(const char *name);
void *library_find(void *library, const char *symbol);
void library_unload(void *library);

#endif
