// SPDX-License-Identifier: MIT
// Programs, the plans of text formats: a template's node tree compiled for one format and context
// into literal runs and typed holes.
//
// An op first copies its literal, then handles its slot. A value that makes its surroundings vanish
// takes back the last `back` bytes of that literal and leaves out the first `skip` bytes of the
// next one, so literals stay merged across everything that usually stays. Shapes that are rare are
// not compiled: an op hands their subtree to the walker, and a value that no op can place ends the
// program (a bail), after which the walker renders the whole instance.
#ifndef EVX_EMIT_PROGRAM_H
#define EVX_EMIT_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/plans.h"

enum op_kind {
    OP_LEAF,                // the only content of an element
    OP_ATTRIBUTE,           // the only part of an attribute
    OP_JSON_END_ATTRIBUTES, // attributes may all be absent; content follows
    OP_JSON_END_SEPARATE,   // the same where they stand in a member of their own; of element `node`
    OP_GUARD,               // an element that depends on the slot: if NULL, go on at op `target`
    // From here on run_slowly has to.
    OP_CHILD,            // a hole beside element children
    OP_WALK,             // subtree `node`: ask the walker
    OP_XML_MARK,         // remember the place where children begin
    OP_XML_END_CHILDREN, // end of children that may all be absent
    OP_JSON_COMMA,       // members in front may be absent
    OP_JSON_END_OBJECT,  // members may all be absent
    OP_SLOW_LAST = OP_JSON_END_OBJECT,
    OP_END,
};

// The type that an op's value will most likely have: it is tried first, with one comparison.
enum op_guess {
    GUESS_NONE,
    GUESS_STRING,
    GUESS_U8,
    GUESS_U16,
    GUESS_U32,
    GUESS_U64,
    GUESS_BOOL,
    GUESS_GUID,
    GUESS_FILETIME,
    GUESS_HEX32,
    GUESS_HEX64,
    GUESS_SID,
    GUESS_COUNT = 16,
};

// What the program loop switches on.
#define OP_DISPATCH(kind, guess) ((kind)*GUESS_COUNT + (guess))

enum {
    OP_GUARDED = 1,     // LEAF: the element depends on the slot
    OP_OPTIONAL = 2,    // CHILD: token 0E
    OP_BREAKS = 2,      // XML LEAF: the 0.14 dialect breaks the line where it has no content
    OP_REPEATABLE = 4,  // LEAF: an array repeats the element and nothing but it
    OP_DATA = 8,        // JSON LEAF: a Data element of a container (empty is "", never null)
    OP_LIST = 16,       // JSON LEAF: one of several in a list of Data
    OP_NO_CONTENT = 32, // JSON_END_ATTRIBUTES: the element has no content
    OP_CLOSES = 64,     // JSON ATTRIBUTE: the next op only ends the attributes, NO_CONTENT
    OP_SEPARATE = 128,  // and that is an END_SEPARATE
};

struct op {
    uint8_t dispatch;
    uint8_t kind;
    uint8_t flags;
    uint32_t place; // four times the slot
    uint32_t literal_size;
    union {
        const uint8_t *literal;
        size_t literal_start; // while it is compiled: in the literals
    };
    uint32_t back;
    uint32_t skip;
    union {
        uint32_t node;   // in the template's tape
        uint32_t target; // GUARD
    };
    uint32_t indent; // XML: of the element or child
};

struct program {
    struct plan plan;
    uint32_t value_count;   // the least an instance must have for the ops to find their slots
    _Atomic uint32_t bails; // too many from the start: the template has no shape that compiles
    uint32_t room;          // reserved before it runs
    const struct op *ops;
    uint32_t op_count; // 0: see bails
};

#endif
