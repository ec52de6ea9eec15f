// SPDX-License-Identifier: MIT
// How a pack is filled. Internal to packs/.
#ifndef EVX_PACKS_PACK_BUILD_H
#define EVX_PACKS_PACK_BUILD_H

#include "packs/pack.h"

// Room for the bytes of one more resource; NULL without memory.
uint8_t *pack_add_blob(struct pack *pack, size_t size);

// Opens what has been added and sorts what is in it. False with the fault: no memory, or nothing of
// it can be used.
EVX_MUST_USE bool pack_index(struct pack *pack, struct pack_fault *ret_fault);

#endif
