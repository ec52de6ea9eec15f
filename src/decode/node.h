// SPDX-License-Identifier: MIT
// The neutral node tree: what BinXML says, independent of any output format.
//
// A tree is a tape: nodes in document order, each knowing the index behind its subtree. An element
// is followed by its attributes (each followed by its parts) and then by its content. A
// definition's tape has holes; the values that fill them belong to an instance. A record's or
// fragment's own elements have none.
#ifndef EVX_DECODE_NODE_H
#define EVX_DECODE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/load.h"
#include "decode/name.h"
#include "decode/value.h"

enum node_kind {
    NODE_ELEMENT,
    NODE_ATTRIBUTE,
    NODE_INSTANCE, // a template instance among the elements of a fragment
    NODE_HOLE,
    // Literal parts of content and attributes.
    NODE_TEXT,
    NODE_VALUE, // typed value token
    NODE_CDATA,
    NODE_CHARACTER_REFERENCE,
    NODE_ENTITY_REFERENCE,
    NODE_PI_TARGET,
    NODE_PI_DATA,
    NODE_FRAGMENT, // value token of type 0x21: elements spliced in place
};

enum {
    NODE_SELF_CLOSED = 1,          // ELEMENT: closed by token 03
    NODE_OPTIONAL = 2,             // HOLE: token 0E
    NODE_DYNAMIC = 4,              // ELEMENT: a hole or a dependency somewhere inside
    NODE_REPEATED_ATTRIBUTES = 16, // ELEMENT: two of its attributes have one name, or may have
    NODE_HAS_HOLES = 8,            // ELEMENT: a hole among its own attribute parts or content
};

#define NO_DEPENDENCY 0xFFFF
#define NO_HOLE       UINT32_MAX

struct node {
    uint8_t kind;
    uint8_t flags;
    uint16_t slot; // HOLE: substitution index; ELEMENT: dependency id; CHARACTER_REFERENCE: code
    uint32_t next; // index behind this node's subtree
    union {
        struct {
            const struct name *name;
            uint32_t content; // index of the first node behind the attributes
        } element;
        const struct name *name; // ATTRIBUTE, ENTITY_REFERENCE, PI_TARGET
        struct {
            const uint8_t *units; // UTF-16LE up to the first NUL
            uint32_t count;
        } text; // TEXT, CDATA, PI_DATA
        struct {
            const uint8_t *data;
            uint16_t size;
            uint8_t type;
        } value; // VALUE (proved to have the right width), FRAGMENT; HOLE: the declared type alone
        struct instance *instance;
    };
};

// The elements of a record or of a 0x21 value: ELEMENT and INSTANCE nodes side by side.
struct fragment {
    const struct node *tape;
    uint32_t end; // number of nodes
    uint32_t depth;
};

// One use of a template: the record's data for the template's structure. Lives as long as the
// record.
//
// Decoding proves that every value lies in the instance's window and finds where; a program reads
// descriptors and bytes from there. The table of classified values is made when the walker needs
// it.
struct instance {
    struct template *template;
    const uint8_t *descriptors; // u16 size, u8 type, u8 padding each
    const uint32_t *offsets;    // of each value in the chunk; NULL when the descriptors are wrong
    struct value *values;       // NULL until instance_values has been asked for
    uint32_t value_count;
    uint32_t place;  // of its head in the chunk, behind the token
    uint32_t depth;  // fragments around it; 0 in the record's own stream
    uint32_t end;    // chunk offset behind the window that its values lie in
    bool is_settled; // it is known whether SIDs are larger than their descriptors say
    // The value of elements that was decoded first, unless `values` were there before. Others are
    // kept in `values`.
    uint32_t child_hole; // NO_HOLE: none
    struct fragment child;
    struct node node; // the tape of a fragment that is this instance and nothing else
};

// A value as its descriptor tells it, proved to lie in its window: what consumers read.
struct value_view {
    const uint8_t *data;
    uint32_t size;
    uint32_t type;
};

// Where the values of an instance are whose values did not have to be cut.
struct instance_view {
    const uint8_t *descriptors;
    const uint32_t *offsets;
    const uint8_t *chunk;
};

// `place` is four times the hole's index: the stride of both arrays.
EVX_INLINE uint32_t view_word(const struct instance_view *values, uint32_t place)
{
    return load_u32(values->descriptors + place);
}

EVX_INLINE uint32_t view_offset(const struct instance_view *values, uint32_t place)
{
    return load_u32((const uint8_t *)values->offsets + place);
}

EVX_INLINE const uint8_t *view_data(const struct instance_view *values, uint32_t place)
{
    return values->chunk + view_offset(values, place);
}

EVX_INLINE struct value_view view_value(const struct instance_view *values, uint32_t place)
{
    uint32_t word = view_word(values, place);
    return (struct value_view){view_data(values, place), word & 0xFFFF, word >> 16 & 0xFF};
}

// NULL: an element that depends on it vanishes.
EVX_INLINE bool view_is_null(struct value_view value)
{
    return value.type == TYPE_NULL || (value.type == TYPE_FRAGMENT && value.size == 0);
}

#endif
