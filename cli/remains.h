// SPDX-License-Identifier: MIT
// Inputs of any kind in which records are looked for: opened once, read twice.
#ifndef EVX_CLI_REMAINS_H
#define EVX_CLI_REMAINS_H

#include <stdbool.h>

#include <evx/recovery.h>

struct remains {
    int fd; // -1: not open
    evx_input input;
    uint64_t next;      // where the next search begins; EVX_NONE: there is none
    evx_reader *reader; // of what was found last; NULL: none
    bool is_first;      // that is what begins at the start
    bool is_all;        // the reader has all that there is
    bool is_refused;    // it could not be opened
};

// Opens a file, or the standard input, which is copied to a temporary file if it is a pipe. False:
// it was reported.
bool remains_open(struct remains *remains, const char *name);

// Finds what there is from the start on, or behind what was found last. False: there is no more, or
// *ret_failed and it was reported. The reader is the struct's.
bool remains_find(struct remains *remains, evx_engine *engine, const char *name, bool *ret_failed);
void remains_rewind(struct remains *remains);
void remains_close(struct remains *remains);

#endif
