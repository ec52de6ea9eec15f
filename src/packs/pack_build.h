// SPDX-License-Identifier: MIT
// How a pack is filled. Internal to packs/.
#ifndef EVX_PACKS_PACK_BUILD_H
#define EVX_PACKS_PACK_BUILD_H

#include "packs/pack.h"

// Room for the bytes of one more resource; NULL without memory.
uint8_t *pack_add_blob(struct pack *pack, size_t size);

// One more template, or event, of what has been added; views into it. False without memory.
EVX_MUST_USE bool pack_put_template(struct pack *pack, const uint8_t *guid, const uint8_t *body,
                                    uint32_t body_size);
EVX_MUST_USE bool pack_put_event(struct pack *pack, const uint8_t *provider, uint16_t id,
                                 uint8_t version, const uint8_t *template_guid);
// Due when the last one has been put.
void pack_sort(struct pack *pack);

// Opens what has been added and sorts what is in it. False with the fault: no memory, or nothing of
// it can be used.
EVX_MUST_USE bool pack_index(struct pack *pack, struct pack_fault *ret_fault);

#endif
