// SPDX-License-Identifier: MIT
// What arrays and schemas need of the engine that made them, so that they may outlive its handle:
// memory, and a count of those who use it.
#ifndef EVX_TABLE_LIFELINE_H
#define EVX_TABLE_LIFELINE_H

#include "base/memory.h"

struct lifeline {
    struct memory *memory;
    // Called by any thread. What was held is let go once; nothing of it may be used behind that.
    void (*hold)(struct lifeline *lifeline);
    void (*let_go)(struct lifeline *lifeline);
};

#endif
