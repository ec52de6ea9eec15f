// SPDX-License-Identifier: MIT
// Shared by the files of encode/ only.
#ifndef EVX_ENCODE_PRIVATE_H
#define EVX_ENCODE_PRIVATE_H

#include <string.h>

#include "base/load.h"
#include "encode/encode.h"

// Where a name or definition lies in the chunk whose serial it carries; another serial: nowhere
// yet.
typedef struct encode_location {
    uint64_t serial;
    uint32_t offset;
} encode_location;

struct encode_name {
    encode_location location;
    encode_name *next; // in the hash table of the builder
    uint32_t hash;
    uint16_t count;
    char16_t units[];
};

struct encode_template {
    encode_location location;
    const encode_node *fragment;
    int64_t size; // ENCODE_AUTO or the size to claim
    uint8_t guid[16];
    uint32_t bucket;
    encode_template *next; // all of the builder, to free
};

typedef struct encode_poke {
    uint32_t offset;
    unsigned width;
    uint64_t value;
} encode_poke;

typedef struct encode_pokes {
    encode_poke *items;
    size_t count, capacity;
} encode_pokes;

typedef struct encode_block {
    struct encode_block *next;
    size_t capacity;
    _Alignas(16) uint8_t bytes[];
} encode_block;

enum { ENCODE_NAME_BUCKETS = 4096, ENCODE_ERROR_BYTES = 240 };

// The chunk being filled.
typedef struct encode_chunk {
    uint8_t *bytes;    // CHUNK_BYTES, zero behind free
    uint64_t serial;   // of encode_location; never used twice
    uint32_t free;     // end of the last record
    uint32_t last;     // start of the last live record
    uint32_t live_end; // free offset of the header once slack has begun, else 0
    uint32_t records;  // live
    uint64_t first_number, first_id, last_id;
    uint8_t tables[CHUNK_HEADER_BYTES - CHUNK_NAME_TABLE_OFFSET]; // as of the start of the slack
    encode_pokes pokes;
} encode_chunk;

typedef struct encode_log {
    uint8_t *bytes; // without a sink: file header block and slots
    size_t size, capacity;
    uint64_t slots;
    uint64_t next_number, next_id, next_written, newest_id;
    uint64_t oldest_first_id, oldest_slot, newest_slot;
    uint16_t header_block;
    bool started; // header block is out or has its room
    encode_pokes pokes;
    encode_write_fn *write;
    void *context;
} encode_log;

struct encode_builder {
    encode_block *first_block, *block;
    size_t used; // of block
    encode_name **names;
    encode_template *templates;
    encode_chunk chunk;
    encode_log log;
    encode_node spare; // handed out after an error, so that callers need no checks
    encode_template spare_template;
    encode_name *spare_name;
    bool failed;
    char error[ENCODE_ERROR_BYTES];
};

void encode_fail_memory(encode_builder *b);
encode_node *encode_new_node(encode_builder *b, encode_kind kind);
// UTF-8 (three-byte surrogates allowed) to units of the builder; a NUL unit follows them.
const char16_t *encode_utf16(encode_builder *b, const char *utf8, size_t bytes, size_t *ret_count);
bool encode_type_of_text(const char *text, size_t size, uint8_t *ret_type);
void encode_add_poke(encode_builder *b, encode_pokes *pokes, encode_poke poke);
void encode_apply_pokes(uint8_t *bytes, const encode_pokes *pokes, bool checksums,
                        const uint32_t checksum_offsets[], size_t checksum_count);

// Writes nodes at a position of a chunk; or feeds their normalised form (names spelled out, no
// sizes) to the hash behind the GUID of a definition.
typedef struct encode_writer {
    encode_builder *builder;
    uint8_t *bytes; // NULL: normalised
    uint32_t position, limit;
    bool full;       // something did not fit
    bool definition; // inside one: elements carry dependency ids
    unsigned depth;
    uint64_t hash[2];
} encode_writer;

void encode_write_node(encode_writer *w, const encode_node *node);
uint32_t encode_guid_bucket(const uint8_t guid[16]);
void encode_derive_guid(encode_builder *b, encode_template *t);

void encode_put_slot(encode_builder *b, const uint8_t bytes[CHUNK_BYTES]);
void encode_note_chunk_ids(encode_builder *b, uint64_t first_id, uint64_t last_id);

#endif
