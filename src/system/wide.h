// SPDX-License-Identifier: MIT
// Windows alone: its texts are UTF-16, ours UTF-8. Halves of surrogate pairs, which names may have,
// are kept (as WTF-8).
#ifndef EVX_SYSTEM_WIDE_H
#define EVX_SYSTEM_WIDE_H

#include <stddef.h>
#include <wchar.h>

// free(). NULL without memory.
char *wide_to_utf8(const wchar_t *text);
wchar_t *wide_from_utf8(const char *text);
// As the calls of the system want it: from the root and in the form that may be longer than 260
// units and whose names mean nothing but files ("con.evtx"); "con" and "nul" alone are the devices.
wchar_t *wide_path(const char *path);

// Sets errno from GetLastError(), in the words of POSIX; returns -1.
int wide_fail(void);

#endif
