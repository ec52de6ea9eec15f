// SPDX-License-Identifier: MIT
// What files are that people take for event logs.
#ifndef EVX_CLI_WRONG_FILE_H
#define EVX_CLI_WRONG_FILE_H

// One sentence without a full stop, or NULL: nothing is known about it.
const char *wrong_file_words(const char *path);

#endif
