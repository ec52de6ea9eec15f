// SPDX-License-Identifier: MIT
// Archives and compressed files as inputs: each log in one is an input of its own, named
// "case.zip!Logs/Security.evtx". They are read by libarchive, which is loaded when the first one is
// met. A log is unpacked into a temporary file without a name; memory does not grow with it.
//
// Logs are listed first, and then opened in the order of the list: that reads an archive twice, and
// no more often. Everything here is for one thread.
#ifndef EVX_CLI_ARCHIVES_H
#define EVX_CLI_ARCHIVES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    ARCHIVE_DEPTH_MAX = 4,         // archives in one another
    ARCHIVE_MEMBERS_MAX = 1 << 20, // of one archive; what is behind them is reported
};
#define ARCHIVE_MEMBER_BYTES_MAX (UINT64_C(1) << 36) // of a log or an archive, once it is unpacked

// What the first bytes of a file say that it is: NULL for no archive. Other archives are told from
// wrong files by this, too.
enum { ARCHIVE_HEAD_BYTES = 264 };
const char *archive_kind(const void *head, size_t size);

// Whether it is a regular file that begins as an archive does.
bool archive_is_at(const char *path);

// Gives the name of each log in it; of one that cannot be read at all its own name. False when
// something is wrong, which was reported.
bool archive_list(const char *path, void (*found)(void *context, const char *name), void *context);

// Whether a name was given by archive_list.
bool archive_has(const char *name);
// The file that such a name lies in; any other name itself.
const char *archive_path(const char *name);
// The unpacked bytes of such a name, for reading from the front; -1 when it was reported why not.
int archive_open(const char *name);
// Whether a log was opened that could not be unpacked whole; it was reported.
bool archive_was_damaged(void);

#endif
