// SPDX-License-Identifier: MIT
// Whence the structure of old records comes, in order: their own chunk, other chunks of their
// input, other inputs, definitions from outside of logs. Of two different ones that fit in one
// place, neither. Where there is none the values are shown without names.
#ifndef EVX_SALVAGE_STRUCTURE_H
#define EVX_SALVAGE_STRUCTURE_H

#include "decode/elsewhere.h"
#include "decode/outside.h"
#include "salvage/known.h"
#include "salvage/value_templates.h"

struct recovery {
    struct known known;
    struct value_templates values;
};

// One input's view of it, shared by the workers of a run.
struct input_recovery {
    struct elsewhere elsewhere;
    struct recovery *recovery;
    struct outside *outside; // NULL: none
    uint32_t input;
    bool shows_duplicates;
};

// False without memory; recovery_destroy is due either way. The store must live longer.
EVX_MUST_USE bool recovery_init(struct recovery *recovery, struct store *store);
void recovery_destroy(struct recovery *recovery);

struct input_recovery recovery_of_input(struct recovery *recovery, struct outside *outside,
                                        uint32_t input, bool shows_duplicates);

#endif
