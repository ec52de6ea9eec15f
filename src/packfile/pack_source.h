// SPDX-License-Identifier: MIT
// A pack as a source of providers (packs/providers.h): each is read when an event of it comes
// first.
#ifndef EVX_PACKFILE_PACK_SOURCE_H
#define EVX_PACKFILE_PACK_SOURCE_H

#include "packfile/database.h"
#include "packs/providers.h"

// Adds a pack to the set, which then owns it. False with the fault.
EVX_MUST_USE bool pack_source_add(struct providers *providers, const char *path,
                                  struct database_fault *ret_fault);

#endif
