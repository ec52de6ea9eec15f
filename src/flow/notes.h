// SPDX-License-Identifier: MIT
// The notes of one call: of a chunk that is opened, of a step of the walk, of a record.
#ifndef EVX_FLOW_NOTES_H
#define EVX_FLOW_NOTES_H

#include "base/attrs.h"
#include "base/check.h"
#include "base/limits.h"
#include "container/note.h"

// A record's values, that there are more, its tail, and that a query gave up.
enum { NOTES_MAX = RECORD_NOTES_MAX + 3 };

struct notes {
    struct note notes[NOTES_MAX];
    unsigned count;
};

EVX_INLINE void notes_add(struct notes *notes, const struct note *note)
{
    EVX_CHECK(notes->count < NOTES_MAX);
    notes->notes[notes->count++] = *note;
}

#endif
