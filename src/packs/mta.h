// SPDX-License-Identifier: MIT
// Texts that Windows saves beside an exported log (LocaleMetaData\NAME_LCID.MTA), filled in
// already. The file stays in memory and texts are views into it: however often one is named, it is
// kept once.
#ifndef EVX_PACKS_MTA_H
#define EVX_PACKS_MTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/memory.h"

// UTF-16LE up to its NUL; lone surrogates may be among it.
struct mta_text {
    const uint8_t *units;
    uint32_t count;
};

enum mta_table { MTA_LEVELS, MTA_TASKS, MTA_OPCODES, MTA_KEYWORDS, MTA_TABLES };

struct mta_row {
    uint32_t key;
    uint32_t order; // in which it was read
    struct mta_text text;
};

struct mta_publisher {
    uint32_t index; // of its entry
    struct mta_text name;
    struct {
        uint32_t first, count; // of the file's rows, by key
    } tables[MTA_TABLES];
};

struct mta_event {
    uint32_t index; // of its entry
    uint32_t order;
    uint64_t record_id, message;
};

struct mta_message {
    uint32_t index; // of its entry
    uint32_t order;
    struct mta_text text;
};

struct mta_list {
    void *items;
    size_t count, capacity;
};

struct mta {
    struct memory *memory;
    uint8_t *bytes;
    size_t size, block_bytes;                   // of the file, and of the block it is in
    struct mta_list messages;                   // struct mta_message by index
    struct mta_list events, by_record;          // struct mta_event by index; by record and index
    struct mta_list rows;                       // struct mta_row
    struct mta_list publishers, by_folded_name; // struct mta_publisher by name and index; the same
                                                // with ASCII letters in one case
};

enum { MTA_FAULT_BYTES = 120 };

struct mta_fault {
    int system_errno; // of a file that cannot be read; 0: the text says what is wrong
    bool no_memory;
    char text[MTA_FAULT_BYTES];
};

// mta_destroy() is due either way.
EVX_MUST_USE bool mta_read(struct mta *mta, struct memory *memory, const char *path,
                           struct mta_fault *ret_fault);
// The bytes, a block of the memory's, are taken over.
EVX_MUST_USE bool mta_parse(struct mta *mta, struct memory *memory, uint8_t *bytes, size_t size,
                            struct mta_fault *ret_fault);
void mta_destroy(struct mta *mta);

// By its name, if need be in another case of ASCII letters. NULL: not in the file.
const struct mta_publisher *mta_find_publisher(const struct mta *mta, const uint8_t *units,
                                               size_t count);
// The one whose tables serve where a publisher's own have no entry. NULL: there is none.
const struct mta_publisher *mta_default_publisher(const struct mta *mta);

// The text of a key. False: the table, which may be that of no publisher, does not have it.
bool mta_find_row(const struct mta *mta, const struct mta_publisher *publisher,
                  enum mta_table table, uint32_t key, struct mta_text *ret_text);

// The message of a record by its EventRecordID and the identifier of its header. No units: none.
struct mta_text mta_find_message(const struct mta *mta, uint64_t record_id, uint64_t header_id);

#endif
