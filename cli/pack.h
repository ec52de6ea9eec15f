// SPDX-License-Identifier: MIT
// What the commands of `evx pack` share.
#ifndef EVX_CLI_PACK_H
#define EVX_CLI_PACK_H

#include <evx/pack_file.h>

// NULL when it cannot be opened, which is reported.
evx_pack_file *pack_open(const char *path);
// Reports what is wrong with a pack.
void pack_report(const char *path, const evx_error *error);

enum { PACK_GUID_TEXT = 39 };
void pack_guid_text(const uint8_t guid[16], char ret_text[PACK_GUID_TEXT]);

int pack_diff(const char *first, const char *second);

#endif
