// SPDX-License-Identifier: MIT
// The definitions of a pack for the decoders of an engine: each is decoded when it is asked for
// first, and kept.
#ifndef EVX_PACKS_DEFINITIONS_H
#define EVX_PACKS_DEFINITIONS_H

#include "decode/outside.h"
#include "packs/pack.h"
#include "system/threads.h"

struct definitions {
    struct outside outside;
    const struct pack *pack;
    struct store *numbers; // of the engine: gives templates their numbers
    pthread_mutex_t lock;  // what follows
    struct store store;    // keeps them, and their names
    struct decoder decoder;
    uint8_t *scratch;
    struct definition {
        bool is_known;
        struct template *template; // NULL: it cannot be used
    } * known;                     // as the pack's templates
};

// False without memory. The pack must live as long.
EVX_MUST_USE bool definitions_init(struct definitions *definitions, const struct pack *pack,
                                   struct memory *memory, struct store *numbers);
void definitions_destroy(struct definitions *definitions);

#endif
