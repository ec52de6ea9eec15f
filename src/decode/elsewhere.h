// SPDX-License-Identifier: MIT
// Where the structure of a recovered record comes from when its own definition has not outlived it:
// from another place that has one. Decoding asks for it only when the definition in its place is
// not proved, and only for records that were carved.
#ifndef EVX_DECODE_ELSEWHERE_H
#define EVX_DECODE_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

struct decoder;
struct instance;
struct template;

// Whence the definitions of a record came, as bits: an event has several.
enum origin {
    ORIGIN_CHUNK = 1,  // from another place in its chunk
    ORIGIN_FILE = 2,   // from another chunk of its input
    ORIGIN_OTHER = 4,  // from another input of the run
    ORIGIN_PACK = 8,   // from outside of logs
    ORIGIN_VALUES = 16 // from nowhere: its values stand in their order, without names
};

// The head of the struct of whoever knows more definitions.
struct elsewhere {
    // A definition for an instance whose values lead to the end of their window: one whose GUID
    // begins with the id that the instance repeats, and whose holes fit its values. NULL with the
    // decoder's fault as it was: none, or several that fit. It lives as long as the chunk. Called
    // by all threads.
    const struct template *(*find)(struct elsewhere *elsewhere, struct decoder *decoder,
                                   const struct instance *instance, uint32_t id,
                                   enum origin *ret_origin);
};

#endif
