// SPDX-License-Identifier: MIT
// The definitions of a pack for decode (packs/definitions.h): by GUID, and by provider, event and
// version.
#ifndef EVX_PACKFILE_PACK_DEFINITIONS_H
#define EVX_PACKFILE_PACK_DEFINITIONS_H

#include "packfile/database.h"
#include "packs/pack.h"

// Fills an empty set. False with the fault; pack_destroy() is due either way.
EVX_MUST_USE bool pack_read_definitions(struct pack *pack, const char *path,
                                        struct database_fault *ret_fault);

#endif
