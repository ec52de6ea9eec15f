// SPDX-License-Identifier: MIT
// The question before an existing file is overwritten.
#ifndef EVX_CLI_OVERWRITE_H
#define EVX_CLI_OVERWRITE_H

// Asks on the terminal. NULL: yes; else why the file must stay.
const char *overwrite_refused(const char *path);

#endif
