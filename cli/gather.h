// SPDX-License-Identifier: MIT
// The pass in front of a recovery: what all inputs know.
#ifndef EVX_CLI_GATHER_H
#define EVX_CLI_GATHER_H

#include <evx/recovery.h>

#include "remains.h"
#include "walk_inputs.h"

struct gathered {
    evx_recovery *recovery;   // NULL: nothing was gathered
    evx_reader *stdin_reader; // can be read once more; NULL: none
    struct remains *remains;  // of the inputs, if they were looked through
    size_t remains_count;
};

// Inputs have the numbers from 1 on. One that cannot be opened is told of when it is converted.
const evx_recovery *gather_inputs(evx_engine *engine, const struct input_list *inputs,
                                  struct gathered *ret_gathered);

// The reader of the standard input, if the name means that and it was gathered; NULL: open it.
evx_reader *gathered_take_reader(struct gathered *gathered, const char *name);

// The same of inputs of any kind. Each is then to be taken once, and closed: NULL, if it could not
// be opened, which was reported.
const evx_recovery *gather_remains(evx_engine *engine, const struct input_list *inputs,
                                   struct gathered *ret_gathered);
struct remains *gathered_remains(struct gathered *gathered, size_t index, const char *name);

void gathered_free(struct gathered *gathered);

#endif
