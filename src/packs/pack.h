// SPDX-License-Identifier: MIT
// Definitions from outside of logs: WEVT_TEMPLATE resources, as a .wevtcache file brings them, with
// an index by GUID and by event. Constant once it is read; views into it live as long as it does.
#ifndef EVX_PACKS_PACK_H
#define EVX_PACKS_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/memory.h"
#include "packs/crim.h"

enum {
    WEVTCACHE_HEADER_BYTES = 16, // magic, version, count of entries
    WEVTCACHE_ENTRY_BYTES = 9,   // kind, size; then the resource
    WEVTCACHE_VERSION = 1,
    WEVTCACHE_KIND_CRIM = 1,
};

#define WEVTCACHE_MAGIC "WEVTCACH"

struct pack_blob {
    uint8_t *data;
    size_t size;
    struct crim crim;
    bool is_usable;
};

struct pack_template {
    const uint8_t *guid;
    const uint8_t *body; // BinXML with its names in it
    uint32_t body_size;
    uint32_t order; // in which it was read
};

struct pack_event {
    const uint8_t *provider, *template_guid;
    uint16_t id;
    uint8_t version;
    uint32_t order;
};

struct pack {
    struct memory *memory;
    struct pack_blob *blobs;
    size_t blob_count, blob_capacity;
    size_t refused_count; // blobs that are no such resources
    struct crim_fault first_fault;
    struct pack_template *templates; // by GUID, each once: of several the first that was read
    size_t template_count, template_capacity;
    struct pack_event *events; // by provider, id, version: of several the last that was read
    size_t event_count, event_capacity;
};

enum pack_fault_kind {
    PACK_FINE,
    PACK_NO_MEMORY,
    PACK_REFUSED_OPEN, // by the system, as system_errno says
    PACK_REFUSED_HEADER,
    PACK_REFUSED_ENTRY_HEADER,
    PACK_REFUSED_ENTRY,
    PACK_CUT_HEADER,
    PACK_CUT_ENTRY_HEADER,
    PACK_MAGIC,
    PACK_VERSION,   // number
    PACK_KIND,      // number
    PACK_TOO_LARGE, // number: the size of an entry
    PACK_BLOB,      // no entry is a resource; first_fault of the pack says why the first is none
};

struct pack_fault {
    enum pack_fault_kind kind;
    int system_errno;
    uint64_t number;
};

void pack_init(struct pack *pack, struct memory *memory);
void pack_destroy(struct pack *pack);

// Reads a .wevtcache file into an empty pack. One that is damaged is refused, but an entry that is
// no WEVT_TEMPLATE resource does not spoil those beside it. pack_destroy() is due either way.
EVX_MUST_USE bool pack_read_wevtcache(struct pack *pack, const char *path,
                                      struct pack_fault *ret_fault);
// The same from memory.
EVX_MUST_USE bool pack_parse_wevtcache(struct pack *pack, const uint8_t *bytes, size_t size,
                                       struct pack_fault *ret_fault);

// NULL: none.
const struct pack_template *pack_find_template(const struct pack *pack, const uint8_t guid[16]);
// Of those whose GUID begins with an id, by index; NULL: there are no more.
const struct pack_template *pack_find_id(const struct pack *pack, uint32_t id, size_t index);
const struct pack_event *pack_find_event(const struct pack *pack, const uint8_t provider[16],
                                         uint16_t id, uint8_t version);

#endif
