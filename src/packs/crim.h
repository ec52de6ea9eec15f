// SPDX-License-Identifier: MIT
// A WEVT_TEMPLATE resource: what the manifests of providers compile to. Its offsets count from its
// first byte, and none is followed that has not been checked. Everything given out is a view into
// the resource, which must live as long.
#ifndef EVX_PACKS_CRIM_H
#define EVX_PACKS_CRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"

enum crim_fault_kind {
    CRIM_SIGNATURE, // expected, found
    CRIM_SHORT,     // needed, had
    CRIM_OFFSET,    // had: bytes there are
    CRIM_SIZE,      // had: the size
    CRIM_COUNT,     // had: the count
    CRIM_TEXT,
};

struct crim_fault {
    enum crim_fault_kind kind;
    const char *what;
    uint64_t offset, needed, had;
    uint8_t expected[4], found[4];
};

// The fault in the reference's words.
EVX_COLD void crim_describe(const struct crim_fault *fault, char *text, size_t size);

struct crim {
    const uint8_t *data;
    uint32_t size; // of what belongs to it
    uint16_t major, minor;
    uint32_t provider_count;
};

// Checks the resource from end to end: what is asked for below is then there. False with the fault.
EVX_MUST_USE bool crim_open(const uint8_t *data, size_t size, struct crim *ret,
                            struct crim_fault *ret_fault);

// Kinds of elements that a provider has, as its table calls them.
enum wevt_kind {
    WEVT_LEVELS = 0,
    WEVT_TASKS = 1,
    WEVT_OPCODES = 2,
    WEVT_KEYWORDS = 3,
    WEVT_EVENTS = 4,
    WEVT_CHANNELS = 5,
    WEVT_MAPS = 6,
    WEVT_TEMPLATES = 7,
    WEVT_NAMES = 13, // of the provider
    WEVT_OTHER = 255,
};

struct wevt_provider {
    const uint8_t *guid; // 16
    uint32_t offset;     // of its WEVT
    uint32_t message_id; // of its name; UINT32_MAX: none
    uint32_t element_count;
};

// index below provider_count.
struct wevt_provider crim_provider(const struct crim *crim, uint32_t index);

struct wevt_element {
    enum wevt_kind kind; // by its signature
    uint32_t offset;
    uint32_t count; // of its rows
};

// index below element_count.
struct wevt_element crim_element(const struct crim *crim, const struct wevt_provider *provider,
                                 uint32_t index);

// A text: UTF-16LE units up to a NUL. No units: none.
struct wevt_text {
    const uint8_t *units;
    uint32_t count;
};

// A row of a table of levels, tasks, opcodes, keywords or channels, or a name of the provider.
struct wevt_row {
    uint64_t value;      // of opcodes (opcode << 16 | task), of keywords the mask
    uint32_t message_id; // UINT32_MAX: none
    uint32_t flags;      // of channels: 1 imported
    struct wevt_text name;
};

// The row at an index below the element's count.
struct wevt_row crim_row(const struct crim *crim, const struct wevt_element *element,
                         uint32_t index);

struct wevt_event {
    uint16_t id;
    uint8_t version, channel, level, opcode;
    uint16_t task;
    uint64_t keywords;
    uint32_t message_id;      // UINT32_MAX: none
    uint32_t template_offset; // 0: none
};
struct wevt_event crim_event(const struct crim *crim, const struct wevt_element *element,
                             uint32_t index);

// A map of values (or bits) to messages.
struct wevt_map {
    struct wevt_text name;
    bool is_bits;
    uint32_t count;
    const uint8_t *rows; // u32 value, u32 message id each
};
// The map at an offset, as items name it. False: something else is there.
bool crim_map_at(const struct crim *crim, uint32_t offset, struct wevt_map *ret);
// Where the map at an index stands. False: outside.
bool crim_map_offset(const struct crim *crim, const struct wevt_element *element, uint32_t index,
                     uint32_t *ret_offset);
// False: the index leads to something else.
bool crim_map(const struct crim *crim, const struct wevt_element *element, uint32_t index,
              struct wevt_map *ret);

struct wevt_template {
    const uint8_t *guid; // 16
    uint32_t offset, size;
    uint32_t item_count;   // parameters
    uint32_t items_offset; // of their descriptors
    const uint8_t *body;   // BinXML with its names in it
    uint32_t body_size;
};

// The templates of a table, one after the other. False behind the last.
struct wevt_walk {
    uint32_t offset, left; // of the next one; templates to come
};
struct wevt_walk crim_templates(const struct wevt_element *element);
bool crim_next_template(const struct crim *crim, struct wevt_walk *walk, struct wevt_template *ret);

struct wevt_item {
    uint32_t flags;
    uint8_t in_type, out_type;
    uint32_t map_offset; // 0: none
    uint16_t count, length;
    struct wevt_text name;
};
// index below item_count.
struct wevt_item crim_item(const struct crim *crim, const struct wevt_template *template,
                           uint32_t index);

#endif
