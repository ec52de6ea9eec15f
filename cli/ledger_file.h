// SPDX-License-Identifier: MIT
// The file of --ledger: a line for each region of the inputs.
#ifndef EVX_CLI_LEDGER_FILE_H
#define EVX_CLI_LEDGER_FILE_H

#include <evx/ledger.h>

#include "output.h"

struct ledger_file {
    bool is_open;
    struct output output;
    const char *input; // whose regions come
    evx_ledger_sink sink;
};

// Without the option nothing is opened. False when it has been told why not.
bool ledger_file_open(const struct options *options, const struct input_list *inputs,
                      struct ledger_file *ret_file);
// For evx_convert: NULL when there is no such file.
const evx_ledger_sink *ledger_file_begin(struct ledger_file *file, const char *input);
// Returns the exit code.
int ledger_file_close(struct ledger_file *file);

#endif
