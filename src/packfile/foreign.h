// SPDX-License-Identifier: MIT
// Databases that others have. Each has less than a pack, and is believed nothing: what it says goes
// through a model into the pack, marked with where it is from.
#ifndef EVX_PACKFILE_FOREIGN_H
#define EVX_PACKFILE_FOREIGN_H

#include "packfile/pack_builder.h"

// Each returns false when the pack cannot be written; what is wrong with the database is its fault.

// plaso's winevt-rc.db (format 20240929): files, texts with {0:s} for %1, event numbers of
// manifests.
bool foreign_import_plaso(struct pack_builder *builder, struct database *database,
                          const char *path);
// EventLogExpert: a row for each provider, its lists as compressed JSON.
bool foreign_import_expert(struct pack_builder *builder, struct database *database,
                           const char *path);
// providers(id, name) and messages(provider_id, event_id, message): Velocidex's, and ts-evtx's.
bool foreign_import_lists(struct pack_builder *builder, struct database *database,
                          const char *path);

// The database as where things are from; 0: the pack has a fault.
int64_t foreign_origin(struct pack_builder *builder, const char *kind, const char *path);

// A text with line ends and tabs as a message table has it: %n, %t. Of pep3101 {0:s} becomes %1.
// The text lives in *room, which grows. No bytes without memory.
struct slice foreign_text(struct list *room, struct memory *memory, struct slice text,
                          bool is_pep3101);

enum { LANGUAGE_ENGLISH = 0x409 };

#endif
