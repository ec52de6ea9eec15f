// SPDX-License-Identifier: MIT
// One version of a provider as packs hold it: in between where it comes from (a resource, another
// database, a pack) and where it goes (a pack, a set of providers, the terminal). Texts live in the
// model's own arena.
#ifndef EVX_PACKFILE_PACK_MODEL_H
#define EVX_PACKFILE_PACK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attrs.h"
#include "base/list.h"
#include "packfile/database.h"
#include "packfile/sha256.h"
#include "packs/providers.h"

struct model_name {
    enum wevt_kind kind; // LEVELS, TASKS, OPCODES, KEYWORDS or CHANNELS
    uint64_t value;
    uint32_t message_id;
    struct slice name;
};

struct model_template {
    uint8_t guid[16];
    struct slice body; // BinXML with its names in it
};

struct model_item {
    uint32_t template_index;
    struct slice name;
    uint32_t flags, map_index; // NO_INDEX: none
    uint8_t in_type, out_type;
    uint16_t count, length;
};

struct model_map {
    struct slice name;
    bool is_bits;
};

struct model_map_row {
    uint32_t map_index, value, message_id;
};

// Where texts are looked for.
enum model_role { MODEL_EVENTS, MODEL_PARAMETERS, MODEL_CATEGORIES, MODEL_ROLES };
extern const char *const model_role_names[MODEL_ROLES];
extern const char
    *const model_kind_names[PROVIDER_ROW_KINDS]; // NULL: rows of that kind have no names

struct model_use {
    enum model_role role;
    uint32_t position; // of the file among those of the role; its languages share one
    int64_t table;     // id in the pack that the model is of
};

struct pack_model {
    struct memory *memory;
    struct arena texts;
    bool has_guid;
    uint8_t guid[16];
    struct slice name;
    uint32_t message_id;
    int64_t origin;        // id in the pack
    struct list events;    // struct provider_event
    struct list names;     // struct model_name
    struct list templates; // struct model_template
    struct list items;     // struct model_item, those of a template together
    struct list maps;      // struct model_map
    struct list map_rows;  // struct model_map_row
    struct list uses;      // struct model_use
};

void pack_model_init(struct pack_model *model, struct memory *memory);
void pack_model_clear(struct pack_model *model); // the lists stay allocated
void pack_model_destroy(struct pack_model *model);

// A copy in the model's arena; false without memory.
EVX_MUST_USE bool pack_model_copy(struct pack_model *model, struct slice text,
                                  struct slice *ret_copy);
// The same of UTF-16LE; a lone surrogate becomes U+FFFD.
EVX_MUST_USE bool pack_model_copy_units(struct pack_model *model, struct wevt_text text,
                                        struct slice *ret_copy);
enum { UTF8_BYTES_OF_UNIT = 3 };
// UTF-16LE as UTF-8; `to` has room for UTF8_BYTES_OF_UNIT of each. Returns the bytes.
size_t utf8_of_units(const uint8_t *units, size_t count, char *to);

EVX_MUST_USE bool pack_model_add_use(struct pack_model *model, enum model_role role,
                                     uint32_t position, int64_t table);

// Adds what the provider is, without its origin and its tables.
void pack_model_digest(const struct pack_model *model, struct sha256 *sha);

#endif
