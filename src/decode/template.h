// SPDX-License-Identifier: MIT
// Templates: a definition decoded once, for all chunks, threads and files that hold the same one.
#ifndef EVX_DECODE_TEMPLATE_H
#define EVX_DECODE_TEMPLATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container/fault.h"
#include "decode/node.h"

// A place in the body that differs between chunks: the offset of a name, and the chain link in
// front of an inline name. Everything else must be equal byte by byte.
struct name_reference {
    uint32_t position; // of the u32 offset in the body
    uint32_t earlier;  // of a reference in front of it to the same name, or its own position
    bool is_inline;    // the name record follows in the body itself
    const struct name *name;
};

// The number of a template that is not in the store, or came when all numbers were given.
enum { TEMPLATE_UNNUMBERED = 1 << 16 };

struct template
{
    struct template *_Atomic next; // in the bucket of the store
    uint8_t guid[16];
    uint32_t body_size;
    bool is_shared;  // in the store: it outlives the chunk
    uint32_t number; // by which consumers find what they have compiled of it
    bool failed;     // the definition cannot be used; fault says why
    bool is_outside; // it comes from outside the log: see struct outside
    const uint8_t *body;
    const uint8_t *body_mask; // 0 where the bodies of other chunks may differ, else FF
    const struct name_reference *references;
    uint32_t reference_count;
    uint32_t node_count;
    uint32_t height;         // definitions in one another, this one included
    const struct node *tape; // the root element is node 0
    size_t names_bytes;      // that its names take, each reference counted
    struct fault *fault;
};

#endif
